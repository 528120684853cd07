"""
The database as the rest of the house sees it: `write` one transaction, `read` one moment, and two kinds of trouble (`errors`).

`work` is a plain function of a SQLAlchemy Core connection; what it returns must not be lazy. All writes of engine and relay pass
through `write`, one after the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, Self, TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from uptimed.storage import schema, sqlite
from uptimed.storage.errors import StorageRefused
from uptimed.storage.migrate import run_in_child
from uptimed.storage.reserve import Reserve

T = TypeVar("T")
Work = Callable[[Connection], T]

_SQLITE = {"sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"}
_POSTGRESQL = {"postgresql", "postgresql+asyncpg"}
_WRONG_URL = (
    "`storage` is not a database address; write sqlite+aiosqlite:///data/uptimed.db or postgresql+asyncpg://user:password@host/name"
)


class Backend(Protocol):
    async def write(self, work: Work[T]) -> T: ...

    async def read(self, work: Work[T]) -> T: ...

    async def make_room(self) -> None: ...

    async def close(self) -> None: ...


class Database:
    """Open with `await Database.open(...)`. Belongs to the event loop that opened it."""

    def __init__(self, backend: Backend, *, read_only: bool) -> None:
        self._backend = backend
        self._read_only = read_only

    @classmethod
    async def open(cls, url: str, *, data: Path, read_only: bool = False, migrate: bool = True, patience_s: float = 5.0) -> Self:
        """
        Open, and create or migrate what is missing or older (after a backup on SQLite).

        `read_only`: nothing is created, migrated or locked; works beside a running daemon and without one. `patience_s`: how long a
        lock of another program is waited for. Raises StorageRefused or StorageAway, then nothing has been touched.
        """
        address = parsed(url)
        if is_sqlite(address):
            return cls(
                await _open_sqlite(address, data, read_only=read_only, migrate=migrate, patience_s=patience_s), read_only=read_only
            )
        if find_spec("asyncpg") is None or find_spec("greenlet") is None:
            raise StorageRefused(
                "`storage` is a PostgreSQL address, whose driver is not installed: pip install 'uptimed[postgres]'"
            )
        # Imported here: on SQLite, SQLAlchemy's asyncio half and the driver would only take memory.
        from uptimed.storage import postgres  # noqa: PLC0415

        return cls(await postgres.open_(address, read_only=read_only, migrate=migrate), read_only=read_only)

    async def write(self, work: Work[T], *, token: int = 0) -> T:  # noqa: ARG002 - see below
        """
        One transaction: all of `work` or nothing; committed and safe on disk when this returns.

        Whatever `work` raises rolls back and comes out as it is. It is never run a second time by itself. On SQLite it runs in
        the writer's thread: it must not touch the event loop. `token` is the fencing token of DESIGN section 9, a constant until
        two cores exist. When the caller is cancelled meanwhile, the transaction may still happen.
        """
        if self._read_only:
            raise StorageRefused("the database was opened for reading only; ask the running uptimed to write, or stop it first")
        return await self._backend.write(work)

    async def read(self, work: Work[T]) -> T:
        """`work` sees one consistent moment, and cannot write."""
        return await self._backend.read(work)

    async def make_room(self) -> None:
        """What makes later commits faster and takes a moment itself: for who stays. Best effort."""
        await self._backend.make_room()

    async def close(self) -> None:
        """Writes that were asked for before are finished."""
        await self._backend.close()


class _Sqlite:
    def __init__(self, writer: sqlite.Writer | None, readers: sqlite.Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def write(self, work: Work[T]) -> T:
        assert self._writer is not None  # noqa: S101 - `Database` has refused before
        return await self._writer.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self._readers.read(work)

    async def make_room(self) -> None:
        if self._writer is not None:
            await self._writer.make_room()

    async def close(self) -> None:
        await asyncio.to_thread(self._readers.close)
        if self._writer is not None:
            # The last to leave: so it checkpoints and takes the write-ahead log with it.
            await asyncio.to_thread(self._writer.close)


async def _open_sqlite(url: URL, data: Path, *, read_only: bool, migrate: bool, patience_s: float) -> _Sqlite:
    path = Path(url.database or "")
    if not path.name or path.name == ":memory:":
        raise StorageRefused(
            "`storage` names no file, and a database in memory would forget; write sqlite+aiosqlite:///data/uptimed.db"
        )
    name = f"the database {path}"
    if read_only:
        return await asyncio.to_thread(_open_to_read, path, name, patience_s)
    await asyncio.to_thread(sqlite.make_ready, path, name, patience_s)
    writer = await asyncio.to_thread(sqlite.Writer, path, name, patience_s, Reserve(data / "reserve"))
    try:
        age = await asyncio.to_thread(_created, writer, name, migrate)
        if age is schema.Age.OLDER:
            await asyncio.to_thread(writer.close)
            await _migrate_sqlite(path, name)
            writer = await asyncio.to_thread(sqlite.Writer, path, name, patience_s, Reserve(data / "reserve"))
            await asyncio.to_thread(writer.transact, lambda conn: schema.age_of(conn, name))
    except BaseException:
        await asyncio.to_thread(writer.close)
        raise
    writer.start()
    return _Sqlite(writer, sqlite.Readers(path, name, patience_s))


def _created(writer: sqlite.Writer, name: str, allowed: bool) -> schema.Age:
    """How old the schema was; a fresh one is current afterwards."""

    def work(conn: Connection) -> schema.Age:
        age = schema.age_of(conn, name)
        if not allowed:
            schema.refuse_unless_current(age, name)
        if age is schema.Age.FRESH:
            schema.create(conn, name, time.time_ns() // 1_000)
        return age

    return writer.transact(work)


async def _migrate_sqlite(path: Path, name: str) -> None:
    backup = path.with_name(f"{path.name}.before-{schema.HEAD}")
    await asyncio.to_thread(sqlite.back_up, path, backup)
    if (trouble := await run_in_child(f"sqlite:///{path}")) is not None:
        raise StorageRefused(f"{name} could not be brought up to date and is as it was ({trouble}); a copy is at {backup}")


def _open_to_read(path: Path, name: str, patience_s: float) -> _Sqlite:
    if not path.exists():
        raise StorageRefused(f"{name} does not exist yet; `uptimed run` creates it")
    readers = sqlite.Readers(path, name, patience_s)
    try:
        schema.refuse_unless_current(readers.look(lambda conn: schema.age_of(conn, name)), name)
    except BaseException:
        readers.close()
        raise
    return _Sqlite(None, readers)


def is_sqlite(url: URL) -> bool:
    return url.drivername in _SQLITE


def parsed(url: str) -> URL:
    """Raises StorageRefused for an address that is none of ours."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise StorageRefused(_WRONG_URL) from None
    if address.drivername not in _SQLITE | _POSTGRESQL:
        raise StorageRefused(_WRONG_URL)
    return address
