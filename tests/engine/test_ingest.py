"""Batches that come at the same time: none may take from another what that has brought."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from probes.links import ProbeResult
from probes.outcome import Verdict
from tests.engine.world import S, World, world
from uptimed.domain.definition import segments_of
from uptimed.domain.results import Evidence
from uptimed.domain.states import Verdict as Word
from uptimed.engine.ingest import MANY


async def test_a_newer_result_survives_the_late_one_that_is_being_placed(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        await there.start()
        results = await seen(there, 12)
        late = moved(results[5], S, id="shop/web/home/local/w0/b0/1")
        newest = there.result(Verdict.UP)
        there.clock.us += S
        reading, go_on = asyncio.Event(), asyncio.Event()
        there.database.read = slow(there.database.read, reading, go_on)  # type: ignore[method-assign]

        first = asyncio.create_task(there.engine.on_batch([late]))
        await reading.wait()
        second = asyncio.create_task(there.engine.on_batch([newest]))
        await asyncio.sleep(0.05)  # long enough to be folded, were it not to wait
        go_on.set()
        await asyncio.gather(first, second)

        timeline = there.engine.picture.checks["shop/web/home"].timeline
        evidence = [
            Evidence(one.id, one.location, 0, one.started_us, one.ended_us, Word(one.outcome.verdict.value))
            for one in [*results, late, newest]
        ]
        assert timeline.segments == segments_of(evidence, timeline.policy)


async def test_a_backlog_takes_nothing_away_from_what_came_before_it(tmp_path: Path) -> None:
    """A worker that was cut off hands over its newest results first, then forty older ones in one batch."""
    async with world(tmp_path) as there:
        await there.start()
        there.clock.us += 3600 * S
        newest = await seen(there, 5)
        backlog = [moved(newest[0], -20 * S * n, id=f"shop/web/home/local/w0/b0/{n}") for n in range(1, MANY + 8)]

        await there.engine.on_batch(backlog)

        timeline = there.engine.picture.checks["shop/web/home"].timeline
        evidence = [
            Evidence(one.id, one.location, 0, one.started_us, one.ended_us, Word(one.outcome.verdict.value))
            for one in [*newest, *backlog]
        ]
        assert timeline.segments == segments_of(evidence, timeline.policy)


def moved(result: ProbeResult, by_us: int, **more: Any) -> ProbeResult:
    return replace(result, started_us=result.started_us + by_us, ended_us=result.ended_us + by_us, **more)


async def seen(there: World, number: int) -> list[ProbeResult]:
    results = []
    for _ in range(number):
        results.append(there.result(Verdict.UP))
        there.clock.us += 20 * S
        await there.engine.on_batch([results[-1]])
    return results


def slow(read: Callable[..., Any], reading: asyncio.Event, go_on: asyncio.Event) -> Callable[..., Any]:
    """The read of evidence, the second of a late result, waits for a sign after it has read."""
    reads = 0

    async def held(work: Callable[[Connection], Any]) -> Any:
        nonlocal reads
        reads += 1
        found = await read(work)
        if reads == 2:
            reading.set()
            await go_on.wait()
        return found

    return held
