"""What people schedule, extend, finish and cancel: rows are only ever added, so what was announced when can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from uptimed.domain.maintenance import MaintenanceEvent
from uptimed.storage import renames, tables
from uptimed.storage.statements import clean, from_json, insert_new, to_json


def add(conn: Connection, event: MaintenanceEvent) -> None:
    """An id that is already there stays as it is."""
    has_time = event.kind in {"scheduled", "extended"}
    row = {
        "id": event.id,
        "of_window": event.window,
        "kind": event.kind,
        "at_us": event.at_us,
        "author": clean(event.by),
        "scope": event.scope,
        "from_us": event.from_us if has_time else None,
        "to_us": event.to_us if has_time else None,
        "title": to_json(event.title),
        "words": to_json(event.text),
        "rule": clean(event.rule),
        "timezone": event.timezone,
    }
    _ADD.run(conn, row)


def load(conn: Connection) -> list[MaintenanceEvent]:
    """All of them, in the order they were made, under the names of now."""
    return _all(conn, renames.load(conn))


def as_written(conn: Connection) -> list[MaintenanceEvent]:
    """The same under the names that they were made with."""
    return _all(conn, {})


def _all(conn: Connection, names: Mapping[str, str]) -> list[MaintenanceEvent]:
    table = tables.maintenance_events
    return [_event(row, names) for row in conn.execute(select(table).order_by(table.c.position))]


def _event(row: Row[Any], names: Mapping[str, str]) -> MaintenanceEvent:
    return MaintenanceEvent(
        id=row.id,
        window=row.of_window,
        kind=row.kind,
        at_us=row.at_us,
        by=row.author,
        scope=names.get(row.scope, row.scope),
        from_us=row.from_us or 0,
        to_us=row.to_us or 0,
        title=from_json(row.title),
        text=from_json(row.words),
        rule=row.rule,
        timezone=row.timezone,
    )


_ADD = insert_new(tables.maintenance_events, "id")
