"""A real daemon on a real configuration, an endpoint that can be broken, and a sink that takes its webhooks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

CONFIG = """
site: {{name: Story, timezone: UTC}}
products:
  - id: shop
    name: Shop
    components:
      - id: web
        checks:
          - {{id: home, kind: http, url: "{target}/health", every: 1s, timeout: 500ms, confirm: {{recheck: 100ms}}}}
notify:
  channels:
    hook: {{kind: webhook, url: "{target}/sink", secret: a-secret-of-the-story}}
  escalation: {{critical: [{{after: 0s, notify: [hook]}}]}}
commitment: {{updates: {{critical: 30m}}}}
egress: {{allow: [127.0.0.0/8]}}
server: {{public: "127.0.0.1:{public}", staff: "127.0.0.1:{staff}"}}
data: {data}
"""


_WAITING = "import sys; import uptimed.cli.run; sys.stdin.readline(); sys.exit(uptimed.cli.main())"
"""`uptimed` with everything imported, which begins when it is told to: so a story of many lives need not wait for Python."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class World:
    """What is watched, and what hears of it."""

    def __init__(self) -> None:
        self.broken = False
        self.looks = 0
        """Checks that have arrived."""
        self.messages: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[World]:
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_get("/health/{which}", self._health)
        app.router.add_post("/sink", self._sink)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    async def _health(self, _request: web.Request) -> web.Response:
        self.looks += 1
        return web.Response(status=503 if self.broken else 200)

    async def _sink(self, request: web.Request) -> web.Response:
        self.ids.append(request.headers["webhook-id"])
        self.messages.append(await request.json())
        return web.Response(status=204)


class Uptimed:
    """`python -m uptimed run`, as a process of its own."""

    def __init__(self, folder: Path, world: World, config: str = CONFIG) -> None:
        self.public, self.staff = free_port(), free_port()
        self.data = folder / "data"
        self.config = folder / "uptimed.yaml"
        self.log = folder / "uptimed.log"
        """Of all its lives."""
        self.config.write_text(
            config.format(target=world.url, public=self.public, staff=self.staff, data=self.data), encoding="utf-8"
        )
        self._process: asyncio.subprocess.Process | None = None
        self._next: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        await self.begin()
        await until(self._is_ready, "the daemon is ready")

    async def begin(self) -> None:
        """It runs, and is perhaps far from ready."""
        await self.warm_up()
        self._process, self._next = self._next, None
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        await self._process.stdin.drain()

    async def warm_up(self) -> None:
        """Let the next life import what it needs while this one still goes on."""
        if self._next is None:
            with self.log.open("ab") as log:
                self._next = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", _WAITING, "run", "--config", str(self.config),
                    stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
                )  # fmt: skip

    async def end(self) -> None:
        """Whatever still runs is killed."""
        for process in (self._process, self._next):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit code; negative: the signal that ended it."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 10)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def page(self, path: str) -> Any:
        return await get(f"http://127.0.0.1:{self.public}{path}")

    async def staff_door(self, path: str, method: str = "GET") -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"http://127.0.0.1:{self.staff}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def command(self, *args: str) -> tuple[int, str, str]:
        """A command line beside it: exit code, standard output, standard error."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "uptimed", *args, "--config", str(self.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def incidents(self) -> list[dict[str, Any]]:
        code, out, err = await self.command("incident", "list", "--all", "--format", "json")
        assert code == 0, err
        found: list[dict[str, Any]] = json.loads(out)
        return found

    async def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, "the daemon ended instead of starting"
        try:
            return (await self.staff_door("/-/ready"))[0] == 200
        except aiohttp.ClientError:
            return False


async def get(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await (answer.json() if url.endswith(".json") else answer.text())


async def until(true: Callable[[], bool | Awaitable[bool]], what: str, within_s: float = 20.0) -> None:
    """Wait for a fact; a test that waits in vain says for what."""
    for _ in range(int(within_s / 0.05)):
        found = true()
        if await found if isinstance(found, Awaitable) else found:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"in {within_s:g} s it did not come true that {what}")
