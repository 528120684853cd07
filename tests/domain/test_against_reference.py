"""What `uptimed.domain` says of a story is what the words of the specification say, instant by instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain import reference as ref
from tests.domain.examples import examples
from tests.domain.tiny_stories import (
    SPAN,
    adjusted,
    contract_of,
    domain_adjustments,
    domain_evidence,
    domain_maintenance,
    intervals,
    planned,
    policy_of,
    stories,
)
from uptimed.domain.agreement import merged
from uptimed.domain.availability import account
from uptimed.domain.definition import resolution_us, segments_of, unconfirmed_of
from uptimed.domain.figures import figures_of
from uptimed.domain.overlays import in_force, laid_over
from uptimed.domain.products import All, Need, Node, compose
from uptimed.domain.states import Segment, State
from uptimed.domain.worst import worst_windows

Story = tuple[ref.Config, list[ref.Result]]
WINDOW = (-5, SPAN + 10)


def spread(segments: Sequence[Segment], window: tuple[int, int] = WINDOW) -> list[ref.Triple]:
    """The triple of every instant."""
    known = {t: ref.Triple(*(state.word for state in one[2:])) for one in segments for t in range(one.from_us, one.to_us)}
    return [known.get(t, ref.NOTHING) for t in range(*window)]


@examples(400)
@given(stories())
def test_a_timeline_is_the_one_of_the_words(story: Story) -> None:
    config, evidence = story
    wanted = ref.Timeline(evidence, config)
    segments = segments_of(domain_evidence(evidence), policy_of(config))
    assert spread(segments) == [wanted[t] for t in range(*WINDOW)]
    assert unconfirmed_of(domain_evidence(evidence), policy_of(config)) == wanted.unconfirmed


@examples(200)
@given(stories(), intervals())
def test_the_resolution_is_the_one_of_the_words(story: Story, window: tuple[int, int]) -> None:
    config, evidence = story
    assert resolution_us(domain_evidence(evidence), policy_of(config), window) == ref.resolution(evidence, config, *window)


# Overlays, figures, verdicts and worst windows, over any timeline

triples = st.sampled_from(
    [
        ref.Triple(point, best, worst)
        for best in ref.SEVERITY
        for worst in ref.SEVERITY
        for point in (*ref.SEVERITY, "unmeasured")
        if ref.SEVERITY[best] <= ref.SEVERITY.get(point, ref.SEVERITY[best]) <= ref.SEVERITY[worst]
        and ref.SEVERITY[best] <= ref.SEVERITY[worst]
    ]
)


Observations = list[tuple[ref.Triple, int]]
observations = st.lists(st.tuples(triples, st.integers(1, 30)), min_size=1, max_size=10)
"""What holds from 0 on, each for so long."""


def expanded(observed: Observations) -> list[ref.Triple]:
    return [triple for triple, length in observed for _ in range(length)]


def segments(observed: Observations) -> list[Segment]:
    found: list[Segment] = []
    at = 0
    for triple, length in observed:
        found.append(Segment(at, at + length, *(State[word.upper()] for word in triple)))
        at += length
    return merged(found)


terms = st.builds(
    ref.Terms,
    target=st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(99, 100), Fraction(9999, 10_000)]),
    degraded=st.sampled_from([0, 300, 1000, 333]),
    maintenance=st.sampled_from(["exclude", "up", "measured"]),
    exclusion=st.sampled_from(["exclude", "up"]),
    notice=st.sampled_from([0, 5]),
)


class Overlays:
    def __init__(self, observed: Observations, its: ref.Terms, maintenance: Any, adjustments: Any, known_at: Any) -> None:
        self.observed, self.terms, self.maintenance = expanded(observed), its, maintenance
        self.adjustments = ref.effective(adjustments, known_at)

    def at(self, t: int) -> ref.Overlaid:
        triple = self.observed[t] if 0 <= t < len(self.observed) else ref.NOTHING
        of = ref.class_of(t, self.maintenance, self.adjustments, self.terms.notice)
        return ref.Overlaid(ref.asserted(t, triple, self.adjustments), of, self.terms.treatment(of))


written = st.tuples(observations, terms, planned(), adjusted(), st.one_of(st.none(), st.integers(0, 5)))
Written = tuple[Observations, ref.Terms, list[Mapping[str, Any]], list[Mapping[str, Any]], int | None]


@examples(300)
@given(written, st.tuples(st.integers(-5, SPAN), st.integers(0, SPAN)))
def test_overlays_and_sums_are_those_of_the_words(given_: Written, window: tuple[int, int]) -> None:
    observed, its, maintenance, adjustments, known_at = given_
    a, b = window[0], window[0] + window[1]
    wanted = Overlays(*given_)
    laid = laid_over(
        segments(observed),
        (a, b),
        maintenance=domain_maintenance(maintenance),
        adjustments=in_force(domain_adjustments(adjustments), known_at),
        notice_us=its.notice,
    )
    assert [t for one in laid for t in range(one.segment.from_us, one.segment.to_us)] == list(range(a, b))
    for one in laid:
        for t in range(one.segment.from_us, one.segment.to_us):
            assert tuple(state.word for state in one.segment[2:]) == wanted.at(t).triple
            assert one.of == wanted.at(t).of
    figures = figures_of(laid, contract_of(its))
    told = ref.Sums(figures.n_us, figures.m_us, figures.excluded_us, figures.d_lo_ns, figures.d_ns, figures.d_hi_ns)
    assert told == ref.sums(map(wanted.at, range(a, b)), its)


@examples(300)
@given(written, intervals(), st.integers(-5, SPAN + 50), st.one_of(st.none(), st.integers(0, SPAN)))
def test_verdicts_and_budgets_are_those_of_the_words(
    given_: Written, period: tuple[int, int], asof: int, service_start: int | None
) -> None:
    observed, its, maintenance, adjustments, known_at = given_
    a, b = period
    cut = a if service_start is None else min(max(a, service_start), b)
    assume(cut < b)
    told = account(
        segments(observed),
        contract_of(its),
        period,
        asof,
        service_start_us=service_start,
        maintenance=domain_maintenance(maintenance),
        adjustments=in_force(domain_adjustments(adjustments), known_at),
    )
    wanted = ref.standing(Overlays(*given_).at, its, (cut, b), asof, service_start, earliest=-10)
    assert told.verdict == wanted.verdict
    assert told.to_date == wanted.to_date
    assert (told.remaining_lower_us, told.remaining_point_us, told.remaining_upper_us) == wanted.left
    assert told.projected_exhaustion_us == wanted.projected
    if told.budget_ns:
        assert told.exhausted_at_us == wanted.exhausted


@examples(200)
@given(written, intervals())
def test_the_worst_windows_are_those_of_the_words(given_: Written, window: tuple[int, int]) -> None:
    observed, its, maintenance, adjustments, known_at = given_
    laid = laid_over(
        segments(observed),
        window,
        maintenance=domain_maintenance(maintenance),
        adjustments=in_force(domain_adjustments(adjustments), known_at),
        notice_us=its.notice,
    )
    at = Overlays(*given_).at
    instants = [(t, at(t)) for t in range(*window)]
    lengths = range(1, len(instants) + 2)
    for told in worst_windows(laid, contract_of(its), lengths):
        wanted = ref.worst_window(instants, its, told.length_us)
        assert told[1:] == (wanted or (None,) * 4)


# Products

NAMES = ("web", "api", "db")
trees = st.recursive(
    st.sampled_from(NAMES),
    lambda nodes: st.one_of(
        st.builds(lambda of: {"all": of}, st.lists(nodes, min_size=1, max_size=3)),
        st.lists(nodes, min_size=1, max_size=3).flatmap(
            lambda of: st.builds(lambda k: {"need": k, "of": of}, st.integers(1, len(of)))
        ),
    ),
    max_leaves=6,
)


def node(tree: Any) -> Node:
    if isinstance(tree, str):
        return tree
    return All(tuple(map(node, tree["all"]))) if "all" in tree else Need(tree["need"], tuple(map(node, tree["of"])))


@examples(200)
@given(trees, st.lists(st.tuples(observations, st.integers(0, 50)), min_size=3, max_size=3))
def test_a_product_is_composed_as_the_words_say(tree: Any, observed: list[tuple[Observations, int]]) -> None:
    """Members are known over spans of their own; outside of these they are unmeasured."""
    members = {
        name: [one._replace(from_us=one.from_us + later, to_us=one.to_us + later) for one in segments(its)]
        for name, (its, later) in zip(NAMES, observed, strict=True)
    }
    seen = {name: spread(its) for name, its in members.items()}
    wanted = [ref.composed(tree, dict(zip(NAMES, triples_, strict=True))) for triples_ in zip(*seen.values(), strict=True)]
    assert spread(compose(node(tree), members)) == wanted
