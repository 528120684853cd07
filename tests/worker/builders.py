"""Checks, results and a core that remembers, for the worker's tests."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any

from probes.anchor import Anchor
from probes.links import AssignedCheck, Assignment, ProbeResult
from probes.links.local import LocalLink
from probes.outcome import Outcome, ProbeJob, Verdict
from probes.worker import Worker

GOOD = Outcome(Verdict.UP, "ok")
BAD = Outcome(Verdict.DOWN, "connect_refused", "nobody listens")
BLIND = Outcome(Verdict.UNKNOWN, "network_unreachable")


def a_check(name: str = "shop/web/home", every_s: float = 20.0, **settings: Any) -> AssignedCheck:
    timeout_s = settings.pop("timeout_s", 8.0)
    version = settings.pop("config_version", "")
    return AssignedCheck(ProbeJob(name, "http", settings.pop("options", None), timeout_s, version), every_s, **settings)


def an_assignment(*checks: AssignedCheck, version: str = "v1") -> Assignment:
    return Assignment("london", version, checks)


def a_result(number: int, *, boot: str = "b1", outcome: Outcome = GOOD) -> ProbeResult:
    start_us = 1_790_000_000_000_000 + number * 20_000_000
    return ProbeResult(
        id=f"shop/web/home/london/w1/{boot}/{number}",
        check="shop/web/home",
        location="london",
        epoch=0,
        config_version="v1",
        started_us=start_us,
        ended_us=start_us + 12_345,
        boot_started_ns=number * 1_000,
        boot_ended_ns=number * 1_000 + 12_345_000,
        lag_s=0.0004,
        outcome=outcome,
    )


class Core:
    """What the engine is to a worker: it stores batches, or is away."""

    def __init__(self) -> None:
        self.results: list[ProbeResult] = []
        self.batches: list[int] = []
        self.is_away = False
        self.takes_s = 0.0
        self.arrived = asyncio.Event()
        self.link = LocalLink(self.on_batch)

    async def on_batch(self, batch: Sequence[ProbeResult]) -> Collection[str]:
        if self.is_away:
            raise ConnectionError("the database is away")
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        self.batches.append(len(batch))
        self.results.extend(batch)
        self.arrived.set()
        return [result.id for result in batch]

    @property
    def ids(self) -> list[str]:
        return [result.id for result in self.results]

    def reasons(self, check: str | None = None) -> list[str]:
        return [result.outcome.reason for result in self.results if check in (None, result.check)]


async def until(condition: Callable[[], object], within_s: float = 15.0) -> None:
    """Generous: a busy machine must not fail a test."""
    give_up_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up_s, "what was waited for did not happen"
        await asyncio.sleep(0.005)


async def always_good(job: ProbeJob) -> Outcome:
    return GOOD


@contextlib.asynccontextmanager
async def running(core: Core, runner: Any = always_good, **settings: Any) -> AsyncIterator[Worker]:
    settings.setdefault("anchor", Anchor())
    worker = Worker(core.link, runner, location="london", boot="b1", **settings)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop()
        await task
