"""Planned work in the engine: set aside at once, nobody is called in it, and what is still down after it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from probes.outcome import Verdict
from tests.engine.world import S, World, catalogue, world
from uptimed.domain.adjustments import Invalid
from uptimed.domain.catalogue import MaintenanceRule
from uptimed.domain.civil import instant_from, local
from uptimed.engine.availability import document, period_of
from uptimed.engine.engine import Engine
from uptimed.engine.payload import exact
from uptimed.engine.recurrence import refuse_unless_rule, starts_of
from uptimed.engine.restore import read_picture
from uptimed.web.control import Refusal
from uptimed.web.maintenance import MaintenanceCommands

UP, DOWN = Verdict.UP, Verdict.DOWN


def promise(**rule: object):
    its = catalogue()
    return replace(its, commitment=replace(its.commitment, maintenance=MaintenanceRule(**{"treat": "excluded", **rule})))


@pytest.fixture
async def shop(tmp_path: Path):
    async with world(tmp_path) as its:
        yield its


async def plan(shop: World, begins_s: int, ends_s: int, **more: str):
    now_us = shop.clock.us
    about = {
        "scope": "shop/web",
        "from": exact(now_us + begins_s * S),
        "to": exact(now_us + ends_s * S),
        "title": "Upgrade",
        **more,
    }
    return await MaintenanceCommands(shop.engine, shop.clock).schedule(about, "bea")


def figures(engine: Engine, now_us: int):
    name, period = period_of("UTC", 2026)
    return document(engine.picture.products["shop"], name, period, now_us, "99.99")


async def test_an_outage_within_planned_work_calls_nobody_and_is_told_when_the_work_is_over(shop: World):
    await shop.start(promise())
    await shop.sees(UP, UP)
    await plan(shop, 10, 300)
    await shop.sees(UP, DOWN, DOWN, DOWN)

    component = shop.engine.picture.components["shop/web"]
    assert (component.state, component.as_measured) == ("planned", "down")
    assert shop.engine.picture.products["shop"].state == "planned"
    assert shop.engine.incidents.open_cases() == []
    assert await shop.messages() == []

    await shop.sees(*[DOWN] * 14)

    (case,) = shop.engine.incidents.open_cases()
    assert case.incident.components == ("shop/web",)
    assert component.state == "down"
    assert await shop.messages()


async def test_an_outage_that_ends_within_the_work_never_opens_an_incident_and_is_in_the_record(shop: World):
    await shop.start(promise())
    await shop.sees(UP, UP)
    await plan(shop, 10, 300)
    await shop.sees(UP, DOWN, DOWN, DOWN, *[UP] * 14)

    assert shop.engine.incidents.cases == {}
    (outage,) = shop.engine.picture.components["shop/web"].outages.values()
    assert outage.ended_at_us is not None
    assert shop.engine.picture.components["shop/web"].state == "working"


async def test_after_a_restart_within_the_work_it_goes_on_and_what_lasts_is_told_after_it(shop: World):
    await shop.start(promise())
    await shop.sees(UP, UP)
    await plan(shop, 10, 300)
    await shop.sees(UP, DOWN, DOWN, DOWN)
    await shop.start(promise())

    assert shop.engine.picture.components["shop/web"].state == "planned"
    assert shop.engine.incidents.open_cases() == []

    shop.clock.us += 300 * S
    shop.engine.tick()

    assert len(shop.engine.incidents.open_cases()) == 1


async def test_what_was_announced_early_enough_is_out_of_the_figure_and_in_its_raw_twin(shop: World):
    await shop.start(promise())
    await shop.sees(UP, UP)
    await plan(shop, 10, 300)
    await shop.sees(UP, DOWN, DOWN, DOWN, *[UP] * 14)
    told = figures(shop.engine, shop.clock.us)

    # The product sees planned work of a component as up (AVAILABILITY B9).
    assert told["seconds"]["down"] == "0"
    assert float(told["raw"]["seconds"]["down"]) > 50


async def test_work_on_the_product_is_told_as_maintenance_and_a_reading_command_says_the_same(shop: World):
    await shop.start(promise())
    await shop.sees(UP, UP)
    before_us = shop.clock.us
    shop.clock.us += S
    await plan(shop, 10, 130, scope="shop")
    await shop.sees(*[UP] * 12)
    told = figures(shop.engine, shop.clock.us)
    read = await read_picture(shop.database.real, promise(), shop.clock.us)
    earlier = await read_picture(shop.database.real, promise(), shop.clock.us, as_known_at_us=before_us)

    name, period = period_of("UTC", 2026)
    assert told["seconds"]["maintenance"] == "120"
    assert document(read.products["shop"], name, period, shop.clock.us, "99.99") == told
    assert document(earlier.products["shop"], name, period, shop.clock.us, "99.99")["seconds"]["maintenance"] == "0"


@pytest.mark.parametrize(
    ("rule", "begins_s", "doubt", "set_aside"),
    [
        ({"notice_us": 3600 * S}, 600, "shorter than the 1 h of the commitment", 0),
        ({"cap_us": 60 * S}, 600, "yearly cap of 1 min is used up", 60),
        ({"treat": "counted"}, 600, "treats planned work as counted", 120),
    ],
)
async def test_whoever_schedules_is_told_what_will_count_as_ordinary_time(shop: World, rule, begins_s, doubt, set_aside):
    await shop.start(promise(**rule))
    answer = await plan(shop, begins_s, begins_s + 120)

    (said,) = answer["doubts"]
    assert doubt in said
    assert answer["seconds"] == {"planned": 120, "set_aside": set_aside}


async def test_without_any_doubt_none_is_told(shop: World):
    await shop.start(promise(notice_us=60 * S, cap_us=3600 * S))
    assert (await plan(shop, 60, 120))["doubts"] == []


async def test_work_is_extended_finished_and_cancelled_with_a_line_of_the_audit_log_each(shop: World):
    await shop.start(promise(notice_us=60 * S))
    commands = MaintenanceCommands(shop.engine, shop.clock)
    name = (await plan(shop, 60, 120))["id"]
    shop.clock.us += 90 * S
    extended = await commands.extend({"id": name, "to": exact(shop.clock.us + 60 * S)}, "bea")
    shop.clock.us += 10 * S
    finished = await commands.finish({"id": name}, "bea")

    assert extended["doubts"]
    assert (finished["stage"], finished["seconds"]["planned"]) == ("finished", 40)
    with pytest.raises(Refusal, match="is over"):
        await commands.cancel({"id": name}, "bea")
    cancelled = await commands.cancel({"id": (await plan(shop, 60, 120))["id"]}, "bea")
    assert cancelled["stage"] == "cancelled"

    def work(connection):
        return [row[0] for row in connection.exec_driver_sql("SELECT what FROM audit ORDER BY position")]

    assert await shop.database.real.read(work) == [
        f"maintenance.{what}" for what in ("schedule", "extend", "finish", "schedule", "cancel")
    ]
    await shop.start(promise(notice_us=60 * S))
    assert [one.cancelled for one in shop.engine.planned.windows] == [False, True]


def test_a_weekly_rule_keeps_the_wall_clock_and_goes_around_the_hour_that_spring_leaves_out():
    first_us = instant_from("2026-03-22T02:30", "Europe/Paris")
    until_us = instant_from("2026-04-06T00:00", "Europe/Paris")
    read = [
        local("Europe/Paris", at).strftime("%m-%d %H:%M") for at in starts_of("FREQ=WEEKLY", "Europe/Paris", first_us, until_us)
    ]

    assert read == ["03-22 02:30", "03-29 03:30", "04-05 02:30"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "BYDAY=SU",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;BYDAY=MO",
        "weekly",
        "FREQ=WEEKLY;BYDAY=XX",
    ],
)
def test_a_rule_that_means_nothing_here_is_refused_with_what_to_write(rule: str):
    with pytest.raises(Invalid, match=r"Nothing was scheduled: .*(write it like|--from)"):
        refuse_unless_rule(rule, "UTC", instant_from("2026-03-03T02:00", "UTC"))
