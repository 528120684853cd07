"""Killed between sending and noting: the alert comes once more, marked, and never a third time (RELIABILITY G7, G8)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import tests
from tests.notify.builders import NOON, a_message, until
from tests.notify.sink import Sink, listening
from uptimed.domain.messages import Delivery
from uptimed.storage import outbox
from uptimed.storage.database import Database

ROOT = Path(tests.__file__).parent.parent


@asynccontextmanager
async def relaying(address: str, data: Path, sink: Sink, how: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A real process; killed without warning at the end of the block."""
    arguments = ("-m", "tests.notify.child", address, str(data), sink.url, how)
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def says(child: asyncio.subprocess.Process, word: str) -> None:
    assert child.stdout is not None
    async with asyncio.timeout(30):
        assert (await child.stdout.readline()).decode().strip() == word


async def test_a_kill_between_sending_and_noting_makes_exactly_one_marked_repeat(address: str, tmp_path: Path):
    alert = a_message(at_us=NOON - 10**15)
    database = await Database.open(address, data=tmp_path)
    await database.write(lambda connection: outbox.add(connection, [alert]))
    await database.close()

    async with listening() as sink:
        async with relaying(address, tmp_path, sink, "hold") as first:
            await says(first, "sent")
        async with relaying(address, tmp_path, sink, "run") as second:
            await says(second, "sent")
            await until(lambda: len(sink.got) == 2)
            await noted(address, tmp_path)
        async with relaying(address, tmp_path, sink, "run"):
            # Long enough for a third sending, were there one.
            await asyncio.sleep(1.5)

    once, again = sink.got
    assert once.headers["webhook-id"] == again.headers["webhook-id"]
    assert [one.json["data"]["possible_repeat"] for one in sink.got] == [False, True]
    assert [one.headers["webhook-attempt"] for one in sink.got] == ["1", "2"]


async def noted(address: str, data: Path) -> None:
    reader = await Database.open(address, data=data, read_only=True)
    try:
        async with asyncio.timeout(10):
            while True:
                (row,) = await reader.read(lambda connection: outbox.of_incident(connection, "INC-2026-0001"))
                if row.state is Delivery.SENT:
                    return
                await asyncio.sleep(0.05)
    finally:
        await reader.close()
