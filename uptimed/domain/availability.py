"""
Availability of a period, with bounds, budget and verdict (AVAILABILITY B5 to B8). Integers and exact fractions throughout.

A contract that changed in the period applies from its instant: each part of the period brings its own allowance to the budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from uptimed.domain.figures import FULL, Contract, Figures, Texts, ratios, texts_of
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import Adjustment, Maintenance, laid_over
from uptimed.domain.states import Segment

DAY_US = 86_400_000_000
PACE_US = 30 * DAY_US
"""The budget is projected at the pace of so long."""


class Standing(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Account:
    """A period as of an instant."""

    from_us: int
    to_us: int
    as_of_us: int
    figures: Figures
    point: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    texts: Texts
    budget_ns: Fraction
    remaining_lower_us: int
    """Guaranteed: all doubt against us."""
    remaining_point_us: int
    remaining_upper_us: int
    verdict: Standing
    to_date: Standing
    exhausted_at_us: int | None
    projected_exhaustion_us: int | None


def account(
    segments: Sequence[Segment],
    contract: Contract,
    period: tuple[int, int],
    as_of_us: int,
    *,
    service_start_us: int | None = None,
    maintenance: Iterable[Maintenance] = (),
    adjustments: Iterable[Adjustment] = (),
) -> Account:
    """The account of one timeline under one contract."""
    now_us = min(max(as_of_us, period[0]), period[1])
    laid = laid_over(
        segments,
        (min(period[0], now_us - PACE_US), now_us),
        maintenance=maintenance,
        adjustments=adjustments,
        notice_us=contract.notice_us,
    )
    return account_of(Ledger([(None, contract)], laid), period, as_of_us, service_start_us=service_start_us)


def account_of(ledger: Ledger, period: tuple[int, int], as_of_us: int, *, service_start_us: int | None = None) -> Account:
    """Everything about a period as of an instant. A service that began in it shortens it."""
    a_us, b_us = period
    if service_start_us is not None:
        a_us = min(max(a_us, service_start_us), b_us)
    now_us = min(max(as_of_us, a_us), b_us)
    sums = ledger.figures(a_us, now_us)
    point, lower, upper = ratios(sums)
    budget, to_date = _budgets(ledger, (a_us, b_us), now_us)
    return Account(
        from_us=a_us,
        to_us=b_us,
        as_of_us=now_us,
        figures=sums,
        point=point,
        lower=lower,
        upper=upper,
        texts=texts_of(point, lower, upper, ledger.contract_at(b_us - 1).target_text),
        budget_ns=budget,
        remaining_lower_us=(budget - sums.d_hi_ns) // FULL,
        remaining_point_us=(budget - sums.d_ns) // FULL,
        remaining_upper_us=(budget - sums.d_lo_ns) // FULL,
        verdict=_standing(budget, sums.d_lo_ns, sums.d_hi_ns + FULL * (b_us - now_us)),
        to_date=_standing(to_date, sums.d_lo_ns, sums.d_hi_ns) if sums.n_us else Standing.UNDECIDED,
        exhausted_at_us=ledger.reached_at(budget, a_us, now_us),
        projected_exhaustion_us=_projected(ledger, budget - sums.d_ns, (now_us, b_us), service_start_us),
    )


def _budgets(ledger: Ledger, period: tuple[int, int], now_us: int) -> tuple[Fraction, Fraction]:
    """What the whole period allows, and what its counted time so far does; each part under its own contract."""
    whole, so_far = Fraction(0), Fraction(0)
    for from_us, to_us, contract in ledger.terms_in(*period):
        sums = ledger.figures(from_us, max(from_us, min(to_us, now_us)))
        allowed = (1 - contract.target) * FULL
        whole += allowed * (to_us - from_us - sums.excluded_us)
        so_far += allowed * sums.n_us
    return whole, so_far


def _standing(budget: Fraction, d_lo: int, d_hi: int) -> Standing:
    """For sure, or not at all. Equality meets."""
    if d_lo > budget:
        return Standing.MISSED
    return Standing.MET if d_hi <= budget else Standing.UNDECIDED


def _projected(ledger: Ledger, left: Fraction, instants: tuple[int, int], service_start_us: int | None) -> int | None:
    """When the budget ends at the pace of the last thirty days; None when it does not, or has ended."""
    now_us, b_us = instants
    w_us = now_us - PACE_US if service_start_us is None else max(now_us - PACE_US, service_start_us)
    recent = ledger.figures(w_us, now_us).d_ns
    if left <= 0 or recent == 0:
        return None
    at_us = now_us + left * (now_us - w_us) // recent
    return at_us if at_us < b_us else None
