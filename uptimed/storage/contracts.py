"""The versions of the contract: what decides a figure, and from when (AVAILABILITY B13). Only ever added to."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert, select

from uptimed.domain.contract import ContractHistory, ContractVersion, from_document
from uptimed.storage import renames, tables


def record(conn: Connection, version: ContractVersion) -> ContractHistory:
    """Note a version if it promises or watches something else than the newest does; returns all of them."""
    newest = conn.execute(_NEWEST).first()
    if newest is None or newest.digest != version.digest:
        # A clock that was set back must not put a version before one that is already known.
        from_us = version.from_us if newest is None else max(version.from_us, newest.from_us + 1)
        conn.execute(insert(tables.contracts), {"from_us": from_us, "digest": version.digest, "document": version.text})
    return ContractHistory(_versions(conn))


def load(conn: Connection) -> ContractHistory | None:
    """None: nothing was ever configured here."""
    versions = _versions(conn)
    return ContractHistory(versions) if versions else None


def _versions(conn: Connection) -> list[ContractVersion]:
    names = renames.load(conn)
    return [from_document(row.from_us, json.loads(row.document), names) for row in conn.execute(_ALL)]


_ALL = select(tables.contracts).order_by(tables.contracts.c.from_us)
_NEWEST = select(tables.contracts).order_by(tables.contracts.c.from_us.desc()).limit(1)
