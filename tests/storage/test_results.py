"""Results: stored once, found again as they came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.storage.builders import SECOND, START, a_catalogue, a_result
from uptimed.domain.states import Verdict
from uptimed.storage import catalogue, results
from uptimed.storage.database import Database
from uptimed.storage.results import StoredResult

BIGGEST = 2**63 - 1

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-BIGGEST, BIGGEST) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def any_results(draw: st.DrawFn) -> StoredResult:
    started_us = draw(st.integers(-BIGGEST, BIGGEST))
    return StoredResult(
        id=draw(st.text(max_size=80)),
        check=draw(st.text(max_size=40)),
        location=draw(st.text(max_size=20)),
        epoch=draw(st.integers(0, BIGGEST)),
        started_us=started_us,
        ended_us=draw(st.integers(started_us, BIGGEST)),
        received_us=draw(st.integers(0, BIGGEST)),
        verdict=draw(st.sampled_from(list(Verdict))),
        reason=draw(st.text(max_size=20)),
        detail=draw(st.text(max_size=200)),
        took_us=draw(st.integers(0, BIGGEST)),
        lag_us=draw(st.integers(-BIGGEST, BIGGEST)),
        config_version=draw(st.text(alphabet="0123456789abcdef", max_size=12)),
        phases=draw(st.dictionaries(st.text(max_size=10), st.floats(allow_nan=False), max_size=4)),
        evidence=draw(st.dictionaries(st.text(), json_values, max_size=4)),
        notes=tuple(draw(st.lists(st.text(max_size=20), max_size=3))),
        rejection=draw(st.none() | st.sampled_from(["late", "future"])),
    )


def without_nul(result: StoredResult) -> StoredResult:
    """PostgreSQL has no NUL in text; in JSON it travels as an escape."""
    plain = {name: getattr(result, name).replace("\0", "") for name in ("id", "check", "location", "reason", "detail")}
    return StoredResult(**{name: getattr(result, name) for name in StoredResult.__slots__} | plain)


@given(result=any_results())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_result_comes_back_as_it_was_at_the_limits_of_its_types(database: Database, result: StoredResult):
    """Evidence holds NUL, half surrogates and whatever else a peer sends."""

    def work(conn: Any) -> StoredResult | None:
        with conn.begin_nested() as undone:
            results.add(conn, [result])
            found = results.latest(conn, result.check.replace("\0", ""))
            undone.rollback()
        return found

    assert await database.write(work) == without_nul(result)


async def test_half_a_surrogate_in_a_peer_s_words_stops_nothing(database: Database):
    result = a_result(detail="caf\udce9", evidence={"excerpt": "\ud800"})

    await database.write(lambda conn: results.add(conn, [result]))

    found = await database.read(lambda conn: results.latest(conn, result.check))
    assert found is not None
    assert found.detail == "caf?"
    assert found.evidence == {"excerpt": "\ud800"}


async def test_a_known_id_is_told_by_its_digest(database: Database):
    first = a_result(1)
    await database.write(lambda conn: results.add(conn, [first, a_result(2)]))

    known = await database.read(lambda conn: results.digests(conn, [first.id, a_result(3).id]))

    assert known == {first.id: results.digest_of(first)}


@pytest.mark.parametrize(
    "change", [{"location": "paris"}, {"started_us": START}, {"ended_us": START}, {"verdict": "down"}, {"epoch": 2}]
)
def test_a_digest_holds_what_makes_two_results_conflict(change: dict[str, Any]):
    assert results.digest_of(a_result()) != results.digest_of(a_result(**change))


def test_a_second_delivery_later_has_the_same_digest():
    assert results.digest_of(a_result()) == results.digest_of(a_result(received_us=1, detail="spooled"))


async def test_the_same_id_twice_is_refused_and_nothing_of_that_batch_stays(database: Database):
    await database.write(lambda conn: results.add(conn, [a_result(1)]))

    with pytest.raises(IntegrityError):
        await database.write(lambda conn: results.add(conn, [a_result(2), a_result(1, received_us=7)]))

    assert await database.read(lambda conn: results.digests(conn, [a_result(2).id])) == {}


async def test_evidence_is_what_was_accepted_and_measured_in_order(database: Database):
    stored = [
        a_result(4, verdict=Verdict.DOWN),
        a_result(2),
        a_result(3, verdict=Verdict.UNKNOWN),
        a_result(5, rejection="late"),
        a_result(3, check="sia/web/other"),
        a_result(6),
    ]
    await database.write(lambda conn: results.add(conn, stored))

    found = await database.read(lambda conn: results.evidence(conn, "sia/web/home", START, a_result(6).started_us))

    assert [(each.id, each.verdict) for each in found] == [(a_result(2).id, Verdict.UP), (a_result(4).id, Verdict.DOWN)]
    assert (found[0].location, found[0].epoch, found[0].start_us, found[0].end_us) == (
        "local",
        1,
        START + 40 * SECOND,
        START + 40 * SECOND + 50_000,
    )


async def test_a_rejected_result_is_kept_whatever_it_says(database: Database):
    strange = a_result(verdict="fine", rejection="bad_verdict", ended_us=0)

    await database.write(lambda conn: results.add(conn, [strange]))

    assert await database.read(lambda conn: results.latest(conn, strange.check)) == strange


@pytest.mark.parametrize("wrong", [{"verdict": "fine"}, {"ended_us": 0}], ids=["verdict", "span"])
async def test_an_accepted_result_that_cannot_be_is_refused_by_the_database_itself(database: Database, wrong: dict[str, Any]):
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: results.add(conn, [a_result(**wrong)]))


async def test_high_water_is_the_newest_boot_and_sequence_of_each_place(database: Database):
    stored = [a_result(1), a_result(2), a_result(3, boot="b2"), a_result(9, location="paris")]
    # A clock that was set back: started earlier, received later.
    stored += [a_result(4, boot="b2", started_us=START - SECOND, received_us=START + 1000 * SECOND)]

    def work(conn: Any) -> Any:
        catalogue.record(conn, a_catalogue("home", "silent"), 1)
        results.add(conn, stored)
        return results.high_water(conn)

    assert await database.write(work) == {("sia/web/home", "local"): ("b2", 4), ("sia/web/home", "paris"): ("b1", 9)}


async def test_nothing_is_latest_where_nothing_was_stored(database: Database, tmp_path: Path):
    assert await database.read(lambda conn: results.latest(conn, "sia/web/home")) is None
    await database.write(lambda conn: results.add(conn, []))
