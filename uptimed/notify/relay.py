"""
The relay: takes what is due from the outbox, sends it, and notes how it ended, until it is cancelled.

Two sources feed it. Rows of the outbox are claimed with a lease by whoever commits wakes it; while the database is away the engine
offers the same messages directly and they leave from memory. A message is known by its id, so the row that appears later is noted
and not sent again. What was sent and could not be noted before a crash is sent once more, marked `possible_repeat`.

A hanging receiver costs only itself: each channel has its own few places, a channel without a free place is left out of the next
claim, and every send has a total deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from uptimed.clock import Clock
from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.books import Books, Note
from uptimed.notify.channels.base import Channel
from uptimed.notify.memory import Memory
from uptimed.notify.retry import judged
from uptimed.notify.sending import sent_once
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageError

PLACES = 4
"""Sends at once on one channel."""
CLAIM_LIMIT = 32
LONGEST_SLEEP_S = 5.0
"""The audit: even if nobody wakes it, the relay looks this often."""
BUSY_SLEEP_S = 1.0
"""While sends are under way: a row whose turn has come is found this soon."""
SHORTEST_SLEEP_S = 0.02
AWAY_SLEEP_S = 1.0
GRACE_S = 2.0
LAST_NOTES_S = 1.0
REMEMBERED = 20_000
"""Ids of this run whose end is known, to recognise their rows. The oldest are forgotten."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Relay:
    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        on_outcome: Callable[[str, str], None] = lambda _channel, _outcome: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`on_outcome(channel, "sent" | "retry" | "gave_up")` is for the metric; `chance` gives the jitter, a float in [0, 1)."""
        self._books = Books(database)
        self._channels = dict(channels)
        self._clock = clock
        self._on_outcome = on_outcome
        self._chance = chance
        self._awake = asyncio.Event()
        self._memory = Memory()
        self._memory_awake = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._claimed: set[str] = set()
        """Ids under way that have a row: their end is noted in the database."""
        self._places: dict[str, asyncio.Semaphore] = {}
        self._load: Counter[str] = Counter()
        self._notes: deque[Note] = deque()
        self._from_memory: OrderedDict[str, Note] = OrderedDict()
        """Sent without a row; its row, when it appears, is told so before anybody could claim it."""
        self._ends: OrderedDict[str, SendOutcome] = OrderedDict()
        self._oldest_row_us: int | None = None
        self._away = False

    def wake(self) -> None:
        """A commit has written rows, or the clock was moved. From the loop's thread."""
        self._awake.set()
        self._memory_awake.set()

    def offer(self, messages: Sequence[Message]) -> None:
        """
        The database is away: send these now, from memory. Offering a message again does nothing.

        They keep their due times and the order of their incident. The engine writes the same rows once the database is back; those
        that have left by then are noted as sent. They are lost if the process ends before.
        """
        self._memory.add([one for one in messages if one.id not in self._ends])
        self._memory_awake.set()

    def withdraw(self, incident: str) -> None:
        """Somebody has acknowledged while the database is away: calls that wait in memory are not made."""
        self._memory.withdraw(incident, self._under_way)

    def replace_channels(self, channels: Mapping[str, Channel]) -> None:
        """At a reload. Sends under way end with the channel they began with; rows of a channel that is gone are given up."""
        self._channels = dict(channels)
        self.wake()

    def oldest_pending_us(self) -> int | None:
        """Due instant of the oldest due message that is not settled, of outbox and memory; at most some seconds old."""
        known = [at for at in (self._oldest_row_us, self._memory.oldest_us(self._clock.now_us())) if at is not None]
        return min(known, default=None)

    async def run(self) -> None:
        """Relay until cancelled; then sends under way get `GRACE_S` to end and to be noted."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._relay_rows(), name="relay: outbox")
                loops.create_task(self._relay_memory(), name="relay: memory")
        finally:
            await self._drain()

    # Rows of the outbox

    async def _relay_rows(self) -> None:
        await self._reclaim()
        while True:
            self._awake.clear()
            sleep_s = await self._turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(sleep_s):
                    await self._awake.wait()

    async def _reclaim(self) -> None:
        while True:
            try:
                await self._books.reclaim(self._clock.now_us())
            except Exception as fault:  # noqa: BLE001  the relay must outlive every fault of the database
                self._missing(fault)
                await asyncio.sleep(AWAY_SLEEP_S)
            else:
                return

    async def _turn(self) -> float:
        """Note what has ended, claim what is due. Returns how long to sleep unless woken, in seconds."""
        now_us = self._clock.now_us()
        notes = list(self._notes)
        full = {channel for channel, load in self._load.items() if load >= PLACES}
        try:
            turn = await self._books.turn(
                notes, list(self._from_memory.values()), now_us=now_us, limit=CLAIM_LIMIT, skip_channels=full
            )
        except StorageError as away:
            self._missing(away)
            self._retry_from_memory(notes)
            return AWAY_SLEEP_S
        except Exception as fault:  # noqa: BLE001  as above
            self._missing(fault)
            await self._note_apart(notes)
            return AWAY_SLEEP_S
        self._noted(notes)
        for message_id in turn.noted:
            self._from_memory.pop(message_id, None)
        if self._away:
            self._away = False
            log.info("the outbox can be reached again")
        self._oldest_row_us = turn.oldest_us
        for message in turn.claimed:
            self._take(message)
        if len(turn.claimed) >= CLAIM_LIMIT or self._notes:
            return 0.0
        return self._sleep_s(turn.next_due_us, now_us)

    def _sleep_s(self, next_due_us: int | None, now_us: int) -> float:
        longest = BUSY_SLEEP_S if self._under_way else LONGEST_SLEEP_S
        # What is due and was not claimed waits for a place: whoever frees it wakes us.
        if next_due_us is None or next_due_us <= now_us:
            return longest
        return min(longest, max(SHORTEST_SLEEP_S, (next_due_us - now_us) / 1_000_000))

    def _missing(self, fault: Exception) -> None:
        if self._away:
            return
        self._away = True
        why = str(fault) if isinstance(fault, StorageError) else type(fault).__name__
        log.error("the outbox cannot be reached; alerts leave from memory until it can", extra={"fields": {"why": why}})

    def _retry_from_memory(self, notes: Sequence[Note]) -> None:
        """What was claimed before the database went away must not wait for its return."""
        for one in notes:
            if one.next_attempt_us is not None:
                self.offer([replace(one.message, attempts=one.message.attempts + 1, next_attempt_us=one.next_attempt_us)])

    async def _note_apart(self, notes: Sequence[Note]) -> None:
        with contextlib.suppress(StorageError):
            await self._books.note_one_by_one(notes)
            self._noted(notes)

    def _noted(self, notes: Sequence[Note]) -> None:
        for _ in notes:
            self._notes.popleft()

    def _take(self, row: Message) -> None:
        """A claimed row: send it, unless memory has sent it already or is sending it now."""
        if row.id in self._ends:
            self._notes.append(Note(row, self._ends[row.id], self._clock.now_us(), None))
        elif row.id in self._under_way:
            self._claimed.add(row.id)
        else:
            self._memory.forget(row.id)
            self._claimed.add(row.id)
            self._start(row)

    # Memory

    async def _relay_memory(self) -> None:
        while True:
            self._memory_awake.clear()
            for message in self._memory.due(self._clock.now_us(), self._under_way):
                self._start(message)
            next_us = self._memory.next_due_us()
            sleep_s = None if next_us is None else min(LONGEST_SLEEP_S, max(0.05, (next_us - self._clock.now_us()) / 1_000_000))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(sleep_s):
                    await self._memory_awake.wait()

    # One message

    def _start(self, message: Message) -> None:
        self._load[message.channel] += 1
        task = asyncio.create_task(self._deliver(message), name=f"relay: {message.id}")
        self._under_way[message.id] = task
        task.add_done_callback(lambda _: self._ended(message))

    def _ended(self, message: Message) -> None:
        self._under_way.pop(message.id, None)
        self._claimed.discard(message.id)
        self._load[message.channel] -= 1
        self.wake()

    async def _deliver(self, message: Message) -> None:
        attempt = message.attempts + 1
        channel = self._channels.get(message.channel)
        if channel is None:
            outcome: SendOutcome = GiveUp(
                f"there is no channel {message.channel} in the configuration any more; add it, or notify another"
            )
        else:
            async with self._places.setdefault(message.channel, asyncio.Semaphore(PLACES)):
                outcome = await sent_once(channel, message, attempt=attempt)
        now_us = self._clock.now_us()
        verdict = judged(message, outcome, attempt=attempt, now_us=now_us, chance=self._chance)
        if message.id in self._claimed:
            self._memory.forget(message.id)
            self._notes.append(Note(message, verdict.outcome, now_us, verdict.next_attempt_us))
        elif verdict.next_attempt_us is not None:
            self._memory.later(message, verdict.next_attempt_us)
        elif isinstance(verdict.outcome, Sent):
            _keep(self._from_memory, message.id, Note(message, verdict.outcome, now_us, None))
        if verdict.next_attempt_us is None:
            self._remember(message, verdict.outcome)
        self._tell(message, verdict.outcome, attempt)

    def _remember(self, message: Message, outcome: SendOutcome) -> None:
        self._memory.forget(message.id)
        _keep(self._ends, message.id, outcome)

    def _tell(self, message: Message, outcome: SendOutcome, attempt: int) -> None:
        about = {"channel": message.channel, "message": message.id, "attempt": attempt}
        match outcome:
            case Sent(note=note):
                word = "sent"
                log.info("alert sent", extra={"fields": {**about, "note": note}})
            case RetryLater(reason=reason):
                word = "retry"
                log.warning("alert not sent yet, trying again", extra={"fields": {**about, "reason": reason}})
            case GiveUp(reason=reason):
                word = "gave_up"
                log.error("alert given up", extra={"fields": {**about, "reason": reason}})
        try:
            self._on_outcome(message.channel, word)
        except Exception as fault:  # noqa: BLE001  a metric must not lose an alert
            log.error("the outcome of an alert could not be counted", extra={"fields": {"fault": type(fault).__name__}})

    async def _drain(self) -> None:
        under_way = list(self._under_way.values())
        if under_way:
            await asyncio.wait(under_way, timeout=GRACE_S)
            for task in under_way:
                # What is cut here keeps its lease and becomes a marked repeat at the next start.
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        notes, from_memory = list(self._notes), list(self._from_memory.values())
        if notes or from_memory:
            try:
                async with asyncio.timeout(LAST_NOTES_S):
                    await self._books.note(notes, from_memory)
            except Exception as fault:  # noqa: BLE001  they were sent; the next start repeats them, marked
                log.error(
                    "sent alerts could not be noted",
                    extra={"fields": {"count": len(notes + from_memory), "fault": type(fault).__name__}},
                )
            else:
                self._noted(notes)
        if len(self._memory):
            log.error("alerts in memory were not sent before the end", extra={"fields": {"count": len(self._memory)}})


def _keep(known: OrderedDict[str, T], message_id: str, what: T) -> None:
    known[message_id] = what
    while len(known) > REMEMBERED:
        known.popitem(last=False)
