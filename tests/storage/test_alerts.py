"""Alerts come back as they stood last."""

from __future__ import annotations

from dataclasses import replace

from tests.storage.builders import a_catalogue
from uptimed.domain.alerts import Alert
from uptimed.storage import alerts, catalogue, renames
from uptimed.storage.database import Database

FIRING = Alert("sia", "page-fast", True, 100, 130)
SILENT = Alert("sia/web", "measurement", True, 200)


async def test_each_rule_has_its_own_row_and_the_last_word_stands(database: Database):
    over = replace(FIRING, firing=False, since_us=300)

    def work(conn):
        alerts.save(conn, [])
        alerts.save(conn, [SILENT, FIRING])
        alerts.save(conn, [over])
        return alerts.load(conn)

    assert await database.write(work) == [over, SILENT]


async def test_what_gets_another_name_is_not_told_again(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home"), 1)
        alerts.save(conn, [FIRING])
        renames.apply(conn, {"sia": "app"}, 2)
        return alerts.load(conn)

    assert await database.write(work) == [replace(FIRING, subject="app")]
