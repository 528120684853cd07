"""A real database of either kind, and a relay over it that is stopped at the end of the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.notify.builders import HandClock
from uptimed.domain.messages import Message
from uptimed.notify.channels.base import Channel
from uptimed.notify.relay import Relay
from uptimed.storage import outbox
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageAway


class Switch:
    """A real database with a switch that takes it away."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.away = False

    async def write(self, work: Callable[[Any], Any], *, token: int = 0) -> Any:
        if self.away:
            raise StorageAway("the database is switched off by the test")
        return await self.database.write(work, token=token)

    async def add(self, *messages: Message) -> None:
        await self.write(lambda connection: outbox.add(connection, messages))

    async def get(self, message: Message) -> Message:
        found = await self.database.read(lambda connection: outbox.get(connection, message.id))
        assert found is not None
        return found

    async def attempts(self, message: Message) -> list[outbox.Attempt]:
        return await self.database.read(lambda connection: outbox.deliveries(connection, message.id))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def database(address: str, tmp_path: Path) -> AsyncIterator[Switch]:
    opened = await Database.open(address, data=tmp_path)
    yield Switch(opened)
    await opened.close()


StartRelay = Callable[[Mapping[str, Channel]], Awaitable[Relay]]


@pytest.fixture
async def start_relay(database: Switch, clock: HandClock) -> AsyncIterator[StartRelay]:
    tasks: list[asyncio.Task[None]] = []

    async def start(channels: Mapping[str, Channel]) -> Relay:
        relay = Relay(database, channels, clock, chance=lambda: 0.0)  # type: ignore[arg-type]  # it has what the relay asks of it
        tasks.append(asyncio.create_task(relay.run()))
        await asyncio.sleep(0)
        return relay

    yield start
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
