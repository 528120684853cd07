"""What people deal with: incidents and their updates, kept for ever. An update is never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from uptimed.domain.catalogue import Words
from uptimed.domain.incidents import Incident, Stage, Update
from uptimed.domain.severity import Severity
from uptimed.storage import tables
from uptimed.storage.statements import clean, from_json, insert_new, to_json, upsert

_i = tables.incidents.c
_u = tables.updates.c


def free_number(conn: Connection, year: int) -> int:
    """The number after the highest that any incident of the year has. Asking gives nothing away."""
    prefix = f"INC-{year}-"
    ids = conn.execute(select(_i.id).where(_i.id.startswith(prefix))).scalars()
    return max((int(one.removeprefix(prefix)) for one in ids), default=0) + 1


def save(conn: Connection, incident: Incident) -> None:
    """Insert, or replace what was saved under this id."""
    row = asdict(incident) | {
        "components": to_json(incident.components),
        "severity": incident.severity.value,
        "stage": incident.stage.value,
        "title": to_json(incident.title),
        "acknowledged_by": clean(incident.acknowledged_by),
    }
    _SAVE.ask(conn, **row)


def get(conn: Connection, incident_id: str) -> Incident | None:
    found = _incidents(conn.execute(select(tables.incidents).where(_i.id == incident_id)).all())
    return found[0] if found else None


def open_ones(conn: Connection) -> list[Incident]:
    """Oldest first."""
    return _incidents(
        conn.execute(select(tables.incidents).where(_i.resolved_at_us.is_(None)).order_by(_i.opened_at_us, _i.id)).all()
    )


def recent(conn: Connection, since_us: int) -> list[Incident]:
    """Open, or resolved at or after `since_us`; the newest first."""
    wanted = or_(_i.resolved_at_us.is_(None), _i.resolved_at_us >= since_us)
    return _incidents(conn.execute(select(tables.incidents).where(wanted).order_by(_i.opened_at_us.desc(), _i.id.desc())).all())


def opened_in(conn: Connection, from_us: int, to_us: int) -> list[Incident]:
    """Opened in [from_us, to_us), oldest first."""
    wanted = (_i.opened_at_us >= from_us) & (_i.opened_at_us < to_us)
    return _incidents(conn.execute(select(tables.incidents).where(wanted).order_by(_i.opened_at_us, _i.id)).all())


def add_update(conn: Connection, update: Update) -> None:
    """An id that is already there stays as it is."""
    row = {
        "id": update.id,
        "incident": update.incident,
        "at_us": update.at_us,
        "stage": update.stage.value,
        "text": to_json(update.text),
        "author": clean(update.author),
        "public": update.public,
        "states": to_json(update.states),
    }
    _ADD_UPDATE.ask(conn, **row)


def updates(conn: Connection, incidents: Iterable[str]) -> dict[str, list[Update]]:
    """By incident, oldest first; every id asked for is a key."""
    found: dict[str, list[Update]] = {incident: [] for incident in incidents}
    for row in conn.execute(select(tables.updates).where(_u.incident.in_(list(found))).order_by(_u.at_us, _u.position)):
        found[row.incident].append(_update(row))
    return found


def _incidents(rows: Sequence[Row[Any]]) -> list[Incident]:
    return [
        Incident(
            **{
                **row._asdict(),
                "components": tuple(from_json(row.components)),
                "severity": Severity(row.severity),
                "stage": Stage(row.stage),
                "title": from_json(row.title),
            }
        )
        for row in rows
    ]


def _update(row: Row[Any]) -> Update:
    words: Words = from_json(row.text)
    return Update(
        id=row.id,
        incident=row.incident,
        at_us=row.at_us,
        stage=Stage(row.stage),
        text=words,
        author=row.author,
        public=row.public,
        states={component: (old, new) for component, (old, new) in from_json(row.states).items()},
    )


_SAVE = upsert(tables.incidents).prepared()
_ADD_UPDATE = insert_new(tables.updates, "id").prepared()
