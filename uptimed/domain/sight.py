"""
What one location could see of a check: its runs, turned into stretches with a point and the bounds of the truth (AVAILABILITY B2).

Between two consecutive results of a chain the truth is one of the two verdicts (assumption A1); so equal verdicts certify the time
between them, and different ones leave a bracket in which either may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from uptimed.domain.runs import Run
from uptimed.domain.states import State


class Piece(NamedTuple):
    """A measured stretch as one chain of one location saw it."""

    from_us: int
    to_us: int
    point: State
    best: State
    worst: State
    location: str
    epoch: int


class Onset(NamedTuple):
    """Two consecutive results of a chain, the first not down and the second down."""

    good_start_us: int
    good_end_us: int
    """Running maximum E of the chain."""
    bad_start_us: int
    bad_end_us: int
    measured_from_us: int
    measured_to_us: int
    """What the whole chain measures."""


_BEST = (State.UP, State.UP, State.DEGRADED, State.UP, State.DOWN, State.UP, State.DEGRADED, State.UP)
_WORST = (State.UP, State.UP, State.DEGRADED, State.DEGRADED, State.DOWN, State.DOWN, State.DOWN, State.DOWN)
"""Best and worst of a set of states given as bits 1 up, 2 degraded, 4 down."""


def chains(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Runs in their stored order, cut into chains."""
    for _, chain in groupby(runs, key=lambda run: (run.location, run.epoch, run.chain_us)):
        yield list(chain)


def pieces(chain: list[Run], eps_us: int) -> Iterator[Piece]:
    """
    The stretches that a chain measures: [E of its first result, start of its last). A lone result measures nothing.

    `eps_us` widens every result to [start - eps, end + eps] (clock tolerance).
    """
    begin_us = chain[0].first_end_us + eps_us
    end_us = chain[-1].last_start_us - eps_us
    if begin_us >= end_us:
        return
    location, epoch = chain[0].location, chain[0].epoch
    changes = _possible_changes(chain, eps_us)
    turns = [(_turn(a, b, eps_us), b.state) for a, b in pairwise(chain)]
    instants = sorted({begin_us, end_us, *(t for t, _, _ in changes), *(t for t, _ in turns)})
    counted = [0, 0, 0]
    point = chain[0].state
    next_change = next_turn = 0
    for at_us, until_us in pairwise(instants):
        while next_change < len(changes) and changes[next_change][0] <= at_us:
            counted[changes[next_change][1]] += changes[next_change][2]
            next_change += 1
        while next_turn < len(turns) and turns[next_turn][0] <= at_us:
            point = turns[next_turn][1]
            next_turn += 1
        if begin_us <= at_us < end_us:
            seen = (counted[0] > 0) | (counted[1] > 0) << 1 | (counted[2] > 0) << 2
            yield Piece(at_us, until_us, point, _BEST[seen], _WORST[seen], location, epoch)


def _possible_changes(chain: list[Run], eps_us: int) -> list[tuple[int, State, int]]:
    """(instant, state, +1 or -1): when each state becomes, and ceases to be, a possible truth."""
    found: list[tuple[int, State, int]] = []
    for run in chain:
        if run.count > 1:
            found += ((run.first_start_us - eps_us, run.state, 1), (run.last_end_us + eps_us, run.state, -1))
    for a, b in pairwise(chain):
        from_us, to_us = a.last_start_us - eps_us, b.first_end_us + eps_us
        found += ((from_us, a.state, 1), (to_us, a.state, -1), (from_us, b.state, 1), (to_us, b.state, -1))
    found.sort()
    return found


def _turn(a: Run, b: Run, eps_us: int) -> int:
    """Where the point changes: in the middle between what a proves last and b proves first."""
    start_us = b.first_start_us - eps_us
    return (min(a.last_end_us + eps_us, start_us) + start_us) // 2


def onsets(chain: list[Run], eps_us: int) -> Iterator[Onset]:
    begin_us = chain[0].first_end_us + eps_us
    end_us = chain[-1].last_start_us - eps_us
    for a, b in pairwise(chain):
        if b.state is State.DOWN and a.state is not State.DOWN:
            yield Onset(
                a.last_start_us - eps_us,
                a.last_end_us + eps_us,
                b.first_start_us - eps_us,
                b.first_end_us + eps_us,
                begin_us,
                end_us,
            )
