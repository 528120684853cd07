"""
Availability of a period, with bounds, budget and verdict (AVAILABILITY B5, B7, B8). Integers and exact fractions throughout.

What was not measured is neither up nor down: it widens the bounds, and the point is over measured time alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from uptimed.domain.catalogue import Commitment
from uptimed.domain.display import floored, upper_text
from uptimed.domain.overlays import Adjustment, Class, Laid, Maintenance, laid_over
from uptimed.domain.states import Segment, State

DAY_US = 86_400_000_000
FULL = 1000


class Treatment(StrEnum):
    EXCLUDE = "exclude"
    """Out of numerator and denominator."""
    UP = "up"
    """Counted as up."""
    MEASURED = "measured"
    """No effect (maintenance only)."""


class Standing(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Contract:
    target: Fraction
    """As a ratio: 9999/10000."""
    target_text: str
    timezone: str = "UTC"
    degraded_permille: int = 0
    maintenance: Treatment = Treatment.EXCLUDE
    exclusion: Treatment = Treatment.EXCLUDE
    notice_us: int = 0

    @classmethod
    def of(cls, commitment: Commitment, timezone: str) -> Contract:
        treat = {"counted": Treatment.MEASURED, "excluded": Treatment.EXCLUDE, "up": Treatment.UP}
        return cls(
            target=commitment.target,
            target_text=commitment.availability,
            timezone=timezone,
            degraded_permille=commitment.degraded_permille,
            maintenance=treat[commitment.maintenance.treat],
            notice_us=commitment.maintenance.notice_us,
        )

    def treatment(self, of: Class) -> Treatment:
        if of is Class.COUNTED:
            return Treatment.MEASURED
        return self.exclusion if of is Class.EXCLUDED else self.maintenance

    @property
    def weights(self) -> tuple[int, int, int]:
        """By state: permille of downtime that a microsecond of it is."""
        return 0, self.degraded_permille, FULL


class Figures(NamedTuple):
    """Sums over a window; those of adjacent windows add up."""

    length_us: int = 0
    n_us: int = 0
    """Counted time."""
    m_us: int = 0
    """Of it, measured."""
    excluded_us: int = 0
    d_lo_ns: int = 0
    d_ns: int = 0
    d_hi_ns: int = 0
    up_us: int = 0
    degraded_us: int = 0
    down_us: int = 0
    unmeasured_us: int = 0
    maintenance_us: int = 0

    @property
    def u_us(self) -> int:
        return self.n_us - self.m_us

    def plus(self, other: Figures) -> Figures:
        return Figures(*(a + b for a, b in zip(self, other, strict=True)))


class Texts(NamedTuple):
    point: str | None
    lower: str | None
    upper: str | None


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


def figures_of(laid: Iterable[Laid], contract: Contract) -> Figures:
    """B5 over what is given."""
    weights = contract.weights
    treatments = {of: contract.treatment(of) for of in Class}
    by_word = [0, 0, 0, 0]
    length = counted = measured = excluded = maintained = d_lo = d = d_hi = 0
    for segment, of, _ in laid:
        span = segment.to_us - segment.from_us
        length += span
        treatment = treatments[of]
        if of is Class.MAINTENANCE:
            maintained += span
        elif of is Class.COUNTED:
            by_word[segment.point] += span
        if treatment is Treatment.EXCLUDE:
            excluded += span
            continue
        counted += span
        if treatment is Treatment.UP:
            measured += span
            continue
        d_lo += weights[segment.best] * span
        d_hi += weights[segment.worst] * span
        if segment.point is not State.UNMEASURED:
            measured += span
            d += weights[segment.point] * span
    up, degraded, down, unmeasured = by_word
    return Figures(length, counted, measured, excluded, d_lo, d, d_hi, up, degraded, down, unmeasured, maintained)


def ratios(sums: Figures) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Point, lower and upper bound; None when there is nothing to divide by."""
    point = 1 - Fraction(sums.d_ns, FULL * sums.m_us) if sums.m_us else None
    lower = 1 - Fraction(sums.d_hi_ns, FULL * sums.n_us) if sums.n_us else None
    upper = 1 - Fraction(sums.d_lo_ns, FULL * sums.n_us) if sums.n_us else None
    return point, lower, upper


def texts_of(point: Fraction | None, lower: Fraction | None, upper: Fraction | None, target_text: str) -> Texts:
    return Texts(
        None if point is None else floored(point, target_text),
        None if lower is None else floored(lower, target_text),
        None if upper is None else upper_text(upper, target_text),
    )


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
    """Everything about a period as of an instant. A service that began in it shortens it."""
    a_us, b_us = period
    if service_start_us is not None:
        a_us = min(max(a_us, service_start_us), b_us)
    now_us = min(max(as_of_us, a_us), b_us)
    pace_from_us = max(now_us - 30 * DAY_US, service_start_us if service_start_us is not None else now_us - 30 * DAY_US)
    # Early in a period the pace is that of days before it, which count in nothing else.
    recent = laid_over(
        segments,
        (min(pace_from_us, a_us), now_us),
        maintenance=maintenance,
        adjustments=adjustments,
        notice_us=contract.notice_us,
    )
    laid = recent if pace_from_us >= a_us else _cut_at(recent, a_us)
    sums = figures_of(laid, contract)
    point, lower, upper = ratios(sums)
    allowed = 1 - contract.target
    budget = allowed * FULL * (b_us - a_us - sums.excluded_us)
    return Account(
        from_us=a_us,
        to_us=b_us,
        as_of_us=now_us,
        figures=sums,
        point=point,
        lower=lower,
        upper=upper,
        texts=texts_of(point, lower, upper, contract.target_text),
        budget_ns=budget,
        remaining_lower_us=(budget - sums.d_hi_ns) // FULL,
        remaining_point_us=(budget - sums.d_ns) // FULL,
        remaining_upper_us=(budget - sums.d_lo_ns) // FULL,
        verdict=_standing(budget, sums.d_lo_ns, sums.d_hi_ns + FULL * (b_us - now_us)),
        to_date=_standing(allowed * FULL * sums.n_us, sums.d_lo_ns, sums.d_hi_ns) if sums.n_us else Standing.UNDECIDED,
        exhausted_at_us=_exhausted_at(laid, contract, budget),
        projected_exhaustion_us=_projected(recent, contract, budget - sums.d_ns, (pace_from_us, now_us, b_us)),
    )


def _standing(budget: Fraction, d_lo: int, d_hi: int) -> Standing:
    """For sure, or not at all. Equality meets."""
    if d_lo > budget:
        return Standing.MISSED
    return Standing.MET if d_hi <= budget else Standing.UNDECIDED


def _cut_at(laid: Sequence[Laid], from_us: int) -> list[Laid]:
    return [
        one if one.segment.from_us >= from_us else one._replace(segment=one.segment._replace(from_us=from_us))
        for one in laid
        if one.segment.to_us > from_us
    ]


def _falling(laid: Iterable[Laid], contract: Contract) -> Iterator[tuple[Segment, int]]:
    """The segments whose point costs something, and how many permille per microsecond."""
    weights = (*contract.weights, 0)
    counts = {of: contract.treatment(of) is Treatment.MEASURED for of in Class}
    for segment, of, _ in laid:
        weight = weights[segment.point]
        if weight and counts[of]:
            yield segment, weight


def _exhausted_at(laid: Iterable[Laid], contract: Contract, budget: Fraction) -> int | None:
    """The first instant at which the downtime reaches the budget, rounded up to the microsecond."""
    left = ceil(budget)
    for segment, weight in _falling(laid, contract):
        cost = weight * (segment.to_us - segment.from_us)
        if cost >= left:
            return segment.from_us + max(0, -(-left // weight))
        left -= cost
    return None


def _projected(laid: Iterable[Laid], contract: Contract, left: Fraction, instants: tuple[int, int, int]) -> int | None:
    """When the budget ends at the pace of the last thirty days; None when it does not, or has ended."""
    w_us, now_us, b_us = instants
    recent = sum(
        weight * (segment.to_us - max(segment.from_us, w_us))
        for segment, weight in _falling(laid, contract)
        if segment.to_us > w_us
    )
    if left <= 0 or recent == 0:
        return None
    at_us = now_us + left * (now_us - w_us) // recent
    return at_us if at_us < b_us else None
