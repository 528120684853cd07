"""
Results in: each counts once, changes the picture in memory, and is acknowledged when the database has it.

Whether a result is new is decided without asking the database where that is possible: a worker numbers its results, so a higher
number of the same boot has never been here. Only results of another boot (after a restart, out of a spool) are looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from probes.links import ProbeResult
from uptimed.domain.results import Evidence, judge
from uptimed.domain.states import Verdict
from uptimed.domain.timeline import Change, OutOfOrder
from uptimed.engine.journal import Journal
from uptimed.engine.memory import CheckMemory, Picture, Seen
from uptimed.storage import StorageAway, results
from uptimed.storage.database import Database
from uptimed.storage.results import StoredResult

log = logging.getLogger(__name__)

UNKNOWN_CHECK = "unknown_check"
STALE_CONFIGURATION = "stale_configuration"


@dataclass(frozen=True)
class Late:
    memory: CheckMemory
    result: ProbeResult
    row: StoredResult
    span: OutOfOrder


@dataclass
class Batch:
    """What one batch has done to the picture."""

    rows: list[StoredResult] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    perhaps_known: bool = False
    moved: dict[str, int | None] = field(default_factory=dict)
    """Check -> the instant from which its segments were rewritten, None when only its live edge moved."""
    late: list[Late] = field(default_factory=list)
    """Results older than what their check already knows: they need the evidence around them from the database."""


class Ingest:
    def __init__(
        self,
        picture: Picture,
        journal: Journal,
        database: Database,
        *,
        now_us: Callable[[], int],
        on_result: Callable[[CheckMemory, ProbeResult, str | None], None],
    ) -> None:
        self._picture = picture
        self._journal = journal
        self._database = database
        self._now_us = now_us
        self._on_result = on_result
        self._newest: dict[tuple[str, str], tuple[str, int]] = {}
        """(check, location) -> boot and number of the newest result that was folded."""
        self._unstored: dict[str, str | None] = {}
        """Results already in the picture whose transaction failed -> their rejection. Their worker will bring them again."""

    def restore(self, newest: dict[tuple[str, str], tuple[str, int]]) -> None:
        self._newest = dict(newest)

    async def take(self, batch: Sequence[ProbeResult]) -> Batch:
        """Fold what is new into the picture. Results that could not even be looked up are left out: their worker keeps them."""
        now_us = self._now_us()
        done = Batch()
        for result in await self._new_ones(batch, done):
            row = self._fold(result, now_us, done)
            if row is not None:
                done.rows.append(row)
        if done.late:
            await self._rebuild(done)
        return done

    async def store(self, done: Batch) -> Collection[str]:
        """Write the batch with everything that it has changed; returns the ids that the database has. ConnectionError: none."""
        try:
            await self._journal.commit(done.rows, perhaps_known=done.perhaps_known)
        except StorageAway as away:
            self._unstored.update({row.id: row.rejection for row in done.rows})
            raise ConnectionError(str(away)) from away
        for row in done.rows:
            self._unstored.pop(row.id, None)
        return done.known | {row.id for row in done.rows}

    async def _new_ones(self, batch: Sequence[ProbeResult], done: Batch) -> list[ProbeResult]:
        asked: list[ProbeResult] = []
        fresh: list[ProbeResult] = []
        here: set[str] = set()
        for result in batch:
            if result.id in here:
                continue
            here.add(result.id)
            if result.id in self._unstored or self._certainly_new(result):
                fresh.append(result)
            else:
                asked.append(result)
        if asked:
            fresh += await self._not_in_database(asked, done)
            fresh.sort(key=lambda one: one.started_us)
        return fresh

    def _certainly_new(self, result: ProbeResult) -> bool:
        boot, number = _boot_and_number(result.id)
        newest = self._newest.get((result.check, result.location))
        return newest is not None and newest[0] == boot and number > newest[1]

    async def _not_in_database(self, asked: Sequence[ProbeResult], done: Batch) -> list[ProbeResult]:
        ids = [result.id for result in asked]
        try:
            digests = await self._database.read(lambda connection: results.digests(connection, ids))
        except StorageAway:
            # A first result of this boot may be judged now all the same: alerts must not wait for the database. If it was stored
            # before, the write finds that out, and folding the same evidence twice changes nothing.
            done.perhaps_known = True
            return [result for result in asked if self._is_ahead(result)]
        for result in asked:
            if result.id in digests:
                done.known.add(result.id)
                if digests[result.id] != results.digest_of(_row(result, 0, None)):
                    log.error("a result id came twice with different contents; the first stands", extra={"result": result.id})
        return [result for result in asked if result.id not in digests]

    def _is_ahead(self, result: ProbeResult) -> bool:
        memory = self._picture.checks.get(result.check)
        last_us = memory.timeline.last_start_us if memory else None
        return memory is not None and (last_us is None or result.started_us > last_us)

    def _fold(self, result: ProbeResult, now_us: int, done: Batch) -> StoredResult | None:
        if result.id in self._unstored:
            done.perhaps_known = True
            return _row(result, now_us, self._unstored[result.id])
        memory = self._picture.checks.get(result.check)
        if memory is None:
            return _row(result, now_us, UNKNOWN_CHECK)
        rejection = self._rejection(memory, result, now_us)
        row = _row(result, now_us, rejection)
        if rejection is None:
            folded = memory.timeline.fold(_evidence(result))
            if isinstance(folded, OutOfOrder):
                done.late.append(Late(memory, result, row, folded))
                return None
            self._changed(memory, folded, done)
        self._remember(memory, result, rejection)
        return row

    def _rejection(self, memory: CheckMemory, result: ProbeResult, now_us: int) -> str | None:
        if result.config_version and result.config_version not in memory.versions:
            return STALE_CONFIGURATION
        found = judge(result.location, result.started_us, result.ended_us, now_us, result.outcome.verdict.value, memory.acceptance)
        return None if found is None else found.value

    def _changed(self, memory: CheckMemory, change: Change, done: Batch) -> None:
        self._journal.pending.changed(memory.check.id, change)
        before = done.moved.get(memory.check.id)
        now = change.rewritten_from_us
        done.moved[memory.check.id] = min((one for one in (before, now) if one is not None), default=None)

    def _remember(self, memory: CheckMemory, result: ProbeResult, rejection: str | None) -> None:
        key = (result.check, result.location)
        self._newest[key] = _boot_and_number(result.id)
        before = memory.seen.get(result.location)
        if before is None or before.ended_us <= result.ended_us:
            outcome = result.outcome
            seen = Seen(Verdict(outcome.verdict.value), outcome.reason, outcome.detail, result.ended_us)
            memory.seen[result.location] = seen
            if seen.verdict is Verdict.DOWN:
                memory.failed[result.location] = seen
        self._on_result(memory, result, rejection)

    async def _rebuild(self, done: Batch) -> None:
        """Late results: the chain around each is built again from the raw evidence and what this batch has brought so far."""
        for late in done.late:
            check = late.memory.check.id
            if any(one.startswith(check + "/") for one in self._unstored):
                continue  # The database lacks what memory already knows; this one waits with its worker until it has it.
            span = late.span
            try:
                stored = await self._database.read(partial(_evidence_around, check=check, span=span))
            except StorageAway:
                continue
            together = {one.id: one for one in [*stored, *_accepted_in(done.rows, check), span.late]}
            self._changed(late.memory, late.memory.timeline.rebuild(span, together.values()), done)
            done.rows.append(late.row)
            self._on_result(late.memory, late.result, None)


def _evidence_around(connection: Connection, check: str, span: OutOfOrder) -> list[Evidence]:
    return results.evidence(connection, check, span.from_us, span.to_us + 1)


def _accepted_in(rows: Iterable[StoredResult], check: str) -> list[Evidence]:
    return [
        Evidence(row.id, row.location, row.epoch, row.started_us, row.ended_us, Verdict(row.verdict))
        for row in rows
        if row.check == check and row.rejection is None
    ]


def _boot_and_number(result_id: str) -> tuple[str, int]:
    _, boot, number = result_id.rsplit("/", 2)
    return boot, int(number)


def _evidence(result: ProbeResult) -> Evidence:
    return Evidence(
        result.id, result.location, result.epoch, result.started_us, result.ended_us, Verdict(result.outcome.verdict.value)
    )


def _row(result: ProbeResult, received_us: int, rejection: str | None) -> StoredResult:
    outcome = result.outcome
    return StoredResult(
        id=result.id,
        check=result.check,
        location=result.location,
        epoch=result.epoch,
        started_us=result.started_us,
        ended_us=result.ended_us,
        received_us=received_us,
        verdict=outcome.verdict.value,
        reason=outcome.reason,
        detail=outcome.detail,
        took_us=round(outcome.took_s * 1_000_000),
        lag_us=round(result.lag_s * 1_000_000),
        config_version=result.config_version,
        phases=outcome.phases,
        evidence=outcome.evidence,
        notes=outcome.notes,
        rejection=rejection,
    )
