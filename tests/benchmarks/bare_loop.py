"""
The least that a monitor in Python can do, to compare with: a heap of due times, aiohttp with a fresh connection a check, and one
SQLite transaction a batch. No own resolver, no reasons, no phases, no timeline, no incidents, no page.

Usage: python -m tests.benchmarks.bare_loop PORT CHECKS EVERY_S SECONDS; prints checks made and CPU seconds.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import sqlite3
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

Row = tuple[int, float, float, int]


async def bare(port: int, checks: int, every_s: float, seconds: float, folder: Path) -> int:
    database = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE results (n, began, took, status);")
    done: list[Row] = []
    made = 0
    running: set[asyncio.Task[None]] = set()
    connector = aiohttp.TCPConnector(force_close=True, use_dns_cache=False, limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def check(number: int) -> None:
            began = time.monotonic()
            async with asyncio.timeout(8), session.get(f"http://127.0.0.{number % 8 + 1}:{port}/ok/{number}") as answer:
                await answer.read()
            done.append((number, time.time(), time.monotonic() - began, answer.status))

        start = time.monotonic()
        due = [(start + number * every_s / checks, number) for number in range(checks)]
        heapq.heapify(due)
        while time.monotonic() < start + seconds:
            now = time.monotonic()
            while due[0][0] <= now:
                at, number = due[0]
                heapq.heapreplace(due, (at + every_s, number))
                task = asyncio.create_task(check(number))
                running.add(task)
                task.add_done_callback(running.discard)
            if done:
                batch, done[:] = done[:], []
                made += len(batch)
                await asyncio.to_thread(store, database, batch)
            await asyncio.sleep(max(0.0, min(due[0][0] - time.monotonic(), 0.05)))
        await asyncio.gather(*running)
    return made


def store(database: sqlite3.Connection, batch: list[Row]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO results VALUES (?, ?, ?, ?)", batch)
    database.execute("COMMIT")


def main() -> None:
    port, checks, every_s, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    with TemporaryDirectory(prefix="uptimed-bench-") as folder:
        before = os.times()
        made = asyncio.run(bare(port, checks, every_s, seconds, Path(folder)))
        after = os.times()
    print(made, after.user + after.system - before.user - before.system)


if __name__ == "__main__":
    main()
