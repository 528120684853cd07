"""Results as day blobs (`uptimed.domain.dayblob`): kept for ever, where raw results are kept for their time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, select
from sqlalchemy import text as sql

from uptimed.domain.dayblob import DayBlobDamaged, DayResult, unpacked
from uptimed.storage import tables
from uptimed.storage.errors import StorageRefused
from uptimed.storage.statements import upsert

HOUR_US = 3_600_000_000


class StoredBlob(NamedTuple):
    check: str
    received_on: date
    location: str
    results: int
    digest: bytes
    """SHA-256 of the body."""
    blob: bytes


class Received(NamedTuple):
    """A raw result, as far as it counts."""

    location: str
    result: DayResult


def digest_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def next_check(conn: Connection, after: str) -> str | None:
    """The next check in the database's alphabet of which there are raw results, configured or not."""
    found: str | None = conn.scalar(_NEXT_CHECK, {"after": after})
    return found


def received(conn: Connection, check: str, from_us: int, to_us: int) -> list[Received]:
    """Every raw result of the check received in [from_us, to_us), rejected ones included; in no order."""
    span = {"check": check, "from_us": from_us, "to_us": to_us, "early_us": from_us - HOUR_US}
    return [
        Received(row[0], DayResult(row[1], row[2], row[3], row[4], row[5], row[6], row[7]))
        for statement in (_IN_TIME, _STRAGGLING)
        for row in conn.execute(statement, span)
    ]


def remove_received(conn: Connection, check: str, results: Iterable[DayResult]) -> None:
    """Raw results, by their whole key."""
    rows = [{"b_check": check, "b_started": one.started_us, "b_id": one.id, "b_received": one.received_us} for one in results]
    if rows:
        conn.execute(_REMOVE, rows)


def remove_keys(conn: Connection, ids: Iterable[str], before_us: int) -> None:
    """Forget that these ids are known; not those that came again since."""
    rows = [{"b_id": one, "b_before": before_us} for one in ids]
    if rows:
        conn.execute(_REMOVE_KEY, rows)


def save(conn: Connection, blobs: Sequence[StoredBlob]) -> None:
    """Insert, or replace what a run before this one has left."""
    _SAVE.run(conn, [(one.check, one.received_on.isoformat(), *one[2:]) for one in blobs])


def last_saved(conn: Connection, on: date) -> str:
    """The last check in the database's alphabet that has a blob of that day; empty when none has."""
    return conn.scalar(select(func.max(_b.check_id)).where(_b.received_on == on.isoformat())) or ""


def of_day(conn: Connection, on: date) -> list[tuple[str, str, int, bytes]]:
    """(check, location, how many results, digest) of the day's blobs, in no order: every database has its own alphabet."""
    rows = conn.execute(_OF_DAY, {"on": on.isoformat()})
    return [(row[0], row[1], row[2], bytes(row[3])) for row in rows]


def of_check(conn: Connection, check: str, from_on: date, to_on: date) -> list[StoredBlob]:
    """The check's blobs of the days [from_on, to_on), by day and location."""
    span = {"check": check, "from_on": from_on.isoformat(), "to_on": to_on.isoformat()}
    return [_blob(row) for row in conn.execute(_OF_CHECK, span)]


def days_of(conn: Connection, check: str) -> list[tuple[date, str, int]]:
    """(day, location, how many results) of all its blobs, by day."""
    rows = conn.execute(_DAYS_OF, {"check": check})
    return [(date.fromisoformat(row[0]), row[1], row[2]) for row in rows]


def listed(conn: Connection, from_on: date, to_on: date, *, location_prefix: str = "") -> list[tuple[str, str, date]]:
    """(check, location, day) of the blobs of the days [from_on, to_on), of locations whose name begins so."""
    days = _b.received_on >= from_on.isoformat(), _b.received_on < to_on.isoformat()
    rows = conn.execute(select(_b.check_id, _b.location, _b.received_on).where(*days, _b.location.startswith(location_prefix)))
    return [(row[0], row[1], date.fromisoformat(row[2])) for row in rows]


def body_as_stored(conn: Connection, check: str, on: date, location: str) -> bytes:
    """Of the blob that is there; DayBlobDamaged when it cannot be read."""
    row = conn.execute(_ONE, {"check": check, "on": on.isoformat(), "location": location}).one()
    try:
        return unpacked(bytes(row.blob))
    except DayBlobDamaged as damaged:
        raise DayBlobDamaged(f"the day blob of {check} from {location} of {on} is damaged: {damaged}") from None


def body(conn: Connection, check: str, on: date, location: str) -> bytes:
    """The same, and what was once written; StorageRefused when it is not."""
    row = conn.execute(_ONE, {"check": check, "on": on.isoformat(), "location": location}).one()
    try:
        found = body_as_stored(conn, check, on, location)
    except DayBlobDamaged as damaged:
        raise StorageRefused(f"{damaged}; put back a backup") from None
    if digest_of(found) != bytes(row.digest):
        raise StorageRefused(f"the day blob of {check} from {location} of {on} is not what was written; put back a backup")
    return found


def _blob(row: Row[Any]) -> StoredBlob:
    on = date.fromisoformat(row.received_on)
    return StoredBlob(row.check_id, on, row.location, row.results, bytes(row.digest), bytes(row.blob))


_r = tables.results.c
_b = tables.day_blobs.c
_k = tables.result_keys.c
_SAVE = upsert(tables.day_blobs).prepared()
_NEXT_CHECK = select(func.min(_r.check_id)).where(_r.check_id > bindparam("after"))
_COUNTS = (
    select(_r.location, _r.id, _r.epoch, _r.started_us, _r.ended_us, _r.received_us, _r.verdict, _r.rejection)
    .where(_r.check_id == bindparam("check"))
    .where(_r.received_us >= bindparam("from_us"), _r.received_us < bindparam("to_us"))
)
# The one walks the primary key, the other the index of stragglers: a result has no index of its receipt.
_STRAGGLING = _COUNTS.where(tables.STRAGGLING)
_IN_TIME = _COUNTS.where(
    _r.started_us >= bindparam("early_us"), _r.started_us < bindparam("to_us"), sql(f"NOT ({tables.STRAGGLING.text})")
)
_REMOVE = delete(tables.results).where(
    _r.check_id == bindparam("b_check"),
    _r.started_us == bindparam("b_started"),
    _r.id == bindparam("b_id"),
    _r.received_us == bindparam("b_received"),
)
_REMOVE_KEY = delete(tables.result_keys).where(_k.id == bindparam("b_id"), _k.received_us < bindparam("b_before"))
_OF_DAY = select(_b.check_id, _b.location, _b.results, _b.digest).where(_b.received_on == bindparam("on"))
_DAYS_OF = select(_b.received_on, _b.location, _b.results).where(_b.check_id == bindparam("check")).order_by(_b.received_on)
_ONE = select(_b.blob, _b.digest).where(
    _b.check_id == bindparam("check"), _b.received_on == bindparam("on"), _b.location == bindparam("location")
)
_OF_CHECK = (
    select(tables.day_blobs)
    .where(_b.check_id == bindparam("check"), _b.received_on >= bindparam("from_on"), _b.received_on < bindparam("to_on"))
    .order_by(_b.received_on, _b.location)
)
