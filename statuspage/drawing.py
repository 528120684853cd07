"""
Geometry of the three drawings: the year as dots, the last 24 hours as lines, the budget as a bar.

Only numbers come out; the SVG is in `templates/drawings.html`, escaped like everything else. No style attributes (the CSP forbids
them): classes and coordinates. Colour always comes with a shape, a size or a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from statuspage.snapshot import DayMark, Figures, Stretch
from statuspage.typography import short_month

STEP = 10
WEEKS = 54
HALF = 27
"""Weeks in each half of the calendar: two halves that stack on a phone, so that a day is never smaller than 12 px."""

DAY_S = 86_400
DAY_US = DAY_S * 1_000_000


class Mark(NamedTuple):
    kind: str
    """down | partly_down | degraded | slow | planned | unmeasured."""
    x: int
    y: int
    side: float
    """Side of the square of a day that was down: three sizes, under 2 min, under 10, longer."""
    mark: DayMark


@dataclass(frozen=True)
class Half:
    months: tuple[tuple[int, str], ...]
    dots: str
    """Path of the quiet days."""
    marks: tuple[Mark, ...]
    today: tuple[int, int] | None


@dataclass(frozen=True)
class Calendar:
    halves: tuple[Half, Half]


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


def calendar(days: Sequence[DayMark], lang: str) -> Calendar | None:
    """The days given (oldest first, today last) in weeks of seven; None without days, or where no year lies around them."""
    marks = {date.fromisoformat(day.on): day for day in days}
    today = max(marks, default=date.min)
    if not date.min.year + 1 < today.year < date.max.year:
        return None
    first = today - timedelta(days=364)
    origin = first - timedelta(days=first.weekday())
    return Calendar((_half(0, origin, marks, today, lang), _half(HALF, origin, marks, today, lang)))


def _half(first_week: int, origin: date, marks: dict[date, DayMark], today: date, lang: str) -> Half:
    dots: list[str] = []
    shapes: list[Mark] = []
    months: list[tuple[int, str]] = []
    ring: tuple[int, int] | None = None
    above: tuple[int, int] | None = None
    for n in range(HALF * 7):
        on = origin + timedelta(days=first_week * 7 + n)
        x, y = n // 7 * STEP + 5, n % 7 * STEP + 21
        if on.day == 1 and n // 7 < HALF - 2 and on <= today:
            months.append((x - 3, short_month(on.month, lang)))
        if on == today:
            ring = (x, y)
        mark = marks.get(on)
        if mark is None:
            continue
        if mark.state != "working":
            shapes.append(Mark(mark.state, x, y, _side(mark.down_s), mark))
            continue
        dots.append("m0 10h0" if above == (x, y - STEP) else f"M{x} {y}h0")
        above = (x, y)
    return Half(tuple(months), "".join(dots), tuple(shapes), ring)


def _side(down_s: int) -> float:
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
