"""
Results as they came: stored once, never altered. Rejected and unknown ones too; only the rest is evidence (AVAILABILITY B1).

`result_keys` knows every id with a digest of what counts, so that a second delivery is recognised without its partition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, case, func, select

from uptimed.domain.results import Evidence
from uptimed.domain.states import Verdict
from uptimed.storage import renames, tables
from uptimed.storage.statements import clean, from_json, plain_insert, to_json

NEWEST = 32
"""How many of a check's newest results are looked at for `high_water`: more than it has locations, fewer than is felt."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One CheckResult. Instants and durations in microseconds; the wall instants are the worker's and are never re-stamped."""

    id: str
    """check/location/worker/boot/sequence; the check itself has two slashes."""
    check: str
    location: str
    epoch: int
    started_us: int
    ended_us: int
    received_us: int
    verdict: str
    """A word of `states.Verdict`, or whatever a worker sent instead (then `rejection` is bad_verdict)."""
    reason: str = ""
    detail: str = ""
    took_us: int = 0
    lag_us: int = 0
    config_version: str = ""
    phases: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rejection: str | None = None


def digest_of(result: StoredResult) -> bytes:
    """What makes two results with one id the same: location, start, end, verdict, epoch. All else may differ."""
    facts = f"{result.location}\0{result.started_us}\0{result.ended_us}\0{result.verdict}\0{result.epoch}"
    return hashlib.blake2b(facts.encode("utf-8", "replace"), digest_size=16).digest()


def digests(conn: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    """The digests of those ids that are known: a duplicate if equal, a conflict if not; the first stands either way."""
    known = conn.exec_driver_sql(_DIGESTS[conn.dialect.name], (to_json([clean(each) for each in ids]),))
    return {row[0]: row[1] for row in known}


def add(conn: Connection, results: Sequence[StoredResult]) -> None:
    """Store results whose ids are new (ask `digests` first, in the same transaction); a known id is an IntegrityError."""
    if not results:
        return
    _ADD_KEY.run(conn, [(clean(r.id), digest_of(r), r.received_us) for r in results])
    _ADD.run(conn, [_row(r) for r in results])


def evidence(conn: Connection, check: str, from_us: int, to_us: int) -> list[Evidence]:
    """What counts of a check, under whatever name, that started in [from_us, to_us), by start, end and id."""
    names = [check, *renames.former_names(conn, check)]
    rows = conn.execute(_EVIDENCE, {"names": names, "from_us": from_us, "to_us": to_us})
    return [Evidence(row[0], row[1], row[2], row[3], row[4], Verdict(row[5])) for row in rows]


class Gap(NamedTuple):
    widest_us: int | None
    """None: no two results follow one another within the horizon."""
    results: int
    """How many count that began in the window."""


def widest_gap(conn: Connection, check: str, window: tuple[int, int], horizon_us: int) -> Gap:
    """
    The longest outage that two results in a row, neither of them down, may hide in the window (AVAILABILITY B8).

    From the start of the one to the latest end known with the other, as `definition.resolution_us` says it; worked out by the
    database, for a year has millions of them. A check that lasts longer than the horizon makes it longer, never shorter.
    """
    from_us, to_us = window
    names = [check, *renames.former_names(conn, check)]
    around = {"names": names, "from_us": from_us - horizon_us, "to_us": to_us + horizon_us}
    row = conn.execute(_WIDEST, {**around, "a_us": from_us, "b_us": to_us, "horizon_us": horizon_us}).one()
    return Gap(row[0], row[1] or 0)


def latest(conn: Connection, check: str) -> StoredResult | None:
    """The one that started last, whatever it says."""
    row = conn.execute(_LATEST, {"check": check, "limit": 1}).first()
    return None if row is None else _result(row)


def high_water(conn: Connection) -> dict[tuple[str, str], tuple[str, int]]:
    """By (check, location): boot and sequence of the last result received, of every check ever configured."""
    checks = conn.scalars(select(tables.first_seen.c.id).where(tables.first_seen.c.kind == "check")).all()
    newest: dict[tuple[str, str], tuple[int, str, int]] = {}
    for check in checks:
        for row in conn.execute(_NEWEST, {"check": check, "limit": NEWEST}):
            for boot, sequence in _boot_and_sequence(row.id):
                known = newest.get((check, row.location))
                if known is None or (row.received_us, sequence) > (known[0], known[2]):
                    newest[check, row.location] = (row.received_us, boot, sequence)
    return {place: (boot, sequence) for place, (_, boot, sequence) in newest.items()}


def _boot_and_sequence(result_id: str) -> Iterable[tuple[str, int]]:
    _, _, rest = result_id.rpartition("/")
    boot = result_id.split("/")[-2:-1]
    return [(boot[0], int(rest))] if boot and rest.isdecimal() else []


def _row(r: StoredResult) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    return (
        clean(r.check),
        r.started_us,
        clean(r.id),
        r.received_us,
        r.ended_us,
        clean(r.location),
        r.epoch,
        clean(r.verdict),
        clean(r.reason),
        clean(r.detail),
        r.took_us,
        r.lag_us,
        r.config_version,
        to_json(r.phases),
        to_json(r.evidence),
        to_json(r.notes),
        r.rejection,
    )


def _result(row: Row[Any]) -> StoredResult:
    return StoredResult(
        id=row.id,
        check=row.check_id,
        location=row.location,
        epoch=row.epoch,
        started_us=row.started_us,
        ended_us=row.ended_us,
        received_us=row.received_us,
        verdict=_VERDICTS.get(row.verdict, row.verdict),
        reason=row.reason,
        detail=row.detail,
        took_us=row.took_us,
        lag_us=row.lag_us,
        config_version=row.config_version,
        phases=from_json(row.phases),
        evidence=from_json(row.evidence),
        notes=tuple(from_json(row.notes)),
        rejection=row.rejection,
    )


_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_r = tables.results.c
_ADD = plain_insert(tables.results)
_ADD_KEY = plain_insert(tables.result_keys)

# A list as one JSON parameter: an IN of varying length would be a new statement for every length.
_DIGESTS = {
    "sqlite": "SELECT id, digest FROM result_keys WHERE id IN (SELECT value FROM json_each(?))",
    "postgresql": "SELECT id, digest FROM result_keys WHERE id IN (SELECT json_array_elements_text($1::text::json))",
}
_EVIDENCE = (
    select(_r.id, _r.location, _r.epoch, _r.started_us, _r.ended_us, _r.verdict)
    .where(_r.check_id.in_(bindparam("names", expanding=True)))
    .where(_r.started_us >= bindparam("from_us"), _r.started_us < bindparam("to_us"))
    .where(_r.rejection.is_(None), _r.verdict != Verdict.UNKNOWN.value)
    .order_by(_r.started_us, _r.ended_us, _r.id)
)
_IN_A_ROW: dict[str, Any] = {"partition_by": (_r.location, _r.epoch), "order_by": (_r.started_us, _r.ended_us, _r.id)}
_pairs = (
    select(
        _r.started_us,
        _r.verdict,
        func.lead(_r.started_us).over(**_IN_A_ROW).label("next_us"),
        func.lead(_r.verdict).over(**_IN_A_ROW).label("next_verdict"),
        func.max(_r.ended_us).over(**_IN_A_ROW, rows=(None, 1)).label("reached_us"),
    )
    .where(_r.check_id.in_(bindparam("names", expanding=True)))
    .where(_r.started_us >= bindparam("from_us"), _r.started_us < bindparam("to_us"))
    .where(_r.rejection.is_(None), _r.verdict != Verdict.UNKNOWN.value)
    .subquery()
    .c
)
_is_gap = (
    (_pairs.verdict != Verdict.DOWN.value)
    & (_pairs.next_verdict != Verdict.DOWN.value)
    & (_pairs.next_us - _pairs.started_us <= bindparam("horizon_us"))
    & (_pairs.started_us < bindparam("b_us"))
    & (_pairs.next_us > bindparam("a_us"))
)
_begins_inside = (_pairs.started_us >= bindparam("a_us")) & (_pairs.started_us < bindparam("b_us"))
_WIDEST = select(func.max(case((_is_gap, _pairs.reached_us - _pairs.started_us))), func.sum(case((_begins_inside, 1), else_=0)))
_BY_START = (_r.started_us.desc(), _r.received_us.desc(), _r.id.desc())
_LATEST = select(tables.results).where(_r.check_id == bindparam("check")).order_by(*_BY_START).limit(bindparam("limit"))
_NEWEST = (
    select(_r.id, _r.location, _r.received_us)
    .where(_r.check_id == bindparam("check"))
    .order_by(*_BY_START)
    .limit(bindparam("limit"))
)
