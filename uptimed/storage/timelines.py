"""
Runs (lossless, AVAILABILITY B13) and the segments derived from them, for one check.

The end of the newest segment moves with every result and is not written then: whoever loads derives the live edge from the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from uptimed.domain.runs import Run
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import Change
from uptimed.storage import tables
from uptimed.storage.statements import plain_insert, prepared, upsert


def save(conn: Connection, check: str, change: Change, now_us: int) -> None:  # noqa: ARG001 - every write of the engine says when it was
    """Idempotent. A change of the live edge alone writes only its runs."""
    if change.truncated:
        # First: a run may come back under the key of one that was cut off.
        conn.execute(_DELETE_RUN, [_run_key(check, *key) for key in change.truncated])
    if change.runs:
        _SAVE_RUN.run(conn, [(check, *run) for run in change.runs])
    if change.rewritten_from_us is not None and not change.only_edge:
        _DELETE_TAIL.ask(conn, check=check, from_us=change.rewritten_from_us)
        if change.segments:
            _ADD_SEGMENT.run(conn, [(check, *segment) for segment in change.segments])


def replace(conn: Connection, check: str, runs: Sequence[Run], segments: Sequence[Segment]) -> None:
    """All that is stored of the check by these."""
    conn.execute(delete(tables.runs).where(_run.check_id == check))
    conn.execute(delete(tables.segments).where(_segment.check_id == check))
    if runs:
        _SAVE_RUN.run(conn, [(check, *run) for run in runs])
    if segments:
        _ADD_SEGMENT.run(conn, [(check, *segment) for segment in segments])


def load(conn: Connection, check: str) -> tuple[list[Run], list[Segment]]:
    """Runs by location, epoch, chain and position; segments by time."""
    runs = [Run(**{**row._asdict(), "verdict": Verdict(row.verdict)}) for row in conn.execute(_RUNS, {"check": check})]
    segments = [
        Segment(row[0], row[1], State(row[2]), State(row[3]), State(row[4])) for row in conn.execute(_SEGMENTS, {"check": check})
    ]
    return runs, segments


def _run_key(check: str, location: str, epoch: int, chain_us: int, position: int) -> dict[str, Any]:
    return {"b_check": check, "b_location": location, "b_epoch": epoch, "b_chain_us": chain_us, "b_position": position}


_run = tables.runs.c
_segment = tables.segments.c

# Run and Segment have the fields of their tables in their order, after the check.
_SAVE_RUN = upsert(tables.runs).prepared()
_DELETE_RUN = delete(tables.runs).where(
    _run.check_id == bindparam("b_check"),
    _run.location == bindparam("b_location"),
    _run.epoch == bindparam("b_epoch"),
    _run.chain_us == bindparam("b_chain_us"),
    _run.position == bindparam("b_position"),
)
_RUNS = (
    select(*(column for column in tables.runs.columns if column is not _run.check_id))
    .where(_run.check_id == bindparam("check"))
    .order_by(_run.location, _run.epoch, _run.chain_us, _run.position)
)
_DELETE_TAIL = prepared(
    delete(tables.segments).where(_segment.check_id == bindparam("check"), _segment.from_us >= bindparam("from_us"))
)
_ADD_SEGMENT = plain_insert(tables.segments)
_SEGMENTS = (
    select(_segment.from_us, _segment.to_us, _segment.point, _segment.best, _segment.worst)
    .where(_segment.check_id == bindparam("check"))
    .order_by(_segment.from_us)
)
