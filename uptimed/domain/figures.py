"""
What a stretch of time adds up to (AVAILABILITY B5, B8). Integers and exact fractions throughout.

What was not measured is neither up nor down: it widens the bounds, and the point is over measured time alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from uptimed.domain.catalogue import Commitment, Credit
from uptimed.domain.display import floored, upper_text
from uptimed.domain.overlays import Class, Laid
from uptimed.domain.states import State

FULL = 1000


class Treatment(StrEnum):
    EXCLUDE = "exclude"
    """Out of numerator and denominator."""
    UP = "up"
    """Counted as up."""
    MEASURED = "measured"
    """No effect (maintenance only)."""


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
    credits: tuple[Credit, ...] = ()
    cap_us: int | None = None
    """So much of a calendar year may be planned work; None: any."""

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
            credits=commitment.credits,
            cap_us=commitment.maintenance.cap_us,
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

    def minus(self, other: Figures) -> Figures:
        return Figures(*(a - b for a, b in zip(self, other, strict=True)))


class Texts(NamedTuple):
    point: str | None
    lower: str | None
    upper: str | None


def figures_of(laid: Iterable[Laid], contract: Contract) -> Figures:
    """B5 over what is given."""
    sums = Figures()
    for one in laid:
        sums = added(sums, one, contract)
    return sums


def added(sums: Figures, piece: Laid, contract: Contract) -> Figures:
    """B5: the sums with one more piece of time."""
    segment, of, _ = piece
    from_us, to_us, point, best, worst = segment
    span = to_us - from_us
    length, counted, measured, excluded, d_lo, d, d_hi, up, degraded, down, unmeasured, maintained = sums
    words = [up, degraded, down, unmeasured]
    treatment = contract.treatment(of)
    if of is Class.COUNTED:
        words[point] += span
    elif of is Class.MAINTENANCE:
        maintained += span
    if treatment is Treatment.EXCLUDE:
        excluded += span
    elif treatment is Treatment.UP:
        counted += span
        measured += span
    else:
        weights = contract.weights
        counted += span
        d_lo += weights[best] * span
        d_hi += weights[worst] * span
        if point is not State.UNMEASURED:
            measured += span
            d += weights[point] * span
    return Figures(length + span, counted, measured, excluded, d_lo, d, d_hi, words[0], words[1], words[2], words[3], maintained)


def ratios(sums: Figures) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Point, lower and upper bound; None when there is nothing to divide by."""
    return ratios_of(sums.n_us, sums.m_us, sums.d_lo_ns, sums.d_ns, sums.d_hi_ns)


def ratios_of(
    n: int | Fraction, m: int | Fraction, d_lo: int | Fraction, d: int | Fraction, d_hi: int | Fraction
) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    point = 1 - Fraction(d) / (FULL * m) if m else None
    lower = 1 - Fraction(d_hi) / (FULL * n) if n else None
    upper = 1 - Fraction(d_lo) / (FULL * n) if n else None
    return point, lower, upper


def texts_of(point: Fraction | None, lower: Fraction | None, upper: Fraction | None, target_text: str) -> Texts:
    return Texts(
        None if point is None else floored(point, target_text),
        None if lower is None else floored(lower, target_text),
        None if upper is None else upper_text(upper, target_text),
    )
