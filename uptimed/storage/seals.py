"""The chain of seals (`uptimed.domain.seals`), and how far housekeeping has come behind it. A seal is never changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Row, bindparam, func, insert, select, update

from uptimed.domain.results import IMPORTED
from uptimed.domain.seals import Seal
from uptimed.storage import blobs, tables

_s = tables.seals.c

KEYS_REMOVED: Column[Any] = _s.keys_removed_at_us
RESULTS_REMOVED: Column[Any] = _s.results_removed_at_us


def add(conn: Connection, seal: Seal) -> None:
    """A day that is sealed already is an IntegrityError."""
    row = {
        "received_on": seal.received_on.isoformat(),
        "previous": seal.previous,
        "digest": seal.digest,
        "results": seal.results,
        "contracts": seal.contracts,
        "adjustments": seal.adjustments,
        "planned": seal.planned,
        "sealed_at_us": seal.sealed_at_us,
    }
    conn.execute(insert(tables.seals), row)


def newest(conn: Connection) -> Seal | None:
    row = conn.execute(select(tables.seals).order_by(_s.received_on.desc()).limit(1)).first()
    return None if row is None else _seal(row)


def of_day(conn: Connection, on: date) -> Seal | None:
    row = conn.execute(select(tables.seals).where(_s.received_on == on.isoformat())).first()
    return None if row is None else _seal(row)


def load(conn: Connection) -> list[Seal]:
    """All of them, oldest first."""
    return [_seal(row) for row in conn.execute(select(tables.seals).order_by(_s.received_on))]


def beginning_us(conn: Connection) -> int | None:
    """
    When the first evidence of our own began or the first configuration was taken; None: there is nothing to seal.

    What was imported began long before it was received, and was received later than this.
    """
    found = [conn.scalar(select(func.min(tables.config_versions.c.from_us)))]
    after = ""
    while (check := blobs.next_check(conn, after)) is not None:
        found.append(conn.scalar(_FIRST_START, {"check": check}))
        after = check
    return min((one for one in found if one is not None), default=None)


def first_without(conn: Connection, mark: Column[Any], until_on: date) -> date | None:
    """The oldest sealed day before `until_on` that is not marked yet (KEYS_REMOVED, RESULTS_REMOVED)."""
    wanted = select(_s.received_on).where(mark.is_(None), _s.received_on < until_on.isoformat())
    found = conn.scalar(wanted.order_by(_s.received_on).limit(1))
    return None if found is None else date.fromisoformat(found)


def any_removed(conn: Connection, from_on: date, to_on: date) -> bool:
    """Whether raw results of a day in [from_on, to_on) are no longer kept."""
    between = _s.received_on >= from_on.isoformat(), _s.received_on < to_on.isoformat()
    return conn.scalar(select(_s.received_on).where(*between, RESULTS_REMOVED.is_not(None)).limit(1)) is not None


def mark(conn: Connection, on: date, what: Column[Any], at_us: int) -> None:
    conn.execute(update(tables.seals).where(_s.received_on == on.isoformat()).values({what.name: at_us}))


def _seal(row: Row[Any]) -> Seal:
    return Seal(
        received_on=date.fromisoformat(row.received_on),
        previous=bytes(row.previous),
        digest=bytes(row.digest),
        results=row.results,
        contracts=row.contracts,
        adjustments=row.adjustments,
        planned=row.planned,
        sealed_at_us=row.sealed_at_us,
    )


_r = tables.results.c
_FIRST_START = (
    select(_r.started_us)
    .where(_r.check_id == bindparam("check"), _r.rejection.is_(None), _r.location.not_like(f"{IMPORTED}%"))
    .order_by(_r.started_us)
    .limit(1)
)
