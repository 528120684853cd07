"""
Bring an older database to the newest schema: `python -m uptimed.storage.migrate`, which reads the address from standard input.

A process of its own, because Alembic's memory would stay with the daemon for ever; standard input, because an address may hold
a password and everybody can read a command line. The whole upgrade is one transaction on both databases: killed at any step, it
leaves the old schema, and the next start begins again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

from uptimed.storage import schema

MIGRATIONS = Path(__file__).with_name("migrations")


async def run_in_child(url: str) -> str | None:
    """None when the database is up to date now, else the last line of what went wrong."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await child.communicate(url.encode())
    if child.returncode == 0:
        return None
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"the migration ended with {child.returncode}"


def to_revision(conn: Connection, revision: str = "head") -> None:
    """Up or down (`base` is before the first) in the caller's transaction."""
    from alembic import command  # noqa: PLC0415 - see above: only the child may pay for it
    from alembic.config import Config  # noqa: PLC0415

    schema.lock(conn)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def migrate(url: str, revision: str = "head") -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _migrate_sqlite(parsed, revision)
    else:
        asyncio.run(_migrate_postgresql(parsed, revision))


def _migrate_sqlite(url: URL, revision: str) -> None:
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(url.database or "", isolation_level=None),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as conn:
        # The driver's own transactions end at every DDL statement.
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        to_revision(conn, revision)
        conn.exec_driver_sql("COMMIT")


async def _migrate_postgresql(url: URL, revision: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - absent without the extra

    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as conn:
            await conn.run_sync(to_revision, revision)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    migrate(sys.stdin.read().strip())
