"""The published records of closed periods: rows are only ever added, so whatever was said can be read back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from uptimed.domain.published import PublishedRecord, from_document
from uptimed.storage import renames, tables
from uptimed.storage.statements import from_json, insert_new


def add(conn: Connection, records: Iterable[PublishedRecord]) -> None:
    """A revision that is already there stays as it is."""
    for one in records:
        row = {
            "product": one.product,
            "period": one.period,
            "revision": one.revision,
            "published_at_us": one.published_at_us,
            "digest": one.digest,
            "document": one.text,
        }
        _ADD.run(conn, row)


def load(conn: Connection, period: str | None = None) -> dict[tuple[str, str], list[PublishedRecord]]:
    """
    By product, under its name of now, and period: the revisions, oldest first.

    A record keeps the name that it was published under: it is part of what was hashed.
    """
    wanted = select(tables.published_records).order_by(_p.product, _p.period, _p.revision)
    names = renames.load(conn)
    found: dict[tuple[str, str], list[PublishedRecord]] = {}
    for row in conn.execute(wanted if period is None else wanted.where(_p.period == period)):
        key = names.get(row.product, row.product), row.period
        found.setdefault(key, []).append(from_document(from_json(row.document)))
    for revisions in found.values():
        revisions.sort(key=lambda one: one.revision)
    return found


_p = tables.published_records.c
_ADD = insert_new(tables.published_records, "product", "period", "revision")
