"""
The versions of the contract: what decides a figure, and from when (AVAILABILITY B13). Only ever added to.

Beside them what was imported of the time before: an import of older results puts its beginning back, never forward.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from uptimed.domain.contract import ContractHistory, ContractVersion, ImportedCheck, from_document
from uptimed.domain.policy import Rules
from uptimed.domain.seals import ContractText
from uptimed.storage import renames, tables
from uptimed.storage.statements import from_json, to_json, upsert


def record(conn: Connection, version: ContractVersion) -> ContractHistory:
    """Note a version if it promises or watches something else than the newest does; returns all of them."""
    newest = conn.execute(_NEWEST).first()
    if newest is None or newest.digest != version.digest:
        # A clock that was set back must not put a version before one that is already known.
        from_us = version.from_us if newest is None else max(version.from_us, newest.from_us + 1)
        conn.execute(insert(tables.contracts), {"from_us": from_us, "digest": version.digest, "document": version.text})
    return _history(conn)


def note_imports(conn: Connection, imported: Iterable[ImportedCheck]) -> ContractHistory:
    """Returns all that is known now. At least one version must be there."""
    known = {one.id: one for one in _imported(conn)}
    for one in imported:
        before = known.get(one.id, one)
        wider = max(before.rules.horizon_us, one.rules.horizon_us)
        row = {
            "check_id": one.id,
            "location": one.location,
            "from_us": min(before.from_us, one.from_us),
            "rules": to_json(one.rules._replace(horizon_us=wider)._asdict()),
        }
        _IMPORT.run(conn, row)
    return _history(conn)


def load(conn: Connection) -> ContractHistory | None:
    """None: nothing was ever configured here."""
    history = _history(conn)
    return history if history.versions else None


def _history(conn: Connection) -> ContractHistory:
    return ContractHistory(_versions(conn), _imported(conn))


def texts(conn: Connection) -> list[ContractText]:
    """As they were written, oldest first."""
    return [ContractText(row.from_us, row.document) for row in conn.execute(_ALL)]


def _versions(conn: Connection) -> list[ContractVersion]:
    names = renames.load(conn)
    return [from_document(row.from_us, json.loads(row.document), names) for row in conn.execute(_ALL)]


def _imported(conn: Connection) -> list[ImportedCheck]:
    rows = conn.execute(select(tables.imports))
    return [ImportedCheck(row.check_id, row.location, Rules(**from_json(row.rules)), row.from_us) for row in rows]


_IMPORT = upsert(tables.imports)
_ALL = select(tables.contracts).order_by(tables.contracts.c.from_us)
_NEWEST = select(tables.contracts).order_by(tables.contracts.c.from_us.desc()).limit(1)
