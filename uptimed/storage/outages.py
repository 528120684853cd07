"""What machines saw: one row an outage of a Component, kept for ever. A late result may move its brackets, or take it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select

from uptimed.domain.incidents import Outage
from uptimed.storage import tables
from uptimed.storage.statements import clean, from_json, to_json, upsert

_o = tables.outages.c


def save(conn: Connection, outage: Outage) -> None:
    """Insert, or replace what was saved under this id."""
    row = asdict(outage) | {
        "checks": to_json(outage.checks),
        "locations": to_json(outage.locations),
        "reason": clean(outage.reason),
    }
    _SAVE.ask(conn, **row)


def remove(conn: Connection, outage_id: str) -> None:
    """Late evidence says that it was none; results, runs and the audit log still tell the story."""
    conn.execute(delete(tables.outages).where(_o.id == outage_id))


def of_components(conn: Connection, components: Iterable[str], from_us: int, to_us: int) -> list[Outage]:
    """Those that touch [from_us, to_us), oldest first; one that goes on reaches to the end of time."""
    wanted = _o.component.in_(list(components))
    touching = (_o.began_at_us < to_us) & or_(_o.ended_at_us.is_(None), _o.ended_at_us > from_us)
    return _found(conn.execute(select(tables.outages).where(wanted, touching).order_by(_o.began_at_us, _o.id)).all())


def open_ones(conn: Connection) -> list[Outage]:
    """Those that go on, oldest first."""
    return _found(conn.execute(select(tables.outages).where(_o.ended_at_us.is_(None)).order_by(_o.began_at_us, _o.id)).all())


def of_incident(conn: Connection, incident: str) -> list[Outage]:
    return _found(conn.execute(select(tables.outages).where(_o.incident == incident).order_by(_o.began_at_us, _o.id)).all())


def _found(rows: Sequence[Row[Any]]) -> list[Outage]:
    return [
        Outage(**{**row._asdict(), "checks": tuple(from_json(row.checks)), "locations": tuple(from_json(row.locations))})
        for row in rows
    ]


_SAVE = upsert(tables.outages).prepared()
