"""A result that comes late takes its place as if it had come in time (AVAILABILITY B13)."""

from __future__ import annotations

import pytest

from uptimed.domain.definition import segments_of
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.runs import runs_of
from uptimed.domain.states import Verdict
from uptimed.domain.timeline import CheckTimeline, OutOfOrder

S = 1_000_000
POLICY = TimelinePolicy((ActiveLocation("a"),), horizon_us=50 * S)


def seen(at_s: int, verdict: Verdict = Verdict.UP, took_s: int = 0) -> Evidence:
    return Evidence(f"a{at_s}", "a", 0, at_s * S, (at_s + took_s) * S, verdict)


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
    ],
)
def test_a_late_result_takes_its_place(in_time: list[Evidence], late: Evidence) -> None:
    timeline = CheckTimeline(POLICY)
    for one in in_time:
        timeline.fold(one)

    asked = timeline.fold(late)
    assert isinstance(asked, OutOfOrder)
    timeline.rebuild(asked, [one for one in in_time if asked.from_us <= one.start_us <= asked.to_us])

    assert timeline.runs == runs_of([*in_time, late], POLICY.horizon_us)
    assert timeline.segments == segments_of([*in_time, late], POLICY)


def test_no_more_evidence_is_asked_for_than_two_horizons_before_the_late_result() -> None:
    timeline = CheckTimeline(POLICY)
    for one in STEADY:
        timeline.fold(one)

    asked = timeline.fold(seen(510, Verdict.DOWN))

    assert isinstance(asked, OutOfOrder)
    assert asked.from_us == (510 - 100) * S
