"""
Runs and segments of a check, derived again from all its evidence, and compared with what is stored, bit for bit.

Evidence is what the blobs of sealed days hold and, of the days since, the raw results; under every name that the check ever had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import chain
from operator import itemgetter

from sqlalchemy import Connection

from uptimed.domain.contract import ContractHistory
from uptimed.domain.dayblob import day_of, span_of, unpacked
from uptimed.domain.definition import derived
from uptimed.domain.evidence import Source, in_order
from uptimed.domain.runs import Run, runs_of_sorted
from uptimed.domain.states import Segment
from uptimed.engine.sealing import made_of
from uptimed.storage import blobs, renames, seals, timelines

END_OF_TIME_US = 2**62


@dataclass(frozen=True)
class Rebuilt:
    check: str
    results: int
    """Results that were read, evidence or not."""
    runs: Sequence[Run]
    segments: Sequence[Segment]
    differs_from_us: int | None
    """The first instant from which what is stored says something else; None: it says the same."""


def rebuilt(conn: Connection, check: str, history: ContractHistory, now_us: int) -> Rebuilt:
    """All in one look at the database: a daemon may write meanwhile. `check` is one of the history's."""
    policy = history.policy_of(check)
    if policy is None:
        raise KeyError(check)
    number = 0
    by_location: dict[str, list[Source]] = {}
    for location, results, source in _sources(conn, check, now_us):
        by_location.setdefault(location, []).append(source)
        number += results
    evidence = chain.from_iterable(in_order(sources) for _, sources in sorted(by_location.items()))
    runs = runs_of_sorted(evidence, policy.horizon_us, policy.earlier)
    segments = derived(runs, policy)
    stored_runs, stored_segments = timelines.load(conn, check)
    differs = [_first_run(stored_runs, runs), _first_segment(stored_segments, segments)]
    return Rebuilt(check, number, runs, segments, min((one for one in differs if one is not None), default=None))


def _sources(conn: Connection, check: str, now_us: int) -> list[tuple[str, int, Source]]:
    """(location, how many results, their body) of every day of receipt, oldest first."""
    last = seals.newest(conn)
    first_us = seals.beginning_us(conn) if last is None else None
    unsealed = day_of(now_us if first_us is None else first_us) if last is None else last.received_on + timedelta(days=1)
    found: list[tuple[date, str, int, Source]] = []
    for name in [check, *renames.former_names(conn, check)]:
        for on, location, results in blobs.days_of(conn, name):
            if on < unsealed:
                found.append((on, location, results, partial(blobs.body, conn, name, on, location)))
        for on, span in _days_since(unsealed, now_us):
            made = made_of(name, on, blobs.received(conn, name, *span))
            found += [(on, one.location, one.results, partial(unpacked, one.blob)) for one in made]
    return [one[1:] for one in sorted(found, key=itemgetter(0))]


def _days_since(on: date, now_us: int) -> Iterator[tuple[date, tuple[int, int]]]:
    """The last one is open: a clock that was ahead may have received results in days to come."""
    while on < day_of(now_us):
        yield on, span_of(on)
        on += timedelta(days=1)
    yield on, (span_of(on)[0], END_OF_TIME_US)


def _first_run(stored: Sequence[Run], made: Sequence[Run]) -> int | None:
    """The start of the earliest run that only one of them has."""
    return min((one.first_start_us for one in set(stored) ^ set(made)), default=None)


def _first_segment(stored: Sequence[Segment], made: Sequence[Segment]) -> int | None:
    """Where two timelines part. The end of the newest segment is not written with every result: it may be behind."""
    if stored and made and stored[-1].from_us == made[-1].from_us:
        stored = [*stored[:-1], stored[-1]._replace(to_us=made[-1].to_us)]
    for before, now in zip(stored, made, strict=False):
        if before != now:
            return min(before.from_us, now.from_us)
    longer = max(stored, made, key=len)
    return longer[min(len(stored), len(made))].from_us if len(stored) != len(made) else None
