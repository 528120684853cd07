"""
Results that another monitor recorded: the same handler for the daemon and without one.

Whoever asks has written them into a file of the data directory (one JSON object a line, `engine.recording`), so that a year of them
needs no long question. Each result has an id of its own: what is asked twice, or again after it broke off, changes nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from uptimed.clock import Clock
from uptimed.domain.contract import ImportedCheck
from uptimed.domain.policy import Rules
from uptimed.domain.results import IMPORTED
from uptimed.engine.engine import Engine
from uptimed.engine.journal import Entry
from uptimed.engine.recording import Recording, Unreadable
from uptimed.engine.replay import Tally
from uptimed.storage import StorageAway
from uptimed.web.control import Handler, Refusal

BATCH = 1_000
"""Few enough that our own results never wait long for their turn."""
OURS_SINCE = "ours_since"
"""Why a result is left out: at that time our own locations looked already."""

_NAME = re.compile(r"import-[A-Za-z0-9_]+\.jsonl")


class ImportCommands:
    """`uptimed import ...`."""

    def __init__(self, engine: Engine, clock: Clock, data: Path) -> None:
        self._engine = engine
        self._clock = clock
        self._data = data

    def handlers(self) -> dict[str, Handler]:
        return {"import.record": self.take}

    async def take(self, args: Mapping[str, Any], who: str) -> Any:
        """`file` in the data directory, `source` in words, `checks`: [{check, location, horizon_us, from_us}]."""
        name = str(args.get("file"))
        if not _NAME.fullmatch(name):
            raise Refusal(f"Nothing was imported: {name!r} is no record in the data directory.")
        imported = self._imported(args.get("checks"))
        try:
            recording = await asyncio.to_thread(Recording, self._data / name)
            await self._engine.records.begin(imported)
            tally = await self._take_all(recording)
            detail = {"results": tally.results, "evidence": tally.evidence, "not": dict(tally.reasons)}
            source = str(args.get("source", name))
            entry = Entry(self._clock.now_us(), who, "import.record", source, detail) if tally.evidence else None
            await self._engine.recorded(entry)
        except Unreadable as unreadable:
            raise Refusal(f"Nothing was imported: {unreadable}") from unreadable
        except (OSError, StorageAway) as trouble:
            # A database that is away is an OSError here, too: the one that a worker would see.
            raise Refusal(f"The import broke off: {trouble}. Ask again: what was written is not taken twice.") from trouble
        return {**detail, "stored": await self._engine.flush()}

    async def _take_all(self, recording: Recording) -> Tally:
        tally = Tally()
        rest = recording.results()
        while batch := await asyncio.to_thread(lambda: list(islice(rest, BATCH))):
            needed = [one for one in batch if not self._is_ours(one.check, one.started_us)]
            done = await self._engine.records.take(needed)
            tally.results += len(batch)
            tally.evidence += sum(1 for row in done.rows if row.rejection is None)
            tally.reasons.update(row.rejection for row in done.rows if row.rejection is not None)
            tally.reasons.update(repeat.value for _, repeat in done.repeats)
            tally.reasons.update([OURS_SINCE] * (len(batch) - len(needed)))
        return tally

    def _is_ours(self, check: str, started_us: int) -> bool:
        from_us = self._engine.records.ours_from_us(check) if check in self._engine.picture.checks else None
        return from_us is not None and started_us >= from_us

    def _imported(self, asked: Any) -> Sequence[ImportedCheck]:
        if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
            raise Refusal("Nothing was imported: `checks` must be a list of objects.")
        return [self._one(one) for one in asked]

    def _one(self, asked: Mapping[str, Any]) -> ImportedCheck:
        check, location = asked.get("check"), asked.get("location")
        memory = self._engine.picture.checks.get(str(check))
        if memory is None:
            raise Refusal(f"Nothing was imported: the running configuration has no check {check!r}; reload it, then import again.")
        if not isinstance(location, str) or not location.startswith(IMPORTED):
            raise Refusal(f"Nothing was imported: {location!r} is no place of another monitor; it begins with {IMPORTED!r}.")
        horizon_us, from_us = asked.get("horizon_us"), asked.get("from_us")
        if not isinstance(horizon_us, int) or not isinstance(from_us, int):
            raise Refusal("Nothing was imported: `horizon_us` and `from_us` must be whole microseconds.")
        rules = Rules(horizon_us, 1, memory.check.confirm.failures, memory.timeline.policy.flap_window_us)
        return ImportedCheck(memory.check.id, location, rules, from_us)
