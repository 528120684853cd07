"""A public door on loopback, with facts and a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from statuspage.app import PublicRunner, public_runner
from statuspage.snapshot import Snapshot
from statuspage.source import SnapshotSource
from tests.statuspage import builders


@dataclass
class House:
    """The core, as the page sees it."""

    snapshot: Snapshot | None = field(default_factory=builders.an_incident_day)
    now_us: int = builders.NOW
    statuses: list[int] = field(default_factory=list)

    def runner(self, **settings: Any) -> PublicRunner:
        source = SnapshotSource(lambda: self.snapshot)
        return public_runner(source, now_us=lambda: self.now_us, on_request=self.statuses.append, **settings)


async def opened(runner: PublicRunner) -> str:
    """Sets the runner up on a free port; its address without a final slash."""
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def runner(house: House) -> AsyncIterator[PublicRunner]:
    runner = house.runner(hosts=["status.example.org"])
    yield runner
    await runner.cleanup()


@pytest.fixture
async def door(runner: PublicRunner) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that decompresses nothing and follows nothing, on the runner's address."""
    base = await opened(runner)
    async with aiohttp.ClientSession(base, auto_decompress=False, headers={"Accept-Encoding": "identity"}) as session:
        yield session
