"""First-seen instants, versions of the configuration, and who did what."""

from __future__ import annotations

from dataclasses import replace

from tests.storage.builders import a_catalogue
from uptimed.storage import audit, catalogue
from uptimed.storage.audit import Entry
from uptimed.storage.database import Database


async def test_what_was_seen_before_keeps_its_first_instant(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home"), 100)
        return catalogue.record(conn, a_catalogue("home", "login", version="v2"), 200)

    seen = await database.write(work)

    assert seen.checks == {"sia/web/home": 100, "sia/web/login": 200}
    assert seen.components == {"sia/web": 100}
    assert seen.products == {"sia": 100}


async def test_what_is_no_longer_configured_is_still_known(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home"), 100)
        return catalogue.record(conn, replace(a_catalogue(version="v2"), products=()), 200)

    assert (await database.write(work)).checks == {"sia/web/home": 100}


async def test_a_version_is_noted_when_it_changes_also_back(database: Database):
    def work(conn):
        for at_us, version in ((1, "v1"), (2, "v1"), (3, "v2"), (4, "v1")):
            catalogue.record(conn, a_catalogue("home", version=version), at_us)
        return catalogue.versions(conn)

    assert await database.write(work) == [(1, "v1"), (3, "v2"), (4, "v1")]


async def test_the_audit_log_tells_the_newest_first(database: Database):
    def work(conn):
        audit.add(conn, 1, "bea", "incident.acknowledged", "INC-2026-0001", {"note": "on it\0"})
        audit.add(conn, 1, "uptimed", "incident.resolved", "INC-2026-0001", {})
        return audit.recent(conn, 2), audit.recent(conn, 1)

    both, newest = await database.write(work)

    assert newest == [Entry(1, "uptimed", "incident.resolved", "INC-2026-0001", {})]
    assert both[1] == Entry(1, "bea", "incident.acknowledged", "INC-2026-0001", {"note": "on it\0"})
