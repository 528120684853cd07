"""Who did what, when: rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from uptimed.storage import tables
from uptimed.storage.statements import clean, from_json, to_json


@dataclass(frozen=True)
class Entry:
    at_us: int
    who: str
    what: str
    subject: str
    detail: Mapping[str, Any]


def add(conn: Connection, at_us: int, who: str, what: str, subject: str, detail: Mapping[str, Any]) -> None:
    """`who` is a person's id or `uptimed`; `detail` is JSON-ready and holds no secret."""
    row = {"at_us": at_us, "who": clean(who), "what": what, "subject": clean(subject), "detail": to_json(detail)}
    conn.execute(insert(tables.audit), row)


def recent(conn: Connection, limit: int) -> list[Entry]:
    """The newest first."""
    rows = conn.execute(select(tables.audit).order_by(tables.audit.c.position.desc()).limit(limit))
    return [Entry(row.at_us, row.who, row.what, row.subject, from_json(row.detail)) for row in rows]
