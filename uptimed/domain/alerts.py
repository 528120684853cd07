"""
Alerts that stand for a while, and when one of them is news.

What a rule answers is worked out again and again; people are told when it begins to fire, once, and not again before its quiet time
is over. A rule that has too little measured time to answer stays as it was (AVAILABILITY B11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from uptimed.domain.availability import Account
from uptimed.domain.burn import DAY_US, RULES, Burning, burns
from uptimed.domain.catalogue import BudgetAlerts
from uptimed.domain.ledger import Ledger

EXHAUSTION = "exhaustion"
PACE_KNOWN_AFTER_US = DAY_US
"""A service younger than this has no pace: one outage of its first hour would spend every budget."""


@dataclass(frozen=True)
class Alert:
    """A rule about a product or component, as it stands."""

    subject: str
    rule: str
    firing: bool = False
    since_us: int = 0
    """Since when it fires, or does not."""
    told_at_us: int | None = None
    """When people were last told that it fires."""

    @property
    def is_known(self) -> bool:
        """People were told of what fires now."""
        return self.firing and self.told_at_us is not None and self.told_at_us >= self.since_us

    def after(self, answer: Burning, now_us: int) -> Alert:
        if answer is Burning.FROZEN or (answer is Burning.FIRE) == self.firing:
            return self
        return replace(self, firing=not self.firing, since_us=now_us)

    def is_news(self, now_us: int, quiet_us: int) -> bool:
        return self.firing and not self.is_known and (self.told_at_us is None or now_us - self.told_at_us >= quiet_us)


class Answer(NamedTuple):
    """What a rule about a budget says. Of the rules of a group that become news at once only the first is told."""

    rule: str
    group: str
    """page | ticket (burn rates), left, exhaustion."""
    says: Burning
    quiet_us: int = 0
    left_us: int | None = None
    """The threshold, of a rule about what is left."""


def answers(ledger: Ledger, its: Account, wanted: BudgetAlerts, service_start_us: int | None = None) -> list[Answer]:
    """Every rule about a product's budget as of its account's instant, the most urgent of each group first."""
    return [*_burn_rates(ledger, its), *_what_is_left(its, wanted), *_end_in_sight(its, wanted, service_start_us)]


def _burn_rates(ledger: Ledger, its: Account) -> list[Answer]:
    # A promise without any budget has none to burn: the outage itself is what people are told.
    return [
        Answer(
            rule.name,
            rule.name.partition("-")[0],
            burns(rule, ledger, its.budget_ns, its.as_of_us) if its.budget_ns > 0 else Burning.CLEAR,
            quiet_us=rule.long_us,
        )
        for rule in RULES
    ]


def _what_is_left(its: Account, wanted: BudgetAlerts) -> list[Answer]:
    """A threshold that the whole budget does not exceed says nothing about what was spent of it."""
    spent = its.figures.d_ns > 0
    return [
        Answer(
            f"left-{left_us // 1_000_000}s",
            "left",
            _fires(spent and (left_us == 0 or 1000 * left_us < its.budget_ns) and its.remaining_point_us <= left_us),
            left_us=left_us,
        )
        for left_us in sorted(wanted.left_us)
    ]


def _end_in_sight(its: Account, wanted: BudgetAlerts, service_start_us: int | None) -> list[Answer]:
    if wanted.exhaustion_us is None:
        return []
    at_us = its.projected_exhaustion_us
    is_near = at_us is not None and at_us - its.as_of_us <= wanted.exhaustion_us
    is_known = service_start_us is None or its.as_of_us - service_start_us >= PACE_KNOWN_AFTER_US
    return [Answer(EXHAUSTION, EXHAUSTION, _fires(is_near and is_known), quiet_us=DAY_US)]


def _fires(holds: bool) -> Burning:
    return Burning.FIRE if holds else Burning.CLEAR
