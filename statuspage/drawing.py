"""
Geometry of the three drawings: the year as dots, the last 24 hours as lines, the budget as a bar.

Only numbers come out; the SVG is in `templates/drawings.html`, escaped like everything else. No style attributes (the CSP forbids
them): classes and coordinates. Colour always comes with a shape, a size or a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from statuspage.snapshot import DayMark, Figures, Stretch
from statuspage.typography import short_month

STEP = 10
HALF = 27
"""Weeks in each half of the calendar: two halves that stack on a phone, so that a day is never smaller than 12 px."""
HALF_DAYS = 7 * HALF

DAY_S = 86_400
DAY_US = DAY_S * 1_000_000


Months = tuple[tuple[tuple[int, str], ...], ...]
"""For each half: where a month begins, and its short name."""


@dataclass(frozen=True)
class Half:
    dots: str
    """Path of the quiet days."""
    marks: tuple[tuple[str, str], ...]
    """(state, path of all its days)."""
    today: tuple[int, int] | None


@dataclass(frozen=True)
class Calendar:
    today: date
    halves: tuple[Half, Half]
    troubled: tuple[DayMark, ...]
    """The days that were not quiet."""


class Row(NamedTuple):
    """One product in the last 24 hours, in minutes: the pieces that worked, and those that did not."""

    working: str
    drops: tuple[tuple[str, str], ...]
    """(state, path)."""


class Bar(NamedTuple):
    """Budget on a scale of 0 to 125 %, in percent of the drawing's width; the limit stands at 80."""

    used: str
    possible: str
    """Width of the part that is not certain."""


def calendar(days: Sequence[DayMark]) -> Calendar | None:
    """The days given (oldest first, today last) in weeks of seven; None without days, or where no year lies around them."""
    today = date.fromisoformat(days[-1].on) if days else date.min
    if not date.min.year + 1 < today.year < date.max.year:
        return None
    grid = _grid(today)
    dots: tuple[list[str], list[str]] = ([], [])
    marks: tuple[dict[str, list[str]], ...] = ({}, {})
    troubled = []
    before = -1
    for day in days:
        n, dot = grid.get(day.on, _NOWHERE)
        if day.state != "working":
            troubled.append(day)
            if n >= 0:
                marks[n // HALF_DAYS].setdefault(day.state, []).append(mark(day.state, *_place(n), _side(day.down_s)))
        elif n >= 0:
            dots[n // HALF_DAYS].append("m0 10h0" if n == before + 1 and n % 7 else dot)
            before = n
    ring = grid[today.isoformat()][0]
    halves = [
        Half(
            "".join(dots[half]),
            tuple((state, "".join(paths)) for state, paths in marks[half].items()),
            _place(ring) if ring // HALF_DAYS == half else None,
        )
        for half in (0, 1)
    ]
    return Calendar(today, (halves[0], halves[1]), tuple(troubled))


@lru_cache(maxsize=4)
def _grid(today: date) -> dict[str, tuple[int, str]]:
    """Where each day of the two halves stands: day -> (its number from the first Monday, the dot of a quiet day)."""
    grid = {}
    for n in range(2 * HALF_DAYS):
        x, y = _place(n)
        grid[(_first_monday(today) + timedelta(days=n)).isoformat()] = (n, f"M{x} {y}h0")
    return grid


_NOWHERE = (-1, "")


def _first_monday(today: date) -> date:
    first = today - timedelta(days=364)
    return first - timedelta(days=first.weekday())


def _place(n: int) -> tuple[int, int]:
    """Middle of a day's mark in its half."""
    week, day = divmod(n % HALF_DAYS, 7)
    return week * STEP + 5, day * STEP + 21


@lru_cache(maxsize=8)
def months(today: date, lang: str) -> Months:
    found: tuple[list[tuple[int, str]], ...] = ([], [])
    for n in range(2 * HALF_DAYS):
        on = _first_monday(today) + timedelta(days=n)
        if on.day == 1 and n % HALF_DAYS // 7 < HALF - 2 and on <= today:
            found[n // HALF_DAYS].append((_place(n)[0] - 3, short_month(on.month, lang)))
    return tuple(tuple(half) for half in found)


_SHAPES = {
    "degraded": "m0 -3.2l3.5 6h-7z",
    "partly_down": "m0 -3.8l4.2 7.2h-8.4z",
    "planned": "m0 -3.7l3.7 3.7-3.7 3.7-3.7-3.7z",
    "slow": "m-2.7 0a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0z",
    "unmeasured": "m-2.4-2.4l4.8 4.8m0-4.8l-4.8 4.8",
    "working": "h0",
}


def mark(state: str, x: int, y: int, side: float) -> str:
    """Path of one day's mark. `side` is that of the square of a day that was down."""
    if state == "down":
        return f"M{x} {y}m-{_n(side / 2)}-{_n(side / 2)}h{side}v{side}h-{side}z"
    return f"M{x} {y}{_SHAPES.get(state, _SHAPES['unmeasured'])}"


def _side(down_s: int) -> float:
    """Three sizes: under 2 min, under 10, longer."""
    return 5.0 if down_s < 120 else 6.4 if down_s < 600 else 8.6


def last_day(stretches: Sequence[Stretch], now_us: int, began_us: int) -> Row:
    """
    The line starts where the service did.

    A line that drops is a product that was not working. One unit a minute; a drop is at least two wide, to be seen.
    """
    start = now_us - DAY_US
    at = min(1440.0, max(0.0, (began_us - start) / 60e6))
    working, drops = [f"M{_n(at)} 8"], []
    for stretch in sorted(stretches, key=lambda s: s.from_us):
        a = max(at, (stretch.from_us - start) / 60e6)
        b = min(1440.0, max((stretch.to_us - start) / 60e6, a + 2))
        if b <= a:
            continue
        working.append(f"H{_n(a)}M{_n(b)} 8")
        ends = "" if b >= 1440 else "v-6"
        level = "" if stretch.state in {"planned", "unmeasured"} else "v6"
        drops.append((stretch.state, f"M{_n(a)} 8{level}H{_n(b)}{ends if level else ''}"))
        at = b
    working.append("H1440")
    return Row("".join(working), tuple(drops))


def budget_bar(figures: Figures) -> Bar:
    allowed = max(1, figures.budget_allowed_s)
    used, possible = (min(seconds / allowed, 1.25) * 80 for seconds in (figures.budget_used_s, figures.budget_possible_s))
    return Bar(_n(used), _n(max(0.0, possible - used)))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
