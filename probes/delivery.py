"""
From the end of a run to the core's acknowledgement: results wait in memory while the database answers, on disk when it does not.

What a crash costs, exactly:
- *acknowledged*: nothing, the database has it;
- *in the spool*: nothing, it is handed over again after the restart, under the same id;
- *in memory, unacknowledged*: lost to kill -9, and then unmeasured time, never up and never down. That is what ended since the
  hand-over under way began, about `SLOW_S` of results at most: a hand-over that fails or lasts longer puts all that waits into
  the spool, and so does every second while the core is away. Results that repeat what is known wait `GATHER_S` more.

With the spool's disk full, or without a spool, memory keeps the oldest results up to its limit and `dropped` counts the others.

A core whose database is away judges a batch although it cannot store it. So after each hand-over in vain it is shown all that came
since, however much waits before that: what breaks while the disk is full is told at once, and stored in its order later.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import ParamSpec, TypeVar

from probes.links import Link, ProbeResult
from probes.spool import Spool, SpoolError

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 500
"""Most results in one hand-over: one transaction of the core."""
MEMORY_LIMIT = 50_000
GATHER_S = 0.1
"""So long a result that only repeats what is known waits for company: a commit costs as much as ten rows."""
SLOW_S = 1.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0
"""While the core is away: so late at most does it see a result."""

_log = logging.getLogger("uptimed.worker")


class Delivery:
    """
    One hand-over at a time; whatever gathers meanwhile is the next batch. What may change anything never waits for a timer while
    the core answers, and takes along what does.
    """

    def __init__(self, link: Link, spool: Spool | None = None, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._link = link
        self._spool = spool
        self._memory_limit = memory_limit
        self._memory: deque[ProbeResult] = deque()
        self._unseen: deque[ProbeResult] = deque(maxlen=memory_limit)
        """What has never been handed over; the same results wait in memory or in the spool."""
        self._flying: Sequence[ProbeResult] = ()
        self._flying_is_spooled = False
        self._waiting = asyncio.Event()
        self._gathering: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._dropped = 0
        self._trouble = ""
        self._pause_s = FIRST_PAUSE_S
        self._slow: asyncio.TimerHandle | None = None
        self._rescue: asyncio.Task[None] | None = None
        self.spool_failed = ""
        """Empty, or why the spool cannot be used now."""
        # The default pool is for whoever resolves names; a slow disk must not wait behind it, nor it behind a slow disk.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        if self.spooled:
            self._wake()

    @property
    def in_memory(self) -> int:
        return len(self._memory) + len(self._flying)

    @property
    def spooled(self) -> int:
        return 0 if self._spool is None else self._spool.count

    @property
    def dropped(self) -> int:
        """Results lost for lack of room since the start."""
        return self._dropped + (0 if self._spool is None else self._spool.dropped)

    def put(self, result: ProbeResult, *, is_news: bool = True) -> None:
        """What is no news only repeats what its check has said before, and may wait `GATHER_S` for others."""
        if len(self._memory) >= self._memory_limit:
            self._dropped += 1
            return
        self._memory.append(result)
        self._unseen.append(result)
        self._idle.clear()
        if is_news:
            self._wake()
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER_S, self._wake)

    async def run(self) -> None:
        """Until cancelled. Survives whatever the link raises."""
        if self.in_memory or self.spooled:
            self._wake()
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            batch = await self._next_batch()
            if batch and await self._attempt(batch):
                self._pause_s = FIRST_PAUSE_S
            elif batch or self.spooled:
                await self._show_what_is_new()
                await self._pause()
                self._wake()
            if self.spooled or len(batch) == BATCH or self._flying_is_spooled:
                # More waits behind it: on disk, or in memory because the disk is full.
                self._wake()
            elif not self._memory:
                self._idle.set()

    async def drained(self, within_s: float) -> bool:
        """Waits until everything is acknowledged, for at most `within_s`."""
        if self._gathering is not None:
            self._wake()
        try:
            await asyncio.wait_for(self._idle.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """After `run` was cancelled: what is left goes to the spool."""
        await self._end_rescue()
        self._take_back(())
        await self._spool_memory()
        self._thread.shutdown(wait=False)

    async def keep(self, key: str, text: str) -> None:
        """Has the spool remember a text; without a spool, or with its disk full, it is not remembered."""
        if self._spool is not None:
            await self._on_disk(self._spool.keep, key, text)

    def _wake(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        self._waiting.set()
        self._idle.clear()

    async def _next_batch(self) -> Sequence[ProbeResult]:
        spool = self._spool
        if spool is not None and spool.count:
            # Behind what is spooled already: the core receives them in the order in which they were made.
            await self._spool_memory()
            older = await self._on_disk(spool.oldest, BATCH)
            if older:
                self._flying_is_spooled = True
                return older
        memory = self._memory
        self._flying_is_spooled = False
        return [memory.popleft() for _ in range(min(BATCH, len(memory)))]

    async def _attempt(self, batch: Sequence[ProbeResult]) -> bool:
        """True when the core has all of it."""
        self._flying = batch
        known = await self._hand_over(batch)
        left = self._take_back(known)
        if known and self._spool is not None and self._spool.count:
            await self._on_disk(self._spool.remove, known)
        if left:
            await self._spool_memory()
        return not left

    async def _show_what_is_new(self) -> None:
        while self._unseen:
            known = frozenset(await self._hand_over(list(islice(self._unseen, BATCH))))
            if not known:
                continue
            # It has come back at this very moment.
            self._memory = deque(result for result in self._memory if result.id not in known)
            if self._spool is not None and self._spool.count:
                await self._on_disk(self._spool.remove, known)

    async def _hand_over(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        """What the core has of it now; nothing when it is in trouble."""
        for result in batch:
            if self._unseen and self._unseen[0].id == result.id:
                self._unseen.popleft()
        self._slow = asyncio.get_running_loop().call_later(SLOW_S, self._start_rescue)
        known: Collection[str] = ()
        try:
            known = await self._link.hand_over(batch)
        except ConnectionError as error:
            self._say(f"The core cannot store results, so they wait with the worker: {error}")
        except Exception:  # noqa: BLE001  a core in trouble must not end the worker
            _log.exception("Handing over results failed; they wait with the worker and are handed over again.")
        else:
            self._say("")
        await self._end_rescue()
        return known

    def _say(self, trouble: str) -> None:
        """Once when it begins or changes, once when it is over."""
        if trouble == self._trouble:
            return
        if trouble:
            _log.warning("%s", trouble)
        else:
            _log.info("The core stores results again.")
        self._trouble = trouble

    def _take_back(self, known: Collection[str]) -> int:
        """What is not acknowledged returns to the front of memory, unless the spool has it."""
        known = known if isinstance(known, set | frozenset) else frozenset(known)
        left = [result for result in self._flying if result.id not in known]
        self._flying = ()
        if not self._flying_is_spooled:
            self._memory.extendleft(reversed(left))
        return len(left)

    async def _pause(self) -> None:
        """Exponential back-off, during which results go to disk once a second."""
        left_s, self._pause_s = self._pause_s, min(self._pause_s * 2, LONGEST_PAUSE_S)
        while left_s > 0:
            await asyncio.sleep(min(left_s, SLOW_S))
            left_s -= SLOW_S
            await self._spool_memory()

    def _start_rescue(self) -> None:
        """The hand-over lasts: put it and all that waits behind it on disk, and look again in a second."""
        self._rescue = asyncio.create_task(self._rescue_flying())
        self._slow = asyncio.get_running_loop().call_later(SLOW_S, self._rescue_again)

    def _rescue_again(self) -> None:
        if self._rescue is None or self._rescue.done():
            self._start_rescue()
        else:
            self._slow = asyncio.get_running_loop().call_later(SLOW_S, self._rescue_again)

    async def _rescue_flying(self) -> None:
        if self._spool is not None and not self._flying_is_spooled:
            self._flying_is_spooled = await self._on_disk(self._spool.add, self._flying) is not None
        await self._spool_memory()

    async def _end_rescue(self) -> None:
        # Before memory is touched: the rescue takes from its front.
        if self._slow is not None:
            self._slow.cancel()
        if self._rescue is not None:
            await asyncio.wait((self._rescue,))
            self._rescue = None

    async def _spool_memory(self) -> None:
        """Moves memory to disk; on a full disk it stays where it is."""
        spool = self._spool
        if spool is None or not self._memory:
            return
        moved = list(self._memory)
        if await self._on_disk(spool.add, moved) is not None:
            for _ in moved:
                self._memory.popleft()
            self._wake()

    async def _on_disk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """None when the spool cannot be used; `spool_failed` says why, until it can be written again."""
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self._thread, functools.partial(work, *args, **kwargs))
        except SpoolError as error:
            if not self.spool_failed:
                _log.warning("The spool cannot be used, so results wait in memory only; free or repair its disk. %s", error)
            self.spool_failed = str(error)
            return None
        # A full disk can still be read.
        if self._spool is not None and work != self._spool.oldest:
            self.spool_failed = ""
        return answer
