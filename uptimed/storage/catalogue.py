"""When something was first configured, and which configuration was in force from when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from uptimed.domain.catalogue import Catalogue
from uptimed.storage import tables
from uptimed.storage.statements import insert_new, upsert


@dataclass(frozen=True)
class FirstSeen:
    """By id, in microseconds; ids that are no longer configured are in it too."""

    products: Mapping[str, int]
    components: Mapping[str, int]
    checks: Mapping[str, int]


def record(conn: Connection, catalogue: Catalogue, now_us: int) -> FirstSeen:
    """Note what is new in this configuration; what was seen before keeps its first instant."""
    ids = {
        "product": [product.id for product in catalogue.products],
        "component": [component.id for component in catalogue.components()],
        "check": [check.id for check in catalogue.checks()],
    }
    if rows := [{"kind": kind, "id": each, "at_us": now_us} for kind, several in ids.items() for each in several]:
        _NOTE.run(conn, rows)
    if (known := versions(conn)) == [] or known[-1][1] != catalogue.version:
        _VERSION.run(conn, {"from_us": now_us, "version": catalogue.version})
    return first_seen(conn)


def first_seen(conn: Connection) -> FirstSeen:
    found: dict[str, dict[str, int]] = {"product": {}, "component": {}, "check": {}}
    for kind, each, at_us in conn.execute(select(tables.first_seen)):
        found[kind][each] = at_us
    return FirstSeen(products=found["product"], components=found["component"], checks=found["check"])


def versions(conn: Connection) -> list[tuple[int, str]]:
    """(from_us, version) of every change of configuration, oldest first."""
    return [
        (row.from_us, row.version)
        for row in conn.execute(select(tables.config_versions).order_by(tables.config_versions.c.from_us))
    ]


_NOTE = insert_new(tables.first_seen, "kind", "id")
_VERSION = upsert(tables.config_versions)
