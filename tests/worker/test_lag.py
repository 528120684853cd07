"""A loop that does not come back in time is noticed, also by those who come back together with it."""

from __future__ import annotations

import asyncio

import pytest

from probes.lag import LagWatch, Recent


class Hands:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
async def hands():
    return Hands()


@pytest.fixture
async def watch(hands):
    watch = LagWatch(hands)
    watch.start()
    yield watch
    watch.stop()


async def test_a_loop_in_time_is_no_stall(watch, hands):
    hands.at_s += 0.2
    assert not watch.stalled_since(100.0, hands.at_s)


async def test_a_stall_counts_before_the_watch_itself_has_woken(watch, hands):
    hands.at_s += 3.0
    assert watch.stalled_since(100.0, hands.at_s)


async def test_a_stall_counts_for_runs_that_went_through_it_and_not_for_later_ones(watch, hands):
    hands.at_s += 3.0
    await asyncio.sleep(0.3)

    assert watch.worst_s() == pytest.approx(2.9)
    assert watch.stalled_since(100.0, 103.2)
    assert watch.stalled_since(99.0, 103.2)
    assert not watch.stalled_since(103.0, 103.2)


async def test_less_than_a_second_is_no_stall(watch, hands):
    hands.at_s += 0.9
    await asyncio.sleep(0.3)
    assert not watch.stalled_since(100.0, 101.0)
    assert watch.worst_s() == pytest.approx(0.8)


def test_the_worst_of_the_last_while_is_forgotten_after_a_while():
    recent = Recent()
    recent.note(3.0, 1_000.0)

    recent.note(0.1, 1_010.0)
    assert recent.worst(1_014.0) == 3.0

    recent.note(0.2, 1_029.0)
    assert recent.worst(1_029.0) == 3.0
    assert recent.worst(1_045.0) == 0.2
    assert recent.worst(2_000.0) == 0.0
