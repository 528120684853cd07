"""A whole copy of the database while the daemon goes on writing to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL

from uptimed.storage import sqlite
from uptimed.storage.database import is_sqlite, parsed
from uptimed.storage.errors import StorageAway, StorageRefused


def back_up(url: str, target: Path) -> int:
    """
    The copy's size in bytes; it is whole, examined and safe on disk when this returns, and nobody but this user may read it.

    Raises StorageRefused, StorageAway: then there is no `target`.
    """
    address = parsed(url)
    if not is_sqlite(address):
        raise StorageRefused(f"PostgreSQL is backed up by its own tool, while uptimed runs: {_pg_dump(address, target)}")
    source = Path(address.database or "")
    name = f"the database {source}"
    if not source.exists():
        raise StorageRefused(f"{name} does not exist yet; `uptimed run` creates it")
    if not target.absolute().parent.is_dir():
        raise StorageRefused(
            f"{target} cannot be written: there is no folder {target.absolute().parent}; make it, or choose another"
        )
    if target.exists():
        raise StorageRefused(f"{target} exists already and was left as it is; choose another name, or move it away")
    before = os.umask(0o077)
    try:
        sqlite.back_up(source, target)
        _examine(target)
    except (sqlite3.Error, OSError) as error:
        raise StorageAway(f"{name} could not be copied to {target} ({error}); nothing is left there, look at its disk") from error
    finally:
        os.umask(before)
    return target.stat().st_size


def _examine(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as raw:
        fault = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
    if fault != "ok":
        copy.unlink()
        raise StorageRefused(
            f"the copy of the database is not whole and was removed ({fault}); the disk may be failing: look at once"
        )


def _pg_dump(address: URL, target: Path) -> str:
    """As one would type it; a password is asked for, or comes from ~/.pgpass."""
    host = address.host or address.query.get("host")
    parts = ["pg_dump --format=custom", f"--file={target}", *(f"--host={host}" for _ in [host] if host)]
    parts += [f"--port={address.port}"] if address.port else []
    parts += [f"--username={address.username}"] if address.username else []
    return " ".join([*parts, address.database or ""])
