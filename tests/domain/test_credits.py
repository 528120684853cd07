"""What is owed, by each reading of an account."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from uptimed.domain.availability import Account, account
from uptimed.domain.catalogue import Credit
from uptimed.domain.credits import Owed, statement
from uptimed.domain.figures import Contract
from uptimed.domain.states import Segment, State

S = 1_000_000
YEAR_S = 10_000
"""A year of ten thousand seconds: one of them is 0.01 %."""
TABLE = (Credit("99.99", "10"), Credit("99.9", "25"), Credit("99", "100"))
PROMISE = Contract(Fraction(9999, 10000), "99.99")
UP, DOWN, BLIND, DOUBT = (
    (State.UP,) * 3,
    (State.DOWN,) * 3,
    (State.UNMEASURED, State.UP, State.DOWN),
    (State.UP, State.UP, State.DOWN),
)


def a_year(*stretches: tuple[int, tuple[State, State, State]], as_of_s: int = YEAR_S) -> Account:
    """Up, after the stretches (seconds, what it was)."""
    segments: list[Segment] = []
    at_s = 0
    for length_s, triple in [*stretches, (as_of_s - sum(length for length, _ in stretches), UP)]:
        segments.append(Segment(at_s * S, (at_s + length_s) * S, *triple))
        at_s += length_s
    return account(segments, PROMISE, (0, YEAR_S * S), as_of_s * S)


def owed(its: Account) -> Sequence[Owed]:
    return [step.owed for step in statement(its, TABLE).steps]


def test_nothing_is_owed_where_the_target_is_met_exactly() -> None:
    assert owed(a_year((1, DOWN))) == [Owed.NOT] * 3
    assert statement(a_year((1, DOWN)), TABLE).possible is None


def test_each_step_is_certain_once_even_the_upper_bound_lies_below_it() -> None:
    assert owed(a_year((2, DOWN))) == [Owed.CERTAIN, Owed.NOT, Owed.NOT]
    assert owed(a_year((11, DOWN))) == [Owed.CERTAIN, Owed.CERTAIN, Owed.NOT]
    assert statement(a_year((11, DOWN)), TABLE).certain == Credit("99.9", "25")


def test_what_was_not_measured_makes_a_credit_possible_and_never_certain() -> None:
    its = statement(a_year((2, DOWN), (200, BLIND)), TABLE)

    assert [step.owed for step in its.steps] == [Owed.CERTAIN, Owed.POSSIBLE, Owed.POSSIBLE]
    assert (its.certain, its.by_point, its.possible) == (Credit("99.99", "10"), Credit("99.99", "10"), Credit("99", "100"))


def test_the_measured_figure_may_decide_otherwise_than_both_bounds() -> None:
    its = statement(a_year((5, (State.DOWN, State.UP, State.DOWN))), TABLE)

    assert its.certain is None
    assert its.by_point == its.possible == Credit("99.99", "10")


def test_where_nothing_was_measured_the_figure_says_nothing_and_all_is_possible() -> None:
    its = statement(a_year((YEAR_S, BLIND)), TABLE)

    assert [(step.owed, step.by_point) for step in its.steps] == [(Owed.POSSIBLE, None)] * 3


def test_a_year_that_goes_on_owes_for_certain_only_what_its_rest_cannot_mend() -> None:
    early = a_year((2, DOWN), as_of_s=100)

    assert owed(early) == [Owed.CERTAIN, Owed.POSSIBLE, Owed.POSSIBLE]
    assert owed(a_year((1, DOWN), as_of_s=100)) == [Owed.POSSIBLE] * 3
