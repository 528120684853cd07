"""What all repositories share: upserts that both databases understand, and text and JSON that both can keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Dialect, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler


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
    A statement of the hot path: compiled once for each database, at import, and run by the driver itself.

    A fraction of the cost of `Connection.execute`, which is felt where it happens with every result, or while an alert waits. What
    comes back is as the driver gives it: SQLite knows no booleans.
    """

    def __init__(self, statements: Mapping[str, Insert | Update | Delete | Select[Any]]) -> None:
        compiled = {name: _compiled(statement, _DIALECTS[name]) for name, statement in statements.items()}
        self._texts = {name: str(one) for name, one in compiled.items()}
        self._names = {name: one.positiontup or [] for name, one in compiled.items()}
        self._fixed = {name: _fixed(one) for name, one in compiled.items()}

    def run(self, conn: Connection, rows: list[tuple[Any, ...]]) -> None:
        """With rows as tuples in the order of the columns."""
        conn.exec_driver_sql(self._texts[conn.dialect.name], rows)

    def ask(self, conn: Connection, **values: Any) -> CursorResult[Any]:
        """With values by name: of columns, or of the statement's own parameters. KeyError when one is missing."""
        database = conn.dialect.name
        fixed = self._fixed[database]
        row = tuple([values[name] if name in values else fixed[name] for name in self._names[database]])
        return conn.exec_driver_sql(self._texts[database], row)


def prepared(statement: Update | Delete | Select[Any]) -> Prepared:
    return Prepared(dict.fromkeys(_DIALECTS, statement))


def _compiled(statement: Insert | Update | Delete | Select[Any], dialect: Dialect) -> SQLCompiler:
    # A position is given by the database.
    table = statement.table if isinstance(statement, Insert) else None
    columns = None if table is None else [column.name for column in table.columns if column.autoincrement is not True]
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
    return compiled


def _fixed(compiled: SQLCompiler) -> dict[str, Any]:
    """The values that stand in the statement itself."""
    return {name: compiled.params[name] for bound, name in compiled.bind_names.items() if not bound.required}


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
