"""
The books of the products: each a ledger that is kept up to date.

Only what a batch has moved is composed again, so a figure of the year costs the same in January and in December.
"""

from __future__ import annotations

from collections.abc import Iterable

from uptimed.domain.contract import ContractHistory
from uptimed.domain.ledger import Ledger
from uptimed.domain.record import NOTHING_SET_ASIDE, Overlays, Timelines, laid_product, terms_of

UNSPOKEN_US = 60_000_000
"""A live edge older than two horizons and this no longer moves without a word: its chain has ended."""


class Book:
    """One product's ledger, from its first known instant on."""

    def __init__(
        self,
        history: ContractHistory,
        product_id: str,
        timelines: Timelines,
        overlays: Overlays = NOTHING_SET_ASIDE,
    ) -> None:
        """`timelines` is looked at again at every `ledger`; it must hold every check that was ever in the product."""
        self.service_start_us = history.service_start_us(product_id) or 0
        self._history = history
        self._product = product_id
        self._overlays = overlays
        self._timelines = timelines
        every = history.product(product_id)
        self._checks = list(dict.fromkeys(one.id for _, rule in every for part in rule.components for one in part.checks))
        self._ledger = Ledger(terms_of(history))
        self._stale_from_us: int | None = None
        """None: everything."""
        self._as_of_us: int | None = None
        self._unspoken_us = UNSPOKEN_US + 2 * max((one.rules.horizon_us for one in history.newest.checks()), default=0)

    def moved(self, from_us: int) -> None:
        """The segments of a check are different from there on."""
        self._as_of_us = None
        if self._stale_from_us is not None:
            self._stale_from_us = min(self._stale_from_us, from_us)

    def ledger(self, now_us: int) -> Ledger:
        """Up to now. Asked again for the same instant it costs nothing, unless something moved meanwhile."""
        if now_us == self._as_of_us:
            return self._ledger
        begin_us = self._begin_us(now_us)
        fresh = self._stale_from_us is None or self._ledger.from_us != begin_us
        from_us = begin_us if fresh else max(begin_us, min(self._stale_from_us or begin_us, now_us))
        laid = laid_product(self._history, self._product, self._timelines, (from_us, now_us), self._overlays)
        self._ledger.rewrite(None if from_us == begin_us else from_us, laid)
        self._stale_from_us = min(self._growing_edges(now_us), default=now_us)
        self._as_of_us = now_us
        return self._ledger

    def _begin_us(self, now_us: int) -> int:
        first = [segments[0].from_us for one in self._checks if (segments := self._timelines.get(one))]
        return min([self.service_start_us, *first, now_us])

    def _growing_edges(self, now_us: int) -> Iterable[int]:
        """The live edges that may still move without a word, result by result."""
        for one in self._checks:
            segments = self._timelines.get(one)
            if segments and segments[-1].to_us > now_us - self._unspoken_us:
                yield segments[-1].to_us
