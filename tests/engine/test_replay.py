"""Recorded results through the real ingest: the figures are those of the definition, whatever came when."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.links import ProbeResult
from probes.outcome import Outcome, Verdict
from tests.engine.world import NOON_US, S, world
from uptimed.domain.catalogue import Catalogue, Check, Commitment, Component, Location, Product, Site
from uptimed.domain.definition import segments_of
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import Evidence
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment
from uptimed.domain.states import Verdict as Word
from uptimed.engine.ingest import MANY
from uptimed.engine.memory import Picture
from uptimed.engine.replay import Recorded, Tally, recorded, replayed

HOME = "shop/web/home"
PLACES = ("a", "b", "c")


def catalogue(*checks: str, places: tuple[str, ...] = ("a",), since_us: int | None = None) -> Catalogue:
    watched = tuple(Check(one, "http", None, 20 * S, 8 * S, locations=places) for one in checks or (HOME,))
    web = Component("shop/web", {"en": "Web"}, Severity.CRITICAL, watched)
    return Catalogue(
        version="v1",
        site=Site(),
        commitment=Commitment(),
        locations=tuple(Location(one, {"en": one}) for one in places),
        products=(Product("shop", {"en": "Shop"}, (web,), since_us=since_us),),
    )


def a_look(at_s: float, verdict: str = "up", *, check: str = HOME, place: str = "a", took_s: float = 0.1, **more: Any) -> Recorded:
    started_us = NOON_US + round(at_s * S)
    return recorded(
        check=check, location=place, started_us=started_us, ended_us=started_us + round(took_s * S), verdict=verdict, **more
    )


async def replay(results: list[Recorded], its: Catalogue) -> tuple[Picture, Tally, list[tuple[str, str]]]:
    rejected: list[tuple[str, str]] = []
    in_order = sorted(results, key=lambda one: one.received_us)
    async with replayed(in_order, its, on_rejected=lambda one, why: rejected.append((one.id, why))) as (picture, tally):
        return picture, tally, rejected


def by_definition(results: list[Recorded], its: Catalogue) -> list[Segment]:
    evidence = [
        Evidence(one.id, one.location, one.epoch, one.started_us, one.ended_us, Word(one.outcome.verdict.value)) for one in results
    ]
    return segments_of(evidence, TimelinePolicy.of(next(its.checks())))


def delayed(slot: int, jitter: float, delay: int, **more: Any) -> Recorded:
    return a_look(20 * slot + jitter, received_us=NOON_US + (20 * slot + 30 + delay) * S, **more)


looks = st.builds(
    delayed,
    slot=st.integers(0, 60),
    place=st.sampled_from(PLACES),
    jitter=st.floats(0, 15),
    verdict=st.sampled_from(["up", "up", "up", "degraded", "down"]),
    took_s=st.floats(0, 8),
    delay=st.sampled_from([0, 0, 0, 90, 400]),
    epoch=st.sampled_from([0, 0, 0, 1]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(looks, min_size=2, max_size=5 * MANY, unique_by=lambda one: (one.location, one.epoch, one.started_us)))
def test_late_or_not_few_or_many_the_timeline_is_that_of_all_evidence_at_once(results: list[Recorded]) -> None:
    its = catalogue(places=PLACES)

    picture, tally, _ = asyncio.run(replay(results, its))

    assert tally.evidence == len(results)
    assert picture.checks[HOME].timeline.segments == by_definition(results, its)


async def test_a_backlog_that_comes_after_newer_results_is_put_where_it_belongs() -> None:
    its = catalogue()
    results = [a_look(20 * n, "down" if 200 <= n < 210 else "up") for n in range(400)]
    backlog = [
        recorded(
            check=one.check,
            location="a",
            started_us=one.started_us,
            ended_us=one.ended_us,
            verdict=one.outcome.verdict.value,
            received_us=results[-1].received_us + 1,
        )
        for one in results[100:300]
    ]
    random.Random(7).shuffle(backlog)

    picture, _, _ = await replay([*results[:100], *results[300:], *backlog], its)

    assert picture.checks[HOME].timeline.segments == by_definition(results, its)
    assert any(one.point.word == "down" for one in picture.checks[HOME].timeline.segments)


async def test_what_is_no_evidence_has_its_reason_and_moves_nothing() -> None:
    good = [a_look(20 * n) for n in range(10)]
    bad = {
        "future": a_look(61, "down", received_us=NOON_US + 50 * S),
        "negative": a_look(62, "down", took_s=-1),
        "unknown_location": a_look(63, "down", place="nowhere"),
        "unknown_check": a_look(64, "down", check="shop/web/gone"),
        "bad_verdict": a_look(65, "sideways"),
        "prober_error": a_look(66, "unknown"),
    }
    its = catalogue()

    picture, tally, rejected = await replay([*good, *bad.values()], its)

    assert sorted(rejected) == sorted((one.id, why) for why, one in bad.items())
    assert (tally.results, tally.evidence) == (16, 10)
    assert picture.checks[HOME].timeline.segments == by_definition(good, its)


async def test_of_two_results_with_one_id_the_first_received_stands() -> None:
    its = catalogue()
    results = [a_look(20 * n, result_id=f"r{n}") for n in range(6)]
    again = a_look(60, result_id="r3", received_us=NOON_US + 500 * S)
    other = a_look(60, "down", result_id="r3", received_us=NOON_US + 400 * S)
    before = a_look(39, "down", result_id="r2")

    _, tally, _ = await replay([*results, again, other], its)
    picture, _, _ = await replay([*results, before], its)

    assert tally.reasons == Counter(duplicate=1, conflict=1)
    assert picture.checks[HOME].timeline.segments == by_definition([*results[:2], before, *results[3:]], its)


async def test_ids_of_workers_are_looked_up_all_the_same() -> None:
    """A worker's numbers only ever rise; a file's may not, and the same one may come again behind a lower one."""
    numbers = [1, 3, 2, 3, 2]
    results = [a_look(20 * n, result_id=f"{HOME}/a/w1/boot1/{n}", received_us=NOON_US + n) for n in (1, 2, 3)]
    arriving = [
        a_look(20 * n, result_id=results[n - 1].id, received_us=NOON_US + 200 * S + place) for place, n in enumerate(numbers)
    ]

    _, tally, _ = await replay(arriving, catalogue())

    assert (tally.evidence, tally.reasons) == (3, Counter(duplicate=2))


async def test_the_same_line_twice_is_one_look() -> None:
    """Two failures confirm an outage; one failure that was written down twice does not."""
    results = [a_look(0), a_look(20, "down"), a_look(20, "down"), a_look(40), a_look(60)]

    picture, _, _ = await replay(results, catalogue())

    assert not [one for one in picture.checks[HOME].timeline.segments if one.point.word == "down"]


async def test_without_since_a_product_is_in_service_from_its_first_result_on() -> None:
    one, other = "shop/web/home", "shop/web/login"
    its = catalogue(one, other)
    early, late = [a_look(20 * n) for n in range(9)], [a_look(1000 + 20 * n, check=other) for n in range(9)]

    picture, _, _ = await replay([*early, *late], its)

    assert picture.products["shop"].service_start_us == NOON_US


@pytest.mark.parametrize("many", [False, True], ids=["one by one", "a backlog"])
async def test_a_daemon_and_a_replay_of_what_it_was_told_agree(tmp_path: Path, many: bool) -> None:
    words = [Verdict.UP] * 50 + [Verdict.DOWN] * 3 + [Verdict.UP] * 20 + [Verdict.DOWN] + [Verdict.UP] * 26
    told = [
        ProbeResult(
            f"{HOME}/local/w1/b1/{number}", HOME, "local", 0, "v1", at_us, at_us + S // 10, 0, 0, 0.0, Outcome(word, "recorded")
        )
        for number, word in enumerate(words)
        for at_us in [NOON_US + 20 * S * number]
    ]
    async with world(tmp_path) as there:
        await there.start()
        there.clock.us = told[-1].ended_us
        for batch in [told] if many else [[one] for one in told]:
            await there.engine.on_batch(batch)
        live = there.engine.picture.checks[HOME].timeline.segments
        its = there.engine.catalogue

    again = [
        recorded(check=HOME, location="local", started_us=one.started_us, ended_us=one.ended_us, verdict=one.outcome.verdict.value)
        for one in told
    ]
    picture, _, _ = await replay(again, its)

    assert picture.checks[HOME].timeline.segments == live


async def test_results_under_a_name_of_old_count_for_the_check_of_now() -> None:
    its = replace(catalogue(), renames={"shop/front/home": HOME})
    results = [a_look(20 * n, check="shop/front/home") for n in range(6)]

    picture, tally, _ = await replay(results, its)

    assert tally.evidence == 6
    assert picture.checks[HOME].timeline.segments
