"""
The embedded database: one thread that alone writes and checkpoints, and a few readers that cannot write.

Why a thread of our own and the plain driver: SQLite has one writer anyway; a second writing connection could only bring "database
is locked" (RELIABILITY R14), and a thread that keeps its connection costs one queue hop a transaction. BEGIN IMMEDIATE always: a
deferred transaction that reads and then writes fails at once when somebody wrote in between, and no busy timeout helps.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool, StaticPool

from uptimed.storage.errors import CORRUPTED, StorageAway, StorageRefused, is_full, translated
from uptimed.storage.reserve import Reserve

log = logging.getLogger(__name__)
T = TypeVar("T")

READERS = 2
CHECKED_AT_START = 64 << 20
"""Bytes up to which a database is examined whole at start (a fraction of a second); larger ones are found out as they are read."""

_WRITER_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    # Pages of 4 KiB: a checkpoint every 8 MiB, by this connection alone.
    "PRAGMA wal_autocheckpoint=2000",
    "PRAGMA journal_size_limit=67108864",
)
LOG_ROOM = 10 << 20
"""Bytes that the write-ahead log is given beforehand: what it grows to anyway between two checkpoints."""

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "lustre", "afs", "9p"}
_RESET_BUG_FIXED = (3, 51, 3)


@dataclass(slots=True)
class _Job:
    work: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


class Writer:
    """The one writing connection and its thread."""

    def __init__(self, path: Path, name: str, patience_s: float, reserve: Reserve) -> None:
        self._path = path
        self._name = name
        self._reserve = reserve
        self._raw = _connect(f"file:{quote(str(path))}?mode=rwc", patience_s)
        for pragma in _WRITER_PRAGMAS:
            self._raw.execute(pragma)
        self._engine = _engine(lambda: self._raw, StaticPool)
        self._conn = self._engine.connect()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="uptimed-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        if self._closed:
            raise StorageAway(f"{self._name} has been closed")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, done))
        return await done

    async def make_room(self) -> None:
        """
        Have the write-ahead log grow now. A commit that only writes over what is there waits for its own bytes; one that extends
        the file waits for the file system's journal as well, and so for whatever others write: tens of milliseconds on a busy disk.

        A transaction larger than the page cache spills into the log, and leaves its room there when it is rolled back.
        """
        if shutil.disk_usage(self._path.parent).free > 8 * LOG_ROOM:
            with contextlib.suppress(_TakenBack, StorageAway):
                await self.write(_fill)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """
        One transaction. SQLAlchemy's connection stands in autocommit mode, and BEGIN and COMMIT go to the driver: its own
        bookkeeping of a transaction costs more than the statements inside.
        """
        raw = self._raw
        try:
            raw.execute("BEGIN IMMEDIATE")
            try:
                value = work(self._conn)
                raw.execute("COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise
        except Exception as error:
            if is_full(error):
                self._reserve.release()
            if (trouble := translated(error, self._name)) is not None:
                raise trouble from error
            raise
        self._reserve.hold()
        return value

    def close(self) -> None:
        """What was asked before is done first."""
        self._closed = True
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        self._conn.close()
        self._engine.dispose()
        self._raw.close()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.done.cancelled():
                continue
            value = error = None
            try:
                value = self.transact(job.work)
            except BaseException as trouble:  # noqa: BLE001 - whatever it is, it belongs to whoever asked
                error = trouble
            # The loop may be gone: then nobody waits for the answer.
            with contextlib.suppress(RuntimeError):
                job.loop.call_soon_threadsafe(_settle, job.done, value, error)


class _TakenBack(Exception):
    """Raised by work that is not meant to stay."""


def _fill(conn: Connection) -> None:
    raw = driver_connection(conn)
    raw.execute("CREATE TABLE room (filler BLOB)")
    raw.execute("INSERT INTO room VALUES (zeroblob(?))", (LOG_ROOM,))
    raise _TakenBack


def _settle(done: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(value)


class Readers:
    """Read-only connections in threads of their own; each read sees one moment of the database."""

    def __init__(self, path: Path, name: str, patience_s: float) -> None:
        self._name = name
        self._engine = _engine(lambda: _reader(path, patience_s), QueuePool, pool_size=READERS, max_overflow=0)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="uptimed-reader")

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.look, work)

    def look(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as conn:
                raw = driver_connection(conn)
                raw.execute("BEGIN")
                try:
                    return work(conn)
                finally:
                    raw.rollback()
        except Exception as error:
            if (trouble := translated(error, self._name)) is not None:
                raise trouble from error
            raise

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()


def driver_connection(conn: Connection) -> sqlite3.Connection:
    raw = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - for the type checker
    return raw


def make_ready(path: Path, name: str, patience_s: float) -> None:
    """All that can be wrong with the file or its place, found before anything is built on it. Raises StorageRefused."""
    directory = path.parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageRefused(
            f"{directory} cannot be created ({error.strerror}); create it for this user, or set `storage`"
        ) from None
    if not os.access(directory, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise StorageRefused(f"{name} cannot be written; let this user write {path} and its directory, or set `storage`")
    if (kind := _filesystem(directory)) in _NETWORK:
        raise StorageRefused(
            f"{directory} is a network file system ({kind}), where SQLite is not safe; use a local disk, or PostgreSQL (`storage`)"
        )
    if sqlite3.sqlite_version_info < _RESET_BUG_FIXED:
        log.debug("SQLite %s: its WAL-reset bug needs two connections that checkpoint; ours has one", sqlite3.sqlite_version)
    try:
        with contextlib.closing(_connect(f"file:{quote(str(path))}?mode=rwc", patience_s)) as raw:
            if (mode := raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]) != "wal":
                raise StorageRefused(
                    f"{name} cannot keep a write-ahead log here (journal mode {mode}); use a local disk, or PostgreSQL"
                )
            if path.stat().st_size <= CHECKED_AT_START and (fault := raw.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                log.error("quick_check of %s: %s", path, fault)
                raise StorageRefused(f"{name} is not whole: {CORRUPTED}")
    except sqlite3.Error as error:
        raise translated(error, name) or error from error


def back_up(path: Path, target: Path) -> None:
    """A whole copy by SQLite's backup API (a file copy would miss the write-ahead log). `target` appears complete or not at all."""
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    # All pages in one step: piece by piece it would begin again with every transaction of the daemon beside it.
    reading = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        with contextlib.closing(reading) as source, contextlib.closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _connect(uri: str, patience_s: float) -> sqlite3.Connection:
    # The connection passes between threads (opened in one, used in another), never at the same time.
    return sqlite3.connect(uri, uri=True, timeout=patience_s, isolation_level=None, check_same_thread=False)


def _reader(path: Path, patience_s: float) -> sqlite3.Connection:
    raw = _connect(f"file:{quote(str(path))}?mode=ro", patience_s)
    raw.execute("PRAGMA query_only=ON")
    return raw


def _engine(creator: Callable[[], sqlite3.Connection], pool: Any, **options: Any) -> Engine:
    return create_engine(
        "sqlite+pysqlite://", creator=creator, poolclass=pool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options
    )


def _filesystem(directory: Path) -> str:
    """The kind of file system that `directory` lies on; empty where /proc does not tell."""
    where = str(directory.resolve())
    best, kind = "", ""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            left, _, right = line.partition(" - ")
            mount = left.split()[4].replace("\\040", " ")
            if len(mount) >= len(best) and (where == mount or where.startswith(mount.rstrip("/") + "/")):
                best, kind = mount, right.split()[0]
    return kind
