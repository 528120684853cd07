"""
Runs: maximal stretches of equal verdicts in a chain. They keep all that the timeline needs of the raw results (AVAILABILITY B13).

A chain ends where one location's silence was longer than the horizon. Ends of results are kept as running maxima of their chain,
because a slow check may end after the next one has begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from uptimed.domain.policy import EarlierRules
from uptimed.domain.results import Evidence
from uptimed.domain.states import STATE_OF, State, Verdict

RunKey = tuple[str, int, int, int]


class Run(NamedTuple):
    location: str
    epoch: int
    chain_us: int
    """Start of the first result of its chain."""
    position: int
    """0, 1, 2 ... within the chain."""
    verdict: Verdict
    first_start_us: int
    first_end_us: int
    last_start_us: int
    last_end_us: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants of a run

    @property
    def key(self) -> RunKey:
        return (self.location, self.epoch, self.chain_us, self.position)

    @property
    def state(self) -> State:
        return STATE_OF[self.verdict]


def following(last: Run | None, evidence: Evidence, horizon_us: int) -> Run:
    """The run that this result makes of the one before it (same location and epoch): longer, a next one, or a new chain."""
    _, location, epoch, start_us, end_us, verdict = evidence
    if last is None or start_us - last.last_start_us > horizon_us:
        return Run(location, epoch, start_us, 0, verdict, start_us, end_us, start_us, end_us, 1)
    reached_us = max(last.last_end_us, end_us)
    if verdict is last.verdict:
        return Run(*last[:7], start_us, reached_us, last.count + 1)
    return Run(location, epoch, last.chain_us, last.position + 1, verdict, start_us, reached_us, start_us, reached_us, 1)


def in_order(evidence: Iterable[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda one: (one.start_us, one.end_us, one.id))


def _horizon_at(last: Run | None, horizon_us: int, earlier: Sequence[EarlierRules]) -> int:
    """The horizon in force when the silence after `last` began."""
    if last is None or not earlier:
        return horizon_us
    return next((one.rules.horizon_us for one in earlier if last.last_start_us < one.until_us), horizon_us)


def runs_of(evidence: Iterable[Evidence], horizon_us: int, earlier: Sequence[EarlierRules] = ()) -> list[Run]:
    """All runs of any number of locations and epochs; ordered by these, then by time."""
    return runs_of_sorted(in_order(evidence), horizon_us, earlier)


Result = tuple[str, str, int, int, int, Verdict]
"""What `Evidence` holds, in its order."""


def runs_of_sorted(results: Iterable[Result], horizon_us: int, earlier: Sequence[EarlierRules] = ()) -> list[Run]:
    """
    The same of results that come in order of start, end and id, be it only within each location and epoch.

    For millions of them: a result is only looked at, and nothing is made of it unless it begins a run.
    """
    apart: dict[tuple[str, int], list[Run]] = {}
    newest: dict[tuple[str, int], _Growing] = {}
    shortest_us = min([horizon_us, *(one.rules.horizon_us for one in earlier)])
    for result in results:
        _, location, epoch, start_us, end_us, verdict = result
        key = (location, epoch)
        run = newest.get(key)
        if run is not None and verdict is run.verdict and start_us - run.last_start_us <= shortest_us:
            run.last_start_us = start_us
            run.count += 1
            run.last_end_us = max(run.last_end_us, end_us)
            continue
        mine = apart.setdefault(key, [])
        last = None
        if run is not None:
            last = mine[-1] = run.grown(mine[-1])
        mine.append(following(last, Evidence(*result), _horizon_at(last, horizon_us, earlier)))
        if last is not None and mine[-1].key == last.key:
            del mine[-2]
        newest[key] = _Growing(mine[-1])
    for key, run in newest.items():
        apart[key][-1] = run.grown(apart[key][-1])
    return [run for key in sorted(apart) for run in apart[key]]


class _Growing:
    """What of a run grows with every result."""

    __slots__ = ("count", "last_end_us", "last_start_us", "verdict")

    def __init__(self, run: Run) -> None:
        self.verdict, self.last_start_us, self.last_end_us, self.count = run.verdict, *run[7:]

    def grown(self, run: Run) -> Run:
        return Run(*run[:7], self.last_start_us, self.last_end_us, self.count)
