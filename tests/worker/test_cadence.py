"""When checks are due: the grid, what a failure changes, and what a new configuration leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from probes.cadence import JITTER, LONG_FAILURE_S, OFTEN_S, SELDOM_S, Cadence, Turn, phase_s
from probes.links import AssignedCheck
from probes.outcome import Verdict
from tests.worker.builders import a_check

UP, DOWN, UNKNOWN, DEGRADED = Verdict.UP, Verdict.DOWN, Verdict.UNKNOWN, Verdict.DEGRADED
START_S = 1_000.0

names = st.text("abcdefgh/", min_size=1, max_size=12)
intervals = st.sampled_from([1.0, 2.5, 19.0, 20.0, 60.0, 300.0])


def a_cadence(*checks: AssignedCheck, now_s: float = START_S, origin_s: float = 0.0) -> Cadence:
    cadence = Cadence(origin_s)
    cadence.replace(checks, now_s)
    return cadence


def take_next(cadence: Cadence) -> tuple[Turn, float]:
    """Goes to the next due time and takes the one check that is due."""
    now_s = cadence.next_due_s()
    assert now_s is not None
    (turn,) = cadence.due(now_s)
    return turn, now_s


def gaps_after(cadence: Cadence, verdicts: list[Verdict], took_s: float = 0.0) -> list[float]:
    """Seconds from the end of each run, with these verdicts, to the start of the next."""
    gaps: list[float] = []
    for verdict in verdicts:
        turn, now_s = take_next(cadence)
        cadence.finished(turn, verdict, now_s + took_s)
        following_s = cadence.next_due_s()
        assert following_s is not None
        gaps.append(round(following_s - now_s - took_s, 6))
    return gaps


@given(names, intervals, st.floats(0, 1e6), st.floats(-2e9, 0))
def test_every_first_look_comes_within_one_interval(name, every_s, now_s, origin_s):
    cadence = a_cadence(a_check(name, every_s), now_s=now_s, origin_s=origin_s)

    first_s = cadence.next_due_s()

    assert now_s <= first_s <= now_s + every_s


@settings(max_examples=50)
@given(names, intervals, st.floats(0, 1e6), st.lists(st.floats(0, 0.9), min_size=1, max_size=200))
def test_the_grid_never_drifts_however_long_the_runs_take(name, every_s, now_s, shares):
    check = a_check(name, every_s)
    cadence = a_cadence(check, now_s=now_s)

    for share in shares:
        turn, due_s = take_next(cadence)
        off_grid_s = (due_s - phase_s(check)) % every_s
        assert off_grid_s <= JITTER * every_s + 1e-6 or off_grid_s > every_s - 1e-6
        assert turn.skipped == 0
        cadence.finished(turn, UP, due_s + share * every_s)


def test_a_year_of_slots_is_a_year_long():
    cadence = a_cadence(a_check(every_s=300.0))
    first_s = cadence.next_due_s()

    for _ in range(365 * 288):
        turn, now_s = take_next(cadence)
        cadence.finished(turn, UP, now_s + 0.2)

    assert cadence.next_due_s() - first_s == pytest.approx(365 * 86_400, abs=300 * JITTER)


def test_checks_are_spread_over_the_interval():
    checks = [a_check(f"shop/web/{n}", 20.0) for n in range(1_000)]

    per_second = [0] * 20
    for check in checks:
        per_second[int(phase_s(check))] += 1

    assert max(per_second) < 100


def test_locations_share_the_interval_out_between_them():
    mine, second, third = (phase_s(a_check(every_s=30.0, phase_of=(i, 3))) for i in range(3))

    assert (second - mine) % 30 == pytest.approx(10)
    assert (third - mine) % 30 == pytest.approx(20)


def test_the_phase_survives_a_restart():
    before = a_cadence(a_check(), now_s=500.0, origin_s=-77.0)
    after = a_cadence(a_check(), now_s=5_000.0, origin_s=-77.0)

    moved_s = (after.next_due_s() - before.next_due_s()) % 20
    assert min(moved_s, 20 - moved_s) <= 20 * JITTER


def test_slots_that_passed_unasked_are_counted_and_the_newest_is_used():
    cadence = a_cadence(a_check(every_s=20.0))
    first_s = cadence.next_due_s()

    (turn,) = cadence.due(first_s + 65.0)

    assert turn.skipped == 3
    assert turn.due_s == pytest.approx(first_s + 60, abs=1.0)
    cadence.finished(turn, UP, first_s + 65.0)
    assert cadence.next_due_s() == pytest.approx(first_s + 80, abs=1.0)


def test_a_run_that_lasts_into_the_next_slot_is_that_slot_too():
    cadence = a_cadence(a_check(every_s=20.0))
    turn, now_s = take_next(cadence)

    cadence.finished(turn, UP, now_s + 25.0)

    following, due_s = take_next(cadence)
    assert due_s == pytest.approx(now_s + 40, abs=2.0)
    assert following.skipped == 0


@pytest.mark.parametrize(
    ("settings", "verdicts", "gaps"),
    [
        ({}, [DOWN], [2.0]),
        ({}, [DOWN, DOWN, DOWN], [2.0, 5.0, 5.0]),
        ({"failures": 1}, [DOWN, DOWN], [5.0, 5.0]),
        ({"failures": 3}, [DOWN, DOWN, DOWN], [2.0, 2.0, 5.0]),
        ({"recheck_s": 0.5}, [DOWN, UP, UP], [0.5, 0.5, 0.5]),
        ({}, [DOWN, UNKNOWN, DOWN], [2.0, 2.0, 5.0]),
        ({}, [DOWN, DOWN, UP, UP], [2.0, 5.0, 2.0, 2.0]),
        ({}, [DOWN, DOWN, UP, DOWN], [2.0, 5.0, 2.0, 5.0]),
        ({}, [DOWN, DEGRADED, UP, UNKNOWN], [2.0, 2.0, 2.0, 2.0]),
        ({"every_s": 3.0}, [DOWN, DOWN], [2.0, 3.0]),
        ({"every_s": 1.0}, [DOWN, DOWN], [1.0, 1.0]),
    ],
)
def test_the_gap_after_a_failure_counts_from_the_end_of_the_run(settings, verdicts, gaps):
    cadence = a_cadence(a_check(**settings))

    assert gaps_after(cadence, verdicts, took_s=0.25) == gaps


def test_a_long_failure_is_looked_at_less_often():
    cadence = a_cadence(a_check(every_s=60.0))

    gaps = gaps_after(cadence, [DOWN] * 200)

    assert gaps[0] == 2.0
    assert gaps[1:] == sorted(gaps[1:])
    assert set(gaps[1:]) == {OFTEN_S, SELDOM_S}
    assert 2.0 + gaps.count(OFTEN_S) * OFTEN_S == pytest.approx(LONG_FAILURE_S, abs=OFTEN_S)


@pytest.mark.parametrize("recoveries", [1, 2, 3])
def test_enough_good_results_in_a_row_bring_a_check_back_to_its_grid(recoveries):
    check = a_check(every_s=60.0, recoveries=recoveries)
    cadence = a_cadence(check)

    gaps_after(cadence, [DOWN, DOWN] + [UP] * recoveries)

    assert (cadence.next_due_s() - phase_s(check)) % 60 <= 60 * JITTER
    assert gaps_after(cadence, [UP])[0] == pytest.approx(60, abs=3)


def test_a_question_of_the_core_is_answered_at_once_and_then_often_for_a_while():
    cadence = a_cadence(a_check(every_s=60.0))
    turn, now_s = take_next(cadence)
    cadence.finished(turn, UP, now_s)

    cadence.recheck("shop/web/home", now_s + 1, until_s=now_s + 12)

    assert cadence.next_due_s() == now_s + 1
    assert gaps_after(cadence, [UP, UP, UP]) == [5.0, 5.0, 5.0]
    gaps_after(cadence, [UP])
    assert cadence.next_due_s() == pytest.approx(now_s + 60, abs=3)


def test_a_question_does_not_cost_the_slot_that_was_planned():
    cadence = a_cadence(a_check(every_s=60.0))
    turn, now_s = take_next(cadence)
    cadence.finished(turn, UP, now_s)
    planned_s = cadence.next_due_s()

    cadence.recheck("shop/web/home", now_s + 1, until_s=0.0)
    turn, asked_s = take_next(cadence)
    cadence.finished(turn, UP, asked_s)

    assert cadence.next_due_s() == planned_s


def test_a_question_during_a_run_is_answered_by_another_run():
    cadence = a_cadence(a_check())
    turn, now_s = take_next(cadence)

    cadence.recheck("shop/web/home", now_s + 0.1, until_s=0.0)

    assert cadence.next_due_s() is None
    cadence.finished(turn, UP, now_s + 0.5)
    assert cadence.next_due_s() == now_s + 0.5


def test_a_question_about_an_unknown_check_is_ignored():
    cadence = a_cadence(a_check())
    cadence.recheck("shop/web/gone", START_S, START_S + 60)
    assert len(cadence) == 1


def test_an_equal_check_keeps_its_plan_over_a_reload_whatever_the_version_is_called():
    cadence = a_cadence(a_check(config_version="v1"), a_check("shop/web/other"))
    before_s = cadence.next_due_s()

    cadence.replace([a_check(config_version="v2"), a_check("shop/web/other", config_version="v2")], START_S + 0.001)

    assert cadence.next_due_s() == before_s


def test_a_failing_check_is_still_failing_after_a_reload():
    cadence = a_cadence(a_check())
    gaps_after(cadence, [DOWN])
    due_s = cadence.next_due_s()

    cadence.replace([a_check()], due_s - 1)

    assert cadence.next_due_s() == due_s
    assert gaps_after(cadence, [DOWN]) == [5.0]


def test_a_changed_check_starts_afresh_within_its_interval():
    cadence = a_cadence(a_check(options="one"))
    gaps_after(cadence, [DOWN, DOWN])

    now_s = cadence.next_due_s() - 0.5
    cadence.replace([a_check(options="two")], now_s)

    assert now_s <= cadence.next_due_s() <= now_s + 20
    assert gaps_after(cadence, [UP])[0] > 10


def test_a_run_of_the_old_options_says_nothing_about_the_new_ones():
    cadence = a_cadence(a_check(options="one", every_s=60.0))
    turn, now_s = take_next(cadence)

    cadence.replace([a_check(options="two", every_s=60.0)], now_s + 1)
    assert cadence.next_due_s() is None
    cadence.finished(turn, DOWN, now_s + 2)

    assert cadence.next_due_s() - now_s > 10


def test_a_check_that_left_and_came_back_during_its_run_is_not_run_twice():
    cadence = a_cadence(a_check())
    turn, now_s = take_next(cadence)

    cadence.replace([], now_s + 0.1)
    cadence.replace([a_check()], now_s + 0.2)

    assert cadence.next_due_s() is None
    cadence.finished(turn, UP, now_s + 0.5)
    assert cadence.next_due_s() == pytest.approx(now_s + 20, abs=1)


def test_a_check_that_left_during_its_run_is_gone():
    cadence = a_cadence(a_check())
    turn, now_s = take_next(cadence)

    cadence.replace([], now_s + 0.1)
    cadence.finished(turn, DOWN, now_s + 0.5)

    assert cadence.next_due_s() is None
    assert cadence.due(now_s + 1_000) == []


class AnythingMayHappen(RuleBasedStateMachine):
    """Runs, questions and reloads in any order, against what must hold at any moment."""

    POOL = tuple(a_check(name, every_s) for name, every_s in (("a", 3.0), ("b", 20.0), ("c", 20.0), ("d", 300.0)))

    def __init__(self) -> None:
        super().__init__()
        self.now_s = START_S
        self.in_flight: dict[str, Turn] = {}
        self.assigned: dict[str, AssignedCheck] = {}
        self.idle_since_s: dict[str, float] = {}
        self.cadence = Cadence()

    @rule(after_s=st.floats(0, 30))
    def time_passes(self, after_s: float) -> None:
        self.now_s += after_s
        for turn in self.cadence.due(self.now_s):
            name = turn.check.job.check
            assert name not in self.in_flight, "twice in flight"
            assert name in self.assigned
            assert turn.due_s <= self.now_s
            self.in_flight[name] = turn

    @precondition(lambda self: self.in_flight)
    @rule(choice=st.randoms(use_true_random=False), verdict=st.sampled_from(list(Verdict)))
    def a_run_ends(self, choice, verdict) -> None:
        name = choice.choice(sorted(self.in_flight))
        self.cadence.finished(self.in_flight.pop(name), verdict, self.now_s)
        self.idle_since_s[name] = self.now_s

    @rule(name=st.sampled_from("abcde"), for_s=st.floats(-5, 60))
    def the_core_asks(self, name: str, for_s: float) -> None:
        self.cadence.recheck(name, self.now_s, self.now_s + for_s)

    @rule(chosen=st.sets(st.integers(0, 3)), changed=st.booleans())
    def a_reload(self, chosen, changed) -> None:
        checks = [self.POOL[i] for i in sorted(chosen)]
        if changed and checks:
            checks[0] = replace(checks[0], recheck_s=1.0)
        self.cadence.replace(checks, self.now_s)
        for check in checks:
            if check.job.check not in self.assigned:
                self.idle_since_s[check.job.check] = self.now_s
        self.assigned = {check.job.check: check for check in checks}

    @invariant()
    def what_is_idle_is_due_within_about_an_interval(self) -> None:
        idle = [name for name in self.assigned if name not in self.in_flight]
        due_s = self.cadence.next_due_s()
        assert (due_s is None) == (not idle)
        for name in idle:
            every_s = self.assigned[name].every_s
            assert due_s <= max(self.now_s, self.idle_since_s[name]) + every_s * (1 + 2 * JITTER) + 1e-6


TestAnythingMayHappen = AnythingMayHappen.TestCase
TestAnythingMayHappen.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
