"""
The live edge of a quiet timeline: what one more result changes while nothing else does (AVAILABILITY B13).

Almost every result is like the one before it. Then only the time since that one is new, and in it every location either still shows
the state of its newest run or is not measured yet: a vote per location's end says it all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from uptimed.domain.policy import TimelinePolicy, quorum_of
from uptimed.domain.runs import Run
from uptimed.domain.states import Segment, State


def quiet_edge(runs: Mapping[tuple[str, int], Sequence[Run]], policy: TimelinePolicy, seam_us: int) -> list[Segment] | None:
    """
    The segments from the seam on; None when anything is open there: a bracket, or two clocks of one location.

    The policy must not change after the seam. What is down here must be a confirmed outage that was down before the seam already:
    then there is nothing to confirm, and no onset to move.
    """
    eps_us = policy.clock_eps_us
    seen: dict[str, tuple[int, State]] = {}
    for (location, _), mine in runs.items():
        newest = mine[-1]
        until_us = newest.last_start_us - eps_us
        if until_us > seam_us:
            if location in seen or newest.first_end_us + eps_us > seam_us:
                return None
            seen[location] = until_us, newest.state
    active = policy.active_at(seam_us)
    q = quorum_of(len(active), policy.quorum)
    ends = sorted(seen[location] for location in active if location in seen)
    edge: list[Segment] = []
    at_us = seam_us
    for index, (until_us, _) in enumerate(ends):
        if until_us > at_us:
            edge.append(Segment(at_us, until_us, *_vote([state for _, state in ends[index:]], len(active), q)))
            at_us = until_us
    return edge


def _vote(measured: list[State], active: int, q: int) -> tuple[State, State, State]:
    """The q-th worst of what the measured locations show; the others count as up at best and as down at worst."""
    measured.sort(reverse=True)
    blind = active - len(measured)
    point, best = (measured[q - 1], measured[q - 1]) if len(measured) >= q else (State.UNMEASURED, State.UP)
    return point, best, State.DOWN if blind >= q else measured[q - 1 - blind]
