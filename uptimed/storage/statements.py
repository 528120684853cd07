"""What all repositories share: upserts that both databases understand, and text and JSON that both can keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class PerDatabase:
    """One INSERT in two dialects; ON CONFLICT is the same SQL but not the same construct in SQLAlchemy."""

    def __init__(self, build: Callable[[Any], Insert]) -> None:
        self._statements = {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}

    def prepared(self) -> Prepared:
        return Prepared(self._statements)

    def run(self, conn: Connection, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
        return conn.execute(self._statements[conn.dialect.name], rows)


class Prepared:
    """
    An INSERT of the hot path: compiled once for each database, run by the driver with rows as tuples in the order of the columns.

    Half the cost of `Connection.execute`, which is felt where it happens with every result.
    """

    def __init__(self, statements: Mapping[str, Insert]) -> None:
        self._texts = {name: str(statement.compile(dialect=_DIALECTS[name])) for name, statement in statements.items()}

    def run(self, conn: Connection, rows: list[tuple[Any, ...]]) -> None:
        conn.exec_driver_sql(self._texts[conn.dialect.name], rows)


def upsert(table: Table) -> PerDatabase:
    """Insert, or replace every column of the row that has the same primary key."""
    key = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in key]

    def build(insert: Any) -> Insert:
        statement = insert(table)
        return statement.on_conflict_do_update(index_elements=key, set_={name: statement.excluded[name] for name in rest})  # type: ignore[no-any-return]

    return PerDatabase(build)


def insert_new(table: Table, *key: str) -> PerDatabase:
    """Insert; a row whose `key` is already there is left as it is."""
    return PerDatabase(lambda insert: insert(table).on_conflict_do_nothing(index_elements=list(key)))


def plain_insert(table: Table) -> Prepared:
    """A row whose key is already there is an IntegrityError."""
    return PerDatabase(lambda insert: insert(table)).prepared()


def clean(text: str) -> str:
    """Text that both databases can keep: NUL dropped (PostgreSQL has none), lone surrogates replaced (UTF-8 has none)."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def to_json(value: Any) -> str:
    """ASCII only: NUL and surrogates travel as escapes and come back as they were."""
    return _ENCODER.encode(value)


from_json: Callable[[str], Any] = json.loads

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(),
    "postgresql": PGDialect_asyncpg(),  # type: ignore[no-untyped-call]
}
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=dict)
