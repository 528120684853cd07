"""What is said of a year follows from its results; whatever is bent a little is found, and named."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import Connection

from probes.outcome import Verdict
from tests.engine.test_rebuilding import keep_house, otherwise
from tests.engine.world import NOON_US, Absentable, HandClock, S, World, catalogue
from tests.storage.conftest import database
from uptimed.domain.catalogue import Confirm, MaintenanceRule
from uptimed.domain.contract import ImportedCheck
from uptimed.domain.dayblob import DAY_US
from uptimed.domain.overlays import Adjustment
from uptimed.domain.policy import Rules
from uptimed.domain.results import IMPORTED
from uptimed.domain.severity import Severity
from uptimed.domain.states import State
from uptimed.engine import gathering
from uptimed.engine.closing import Closing
from uptimed.engine.payload import exact
from uptimed.engine.proof import prove
from uptimed.engine.stated import Finding, Published, Stated
from uptimed.storage import StorageRefused, adjustments
from uptimed.storage.database import Database
from uptimed.web.maintenance import MaintenanceCommands

__all__ = ["database"]

UP, DEGRADED, DOWN, UNKNOWN = Verdict
YEAR = 2026


@pytest.fixture
async def shop(database: Database) -> World:
    one = World(Absentable(database), HandClock())
    await one.start(catalogue(web=Severity.CRITICAL, api=Severity.SEVERE))
    return one


async def some_weeks(shop: World, weeks: int = 6, seed: int = 1) -> None:
    """From the end of September on: outages, silence, late results, exclusions; sealed night by night."""
    chance = random.Random(seed)
    for day in range(7 * weeks):
        for component in ("web", "api"):
            await shop.sees(*chance.choices([UP, DOWN, DEGRADED, UNKNOWN], [20, 4, 1, 1], k=6), component=component)
        late = shop.result(DOWN)
        shop.clock.us += 20 * S
        await shop.sees(UP, UP)
        if day % 5 == 0:
            shop.clock.us += DAY_US // 2
            await shop.engine.on_batch([late])
        if day % 9 == 0:
            made = Adjustment(
                f"ADJ-2026-{day:04}", shop.clock.us, "anna", "a drill", "assert" if day % 2 else "exclude",
                shop.clock.us - 3_600 * S, shop.clock.us, State.UP, scope="shop/api" if day % 2 else "shop",
            )  # fmt: skip
            await shop.database.write(lambda conn, made=made: adjustments.add(conn, made))
        if day == 20:
            shop.engine.configure(
                other := otherwise("v2", confirm=Confirm(failures=3)), {"hook": "en"}, await shop.engine.prepare(other)
            )
        shop.clock.us += DAY_US // 2 + chance.randrange(DAY_US // 2)
        await keep_house(shop, retention_days=8)


async def gathered(shop: World, year: int = YEAR) -> tuple[Stated, Published]:
    """Read whole, so that it can be looked at outside of the database."""

    def work(conn: Connection) -> tuple[Stated, Published]:
        its = gathering.stated(conn, year, shop.clock.us)
        held = [one._replace(body=partial(bytes, one.body())) for one in its.blobs]
        return replace(its, blobs=held), gathering.published(conn, its)

    return await shop.database.read(work)


async def findings(shop: World) -> list[str]:
    """As `uptimed verify --year` has them."""

    def work(conn: Connection) -> list[str]:
        its = gathering.stated(conn, YEAR, shop.clock.us)
        return [str(one) for one in (*prove(its, gathering.published(conn, its)), *gathering.unproven_rows(conn, its))]

    return await shop.database.read(work)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2])
async def test_everything_follows_from_the_evidence(shop: World, seed: int):
    await some_weeks(shop, seed=seed)
    await shop.start(shop.engine.catalogue)
    await Closing(shop.database, shop.engine, shop.clock, "1.0").run()  # type: ignore[arg-type]  # the real one inside

    its, said = await gathered(shop)

    assert list(prove(its, said)) == []
    assert await findings(shop) == []
    assert len(its.chain) > 30
    assert len(said.days) > 60
    assert {one["period"] for one in said.documents} >= {"2026", "2026-09", "2026-10"}
    assert {one.period for one in said.records} == {"2026-09"}
    year = next(one for one in said.documents if one["period"] == "2026")
    assert float(year["seconds"]["down"]) > 0
    assert float(year["seconds"]["excluded"]) > 0
    assert year["raw"] != {key: year[key] for key in year["raw"]}


@pytest.fixture
async def quiet(shop: World) -> World:
    """Four days with one outage, an exclusion, and a record; three of them sealed."""
    for day in range(4):
        verdicts = (UP, UP, DOWN, DOWN, UP, UP) if day == 1 else (UP, UP, UP)
        await shop.sees(*verdicts)
        await shop.sees(*verdicts, component="api")
        if day == 2:
            made = Adjustment("ADJ-2026-0001", shop.clock.us, "anna", "a drill", "exclude", NOON_US, NOON_US + S, scope="shop")
            await shop.database.write(partial(adjustments.add, adjustment=made))
        if day < 3:
            shop.clock.us += DAY_US
            await keep_house(shop)
    return shop


async def test_days_that_are_not_sealed_yet_count_all_the_same(quiet: World):
    its, said = await gathered(quiet)

    assert list(prove(its, said)) == []
    assert len({one.received_on for one in its.blobs}) == 4
    assert len(its.chain) == 3
    assert {one.day for one in said.days} == {"2026-09-21", "2026-09-22", "2026-09-23", "2026-09-24"}


SEAL = "UPDATE seals SET {} WHERE received_on = '2026-09-22'"
TARGET = """UPDATE contracts SET document = replace(document, '"target":"99.99"', '"target":"9.99"')"""
STATED = "its hash is not that of what is stated"


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (
            "UPDATE segments SET point = 0, best = 0, worst = 0 WHERE point = 2",
            "shop/web/home 2026-09-22: down_us was said to be 0;",
        ),
        ("DELETE FROM segments WHERE point = 2", "shop 2026-09: availability.exact.point was said to be"),
        (SEAL.format("digest = previous"), f"seal of 2026-09-22: {STATED}"),
        (SEAL.format("previous = digest"), "seal of 2026-09-22: it is not chained to the seal of the day before"),
        ("DELETE FROM seals WHERE received_on = '2026-09-22'", "seal of 2026-09-23: the one before it is of 2026-09-21"),
        ("DELETE FROM seals WHERE received_on = '2026-09-21'", "seal of 2026-09-22: it is the first, and is chained to another"),
        ("UPDATE adjustments SET reason = 'another'", f"seal of 2026-09-23: {STATED}"),
        ("DELETE FROM adjustments", "seal of 2026-09-23: the contracts, adjustments and planned work are not as sealed"),
        (TARGET, f"seal of 2026-09-21: {STATED}"),
        ("DELETE FROM day_blobs WHERE received_on = '2026-09-22'", f"seal of 2026-09-22: {STATED}"),
        (
            "UPDATE day_blobs SET blob = (SELECT blob FROM day_blobs ORDER BY check_id, received_on LIMIT 1)",
            " are not those that were sealed",
        ),
        ("UPDATE day_blobs SET digest = (SELECT digest FROM day_blobs ORDER BY check_id, received_on LIMIT 1)", STATED),
        ("UPDATE results SET verdict = 'up' WHERE verdict = 'down'", "shop/web/home 2026-09-22: 2 raw results are not what was"),
        ("UPDATE results SET received_us = received_us - 1 WHERE verdict = 'down'", "shop/api/home 2026-09-22: 2 raw results"),
    ],
)
async def test_whatever_is_bent_a_little_is_found_and_named(quiet: World, tampering: str, found: str):
    assert await findings(quiet) == []

    await quiet.database.write(lambda conn: conn.exec_driver_sql(tampering) and None)

    told = await findings(quiet)
    assert [one for one in told if found in one], told


async def test_a_blob_that_cannot_be_read_is_said_once_and_no_figure_is_made_up(quiet: World):
    await quiet.database.write(lambda conn: conn.exec_driver_sql("UPDATE day_blobs SET blob = digest") and None)

    told = await findings_of_proof(quiet)

    assert len(told) == 1
    assert "so no figure was recomputed: the day blob of shop/" in told[0]


async def findings_of_proof(shop: World) -> list[str]:
    def work(conn: Connection) -> list[str]:
        its = gathering.stated(conn, YEAR, shop.clock.us)
        return [str(one) for one in prove(its, gathering.published(conn, its))]

    return await shop.database.read(work)


async def test_a_figure_that_was_bent_is_named_with_its_product_and_period(quiet: World):
    its, said = await gathered(quiet)
    month = next(one for one in said.documents if one["period"] == "2026-09")
    bent = {**month, "seconds": {**month["seconds"], "down": "1"}}
    documents = [bent if one is month else one for one in said.documents]

    told = [str(one) for one in prove(its, replace(said, documents=documents))]

    assert told == [f'shop 2026-09: seconds.down was said to be "1"; from the results it is "{month["seconds"]["down"]}"']


async def test_a_published_record_that_the_evidence_does_not_bear_out_is_named(quiet: World):
    quiet.clock.us += 20 * DAY_US
    await quiet.start(quiet.engine.catalogue)
    await Closing(quiet.database, quiet.engine, quiet.clock, "1.0").run()  # type: ignore[arg-type]  # the real one inside
    its, said = await gathered(quiet)
    assert list(prove(its, said)) == []
    record = said.records[0]
    bent = replace(record, content={**record.content, "counted_us": 1})

    told = [str(one) for one in prove(its, replace(said, records=[bent]))]

    assert told == [
        "published record of shop 2026-09, revision 1: counted_us was said to be 1; "
        f"from the results it is {record.content['counted_us']}"
    ]


async def test_planned_work_is_set_aside_as_it_was_announced(shop: World):
    """Every night, up to its yearly cap; one on the product, and one that was told too late."""
    its = catalogue(web=Severity.CRITICAL, api=Severity.SEVERE)
    rule = MaintenanceRule(treat="excluded", notice_us=60 * S, cap_us=400 * S)
    await shop.start(replace(its, commitment=replace(its.commitment, maintenance=rule)))
    plan = MaintenanceCommands(shop.engine, shop.clock).schedule
    for scope, begins_s, more in (("shop/web", 90, {"rule": "FREQ=DAILY"}), ("shop", 100, {}), ("shop/api", 10, {})):
        begin_us = shop.clock.us + begins_s * S
        await plan({"scope": scope, "from": exact(begin_us), "to": exact(begin_us + 100 * S), "title": "Work", **more}, "bea")
    for _ in range(9):
        begun_us = shop.clock.us
        for component in ("web", "api"):
            await shop.sees(UP, UP, DOWN, DOWN, DOWN, DOWN, DOWN, UP, UP, component=component)
        shop.clock.us = begun_us + DAY_US
        await keep_house(shop)
    shop.clock.us += 20 * DAY_US
    await shop.start(shop.engine.catalogue)
    await Closing(shop.database, shop.engine, shop.clock, "1.0").run()  # type: ignore[arg-type]  # the real one inside

    its_, said = await gathered(shop)

    assert list(prove(its_, said)) == []
    year = next(one for one in said.documents if one["period"] == "2026")
    assert 0 < float(year["seconds"]["maintenance"]) <= 100
    assert year["raw"]["seconds"]["down"] != year["seconds"]["down"]
    assert [one.content["maintenance"][:2] for one in said.records] == [["MW-2026-0001@2026-09-21", "MW-2026-0001@2026-09-22"]]
    assert sum(one.planned for one in its_.chain[-1:]) == 3

    bent = replace(its_, facts=its_.facts._replace(planned=its_.facts.planned[1:]))
    told = [str(one) for one in prove(bent, said)]
    assert "the contracts, adjustments and planned work are not as sealed" in told[0]
    assert [one for one in told if one.startswith("shop 2026: seconds.down was said to be")]


async def test_a_year_that_goes_on_before_it_and_after_it_is_cut_where_it_ends(shop: World):
    """An outage over midnight of New Year, and results of each year received in the other."""
    shop.clock.us = 1_798_761_600 * S - 60 * S
    await shop.sees(UP, UP, DOWN, DOWN, DOWN, DOWN, UP, UP)
    shop.clock.us += 40 * DAY_US
    await shop.sees(UP, UP)
    await keep_house(shop)

    for year in (2026, 2027):
        its, said = await gathered(shop, year)
        assert list(prove(its, said)) == []
        down = next(one for one in said.documents if one["period"] == str(year))["seconds"]["down"]
        assert float(down) > 10


async def test_what_got_another_name_is_proven_under_it(quiet: World):
    renamed = replace(otherwise("v2", id="shop/web/door"), renames={"shop/web/home": "shop/web/door"})
    await quiet.start(renamed)
    await quiet.sees()

    its, said = await gathered(quiet)

    assert list(prove(its, said)) == []
    assert {one.check for one in said.days} == {"shop/web/door", "shop/api/home"}


@pytest.mark.parametrize("year", [2027, 2999])
async def test_of_a_year_that_has_not_begun_there_is_nothing_to_prove(quiet: World, year: int):
    with pytest.raises(StorageRefused, match=f"{year} has not begun yet"):
        await gathered(quiet, year)


async def test_a_finding_is_a_sentence_about_something():
    assert str(Finding("shop 2026", "it is not so")) == "shop 2026: it is not so"


@pytest.mark.parametrize("days_later", [0, 3])
async def test_what_another_monitor_recorded_in_an_earlier_year_is_proven_too(shop: World, days_later: int):
    """Received long after that year, by day of receipt: sealed or not yet, it is the evidence of that year."""
    began_us = NOON_US - 300 * DAY_US
    place = f"{IMPORTED}kuma"
    await shop.engine.records.begin([ImportedCheck("shop/web/home", place, Rules(horizon_us=130 * S), began_us)])
    taken = [shop.result(verdict) for verdict in (UP, UP, DOWN, DOWN, DOWN, UP, UP)]
    at = [began_us + number * 60 * S for number in range(len(taken))]
    batch = [replace(one, location=place, started_us=t, ended_us=t, config_version="") for one, t in zip(taken, at, strict=True)]
    await shop.engine.records.take(batch)
    await shop.engine.flush()
    shop.clock.us += days_later * DAY_US
    await shop.sees(UP, UP)
    await keep_house(shop)

    its, said = await gathered(shop, 2025)

    assert list(prove(its, said)) == []
    assert [(one.location, one.check) for one in its.blobs] == [(place, "shop/web/home")]
    assert {date.fromisoformat(one.day).year for one in said.days} == {2025}
    year = next(one for one in said.documents if one["period"] == "2025")
    assert year["seconds"]["down"] == "180"
    assert list(prove(*await gathered(shop, 2026))) == []
    assert len(its.chain) == days_later
