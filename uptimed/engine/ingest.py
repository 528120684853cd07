"""
Results in: each counts once, changes the picture in memory, and is acknowledged when the database has it.

Whether a result is new is decided without asking the database where that is possible: a worker numbers its results, so a higher
number of the same boot has never been here. Only results of another boot (after a restart, out of a spool) are looked up.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from probes.links import ProbeResult
from uptimed.domain.results import Evidence, Rejection, Repeat, judge
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

MANY = 32
"""So many results of one check and place in one batch (a backlog, a record of the past) are taken together."""

_SEEN = frozenset((None, Rejection.PROBER_ERROR, STALE_CONFIGURATION))
"""What a result may be and still say how a check looks: what is not stamped or worded right says nothing."""


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
    repeats: list[tuple[ProbeResult, Repeat]] = field(default_factory=list)
    """Results whose id was known already; the first stands."""
    perhaps_known: bool = False
    moved: dict[str, int | None] = field(default_factory=dict)
    """Check -> the instant from which its segments were rewritten, None when only its live edge moved."""
    late: list[Late] = field(default_factory=list)
    """Results older than what their check already knows (they need the evidence around them), and places with many results."""


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
        self.not_before_us = 0
        """Nothing is received before it: that day is sealed, even when the clock is set back over midnight."""
        self._now_us = now_us
        self._on_result = on_result
        self._newest: dict[tuple[str, str], tuple[str, int]] = {}
        """(check, location) -> boot and number of the newest result that was folded."""
        self._names: dict[str, str] = {}
        self._unstored: dict[str, str | None] = {}
        """Results already in the picture whose transaction failed -> their rejection. Their worker will bring them again."""

    def restore(self, newest: dict[tuple[str, str], tuple[str, int]], names: Mapping[str, str] | None = None) -> None:
        """`names`: old id of a check -> the one of now, for what a worker still brings under the old one."""
        self._newest = dict(newest)
        self._names = dict(names or {})

    def _under_its_name(self, result: ProbeResult) -> ProbeResult:
        name = self._names.get(result.check)
        return result if name is None else replace(result, check=name)

    async def take(self, batch: Sequence[ProbeResult], received_us: Callable[[ProbeResult], int] | None = None) -> Batch:
        """
        Fold what is new into the picture. Results that could not even be looked up are left out: their worker keeps them.

        `received_us`: when each result was received, for records of the past; without it, now.
        """
        now_us = max(self._now_us(), self.not_before_us)
        done = Batch()
        new = await self._new_ones([self._under_its_name(one) for one in batch], done)
        many = _places_of_many(new)
        for result in new:
            at_us = now_us if received_us is None else received_us(result)
            row = self._fold(result, at_us, done, one_by_one=_place(result) not in many)
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
        here: dict[str, ProbeResult] = {}
        for result in batch:
            if result.id in here:
                self._repeated(result, _digest(here[result.id]), done)
                continue
            here[result.id] = result
            if result.id in self._unstored or self._certainly_new(result):
                fresh.append(result)
            else:
                asked.append(result)
        if asked:
            fresh += await self._not_in_database(asked, done)
            fresh.sort(key=lambda one: one.started_us)
        return fresh

    def _certainly_new(self, result: ProbeResult) -> bool:
        newest = self._newest.get((result.check, result.location))
        mine = _boot_and_number(result.id)
        return newest is not None and mine is not None and newest[0] == mine[0] and mine[1] > newest[1]

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
                self._repeated(result, digests[result.id], done)
        return [result for result in asked if result.id not in digests]

    def _repeated(self, result: ProbeResult, known: bytes, done: Batch) -> None:
        again = Repeat.DUPLICATE if known == _digest(result) else Repeat.CONFLICT
        if again is Repeat.CONFLICT:
            log.error("a result id came twice with different contents; the first stands", extra={"result": result.id})
        done.repeats.append((result, again))

    def _is_ahead(self, result: ProbeResult) -> bool:
        memory = self._picture.checks.get(result.check)
        last_us = memory.timeline.last_start_us if memory else None
        return memory is not None and (last_us is None or result.started_us > last_us)

    def _fold(self, result: ProbeResult, now_us: int, done: Batch, *, one_by_one: bool) -> StoredResult | None:
        if result.id in self._unstored:
            done.perhaps_known = True
            return _row(result, now_us, self._unstored[result.id])
        memory = self._picture.checks.get(result.check)
        if memory is None:
            return _row(result, now_us, UNKNOWN_CHECK)
        rejection = self._rejection(memory, result, now_us)
        row = _row(result, now_us, rejection)
        if rejection is None:
            folded = memory.timeline.fold(_evidence(result)) if one_by_one else memory.timeline.around(_evidence(result))
            if isinstance(folded, OutOfOrder):
                done.late.append(Late(memory, result, row, folded))
                return None
            self._changed(memory, folded, done)
        self._remember(memory, result, rejection)
        return row

    def _rejection(self, memory: CheckMemory, result: ProbeResult, now_us: int) -> str | None:
        if result.started_us >= memory.defined_us and result.config_version and result.config_version not in memory.versions:
            # A worker that goes on with what was asked of it before. What it did before that was right at its time.
            return STALE_CONFIGURATION
        found = judge(result.location, result.started_us, result.ended_us, now_us, result.outcome.verdict.value, memory.acceptance)
        return None if found is None else found.value

    def _changed(self, memory: CheckMemory, change: Change, done: Batch) -> None:
        self._journal.pending.changed(memory.check.id, change)
        before = done.moved.get(memory.check.id)
        now = change.rewritten_from_us
        done.moved[memory.check.id] = min((one for one in (before, now) if one is not None), default=None)

    def _remember(self, memory: CheckMemory, result: ProbeResult, rejection: str | None) -> None:
        if (mine := _boot_and_number(result.id)) is not None:
            self._newest[result.check, result.location] = mine
        if rejection in _SEEN:
            _see(memory, result)
        self._on_result(memory, result, rejection)

    async def _rebuild(self, done: Batch) -> None:
        """Late results, and many at once: the runs around them are made again from the evidence."""
        apart: dict[tuple[str, str, int], list[Late]] = {}
        for late in done.late:
            apart.setdefault(_place(late.result), []).append(late)
        for (check, _, _), together in apart.items():
            if any(one.startswith(check + "/") for one in self._unstored):
                continue  # The database lacks what memory already knows; these wait with their worker until it has it.
            memory = together[0].memory
            span = min((one.span for one in together), key=lambda one: one.late.start_us)
            span = span._replace(to_us=max(one.span.to_us for one in together))
            try:
                before = await self._evidence_around(memory, span, done)
            except StorageAway:
                continue
            evidence = {one.id: one for one in [*before, *(late.span.late for late in together)]}
            self._changed(memory, memory.timeline.rebuild(span, evidence.values()), done)
            _see(memory, max((late.result for late in together), key=lambda one: one.ended_us))
            for late in together:
                done.rows.append(late.row)
                self._on_result(memory, late.result, None)

    async def _evidence_around(self, memory: CheckMemory, span: OutOfOrder, done: Batch) -> list[Evidence]:
        """What the database has of the span, and what this batch has brought so far. Nothing is asked of what is newer than all."""
        check, last_us = memory.check.id, memory.timeline.last_start_us
        if last_us is None or span.late.start_us > last_us:
            return []
        stored = await self._database.read(partial(results.evidence, check=check, from_us=span.from_us, to_us=span.to_us + 1))
        return [*stored, *_accepted_in(done.rows, check)]


def _place(result: ProbeResult) -> tuple[str, str, int]:
    return result.check, result.location, result.epoch


def _places_of_many(new: Sequence[ProbeResult]) -> set[tuple[str, str, int]]:
    if len(new) < MANY:
        return set()
    return {place for place, number in Counter(map(_place, new)).items() if number >= MANY}


def _see(memory: CheckMemory, result: ProbeResult) -> None:
    before = memory.seen.get(result.location)
    if before is not None and before.ended_us > result.ended_us:
        return
    outcome = result.outcome
    seen = Seen(Verdict(outcome.verdict.value), outcome.reason, outcome.detail, result.ended_us)
    memory.seen[result.location] = seen
    if seen.verdict is Verdict.DOWN:
        memory.failed[result.location] = seen


def _accepted_in(rows: Iterable[StoredResult], check: str) -> list[Evidence]:
    return [
        Evidence(row.id, row.location, row.epoch, row.started_us, row.ended_us, Verdict(row.verdict))
        for row in rows
        if row.check == check and row.rejection is None
    ]


def _boot_and_number(result_id: str) -> tuple[str, int] | None:
    """None: not an id of a worker, which numbers its results; nothing can be told from it."""
    parts = result_id.rsplit("/", 2)
    return (parts[1], int(parts[2])) if len(parts) == 3 and parts[2].isdecimal() else None


def _digest(result: ProbeResult) -> bytes:
    return results.digest_of(_row(result, 0, None))


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
