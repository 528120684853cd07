"""What must hold for every input (AVAILABILITY B16)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.catalogue import ResponseTarget, SupportHours
from uptimed.domain.deadlines import deadline, elapsed
from uptimed.domain.definition import segments_of
from uptimed.domain.display import floored, upper_text
from uptimed.domain.figures import Contract, figures_of, ratios
from uptimed.domain.overlays import laid_over
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.states import Segment, State, Verdict

S = 1_000_000
HOUR_US = 3600 * S
CONTRACT = Contract(Fraction(9999, 10_000), "99.99", degraded_permille=300)
ALONE = TimelinePolicy((ActiveLocation("a"),), horizon_us=50 * S, confirmations=1)

triples = st.sampled_from(
    [(p, b, w) for p in State for b in list(State)[:3] for w in list(State)[:3] if b <= w and (p == 3 or b <= p <= w)]
)


@st.composite
def timelines(draw: st.DrawFn) -> list[Segment]:
    edges = sorted(draw(st.sets(st.integers(0, 10_000), min_size=2, max_size=20)))
    return [Segment(a, b, *draw(triples)) for a, b in pairwise(edges)]


@given(timelines(), st.lists(st.integers(0, 10_000), min_size=3, max_size=3).map(sorted))
def test_the_sums_of_adjacent_windows_add_up(segments: list[Segment], cuts: list[int]) -> None:
    a, b, c = cuts
    parts = [figures_of(laid_over(segments, window), CONTRACT) for window in ((a, b), (b, c))]
    assert parts[0].plus(parts[1]) == figures_of(laid_over(segments, (a, c)), CONTRACT)


@given(timelines())
def test_the_point_lies_within_its_bounds(segments: list[Segment]) -> None:
    bounded = [one for one in segments if one.point is not State.UNMEASURED or (one.best, one.worst) == (State.UP, State.DOWN)]
    point, lower, upper = ratios(figures_of(laid_over(bounded, (0, 10_000)), CONTRACT))
    assert lower is not None
    assert upper is not None
    assert point is None or lower <= point <= upper


@st.composite
def truths(draw: st.DrawFn) -> tuple[list[Evidence], list[tuple[int, int, Verdict]]]:
    """One check that sees the truth at some instant of each run, the truth changing at most once between two such instants."""
    at_us, state = 0, draw(st.sampled_from([Verdict.UP, Verdict.DEGRADED, Verdict.DOWN]))
    evidence, truth, since_us, proved_us = [], [], -(10**12), 0
    for number in range(draw(st.integers(2, 25))):
        at_us += draw(st.integers(S, 45 * S))
        took_us = draw(st.integers(0, S - 1))
        seen_us = at_us + draw(st.integers(0, took_us))
        if number and draw(st.booleans()):
            change_us = draw(st.integers(proved_us + 1, seen_us))
            truth.append((since_us, change_us, state))
            since_us, state = change_us, draw(st.sampled_from([Verdict.UP, Verdict.DEGRADED, Verdict.DOWN]))
        proved_us = seen_us
        evidence.append(Evidence(f"{number:03}", "a", 0, at_us, at_us + took_us, state))
    return evidence, [*truth, (since_us, 10**12, state)]


@given(truths())
def test_the_true_downtime_is_never_outside_of_the_bounds(story: tuple[list[Evidence], list[tuple[int, int, Verdict]]]) -> None:
    evidence, truth = story
    segments = segments_of(evidence, ALONE)
    true = [Segment(a, b, *[State[verdict.name]] * 3) for a, b, verdict in truth]
    for one in segments:
        if one.point is State.UNMEASURED:
            continue
        window = one.from_us, one.to_us
        bounds, exact = (figures_of(laid_over(these, window), CONTRACT) for these in (segments, true))
        assert bounds.d_lo_ns <= exact.d_ns <= bounds.d_hi_ns


@given(st.fractions(0, 1), st.sampled_from(["99.99", "99.9", "99.5", "100", "95"]))
def test_no_display_crosses_the_target_upwards(value: Fraction, target: str) -> None:
    below = value * 100 < Fraction(target)
    for text in (floored(value, target), upper_text(value, target)):
        assert (Fraction(text) < Fraction(target)) == below
        assert value == 1 or Fraction(text) < 100
    assert Fraction(floored(value, target)) <= value * 100


PARIS = SupportHours("Europe/Paris", holidays=frozenset({date(2026, 4, 6), date(2026, 5, 1)}))
NINE_TO_SIX = SupportHours("Europe/London", from_minute=540, to_minute=1080)


@given(
    st.sampled_from([PARIS, NINE_TO_SIX]),
    st.integers(1_767_225_600 * S, 1_798_761_600 * S),
    st.integers(1, 200 * HOUR_US),
    st.sampled_from(["always", "support_hours"]),
)
def test_a_deadline_is_the_first_instant_at_which_its_clock_shows_the_target(
    support: SupportHours, start_us: int, within_us: int, clock: str
) -> None:
    due_us = deadline(start_us, ResponseTarget(within_us, clock), support)
    assert elapsed(start_us, due_us, clock, support) == within_us
    assert elapsed(start_us, due_us - 1, clock, support) == within_us - 1
