"""
Closed months and years are published once and for all (AVAILABILITY B15), some days after their end, when no late result can come.

Once a day all of them are worked out again. What says something else than its newest record is published as a new revision, with
the reasons; nothing is published that says the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from uptimed.clock import Clock
from uptimed.domain.overlays import Adjustment, revoked_by
from uptimed.domain.published import PublishedRecord, Reason, reasons_for, with_resolution
from uptimed.engine.engine import Engine
from uptimed.engine.periods import TwoBooks, closed_periods
from uptimed.engine.resolution import resolution_of
from uptimed.storage import StorageAway, audit, published
from uptimed.storage.database import Database

log = logging.getLogger(__name__)


class Closing:
    def __init__(self, database: Database, engine: Engine, clock: Clock, program: str) -> None:
        """`program`: the version of uptimed that answers for what is published."""
        self._database = database
        self._engine = engine
        self._clock = clock
        self._program = program

    async def run(self) -> None:
        """Publish all that is due. With the database away it is left for the next time."""
        try:
            # What is told in a record must be written: an exclusion may still wait for the next commit.
            await self._engine.journal.commit()
            known = await self._database.read(published.load)
            for product_id in self._engine.picture.history.product_ids():
                for record in self._due(product_id, known):
                    await self._publish(record)
                # Between two products results, alerts and the page have their turn.
                await asyncio.sleep(0)
        except StorageAway as away:
            log.info("closed periods are published when the database is back: %s", away)

    def _due(self, product_id: str, known: Mapping[tuple[str, str], Sequence[PublishedRecord]]) -> list[PublishedRecord]:
        engine, now_us = self._engine, self._clock.now_us()
        history = engine.picture.history
        books = TwoBooks(history, product_id, engine.picture.timelines, engine.overlays(), now_us)
        told = explained(engine.adjustments)
        due = []
        for period in closed_periods(history, books.since_us, now_us):
            revisions = known.get((product_id, period.name), ())
            if not revisions and not books.was_there(period.window):
                continue
            content = books.content(period.window, revisions[-1].content["resolution_us"] if revisions else None)
            reasons = reasons_for(revisions[-1].content, content, told, self._program) if revisions else ()
            if reasons or not revisions:
                due.append(
                    PublishedRecord(product_id, period.name, len(revisions) + 1, now_us, self._program, tuple(reasons), content)
                )
        return due

    async def _publish(self, record: PublishedRecord) -> None:
        history = self._engine.picture.history
        window = record.content["window_us"]

        def work(connection: Connection) -> PublishedRecord:
            resolution_us = resolution_of(connection, history, record.product, (window[0], window[1]), anew=True)
            return with_resolution(record, resolution_us)

        whole = await self._database.read(work)

        def write(connection: Connection) -> None:
            published.add(connection, [whole])
            detail = {"revision": whole.revision, "digest": whole.digest, "reasons": [one._asdict() for one in whole.reasons]}
            audit.add(connection, whole.published_at_us, "uptimed", "record.publish", f"{whole.product} {whole.period}", detail)

        await self._database.write(write)
        log.info(
            "the record of %s for %s is published, revision %d",
            whole.product,
            whole.period,
            whole.revision,
            extra={"verdict": whole.content["verdict"], "availability": whole.content["texts"]["point"]},
        )


def explained(adjustments: Iterable[Adjustment]) -> dict[str, Reason]:
    """Why each exclusion or assertion counts, or no longer does, in the words of who made it or took it back."""
    known = list(adjustments)
    revoked = revoked_by(known)
    words = {"exclude": "excluded", "assert": "asserted"}
    return {
        one.id: Reason("revoked", one.id, revoked[one.id].reason)
        if one.id in revoked
        else Reason(words[one.kind], one.id, one.reason)
        for one in known
        if one.kind in words
    }
