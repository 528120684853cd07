"""
What is owed when the target was missed: each step of the credit table, put against the account of a period.

A step is certain when even the upper bound lies below it, and possible when only the lower bound does. So nobody is promised what
the evidence does not show, and nobody is refused what it cannot rule out.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from uptimed.domain.availability import Account
from uptimed.domain.catalogue import Credit
from uptimed.domain.figures import FULL


class Owed(StrEnum):
    CERTAIN = "certain"
    POSSIBLE = "possible"
    NOT = "not"


class Step(NamedTuple):
    credit: Credit
    owed: Owed
    by_point: bool | None
    """Whether the measured figure lies below it; None when nothing was measured."""


class Statement(NamedTuple):
    """`certain`, `by_point` and `possible`: the step that decides under each reading; None: no credit."""

    steps: tuple[Step, ...]
    certain: Credit | None
    by_point: Credit | None
    possible: Credit | None


def statement(its: Account, table: Iterable[Credit]) -> Statement:
    """A period that goes on owes for certain only what no perfect rest of it could mend."""
    steps = tuple(Step(one, _owed(its, one), None if its.point is None else its.point < one.limit) for one in table)
    return Statement(
        steps,
        certain=_lowest(one.credit for one in steps if one.owed is Owed.CERTAIN),
        by_point=_lowest(one.credit for one in steps if one.by_point),
        possible=_lowest(one.credit for one in steps if one.owed is not Owed.NOT),
    )


def _owed(its: Account, credit: Credit) -> Owed:
    sums = its.figures
    allowed = (1 - credit.limit) * FULL * (its.to_us - its.from_us - sums.excluded_us)
    if sums.d_lo_ns > allowed:
        return Owed.CERTAIN
    return Owed.NOT if sums.d_hi_ns + FULL * (its.to_us - its.as_of_us) <= allowed else Owed.POSSIBLE


def _lowest(reached: Iterable[Credit]) -> Credit | None:
    return min(reached, key=lambda one: one.limit, default=None)
