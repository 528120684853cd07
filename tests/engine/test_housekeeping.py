"""Days become blobs and seals, and what a seal proves is let go; all of it piecemeal, and killed anywhere it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from probes.outcome import Verdict
from tests.engine.world import S, world
from tests.storage.builders import a_catalogue, a_result, an_outage
from tests.storage.conftest import database
from uptimed.domain.contract import ContractVersion
from uptimed.domain.dayblob import DAY_US, day, day_of, span_of, unpacked
from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.overlays import Adjustment
from uptimed.domain.results import IMPORTED
from uptimed.domain.seals import FIRST, ContractText, Facts, SealedBlob, statement
from uptimed.engine.housekeeping import Housekeeping
from uptimed.engine.retention import AROUND_US, AT_ONCE
from uptimed.engine.sealing import GRACE_US, proves
from uptimed.storage import StorageAway, adjustments, blobs, catalogue, contracts, maintenance, outages, renames, results, seals
from uptimed.storage.database import Database
from uptimed.storage.results import StoredResult

__all__ = ["database"]

T = TypeVar("T")
pytestmark = pytest.mark.timeout(120)

FIRST_DAY = date(2026, 3, 1)
NOON = DAY_US // 2
CHECKS = ("sia/web/home", "sia/web/login")
PLACES = ("local", "paris")


class HandClock:
    """Wall time by hand; no time passes, so that housekeeping never rests."""

    def __init__(self, now_us: int) -> None:
        self.us = now_us

    def now_us(self) -> int:
        return self.us

    def monotonic(self) -> float:
        return 0.0


class Flaky:
    """The database, which goes away before its n-th write."""

    def __init__(self, database: Database, writes: int) -> None:
        self._database = database
        self.left = writes

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._database.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        self.left -= 1
        if self.left < 0:
            raise StorageAway("it is gone")
        return await self._database.write(work)


def day_start(number: int) -> int:
    return span_of(FIRST_DAY + timedelta(days=number))[0]


def received(
    at_us: int, number: int, check: str = CHECKS[0], place: str = PLACES[0], *, after_us: int = 60_000, **more: Any
) -> StoredResult:
    """Received at that instant, begun `after_us` before."""
    started_us = at_us - after_us
    return a_result(
        number, check=check, location=place, started_us=started_us, ended_us=started_us + 50_000, received_us=at_us, **more
    )


def some_days(days: int = 3, every_us: int = 3_600_000_000) -> list[StoredResult]:
    """Of two checks and two locations, on the first days of March; with a late one, a rejected one and one without a pattern."""
    found = [
        received(day_start(0) + number * every_us + 70_000, number, check, place)
        for check in CHECKS
        for place in PLACES
        for number in range(days * DAY_US // every_us)
    ]
    found.append(received(day_start(2) + NOON, 9_000, after_us=2 * DAY_US + 5))
    found.append(received(day_start(1) + NOON, 9_001, verdict="unknown", rejection="prober_error"))
    found.append(received(day_start(1) + NOON, 9_002, rejection="late", after_us=400 * DAY_US))
    found.append(received(day_start(1) + NOON, 9_003, rejection="future", after_us=-3 * DAY_US))
    found.append(received(day_start(1) + NOON, 9_004, id="no pattern at all", rejection="unknown_location", place=""))
    return found


async def store(database: Database, several: list[StoredResult]) -> None:
    for at in range(0, len(several), 200):
        await database.write(lambda conn, some=several[at : at + 200]: results.add(conn, some))


async def keep_house(database: Any, now_us: int, retention_days: int = 400) -> None:
    await Housekeeping(database, HandClock(now_us), lambda: retention_days * DAY_US).run()


async def read_back(database: Database, check: str, on: date) -> set[tuple[str, str, int]]:
    """(location, id, receipt) of all that the blobs of that day hold."""
    stored = await database.read(lambda conn: blobs.of_check(conn, check, on, on + timedelta(days=1)))
    days = [day(unpacked(one.blob)) for one in stored]
    return {(its.location, one.id, one.received_us) for its in days for one in its.results()}


async def raw_ids(database: Database, check: str = CHECKS[0]) -> set[str]:
    return {one.result.id for one in await database.read(lambda conn: blobs.received(conn, check, 0, 2**60))}


async def sealed_days(database: Database) -> list[date]:
    return [one.received_on for one in await database.read(seals.load)]


async def everything(database: Database) -> Any:
    """All blobs and seals, but for the instant of sealing."""

    def work(conn: Connection) -> Any:
        stored = [tuple(row) for row in conn.exec_driver_sql("SELECT * FROM day_blobs ORDER BY check_id, received_on, location")]
        return stored, [(one.received_on, one.previous, one.digest, one.results) for one in seals.load(conn)]

    return await database.read(work)


async def test_a_day_that_is_over_holds_exactly_what_was_received_in_it(database: Database):
    several = some_days()
    await store(database, several)

    await keep_house(database, day_start(3) + GRACE_US)

    assert await sealed_days(database) == [FIRST_DAY + timedelta(days=n) for n in (-1, 0, 1, 2)][1:]
    for check in CHECKS:
        for number in range(3):
            on = FIRST_DAY + timedelta(days=number)
            wanted = {
                (one.location, one.id, one.received_us) for one in several if one.check == check and day_of(one.received_us) == on
            }
            assert await read_back(database, check, on) == wanted
    assert sum(one.results for one in await database.read(seals.load)) == len(several)


async def test_a_day_is_sealed_ten_minutes_after_its_end_and_not_before(database: Database):
    await store(database, some_days(1)[:4])

    await keep_house(database, day_start(1) + GRACE_US - 1)
    assert await sealed_days(database) == []

    await keep_house(database, day_start(1) + GRACE_US)
    assert await sealed_days(database) == [FIRST_DAY]


async def test_nothing_is_sealed_where_nothing_was_ever_watched(database: Database):
    await keep_house(database, day_start(9))

    assert await sealed_days(database) == []


async def test_a_day_without_results_is_sealed_too_so_that_none_can_be_left_out(database: Database):
    await store(database, [received(day_start(0) + NOON, 1), received(day_start(4) + NOON, 2)])

    await keep_house(database, day_start(5) + GRACE_US)

    chain = await database.read(seals.load)
    assert [one.results for one in chain] == [1, 0, 0, 0, 1]
    assert [one.previous for one in chain] == [FIRST, *(one.digest for one in chain[:-1])]


async def test_the_hash_of_a_day_can_be_made_by_hand(database: Database):
    await store(database, some_days(2))
    await keep_house(database, day_start(2) + GRACE_US)

    first, second = (await database.read(seals.load))[:2]
    listed = await database.read(lambda conn: blobs.of_day(conn, second.received_on))
    lines = ['["uptimed seal",1,"2026-03-02"]', f'["previous","{first.digest.hex()}"]']
    lines += [f'["results","{check}","{place}",{number},"{digest.hex()}"]' for check, place, number, digest in sorted(listed)]

    assert hashlib.sha256("".join(line + "\n" for line in lines).encode()).digest() == second.digest


async def test_a_late_result_belongs_to_the_day_that_received_it_and_changes_no_seal(database: Database):
    await store(database, some_days(1)[:8])
    await keep_house(database, day_start(1) + GRACE_US)
    before = await database.read(seals.load)

    await store(
        database,
        [
            received(day_start(1) + NOON, 700, after_us=DAY_US),
            received(day_start(1) + NOON, 701, after_us=9 * DAY_US, rejection="late"),
        ],
    )
    await keep_house(database, day_start(2) + GRACE_US)

    after = await database.read(seals.load)
    assert after[:1] == before
    assert after[1].results == 2


async def test_adjustments_are_sealed_once_in_the_order_of_writing(database: Database):
    made = [Adjustment(f"ADJ-2026-000{n}", day_start(0) + n, "anna", "drill", "exclude", 1, 2, scope="sia") for n in range(3)]
    await store(database, some_days(1)[:2])
    await database.write(lambda conn: [adjustments.add(conn, one) for one in made[:2]] and None)
    await keep_house(database, day_start(1) + GRACE_US)
    # The database was away: written down a day after it was made.
    await database.write(lambda conn: adjustments.add(conn, made[2]))
    await keep_house(database, day_start(2) + GRACE_US)

    first, second = await database.read(seals.load)

    assert (first.adjustments, second.adjustments) == (2, 3)
    wanted = statement(second.received_on, first.digest, [], Facts(adjustments=made[2:]))
    assert second.digest == hashlib.sha256(wanted).digest()


async def test_versions_of_the_contract_are_sealed_with_the_day_in_which_they_were_written(database: Database):
    versions = [
        ContractVersion.of(a_catalogue(*names), day_start(n) + NOON) for n, names in enumerate([("home",), ("home", "login")])
    ]
    await store(database, some_days(1)[:2])
    for number, version in enumerate(versions):
        await database.write(lambda conn, version=version: contracts.record(conn, version) and None)
        await keep_house(database, day_start(number + 1) + GRACE_US)

    first, second = await database.read(seals.load)

    assert (first.contracts, second.contracts) == (1, 2)
    wanted = statement(second.received_on, first.digest, [], Facts([ContractText(versions[1].from_us, versions[1].text)]))
    assert second.digest == hashlib.sha256(wanted).digest()


async def test_a_second_run_changes_nothing(database: Database):
    await store(database, some_days())
    await keep_house(database, day_start(20))
    before = await everything(database)

    await keep_house(database, day_start(20) + 5)

    assert await everything(database) == before


@pytest.mark.parametrize("retention_days", [8, 400])
async def test_killed_before_any_write_it_goes_on_where_it_was(database: Database, tmp_path: Path, retention_days: int):
    several = some_days()
    await store(database, several)
    other = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/at-once.db", data=tmp_path / "other")
    await store(other, several)
    now_us = day_start(12)
    await keep_house(other, now_us, retention_days)

    lives = [Flaky(database, 1)]
    await keep_house(lives[0], now_us, retention_days)
    while lives[-1].left < 0:
        lives.append(Flaky(database, 1))
        await keep_house(lives[-1], now_us, retention_days)
        assert len(lives) < 500, "it does not come to an end"

    assert len(lives) > 20
    assert await everything(database) == await everything(other)
    assert [await raw_ids(database, check) for check in CHECKS] == [await raw_ids(other, check) for check in CHECKS]
    await other.close()


async def test_no_transaction_of_housekeeping_is_longer_than_a_batch_of_results(tmp_path: Path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/uptimed.db", data=tmp_path)
    await store(database, some_days(2, every_us=60_000_000))
    changed: list[int] = []

    class Counted(Flaky):
        async def write(self, work: Callable[[Connection], T]) -> T:
            def counted(conn: Connection) -> T:
                raw: Any = conn.connection.driver_connection
                before = raw.total_changes
                value = work(conn)
                changed.append(raw.total_changes - before)
                return value

            return await self._database.write(counted)

    await keep_house(Counted(database, 0), day_start(12), retention_days=8)
    await database.close()

    assert max(changed) <= AT_ONCE
    assert sum(changed) > 2 * 2 * 4 * 1_440


async def test_raw_results_go_after_their_time_and_the_blobs_stay(database: Database):
    several = some_days()
    await store(database, several)
    await keep_house(database, day_start(40))
    before = await everything(database)

    await keep_house(database, day_start(42) - 1, retention_days=40)
    assert len(await raw_ids(database, CHECKS[1])) == 2 * 48
    await keep_house(database, day_start(43), retention_days=40)

    assert [await raw_ids(database, check) for check in CHECKS] == [set(), set()]
    assert (await everything(database))[0][: len(before[0])] == before[0]


async def test_raw_results_around_an_outage_stay_for_ever(database: Database):
    every_us = 600_000_000
    several = some_days(2, every_us)
    await store(database, several)
    began_us, ended_us = day_start(0) + NOON, day_start(0) + NOON + every_us
    await database.write(lambda conn: outages.save(conn, an_outage(began_at_us=began_us, ended_at_us=ended_us)))

    await keep_house(database, day_start(30), retention_days=8)

    def near(check: str) -> set[str]:
        mine = [one for one in several if one.check == check]
        return {one.id for one in mine if one.ended_us > began_us - AROUND_US and one.started_us < ended_us + AROUND_US}

    assert [await raw_ids(database, check) for check in CHECKS] == [near(check) for check in CHECKS]
    assert len(near(CHECKS[1])) >= 2 * 12


async def test_what_got_another_name_is_proven_and_kept_as_before(database: Database):
    several = some_days(2)
    made = Adjustment("ADJ-2026-0001", day_start(0), "anna", "drill", "exclude", 1, 2, scope="sia/web")
    await store(database, several)
    await database.write(lambda conn: catalogue.record(conn, a_catalogue("home", "login"), day_start(0)) and None)
    await database.write(lambda conn: adjustments.add(conn, made))
    await database.write(lambda conn: outages.save(conn, an_outage(began_at_us=day_start(0), ended_at_us=day_start(2))))
    await keep_house(database, day_start(2) + GRACE_US)
    names = {"sia/web": "sia/site", **{check: check.replace("web", "site") for check in CHECKS}}
    await database.write(lambda conn: renames.apply(conn, names, day_start(2)) and None)

    await keep_house(database, day_start(30), retention_days=8)

    assert len(await raw_ids(database)) >= 2 * 48
    assert all(await database.read(lambda conn: [proves(conn, one.received_on) for one in seals.load(conn)]))


async def test_an_outage_of_another_component_keeps_nothing(database: Database):
    await store(database, some_days(1)[:30])
    await database.write(lambda conn: outages.save(conn, an_outage(began_at_us=day_start(0), component="sia/api")))

    await keep_house(database, day_start(60), retention_days=8)

    assert await raw_ids(database) == set()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE day_blobs SET blob = X'01'",
        "UPDATE day_blobs SET digest = X'00'",
        "UPDATE seals SET digest = X'00'",
        "DELETE FROM day_blobs",
        "UPDATE results SET verdict = 'down' WHERE check_id = 'sia/web/home' AND location = 'paris'",
    ],
)
async def test_what_is_not_proven_is_not_removed(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/uptimed.db", data=tmp_path)
    await store(database, some_days())
    await keep_house(database, day_start(4))
    before = await raw_ids(database)
    await database.write(lambda conn: conn.exec_driver_sql(damage) and None)

    await keep_house(database, day_start(30), retention_days=8)

    assert await raw_ids(database) == before
    await database.close()
    assert "put back a backup" in caplog.text or "run `uptimed verify`" in caplog.text


async def test_an_id_is_known_until_a_second_delivery_would_be_late(database: Database):
    early, late = received(day_start(0) + 1, 1), received(day_start(0) + NOON, 2, after_us=-10 * DAY_US, rejection="future")
    await store(database, [early, late])

    async def known() -> set[str]:
        return set(await database.read(lambda conn: results.digests(conn, [early.id, late.id])))

    await keep_house(database, day_start(9) - 1)
    assert await known() == {early.id, late.id}
    await keep_house(database, day_start(9))
    assert await known() == {late.id}


async def test_what_was_imported_is_known_for_ever_for_it_is_never_late(database: Database):
    imported = received(day_start(0) + NOON, 1, place=f"{IMPORTED}kuma", after_us=300 * DAY_US)
    ours = received(day_start(0) + NOON, 2)
    await store(database, [imported, ours])

    await keep_house(database, day_start(30), retention_days=8)

    assert set(await database.read(lambda conn: results.digests(conn, [imported.id, ours.id]))) == {imported.id}
    assert await raw_ids(database) == set()


async def test_the_room_of_removed_results_is_used_again(tmp_path: Path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/uptimed.db", data=tmp_path)
    file = tmp_path / "uptimed.db"
    sizes = []
    for week in range(4):
        minutes = range(7 * 1_440)
        await store(database, [received(day_start(7 * week) + one * 60 * S, one, boot=f"b{week}") for one in minutes])
        await keep_house(database, day_start(7 * week + 7) + GRACE_US, retention_days=8)
        await keep_house(database, day_start(7 * week + 16), retention_days=8)
        sizes.append(file.stat().st_size + (tmp_path / "uptimed.db-wal").stat().st_size)
    await database.close()

    assert sizes[3] - sizes[1] < 0.4 * sizes[0]


async def test_a_clock_set_back_over_midnight_puts_nothing_into_a_sealed_day(tmp_path: Path):
    async with world(tmp_path) as shop:
        await shop.start()
        await shop.sees(Verdict.UP, Verdict.UP)
        midnight_us = span_of(day_of(shop.clock.us))[1]
        shop.clock.us = midnight_us + GRACE_US
        await Housekeeping(shop.database.real, HandClock(shop.clock.us), lambda: 400 * DAY_US, closing=shop.engine.close_day).run()
        shop.clock.us = midnight_us - 30 * S
        await shop.sees(Verdict.UP)

        newest = await shop.database.read(lambda conn: results.latest(conn, "shop/web/home"))
        assert newest is not None
        assert (newest.received_us, newest.rejection) == (midnight_us, None)
        with suppress(StorageAway):
            await keep_house(shop.database.real, midnight_us + DAY_US + GRACE_US)
        assert [one.results for one in await shop.database.read(seals.load)] == [2, 1]


async def test_a_restarted_daemon_closes_what_was_sealed_before_it_receives_anything(database: Database):
    await store(database, some_days(1)[:2])
    await keep_house(database, day_start(1) + GRACE_US)
    closed: list[int] = []
    sealed: list[int] = []

    await Housekeeping(database, HandClock(day_start(1)), lambda: DAY_US, closing=closed.append, sealed=sealed.append).run()

    assert closed == sealed == [day_start(1)]


def test_a_statement_has_its_blobs_in_order_whatever_the_database_s_alphabet():
    two = [SealedBlob("é", "x", 1, b"2"), SealedBlob("z", "x", 1, b"1")]

    assert statement(FIRST_DAY, FIRST, two, Facts()) == statement(FIRST_DAY, FIRST, reversed(two), Facts())


async def test_planned_work_is_sealed_as_it_was_announced(database: Database):
    event = MaintenanceEvent(
        "MW-2026-0001/1", "MW-2026-0001", "scheduled", 1, "anna", "sia", 2, 3, {"en": "Move"}, {"en": "All down"}
    )
    await store(database, some_days(1)[:2])
    await keep_house(database, day_start(1) + GRACE_US)
    await database.write(lambda conn: maintenance.add(conn, event))
    await keep_house(database, day_start(2) + GRACE_US)

    first, second = await database.read(seals.load)

    assert (first.planned, second.planned) == (0, 1)
    wanted = statement(second.received_on, first.digest, [], Facts(planned=[event]))
    assert b'["planned",{"at_us":1,"by":"anna","from_us":2,"id":"MW-2026-0001/1",' in wanted
    assert second.digest == hashlib.sha256(wanted).digest()
