"""
A year as the probes saw it: our own cadence (`probes.cadence`) under the policy of AVAILABILITY B12, as runs of results.

Only around events is every check simulated. In the quiet stretches between them all results are good and come on the grid, so that
its first and last slot tell all that a run keeps.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from probes.cadence import OFTEN_S, Cadence, Turn
from probes.links import AssignedCheck
from probes.outcome import ProbeJob, Verdict
from tests.benchmarks.year_truth import SPURIOUS_EVERY, YEAR_US, S, Year
from uptimed.domain.results import Evidence
from uptimed.domain.runs import Run, following
from uptimed.domain.states import Verdict as Word

FAN_OUT_S = 15.0
"""The others are asked to look until so long after a failure."""


class Probing(NamedTuple):
    places: str
    """One letter each; several ask each other to look."""
    every_s: float
    timeout_s: float

    @property
    def horizon_us(self) -> int:
        return round((2 * self.every_s + self.timeout_s + 5) * S)


@dataclass
class Place:
    """One location with its worker, and what it has recorded."""

    id: str
    year: Year
    probing: Probing
    cadence: Cadence
    check: str
    spurious_us: list[int]
    runs: list[Run] = field(default_factory=list)
    running: tuple[Turn, int, int, Verdict] | None = None
    """Turn, start, end and what it will say."""
    asked_until_us: int = 0
    keeps_a1: bool = True
    """The truth changed at most once between any two consecutive results of a chain."""
    keeps_w: bool = True
    """No two failures in a row of which one is spurious: together they would prove what never was."""
    last_was_spurious: bool = False

    def next_us(self) -> int:
        if self.running is not None:
            return self.running[2]
        due_s = self.cadence.next_due_s()
        return YEAR_US * 2 if due_s is None else round(due_s * S)

    def is_calm(self) -> bool:
        entry = self.cadence._entries[self.check]
        return self.running is None and entry.on_grid and not entry.is_failing

    def begin(self, now_us: int, chance: random.Random) -> None:
        for turn in self.cadence.due(now_us / S + 1e-6):
            if self.year.is_blind(self.id, now_us):
                self.cadence.finished(turn, Verdict.UNKNOWN, now_us / S + 1e-6)
                continue
            outage = self.year.outage_at(now_us)
            fails = bool(self.spurious_us) and self.spurious_us[0] <= now_us
            if outage is None and fails:
                del self.spurious_us[0]
            down = outage is not None or fails
            took_s = self.probing.timeout_s if outage is not None and outage.hangs else chance.uniform(0.05, 0.4)
            self.running = (turn, now_us, now_us + round(took_s * S), Verdict.DOWN if down else Verdict.UP)

    def finish(self) -> tuple[int, bool]:
        """When the check ended, and whether it failed."""
        assert self.running is not None
        turn, start_us, end_us, verdict = self.running
        self.running = None
        failed = verdict is Verdict.DOWN
        self.record(start_us, end_us, Word.DOWN if failed else Word.UP, failed and self.year.outage_at(start_us) is None)
        self.cadence.finished(turn, verdict, end_us / S + 1e-6)
        return end_us, failed

    def record(self, start_us: int, end_us: int, word: Word, is_spurious: bool = False) -> None:
        last = self.runs[-1] if self.runs else None
        if last is not None:
            self._compare(last, start_us, word, is_spurious)
        self.last_was_spurious = is_spurious
        run = following(last, Evidence("", self.id, 0, start_us, end_us, word), self.probing.horizon_us)
        if last is not None and run.key == last.key:
            self.runs[-1] = run
        else:
            self.runs.append(run)

    def _compare(self, last: Run, start_us: int, word: Word, is_spurious: bool) -> None:
        """What happened since the last result, and whether the assumptions still hold."""
        outages = self.year.outages
        first = bisect_right(outages, last.last_start_us, key=lambda one: one.from_us)
        after = bisect_right(outages, start_us, key=lambda one: one.to_us)
        if start_us - last.last_start_us > self.probing.horizon_us:
            return
        changes = [at for one in outages[max(0, first - 1) : after + 1] for at in (one.from_us, one.to_us)]
        self.keeps_a1 &= sum(last.last_start_us < at <= start_us for at in changes) <= 1
        self.keeps_w &= not (word is last.verdict is Word.DOWN and (is_spurious or self.last_was_spurious))

    def pass_quietly(self, until_us: int) -> None:
        """All slots of the grid before `until_us`, good ones, but for those while the place is blind."""
        entry = self.cadence._entries[self.check]
        edges = sorted({until_us, *(edge for pair in self.year.blind[self.id] for edge in pair if edge < until_us)})
        for edge_us in edges:
            if round(entry.due_s * S) >= edge_us:
                continue
            slot = entry.planned
            last = math.floor((edge_us / S - entry.phase_s) / self.probing.every_s)
            while round(self.cadence._due_of(entry, last) * S) >= edge_us:
                last -= 1
            first_us, last_us = (round(self.cadence._due_of(entry, one) * S) for one in (slot, last))
            if not self.year.is_blind(self.id, first_us):
                self.record(first_us, first_us + S // 5, Word.UP)
                if last > slot:
                    run = self.runs[-1]
                    self.runs[-1] = run._replace(last_start_us=last_us, last_end_us=last_us + S // 5, count=run.count + last - slot)
            entry.used, entry.planned = last, last + 1
            self.cadence._push(entry, self.cadence._due_of(entry, entry.planned))


def seen(year: Year, probing: Probing) -> list[Place]:
    """The whole year."""
    chance = random.Random(f"{year.seed} {probing}")
    workers = [place_of(year, index, probing, chance) for index in range(len(probing.places))]
    events = sorted([*((one.from_us, one.to_us) for one in year.outages), *((at, at) for one in workers for at in one.spurious_us)])
    place = 0
    while place < len(events):
        for worker in workers:
            worker.pass_quietly(events[place][0])
        calm_from_us = events[place][1]
        while True:
            worker = min(workers, key=Place.next_us)
            now_us = worker.next_us()
            while place < len(events) and events[place][0] <= now_us:
                calm_from_us = max(calm_from_us, events[place][1])
                place += 1
            if now_us > calm_from_us and all(one.is_calm() and not _expects_failure(one, now_us) for one in workers):
                break
            if worker.running is None:
                worker.begin(now_us, chance)
            else:
                _tell(workers, worker, *worker.finish(), chance)
    for worker in workers:
        worker.pass_quietly(YEAR_US)
    return workers


def place_of(year: Year, index: int, probing: Probing, chance: random.Random) -> Place:
    name = f"product/component/{year.seed}"
    cadence = Cadence()
    job = ProbeJob(check=name, kind="http", options=None, timeout_s=probing.timeout_s)
    cadence.replace([AssignedCheck(job, probing.every_s, phase_of=(index, len(probing.places)))], 0.0)
    every_us = round(probing.every_s * S)
    failing, number = [], chance.expovariate(1 / SPURIOUS_EVERY)
    while number * every_us < YEAR_US:
        failing.append(round(number * every_us))
        number += chance.expovariate(1 / SPURIOUS_EVERY)
    return Place(probing.places[index], year, probing, cadence, name, failing)


def _expects_failure(worker: Place, now_us: int) -> bool:
    return bool(worker.spurious_us) and worker.spurious_us[0] <= now_us


def _tell(workers: list[Place], worker: Place, end_us: int, failed: bool, chance: random.Random) -> None:
    """A failure makes the other locations look at once, and go on looking (B12)."""
    if not failed:
        return
    for other in workers:
        if other is not worker and end_us + OFTEN_S * S >= other.asked_until_us:
            other.asked_until_us = end_us + round(FAN_OUT_S * S)
            asked_s = end_us / S + chance.uniform(0.1, 1.0)
            other.cadence.recheck(other.check, asked_s, asked_s + FAN_OUT_S)
