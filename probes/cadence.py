"""
When each check is due: a heap of monotonic due times, without a clock of its own.

A healthy check keeps a grid, `origin + phase + slot x interval + jitter`; every due time is computed from the slot's number, so
nothing drifts. A failing one leaves the grid and is looked at again at fixed gaps from the *end* of each run, until enough good
results in a row bring it back (AVAILABILITY B12). A check is never in flight twice.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

from probes.links import AssignedCheck
from probes.outcome import Verdict

JITTER = 0.05
"""Share of the interval over which a slot may be late on purpose, so that no outage can hide in step with the checks."""
OFTEN_S = 5.0
"""Gap while a failure is confirmed or another location has asked, until `LONG_FAILURE_S` have passed."""
SELDOM_S = 10.0
LONG_FAILURE_S = 900.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A check that is due now and counts as in flight until `Cadence.finished` is told."""

    check: AssignedCheck
    due_s: float
    skipped: int = 0
    """Slots of the grid that passed unused before this one, because nobody asked in time (a stall of the process)."""
    on_grid: bool = True
    """False: a failure is being confirmed or recovered from, or somebody asked for this look."""


@dataclass(slots=True, eq=False)
class _Entry:
    check: AssignedCheck
    phase_s: float
    used: int = -(2**62)
    """Number of the last slot that was used; it only ever grows."""
    planned: int = 0
    """Number of the slot that `due_s` belongs to, while on the grid."""
    due_s: float = math.inf
    in_flight: bool = False
    on_grid: bool = True
    failures: int = 0
    good: int = 0
    failing_since_s: float = math.inf
    asked_until_s: float = -math.inf
    look_again: bool = False

    @property
    def is_failing(self) -> bool:
        return self.failures > 0

    def settle(self) -> None:
        """Back to a clean record."""
        self.failures = self.good = 0
        self.failing_since_s = math.inf


class Cadence:
    """
    Pure: time comes in as monotonic seconds, which must not go back.

    `origin_s` is the monotonic instant at which slot 0 of phase 0 lies. Taken as `monotonic - wall` it keeps phases over restarts
    and lets several locations stagger theirs; 0 does for one process.
    """

    def __init__(self, origin_s: float = 0.0) -> None:
        self._origin_s = origin_s
        self._entries: dict[str, _Entry] = {}
        self._leaving: dict[str, _Entry] = {}
        self._heap: list[tuple[float, int, _Entry]] = []
        self._order = itertools.count()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, check: str) -> bool:
        return check in self._entries

    def next_due_s(self) -> float | None:
        """When to ask `due` again; None when nothing is planned (no checks, or all in flight)."""
        heap = self._heap
        while heap and not _is_planned(heap[0]):
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now_s: float) -> list[Turn]:
        """Everything due, earliest first. Each is in flight from here on: one `finished` is owed for each."""
        turns: list[Turn] = []
        heap = self._heap
        while heap and heap[0][0] <= now_s:
            item = heapq.heappop(heap)
            if _is_planned(item):
                turns.append(self._begin(item[2], now_s))
        return turns

    def finished(self, turn: Turn, verdict: Verdict, now_s: float) -> None:
        """Plans the next look. `unknown` neither confirms a failure nor helps a recovery."""
        name = turn.check.job.check
        if self._leaving.pop(name, None) is not None:
            return
        entry = self._entries.get(name)
        if entry is None or not entry.in_flight:
            return
        entry.in_flight = False
        # A run under older options says nothing about the new ones.
        if is_same_check(turn.check, entry.check):
            _learn(entry, verdict, now_s)
        self._plan_next(entry, now_s)

    def recheck(self, check: str, now_s: float, until_s: float) -> None:
        """Look at once, and every `OFTEN_S` until `until_s`. A run in flight began before the question: another follows it."""
        entry = self._entries.get(check)
        if entry is None:
            return
        entry.asked_until_s = max(entry.asked_until_s, until_s)
        if entry.in_flight:
            entry.look_again = True
        elif entry.due_s > now_s:
            entry.on_grid = False
            self._push(entry, now_s)

    def replace(self, checks: Iterable[AssignedCheck], now_s: float) -> None:
        """
        The whole new assignment. Equal checks keep phase, plan and record; changed ones start afresh on their new grid; a run in
        flight of a check that is gone, or came back, still counts as in flight until it has finished.
        """
        before = self._entries
        self._entries = {}
        for check in checks:
            name = check.job.check
            entry = before.pop(name, None) or self._leaving.pop(name, None)
            if entry is None:
                entry = self._fresh(check, now_s)
            elif not is_same_check(entry.check, check):
                entry = self._fresh(check, now_s, in_flight=entry.in_flight)
            entry.check = check
            self._entries[name] = entry
        self._leaving |= {name: entry for name, entry in before.items() if entry.in_flight}
        self._heap = [(e.due_s, next(self._order), e) for e in self._entries.values() if not e.in_flight]
        heapq.heapify(self._heap)

    def _fresh(self, check: AssignedCheck, now_s: float, *, in_flight: bool = False) -> _Entry:
        entry = _Entry(check, phase_s(check), in_flight=in_flight)
        entry.planned = self._slot_after(entry, now_s)
        # Jitter must not push a first look out of the first interval.
        entry.due_s = min(self._due_of(entry, entry.planned), now_s + check.every_s)
        return entry

    def _begin(self, entry: _Entry, now_s: float) -> Turn:
        due_s, skipped = entry.due_s, 0
        if entry.on_grid:
            entry.used = entry.planned
            if now_s - due_s > entry.check.every_s / 2:
                skipped = self._slot_after(entry, now_s) - 1 - entry.planned
            if skipped:
                entry.used += skipped
                due_s = self._due_of(entry, entry.used)
        entry.in_flight = True
        return Turn(entry.check, due_s, skipped, entry.on_grid)

    def _plan_next(self, entry: _Entry, now_s: float) -> None:
        gap_s = _gap_s(entry, now_s)
        entry.on_grid = gap_s is None
        if gap_s is None:
            entry.planned = self._slot_after(entry, now_s)
            self._push(entry, self._due_of(entry, entry.planned))
        else:
            self._push(entry, now_s + gap_s)
        entry.look_again = False

    def _push(self, entry: _Entry, due_s: float) -> None:
        entry.due_s = due_s
        heapq.heappush(self._heap, (due_s, next(self._order), entry))

    def _slot_after(self, entry: _Entry, now_s: float) -> int:
        """The first slot that is due after `now_s` and was not used."""
        slot = max(entry.used + 1, math.floor((now_s - self._origin_s - entry.phase_s) / entry.check.every_s))
        while self._due_of(entry, slot) <= now_s:
            slot += 1
        return slot

    def _due_of(self, entry: _Entry, slot: int) -> float:
        every_s = entry.check.every_s
        jitter_s = share_of(f"{entry.check.job.check} {slot}") * JITTER * every_s
        return self._origin_s + entry.phase_s + slot * every_s + jitter_s


def phase_s(check: AssignedCheck) -> float:
    """Where in its interval a check lies: by a hash of its id, moved by this location's share."""
    mine, of = check.phase_of
    return (share_of(check.job.check) + mine / of) % 1.0 * check.every_s


def share_of(text: str) -> float:
    """A number in [0, 1) that is the same in every process and on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / (1 << 48)


def is_same_check(one: AssignedCheck, other: AssignedCheck) -> bool:
    """Equal but for the version of the configuration that they came from."""
    if one is other:
        return True
    version = other.job.config_version
    return replace(one, job=replace(one.job, config_version=version)) == other


def _is_planned(item: tuple[float, int, _Entry]) -> bool:
    """Plans that were overtaken stay in the heap until they come up."""
    return item[2].due_s == item[0] and not item[2].in_flight


def _learn(entry: _Entry, verdict: Verdict, now_s: float) -> None:
    if verdict is Verdict.UNKNOWN:
        return
    if verdict is Verdict.DOWN:
        entry.failures += 1
        entry.good = 0
        entry.failing_since_s = min(entry.failing_since_s, now_s)
    elif entry.is_failing:
        entry.good += 1
        if entry.good >= entry.check.recoveries:
            entry.settle()


def _gap_s(entry: _Entry, now_s: float) -> float | None:
    """Seconds from the end of a run to the next; None: wait for the grid."""
    check = entry.check
    if entry.look_again:
        return 0.0
    if entry.is_failing:
        unsettled = entry.good > 0 or entry.failures < check.failures
        often_s = OFTEN_S if now_s - entry.failing_since_s < LONG_FAILURE_S else SELDOM_S
        return min(check.recheck_s if unsettled else often_s, check.every_s)
    if now_s < entry.asked_until_s:
        return min(OFTEN_S, check.every_s)
    return None
