"""
Recorded results once more through the real ingest, under the clock of their receipt, into a store that is thrown away.

For audits, for what-if questions and for tests. Of the engine only what makes the account takes part: no incident is opened, no
message is written, no page is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.links import ProbeResult
from probes.outcome import Outcome, Verdict, inert
from uptimed.domain.catalogue import Catalogue
from uptimed.domain.contract import ContractHistory, ContractVersion
from uptimed.domain.results import Rejection
from uptimed.engine.ingest import Batch, Ingest
from uptimed.engine.journal import Journal
from uptimed.engine.memory import Picture
from uptimed.engine.restore import read_picture
from uptimed.storage import contracts
from uptimed.storage.database import Database

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Recorded(ProbeResult):
    """A result as a file has it."""

    received_us: int
    line: int


class OtherWord(str):
    """What a file says in place of a verdict. The ingest rejects it by its word and stores it."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


_OUTCOMES = {word.value: Outcome(word, "") for word in Verdict}
"""Shared by all that say no more than their verdict."""


def recorded(
    *,
    check: str,
    location: str,
    started_us: int,
    ended_us: int,
    verdict: str,
    received_us: int | None = None,
    result_id: str = "",
    epoch: int = 0,
    reason: str = "",
    detail: str = "",
    line: int = 0,
) -> Recorded:
    """Without an id of its own a result is told by what it says: the same twice is a duplicate, not a second look."""
    outcome = _OUTCOMES.get(verdict) or Outcome(OtherWord(verdict), "")  # type: ignore[arg-type]  # see OtherWord
    if reason or detail:
        outcome = replace(outcome, reason=reason, detail=inert(detail))
    return Recorded(
        id=result_id or f"{check}/{location}/{epoch}/{started_us}-{ended_us}/{verdict}",
        check=check,
        location=location,
        epoch=epoch,
        config_version="",
        started_us=started_us,
        ended_us=ended_us,
        boot_started_ns=0,
        boot_ended_ns=0,
        lag_s=0.0,
        outcome=outcome,
        received_us=ended_us if received_us is None else received_us,
        line=line,
    )


@dataclass
class Tally:
    """What became of the results."""

    results: int = 0
    evidence: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why the others are no evidence: a `Rejection`, `unknown_check`, or `duplicate` and `conflict`."""


@asynccontextmanager
async def replayed(
    results: Iterable[Recorded],
    catalogue: Catalogue,
    *,
    on_rejected: Callable[[Recorded, str], None] = lambda *_: None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> AsyncIterator[tuple[Picture, Tally]]:
    """The picture that they make, in the order given, which must be that of their receipt. The store is gone afterwards."""
    with TemporaryDirectory(prefix="uptimed-replay-") as name:
        folder = Path(name)
        database = await Database.open(f"sqlite+aiosqlite:///{folder / 'uptimed.db'}", data=folder)
        try:
            run = Replay(database, catalogue, on_rejected=on_rejected)
            rest = iter(results)
            while batch := list(islice(rest, BATCH)):
                await run.take(batch)
                on_progress(run.tally.results)
            yield await run.picture(), run.tally
        finally:
            await database.close()


class Replay:
    def __init__(self, database: Database, catalogue: Catalogue, *, on_rejected: Callable[[Recorded, str], None]) -> None:
        self.tally = Tally()
        self._database = database
        self._catalogue = catalogue
        self._on_rejected = on_rejected
        self._now_us = 0
        self._began: dict[str, int] = {}
        """Product -> start of its first result."""
        self._picture = Picture()
        history = ContractHistory([ContractVersion.of(catalogue, 0)])
        self._picture.configure(catalogue, history=history, first_seen={}, stored={})
        journal = Journal(database, now_us=lambda: self._now_us, offer=lambda _: None, wake=lambda: None)
        self._ingest = Ingest(self._picture, journal, database, now_us=lambda: self._now_us, on_result=lambda *_: None)

    async def take(self, batch: Sequence[Recorded]) -> None:
        self._now_us = batch[-1].received_us
        # The ids are a file's, not a worker's: nothing can be told from their numbers, so each is looked up.
        self._ingest.restore({}, self._catalogue.renames)
        done = await self._ingest.take(batch, attrgetter("received_us"))
        await self._ingest.store(done)
        self._count(batch, done)

    async def picture(self) -> Picture:
        """As the store has it. What has no `since` is in service from the first result of its product on."""
        first_us = min(self._began.values(), default=0)
        products = tuple(
            one if one.since_us is not None else replace(one, since_us=self._began.get(one.id, first_us))
            for one in self._catalogue.products
        )
        version = ContractVersion.of(replace(self._catalogue, products=products), first_us)
        await self._database.write(lambda connection: contracts.record(connection, version))
        return await read_picture(self._database, self._catalogue, self._now_us)

    def _count(self, batch: Sequence[Recorded], done: Batch) -> None:
        self.tally.results += len(batch)
        by_id = {one.id: one for one in reversed(batch)}
        for row in done.rows:
            if row.rejection is None or row.rejection == Rejection.PROBER_ERROR:
                product = self._picture.checks[row.check].product
                self._began[product] = min(row.started_us, self._began.get(product, row.started_us))
            if row.rejection is None:
                self.tally.evidence += 1
            else:
                self._reject(by_id[row.id], row.rejection)
        for again, repeat in done.repeats:
            if isinstance(again, Recorded):
                self._reject(again, repeat.value)

    def _reject(self, one: Recorded, why: str) -> None:
        self.tally.reasons[why] += 1
        self._on_rejected(one, why)
