"""
Which schema a database has, and how a fresh one gets ours.

A fresh database is created from `tables` in one transaction and stamped; only an older one needs Alembic, which is costly to
import and runs in a process of its own (`uptimed.storage.migrate`). A test holds the two ways to the same schema.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text

from uptimed.storage import partitions
from uptimed.storage.errors import StorageRefused
from uptimed.storage.tables import metadata

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""Every revision, oldest first; a database without any (`downgrade base`) is older than the first."""
HEAD = REVISIONS[-1]

_alembic = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

# Any fixed number: it names "uptimed changes its schema" among the advisory locks of a PostgreSQL database.
_SCHEMA_LOCK = 0x75707469


class Age(Enum):
    FRESH = "fresh"
    OLDER = "older"
    CURRENT = "current"


def age_of(conn: Connection, name: str) -> Age:
    """Raises StorageRefused for a newer schema, and for a database that belongs to another program."""
    inspector = inspect(conn)
    if not inspector.has_table(_alembic.name):
        if inspector.get_table_names():
            raise StorageRefused(f"{name} holds the tables of another program; give uptimed a database of its own (`storage`)")
        return Age.FRESH
    revision = conn.scalar(select(_alembic.c.version_num))
    if revision is None or revision in REVISIONS[:-1]:
        return Age.OLDER
    if revision != HEAD:
        raise StorageRefused(
            f"{name} was written by a newer uptimed (revision {revision}; this one knows {HEAD}): "
            "install that version again, or put back the backup made before it"
        )
    return Age.CURRENT


def create(conn: Connection, name: str, now_us: int) -> None:
    """Everything, in the caller's transaction. Nothing happens when another process was quicker."""
    lock(conn)
    if age_of(conn, name) is not Age.FRESH:
        return
    metadata.create_all(conn)
    partitions.create_default(conn)
    partitions.ensure(conn, now_us)
    _alembic.create(conn)
    conn.execute(_alembic.insert().values(version_num=HEAD))


def lock(conn: Connection) -> None:
    """Until the end of the transaction nobody else changes the schema. (SQLite's BEGIN IMMEDIATE has seen to that.)"""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})


def refuse_unless_current(age: Age, name: str) -> None:
    """For whoever may neither create nor migrate."""
    if age is Age.FRESH:
        raise StorageRefused(f"{name} is empty; `uptimed run` fills it")
    if age is Age.OLDER:
        raise StorageRefused(f"{name} was written by an older uptimed; `uptimed run` brings it to revision {HEAD}")
