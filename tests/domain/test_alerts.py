"""What a budget makes people hear, and when the same thing is no news."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.alerts import Alert, Answer, answers
from uptimed.domain.availability import account_of
from uptimed.domain.burn import DAY_US, HOUR_US, MINUTE_US, Burning
from uptimed.domain.catalogue import BudgetAlerts
from uptimed.domain.figures import Contract
from uptimed.domain.ledger import Ledger
from uptimed.domain.overlays import laid_over
from uptimed.domain.states import Segment, State

S = 1_000_000
YEAR = (0, 365 * DAY_US)
CONTRACT = Contract(Fraction(9999, 10_000), "99.99")
WANTED = BudgetAlerts(left_us=(15 * MINUTE_US, 30 * MINUTE_US, 0), exhaustion_us=30 * DAY_US)
UP, DOWN = (State.UP,) * 3, (State.DOWN,) * 3
FIRE, FROZEN, CLEAR = Burning


def firing(downs: list[tuple[int, int]], now_us: int, *, since_us: int | None = None, contract: Contract = CONTRACT) -> set[str]:
    """The rules that fire at `now_us`, after the outages [from, to)."""
    segments, at_us = [], YEAR[0]
    for from_us, to_us in downs:
        segments += [Segment(at_us, from_us, *UP), Segment(from_us, to_us, *DOWN)]
        at_us = to_us
    segments = [one for one in [*segments, Segment(at_us, now_us, *UP)] if one.from_us < one.to_us]
    ledger = Ledger([(None, contract)], laid_over(segments, (YEAR[0], now_us)))
    its = account_of(ledger, YEAR, now_us, service_start_us=since_us)
    return {one.rule for one in answers(ledger, its, WANTED, since_us) if one.says is FIRE}


NOON = 200 * DAY_US


def test_an_outage_of_a_minute_pages_and_one_of_three_minutes_pages_twice() -> None:
    assert firing([(NOON - 63 * S, NOON)], NOON) == set()
    assert firing([(NOON - 64 * S, NOON)], NOON) == {"page-fast"}
    assert firing([(NOON - 180 * S, NOON)], NOON) == {"page-fast", "page-slow"}
    assert firing([(NOON - 180 * S, NOON)], NOON + 10 * MINUTE_US) == {"page-slow"}


def test_what_is_left_is_told_at_each_threshold() -> None:
    def left(spent_s: int) -> set[str]:
        began_us = 10 * DAY_US
        rules = firing([(began_us, began_us + spent_s * S)], NOON)
        return {one for one in rules if one.startswith("left")}

    assert left(1_353) == set()
    assert left(1_354) == {"left-1800s"}
    assert left(2_254) == {"left-1800s", "left-900s"}
    assert left(3_153) == {"left-1800s", "left-900s"}
    assert left(3_154) == {"left-1800s", "left-900s", "left-0s"}


def test_a_young_service_is_not_told_that_little_is_left_of_the_little_it_had() -> None:
    since_us = YEAR[1] - 100 * DAY_US  # its budget is 864 s
    now_us = since_us + 10 * DAY_US
    assert firing([], now_us, since_us=since_us) == set()
    assert "left-900s" not in firing([(now_us - DAY_US, now_us - DAY_US + S)], now_us, since_us=since_us)
    assert "left-0s" in firing([(now_us - DAY_US, now_us - DAY_US + 864 * S)], now_us, since_us=since_us)


def test_the_end_of_the_budget_is_told_when_it_is_thirty_days_away() -> None:
    spent_early = (DAY_US, DAY_US + 1_000 * S)
    near = [spent_early, (NOON - 20 * DAY_US, NOON - 20 * DAY_US + 1_100 * S)]
    far = [spent_early, (NOON - 20 * DAY_US, NOON - 20 * DAY_US + 1_000 * S)]
    assert "exhaustion" in firing(near, NOON)
    assert "exhaustion" not in firing(far, NOON)


def test_a_service_of_one_hour_has_no_pace() -> None:
    since_us = 100 * DAY_US
    outage = (since_us + MINUTE_US, since_us + 3 * MINUTE_US)
    assert "exhaustion" not in firing([outage], since_us + HOUR_US, since_us=since_us)
    assert "exhaustion" in firing([outage], since_us + DAY_US, since_us=since_us)


def test_a_promise_of_one_hundred_percent_has_no_budget_to_burn_and_is_spent_by_the_first_outage() -> None:
    absolute = Contract(Fraction(1), "100")
    assert firing([], NOON, contract=absolute) == set()
    assert firing([(NOON - S, NOON)], NOON, contract=absolute) == {"left-0s"}


def test_the_most_urgent_rule_of_a_group_stands_first() -> None:
    ledger = Ledger([(None, CONTRACT)])
    found: list[Answer] = answers(ledger, account_of(ledger, YEAR, NOON), WANTED)
    assert [(one.group, one.rule) for one in found] == [
        ("page", "page-fast"),
        ("page", "page-slow"),
        ("ticket", "ticket-3d"),
        ("ticket", "ticket-30d"),
        ("left", "left-0s"),
        ("left", "left-900s"),
        ("left", "left-1800s"),
        ("exhaustion", "exhaustion"),
    ]


@pytest.mark.parametrize("before", [Alert("shop", "page-fast"), Alert("shop", "page-fast", True, 5, 5)])
def test_too_little_measured_time_leaves_an_alert_as_it_was(before: Alert) -> None:
    assert before.after(FROZEN, 10) == before


@given(st.lists(st.tuples(st.sampled_from(Burning), st.integers(1, 100)), max_size=40), st.integers(0, 150))
def test_whatever_a_rule_says_people_hear_only_that_it_fires_once_and_after_its_quiet_time(
    said: list[tuple[Burning, int]], quiet_us: int
) -> None:
    alert, now_us = Alert("shop", "page-fast"), 0
    told: list[int] = []
    beginnings = set()
    for answer, later_us in said:
        now_us += later_us
        was_firing = alert.firing
        alert = alert.after(answer, now_us)
        if alert.firing and not was_firing:
            beginnings.add(now_us)
        if alert.is_news(now_us, quiet_us):
            told.append(now_us)
            alert = Alert(alert.subject, alert.rule, alert.firing, alert.since_us, now_us)
            assert alert.is_known
        assert not (answer is FIRE and not alert.firing)
        assert not (answer is CLEAR and alert.firing)
    assert all(b - a >= quiet_us for a, b in pairwise(told))
    assert len(told) <= len(beginnings)
    if beginnings:
        assert told[0] == min(beginnings)
