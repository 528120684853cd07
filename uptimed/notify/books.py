"""The relay's side of the database: one transaction notes what was sent and takes what is due."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from uptimed.domain.messages import Message, SendOutcome, Sent
from uptimed.storage import outbox
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageError

LEASE_US = 600_000_000
"""
Longer than any message can wait in its channel's queue. It delays nothing after a crash: the next start ends all leases.
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note:
    """What is to be written about one message."""

    message: Message
    outcome: SendOutcome
    at_us: int
    next_attempt_us: int | None


@dataclass(frozen=True)
class Turn:
    claimed: Sequence[Message]
    next_due_us: int | None
    oldest_us: int | None
    """Due instant of the oldest message that is due and not settled."""
    noted: Collection[str]
    """Ids that left from memory and whose row now says so."""


class Books:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def reclaim(self, now_us: int) -> int:
        """At the start: whoever held leases is dead, because we hold the lock of the data directory."""
        return await self._database.write(lambda connection: outbox.reclaim(connection, now_us))

    async def turn(
        self, notes: Sequence[Note], from_memory: Sequence[Note], *, now_us: int, limit: int, skip_channels: Collection[str]
    ) -> Turn:
        """
        All or nothing; `StorageError` while the database is away, and then every note has to come again.

        `from_memory` were sent without a row; each is noted when its row is there, and has to come again until then.
        """
        skip = frozenset(skip_channels)

        def work(connection: Connection) -> Turn:
            _write(connection, notes)
            noted = _write_unclaimed(connection, from_memory)
            claimed = outbox.claim(connection, now_us, LEASE_US, limit, skip_channels=skip)
            return Turn(claimed, outbox.next_due_us(connection), outbox.oldest_pending_us(connection, now_us), noted)

        return await self._database.write(work)

    async def note(self, notes: Sequence[Note], from_memory: Sequence[Note] = ()) -> None:
        def work(connection: Connection) -> None:
            _write(connection, notes)
            _write_unclaimed(connection, from_memory)

        await self._database.write(work)

    async def note_one_by_one(self, notes: Sequence[Note]) -> None:
        """After a fault that is not the database's absence: a note that cannot be written must not hold up the others."""
        for one in notes:
            try:
                await self.note([one])
            except StorageError:
                raise
            except Exception as fault:  # noqa: BLE001  quarantine: the row keeps its lease and is said in the log
                log.error(
                    "the outcome of an alert cannot be noted",
                    extra={"fields": {"message": one.message.id, "fault": type(fault).__name__}},
                )


def _write(connection: Connection, notes: Sequence[Note]) -> None:
    for one in notes:
        outbox.settle(connection, one.message.id, one.outcome, one.at_us, one.next_attempt_us)


def _write_unclaimed(connection: Connection, notes: Sequence[Note]) -> set[str]:
    """The ids whose row is there."""
    return {
        one.message.id
        for one in notes
        if isinstance(one.outcome, Sent) and outbox.sent_unclaimed(connection, one.message.id, one.outcome, one.at_us)
    }
