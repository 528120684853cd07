"""
PostgreSQL through asyncpg: the same `write` and `read`, when one machine is not enough.

Everything has a time limit, on the server (statements, locks, idle transactions) and on our side (a stopped server answers
nothing), so that a database that hangs is the same to the engine as one that is gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from uptimed.storage import partitions, schema
from uptimed.storage.errors import StorageRefused, translated
from uptimed.storage.migrate import run_in_child

T = TypeVar("T")

CONNECTIONS = 4
"""One for the writer, the rest for readers."""

_CONNECT_S = 5
_ANSWER_S = 10
_SERVER_SETTINGS = {
    "application_name": "uptimed",
    "synchronous_commit": "on",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",
    # The server, too, must notice that we are gone: our locks would stay.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10s",
}


class Postgres:
    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._snapshots = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._name = name
        self._turn = asyncio.Lock()

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self._turn:
            try:
                async with self._engine.begin() as conn:
                    return await conn.run_sync(work)
            except Exception as error:
                raise translated(error, self._name) or error from error

    async def read(self, work: Callable[[Connection], T]) -> T:
        try:
            async with self._snapshots.connect() as conn:
                return await conn.run_sync(work)
        except Exception as error:
            raise translated(error, self._name) or error from error

    async def make_room(self) -> None:
        """The server recycles the files of its log by itself."""

    async def close(self) -> None:
        await self._engine.dispose()


async def open_(url: URL, *, read_only: bool, migrate: bool) -> Postgres:
    """Connect, create what is missing, bring an older schema up to date. Raises as `Database.open`."""
    name = f"the database {url.database} at {url.host or 'the local socket'}"
    database = Postgres(_engine(url), name)
    try:
        age = await database.read(lambda conn: schema.age_of(conn, name))
        if read_only or not migrate:
            schema.refuse_unless_current(age, name)
        elif age is schema.Age.OLDER:
            await _bring_up_to_date(url, name)
        elif age is schema.Age.FRESH:
            await database.write(lambda conn: schema.create(conn, name, _now_us()))
        if not read_only:
            await database.write(lambda conn: partitions.ensure(conn, _now_us()))
    except BaseException:
        await database.close()
        raise
    return database


async def _bring_up_to_date(url: URL, name: str) -> None:
    if (trouble := await run_in_child(url.render_as_string(hide_password=False))) is not None:
        raise StorageRefused(f"{name} could not be brought up to date and is as it was ({trouble})")


def _engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=_CONNECT_S,
        pool_pre_ping=True,
        connect_args={"timeout": _CONNECT_S, "command_timeout": _ANSWER_S, "server_settings": _SERVER_SETTINGS},
    )


def _now_us() -> int:
    return time.time_ns() // 1_000
