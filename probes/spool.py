"""
Results that the core has not acknowledged, in a SQLite file of the worker's own: first in, first out, and safe from kill -9.

What `add` has returned from is on disk (WAL, synchronous=FULL: power loss too). The file also keeps a few short texts by key, such
as the clock anchor. Everything here blocks for the length of a disk write, so the worker calls it from a thread of its own.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from probes.links import ProbeResult
from probes.links.codec import decode, encode

_log = logging.getLogger("uptimed.worker")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""


class SpoolError(OSError):
    """The file cannot be written or read now: disk full, read-only, gone. What is in it stays; try again later."""


class Spool:
    """
    `limit` bounds the number of results kept; when it is reached the oldest stay and newer ones are counted in `dropped`.

    A file that SQLite cannot read is set aside under the suffix `.damaged` and `set_aside` names it: the worker goes on with an
    empty spool, and nothing is deleted.
    """

    def __init__(self, path: Path, *, limit: int = 1_000_000) -> None:
        self.path = path
        self.limit = limit
        self.dropped = 0
        self.set_aside: Path | None = None
        self._acknowledged: set[str] = set()
        try:
            self._database, self._rows = _open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise SpoolError(f"{path}: {error}") from error
            self.set_aside = _set_aside(path)
            _log.warning(
                "The spool %s cannot be read (%s), so it was set aside as %s and a new one begun. "
                "What was not handed over is in that file: keep it if it matters.",
                path,
                error,
                self.set_aside,
            )
            self._database, self._rows = _open(path)

    @property
    def count(self) -> int:
        return self._rows - len(self._acknowledged)

    def add(self, results: Sequence[ProbeResult]) -> int:
        """Keeps what there is room for, in order, and says how many that were. An id that is here already is kept once."""
        room = max(0, self.limit - self._rows)
        kept = [(result.id, encode(result)) for result in results[:room]]
        with self._transaction() as database:
            before = database.total_changes
            database.executemany("INSERT OR IGNORE INTO results (id, body) VALUES (?, ?)", kept)
            added = database.total_changes - before
        self._rows += added
        self.dropped += len(results) - len(kept)
        return len(kept)

    def oldest(self, limit: int) -> list[ProbeResult]:
        """The first `limit` results. A row that cannot be read is of no use to anybody and goes."""
        found: list[ProbeResult] = []
        unreadable: list[str] = []
        with self._reporting() as database:
            rows = database.execute("SELECT id, body FROM results ORDER BY sequence LIMIT ?", (limit + len(self._acknowledged),))
            for key, body in rows.fetchall():
                if key in self._acknowledged:
                    continue
                try:
                    found.append(decode(body))
                except ValueError:
                    unreadable.append(key)
        if unreadable:
            self.dropped += len(unreadable)
            self.remove(unreadable)
        return found[:limit]

    def remove(self, ids: Iterable[str]) -> None:
        """Forgets what the database has. A full disk may refuse even that: then the ids are remembered, and removed next time."""
        with self._reporting() as database:
            known = {key for key in ids if database.execute("SELECT 1 FROM results WHERE id = ?", (key,)).fetchone()}
        self._acknowledged |= known
        if not self._acknowledged:
            return
        with self._transaction() as database:
            database.executemany("DELETE FROM results WHERE id = ?", [(key,) for key in self._acknowledged])
        self._rows -= len(self._acknowledged)
        self._acknowledged.clear()

    def recall(self, key: str) -> str | None:
        with self._reporting() as database:
            row = database.execute("SELECT text FROM memory WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, key: str, text: str) -> None:
        with self._transaction() as database:
            database.execute("INSERT INTO memory VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text", (key, text))

    def close(self) -> None:
        self._database.close()

    @contextlib.contextmanager
    def _reporting(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._database
        except sqlite3.Error as error:
            raise SpoolError(f"{self.path}: {error}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reporting() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise


def _open(path: Path) -> tuple[sqlite3.Connection, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One thread at a time uses it, but not always the one that opened it.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        (rows,) = database.execute("SELECT count(*) FROM results").fetchone()
    except BaseException:
        database.close()
        raise
    return database, int(rows)


def _set_aside(path: Path) -> Path:
    aside = next(candidate for n in range(1_000_000) if not (candidate := path.with_name(f"{path.name}.damaged{n or ''}")).exists())
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
