"""Outages, incidents and updates: kept for ever, found by what the engine asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.storage.builders import an_incident, an_outage, an_update
from uptimed.domain.incidents import Stage
from uptimed.domain.severity import Severity
from uptimed.storage import incidents, outages
from uptimed.storage.database import Database


async def test_an_outage_comes_back_and_its_newest_form_stands(database: Database):
    ended = an_outage(ended_at_us=500, incident="INC-2026-0001", last_good_us=None)

    def work(conn):
        outages.save(conn, an_outage())
        outages.save(conn, ended)
        return outages.of_incident(conn, "INC-2026-0001"), outages.open_ones(conn)

    assert await database.write(work) == ([ended], [])


@pytest.mark.parametrize(
    ("from_us", "to_us", "found"),
    [(0, 100, []), (0, 101, ["past"]), (199, 300, ["past"]), (200, 300, []), (200, 301, ["now"]), (999, 1000, ["now"])],
    ids=["before", "touches the start", "touches the end", "half-open", "the next begins", "an open one has no end"],
)
async def test_outages_are_found_by_the_time_they_touch(database: Database, from_us: int, to_us: int, found: list[str]):
    def work(conn):
        outages.save(conn, an_outage("past", began_at_us=100, ended_at_us=200))
        outages.save(conn, an_outage("now", began_at_us=300))
        outages.save(conn, an_outage("elsewhere", began_at_us=100, component="sia/api"))
        return [outage.id for outage in outages.of_components(conn, ["sia/web"], from_us, to_us)]

    assert await database.write(work) == found


async def test_an_outage_that_late_evidence_takes_back_is_gone(database: Database):
    def work(conn):
        outages.save(conn, an_outage())
        outages.remove(conn, "o1")
        outages.remove(conn, "never there")
        return outages.open_ones(conn)

    assert await database.write(work) == []


async def test_the_free_number_follows_the_highest_of_its_year(database: Database):
    def work(conn):
        for name in ("INC-2026-0002", "INC-2026-10000", "INC-2027-0007"):
            incidents.save(conn, an_incident(id=name))
        return [incidents.free_number(conn, year) for year in (2026, 2027, 2028)]

    assert await database.write(work) == [10001, 8, 1]


async def test_an_incident_comes_back_with_all_it_says(database: Database):
    incident = an_incident(
        severity=Severity.SEVERE,
        stage=Stage.RESOLVED,
        components=("sia/web", "sia/api"),
        automatic=False,
        title={"fr": "« Zoë »\n", "en": "‰\0"},
        ended_at_us=1,
        respond_by_us=2,
        responded_at_us=3,
        acknowledged_at_us=4,
        acknowledged_by="bea",
        resolved_at_us=5,
        resolution_proposed_at_us=6,
        reopened=7,
    )

    def work(conn):
        incidents.save(conn, an_incident())
        incidents.save(conn, incident)
        return incidents.get(conn, incident.id), incidents.get(conn, "INC-2026-0099")

    assert await database.write(work) == (incident, None)


async def test_open_ones_come_oldest_first_and_recent_ones_newest_first(database: Database):
    old = an_incident(1, opened_at_us=100, resolved_at_us=150)
    ended = an_incident(2, opened_at_us=200, resolved_at_us=250)
    first, second = an_incident(3, opened_at_us=120), an_incident(4, opened_at_us=300)

    def work(conn):
        for incident in (second, ended, first, old):
            incidents.save(conn, incident)
        return incidents.open_ones(conn), incidents.recent(conn, 250)

    assert await database.write(work) == ([first, second], [second, ended, first])


async def test_updates_come_oldest_first_and_those_of_one_instant_in_the_order_they_were_made(database: Database):
    made = [
        an_update("z", at_us=5),
        an_update("a", at_us=5),
        an_update("early", at_us=1),
        an_update("other", incident="INC-2026-0002"),
    ]

    def work(conn):
        for update in made:
            incidents.add_update(conn, update)
        return incidents.updates(conn, ["INC-2026-0001", "INC-2026-0003"])

    assert await database.write(work) == {"INC-2026-0001": [made[2], made[0], made[1]], "INC-2026-0003": []}


async def test_an_update_told_twice_is_one_and_the_first_stands(database: Database):
    update = an_update(author="bea", public=False, states={"sia/web": ("down", "up")})

    def work(conn):
        incidents.add_update(conn, update)
        incidents.add_update(conn, replace(update, text={"en": "changed"}))
        return incidents.updates(conn, [update.incident])[update.incident]

    assert await database.write(work) == [update]
