"""Events of planned work come back as they were made, in their order, and nothing is ever overwritten."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.storage import maintenance, tables
from uptimed.storage.database import Database

TITLE = {"en": "Database « upgrade »", "fr": "Mise à jour"}
SCHEDULED = MaintenanceEvent(
    "MW-2026-0001/1",
    "MW-2026-0001",
    "scheduled",
    900,
    "Zoë\n",
    "sia/web",
    1000,
    2000,
    TITLE,
    {"en": "Read-only."},
    "FREQ=WEEKLY",
    "UTC",
)
EXTENDED = MaintenanceEvent("MW-2026-0001/2", "MW-2026-0001@1970-01-01", "extended", 1500, "bea", "sia/web", 2000, 3000, {}, {})
FINISHED = MaintenanceEvent("MW-2026-0001/3", "MW-2026-0001@1970-01-01", "finished", 2500, "bea", "sia/web", title={}, text={})
CANCELLED = MaintenanceEvent("MW-2026-0001/4", "MW-2026-0001", "cancelled", 2600, "bea", "sia/web", title={}, text={})


async def test_every_kind_comes_back_as_it_was_made_in_the_order_of_making(database: Database):
    made = [SCHEDULED, EXTENDED, FINISHED, CANCELLED]

    def work(conn):
        for one in made:
            maintenance.add(conn, one)
        return maintenance.load(conn), maintenance.as_written(conn)

    assert await database.write(work) == (made, made)


async def test_one_that_is_told_twice_is_one_and_the_first_stands(database: Database):
    def work(conn):
        maintenance.add(conn, SCHEDULED)
        maintenance.add(conn, SCHEDULED._replace(to_us=9000))
        return maintenance.load(conn)

    assert await database.write(work) == [SCHEDULED]


async def test_what_a_database_cannot_keep_in_words_is_kept_all_the_same(database: Database):
    odd = SCHEDULED._replace(title={"en": "a\0b\ud800"}, by="c\0")

    def work(conn):
        maintenance.add(conn, odd)
        return maintenance.load(conn)

    assert await database.write(work) == [odd._replace(by="c")]


ROW: dict[str, object] = {
    "id": "MW-2026-0001/1",
    "of_window": "MW-2026-0001",
    "kind": "scheduled",
    "at_us": 900,
    "author": "bea",
    "scope": "sia",
    "from_us": 1000,
    "to_us": 2000,
    "title": "{}",
    "words": "{}",
    "rule": "",
    "timezone": "UTC",
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": "forgotten"}, id="a kind of its own"),
        pytest.param({"to_us": 1000}, id="an empty stretch"),
        pytest.param({"to_us": None}, id="no end"),
        pytest.param({"kind": "cancelled"}, id="a cancellation with a time"),
        pytest.param({"kind": "extended", "from_us": None}, id="an extension of nothing"),
    ],
)
async def test_the_database_itself_refuses(database: Database, changes: dict[str, object]):
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(insert(tables.maintenance_events), ROW | changes) and None)
    await database.write(lambda conn: conn.execute(insert(tables.maintenance_events), ROW) and None)
    assert [one.id for one in await database.read(maintenance.load)] == ["MW-2026-0001/1"]
