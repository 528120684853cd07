"""The longest outage that may hide between two results, worked out by the database, is that of the definition."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.builders import SECOND, START, a_catalogue, a_result
from uptimed.domain.definition import resolution_us
from uptimed.domain.policy import Rules, TimelinePolicy
from uptimed.domain.results import ActiveLocation
from uptimed.storage import catalogue, renames, results
from uptimed.storage.database import Database
from uptimed.storage.results import Gap, StoredResult

HORIZON_US = 50 * SECOND
WINDOW = (START, START + 600 * SECOND)


def at(second: float, verdict: str = "up", *, took_s: float = 1, location: str = "a", **more: object) -> StoredResult:
    began_us = START + round(second * SECOND)
    return a_result(
        started_us=began_us,
        ended_us=began_us + round(took_s * SECOND),
        received_us=began_us + 60 * SECOND,
        verdict=verdict,
        location=location,
        id=f"sia/web/home/{location}/{second}/{verdict}",
        **more,
    )


async def gap(database: Database, *several: StoredResult, check: str = "sia/web/home") -> Gap:
    await database.write(lambda conn: results.add(conn, several))
    return await database.read(lambda conn: results.widest_gap(conn, check, WINDOW, HORIZON_US))


async def test_it_reaches_from_one_start_to_the_end_of_the_next(database: Database):
    assert await gap(database, at(0), at(20), at(45, took_s=3), at(60)) == Gap(28 * SECOND, 4)


@pytest.mark.parametrize(
    ("story", "expected"),
    {
        "one result": ([at(0)], Gap(None, 1)),
        "longer than the horizon": ([at(0), at(51)], Gap(None, 2)),
        "one of them down": ([at(0), at(20, "down"), at(40)], Gap(None, 3)),
        "degraded is not down": ([at(0), at(20, "degraded")], Gap(21 * SECOND, 2)),
        "not evidence": ([at(0), at(10, "unknown"), at(11, "down", rejection="late"), at(20)], Gap(21 * SECOND, 2)),
        "two places are two rows": ([at(0), at(10, location="b"), at(20), at(40, location="b")], Gap(31 * SECOND, 4)),
        "two epochs are two rows": ([at(0, epoch=1), at(20, epoch=2)], Gap(None, 2)),
        "over the edge of the window": ([at(-10), at(20)], Gap(31 * SECOND, 1)),
        "outside of the window": ([at(-40), at(-10), at(620), at(640)], Gap(None, 0)),
        "a slow one before it ends later": ([at(0, took_s=40), at(20)], Gap(40 * SECOND, 2)),
    }.values(),
)
async def test_a_gap_is_between_two_results_of_one_place_that_are_not_down(database: Database, story, expected: Gap):
    assert await gap(database, *story) == expected


async def test_what_was_measured_under_a_former_name_counts(database: Database):
    def work(conn):
        catalogue.record(conn, a_catalogue("home"), 50)
        renames.apply(conn, {"sia/web/home": "sia/web/front"}, 200)

    await database.write(work)

    assert await gap(database, at(0), at(20), check="sia/web/front") == Gap(21 * SECOND, 2)


looks = st.builds(
    at,
    st.integers(-100, 700),
    st.sampled_from(["up", "up", "up", "degraded", "down", "unknown"]),
    took_s=st.integers(0, 45),
    location=st.sampled_from(["a", "b"]),
    epoch=st.sampled_from([0, 0, 1]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(story=st.lists(looks, max_size=40, unique_by=lambda one: one.id))
def test_it_is_that_of_the_definition(tmp_path_factory: pytest.TempPathFactory, story: list[StoredResult]):
    policy = TimelinePolicy((ActiveLocation("a"), ActiveLocation("b")), *Rules(HORIZON_US))

    async def work(folder: Path) -> None:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/uptimed.db", data=folder)
        try:
            found = await gap(database, *story)
            known = await database.read(
                lambda conn: results.evidence(conn, "sia/web/home", START - 200 * SECOND, START + 900 * SECOND)
            )
        finally:
            await database.close()
        assert found.widest_us == resolution_us(known, policy, WINDOW)
        assert found.results == sum(1 for one in known if WINDOW[0] <= one.start_us < WINDOW[1])

    asyncio.run(work(tmp_path_factory.mktemp("gap")))
