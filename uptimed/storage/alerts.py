"""Alerts as they stand: one row for each rule about a product or component, overwritten when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select

from uptimed.domain.alerts import Alert
from uptimed.storage import tables
from uptimed.storage.statements import upsert


def save(conn: Connection, alerts: Iterable[Alert]) -> None:
    if rows := [asdict(one) for one in alerts]:
        _SAVE.run(conn, rows)


def load(conn: Connection) -> list[Alert]:
    rows = conn.execute(select(tables.alerts).order_by(tables.alerts.c.subject, tables.alerts.c.rule))
    return [Alert(row.subject, row.rule, row.firing, row.since_us, row.told_at_us) for row in rows]


_SAVE = upsert(tables.alerts)
