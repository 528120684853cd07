"""A ledger says at once what a walk over the whole timeline says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.availability import Standing, account, account_of
from uptimed.domain.figures import Contract, Figures, Treatment, figures_of
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import Adjustment, Laid, Maintenance, laid_over
from uptimed.domain.states import Segment, State

END_US = 1_000
CONTRACT = Contract(Fraction(99, 100), "99", degraded_permille=300)
STRICT = Contract(Fraction(999, 1000), "99.9", degraded_permille=1000, maintenance=Treatment.UP)

triples = st.sampled_from(
    [
        (State.UP, State.UP, State.UP),
        (State.DOWN, State.UP, State.DOWN),
        (State.DOWN, State.DOWN, State.DOWN),
        (State.DEGRADED, State.UP, State.DOWN),
        (State.UNMEASURED, State.UP, State.DOWN),
    ]
)


@st.composite
def timelines(draw: st.DrawFn) -> list[Laid]:
    edges = sorted(draw(st.sets(st.integers(100, 900), min_size=2, max_size=12)))
    segments = [Segment(a, b, *draw(triples)) for a, b in pairwise(edges)]
    spans = st.tuples(st.integers(0, END_US), st.integers(1, 300)).map(lambda at: (at[0], at[0] + at[1]))
    planned = [Maintenance(a, b, 0) for a, b in draw(st.lists(spans, max_size=2))]
    judged = [Adjustment("x", 0, "bea", "their fault", "exclude", a, b) for a, b in draw(st.lists(spans, max_size=2))]
    return laid_over(segments, (0, END_US), maintenance=planned, adjustments=judged)


instants = st.integers(-50, END_US + 50)
windows = st.tuples(instants, instants).map(sorted)


def walked(laid: list[Laid], from_us: int, to_us: int, contract: Contract = CONTRACT) -> Figures:
    blind = [
        Laid(Segment(a, b, State.UNMEASURED, State.UP, State.DOWN), laid[0].of.COUNTED, State.UNMEASURED)
        for a, b in ((-100, 0), (END_US, END_US + 100))
    ]
    whole = [blind[0], *laid, blind[1]]
    cut = [
        one._replace(segment=one.segment._replace(from_us=max(one.segment.from_us, from_us), to_us=min(one.segment.to_us, to_us)))
        for one in whole
        if one.segment.to_us > from_us and one.segment.from_us < to_us
    ]
    return figures_of(cut, contract)


@given(timelines(), windows)
def test_any_window_adds_up_to_what_its_pieces_do(laid: list[Laid], window: list[int]) -> None:
    assert Ledger([(None, CONTRACT)], laid).figures(*window) == walked(laid, *window)


@given(timelines(), windows, st.integers(0, END_US))
def test_a_contract_counts_from_its_instant_and_not_before(laid: list[Laid], window: list[int], changed_us: int) -> None:
    ledger = Ledger([(None, CONTRACT), (changed_us, STRICT)], laid)
    a, b = window
    middle = min(max(a, changed_us), b)
    assert ledger.figures(a, b) == walked(laid, a, middle).plus(walked(laid, middle, b, STRICT))


@given(timelines(), timelines(), st.integers(0, END_US))
def test_a_rewritten_ledger_is_the_one_that_knew_it_from_the_start(old: list[Laid], new: list[Laid], from_us: int) -> None:
    newer = Ledger([(None, CONTRACT)], new).between(from_us, END_US)
    ledger = Ledger([(None, CONTRACT)], old)
    ledger.rewrite(from_us, newer)
    fresh = Ledger([(None, CONTRACT)], [*Ledger([(None, CONTRACT)], old).between(0, from_us), *newer])
    assert ledger.pieces == fresh.pieces
    assert ledger.figures(0, END_US) == fresh.figures(0, END_US)


@given(timelines(), windows, st.fractions(0, 400_000))
def test_the_downtime_is_reached_at_the_first_instant_at_which_it_is(laid: list[Laid], window: list[int], wanted: Fraction) -> None:
    ledger = Ledger([(None, CONTRACT)], laid)
    a, b = max(0, window[0]), max(0, min(window[1], END_US))
    at_us = ledger.reached_at(wanted, a, b)
    if at_us is None:
        assert wanted == 0 or b <= a or ledger.figures(a, b).d_ns < wanted
    else:
        assert ledger.figures(a, at_us).d_ns >= wanted
        assert at_us == a or wanted == 0 or ledger.figures(a, at_us - 1).d_ns < wanted


def test_a_budget_is_the_sum_of_what_each_contract_allows() -> None:
    quiet = laid_over([Segment(0, END_US, State.UP, State.UP, State.UP)], (0, END_US))
    ledger = Ledger([(None, CONTRACT), (600, replace(STRICT, degraded_permille=0))], quiet)
    its = account_of(ledger, (0, END_US), END_US)
    assert its.budget_ns == 600 * 10 + 400 * 1
    assert its.verdict is Standing.MET


@pytest.mark.parametrize(("down_us", "standing"), [(6, Standing.MET), (7, Standing.MISSED)])
def test_downtime_under_the_old_contract_is_held_against_the_budget_of_both(down_us: int, standing: Standing) -> None:
    laid = laid_over(
        [
            Segment(0, down_us, State.DOWN, State.DOWN, State.DOWN),
            Segment(down_us, END_US, State.UP, State.UP, State.UP),
        ],
        (0, END_US),
    )
    ledger = Ledger([(None, CONTRACT), (600, STRICT)], laid)
    assert account_of(ledger, (0, END_US), END_US).verdict is standing


def test_one_contract_all_through_is_the_plain_account() -> None:
    segments = [Segment(0, 300, State.UP, State.UP, State.UP), Segment(300, 305, State.DOWN, State.DOWN, State.DOWN)]
    laid = laid_over(segments, (0, 700))
    assert account_of(Ledger([(None, CONTRACT)], laid), (0, END_US), 700) == account(segments, CONTRACT, (0, END_US), 700)
