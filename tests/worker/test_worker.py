"""The whole worker in process: assignment in, results out, and what it says when it could not look."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from probes import delivery as delivery_module
from probes import worker as worker_module
from probes.anchor import Anchor
from probes.cadence import Cadence
from probes.links import Recheck
from probes.outcome import Verdict
from probes.spool import Spool
from tests.worker.builders import BAD, BLIND, GOOD, Core, a_check, always_good, an_assignment, running, until
from tests.worker.test_anchor import Machine

SOON_S = 0.05
"""An interval so short that a test needs not wait."""


@pytest.fixture
async def core():
    return Core()


async def test_each_check_has_its_first_result_within_one_interval(core):
    core.link.publish(an_assignment(*(a_check(f"shop/web/{n}", 1.0) for n in range(50))))
    began_us = time.time_ns() // 1_000

    async with running(core):
        await until(lambda: len({result.check for result in core.results}) == 50)

    first = {result.check: result for result in reversed(core.results)}.values()
    # When they were due, so that a busy machine is not mistaken for a late plan; a second for taking up the assignment.
    assert all(result.started_us - result.lag_s * 1_000_000 - began_us < 2_000_000 for result in first)


async def test_a_result_says_who_saw_what_and_when(core):
    core.link.publish(an_assignment(a_check(every_s=SOON_S), version="v7"))
    before_us = time.time_ns() // 1_000

    async with running(core, name="w2"):
        await until(lambda: len(core.results) >= 2)

    first, second, *_ = core.results
    assert first.id == "shop/web/home/london/w2/b1/1"
    assert second.id == "shop/web/home/london/w2/b1/2"
    assert (first.check, first.location, first.epoch, first.config_version) == ("shop/web/home", "london", 0, "v7")
    assert before_us <= first.started_us <= first.ended_us <= second.started_us <= time.time_ns() // 1_000
    assert first.boot_started_ns <= first.boot_ended_ns
    assert first.lag_s >= 0
    assert first.outcome is GOOD


async def test_only_what_repeats_that_all_is_well_waits_for_company(core, monkeypatch):
    """A first look, a failure, its re-checks and the way back are handed over at once, with whatever waited."""
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    answers = iter([GOOD, GOOD, GOOD, BAD, BAD, GOOD, GOOD, BLIND, GOOD])

    async def changing(job):
        outcome = next(answers, None)
        if outcome is None:
            await asyncio.Event().wait()
        return outcome

    core.link.publish(an_assignment(a_check(every_s=SOON_S, recheck_s=SOON_S, failures=2, recoveries=2)))
    async with running(core, changing):
        await until(lambda: len(core.results) >= 9)

    assert [result.outcome for result in core.results] == [GOOD, GOOD, GOOD, BAD, BAD, GOOD, GOOD, BLIND, GOOD]
    assert core.batches == [1, 3, 1, 1, 1, 1, 1]


async def test_an_answer_to_a_question_of_the_core_waits_for_nobody(core, monkeypatch):
    monkeypatch.setattr(delivery_module, "GATHER_S", 60.0)
    core.link.publish(an_assignment(a_check(every_s=300.0)))
    async with running(core) as worker:
        await until(lambda: len(worker._cadence) == 1)
        for answers in (1, 2):
            core.link.ask(Recheck("shop/web/home"))
            await until(lambda: len(core.results) == answers)  # noqa: B023  awaited in the same round


def test_the_worker_does_not_spin_until_a_check_is_due(monkeypatch):
    """uvloop counts whole milliseconds, so its timers may come early; asking again for the rest took a dozen turns a check."""
    uvloop = pytest.importorskip("uvloop")
    asked = []
    due = Cadence.due
    monkeypatch.setattr(Cadence, "due", lambda self, now_s: asked.append(now_s) or due(self, now_s))

    async def work():
        core = Core()
        core.link.publish(an_assignment(*(a_check(f"shop/web/{n}", 0.5) for n in range(10))))
        async with running(core):
            await until(lambda: len(core.results) >= 20)
        return len(core.results)

    made = uvloop.run(work())

    assert len(asked) <= 3 * made


async def test_two_lives_never_share_an_id():
    ids = {worker_module.new_boot_id() for _ in range(100)}
    assert len(ids) == 100


async def test_a_check_is_never_in_flight_twice(core):
    in_flight: set[str] = set()

    async def slow(job):
        assert job.check not in in_flight
        in_flight.add(job.check)
        await asyncio.sleep(3 * SOON_S)
        in_flight.remove(job.check)
        return GOOD

    core.link.publish(an_assignment(a_check(every_s=SOON_S), a_check("shop/web/other", SOON_S)))
    async with running(core, slow):
        await asyncio.sleep(SOON_S)
        core.link.publish(an_assignment(a_check(every_s=SOON_S, options="changed"), version="v2"))
        core.link.ask(Recheck("shop/web/home"))
        await until(lambda: len(core.results) >= 6)

    assert set(core.reasons()) == {"ok"}


async def test_a_failure_is_looked_at_again_after_the_gap_and_not_after_the_interval(core):
    async def failing(job):
        return BAD

    core.link.publish(an_assignment(a_check(every_s=300.0, recheck_s=0.05, failures=9)))
    core.link.ask(Recheck("shop/web/home"))
    async with running(core, failing):
        await until(lambda: len(core.results) >= 4)

    starts_us = [result.started_us for result in core.results[:4]]
    assert all(later - earlier >= 49_000 for earlier, later in itertools.pairwise(starts_us))


async def test_a_question_of_the_core_is_answered_at_once(core):
    core.link.publish(an_assignment(a_check(every_s=300.0)))
    async with running(core) as worker:
        await until(lambda: len(worker._cadence) == 1)
        core.link.ask(Recheck("shop/web/home"))
        await until(lambda: core.results)


async def test_a_fault_in_one_probe_is_an_unknown_result_and_the_others_go_on(core):
    async def sometimes_broken(job):
        if job.check == "shop/web/home":
            raise ZeroDivisionError("a fault of ours")
        return GOOD

    core.link.publish(an_assignment(a_check(every_s=SOON_S), a_check("shop/web/other", SOON_S)))
    async with running(core, sometimes_broken) as worker:
        await until(lambda: len(core.reasons("shop/web/home")) >= 3 and len(core.reasons("shop/web/other")) >= 3)
        health = worker.health()

    assert set(core.reasons("shop/web/home")) == {"local_error"}
    assert set(core.reasons("shop/web/other")) == {"ok"}
    assert health.impaired == "local_error"
    assert health.trouble["local_error"] >= 3


async def test_a_probe_that_never_ends_loses_its_place_and_is_unknown(core, monkeypatch):
    monkeypatch.setattr(worker_module, "_OVERTIME_S", 0.1)
    monkeypatch.setattr(worker_module, "_HOUSEKEEPING_S", 0.05)

    async def endless(job):
        await asyncio.Event().wait()

    core.link.publish(an_assignment(a_check(every_s=SOON_S, timeout_s=0.05)))
    async with running(core, endless):
        await until(lambda: len(core.results) >= 2)

    assert set(core.reasons()) == {"local_error"}


async def test_trouble_is_over_when_the_check_can_look_again(core):
    answers = iter([BLIND, BLIND])

    async def blind_at_first(job):
        return next(answers, GOOD)

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, blind_at_first) as worker:
        await until(lambda: worker.health().impaired == "network_unreachable")
        await until(lambda: worker.health().impaired == "")
        assert worker.health().trouble == {"network_unreachable": 2}


async def test_without_a_free_place_a_slot_is_missed_and_said(core):
    async def slow(job):
        await asyncio.sleep(1.6)
        return GOOD

    core.link.publish(an_assignment(*(a_check(f"shop/web/{n}", 1.0) for n in range(4))))
    async with running(core, slow, places=1) as worker:
        await until(lambda: "local_slot_missed" in core.reasons())
        assert worker.health().in_flight <= 1
        assert worker.health().missed_slots >= 1

    missed = next(result for result in core.results if result.outcome.reason == "local_slot_missed")
    assert missed.outcome.verdict is Verdict.UNKNOWN
    assert missed.outcome.evidence == {"slots": 1}
    assert missed.lag_s > 1.0


async def test_a_stalled_loop_blames_itself_and_not_the_target(core):
    async def failing_after_a_while(job):
        await asyncio.sleep(0.3)
        return BAD

    core.link.publish(an_assignment(*(a_check(f"shop/web/{n}", 0.4) for n in range(20))))
    async with running(core, failing_after_a_while) as worker:
        await until(lambda: worker.health().in_flight >= 5)
        core.results.clear()
        time.sleep(1.6)  # noqa: ASYNC251  the stall itself
        stalled = worker.health().in_flight
        await until(lambda: core.reasons().count("local_overload") >= stalled)
        assert worker.health().loop_lag_s > 1.0

    reasons = set(core.reasons())
    assert {"local_overload", "local_slot_missed"} <= reasons
    assert not [result for result in core.results[:stalled] if result.outcome.verdict is Verdict.DOWN]


async def test_a_slot_that_comes_a_second_late_is_not_run(core):
    began: list[str] = []

    async def counting(job):
        began.append(job.check)
        return GOOD

    core.link.publish(an_assignment(*(a_check(f"shop/web/{n}", 4.0) for n in range(40))))
    async with running(core, counting):
        await asyncio.sleep(0.1)
        runs = len(began)
        time.sleep(2.0)  # noqa: ASYNC251  the stall itself
        await until(lambda: "local_late" in core.reasons())

    late = [result for result in core.results if result.outcome.reason == "local_late"]
    assert runs < 40
    assert all(result.lag_s > 1.0 and result.outcome.verdict is Verdict.UNKNOWN for result in late)


async def test_a_run_across_a_clock_step_is_unknown_and_later_ones_are_of_a_new_epoch(core):
    machine = Machine()

    async def while_the_clock_is_set(job):
        if not core.results and not machine.boot_id.endswith("set"):
            machine.boot_id += "set"
            machine.is_set_by(-3_600)
        return GOOD

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, while_the_clock_is_set, anchor=machine.anchor()) as worker:
        await until(lambda: len(core.results) >= 3)
        assert worker.health().epoch == 1

    assert core.reasons()[:3] == ["local_clock_step", "ok", "ok"]
    assert [result.epoch for result in core.results[:3]] == [1, 1, 1]


async def test_a_machine_that_slept_during_a_run_blames_itself(core):
    machine = Machine()

    async def asleep(job):
        if not core.results:
            machine.passes(60)
        return BAD

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, asleep, anchor=machine.anchor()):
        await until(lambda: core.results)

    assert core.reasons()[0] == "local_overload"


async def test_a_check_that_left_the_assignment_is_no_longer_run(core):
    core.link.publish(an_assignment(a_check(every_s=SOON_S), a_check("shop/web/other", SOON_S)))
    async with running(core) as worker:
        await until(lambda: len(core.results) >= 4)
        core.link.publish(an_assignment(a_check("shop/web/other", SOON_S), version="v2"))
        await until(lambda: len(worker._cadence) == 1)
        await asyncio.sleep(2 * SOON_S)
        core.results.clear()
        await until(lambda: len(core.results) >= 3)

    assert {result.check for result in core.results} == {"shop/web/other"}


async def test_an_assignment_that_cannot_be_taken_up_leaves_the_old_one_running(core):
    def prepare(assignment):
        if assignment.config_version == "broken":
            raise ValueError("no such network")

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, prepare=prepare):
        await until(lambda: core.results)
        core.link.publish(an_assignment(version="broken"))
        await asyncio.sleep(2 * SOON_S)
        core.results.clear()
        await until(lambda: core.results)


async def test_checking_goes_on_while_the_core_is_away_and_nothing_is_lost(core, tmp_path):
    spool = Spool(tmp_path / "spool.db")
    core.is_away = True
    core.link.publish(an_assignment(a_check(every_s=SOON_S)))

    async with running(core, spool=spool) as worker:
        await until(lambda: worker.health().spooled >= 5)
        core.is_away = False
        await until(lambda: len(core.results) >= 10)

    numbers = [int(result.id.rsplit("/", 1)[1]) for result in core.results]
    assert numbers == list(range(1, len(numbers) + 1))
    spool.close()


async def test_stopping_lets_runs_end_and_hands_their_results_over(core):
    began = asyncio.Event()

    async def slow(job):
        began.set()
        await asyncio.sleep(0.3)
        return GOOD

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, slow) as worker:
        await began.wait()
        await worker.stop()
        assert core.reasons() == ["ok"]


async def test_stopping_does_not_wait_for_what_does_not_end_and_leaves_no_verdict_for_it(core, tmp_path):
    spool = Spool(tmp_path / "spool.db")

    async def endless(job):
        await asyncio.Event().wait()

    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, endless, spool=spool) as worker:
        await until(lambda: worker.health().in_flight)
        began_s = time.monotonic()
        await worker.stop()
        assert time.monotonic() - began_s < worker_module.DRAIN_S + 1.0

    assert core.results == []
    spool.close()


async def test_what_the_core_did_not_take_before_the_stop_is_there_after_the_restart(core, tmp_path):
    spool = Spool(tmp_path / "spool.db")
    core.is_away = True
    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    async with running(core, spool=spool) as worker:
        await until(lambda: worker.health().spooled + worker.health().in_memory >= 3)
    spool.close()

    core.is_away = False
    again = Spool(tmp_path / "spool.db")
    core.link.publish(an_assignment())
    async with running(core, spool=again):
        await until(lambda: len(core.results) >= 3)
    again.close()

    assert core.ids[:3] == [f"shop/web/home/london/w1/b1/{n}" for n in (1, 2, 3)]


async def test_the_anchor_is_remembered_for_the_next_start(core, tmp_path):
    machine, spool = Machine(), Spool(tmp_path / "spool.db")
    async with running(core, spool=spool, anchor=machine.anchor()):
        machine.is_set_by(100)
        await until(lambda: spool.recall("anchor"))

    assert machine.anchor(spool.recall("anchor")).epoch == 1
    spool.close()


async def test_a_cancelled_worker_ends_and_leaves_its_results_on_disk(core, tmp_path):
    spool = Spool(tmp_path / "spool.db")
    core.takes_s = 60.0
    core.link.publish(an_assignment(a_check(every_s=SOON_S)))
    worker = worker_module.Worker(core.link, always_good, anchor=Anchor(), location="london", spool=spool)
    task = asyncio.create_task(worker.run())
    await until(lambda: worker.health().in_memory >= 2)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert spool.count >= 2
    spool.close()


async def test_a_worker_that_never_ran_can_be_stopped(core):
    worker = worker_module.Worker(core.link, always_good, anchor=Anchor(), location="london")
    await asyncio.wait_for(worker.stop(), 1.0)
