"""What a committed row costs: alone in its transaction, and in a batch. SQLite with synchronous=FULL, as the daemon runs it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from tests.benchmarks.figures import Figure
from uptimed.storage import results
from uptimed.storage.database import Database
from uptimed.storage.results import StoredResult

ALONE = 300
BATCH = 100
BATCHES = 50


def run() -> list[Figure]:
    return asyncio.run(measured())


async def measured() -> list[Figure]:
    with TemporaryDirectory(prefix="uptimed-bench-") as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/bench.db", data=Path(folder))
        alone = await cost(database, ALONE, 1, "alone")
        batched = await cost(database, BATCHES, BATCH, "batch")
        await database.close()
    return [
        Figure("a row alone in its transaction: CPU", alone[0], "us"),
        Figure("... time", alone[1], "us"),
        Figure(f"a row of {BATCH} in a transaction: CPU", batched[0], "us"),
        Figure("... time", batched[1], "us"),
    ]


async def cost(database: Database, transactions: int, rows: int, name: str) -> tuple[float, float]:
    """Microseconds a row: CPU of this process, and time."""
    cpu, began = time.process_time(), time.perf_counter()
    for number in range(transactions):
        batch = [row(f"{name}-{number}-{n}", number * rows + n) for n in range(rows)]

        def work(connection: Connection, batch: list[StoredResult] = batch) -> None:
            results.add(connection, batch)

        await database.write(work)
    return tuple(spent / (transactions * rows) * 1e6 for spent in (time.process_time() - cpu, time.perf_counter() - began))  # type: ignore[return-value]


def row(name: str, number: int) -> StoredResult:
    at_us = 1_764_000_000_000_000 + number * 1_000_000
    return StoredResult(
        id=f"sia/web/home/local/w1/{name}/{number}",
        check="sia/web/home",
        location="local",
        epoch=0,
        started_us=at_us,
        ended_us=at_us + 12_345,
        received_us=at_us + 12_400,
        verdict="up",
        reason="ok",
        took_us=12_345,
        lag_us=500,
        phases={"resolve": 0.0001, "connect": 0.0012, "processing": 0.01, "transfer": 0.0001},
        evidence={"address": "127.0.0.1", "status": 200},
    )
