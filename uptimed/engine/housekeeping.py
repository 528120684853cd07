"""
What keeps the record small and provable over years, once an hour: days are compacted and sealed, and what a seal proves is let go.

All of it is done in small transactions with pauses between them, for the writer is shared with the results that come in; all of it
can be killed anywhere and goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection

from uptimed.clock import Clock
from uptimed.engine import retention, sealing
from uptimed.storage import StorageAway
from uptimed.storage.database import Database

log = logging.getLogger(__name__)
T = TypeVar("T")

SHARE = 0.2
"""Of the time, at most: the rest belongs to results, alerts and the page."""


class Gently:
    """The database, used for at most a share of the time."""

    def __init__(self, database: Database, monotonic: Callable[[], float]) -> None:
        self._database = database
        self._monotonic = monotonic

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._and_rest(self._database.read, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._and_rest(self._database.write, work)

    async def _and_rest(self, use: Callable[[Callable[[Connection], T]], Awaitable[T]], work: Callable[[Connection], T]) -> T:
        began = self._monotonic()
        value = await use(work)
        await asyncio.sleep(min(1.0, (self._monotonic() - began) * (1 / SHARE - 1)))
        return value


class Housekeeping:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        retention_us: Callable[[], int],
        *,
        closing: Callable[[int], None] = lambda _: None,
        sealed: Callable[[int], None] = lambda _: None,
    ) -> None:
        """
        `closing` is told the instant before which nothing may be received any more, before a day is compacted; `sealed` up to which
        instant all is sealed.
        """
        self._database = Gently(database, clock.monotonic)
        self._clock = clock
        self._retention_us = retention_us
        self._closing = closing
        self._sealed = sealed
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Everything that is due. With the database away it is left for the next time."""
        if self._one_at_a_time.locked():
            return
        async with self._one_at_a_time:
            try:
                until_us = await sealing.seal_what_is_over(self._database, self._clock.now_us(), self._closing)
                if until_us is not None:
                    self._sealed(until_us)
                await retention.forget_keys(self._database, self._clock.now_us())
                await retention.remove_results(self._database, self._clock.now_us(), self._retention_us())
            except StorageAway as away:
                log.info("housekeeping goes on when the database is back: %s", away)
