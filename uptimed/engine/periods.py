"""Months and years, which of them are closed, and the figures of a product in them with and without what was set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from uptimed.domain.availability import account_of
from uptimed.domain.civil import local_date, month_window, year_window
from uptimed.domain.contract import ContractHistory
from uptimed.domain.overlays import Adjustment
from uptimed.domain.published import Content, Seen, content_of
from uptimed.domain.record import Overlays, Timelines
from uptimed.domain.results import LATE_US
from uptimed.engine.books import Book

DAY_US = 86_400_000_000
DUE_US = LATE_US + DAY_US
"""After the end of a period. What began in it may be received for `LATE_US`; what bounds its last minutes began a little later."""


@dataclass(frozen=True)
class Period:
    name: str
    """`2026` or `2026-03`."""
    from_us: int
    to_us: int

    @property
    def window(self) -> tuple[int, int]:
        return self.from_us, self.to_us


def period_in(history: ContractHistory, year: int, month: int | None = None) -> Period:
    """In the time zone of the contract that was in force in the middle of it (AVAILABILITY B6)."""
    roughly = year_window("UTC", year) if month is None else month_window("UTC", year, month)
    timezone = history.contract_at(sum(roughly) // 2).timezone
    if month is None:
        return Period(f"{year:04}", *year_window(timezone, year))
    return Period(f"{year:04}-{month:02}", *month_window(timezone, year, month))


def closed_periods(history: ContractHistory, since_us: int, now_us: int) -> Iterator[Period]:
    """The months and years with time after `since_us` whose day of publication has come."""
    timezone = history.newest.contract.timezone
    for year in range(local_date(timezone, since_us).year, local_date(timezone, now_us).year + 1):
        for month in (*range(1, 13), None):
            period = period_in(history, year, month)
            if period.to_us > since_us and period.to_us + DUE_US <= now_us:
                yield period


class TwoBooks:
    """One product's figures, with and without what people set aside."""

    def __init__(self, history: ContractHistory, product_id: str, timelines: Timelines, overlays: Overlays, now_us: int) -> None:
        self._history = history
        self._product = product_id
        self._overlays = overlays
        self._now_us = now_us
        self._book = Book(history, product_id, timelines, overlays)
        self._raw = Book(history, product_id, timelines) if overlays.concern(product_id) else self._book
        self.since_us = self._book.service_start_us

    def official(self, window: tuple[int, int]) -> Seen:
        return self._seen(self._book, window)

    def raw(self, window: tuple[int, int]) -> Seen:
        return self._seen(self._raw, window)

    def content(self, window: tuple[int, int], resolution_us: int | None = None) -> Content:
        official = self.official(window)
        from_us, to_us = official.account.from_us, official.account.to_us
        return content_of(
            official,
            self.raw(window),
            contract=[(one.from_us, one.digest) for one in self._history.in_force(from_us, to_us)],
            maintenance={one.id for one in self._overlays.planned(self._product) if one.from_us < to_us and from_us < one.to_us},
            adjustments=[one.id for one in self.corrections(from_us, to_us)],
            resolution_us=resolution_us,
        )

    def corrections(self, from_us: int, to_us: int) -> list[Adjustment]:
        """Those in force that share time with the window."""
        return [one for one in self._overlays.corrections(self._product) if one.from_us < to_us and from_us < one.to_us]

    def was_there(self, window: tuple[int, int]) -> bool:
        """Whether there was such a product at some time of the window."""
        cut = (span.cut_to(*window) for span, _ in self._history.product(self._product))
        return any(begin_us < end_us for begin_us, end_us in cut)

    def _seen(self, book: Book, window: tuple[int, int]) -> Seen:
        ledger = book.ledger(self._now_us)
        return Seen(account_of(ledger, window, self._now_us, service_start_us=self.since_us or None), ledger)
