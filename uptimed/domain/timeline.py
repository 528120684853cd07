"""
The timeline of a check: what it was, what it may have been at best and at worst, at every instant (AVAILABILITY B2, B3, B13).

`segments_of` is the definition, over all evidence at once. `CheckTimeline` keeps the same segments up to date result by result: a
result of the same verdict moves the live edge; a change of verdict derives the newest minutes again from the runs, never from raw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import NamedTuple

from uptimed.domain.agreement import agreed, confirmed, episodes, merged, quorum_of, refined
from uptimed.domain.catalogue import Check
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.runs import Run, RunKey, following, in_order, runs_of
from uptimed.domain.sight import Onset, chains, onsets, pieces
from uptimed.domain.states import Segment, State, Verdict

LONG_AGO_US = -(2**62)
UNKNOWN = (State.UNMEASURED, State.UP, State.DOWN)


@dataclass(frozen=True)
class TimelinePolicy:
    locations: tuple[ActiveLocation, ...]
    horizon_us: int
    """H: a longer silence of a location is unmeasured as a whole; exactly H is not."""
    quorum: int | None = None
    """How many locations must agree; None: the majority of those active."""
    confirmations: int = 2
    flap_window_us: int = 300_000_000
    clock_eps_us: int = 0

    @classmethod
    def of(cls, check: Check, clock_eps_us: int = 0) -> TimelinePolicy:
        return cls(
            locations=tuple(ActiveLocation(location) for location in check.locations),
            horizon_us=check.horizon_us,
            quorum=check.confirm.locations,
            confirmations=check.confirm.failures,
            clock_eps_us=clock_eps_us,
        )


class OutOfOrder(NamedTuple):
    """A result older than what its location has reached: give `rebuild` all the evidence that starts in [from_us, to_us]."""

    late: Evidence
    from_us: int
    to_us: int

    @property
    def location(self) -> str:
        return self.late.location

    @property
    def epoch(self) -> int:
        return self.late.epoch


class Change(NamedTuple):
    """What one result did, for the record."""

    runs: tuple[Run, ...]
    """To be written, new or in place of their older selves."""
    truncated: tuple[RunKey, ...] = ()
    """To be deleted, before `runs` are written."""
    rewritten_from_us: int | None = None
    """Segments that begin here or later are replaced by `segments`; None: only the live edge moved."""
    segments: tuple[Segment, ...] = ()
    only_edge: bool = False


class Pulse(NamedTuple):
    """How it is now (DESIGN section 4): the last verdicts, while they are not older than the horizon."""

    state: State
    """A failure that is not confirmed yet keeps the state before it; UNMEASURED when too few locations report."""
    since_us: int | None
    confirmed_down: bool
    unconfirmed: bool
    """Something fails and is not confirmed."""
    recovered: bool
    """So many good results in a row that no outage can be left, at enough locations."""
    last_us: int | None
    """Start of the newest result of any location."""


def segments_of(evidence: Iterable[Evidence], policy: TimelinePolicy) -> list[Segment]:
    """The definition. From the first measured instant to the last; before and after is unmeasured."""
    return derived(runs_of(evidence, policy.horizon_us), policy)


def derived(runs: Sequence[Run], policy: TimelinePolicy) -> list[Segment]:
    """The segments that runs (ordered by location, epoch and time) prove."""
    return _trimmed(merged(_Seen(runs, policy).judged(runs)))


class _Seen:
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
        self.segments = agreed(stretches, policy.locations, policy.quorum)

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
        index = _index_at(self.segments, at_us)
        return index < len(self.segments) and self.segments[index].from_us <= at_us and self.segments[index].point is State.DOWN

    def judged(self, runs: Iterable[Run]) -> list[Segment]:
        """Steps 2 and 3, once: it works in place. `runs` may be more than these: failures a flap window away confirm, too."""
        policy = self.policy
        remaining = confirmed(
            self.segments,
            runs,
            confirmations=policy.confirmations,
            flap_window_us=policy.flap_window_us,
            eps_us=policy.clock_eps_us,
        )
        if not remaining or len(self.chains) == 1:
            return self.segments
        return refined(self.segments, remaining, self.onsets(), policy.locations, policy.quorum)


def unconfirmed_of(evidence: Iterable[Evidence], policy: TimelinePolicy) -> list[tuple[int, int]]:
    """The episodes that were down for the point and are not confirmed: shown, not counted."""
    runs = runs_of(evidence, policy.horizon_us)
    segments = _Seen(runs, policy).segments
    every = [(segments[first].from_us, segments[last].to_us) for first, last in episodes(segments)]
    remaining = confirmed(
        segments, runs, confirmations=policy.confirmations, flap_window_us=policy.flap_window_us, eps_us=policy.clock_eps_us
    )
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
            if following_one.start_us - one.start_us > policy.horizon_us:
                reached_us = LONG_AGO_US
                continue
            end_us = max(reached_us, following_one.end_us) + policy.clock_eps_us
            start_us = one.start_us - policy.clock_eps_us
            if Verdict.DOWN not in (one.verdict, following_one.verdict) and start_us < b_us and end_us > a_us:
                gaps.append(end_us - start_us)
    return max(gaps, default=None)


class CheckTimeline:
    """
    The timeline of one check, kept up to date.

    `segments` given: they are trusted but for the newest minutes, which are derived again from the runs. Evidence must have been
    accepted, and an id must come only once: both are the caller's business.
    """

    def __init__(self, policy: TimelinePolicy, runs: Iterable[Run] = (), segments: Iterable[Segment] = ()) -> None:
        self.policy = policy
        self.last_start_us: int | None = None
        self._runs: dict[tuple[str, int], list[Run]] = {}
        for run in runs:
            self._runs.setdefault((run.location, run.epoch), []).append(run)
        for mine in self._runs.values():
            mine.sort(key=lambda run: (run.chain_us, run.position))
        self.segments: list[Segment] = list(segments)
        """Do not modify."""
        self._find_last_start()
        if self._runs:
            # Only the end of the newest segment may be older than the runs: it is not written with every result.
            self._derive(self.segments[-1].from_us if self.segments else LONG_AGO_US)

    @property
    def runs(self) -> list[Run]:
        """All of them, ordered by location, epoch and time."""
        return [run for key in sorted(self._runs) for run in self._runs[key]]

    def fold(self, evidence: Evidence) -> Change | OutOfOrder:
        """Take the next result of its location and epoch."""
        mine = self._runs.get((evidence.location, evidence.epoch))
        last = mine[-1] if mine else None
        if last is not None and evidence.start_us <= last.last_start_us:
            return self._out_of_order(evidence, last)
        run = following(last, evidence, self.policy.horizon_us)
        if self.last_start_us is None or evidence.start_us > self.last_start_us:
            self.last_start_us = evidence.start_us
        if mine is None or last is None or run.position != last.position or run.chain_us != last.chain_us:
            self._runs.setdefault((evidence.location, evidence.epoch), []).append(run)
            return self._change((run,), (), self._touched(run, last.last_start_us if last else evidence.start_us))
        mine[-1] = run
        if self._only_the_edge_moves(last):
            edge = self.segments[-1]
            self.segments[-1] = Segment(edge[0], evidence.start_us - self.policy.clock_eps_us, *edge[2:])
            return Change((run,), (), None, (), True)
        # Once a run confirms by itself, how often it fails more does not matter to the past.
        grown = run if last.count < self.policy.confirmations else None
        return self._change((run,), (), self._touched(grown, last.last_start_us))

    def rebuild(self, late: OutOfOrder, evidence: Iterable[Evidence]) -> Change:
        """Put a late result where it belongs: the runs around it and after it are made again from the evidence."""
        key = (late.location, late.epoch)
        old = self._runs.get(key, [])
        kept, gone = _parted(old, late.late.start_us)
        begin_us = max(late.from_us, gone[0].first_start_us) if gone else late.late.start_us
        known = in_order(
            one
            for one in {one.id: one for one in evidence}.values()
            if (one.location, one.epoch) == key and one.start_us >= begin_us and one.id != late.late.id
        )
        last = kept[-1] if kept else None
        made: list[Run] = []
        if gone and gone[0].first_start_us < begin_us:
            last = _resumed(gone[0], known, begin_us)
            made.append(last)
        for one in in_order([*known, late.late]):
            run = following(last, one, self.policy.horizon_us)
            if last is not None and run.key == last.key:
                (made or kept).pop()
            made.append(run)
            last = run
        self._runs[key] = kept + made
        self._find_last_start()
        truncated = {run.key for run in gone} - {run.key for run in made}
        touched_us = min(self._touched(run, late.from_us) for run in [*gone, *made])
        return self._change(tuple(made), tuple(sorted(truncated)), touched_us)

    def pulse(self, now_us: int, recoveries: int = 3) -> Pulse:
        """What the badge says at `now_us`."""
        policy = self.policy
        newest = self._newest(now_us)
        active = sum(1 for one in policy.locations if one.is_active(now_us))
        q = quorum_of(active, policy.quorum)
        good = sum(1 for _, row in newest if row >= recoveries)
        recovered = active > 0 and good >= active - q + 1
        if not active or len(newest) < q:
            return Pulse(State.UNMEASURED, None, False, False, recovered, self.last_start_us)
        states = sorted((run.state for run, _ in newest), reverse=True)
        failing = any(run.state is State.DOWN for run, _ in newest)
        state = states[q - 1]
        if state is not State.DOWN:
            return Pulse(state, self._since(state), False, failing, recovered, self.last_start_us)
        if self._failures_of_late(newest) >= policy.confirmations:
            return Pulse(state, self._since(state), True, False, False, self.last_start_us)
        before = sorted((self._before(run) for run, _ in newest), reverse=True)[q - 1]
        return Pulse(before, self._since(before), False, True, False, self.last_start_us)

    # How it is done

    def _only_the_edge_moves(self, last: Run) -> bool:
        """
        Whether one more result of the same verdict only makes the last segment longer.

        `last` is the run as it was: it must reach the edge alone, with no bracket, confirmation or other location open.
        """
        policy = self.policy
        if last.count < 2 or not self.segments or len(policy.locations) > 1 or policy.locations[0][1:] != (None, None):
            return False
        if last.state is State.DOWN and last.count < policy.confirmations:
            return False
        edge = self.segments[-1]
        edge_us = last.last_start_us - policy.clock_eps_us
        state = last.state
        if edge != (edge.from_us, edge_us, state, state, state) or last.first_end_us + policy.clock_eps_us > edge_us:
            return False
        return len(self._runs) == 1 or all(
            mine[-1].last_end_us < edge.from_us for mine in self._runs.values() if mine[-1].last_start_us <= last.last_start_us
        )

    def _out_of_order(self, evidence: Evidence, last: Run) -> OutOfOrder:
        return OutOfOrder(evidence, evidence.start_us - 2 * self.policy.horizon_us, max(last.last_start_us, evidence.start_us))

    def _touched(self, run: Run | None, from_us: int) -> int:
        """From where on the past may change: a failure may also confirm what was down a flap window before it."""
        if run is None or run.state is not State.DOWN:
            return from_us
        return min(from_us, run.first_start_us - self.policy.flap_window_us)

    def _change(self, runs: tuple[Run, ...], truncated: tuple[RunKey, ...], touched_us: int) -> Change:
        from_us = self._derive(touched_us)
        if from_us is None:
            return Change(runs, truncated)
        at = _index_at(self.segments, from_us)
        return Change(runs, truncated, from_us, tuple(self.segments[at:]))

    def _derive(self, touched_us: int) -> int | None:
        """
        Derive again all that a change at `touched_us` can reach; returns from where segments are new, None when none is.

        What ends before it stays: no episode and no bracket lies across the seam, so neither side can tell of the other.
        """
        policy = self.policy
        seam_us = touched_us - policy.clock_eps_us - 1
        step_us = policy.horizon_us
        while True:
            seen = _Seen(self._runs_since(seam_us - policy.clock_eps_us), policy, seam_us)
            earlier_us = seen.seam_before(seam_us)
            if earlier_us == seam_us and not seen.is_down_at(seam_us):
                near = self._runs_since(seam_us - policy.flap_window_us - 2 * policy.clock_eps_us)
                return self._joined(seam_us, seen.judged(near))
            seam_us = min(earlier_us, seam_us - step_us)
            step_us *= 2

    def _runs_since(self, from_us: int) -> list[Run]:
        return [run for key in sorted(self._runs) for run in _since(self._runs[key], from_us)]

    def _joined(self, seam_us: int, newer: Sequence[Segment]) -> int | None:
        """Replace what comes after the seam; returns from where that is new."""
        segments = self.segments
        at = _index_at(segments, seam_us)
        old = segments[max(at - 1, 0) :]
        kept = segments[max(at - 1, 0) : at]
        if at < len(segments) and segments[at].from_us < seam_us:
            kept.append(Segment(segments[at].from_us, seam_us, *segments[at][2:]))
        if kept and newer and newer[0].from_us > kept[-1].to_us:
            kept.append(Segment(kept[-1].to_us, newer[0].from_us, *UNKNOWN))
        new = _trimmed(merged([*kept, *newer]), from_the_start=at <= 1)
        segments[max(at - 1, 0) :] = new
        from_us = _first_difference(old, new)
        if from_us is None or not old:
            return from_us
        # What was the live edge is written too: since it was recorded it may have grown without a word.
        return min(from_us, old[-1].from_us)

    def _find_last_start(self) -> None:
        self.last_start_us = max((mine[-1].last_start_us for mine in self._runs.values() if mine), default=None)

    def _newest(self, now_us: int) -> list[tuple[Run, int]]:
        """For each active location heard within the horizon: its newest run, and how many good results in a row it ends with."""
        found: dict[str, tuple[Run, int]] = {}
        active = {one.id for one in self.policy.locations if one.is_active(now_us)}
        for (location, _), mine in self._runs.items():
            run = mine[-1]
            known = found.get(location)
            if location not in active or now_us - run.last_start_us > self.policy.horizon_us:
                continue
            if known is None or (run.last_start_us, run.epoch) > (known[0].last_start_us, known[0].epoch):
                found[location] = (run, _good_in_a_row(mine))
        return list(found.values())

    def _failures_of_late(self, newest: Iterable[tuple[Run, int]]) -> int:
        """Failures near the present one, counted as confirmation counts them (B3 step 2)."""
        early_us = min(run.first_start_us for run, _ in newest if run.state is State.DOWN) - self.policy.flap_window_us
        return sum(
            run.count
            for mine in self._runs.values()
            for run in _since(mine, early_us)
            if run.state is State.DOWN and run.last_start_us >= early_us
        )

    def _before(self, run: Run) -> State:
        """The state before a failure that is not confirmed."""
        if run.state is not State.DOWN:
            return run.state
        mine = self._runs[run.location, run.epoch]
        earlier = mine[-2] if len(mine) > 1 and mine[-2].chain_us == run.chain_us else None
        return earlier.state if earlier is not None else State.UNMEASURED

    def _since(self, state: State) -> int | None:
        """Since when the point has been so without a break, as far back as it was measured."""
        found = None
        for segment in reversed(self.segments):
            if segment.point is not state:
                if found is None and segment is self.segments[-1]:
                    continue  # The newest result has not been measured around yet.
                break
            found = segment.from_us
        return found


def _parted(runs: Sequence[Run], at_us: int) -> tuple[list[Run], list[Run]]:
    """The runs that end before `at_us`, and those that must be made again when a result is put there."""
    at = next((index for index, run in enumerate(runs) if run.last_start_us >= at_us), len(runs))
    while 0 < at < len(runs) and runs[at - 1].last_start_us == runs[at].first_start_us:
        at -= 1  # Two results began together: which run one belongs to cannot be told from its start.
    return list(runs[:at]), list(runs[at:])


def _resumed(run: Run, known: Sequence[Evidence], from_us: int) -> Run:
    """
    A run that began before `from_us` as it was then, its later results being the first of what is known.

    Its last start and end are not exact, and need not be: the next of its results follows within the horizon, and no check lasts
    longer than the horizon, so that two horizons later nothing of them is left.
    """
    later = sum(1 for _ in takewhile(lambda one: one.verdict is run.verdict and one.start_us <= run.last_start_us, known))
    return run._replace(last_start_us=from_us - 1, last_end_us=run.first_end_us, count=max(1, run.count - later))


def _since(runs: Sequence[Run], from_us: int) -> Sequence[Run]:
    """The runs that reach `from_us`, and the one before them."""
    at = len(runs)
    while at > 0 and runs[at - 1].last_end_us >= from_us:
        at -= 1
    return runs[max(0, at - 1) :]


def _good_in_a_row(runs: Sequence[Run]) -> int:
    """Results since the last failure, in the newest chain."""
    good = 0
    for run in reversed(runs):
        if run.state is State.DOWN or run.chain_us != runs[-1].chain_us:
            break
        good += run.count
    return good


def _trimmed(segments: list[Segment], *, from_the_start: bool = True) -> list[Segment]:
    """Without ends of which nothing is known."""
    first, last = 0, len(segments)
    while last > 0 and segments[last - 1][2:] == UNKNOWN:
        last -= 1
    while from_the_start and first < last and segments[first][2:] == UNKNOWN:
        first += 1
    return segments[first:last]


def _index_at(segments: Sequence[Segment], at_us: int) -> int:
    """Index of the segment that holds `at_us`, or of the first after it."""
    low, high = 0, len(segments)
    while low < high:
        middle = (low + high) // 2
        if segments[middle].to_us <= at_us:
            low = middle + 1
        else:
            high = middle
    return low


def _first_difference(old: Sequence[Segment], new: Sequence[Segment]) -> int | None:
    """Where the new list says something else than the old one; None when it is at most longer or shorter at its live edge."""
    for index, (before, now) in enumerate(zip(old, new, strict=False)):
        if before != now:
            if before[0] == now[0] and before[2:] == now[2:] and index == len(old) - 1 == len(new) - 1:
                return None
            return min(before.from_us, now.from_us)
    if len(new) == len(old):
        return None
    return new[len(old)].from_us if len(new) > len(old) else (old[len(new)].from_us)
