"""What the checks say, told to people: opening, joining, reopening, resolving, and what must open nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from probes.outcome import Verdict
from tests.engine.world import NOON_US, S, World, catalogue, world
from uptimed.domain.catalogue import EscalationStep
from uptimed.domain.incidents import Stage
from uptimed.domain.messages import Kind
from uptimed.domain.severity import Severity
from uptimed.engine.cases import Case
from uptimed.engine.incidents import Unknown
from uptimed.engine.payload import iso
from uptimed.storage import results

UP, DEGRADED, DOWN, UNKNOWN = Verdict


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as one:
        await one.start()
        yield one


def incident(shop: World) -> Case:
    cases = list(shop.engine.incidents.cases.values())
    assert len(cases) == 1
    return cases[0]


async def test_one_failure_opens_nothing_and_two_open_a_critical_incident(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, gap_s=2)
    assert shop.engine.incidents.cases == {}
    await shop.sees(DOWN, gap_s=2)
    case = incident(shop)
    assert (case.incident.severity, case.incident.stage, case.incident.automatic) == (Severity.CRITICAL, Stage.DETECTED, True)
    assert case.incident.respond_by_us == case.incident.opened_at_us + 3_600 * S
    assert case.updates[0].text == {
        "en": "web fails from London. We are alerting the person on call.",
        "fr": "web ne répond plus depuis Londres. Nous alertons la personne d’astreinte.",
    }


async def test_a_notice_promises_no_alert_that_waits_for_a_later_step(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        later = {severity: (EscalationStep(600 * S, ("pager",)),) for severity in Severity}
        await shop.start(replace(catalogue(), escalation=later))
        await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
        assert incident(shop).updates[0].text["en"] == "web fails from London."


async def test_the_outage_begins_between_the_last_good_and_the_first_bad_result(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN)
    outage = next(iter(incident(shop).outages.values()))
    assert outage.last_good_us == NOON_US + 20 * S
    assert outage.first_bad_us == NOON_US + 40 * S
    assert outage.last_good_us < outage.began_at_us < outage.first_bad_us < outage.confirmed_at_us


async def test_it_resolves_by_itself_after_three_good_results_and_says_so(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    await shop.sees(UP, UP, gap_s=2)
    assert incident(shop).incident.is_open
    await shop.sees(UP, gap_s=2)
    case = incident(shop)
    assert case.incident.stage is Stage.RESOLVED
    assert case.updates[-1].text["en"].startswith("web works again.")
    outage = next(iter(case.outages.values()))
    assert outage.last_bad_us < outage.ended_at_us <= outage.first_good_us == case.outages[outage.id].first_good_us


async def test_the_first_step_is_due_at_once_and_the_next_until_somebody_acknowledges(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    opened_us = incident(shop).incident.opened_at_us
    rows = await shop.messages()
    assert [(row["channel"], row["due_at_us"] - opened_us, row["state"]) for row in rows] == [
        ("hook", 0, "pending"),
        ("pager", 600 * S, "pending"),
    ]
    shop.engine.incidents.acknowledge(incident(shop).incident.id, "anna", shop.clock.us)
    await shop.engine.flush()
    assert [row["state"] for row in await shop.messages()][1] == "cancelled"


async def test_an_outage_soon_after_joins_and_one_soon_after_the_end_reopens(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.start(catalogue(web=Severity.SEVERE, api=Severity.CRITICAL))
        for component in ("web", "api"):
            await shop.sees(UP, UP, component=component, gap_s=2)
        await shop.sees(DOWN, DOWN, component="web", gap_s=2)
        assert incident(shop).incident.severity is Severity.SEVERE
        await shop.sees(DOWN, DOWN, component="api", gap_s=2)
        joined = incident(shop).incident
        assert joined.components == ("shop/web", "shop/api")
        assert joined.severity is Severity.CRITICAL
        await shop.sees(UP, UP, UP, component="web", gap_s=2)
        assert incident(shop).incident.is_open
        await shop.sees(UP, UP, UP, component="api", gap_s=2)
        assert not incident(shop).incident.is_open
        await shop.sees(DOWN, DOWN, component="api", gap_s=2)
        again = incident(shop).incident
        assert again.is_open
        assert again.reopened == 1


async def test_trouble_of_the_monitor_itself_opens_nothing_and_is_told_once(shop: World) -> None:
    await shop.sees(UP, UP)
    for _ in range(6):
        await shop.sees(UNKNOWN)
        shop.engine.tick()
    await shop.engine.flush()
    assert shop.engine.incidents.cases == {}
    assert [row["kind"] for row in await shop.messages()] == ["monitor.impaired"]
    assert shop.engine.picture.components["shop/web"].state == "unmeasured"
    await shop.sees(UP)
    shop.engine.tick()
    await shop.engine.flush()
    assert [row["kind"] for row in await shop.messages()] == ["monitor.impaired", "monitor.recovered"]


async def test_silence_is_neither_up_nor_down_and_keeps_an_incident_open(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    shop.clock.us += 600 * S
    shop.engine.tick()
    assert shop.engine.picture.components["shop/web"].state == "unmeasured"
    assert incident(shop).incident.is_open


async def test_silence_began_with_the_last_result_and_not_when_the_component_was_first_seen_to_work(shop: World) -> None:
    await shop.sees(*[UP] * 10)
    last_us = shop.clock.us - 20 * S
    shop.clock.us += 600 * S
    shop.engine.tick()
    component = shop.engine.picture.components["shop/web"]
    assert (component.state, component.since_us, component.last_measured_us) == ("unmeasured", last_us, last_us)
    await shop.start()
    component = shop.engine.picture.components["shop/web"]
    assert (component.state, component.since_us, component.last_measured_us) == ("unmeasured", last_us, last_us)


async def test_a_product_that_nobody_could_look_at_is_not_said_to_work(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.start(catalogue(web=Severity.MEDIUM))
        assert shop.engine.picture.products["shop"].state == "unmeasured"
        await shop.sees(UP, UP)
        assert shop.engine.picture.products["shop"].state == "working"
        shop.clock.us += 600 * S
        shop.engine.tick()
        assert shop.engine.picture.products["shop"].state == "unmeasured"


async def test_with_the_database_away_alerts_leave_from_memory_and_nothing_is_acknowledged(shop: World) -> None:
    await shop.sees(UP, UP, gap_s=2)
    shop.database.away = True
    kept = await shop.sees(DOWN, DOWN, gap_s=2)
    assert len(kept) == 2
    assert (shop.offered[0].channel, shop.offered[0].kind) == ("hook", "incident.opened")
    shop.database.away = False
    assert set(await shop.engine.on_batch(kept)) == {one.id for one in kept}
    assert [row["id"] for row in await shop.messages()] == [one.id for one in shop.offered]
    case = incident(shop)
    await shop.start()
    assert incident(shop).incident == case.incident


async def test_a_result_that_comes_twice_counts_once(shop: World) -> None:
    await shop.sees(UP, UP, gap_s=2)
    twice = shop.result(DOWN)
    shop.clock.us += S
    for _ in range(3):
        assert twice.id in await shop.engine.on_batch([twice])
    assert shop.engine.incidents.cases == {}


async def test_results_of_an_earlier_life_are_put_where_they_belong(shop: World) -> None:
    await shop.sees(UP, UP)
    late = [shop.result(UP)]
    shop.clock.us += 20 * S
    await shop.start()
    await shop.sees(UP, UP)
    assert set(await shop.engine.on_batch(late)) == {late[0].id}
    segments = shop.engine.picture.checks["shop/web/home"].timeline.segments
    assert [segment.point.word for segment in segments] == ["up"]


@pytest.mark.parametrize(("after_us", "rejection"), [(7 * 86_400 * S, None), (7 * 86_400 * S + 1, "late")])
async def test_a_result_counts_for_seven_days_and_is_kept_after_that(shop: World, after_us: int, rejection: str | None) -> None:
    spooled = shop.result(UP)
    shop.clock.us += after_us
    assert await shop.engine.on_batch([spooled]) == {spooled.id}

    stored = await shop.database.read(lambda connection: results.latest(connection, spooled.check))

    assert stored is not None
    assert (stored.id, stored.rejection) == (spooled.id, rejection)


async def test_once_a_person_has_spoken_the_end_is_only_proposed(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    shop.engine.incidents.say(incident(shop).incident.id, {"en": "We are on it."}, "anna", shop.clock.us)
    await shop.sees(UP, UP, UP, gap_s=2)
    case = incident(shop)
    assert case.incident.is_open
    assert case.incident.resolution_proposed_at_us is not None
    assert case.incident.responded_at_us is not None


async def test_a_restart_forgets_nothing_and_tells_nothing_again(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    before, messages = incident(shop), await shop.messages()
    await shop.start()
    after = incident(shop)
    assert (after.incident, after.updates, after.outages) == (before.incident, before.updates, before.outages)
    await shop.sees(DOWN, gap_s=2)
    assert await shop.messages() == messages
    await shop.sees(UP, UP, UP, gap_s=2)
    assert incident(shop).incident.stage is Stage.RESOLVED


async def test_a_reload_keeps_the_open_incident_of_an_unchanged_check(shop: World) -> None:
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    wanted = catalogue("v2", web=Severity.CRITICAL, api=Severity.SEVERE)
    shop.engine.configure(wanted, {"hook": "en"}, await shop.engine.prepare(wanted))
    assert incident(shop).incident.is_open
    await shop.sees(UP, UP, UP, gap_s=2)
    assert incident(shop).incident.stage is Stage.RESOLVED


SAID = {"en": "We are on it."}


async def sound(shop: World, component: str = "web") -> None:
    """Three good results in a row: whatever it was, it is over."""
    await shop.sees(UP, UP, UP, component=component, gap_s=2)


async def test_what_the_checks_still_see_down_is_closed_only_by_somebody_who_says_so(shop: World) -> None:
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    number = incident(shop).incident.id
    with pytest.raises(Unknown, match=r"shop/web down.*--although-down"):
        shop.engine.incidents.resolve(number, SAID, "bea", shop.clock.us)
    assert incident(shop).incident.is_open

    shop.engine.incidents.resolve(number, SAID, "bea", shop.clock.us, although_down=True)
    assert incident(shop).updates[-1].states == {}
    await shop.engine.flush()
    told = [one.payload["incident"]["down"] for one in await shop.sent() if one.kind is Kind.INCIDENT_RESOLVED]
    assert told == [["shop/web"]]


async def test_a_person_who_spoke_before_it_was_reopened_has_not_spoken_of_what_goes_on_now(shop: World) -> None:
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    number = incident(shop).incident.id
    shop.engine.incidents.say(number, SAID, "bea", shop.clock.us)
    await sound(shop)
    assert incident(shop).incident.resolution_proposed_at_us is not None
    shop.engine.incidents.resolve(number, SAID, "bea", shop.clock.us)

    await shop.sees(DOWN, DOWN, gap_s=2)
    assert incident(shop).incident.reopened == 1
    await sound(shop)

    assert incident(shop).incident.stage is Stage.RESOLVED


async def test_whoever_has_spoken_is_told_that_the_last_word_is_theirs_and_the_public_is_not(shop: World) -> None:
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    shop.engine.incidents.say(incident(shop).incident.id, SAID, "bea", shop.clock.us)
    await sound(shop)

    last = incident(shop).updates[-1]
    assert not last.public
    assert last.text["en"].endswith("uptimed incident resolve INC-2026-0001")
    await shop.engine.flush()
    updated = [one for one in await shop.sent() if one.kind is Kind.INCIDENT_UPDATED and one.channel == "hook"]
    assert updated[-1].payload["update"]["text"] == dict(last.text)


async def test_the_alarm_of_a_reopened_incident_tells_what_goes_on_now(shop: World) -> None:
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    await sound(shop)
    shop.clock.us += 60 * S
    again_us = shop.clock.us
    await shop.sees(UP, UP, DOWN, DOWN, gap_s=2)
    await shop.engine.flush()

    alarms = [one.payload["incident"] for one in await shop.sent() if one.kind is Kind.INCIDENT_OPENED and "reopened" in one.id]
    assert {one["reopened"] for one in alarms} == {1}
    assert all(one["since"] > iso(again_us) > one["began_at"] for one in alarms)


async def test_the_good_time_between_two_outages_is_no_part_of_how_long_it_lasted(shop: World) -> None:
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    await sound(shop)
    shop.clock.us += 300 * S
    await shop.sees(UP, DOWN, DOWN, gap_s=2)
    await sound(shop)

    assert incident(shop).down_us(shop.clock.us) < 20 * S
    assert incident(shop).updates[-1].text["en"] == "web works again. The outage lasted 8\N{NO-BREAK SPACE}s."


async def test_a_lesser_component_opens_an_incident_of_its_own_after_a_graver_one_is_over(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.start(catalogue(web=Severity.CRITICAL, export=Severity.MEDIUM))
        await shop.sees(UP, DOWN, DOWN, gap_s=2)
        await sound(shop)
        shop.clock.us += 400 * S
        await shop.sees(UP, DOWN, DOWN, component="export", gap_s=2)

        first, second = shop.engine.incidents.cases.values()
        assert (first.incident.is_open, second.incident.severity) == (False, Severity.MEDIUM)


async def test_what_a_person_opened_is_not_opened_again_by_the_checks(shop: World) -> None:
    theirs = shop.engine.incidents.open_by_hand(
        components=["shop/web"], severity=Severity.MINOR, title={"en": "Planned"}, text=SAID, who="bea", now_us=shop.clock.us
    )
    shop.engine.incidents.resolve(theirs.incident.id, SAID, "bea", shop.clock.us)
    await shop.sees(UP, DOWN, DOWN, gap_s=2)

    assert not theirs.incident.is_open
    assert [case.incident.severity for case in shop.engine.incidents.open_cases()] == [Severity.CRITICAL]
