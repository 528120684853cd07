"""How exact figures become text (AVAILABILITY B8): cut, never rounded across the target; uncertainty is never rounded away."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def decimals(target_text: str) -> int:
    """Two more than the target was written with: 99.99 is shown with four."""
    return len(target_text.partition(".")[2]) + 2


def floored(value: Fraction, target_text: str) -> str:
    """A ratio in percent, cut: the point and the lower bound."""
    places = decimals(target_text)
    return _text(value * 100 * 10**places // 1, places)


def upper_text(value: Fraction, target_text: str) -> str:
    """The upper bound, rounded up, unless that would reach the target or 100 which the exact value does not: then cut."""
    places = decimals(target_text)
    scaled = value * 100 * 10**places
    up = -(-scaled // 1)
    for limit in (Fraction(target_text), Fraction(100)):
        if value * 100 < limit <= Fraction(up, 10**places):
            return _text(scaled // 1, places)
    return _text(up, places)


def downtime_s(downtime_ns: int) -> int:
    """Whole seconds, rounded up."""
    return -(-downtime_ns // 1_000_000_000)


def remaining_s(remaining_us: int) -> int:
    """Whole seconds, rounded down."""
    return remaining_us // 1_000_000


def allowance_s(budget_ns: Fraction) -> int:
    """Whole seconds, to the nearest: what a period allows says nothing about what happened in it."""
    return (2 * budget_ns + 1_000_000_000) // 2_000_000_000


def _text(scaled: int, places: int) -> str:
    return format(Decimal(scaled).scaleb(-places), f".{places}f")
