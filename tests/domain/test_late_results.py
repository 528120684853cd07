"""A result that comes late takes its place as if it had come in time (AVAILABILITY B13)."""

from __future__ import annotations

import pytest

from uptimed.domain.definition import segments_of
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import LATE_US, Acceptance, ActiveLocation, Evidence, Rejection, judge
from uptimed.domain.runs import runs_of
from uptimed.domain.states import Verdict
from uptimed.domain.timeline import CheckTimeline, OutOfOrder

S = 1_000_000
POLICY = TimelinePolicy((ActiveLocation("a"),), horizon_us=50 * S)


def seen(at_s: int, verdict: Verdict = Verdict.UP, took_s: int = 0) -> Evidence:
    return Evidence(f"a{at_s}", "a", 0, at_s * S, (at_s + took_s) * S, verdict)


LATER = [seen(at_s, Verdict.DOWN) for at_s in range(40, 400, 20)]
STEADY = [seen(at_s) for at_s in range(0, 1000, 20)]


@pytest.mark.parametrize(
    ("in_time", "late"),
    [
        pytest.param(STEADY, seen(510, Verdict.DOWN), id="a failure within a long good run"),
        pytest.param(STEADY, seen(510), id="one more good result of a long run"),
        pytest.param([*STEADY, *(seen(at_s) for at_s in range(1200, 2000, 20))], seen(1020), id="just before a silence"),
        pytest.param([seen(0), seen(60), seen(80)], seen(30), id="what joins two chains to one"),
        pytest.param(
            [*STEADY, seen(2005), seen(2024)], seen(1999, took_s=30), id="a slow answer that leaves the newest chain unmeasured"
        ),
        pytest.param(
            [seen(0), seen(20, Verdict.DOWN), seen(40)], seen(20, Verdict.UP, 5)._replace(id="b"), id="two that began together"
        ),
        pytest.param(
            [seen(0), seen(20), seen(20, Verdict.DOWN, 8)._replace(id="b"), *LATER],
            seen(370, Verdict.DOWN),
            id="a run that began together with the end of another, long before",
        ),
        pytest.param(
            [seen(0), seen(9, took_s=48), seen(20), seen(20, Verdict.DOWN, 8)._replace(id="b"), *LATER],
            seen(119, Verdict.DOWN),
            id="... just within reach, after a slow answer",
        ),
    ],
)
def test_a_late_result_takes_its_place(in_time: list[Evidence], late: Evidence) -> None:
    timeline = CheckTimeline(POLICY)
    for number, one in enumerate([*in_time, late]):
        asked = timeline.fold(one)
        if isinstance(asked, OutOfOrder):
            timeline.rebuild(asked, [known for known in in_time[:number] if asked.from_us <= known.start_us <= asked.to_us])
    assert isinstance(asked, OutOfOrder)

    assert timeline.runs == runs_of([*in_time, late], POLICY.horizon_us)
    assert timeline.segments == segments_of([*in_time, late], POLICY)


def test_many_late_results_are_placed_at_once() -> None:
    """Some before the runs that are there, some within them and some after."""
    timeline = CheckTimeline(POLICY)
    in_time = [seen(at_s) for at_s in (300, 320, 340, 600, 620)]
    for one in in_time:
        timeline.fold(one)
    late = [seen(at_s, Verdict.DOWN if 330 < at_s < 400 else Verdict.UP) for at_s in range(105, 800, 20)]

    asked = [timeline.around(one) for one in late]
    span = asked[0]._replace(to_us=max(one.to_us for one in asked))
    timeline.rebuild(span, [*late, *(one for one in in_time if span.from_us <= one.start_us <= span.to_us)])

    assert timeline.runs == runs_of([*in_time, *late], POLICY.horizon_us)
    assert timeline.segments == segments_of([*in_time, *late], POLICY)


def test_no_more_evidence_is_asked_for_than_two_horizons_before_the_late_result() -> None:
    timeline = CheckTimeline(POLICY)
    for one in STEADY:
        timeline.fold(one)

    asked = timeline.fold(seen(510, Verdict.DOWN))

    assert isinstance(asked, OutOfOrder)
    assert asked.from_us == (510 - 100) * S


def test_what_a_person_imported_is_never_too_late() -> None:
    acceptance = Acceptance((ActiveLocation("a"), ActiveLocation("import:kuma")), late_us=LATE_US)
    received_us = 400 * 86_400 * S

    assert judge("a", 0, S, received_us, "up", acceptance) is Rejection.LATE
    assert judge("import:kuma", 0, S, received_us, "up", acceptance) is None
