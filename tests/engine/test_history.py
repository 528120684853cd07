"""The past as the page draws it: nothing is said of it that the segments do not know."""

from __future__ import annotations

from statuspage.snapshot import DayMark, Stretch
from uptimed.domain.states import Segment, State
from uptimed.engine.history import DAY_US, day_marks, last_day

S = 1_000_000
MIDNIGHT_US = 1_790_035_200 * S  # 2026-09-22T00:00:00Z
UP = (State.UP, State.UP, State.UP)
DEGRADED = (State.DEGRADED, State.DEGRADED, State.DEGRADED)
DOWN = (State.DOWN, State.DOWN, State.DOWN)


def test_degraded_time_is_drawn_as_degraded_and_down_outdoes_it() -> None:
    noon_us = MIDNIGHT_US + DAY_US // 2
    segments = [
        Segment(MIDNIGHT_US - DAY_US, noon_us - DAY_US, *UP),
        Segment(noon_us - DAY_US, noon_us - DAY_US + 90 * S + 1, *DEGRADED),
        Segment(noon_us - DAY_US + 90 * S + 1, noon_us, *UP),
        Segment(noon_us, noon_us + 60 * S, *DEGRADED),
        Segment(noon_us + 60 * S, noon_us + 61 * S, *DOWN),
        Segment(noon_us + 61 * S, noon_us + 120 * S, *UP),
    ]
    now_us = noon_us + 120 * S
    assert day_marks(segments, "UTC", MIDNIGHT_US - DAY_US, now_us) == (
        DayMark("2026-09-21", "degraded", degraded_s=91),
        DayMark("2026-09-22", "down", down_s=1, degraded_s=60),
    )
    assert last_day(segments, now_us) == (
        Stretch(noon_us, noon_us + 60 * S, "degraded"),
        Stretch(noon_us + 60 * S, noon_us + 61 * S, "down"),
    )


def test_the_live_edge_is_no_stretch_until_the_silence_is_longer_than_an_edge_can_be() -> None:
    now_us = 100 * DAY_US
    segments = [
        Segment(0, now_us - 20, State.UP, State.UP, State.UP),
        Segment(now_us - 20, now_us, State.UNMEASURED, State.UP, State.DOWN),
    ]
    assert last_day(segments, now_us, edge_us=20) == ()
    assert last_day(segments, now_us, edge_us=19) == (Stretch(now_us - 20, now_us, "unmeasured"),)
