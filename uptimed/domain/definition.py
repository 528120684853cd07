"""
The timeline of a check by definition (AVAILABILITY B2, B3): from evidence, or the runs that keep it, to segments.

`uptimed.domain.timeline` keeps the same segments up to date, result by result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from uptimed.domain.agreement import agreed, confirmed, episodes, merged, refined
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import Evidence
from uptimed.domain.runs import Run, in_order, runs_of
from uptimed.domain.sight import Onset, chains, onsets, pieces
from uptimed.domain.states import Segment, State, Verdict

LONG_AGO_US = -(2**62)
UNKNOWN = (State.UNMEASURED, State.UP, State.DOWN)


def segments_of(evidence: Iterable[Evidence], policy: TimelinePolicy) -> list[Segment]:
    """The definition. From the first measured instant to the last; before and after is unmeasured."""
    return derived(runs_of(evidence, policy.horizon_us, policy.earlier), policy)


def derived(runs: Sequence[Run], policy: TimelinePolicy) -> list[Segment]:
    """The segments that runs (ordered by location, epoch and time) prove."""
    return trimmed(merged(Seen(runs, policy).judged(runs)))


class Seen:
    """What some runs show together from an instant on (B3 step 1), before it is judged."""

    def __init__(self, runs: Sequence[Run], policy: TimelinePolicy, from_us: int = LONG_AGO_US) -> None:
        self.policy = policy
        self.chains = list(chains(runs))
        stretches = [
            piece if piece.from_us >= from_us else piece._replace(from_us=from_us)
            for chain in self.chains
            for piece in pieces(chain, policy.clock_eps_us)
            if piece.to_us > from_us
        ]
        self.segments = agreed(stretches, policy)

    def onsets(self) -> list[Onset]:
        return [onset for chain in self.chains for onset in onsets(chain, self.policy.clock_eps_us)]

    def seam_before(self, at_us: int) -> int:
        """
        The newest instant up to `at_us` at which nothing reaches over: no bracket of an onset, so no onset can move across it.
        """
        while True:
            across = [one.good_start_us for one in self.onsets() if one.good_start_us < at_us < one.bad_end_us]
            if not across:
                return at_us
            at_us = min(across)

    def is_down_at(self, at_us: int) -> bool:
        index = index_at(self.segments, at_us)
        return index < len(self.segments) and self.segments[index].from_us <= at_us and self.segments[index].point is State.DOWN

    def judged(self, runs: Iterable[Run]) -> list[Segment]:
        """Steps 2 and 3, once: it works in place. `runs` may be more than these: failures a flap window away confirm, too."""
        policy = self.policy
        remaining = confirmed(self.segments, runs, policy)
        if not remaining or len(self.chains) == 1:
            return self.segments
        return refined(self.segments, remaining, self.onsets(), policy)


def unconfirmed_of(evidence: Iterable[Evidence], policy: TimelinePolicy) -> list[tuple[int, int]]:
    """The episodes that were down for the point and are not confirmed: shown, not counted."""
    runs = runs_of(evidence, policy.horizon_us, policy.earlier)
    segments = Seen(runs, policy).segments
    every = [(segments[first].from_us, segments[last].to_us) for first, last in episodes(segments)]
    remaining = confirmed(segments, runs, policy)
    kept = {(segments[first].from_us, segments[last].to_us) for first, last in remaining}
    return [one for one in every if one not in kept]


def resolution_us(evidence: Iterable[Evidence], policy: TimelinePolicy, window: tuple[int, int]) -> int | None:
    """
    The longest outage that the evidence may have missed in the window: max of E of a result minus the start of the one before it,
    over pairs of which neither is down (AVAILABILITY B8). None when there is no such pair.
    """
    a_us, b_us = window
    apart: dict[tuple[str, int], list[Evidence]] = {}
    for one in evidence:
        apart.setdefault((one.location, one.epoch), []).append(one)
    gaps = []
    for mine in apart.values():
        reached_us = LONG_AGO_US
        for one, following_one in pairwise(in_order(mine)):
            reached_us = max(reached_us, one.end_us)
            if following_one.start_us - one.start_us > policy.horizon_at(one.start_us):
                reached_us = LONG_AGO_US
                continue
            start_us, next_us = one.start_us - policy.clock_eps_us, following_one.start_us - policy.clock_eps_us
            if Verdict.DOWN not in (one.verdict, following_one.verdict) and start_us < b_us and next_us > a_us:
                gaps.append(max(reached_us, following_one.end_us) + policy.clock_eps_us - start_us)
    return max(gaps, default=None)


def trimmed(segments: list[Segment], *, from_the_start: bool = True) -> list[Segment]:
    """Without ends of which nothing is known."""
    first, last = 0, len(segments)
    while last > 0 and segments[last - 1][2:] == UNKNOWN:
        last -= 1
    while from_the_start and first < last and segments[first][2:] == UNKNOWN:
        first += 1
    return segments[first:last]


def index_at(segments: Sequence[Segment], at_us: int) -> int:
    """Index of the segment that holds `at_us`, or of the first after it."""
    low, high = 0, len(segments)
    while low < high:
        middle = (low + high) // 2
        if segments[middle].to_us <= at_us:
            low = middle + 1
        else:
            high = middle
    return low
