"""How fast the budget of a period burns (AVAILABILITY B11). A confirmed outage notifies at once, whatever is said here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from uptimed.domain.availability import account_of
from uptimed.domain.figures import Contract
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import Adjustment, Maintenance, laid_over
from uptimed.domain.states import Segment

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Rule(NamedTuple):
    name: str
    long_us: int
    short_us: int
    share: Fraction
    """Of the period's budget, spent in the long window; the short one says that it still burns."""


RULES = (
    Rule("page-fast", HOUR_US, 5 * MINUTE_US, Fraction(2, 100)),
    Rule("page-slow", 6 * HOUR_US, 30 * MINUTE_US, Fraction(5, 100)),
    Rule("ticket-3d", 3 * DAY_US, 6 * HOUR_US, Fraction(10, 100)),
    Rule("ticket-30d", 30 * DAY_US, 60 * HOUR_US, Fraction(20, 100)),
)
LONGEST_US = max(rule.long_us for rule in RULES)


class Burning(StrEnum):
    FIRE = "fire"
    FROZEN = "frozen"
    """Too little was measured to say: what was said before stands."""
    CLEAR = "clear"


def burning(
    segments: Sequence[Segment],
    contract: Contract,
    period: tuple[int, int],
    as_of_us: int,
    *,
    maintenance: Iterable[Maintenance] = (),
    adjustments: Iterable[Adjustment] = (),
) -> dict[str, Burning]:
    """Each rule of `RULES` as of an instant of the period."""
    laid = laid_over(
        segments,
        (min(period[0], as_of_us - LONGEST_US), as_of_us),
        maintenance=maintenance,
        adjustments=adjustments,
        notice_us=contract.notice_us,
    )
    ledger = Ledger([(None, contract)], laid)
    budget_ns = account_of(ledger, period, as_of_us).budget_ns
    return {rule.name: burns(rule, ledger, budget_ns, as_of_us) for rule in RULES}


def burns(rule: Rule, ledger: Ledger, budget_ns: Fraction, as_of_us: int) -> Burning:
    """`budget_ns` is that of the period in which the instant lies."""
    long, short = (ledger.figures(as_of_us - span_us, as_of_us) for span_us in (rule.long_us, rule.short_us))
    allowed_ns = rule.share * budget_ns
    if long.d_ns >= allowed_ns and short.d_ns * rule.long_us >= allowed_ns * rule.short_us:
        return Burning.FIRE
    return Burning.FROZEN if 2 * short.u_us > rule.short_us else Burning.CLEAR
