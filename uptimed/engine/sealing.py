"""Days that are over become day blobs, check by check, and then a seal (`uptimed.domain.dayblob`, `uptimed.domain.seals`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from uptimed.domain.dayblob import DAY_US, DayResult, body_of, day_of, packed, span_of
from uptimed.domain.seals import Facts, Seal, SealedBlob, sealed
from uptimed.storage import adjustments, blobs, contracts, maintenance, seals
from uptimed.storage.blobs import Received, StoredBlob

log = logging.getLogger(__name__)
T = TypeVar("T")

GRACE_US = 600_000_000
"""So long after its end a day is left alone: a batch that was received in it may still be on its way into the database."""
WINDOWS = 4
"""A day is read in so many pieces: on PostgreSQL the event loop itself carries the rows."""
AT_ONCE = 256 * 1024
"""Bytes of blobs that are written in one transaction."""


class Store(Protocol):
    async def read(self, work: Callable[[Connection], T]) -> T: ...

    async def write(self, work: Callable[[Connection], T]) -> T: ...


async def seal_what_is_over(store: Store, now_us: int, closing: Callable[[int], None] = lambda _: None) -> int | None:
    """
    Every day that is over, oldest first, each once; days without a result too, so that the chain has no gap.

    Returns the end of the last day that is sealed; None: none is.
    """
    last = await store.read(seals.newest)
    first_us = await store.read(seals.beginning_us) if last is None else None
    if last is not None:
        on = last.received_on + timedelta(days=1)
        closing(span_of(on)[0])
    elif first_us is not None:
        on = day_of(first_us)
    else:
        return None
    while span_of(on)[1] + GRACE_US <= now_us:
        closing(span_of(on)[1])
        await compact(store, on)
        last = await store.read(partial(_seal, on=on, last=last, now_us=now_us))
        await store.write(partial(seals.add, seal=last))
        log.info("the day %s is sealed: %d results, %s", on, last.results, last.digest.hex())
        on += timedelta(days=1)
    return None if last is None else span_of(on)[0]


async def compact(store: Store, on: date) -> None:
    """The day blobs of a day that is over. Checks of which an earlier run has written all are left out."""
    after = await store.read(partial(blobs.last_saved, on=on))
    waiting: list[StoredBlob] = []
    while (check := await store.read(partial(blobs.next_check, after=after))) is not None:
        waiting += await asyncio.to_thread(made_of, check, on, await received_on(store, check, on))
        if sum(len(one.blob) for one in waiting) >= AT_ONCE:
            await store.write(partial(blobs.save, blobs=waiting))
            waiting = []
        after = check
    if waiting:
        await store.write(partial(blobs.save, blobs=waiting))


async def received_on(store: Store, check: str, on: date) -> list[Received]:
    """All raw results of the check that were received on that day."""
    begin_us = span_of(on)[0]
    found: list[Received] = []
    for window in range(WINDOWS):
        from_us, to_us = begin_us + window * DAY_US // WINDOWS, begin_us + (window + 1) * DAY_US // WINDOWS
        found += await store.read(partial(blobs.received, check=check, from_us=from_us, to_us=to_us))
    return found


def made_of(check: str, on: date, found: Iterable[Received]) -> list[StoredBlob]:
    """A day blob for each location."""
    by_location: dict[str, list[DayResult]] = {}
    for location, result in found:
        by_location.setdefault(location, []).append(result)
    made = []
    for location, results in sorted(by_location.items()):
        body = body_of(check, location, on, results)
        made.append(StoredBlob(check, on, location, len(results), blobs.digest_of(body), packed(body)))
    return made


def proves(conn: Connection, on: date) -> bool:
    """Whether the blobs of the day, as they are now, are those that were sealed."""
    seal = seals.of_day(conn, on)
    return seal is not None and _seal(conn, on, seals.of_day(conn, on - timedelta(days=1)), seal.sealed_at_us, seal) == seal


def _seal(conn: Connection, on: date, last: Seal | None, now_us: int, upto: Seal | None = None) -> Seal:
    """`upto`: as far as that one reached, when what was written down since shall be left out."""
    of_day = [SealedBlob(*one) for one in blobs.of_day(conn, on)]
    facts = written_down(conn)
    return sealed(on, last, of_day, facts if upto is None else facts.upto(upto), now_us)


def written_down(conn: Connection) -> Facts:
    return Facts(contracts.texts(conn), adjustments.as_written(conn), maintenance.as_written(conn))
