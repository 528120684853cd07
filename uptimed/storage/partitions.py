"""
PostgreSQL keeps `results` in one partition a month of receipt (UTC), so that a month past its retention can be dropped whole.

Partitions are made ahead of time; a default partition catches what no month wants, so that a result is never refused for want of
a place. SQLite has no partitions: every function here does nothing on it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

MONTHS_AHEAD = 2
# DDL takes no parameters; what is filled in is made of numbers only.
_PARTITION = "CREATE TABLE IF NOT EXISTS {name} PARTITION OF results FOR VALUES FROM ({from_us}) TO ({to_us})"


def create_default(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS results_default PARTITION OF results DEFAULT")


def ensure(conn: Connection, now_us: int, months_ahead: int = MONTHS_AHEAD) -> None:
    """The partitions of this month and of the next ones. Cheap when they exist; to be called at start and once a day."""
    if conn.dialect.name != "postgresql":
        return
    there = set(inspect(conn).get_table_names())
    today = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    first = today.year * 12 + today.month - 1
    for month in range(first, first + months_ahead + 1):
        if (name := f"results_{month // 12:04}_{month % 12 + 1:02}") not in there:
            _create(conn, name, _starts_us(month), _starts_us(month + 1))


def _create(conn: Connection, name: str, from_us: int, to_us: int) -> None:
    try:
        with conn.begin_nested():
            conn.exec_driver_sql(_PARTITION.format(name=name, from_us=from_us, to_us=to_us))
    except DBAPIError as error:
        # Results of that month are already in the default partition: they stay there, found by every query as before.
        log.warning("partition %s was not created (%s); its results stay in results_default", name, type(error.orig).__name__)


def _starts_us(month: int) -> int:
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
