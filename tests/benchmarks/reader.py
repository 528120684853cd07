"""
Readers of the page: 32 connections that ask again as soon as they are answered. A process of its own.

Usage: python -m tests.benchmarks.reader URL SECONDS; prints requests a second, and half, 99 of 100 and the slowest in milliseconds.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from urllib.parse import urlsplit

from tests.benchmarks.figures import percentile

CONNECTIONS = 32
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Reader(asyncio.Protocol):
    def __init__(self, question: bytes, latencies: list[float], until: float) -> None:
        self._question = question
        self._latencies = latencies
        self._until = until
        self._missing = -1
        self._head = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the page hung up"))

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            length = LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or length is None:
                raise ValueError(f"not a page: {head[:100]!r}")
            self._missing, data = int(length[1]), body
        self._missing -= len(data)
        if self._missing == 0:
            self._latencies.append(time.perf_counter() - self._asked_at)
            self._ask()

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        if self._asked_at >= self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._head, self._missing = b"", -1
        self._transport.write(self._question)


async def read(url: str, seconds: float) -> list[float]:
    parts = urlsplit(url)
    question = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    readers = [
        (await loop.create_connection(lambda: Reader(question, latencies, until), parts.hostname or "", parts.port or 80))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(reader.done for reader in readers))
    return latencies


def main() -> None:
    url, seconds = sys.argv[1], float(sys.argv[2])
    try:
        import uvloop

        latencies = uvloop.run(read(url, seconds))
    except ImportError:
        latencies = asyncio.run(read(url, seconds))
    print(len(latencies) / seconds, *(percentile(latencies, share) * 1e3 for share in (0.5, 0.99, 1.0)))


if __name__ == "__main__":
    main()
