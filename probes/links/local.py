"""The link of one process: worker and core share the event loop, and nothing is written down between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

from probes.links import Assignment, ProbeResult, Recheck

OnBatch = Callable[[Sequence[ProbeResult]], Awaitable[Collection[str]]]
"""Stores a batch in one transaction and returns the ids that the database has; `ConnectionError` while it is away."""


class LocalLink:
    """Serves one worker. `publish` and `ask` are the core's side, the rest is `Link`."""

    def __init__(self, on_batch: OnBatch) -> None:
        self._on_batch = on_batch
        self._assignment: Assignment | None = None
        self._published = asyncio.Event()
        self._asked: dict[str, Recheck] = {}
        self._questions = asyncio.Event()

    def publish(self, assignment: Assignment) -> None:
        """Replaces what was published before, also if nobody has taken that yet."""
        self._assignment = assignment
        # Whoever waits holds the old event; later comers wait on the new one.
        self._published.set()
        self._published = asyncio.Event()

    def ask(self, recheck: Recheck) -> None:
        """Questions about one check that were not yet taken become one, with the later end."""
        before = self._asked.get(recheck.check)
        if before is None or before.until_us < recheck.until_us:
            self._asked[recheck.check] = recheck
        self._questions.set()

    async def assignments(self) -> AsyncIterator[Assignment]:
        given: Assignment | None = None
        while True:
            published = self._published
            if self._assignment is not None and self._assignment is not given:
                given = self._assignment
                yield given
            else:
                await published.wait()

    async def rechecks(self) -> AsyncIterator[Recheck]:
        while True:
            await self._questions.wait()
            self._questions.clear()
            while self._asked:
                yield self._asked.pop(next(iter(self._asked)))

    async def hand_over(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        return await self._on_batch(batch)
