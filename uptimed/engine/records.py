"""
The record of another monitor, taken into ours: results like any other, but nobody is called for them, and no gauge shows them.

They stand at a location of their own (`IMPORTED`), which is active until the first version of their product: from then on our own
locations look. Coming long after newer results they are late ones, and fold as such.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from probes.links import ProbeResult
from uptimed.domain.contract import ImportedCheck
from uptimed.domain.incidents import Outage
from uptimed.domain.record import Overlays
from uptimed.domain.results import IMPORTED
from uptimed.engine import outages as outage_look
from uptimed.engine.ingest import Batch, Ingest
from uptimed.engine.journal import Journal
from uptimed.engine.memory import CheckMemory, ComponentMemory, Picture
from uptimed.storage import contracts, outages
from uptimed.storage.database import Database

REASON = "record_down"


class Records:
    def __init__(
        self,
        picture: Picture,
        journal: Journal,
        database: Database,
        turn: asyncio.Lock,
        *,
        now_us: Callable[[], int],
        overlays: Callable[[], Overlays],
    ) -> None:
        """`turn` is held by whoever changes the picture."""
        self._picture = picture
        self._journal = journal
        self._database = database
        self._turn = turn
        self._now_us = now_us
        self._overlays = overlays
        self._ingest = Ingest(picture, journal, database, now_us=now_us, on_result=lambda *_: None)
        self._moved: set[str] = set()
        """Components whose past is another since their outages were last found."""

    def ours_from_us(self, check: str) -> int | None:
        """The instant from which on our own locations look, so that no record is needed."""
        return self._picture.history.first_us(self._picture.checks[check].product)

    async def begin(self, imported: Sequence[ImportedCheck]) -> None:
        """From now on what these checks' records say is evidence. `StorageAway`: nothing has changed."""
        async with self._turn:
            history = await self._database.write(partial(contracts.note_imports, imported=imported))
            self._picture.adopt(history, [one.id for one in imported], self._overlays())

    async def take(self, batch: Sequence[ProbeResult]) -> Batch:
        """ConnectionError: the database is away, and the same batch has to come again."""
        async with self._turn:
            # Their numbers are instants, and an older copy may fill what was missing between: each is looked up.
            self._ingest.restore({})
            done = await self._ingest.take(batch)
            for check, from_us in done.moved.items():
                memory = self._picture.checks[check]
                _forget_present(memory)
                if from_us is not None:
                    self._picture.products[memory.product].moved(from_us)
                    self._moved.add(memory.component)
            await self._ingest.store(done)
            return done

    async def find_outages(self) -> None:
        """Bring the outages of the time before ours up to date with what has come; they go into the next commit."""
        for name in sorted(self._moved):
            component = self._picture.components[name]
            imported = {one.id: one for one in self._picture.history.imported if one.component == name}
            until_us = self._picture.history.first_us(component.product)
            if not imported or until_us is None:
                continue
            from_us = min(one.from_us for one in imported.values())
            # As the component was composed then: a check of which nothing was known would leave every outage without an end.
            then = ComponentMemory(
                component.component, component.product, [one for one in component.checks if one.check.id in imported]
            )
            seen = outage_look.look(then, from_us, self._now_us()).began
            # One that nobody saw the end of is left to our own next result: whether it lasts, and somebody must be called.
            found = {
                one.id: _told(one, imported.values()) for one in seen if one.ended_at_us is not None and one.ended_at_us <= until_us
            }
            known = await self._database.read(partial(outages.of_components, components=[name], from_us=from_us, to_us=until_us))
            pending = self._journal.pending.outages
            pending.update({one.id: None for one in known if one.reason == REASON and one.id not in found})
            pending.update(found)
        self._moved.clear()


def _told(outage: Outage, imported: Iterable[ImportedCheck]) -> Outage:
    """With what is known of a failure that we have not seen ourselves."""
    return replace(outage, reason=REASON, locations=tuple(sorted({one.location for one in imported})))


def _forget_present(memory: CheckMemory) -> None:
    """How it looked to another monitor, long ago, is nothing about now."""
    for place in [one for one in memory.seen if one.startswith(IMPORTED)]:
        memory.seen.pop(place)
        memory.failed.pop(place, None)
