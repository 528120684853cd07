"""Every day of the year has its place in the calendar, whatever else is drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from statuspage import drawing
from statuspage.snapshot import DayMark
from tests.statuspage.builders import quiet_year

STATES = ["working", "slow", "partly_down", "degraded", "down", "planned", "unmeasured"]


def places(path: str) -> list[tuple[float, float]]:
    """Where a path of dots or marks puts them: `M` moves to a place, `m0 10` to the day below."""
    found: list[tuple[float, float]] = []
    for x, y, _ in re.findall(r"M([\d.]+) ([\d.]+)|(m0 10h0)", path):
        found.append((float(x), float(y)) if x else (found[-1][0], found[-1][1] + 10))
    return found


@given(st.lists(st.sampled_from(STATES), min_size=365, max_size=365), st.integers(0, 364))
def test_each_day_stands_once_in_the_place_of_its_week_and_weekday(states: list[str], absent: int):
    days = [replace(day, state=state) for day, state in zip(quiet_year(), states, strict=True)][absent:]
    calendar = drawing.calendar(days)
    assert calendar is not None

    drawn = {
        (half, x, y, state)
        for half, its in enumerate(calendar.halves)
        for state, path in (("working", its.dots), *its.marks)
        for x, y in places(path)
    }

    monday = date(2025, 11, 24)  # of the week in which the last 365 days began
    wanted = set()
    for day in days:
        week, weekday = divmod((date.fromisoformat(day.on) - monday).days, 7)
        wanted.add((week // 27, week % 27 * 10 + 5.0, weekday * 10 + 21.0, day.state))
    assert drawn == wanted
    assert calendar.troubled == tuple(day for day in days if day.state != "working")


def test_today_has_a_ring_and_every_month_its_name_once():
    calendar = drawing.calendar(quiet_year())
    assert calendar is not None

    assert [half.today for half in calendar.halves] == [None, (255, 31)]
    names = [name for half in drawing.months(calendar.today, "fr") for _, name in half]
    assert names == ["déc.", "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov."]


def test_a_day_that_is_not_of_this_year_is_not_drawn():
    calendar = drawing.calendar([DayMark("2019-05-01", "down", 60), DayMark("2026-11-24", "working")])
    assert calendar is not None

    assert [half.marks for half in calendar.halves] == [(), ()]
