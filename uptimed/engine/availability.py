"""
How available each product was: its timeline composed from its checks, put against the commitment (AVAILABILITY B5 to B9).

One document serves the command line, the metrics and the page, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from uptimed.domain.availability import Account
from uptimed.domain.availability import account_of as ledger_account
from uptimed.domain.civil import month_window, year_window
from uptimed.domain.overlays import Adjustment
from uptimed.engine.adjustments import described
from uptimed.engine.memory import ProductMemory
from uptimed.engine.payload import iso


def period_of(timezone: str, year: int, month: int | None = None) -> tuple[str, tuple[int, int]]:
    """`2026` or `2026-03` with its civil window in that zone (AVAILABILITY B6)."""
    if month is None:
        return f"{year:04}", year_window(timezone, year)
    return f"{year:04}-{month:02}", month_window(timezone, year, month)


def account_of(memory: ProductMemory, period: tuple[int, int], as_of_us: int) -> Account:
    ledger = memory.book.ledger(as_of_us)
    return ledger_account(ledger, period, as_of_us, service_start_us=memory.service_start_us or None)


def raw_account_of(memory: ProductMemory, period: tuple[int, int], as_of_us: int) -> Account:
    """With nothing set aside: neither planned work nor adjustments (AVAILABILITY B8)."""
    ledger = (memory.raw or memory.book).ledger(as_of_us)
    return ledger_account(ledger, period, as_of_us, service_start_us=memory.service_start_us or None)


def adjustments_in(memory: ProductMemory, its: Account) -> list[Adjustment]:
    """Those in force that touch what the account counts, in the order of their time."""
    return [one for one in memory.adjustments if one.from_us < its.as_of_us and its.from_us < one.to_us]


def document(memory: ProductMemory, name: str, period: tuple[int, int], as_of_us: int, target: str) -> dict[str, Any]:
    its = account_of(memory, period, as_of_us)
    raw = raw_account_of(memory, period, as_of_us)
    return document_of(memory.product.id, name, its, raw, adjustments_in(memory, its), target)


def document_of(
    product: str, name: str, its: Account, raw: Account, adjustments: Iterable[Adjustment], target: str
) -> dict[str, Any]:
    """`uptimed availability --format json`: a promise to scripts. Seconds are exact decimal texts, ratios exact fractions."""
    return {
        "product": product,
        "period": name,
        "from": iso(its.from_us),
        "to": iso(its.to_us),
        "as_of": iso(its.as_of_us),
        "target": target,
        **sums_document(its),
        "adjustments": [described(one) for one in adjustments],
        "raw": sums_document(raw),
    }


def sums_document(its: Account) -> dict[str, Any]:
    """What every document says of an account."""
    figures = its.figures
    used_ns, possible_ns = figures.d_ns, figures.d_hi_ns
    return {
        "availability": {
            "point": its.texts.point,
            "lower": its.texts.lower,
            "upper": its.texts.upper,
            "exact": {"point": pair(its.point), "lower": pair(its.lower), "upper": pair(its.upper)},
        },
        "seconds": {
            "up": seconds(figures.up_us),
            "degraded": seconds(figures.degraded_us),
            "down": seconds(figures.down_us),
            "unmeasured": seconds(figures.unmeasured_us),
            "maintenance": seconds(figures.maintenance_us),
            "excluded": seconds(figures.excluded_us),
        },
        "budget": {
            "allowed": exact_seconds(its.budget_ns),
            "used": exact_seconds(used_ns),
            "possible": exact_seconds(possible_ns),
            "remaining": exact_seconds(its.budget_ns - used_ns),
        },
        "verdict": its.verdict.value,
        "to_date": its.to_date.value,
    }


def pair(ratio: Fraction | None) -> list[int] | None:
    return None if ratio is None else [ratio.numerator, ratio.denominator]


def seconds(length_us: int) -> str:
    """Microseconds as an exact decimal text of seconds."""
    return _plain(Decimal(length_us).scaleb(-6))


def exact_seconds(downtime_ns: Fraction | int) -> str:
    """Nanoseconds as a decimal text of seconds. A budget has a power of ten below the line, so the text is exact."""
    exact = Fraction(downtime_ns)
    places = 9
    while (exact * 10 ** (places - 9)).denominator != 1 and places < 30:
        places += 1
    return _plain(Decimal(int(exact * 10 ** (places - 9))).scaleb(-places))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
