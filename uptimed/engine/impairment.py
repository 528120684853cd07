"""
Is the monitor itself in trouble? Told once, to the people on call, never to the public and never as an incident of a product.

*I could not look* has local causes: descriptors, resolver, own network, an overloaded loop, a stepped clock (RELIABILITY 2).
When most checks end that way for longer than `PATIENCE_US`, the monitor is impaired; when most can look again, it has recovered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from uptimed.domain.states import Verdict
from uptimed.engine.memory import CheckMemory

PATIENCE_US = 30_000_000
OWN_TROUBLE = ("local_", "resolver_", "network_")


@dataclass
class Impairment:
    since_us: int | None = None
    reason: str = ""
    told: bool = False

    def look(self, checks: Iterable[CheckMemory], now_us: int) -> str | None:
        """`impaired` or `recovered` at the moment when people must be told, else None."""
        blind, total = _blind(checks)
        if total and blind.total() * 2 > total:
            self.reason = blind.most_common(1)[0][0]
            if self.since_us is None:
                self.since_us = now_us
            if not self.told and now_us - self.since_us >= PATIENCE_US:
                self.told = True
                return "impaired"
        elif self.since_us is not None and blind.total() * 4 < max(total, 1):
            was_told = self.told
            self.since_us, self.told = None, False
            return "recovered" if was_told else None
        return None


def _blind(checks: Iterable[CheckMemory]) -> tuple[Counter[str], int]:
    blind: Counter[str] = Counter()
    total = 0
    for check in checks:
        for seen in check.seen.values():
            total += 1
            if seen.verdict is Verdict.UNKNOWN and seen.reason.startswith(OWN_TROUBLE):
                blind[seen.reason] += 1
    return blind, total
