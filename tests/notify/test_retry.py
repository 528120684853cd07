"""When to try again, and when to stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notify.builders import NOON, SECOND, a_message
from uptimed.domain.messages import GiveUp, RetryLater, Sent
from uptimed.notify.retry import gap_s, judged


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [
        (1, 0.0, 1.0),
        (2, 0.0, 1.0),
        (3, 0.0, 2.0),
        (3, 1.0, 4.0),
        (9, 1.0, 256.0),
        (10, 1.0, 300.0),
        (500, 1.0, 300.0),
    ],
)
def test_the_gap_doubles_from_one_second_to_five_minutes(attempt: int, chance: float, seconds: float):
    assert gap_s(attempt, None, lambda: chance) == pytest.approx(seconds, rel=0.01)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 1e12))
def test_a_gap_is_never_shorter_than_a_second_nor_longer_than_an_hour(attempt: int, chance: float, wish: float | None):
    assert 1.0 <= gap_s(attempt, wish, lambda: chance) <= 3_600.0


def test_a_receivers_wish_is_honoured_when_it_is_longer():
    assert gap_s(1, 90.0, lambda: 0.5) == 90.0
    assert gap_s(10, 1.0, lambda: 1.0) == 300.0


def test_a_longer_wish_than_an_hour_is_asked_again_after_an_hour():
    assert gap_s(1, 10**9, lambda: 0.5) == 3_600.0


def test_success_and_giving_up_stay_what_they_are():
    for outcome in (Sent("250 ok"), GiveUp("no such user")):
        verdict = judged(a_message(), outcome, attempt=3, now_us=NOON, chance=lambda: 0.5)
        assert verdict.outcome is outcome
        assert verdict.next_attempt_us is None


def test_after_six_hours_a_message_is_given_up_with_its_last_reason():
    late = NOON + 6 * 3_600 * SECOND
    verdict = judged(a_message(), RetryLater("answered 503"), attempt=80, now_us=late, chance=lambda: 0.5)
    assert isinstance(verdict.outcome, GiveUp)
    assert "80 attempts" in verdict.outcome.reason
    assert "answered 503" in verdict.outcome.reason


def test_what_waited_while_the_machine_was_off_still_gets_its_attempts():
    next_morning = NOON + 12 * 3_600 * SECOND
    verdict = judged(a_message(), RetryLater("answered 503"), attempt=1, now_us=next_morning, chance=lambda: 0.5)
    assert verdict.next_attempt_us is not None
    assert verdict.next_attempt_us > next_morning


def test_a_late_step_of_the_escalation_counts_its_six_hours_from_when_it_was_due():
    late_step = a_message(due_at_us=NOON + 5 * 3_600 * SECOND)
    verdict = judged(late_step, RetryLater("x"), attempt=80, now_us=NOON + 7 * 3_600 * SECOND, chance=lambda: 0.5)
    assert verdict.next_attempt_us is not None
