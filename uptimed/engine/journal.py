"""
The way of every change from memory into the database: one transaction a batch, in order, and kept while the database is away.

What waits is not a log but the newest value of each thing (a check's changed runs, an incident, an outage), so an outage of the
database of any length holds a bounded amount: at most one entry a check, an outage, an incident, and the messages still to be sent.
Results are not kept here: their worker keeps each one until the transaction that holds it has been committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from uptimed.domain.alerts import Alert
from uptimed.domain.incidents import Incident, Outage, Update
from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.domain.messages import Kind, Message
from uptimed.domain.overlays import Adjustment
from uptimed.domain.timeline import Change
from uptimed.storage import StorageAway, adjustments, alerts, audit, incidents, maintenance, outages, outbox, results, timelines
from uptimed.storage.database import Database
from uptimed.storage.results import StoredResult


@dataclass(frozen=True)
class Cancellation:
    """Messages of an incident that must no longer leave: an escalation that somebody has answered."""

    incident: str
    at_us: int


@dataclass(frozen=True)
class Entry:
    """One line of the audit log: who did what to whom."""

    at_us: int
    who: str
    what: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Pending:
    """Changes that memory has made and the database does not have yet."""

    changes: dict[str, Change] = field(default_factory=dict)
    """Check -> what changed in its timeline, merged when several wait."""
    outages: dict[str, Outage | None] = field(default_factory=dict)
    """None: a late result has shown that there was none."""
    incidents: dict[str, Incident] = field(default_factory=dict)
    updates: list[Update] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    maintenance: list[MaintenanceEvent] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    alerts: dict[tuple[str, str], Alert] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(
            self.changes
            or self.outages
            or self.incidents
            or self.updates
            or self.messages
            or self.cancellations
            or self.adjustments
            or self.maintenance
            or self.entries
            or self.alerts
        )

    def changed(self, check: str, change: Change) -> None:
        older = self.changes.get(check)
        self.changes[check] = change if older is None else both(older, change)

    def absorb(self, newer: Pending) -> None:
        """Put what came later on top of what was here first."""
        for check, change in newer.changes.items():
            self.changed(check, change)
        self.outages.update(newer.outages)
        self.incidents.update(newer.incidents)
        self.updates += newer.updates
        self.messages += newer.messages
        self.cancellations += newer.cancellations
        self.adjustments += newer.adjustments
        self.maintenance += newer.maintenance
        self.entries += newer.entries
        self.alerts.update(newer.alerts)


class Journal:
    """Writes `pending` and a batch's results together; on `StorageAway` everything stays, and the messages leave from memory."""

    def __init__(
        self,
        database: Database,
        *,
        now_us: Callable[[], int],
        offer: Callable[[Sequence[Message]], None],
        wake: Callable[[], None],
        withdraw: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`offer` and `withdraw` reach the relay past the database, while that is away."""
        self.pending = Pending()
        self.away_since_us: int | None = None
        self.away_because = ""
        self._database = database
        self._now_us = now_us
        self._offer = offer
        self._wake = wake
        self._withdraw = withdraw
        self._one_at_a_time = asyncio.Lock()

    async def commit(self, rows: Sequence[StoredResult] = (), *, perhaps_known: bool = False) -> None:
        """
        Return when the database has it all. `StorageAway` otherwise: nothing is lost, the next commit tries again.

        `perhaps_known`: an earlier transaction with some of the rows failed in a way that may hide its success.
        """
        async with self._one_at_a_time:
            if not rows and not self.pending:
                return
            taken, self.pending = self.pending, Pending()
            now_us = self._now_us()
            try:
                await self._database.write(lambda connection: _write(connection, taken, rows, now_us, perhaps_known))
            except StorageAway as away:
                self._keep(taken, str(away), now_us)
                raise
            except BaseException:
                # Also cancellation: whether it was committed is not known, and writing it twice does no harm.
                self._keep(taken, "the write was interrupted", now_us)
                raise
            self.away_since_us = None
            self.away_because = ""
            if taken.messages or taken.cancellations:
                self._wake()

    def _keep(self, taken: Pending, why: str, now_us: int) -> None:
        for cancellation in taken.cancellations:
            self._withdraw(cancellation.incident)
        if taken.messages:
            self._offer(taken.messages)
        taken.absorb(self.pending)
        self.pending = taken
        if self.away_since_us is None:
            self.away_since_us = now_us
        self.away_because = why


def both(older: Change, newer: Change) -> Change:
    """Two changes of one timeline as one: runs deleted by either are deleted first, then the newest of each is written."""
    runs = {run.key: run for run in older.runs if run.key not in newer.truncated} | {run.key: run for run in newer.runs}
    truncated = tuple(dict.fromkeys([*older.truncated, *newer.truncated]))
    if newer.rewritten_from_us is None or older.rewritten_from_us is None:
        kept = older if newer.rewritten_from_us is None else newer
        from_us, segments = kept.rewritten_from_us, kept.segments
    elif newer.rewritten_from_us <= older.rewritten_from_us:
        from_us, segments = newer.rewritten_from_us, newer.segments
    else:
        from_us = older.rewritten_from_us
        segments = tuple(one for one in older.segments if one.from_us < newer.rewritten_from_us) + newer.segments
    return Change(tuple(runs.values()), truncated, from_us, segments, older.only_edge and newer.only_edge)


def _write(connection: Connection, pending: Pending, rows: Sequence[StoredResult], now_us: int, perhaps_known: bool) -> None:
    if perhaps_known:
        known = results.digests(connection, [row.id for row in rows])
        rows = [row for row in rows if row.id not in known]
    if rows:
        results.add(connection, rows)
    for check, change in pending.changes.items():
        timelines.save(connection, check, change, now_us)
    for outage_id, outage in pending.outages.items():
        if outage is None:
            outages.remove(connection, outage_id)
        else:
            outages.save(connection, outage)
    for incident in pending.incidents.values():
        incidents.save(connection, incident)
    for update in pending.updates:
        incidents.add_update(connection, update)
    if pending.messages:
        outbox.add(connection, pending.messages)
    for cancellation in pending.cancellations:
        outbox.cancel(connection, cancellation.incident, cancellation.at_us, kinds=(Kind.INCIDENT_OPENED,))
    _write_set_aside(connection, pending)
    alerts.save(connection, pending.alerts.values())
    for entry in pending.entries:
        audit.add(connection, entry.at_us, entry.who, entry.what, entry.subject, entry.detail)


def _write_set_aside(connection: Connection, pending: Pending) -> None:
    for adjustment in pending.adjustments:
        adjustments.add(connection, adjustment)
    for event in pending.maintenance:
        maintenance.add(connection, event)
