"""
The timeline of a check, kept up to date result by result (AVAILABILITY B13), and how it is now.

A result of the same verdict moves the live edge; a change of verdict derives the newest minutes again from the runs, never from raw
evidence. What comes out is at every moment what `uptimed.domain.definition` says of all the evidence at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from uptimed.domain.agreement import merged
from uptimed.domain.definition import LONG_AGO_US, UNKNOWN, Seen, index_at, trimmed
from uptimed.domain.edge import quiet_edge
from uptimed.domain.policy import TimelinePolicy, quorum_of
from uptimed.domain.results import Evidence
from uptimed.domain.runs import Run, RunKey, following, in_order
from uptimed.domain.states import Segment, State

__all__ = ["Change", "CheckTimeline", "OutOfOrder", "Pulse"]


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


class CheckTimeline:
    """
    The timeline of one check, kept up to date.

    `segments` given: they are trusted but for the newest minutes, which are derived again from the runs. Evidence must have been
    accepted, and an id must come only once: both are the caller's business.
    """

    def __init__(self, policy: TimelinePolicy, runs: Iterable[Run] = (), segments: Iterable[Segment] = ()) -> None:
        self.policy = policy
        self._widest = policy.widest()
        self._unchanged_from_us = max(policy.changes_us, default=LONG_AGO_US)
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
            return self.around(evidence)
        run = self._following(last, evidence)
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
        grown = run if last.count < self._widest.confirmations else None
        seam_us = last.last_start_us - self.policy.clock_eps_us
        quiet = seam_us >= self._unchanged_from_us and (grown is None or run.state is not State.DOWN)
        newest = quiet_edge(self._runs, self.policy, seam_us) if quiet else None
        if newest is None or (newest and newest[0].point is State.DOWN and not self._is_down_until(seam_us)):
            return self._change((run,), (), self._touched(grown, last.last_start_us))
        return self._rewritten((run,), (), self._joined(seam_us, newest))

    def around(self, evidence: Evidence) -> OutOfOrder:
        """What `rebuild` needs in order to place a result, late or not: two horizons before it, and all that is newer."""
        mine = self._runs.get((evidence.location, evidence.epoch), [])
        _, from_us = _place(mine, evidence.start_us, 2 * self._widest.horizon_us)
        return OutOfOrder(evidence, from_us, max(evidence.start_us, mine[-1].last_start_us if mine else evidence.start_us))

    def rebuild(self, late: OutOfOrder, evidence: Iterable[Evidence]) -> Change:
        """
        Put a late result where it belongs: the runs around it and after it are made again from the evidence.

        Many at once: `late` is what `around` says of the earliest, its `to_us` the latest of all, and the evidence holds them too.
        """
        key = (late.location, late.epoch)
        old = self._runs.get(key, [])
        at, _ = _place(old, late.late.start_us, 2 * self._widest.horizon_us)
        kept, gone = old[:at], old[at:]
        begin_us = max(late.from_us, min(gone[0].first_start_us, late.late.start_us)) if gone else late.late.start_us
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
            run = self._following(last, one)
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

    def _following(self, last: Run | None, evidence: Evidence) -> Run:
        policy = self.policy
        return following(last, evidence, policy.horizon_us if last is None else policy.horizon_at(last.last_start_us))

    def _only_the_edge_moves(self, last: Run) -> bool:
        """
        Whether one more result of the same verdict only makes the last segment longer.

        `last` is the run as it was: it must reach the edge alone, with no bracket, confirmation or other location open.
        """
        policy = self.policy
        if last.count < 2 or not self.segments or len(policy.locations) > 1 or policy.locations[0][1:] != (None, None):
            return False
        if last.state is State.DOWN and last.count < self._widest.confirmations:
            return False
        edge = self.segments[-1]
        edge_us = last.last_start_us - policy.clock_eps_us
        state = last.state
        if edge != (edge.from_us, edge_us, state, state, state) or last.first_end_us + policy.clock_eps_us > edge_us:
            return False
        return len(self._runs) == 1 or all(
            mine[-1].last_end_us < edge.from_us for mine in self._runs.values() if mine[-1].last_start_us <= last.last_start_us
        )

    def _is_down_until(self, at_us: int) -> bool:
        """Confirmed, and without a break."""
        index = index_at(self.segments, at_us - 1)
        return index < len(self.segments) and self.segments[index].from_us < at_us and self.segments[index].point is State.DOWN

    def _touched(self, run: Run | None, from_us: int) -> int:
        """From where on the past may change: a failure may also confirm what was down a flap window before it."""
        if run is None or run.state is not State.DOWN:
            return from_us
        return min(from_us, run.first_start_us - self._widest.flap_window_us)

    def _change(self, runs: tuple[Run, ...], truncated: tuple[RunKey, ...], touched_us: int) -> Change:
        return self._rewritten(runs, truncated, self._derive(touched_us))

    def _rewritten(self, runs: tuple[Run, ...], truncated: tuple[RunKey, ...], from_us: int | None) -> Change:
        if from_us is None:
            return Change(runs, truncated)
        at = index_at(self.segments, from_us)
        return Change(runs, truncated, from_us, tuple(self.segments[at:]))

    def _derive(self, touched_us: int) -> int | None:
        """
        Derive again all that a change at `touched_us` can reach; returns from where segments are new, None when none is.

        What ends before it stays: no episode and no bracket lies across the seam, so neither side can tell of the other.
        """
        policy = self.policy
        seam_us = touched_us - policy.clock_eps_us - 1
        step_us = self._widest.horizon_us
        while True:
            seen = Seen(self._runs_since(seam_us - policy.clock_eps_us), policy, seam_us)
            earlier_us = seen.seam_before(seam_us)
            if earlier_us == seam_us and not seen.is_down_at(seam_us):
                near = self._runs_since(seam_us - self._widest.flap_window_us - 2 * policy.clock_eps_us)
                return self._joined(seam_us, seen.judged(near))
            seam_us = min(earlier_us, seam_us - step_us)
            step_us *= 2

    def _runs_since(self, from_us: int) -> list[Run]:
        return [run for key in sorted(self._runs) for run in _since(self._runs[key], from_us)]

    def _joined(self, seam_us: int, newer: Sequence[Segment]) -> int | None:
        """Replace what comes after the seam; returns from where that is new."""
        segments = self.segments
        at = index_at(segments, seam_us)
        old = segments[max(at - 1, 0) :]
        kept = segments[max(at - 1, 0) : at]
        if at < len(segments) and segments[at].from_us < seam_us:
            kept.append(Segment(segments[at].from_us, seam_us, *segments[at][2:]))
        if kept and newer and newer[0].from_us > kept[-1].to_us:
            kept.append(Segment(kept[-1].to_us, newer[0].from_us, *UNKNOWN))
        new = trimmed(merged([*kept, *newer]), from_the_start=at <= 1)
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


def _place(runs: Sequence[Run], start_us: int, reach_us: int) -> tuple[int, int]:
    """
    The first of the runs that must be made again for a result that starts then, and from when on its evidence is needed.

    Where two runs meet in results that began together, which of them one belongs to cannot be told from its start: then the earlier
    run is made again as well, from as far before that instant.
    """
    at = bisect_left(runs, start_us, key=lambda run: run.last_start_us)
    from_us = start_us - reach_us
    while 0 < at < len(runs) and from_us <= runs[at].first_start_us == runs[at - 1].last_start_us:
        at -= 1
        from_us = min(from_us, runs[at].last_start_us - reach_us)
    return at, from_us


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
