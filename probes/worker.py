"""
One worker: takes assignments, keeps the cadence with a single timer, runs what is due, stamps what was seen and hands it over.

It is built to go on. A fault in one check, in a link or in the core becomes an `unknown` result or a wait, never the end of the
worker; and what it could not do in time it says, as a result of its own (`local_late`, `local_slot_missed`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from probes.anchor import Anchor
from probes.cadence import Cadence, Turn
from probes.delivery import Delivery
from probes.descriptors import places_for_checks
from probes.lag import LATE_S, LagWatch, Recent
from probes.links import Assignment, Link, ProbeResult, WorkerHealth
from probes.outcome import Outcome, ProbeJob, Verdict
from probes.spool import Spool

Runner = Callable[[ProbeJob], Awaitable[Outcome]]

DRAIN_S = 3.0
"""`stop` returns within this: first the runs in flight may end, then their results are handed over or spooled."""
_RUNS_MAY_END_S = 1.5
_OVERTIME_S = 2.0
"""A run this long after its timeout is stuck: probes end within timeout + 0.5 s."""
_HOUSEKEEPING_S = 1.0
_REMEMBER_EVERY_S = 60.0
_RETRY_S = 1.0
_EARLY_S = 0.000_5
"""By so much uvloop's timers, counted in whole milliseconds, may come early; whoever asked again for the rest would spin."""

_log = logging.getLogger("uptimed.worker")


def new_boot_id() -> str:
    """Names one life of a worker in its result ids. Sorts by time; unique also when the clock was set back."""
    return f"{time.time_ns() // 1_000_000:x}-{secrets.token_hex(4)}"


@dataclass(slots=True, eq=False)
class _Run:
    turn: Turn
    started_s: float
    boot_ns: int
    epoch: int
    task: asyncio.Task[None] | None = None
    is_stuck: bool = False


class Worker:
    """
    `prepare` is given each assignment before its checks begin, so that the runner can take up references, private networks and
    resolvers. `places` bounds the runs in flight; None asks the descriptor limit.
    """

    def __init__(
        self,
        link: Link,
        runner: Runner,
        *,
        anchor: Anchor,
        location: str,
        name: str = "w1",
        boot: str | None = None,
        spool: Spool | None = None,
        prepare: Callable[[Assignment], None] | None = None,
        places: int | None = None,
    ) -> None:
        self._link = link
        self._runner = runner
        self._anchor = anchor
        self._location = location
        self._signature = f"{location}/{name}/{boot or new_boot_id()}"
        self._prepare = prepare
        self._places = places_for_checks() if places is None else places
        self._delivery = Delivery(link, spool)
        self._lag_watch = LagWatch()
        # Counted from the wall clock's zero, so that phases survive a restart and are shared out between locations.
        self._cadence = Cadence(origin_s=time.monotonic() - anchor.now_us() / 1_000_000)
        self._config_version = ""
        self._sequence = 0
        self._running: set[_Run] = set()
        self._queue: deque[Turn] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_s = 0.0
        self._remembered_epoch = -1
        self._remember_at_s = 0.0
        self._missed_slots = 0
        self._start_lag = Recent()
        self._trouble: dict[str, int] = {}
        self._blind: dict[str, str] = {}
        self._well: set[str] = set()
        """Checks whose newest result is `up`."""
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def run(self) -> None:
        """Until `stop`; or until cancelled, and then what was not acknowledged goes to the spool."""
        self._stopped.clear()
        self._lag_watch.start()
        keepers = [
            self._keep_going("assignments", self._follow_assignments),
            self._keep_going("re-checks", self._follow_rechecks),
            self._keep_going("housekeeping", self._keep_house),
        ]
        delivering = self._keep_going("delivery", self._delivery.run)
        try:
            await self._stopping.wait()
            await _end(keepers)
            self._rest()
            await self._drain()
        finally:
            self._rest()
            await _end([*keepers, delivering, *(run.task for run in self._running if run.task)])
            await self._delivery.keep("anchor", self._anchor.remember())
            await self._delivery.close()
            self._stopped.set()

    async def stop(self) -> None:
        """Starts nothing more and returns when everything is handed over or spooled, within `DRAIN_S`."""
        self._stopping.set()
        await self._stopped.wait()

    def health(self) -> WorkerHealth:
        blind = list(self._blind.values())
        return WorkerHealth(
            in_flight=len(self._running),
            queued=len(self._queue),
            in_memory=self._delivery.in_memory,
            spooled=self._delivery.spooled,
            dropped=self._delivery.dropped,
            missed_slots=self._missed_slots,
            epoch=self._anchor.epoch,
            lag_s=self._start_lag.worst(time.monotonic()),
            loop_lag_s=self._lag_watch.worst_s(),
            impaired=max(set(blind), key=blind.count) if blind else "",
            trouble=dict(self._trouble),
        )

    # From a due time to a run.

    def _tick(self) -> None:
        self._timer = None
        for turn in self._cadence.due(time.monotonic()):
            if turn.skipped:
                self._say_skipped(turn)
            self._queue.append(turn)
        self._start_queued()
        self._plan_tick()

    def _start_queued(self) -> None:
        """Whoever waits for a place longer than `LATE_S` has missed its slot; whoever comes late for another reason is late."""
        while self._queue:
            turn = self._queue[0]
            now_s = time.monotonic()
            is_full = len(self._running) >= self._places
            if now_s - turn.due_s > LATE_S:
                self._queue.popleft()
                self._give_up(turn, now_s, is_full=is_full)
            elif is_full:
                return
            else:
                self._queue.popleft()
                self._start(turn, now_s)

    def _plan_tick(self) -> None:
        """One timer for everything: the next due time, or when the first in the queue has waited too long."""
        due_s = self._cadence.next_due_s()
        if self._queue:
            give_up_s = self._queue[0].due_s + LATE_S
            due_s = give_up_s if due_s is None else min(due_s, give_up_s)
        if due_s is None or self._stopping.is_set():
            return
        if self._timer is not None:
            if self._timer_s <= due_s:
                return
            self._timer.cancel()
        self._timer_s = due_s
        self._timer = asyncio.get_running_loop().call_later(max(0.0, due_s - time.monotonic() + _EARLY_S), self._tick)

    def _start(self, turn: Turn, now_s: float) -> None:
        boot_ns = self._anchor.stamp()
        run = _Run(turn, now_s, boot_ns, self._anchor.epoch)
        self._running.add(run)
        self._start_lag.note(now_s - turn.due_s, now_s)
        run.task = asyncio.create_task(self._run(run))

    async def _run(self, run: _Run) -> None:
        job = run.turn.check.job
        try:
            outcome = await self._runner(job)
        except asyncio.CancelledError:
            if not run.is_stuck:
                raise
            outcome = _unknown("local_error", "the probe did not end in time and was stopped")
        except Exception as error:  # noqa: BLE001  one check must not end the others
            _log.exception("The probe of %s failed by a fault of our own; the run counts as unknown.", job.check)
            outcome = _unknown("local_error", f"the probe failed by a fault of our own: {type(error).__name__}")
        finally:
            self._running.discard(run)
        self._conclude(run, outcome)

    # From a run to a result.

    def _conclude(self, run: _Run, outcome: Outcome) -> None:
        boot_ns = self._anchor.stamp()
        now_s = time.monotonic()
        # Two clocks that should agree: the boot clock goes on while the machine sleeps.
        slept_s = (boot_ns - run.boot_ns) / 1e9 - (now_s - run.started_s)
        if run.epoch != self._anchor.epoch:
            outcome = _unknown("local_clock_step", "the clock was set while the check ran")
        elif slept_s > LATE_S or self._lag_watch.stalled_since(run.started_s, now_s):
            outcome = _unknown("local_overload", "the monitor itself came to a halt while the check ran")
        self._record(run.turn, outcome, run.boot_ns, boot_ns, lag_s=run.started_s - run.turn.due_s)
        self._cadence.finished(run.turn, outcome.verdict, now_s)
        if self._queue:
            self._start_queued()
        self._plan_tick()

    def _say_skipped(self, turn: Turn) -> None:
        boot_ns = self._anchor.stamp()
        self._missed_slots += turn.skipped
        outcome = _unknown("local_slot_missed", "the monitor did not run in time", slots=turn.skipped)
        self._record(turn, outcome, boot_ns, boot_ns, lag_s=turn.skipped * turn.check.every_s)

    def _give_up(self, turn: Turn, now_s: float, *, is_full: bool) -> None:
        boot_ns = self._anchor.stamp()
        lag_s = now_s - turn.due_s
        self._start_lag.note(lag_s, now_s)
        if is_full:
            self._missed_slots += 1
            outcome = _unknown("local_slot_missed", f"no place was free: {len(self._running)} checks were running", slots=1)
        else:
            outcome = _unknown("local_late", f"the check would have started {lag_s:.1f} s late")
        self._record(turn, outcome, boot_ns, boot_ns, lag_s=lag_s)
        self._cadence.finished(turn, outcome.verdict, now_s)

    def _record(self, turn: Turn, outcome: Outcome, started_ns: int, ended_ns: int, *, lag_s: float) -> None:
        job = turn.check.job
        self._sequence += 1
        self._note_trouble(job.check, outcome)
        result = ProbeResult(
            id=f"{job.check}/{self._signature}/{self._sequence}",
            check=job.check,
            location=self._location,
            epoch=self._anchor.epoch,
            config_version=job.config_version or self._config_version,
            started_us=self._anchor.wall_us(started_ns),
            ended_us=self._anchor.wall_us(ended_ns),
            boot_started_ns=started_ns,
            boot_ended_ns=ended_ns,
            lag_s=lag_s,
            outcome=outcome,
        )
        # Up on the grid after up: nobody waits for it. A first look, a re-check and all else may open or end something.
        self._delivery.put(result, is_news=not (turn.on_grid and outcome.verdict is Verdict.UP and job.check in self._well))
        if outcome.verdict is Verdict.UP:
            self._well.add(job.check)
        else:
            self._well.discard(job.check)

    def _note_trouble(self, check: str, outcome: Outcome) -> None:
        if outcome.verdict is not Verdict.UNKNOWN:
            self._blind.pop(check, None)
            return
        reason = outcome.reason
        self._trouble[reason] = self._trouble.get(reason, 0) + 1
        if reason.startswith(("local_", "resolver_", "network_")) and check in self._cadence:
            self._blind[check] = reason

    # What goes on beside the runs.

    async def _follow_assignments(self) -> None:
        async for assignment in self._link.assignments():
            if self._prepare is not None:
                self._prepare(assignment)
            self._config_version = assignment.config_version
            self._cadence.replace(assignment.checks, time.monotonic())
            self._queue = deque(turn for turn in self._queue if self._is_wanted(turn))
            self._blind = {check: reason for check, reason in self._blind.items() if check in self._cadence}
            # Also for checks that were changed: what they find is news.
            self._well.clear()
            self._plan_tick()

    def _is_wanted(self, turn: Turn) -> bool:
        """False for a turn whose check went away while it waited for a place."""
        if turn.check.job.check in self._cadence:
            return True
        self._cadence.finished(turn, Verdict.UNKNOWN, time.monotonic())
        return False

    async def _follow_rechecks(self) -> None:
        async for recheck in self._link.rechecks():
            now_s = time.monotonic()
            for_s = (recheck.until_us - self._anchor.now_us()) / 1_000_000
            self._cadence.recheck(recheck.check, now_s, now_s + for_s)
            self._plan_tick()

    async def _keep_house(self) -> None:
        """Frees places that a stuck run holds, and remembers the anchor for the next start."""
        while True:
            now_s = time.monotonic()
            for run in self._running:
                if now_s - run.started_s > run.turn.check.job.timeout_s + _OVERTIME_S and run.task is not None:
                    run.is_stuck = True
                    run.task.cancel()
            self._anchor.stamp()
            if self._anchor.epoch != self._remembered_epoch or now_s >= self._remember_at_s:
                self._remembered_epoch = self._anchor.epoch
                self._remember_at_s = now_s + _REMEMBER_EVERY_S
                await self._delivery.keep("anchor", self._anchor.remember())
            # Should a tick ever have failed, this is what brings the timer back.
            self._plan_tick()
            await asyncio.sleep(_HOUSEKEEPING_S)

    def _keep_going(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        async def again_and_again() -> None:
            while True:
                try:
                    await work()
                except ConnectionError as error:
                    _log.info("The core cannot be reached for %s; trying again. %s", what, error)
                except Exception:  # noqa: BLE001  the worker goes on without it
                    _log.exception("The worker's %s failed; it goes on with what it has and tries again.", what)
                await asyncio.sleep(_RETRY_S)

        return asyncio.create_task(again_and_again(), name=f"worker {what}")

    def _rest(self) -> None:
        """No check starts any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()
        self._lag_watch.stop()

    async def _drain(self) -> None:
        """A run that does not end in time leaves no result: a hole, never a verdict."""
        began_s = time.monotonic()
        tasks = [run.task for run in self._running if run.task is not None]
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=_RUNS_MAY_END_S)
            await _end(pending)
        left_s = DRAIN_S - 0.5 - (time.monotonic() - began_s)
        await self._delivery.drained(within_s=max(0.0, left_s))


def _unknown(reason: str, detail: str, **evidence: int) -> Outcome:
    return Outcome(Verdict.UNKNOWN, reason, detail, evidence=evidence)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = [task for task in tasks if not task.done()]
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)
