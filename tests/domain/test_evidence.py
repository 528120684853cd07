"""Out of day blobs comes all the evidence there is, in order, wherever a late result was received."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_dayblob import CHECK, ON, PLACE
from uptimed.domain.dayblob import DAY_US, DayResult, body_of, span_of
from uptimed.domain.evidence import in_order
from uptimed.domain.results import Evidence
from uptimed.domain.runs import runs_of, runs_of_sorted
from uptimed.domain.states import Verdict

FROM_US = span_of(ON)[0]
HORIZON_US = DAY_US // 4

stories = st.lists(
    st.tuples(
        st.integers(0, 5 * 24).map(lambda hours: FROM_US + hours * DAY_US // 24),
        st.sampled_from([0, 1, 7]),
        st.integers(0, 3),
        st.integers(0, 1),
        st.sampled_from(["up", "down", "degraded", "unknown"]),
        st.sampled_from([None, None, None, "late"]),
    ),
    max_size=40,
)  # fmt: skip


def told(story: list[tuple[int, int, int, int, str, str | None]]) -> tuple[list[list[DayResult]], list[Evidence]]:
    """By day of receipt, and what of it is evidence."""
    days: list[list[DayResult]] = [[] for _ in range(9)]
    counting = []
    for number, (start_us, took_us, later, epoch, verdict, rejection) in enumerate(story):
        received_us = start_us + took_us + later * DAY_US
        one = DayResult(f"{CHECK}/{PLACE}/w/b/{number}", epoch, start_us, start_us + took_us, received_us, verdict, rejection)
        days[(received_us - FROM_US) // DAY_US].append(one)
        if rejection is None and verdict != "unknown":
            counting.append(Evidence(one.id, PLACE, epoch, start_us, start_us + took_us, Verdict(verdict)))
    return days, counting


def read(days: list[list[DayResult]]) -> list[Evidence]:
    bodies = [body_of(CHECK, PLACE, ON + timedelta(days=number), several) for number, several in enumerate(days)]
    return [Evidence(*one) for one in in_order([lambda body=body: body for body in bodies])]


@given(stories)
def test_everything_comes_in_order_of_start_end_and_id(story):
    days, counting = told(story)

    assert read(days) == sorted(counting, key=lambda one: (one.start_us, one.end_us, one.id))


@given(stories)
def test_the_runs_are_those_of_the_definition(story):
    days, counting = told(story)

    assert runs_of_sorted(read(days), HORIZON_US) == runs_of(counting, HORIZON_US)


def test_what_was_imported_long_after_stands_before_what_was_received_first():
    now = [DayResult(f"n{n}", 0, FROM_US + n, FROM_US + n, FROM_US + n, "up", None) for n in range(5)]
    then = [
        DayResult(f"t{n}", 0, FROM_US - DAY_US * 400 + n, FROM_US - DAY_US * 400 + n, FROM_US + DAY_US, "up", None)
        for n in range(5)
    ]

    assert [one.id for one in read([now, then])] == ["t0", "t1", "t2", "t3", "t4", "n0", "n1", "n2", "n3", "n4"]
