"""
Endpoints that cost next to nothing, and a sink for webhooks: a process of its own, so that only the daemon's work is measured.

`/ok...` answers 200; `/switch/NAME` answers 200 until `/break` was asked, then 500 until `/mend`; `POST /hook` is a webhook that
arrived; `/seen` tells as JSON when each name answered 500 first and when each webhook came, on CLOCK_MONOTONIC, which all processes
of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable

ADDRESSES = tuple(f"127.0.0.{last}" for last in range(1, 9))
"""Several, so that connections which have just ended do not use up the ports of one."""

PRODUCT = re.compile(rb'"product": ?"([^"]+)"')
KIND = re.compile(rb'"type": ?"([^"]+)"')


class Scene:
    """What all connections share."""

    def __init__(self) -> None:
        self.broken = False
        self.failed_at: dict[str, float] = {}
        self.told: list[tuple[str, str, float]] = []

    def answer(self, head: bytes, body: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/switch/"):
            return self._switch(path.rsplit(b"/", 1)[1].decode())
        if path == b"/hook":
            product, kind = PRODUCT.search(body), KIND.search(body)
            self.told.append((kind[1].decode() if kind else "", product[1].decode() if product else "", time.monotonic()))
        elif path in {b"/break", b"/mend"}:
            self.broken = path == b"/break"
        elif path == b"/seen":
            return reply(200, json.dumps({"failed_at": self.failed_at, "told": self.told}).encode())
        elif path == b"/forget":
            self.failed_at.clear()
            self.told.clear()
        return OK

    def _switch(self, name: str) -> bytes:
        if not self.broken:
            return OK
        self.failed_at.setdefault(name, time.monotonic())
        return BROKEN


def reply(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )


OK = reply(200, b"ok")
BROKEN = reply(500, b"broken")


class Connection(asyncio.Protocol):
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length and len(body) < int(length[1]):
            return
        self._transport.write(self._scene.answer(head, body))
        self._transport.close()


async def serve() -> None:
    scene = Scene()
    loop = asyncio.get_running_loop()
    made: Callable[[], asyncio.Protocol] = lambda: Connection(scene)  # noqa: E731  said twice below
    first = await loop.create_server(made, ADDRESSES[0], 0, backlog=4096)
    port = first.sockets[0].getsockname()[1]
    for address in ADDRESSES[1:]:
        await loop.create_server(made, address, port, backlog=4096)
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(serve())
    except ImportError:
        asyncio.run(serve())
    sys.exit(0)
