"""What is stored, and what all the evidence says: the same to the bit, whatever the days have brought."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from probes.links import ProbeResult
from probes.outcome import Verdict
from tests.engine.world import NOON_US, Absentable, HandClock, S, World, catalogue
from tests.storage.conftest import database
from uptimed.domain.catalogue import Catalogue, Confirm
from uptimed.domain.dayblob import DAY_US, day_of, span_of
from uptimed.engine.housekeeping import Housekeeping
from uptimed.engine.rebuilding import Rebuilt, rebuilt
from uptimed.storage import StorageRefused, contracts, results, seals, timelines
from uptimed.storage.database import Database

__all__ = ["database"]

UP, DEGRADED, DOWN, UNKNOWN = Verdict
CHECK = "shop/web/home"


@pytest.fixture
async def shop(database: Database) -> World:
    one = World(Absentable(database), HandClock())
    await one.start()
    return one


class Still:
    """No time passes while housekeeping works, so that it never rests."""

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us

    def now_us(self) -> int:
        return self._now_us

    def monotonic(self) -> float:
        return 0.0


async def keep_house(shop: World, retention_days: int = 400) -> None:
    house = Housekeeping(
        shop.database.real, Still(shop.clock.us), lambda: retention_days * DAY_US, closing=shop.engine.close_day
    )  # fmt: skip
    await house.run()


async def look(shop: World, check: str = CHECK) -> Rebuilt:
    history = await shop.database.read(contracts.load)
    assert history is not None
    return await shop.database.read(lambda conn: rebuilt(conn, check, history, shop.clock.us))


def otherwise(version: str, **changes: object) -> Catalogue:
    """The shop, its check watched under other rules."""
    before = catalogue(version)
    product = before.products[0]
    component = product.components[0]
    checks = (replace(component.checks[0], **changes),)  # type: ignore[arg-type]  # fields of a check
    return replace(before, products=(replace(product, components=(replace(component, checks=checks),)),))


async def spooled(shop: World, results_: list[ProbeResult]) -> None:
    assert set(await shop.engine.on_batch(results_)) == {one.id for one in results_}


async def test_nothing_differs_where_nothing_was_tampered_with(shop: World):
    await shop.sees(UP, UP, DOWN, DOWN, UP, UNKNOWN, UP, DEGRADED, UP)

    found = await look(shop)

    assert found.differs_from_us is None
    assert found.results == 9
    assert [run.verdict for run in found.runs] == [UP, DOWN, UP, DEGRADED, UP]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(4))
async def test_after_a_week_of_everything_the_stored_timeline_is_that_of_the_evidence(shop: World, seed: int):
    chance = random.Random(seed)
    held: list[ProbeResult] = []
    for step in range(160):
        match chance.choices(
            ["look", "fail", "hold", "deliver", "restart", "silence", "rules", "night"], [60, 12, 8, 6, 3, 5, 2, 10]
        )[0]:
            case "look":
                await shop.sees(*chance.choices([UP, DEGRADED, UNKNOWN], [9, 1, 1], k=chance.randrange(1, 4)))
            case "fail":
                await shop.sees(*chance.choices([UP, DOWN], k=chance.randrange(1, 5)), gap_s=chance.choice([2, 20]))
            case "hold":
                held.append(shop.result(chance.choice([UP, DOWN])))
                shop.clock.us += 20 * S
            case "deliver" if held:
                await spooled(shop, [held.pop(chance.randrange(len(held))) for _ in range(min(2, len(held)))])
            case "restart":
                await shop.start(shop.engine.catalogue)
            case "silence":
                shop.clock.us += chance.choice([49, 50, 51, 400, 3_600]) * S
            case "rules":
                other = otherwise(
                    f"r{step}", every_us=chance.choice([20, 60]) * S, confirm=Confirm(failures=chance.choice([1, 2, 3]))
                )
                shop.engine.configure(other, {"hook": "en"}, await shop.engine.prepare(other))
            case "night":
                shop.clock.us += DAY_US // 3
                await keep_house(shop, retention_days=8)

    found = await look(shop)

    assert found.differs_from_us is None
    assert len(await shop.database.read(seals.load)) > 3
    assert len(found.runs) > 10


async def test_sealed_days_are_read_from_their_blobs_when_the_raw_results_are_gone(shop: World):
    await shop.sees(UP, UP, DOWN, UP, UP)
    shop.clock.us += 10 * DAY_US
    await shop.sees(UP, UP)
    await keep_house(shop, retention_days=8)
    assert len(await shop.database.read(lambda conn: results.evidence(conn, CHECK, 0, 2**60))) == 2

    found = await look(shop)

    assert (found.differs_from_us, found.results) == (None, 7)


async def test_a_result_that_came_after_the_seal_of_its_day_takes_its_place(shop: World):
    await shop.sees(UP, UP, UP)
    missed = [shop.result(DOWN), shop.result(DOWN)]
    missed[1] = replace(missed[1], started_us=missed[1].started_us + 5 * S, ended_us=missed[1].ended_us + 5 * S)
    shop.clock.us += 20 * S
    await shop.sees(UP, UP)
    shop.clock.us = span_of(day_of(shop.clock.us))[1] + DAY_US // 2
    await keep_house(shop)
    assert len(await shop.database.read(seals.load)) == 1
    await spooled(shop, missed)

    found = await look(shop)

    assert found.differs_from_us is None
    assert [(run.verdict, run.count) for run in found.runs] == [(UP, 3), (DOWN, 2), (UP, 2)]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE runs SET count = count + 1 WHERE verdict = 'down'",
        "DELETE FROM runs WHERE verdict = 'down'",
        "UPDATE segments SET point = 0, best = 0, worst = 0 WHERE point = 2",
        "DELETE FROM segments WHERE point = 2",
        "UPDATE results SET verdict = 'up' WHERE verdict = 'down'",
    ],
)
async def test_what_was_tampered_with_is_found_with_its_instant_and_put_right(shop: World, tampering: str):
    await shop.sees(UP, UP, UP, DOWN, DOWN, DOWN, UP, UP)
    await shop.database.write(lambda conn: conn.exec_driver_sql(tampering) and None)

    found = await look(shop)
    assert found.differs_from_us is not None
    assert NOON_US <= found.differs_from_us <= NOON_US + 70 * S

    await shop.database.write(lambda conn: timelines.replace(conn, CHECK, found.runs, found.segments))
    assert (await look(shop)).differs_from_us is None


async def test_a_timeline_without_any_evidence_differs(shop: World):
    await shop.sees(UP, UP, UP)
    await shop.database.write(lambda conn: conn.exec_driver_sql("DELETE FROM results") and None)

    found = await look(shop)

    assert (found.differs_from_us, found.runs, found.segments) == (NOON_US, [], [])


async def test_a_damaged_blob_is_named_and_nothing_is_made_of_it(shop: World):
    await shop.sees(UP, UP, UP)
    shop.clock.us += 2 * DAY_US
    await keep_house(shop)

    def damage(conn: Connection) -> None:
        conn.exec_driver_sql("UPDATE day_blobs SET digest = blob")

    await shop.database.write(damage)

    with pytest.raises(StorageRefused, match=r"the day blob of shop/web/home from local of .* is not what was written"):
        await look(shop)


async def test_a_check_that_got_another_name_keeps_the_evidence_of_both(shop: World):
    await shop.sees(UP, UP, DOWN, DOWN, UP)
    shop.clock.us += 2 * DAY_US
    await keep_house(shop)
    renamed = replace(otherwise("v2", id="shop/web/door"), renames={CHECK: "shop/web/door"})
    await shop.start(renamed)

    found = await look(shop, "shop/web/door")

    assert (found.differs_from_us, found.results) == (None, 5)
