"""Which results are evidence (AVAILABILITY B1): the first reason that applies, whatever else is wrong with a result."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import reference as ref
from tests.domain.adapter import evidence_of, iso
from tests.domain.examples import examples

CONFIG = ref.Config((ref.Place("a"), ref.Place("b", 20, 60)), horizon=50, max_skew=2, late=30)


def told(results: list[ref.Result], config: ref.Config = CONFIG) -> tuple[list[str], list[tuple[str, str]]]:
    """Ids that are evidence, and the log, from the domain."""
    case: dict[str, Any] = {
        "config": {
            "locations": [
                {"id": one.id}
                | ({} if one.since is None else {"from": iso(one.since)})
                | ({} if one.until is None else {"to": iso(one.until)})
                for one in config.places
            ],
            "horizon_us": config.horizon,
            "max_skew_us": config.max_skew,
            **({} if config.late is None else {"late_us": config.late}),
        },
        "results": [
            {"id": r.id, "loc": r.location, "epoch": r.epoch, "s": iso(r.s), "e": iso(r.e), "v": r.v, "recv": iso(r.recv)}
            for r in results
        ],
    }
    evidence, log = evidence_of(case)
    return [one.id for one in evidence], [(one, reason) for one, reason in log]


# Each of these breaks its own rule and every later one that it can break together with it.
@pytest.mark.parametrize(
    ("location", "start", "end", "verdict", "received", "reason"),
    [
        ("nowhere", 50, 40, "fine", 0, "unknown_location"),
        ("b", 70, 60, "fine", 0, "bad_verdict"),
        ("b", 70, 60, "unknown", 0, "negative"),
        ("b", 70, 70, "unknown", 67, "future"),
        ("b", 0, 33, "unknown", 31, "late"),  # exactly max_skew ahead is not future
        ("b", 10, 10, "unknown", 40, "inactive"),  # exactly late_us is not late
        ("b", 60, 60, "unknown", 60, "inactive"),  # the end of its time is outside
        ("b", 20, 20, "unknown", 20, "prober_error"),  # the beginning is inside
        ("b", 59, 70, "up", 68, None),
        ("a", 5, 5, "down", 35, None),
    ],
)
def test_a_result_is_rejected_for_the_first_reason_that_applies(
    location: str, start: int, end: int, verdict: str, received: int, reason: str | None
) -> None:
    result = ref.Result("r", location, 0, start, end, verdict, received)
    assert told([result]) == (["r"], []) if reason is None else told([result]) == ([], [("r", reason)])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, "duplicate"),
        ({"recv": 30}, "duplicate"),
        ({"location": "b"}, "conflict"),
        ({"epoch": 1}, "conflict"),
        ({"s": 21}, "conflict"),
        ({"e": 26}, "conflict"),
        ({"v": "down"}, "conflict"),
        ({"v": "fine"}, "conflict"),
    ],
)
def test_of_results_with_one_id_the_first_stands(changed: dict[str, Any], reason: str) -> None:
    first = ref.Result("r", "a", 0, 22, 25, "up", 25)
    assert told([first, first._replace(**changed)]) == (["r"], [("r", reason)])


def test_an_id_that_was_rejected_is_known_all_the_same() -> None:
    first = ref.Result("r", "a", 0, 22, 20, "up", 25)
    assert told([first, first._replace(e=25)]) == ([], [("r", "conflict"), ("r", "negative")])


def test_without_a_limit_nothing_is_late() -> None:
    old = ref.Result("r", "a", 0, 0, 0, "up", 10**12)
    assert told([old], CONFIG._replace(late=None)) == (["r"], [])


results = st.builds(
    ref.Result,
    id=st.sampled_from("rst"),
    location=st.sampled_from(["a", "b", "nowhere"]),
    epoch=st.integers(0, 1),
    s=st.integers(10, 70),
    e=st.integers(10, 70),
    v=st.sampled_from(["up", "up", "down", "degraded", "unknown", "fine", ""]),
    recv=st.integers(0, 100),
)


@examples(300)
@given(st.lists(results, max_size=6))
def test_evidence_and_log_are_those_of_the_words(arriving: list[ref.Result]) -> None:
    evidence, log = ref.accepted(arriving, CONFIG)
    assert told(arriving) == ([one.id for one in evidence], log)
