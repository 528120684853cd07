"""
What is let go, and when: raw results after their time, and the ids by which a second delivery is recognised.

A raw result goes only when its day is sealed and the day's blob says of it, to the last bit, what the row says. The raw results
within an hour around an outage stay for ever.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from uptimed.domain.dayblob import DAY_US, Day, DayBlobDamaged, DayResult, day, day_of, span_of, unpacked
from uptimed.domain.incidents import Outage
from uptimed.domain.results import IMPORTED, LATE_US
from uptimed.engine import sealing
from uptimed.engine.sealing import Store, received_on
from uptimed.storage import blobs, outages, renames, results, seals
from uptimed.storage.blobs import Received

log = logging.getLogger(__name__)
T = TypeVar("T")

AROUND_US = 3_600_000_000
"""The raw results of a component stay for ever within so much of its outages."""
AT_ONCE = 500
"""Rows that are deleted in one transaction."""


async def forget_keys(store: Store, now_us: int) -> None:
    """
    The ids of results so old that, if they came again, they would be late and count for nothing.

    What was imported is never late, and somebody may import the same file again: those ids stay.
    """
    until_on = day_of(now_us - LATE_US - DAY_US)
    while (on := await store.read(partial(seals.first_without, mark=seals.KEYS_REMOVED, until_on=until_on))) is not None:
        before_us = span_of(on)[1]
        for check in await _checks_of(store, on):
            for its in await _days(store, check, on):
                if its.location.startswith(IMPORTED):
                    continue
                # One whose worker's clock is ahead may come again and still be in time.
                old = (one for one, start_us in zip(its.ids(), its.starts, strict=True) if start_us + LATE_US < now_us)
                for some in _chunks(old):
                    # Looked up first: the writer is shared, and after a restart most are gone already.
                    if known := await store.read(partial(results.digests, ids=some)):
                        await store.write(partial(blobs.remove_keys, ids=list(known), before_us=before_us))
        await store.write(partial(seals.mark, on=on, what=seals.KEYS_REMOVED, at_us=now_us))


async def remove_results(store: Store, now_us: int, retention_us: int) -> None:
    """Ends at the first day whose blobs are not what was sealed: a person has to look."""
    until_on = day_of(now_us - retention_us)
    while (on := await store.read(partial(seals.first_without, mark=seals.RESULTS_REMOVED, until_on=until_on))) is not None:
        if not await store.read(partial(sealing.proves, on=on)):
            log.error("the day blobs of %s are not what was sealed; no raw result is removed: run `uptimed verify`", on)
            return
        removed = kept = 0
        for check in await _checks_of(store, on):
            rows = await received_on(store, check, on)
            proven = {Received(its.location, one) for its in await _days(store, check, on) for one in its.results()}
            if not proven.issuperset(rows):
                log.error(
                    "raw results of %s received on %s are not what is sealed of them; they are kept: run `uptimed verify`",
                    check,
                    on,
                )
                continue
            around = await store.read(partial(_outages_around, check=check, rows=rows))
            going = [one.result for one in rows if not _is_near(one.result, around)]
            for some in _chunks(going):
                await store.write(partial(blobs.remove_received, check=check, results=some))
            removed += len(going)
            kept += len(rows) - len(going)
        await store.write(partial(seals.mark, on=on, what=seals.RESULTS_REMOVED, at_us=now_us))
        log.info("the raw results of %s are removed: %d; %d around outages stay", on, removed, kept)


async def _checks_of(store: Store, on: date) -> list[str]:
    return sorted({check for check, *_ in await store.read(partial(blobs.of_day, on=on))})


async def _days(store: Store, check: str, on: date) -> list[Day]:
    """What the check's blobs of that day hold; a damaged one holds nothing, so that nothing is let go for it."""
    found = []
    for one in await store.read(partial(blobs.of_check, check=check, from_on=on, to_on=on + timedelta(days=1))):
        try:
            body = unpacked(one.blob)
            if blobs.digest_of(body) != one.digest:
                raise DayBlobDamaged("its hash is another")
            found.append(day(body))
        except DayBlobDamaged as damaged:
            log.error("the day blob of %s from %s of %s is damaged: %s; put back a backup", check, one.location, on, damaged)
    return found


def _outages_around(conn: Connection, check: str, rows: Sequence[Received]) -> list[Outage]:
    if not rows:
        return []
    from_us = min(one.result.started_us for one in rows) - AROUND_US
    to_us = max(one.result.ended_us for one in rows) + AROUND_US
    # An outage is kept under the name of now, a result under the name that it came with.
    component = renames.load(conn).get(check, check).rpartition("/")[0]
    return outages.of_components(conn, [component], from_us, to_us)


def _is_near(result: DayResult, around: Iterable[Outage]) -> bool:
    return any(
        result.ended_us > one.began_at_us - AROUND_US
        and (one.ended_at_us is None or result.started_us < one.ended_at_us + AROUND_US)
        for one in around
    )


def _chunks(several: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(several)
    while some := list(islice(rest, AT_ONCE)):
        yield some
