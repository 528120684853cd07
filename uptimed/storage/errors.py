"""
What can go wrong with the database, as two kinds of trouble that want two kinds of answer.

    StorageError
     ├─ StorageAway      the world: unreachable, locked, full. Keep the work and try again later.
     └─ StorageRefused   a person has to do something first: newer schema, corrupted file, unwritable directory.

A broken constraint or a statement that does not parse is a bug of ours and is translated into neither. No message carries the
database's URL (it may hold a password) or a value of a statement.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StorageError(Exception):
    """The database did not do it."""


class StorageAway(StorageError):
    """The database cannot be reached, is locked or is full: what was asked has not happened; try again later."""


class StorageRefused(StorageError):
    """The database cannot be used until a person has acted; the message says how."""


CORRUPTED = (
    "it is damaged and nothing was changed: move it aside, put back a backup (or start with a new database) and run uptimed again; "
    "`sqlite3 FILE .recover` saves what can be read"
)

_AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

# SQLSTATE classes, PostgreSQL appendix A: connection, rolled back, out of resources, wrong moment (lock_timeout), cancelled or
# shutting down, system trouble. A role, database or right that is missing does not come back by waiting.
_AWAY_CLASSES = {"08", "40", "53", "55", "57", "58"}
_REFUSED_CLASSES = {"28", "3D", "3F"}
_NO_RIGHT = "42501"


def is_full(error: BaseException) -> bool:
    """No room left on the disk (or beyond `max_page_count`)."""
    return _sqlite_code(error) == sqlite3.SQLITE_FULL


def translated(error: BaseException, name: str) -> StorageError | None:
    """The trouble that `error` tells of the database called `name`; None for what is not the database's trouble."""
    if isinstance(error, PoolTimeout | TimeoutError | ConnectionError):
        return StorageAway(f"{name} does not answer; trying again")
    if _driver_error(error) is None:
        return StorageAway(f"{name} cannot be reached ({error.strerror}); trying again") if isinstance(error, OSError) else None
    return _of_sqlite(error, name) or _of_postgresql(error, name)


def _of_sqlite(error: BaseException, name: str) -> StorageError | None:
    code = _sqlite_code(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageAway(f"{name} has no room left on its disk; checks and alerts go on, make room and it recovers by itself")
    if code in _DAMAGED:
        return StorageRefused(f"{name} cannot be read: {CORRUPTED}")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return StorageRefused(f"{name} cannot be written; let this user write the file and its directory, then start again")
    if code == sqlite3.SQLITE_CANTOPEN:
        return StorageAway(f"{name} cannot be opened just now; trying again")
    if code in _AWAY:
        what = "is locked by another program" if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} else "cannot be used just now"
        return StorageAway(f"{name} {what} ({_driver_error(error)}); trying again")
    return None


def _of_postgresql(error: BaseException, name: str) -> StorageError | None:
    state = getattr(_driver_error(error), "sqlstate", None)
    if state is None:
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return StorageAway(f"{name} closed the connection; trying again") if lost or _is_interface_error(error) else None
    if state[:2] in _REFUSED_CLASSES or state == _NO_RIGHT:
        return StorageRefused(f"{name} does not let us in ({_driver_error(error)}); correct `storage` or the role's rights")
    return StorageAway(f"{name} cannot be used just now (SQLSTATE {state}); trying again") if state[:2] in _AWAY_CLASSES else None


def _driver_error(error: BaseException) -> BaseException | None:
    if isinstance(error, DBAPIError):
        return error.orig
    return error if isinstance(error, sqlite3.Error) or hasattr(error, "sqlstate") else None


def _sqlite_code(error: BaseException) -> int | None:
    """The primary result code (the low byte: SQLITE_IOERR_WRITE is an SQLITE_IOERR)."""
    code = getattr(_driver_error(error), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _is_interface_error(error: BaseException) -> bool:
    return type(_driver_error(error)).__name__ in {"InterfaceError", "ConnectionDoesNotExistError"}
