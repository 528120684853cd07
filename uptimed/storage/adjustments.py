"""What people exclude, assert and revoke: rows are only ever added, so what was known at any instant can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from uptimed.domain.overlays import Adjustment
from uptimed.domain.states import State
from uptimed.storage import renames, tables
from uptimed.storage.statements import clean, insert_new


def add(conn: Connection, adjustment: Adjustment) -> None:
    """An id that is already there stays as it is."""
    revokes = adjustment.kind == "revoke"
    row = {
        "id": adjustment.id,
        "scope": adjustment.scope,
        "at_us": adjustment.at_us,
        "author": clean(adjustment.by),
        "reason": clean(adjustment.reason),
        "kind": adjustment.kind,
        "clause": clean(adjustment.clause),
        "from_us": None if revokes else adjustment.from_us,
        "to_us": None if revokes else adjustment.to_us,
        "state": adjustment.state.word if adjustment.kind == "assert" else None,
        "target": adjustment.target if revokes else None,
    }
    _ADD.run(conn, row)


def load(conn: Connection) -> list[Adjustment]:
    """All of them, in the order they were made, under the names of now."""
    return _all(conn, renames.load(conn))


def as_written(conn: Connection) -> list[Adjustment]:
    """The same under the names that they were made with."""
    return _all(conn, {})


def _all(conn: Connection, names: Mapping[str, str]) -> list[Adjustment]:
    return [_adjustment(row, names) for row in conn.execute(select(tables.adjustments).order_by(tables.adjustments.c.position))]


def _adjustment(row: Row[Any], names: Mapping[str, str]) -> Adjustment:
    return Adjustment(
        id=row.id,
        at_us=row.at_us,
        by=row.author,
        reason=row.reason,
        kind=row.kind,
        from_us=row.from_us or 0,
        to_us=row.to_us or 0,
        state=State[row.state.upper()] if row.state else State.UP,
        target=row.target or "",
        scope=names.get(row.scope, row.scope),
        clause=row.clause,
    )


_ADD = insert_new(tables.adjustments, "id")
