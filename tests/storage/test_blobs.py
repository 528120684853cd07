"""Day blobs in the database: every raw result of a day of receipt is found, whenever it began."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from tests.storage.builders import SECOND, START, a_result
from uptimed.domain.dayblob import DAY_US, DayResult, body_of, day, day_of, packed, span_of, unpacked
from uptimed.storage import blobs, results
from uptimed.storage.blobs import HOUR_US, StoredBlob
from uptimed.storage.database import Database

CHECK = "sia/web/home"
ON = date(2026, 2, 25)
FROM_US, TO_US = span_of(ON)


def what_counts(result: results.StoredResult) -> DayResult:
    return DayResult(
        result.id, result.epoch, result.started_us, result.ended_us, result.received_us, result.verdict, result.rejection
    )


async def found(database: Database, from_us: int = FROM_US, to_us: int = TO_US, check: str = CHECK) -> set[blobs.Received]:
    return set(await database.read(lambda conn: blobs.received(conn, check, from_us, to_us)))


def a_blob(check: str = CHECK, on: date = ON, location: str = "local", number: int = 3) -> StoredBlob:
    several = [a_result(n, check=check, location=location) for n in range(number)]
    body = body_of(check, location, on, map(what_counts, several))
    return StoredBlob(check, on, location, number, blobs.digest_of(body), packed(body))


@given(
    ages=st.lists(
        st.tuples(
            st.sampled_from([0, 1, HOUR_US - 1, HOUR_US, HOUR_US + 1, DAY_US, 8 * DAY_US, 900 * DAY_US, -1, -SECOND, -DAY_US])
            | st.integers(-(2**60), 2**60),
            st.integers(-2 * SECOND, DAY_US + 2 * SECOND) | st.sampled_from([-1, 0, DAY_US - 1, DAY_US]),
            st.none() | st.sampled_from(["late", "future"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_result_received_in_the_day_is_found_and_no_other(database: Database, ages: list[tuple[int, int, str | None]]):
    several = []
    for number, (age_us, at_us, rejection) in enumerate(ages):
        received_us = FROM_US + at_us
        started_us = received_us - age_us
        several.append(
            a_result(
                number, started_us=started_us, ended_us=started_us + 5, received_us=received_us, rejection=rejection
            )
        )  # fmt: skip
    several.append(a_result(1, check="sia/web/login", received_us=FROM_US, started_us=FROM_US, ended_us=FROM_US))

    def work(conn: Connection) -> list[blobs.Received]:
        with conn.begin_nested() as undone:
            results.add(conn, several)
            seen = blobs.received(conn, CHECK, FROM_US, TO_US)
            undone.rollback()
        return seen

    seen = await database.write(work)

    wanted = [one for one in several if one.check == CHECK and FROM_US <= one.received_us < TO_US]
    assert sorted(one.result.id for one in seen) == sorted(one.id for one in wanted)
    assert {one.result for one in seen} == {what_counts(one) for one in wanted}


async def test_stragglers_are_found_by_an_index_of_their_own(tmp_path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/uptimed.db", data=tmp_path)

    def plan(conn: Connection) -> list[str]:
        statements = [str(one.compile(conn)) for one in (blobs._IN_TIME, blobs._STRAGGLING)]
        return [str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", tuple("1" * one.count("?"))).all()) for one in statements]

    in_time, straggling = await database.read(plan)
    await database.close()

    assert "PRIMARY KEY (check_id=? AND started_us>? AND started_us<?)" in in_time
    assert "ix_results_straggling (check_id=? AND received_us>? AND received_us<?)" in straggling


async def test_checks_are_walked_in_order_whether_they_are_configured_or_not(database: Database):
    wanted = ["a/b/c", "a/b/c2", "z", "é"]
    for check in wanted:
        await database.write(lambda conn, check=check: results.add(conn, [a_result(n, check=check) for n in range(3)]))

    walked = [""]
    while (following := await database.read(lambda conn: blobs.next_check(conn, walked[-1]))) is not None:
        walked.append(following)

    assert sorted(walked[1:]) == sorted(wanted)


async def test_a_blob_comes_back_and_a_second_run_replaces_it(database: Database):
    several = [a_blob(location="paris"), a_blob(), a_blob("sia/web/login"), a_blob(on=date(2026, 2, 26), number=0)]
    await database.write(lambda conn: blobs.save(conn, [one._replace(blob=b"cut short") for one in several]))
    await database.write(lambda conn: blobs.save(conn, several))

    again = await database.read(lambda conn: blobs.of_check(conn, CHECK, ON, date(2026, 2, 27)))

    assert again == [several[1], several[0], several[3]]
    assert day(unpacked(again[0].blob)).received_on == ON
    assert await database.read(lambda conn: blobs.of_check(conn, CHECK, ON, ON)) == []


async def test_the_blobs_of_a_day_are_listed(database: Database):
    several = [a_blob("b"), a_blob("a", location="paris"), a_blob("a", location="local"), a_blob("c", on=date(2026, 2, 24))]
    await database.write(lambda conn: blobs.save(conn, several))

    listed = await database.read(lambda conn: blobs.of_day(conn, ON))

    assert sorted(listed) == sorted((one.check, one.location, 3, one.digest) for one in several[:3])
    assert await database.read(lambda conn: blobs.last_saved(conn, ON)) == "b"
    assert await database.read(lambda conn: blobs.last_saved(conn, date(2026, 2, 1))) == ""


async def test_removing_takes_what_is_named_and_nothing_else(database: Database):
    several = [a_result(number) for number in range(4)]
    again = a_result(2, received_us=START + 30 * DAY_US, rejection="late")
    await database.write(lambda conn: results.add(conn, several))
    await database.write(lambda conn: blobs.remove_keys(conn, [one.id for one in several[:3]], before_us=TO_US))
    await database.write(lambda conn: results.add(conn, [again]))

    await database.write(lambda conn: blobs.remove_received(conn, CHECK, map(what_counts, several[:3])))
    await database.write(lambda conn: blobs.remove_keys(conn, [again.id], before_us=TO_US))

    left = await found(database, 0, 2**62)
    assert {one.result.id for one in left} == {several[3].id, again.id}
    known = await database.read(lambda conn: results.digests(conn, [one.id for one in several]))
    assert set(known) == {several[3].id, again.id}


@pytest.mark.parametrize("received_us", [FROM_US, TO_US - 1])
async def test_a_day_begins_at_its_first_microsecond(database: Database, received_us: int):
    await database.write(
        lambda conn: results.add(conn, [a_result(started_us=received_us, ended_us=received_us, received_us=received_us)])
    )

    assert day_of(received_us) == ON
    assert len(await found(database)) == 1
