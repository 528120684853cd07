"""
What must hold for every input (AVAILABILITY B16).

Elsewhere: rebuilding is folding (`test_incremental`), and the truth is never outside of the bounds (`test_truth`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.adapter import ANSWERS, iso
from tests.domain.examples import examples
from tests.domain.reference import Config, Result
from tests.domain.tiny_stories import SPAN, domain_evidence, intervals, policy_of, stories
from uptimed.domain.availability import Account, account
from uptimed.domain.catalogue import ResponseTarget, SupportHours
from uptimed.domain.deadlines import deadline, elapsed
from uptimed.domain.definition import resolution_us, segments_of, unconfirmed_of
from uptimed.domain.display import floored, upper_text
from uptimed.domain.figures import Contract, figures_of, ratios
from uptimed.domain.overlays import Adjustment, Class, Laid, Maintenance, laid_over
from uptimed.domain.results import ActiveLocation
from uptimed.domain.states import Segment, State
from uptimed.domain.worst import worst_windows

S = 1_000_000
HOUR_US = 3600 * S
CONTRACT = Contract(Fraction(9999, 10_000), "99.99", degraded_permille=300)

triples = st.sampled_from(
    [(p, b, w) for p in State for b in list(State)[:3] for w in list(State)[:3] if b <= w and (p == 3 or b <= p <= w)]
)


@st.composite
def timelines(draw: st.DrawFn) -> list[Segment]:
    edges = sorted(draw(st.sets(st.integers(0, 10_000), min_size=2, max_size=20)))
    return [Segment(a, b, *draw(triples)) for a, b in pairwise(edges)]


@examples(200)
@given(timelines(), st.lists(st.integers(0, 10_000), min_size=3, max_size=3).map(sorted))
def test_the_sums_of_adjacent_windows_add_up(segments: list[Segment], cuts: list[int]) -> None:
    a, b, c = cuts
    parts = [figures_of(laid_over(segments, window), CONTRACT) for window in ((a, b), (b, c))]
    assert parts[0].plus(parts[1]) == figures_of(laid_over(segments, (a, c)), CONTRACT)


@examples(200)
@given(timelines())
def test_the_point_lies_within_its_bounds(segments: list[Segment]) -> None:
    bounded = [one for one in segments if one.point is not State.UNMEASURED or (one.best, one.worst) == (State.UP, State.DOWN)]
    point, lower, upper = ratios(figures_of(laid_over(bounded, (0, 10_000)), CONTRACT))
    assert lower is not None
    assert upper is not None
    assert point is None or lower <= point <= upper


# Timelines from evidence

Story = tuple[Config, list[Result]]


def timeline_of(config: Config, arriving: list[Result]) -> dict[str, object]:
    """As a case would be answered: acceptance, segments, log, unconfirmed stretches and resolution."""
    return ANSWERS["timeline"](
        {
            "config": {
                "locations": [
                    {"id": one.id}
                    | ({} if one.since is None else {"from": iso(one.since)})
                    | ({} if one.until is None else {"to": iso(one.until)})
                    for one in config.places
                ],
                "horizon_us": config.horizon,
                "quorum": config.quorum,
                "confirmations": config.confirmations,
                "flap_window_us": config.flap_window,
                "clock_eps_us": config.eps,
            },
            "results": [
                {"id": one.id, "loc": one.location, "epoch": one.epoch, "s": iso(one.s), "e": iso(one.e), "v": one.v}
                for one in arriving
            ],
            "from": iso(0),
            "to": iso(SPAN),
        }
    )


@examples(150)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_irrelevant(story: Story, random: Random) -> None:
    config, evidence = story
    mixed = list(evidence)
    random.shuffle(mixed)
    assert timeline_of(config, mixed) == timeline_of(config, evidence)


@examples(150)
@given(stories(), st.randoms(use_true_random=False))
def test_duplicates_are_irrelevant_but_for_the_log(story: Story, random: Random) -> None:
    config, evidence = story
    again = random.sample(evidence, k=len(evidence) // 2)
    mixed = [*evidence, *again]
    random.shuffle(mixed)
    with_them, without = timeline_of(config, mixed), timeline_of(config, evidence)
    assert with_them.pop("log") == sorted([one.id, "duplicate"] for one in again)
    without.pop("log")
    assert with_them == without


def shifted(segments: list[Segment], by_us: int) -> list[Segment]:
    return [Segment(one.from_us + by_us, one.to_us + by_us, *one[2:]) for one in segments]


shifts = st.one_of(st.integers(-1000, 1000), st.integers(-(10**15), 10**15))


@examples(150)
@given(stories(), shifts)
def test_shifting_all_evidence_shifts_the_timeline(story: Story, by_us: int) -> None:
    config, results = story
    policy, evidence = policy_of(config), domain_evidence(results)
    locations = tuple(
        ActiveLocation(
            one.id, None if one.from_us is None else one.from_us + by_us, None if one.to_us is None else one.to_us + by_us
        )
        for one in policy.locations
    )
    later_policy = replace(policy, locations=locations)
    later = [one._replace(start_us=one.start_us + by_us, end_us=one.end_us + by_us) for one in evidence]
    assert segments_of(later, later_policy) == shifted(segments_of(evidence, policy), by_us)
    assert unconfirmed_of(later, later_policy) == [(a + by_us, b + by_us) for a, b in unconfirmed_of(evidence, policy)]
    assert resolution_us(later, later_policy, (by_us, by_us + 100)) == resolution_us(evidence, policy, (0, 100))


@examples(150)
@given(timelines(), intervals(), intervals(), shifts)
def test_shifting_everything_shifts_the_account(
    segments: list[Segment], planned: tuple[int, int], excluded: tuple[int, int], by_us: int
) -> None:
    def told(by: int) -> Account:
        return account(
            shifted(segments, by),
            CONTRACT,
            (by + 100, by + 9000),
            by + 7777,
            maintenance=[Maintenance(planned[0] + by, planned[1] + by, planned[0] + by)],
            adjustments=[Adjustment("x", by, "anna", "clause 4", "exclude", excluded[0] + by, excluded[1] + by)],
        )

    before, after = told(0), told(by_us)
    instants = ("from_us", "to_us", "as_of_us", "exhausted_at_us", "projected_exhaustion_us")
    for name in instants:
        was = getattr(before, name)
        assert getattr(after, name) == (None if was is None else was + by_us)
    assert replace(after, **{name: getattr(before, name) for name in instants}) == before


@examples(150)
@given(stories(), st.integers(-50, SPAN), st.integers(1, SPAN))
def test_segments_partition_the_window_and_neighbours_differ(story: Story, from_us: int, length_us: int) -> None:
    config, evidence = story
    window = from_us, from_us + length_us
    segments = segments_of(domain_evidence(evidence), policy_of(config))
    laid = laid_over(segments, window)
    assert laid[0].segment.from_us == window[0]
    assert laid[-1].segment.to_us == window[1]
    for before, after in pairwise(laid):
        assert before.segment.to_us == after.segment.from_us
    for one, following in pairwise(segments):
        assert one[2:] != following[2:]


@examples(150)
@given(stories())
def test_best_is_never_worse_than_the_point_nor_that_than_worst(story: Story) -> None:
    config, evidence = story
    for one in segments_of(domain_evidence(evidence), policy_of(config)):
        assert one.best <= one.worst
        assert one.point is State.UNMEASURED or one.best <= one.point <= one.worst


# Overlays


@examples(150)
@given(timelines(), intervals(), st.sampled_from(["exclude", "assert"]), intervals())
def test_an_adjustment_changes_nothing_outside_of_its_interval(
    segments: list[Segment], before: tuple[int, int], kind: str, interval: tuple[int, int]
) -> None:
    earlier = Adjustment("a", 0, "anna", "clause 4", "assert", *before, state=State.DEGRADED)
    one_more = Adjustment("b", 1, "anna", "server log", kind, *interval, state=State.DOWN)
    window = (-10, 10_000)

    def told(adjustments: list[Adjustment]) -> list[tuple[State, State, State, Class]]:
        laid: list[Laid] = laid_over(segments, window, adjustments=adjustments)
        return [(*piece[2:], of) for piece, of, _ in laid for _ in range(piece.from_us, piece.to_us)]

    without, with_it = told([earlier]), told([earlier, one_more])
    for t in range(*window):
        if not interval[0] <= t < interval[1]:
            assert without[t - window[0]] == with_it[t - window[0]]
    for a, b in ((window[0], interval[0]), (interval[1], window[1])):
        figures = [figures_of(laid_over(segments, (a, b), adjustments=its), CONTRACT) for its in ([earlier], [earlier, one_more])]
        assert figures[0] == figures[1]


@examples(100)
@given(timelines(), st.integers(1, 4000), st.integers(1, 4000))
def test_longer_windows_never_hold_less_downtime_and_never_more_than_their_parts(
    segments: list[Segment], one_us: int, other_us: int
) -> None:
    """B10: so availability can only improve at multiples of a length."""
    laid = laid_over(segments, (0, 10_000))
    one, other, both = worst_windows(laid, CONTRACT, [one_us, other_us, one_us + other_us])
    for which in (1, 2, 3):
        assert max(one[which], other[which]) <= both[which] <= one[which] + other[which]  # type: ignore[operator,type-var]


@examples(100)
@given(timelines())
def test_the_window_as_long_as_the_period_holds_its_figures(segments: list[Segment]) -> None:
    laid = laid_over(segments, (0, 10_000))
    figures = figures_of(laid, CONTRACT)
    assert worst_windows(laid, CONTRACT, [10_000])[0][1:] == (figures.d_lo_ns, figures.d_ns, figures.d_hi_ns, 0)


# Display and deadlines


@examples(300)
@given(st.fractions(0, 1), st.sampled_from(["99.99", "99.9", "99.5", "100", "95"]))
def test_no_display_crosses_the_target_upwards(value: Fraction, target: str) -> None:
    below = value * 100 < Fraction(target)
    for text in (floored(value, target), upper_text(value, target)):
        assert (Fraction(text) < Fraction(target)) == below
        assert value == 1 or Fraction(text) < 100
    assert Fraction(floored(value, target)) <= value * 100


PARIS = SupportHours("Europe/Paris", holidays=frozenset({date(2026, 4, 6), date(2026, 5, 1)}))
NINE_TO_SIX = SupportHours("Europe/London", from_minute=540, to_minute=1080)


@examples(100)
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
