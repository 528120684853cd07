"""
Geometry of the drawings: where a figure stands between its bounds, the days of a month, and the worst windows.

Only numbers and paths come out; `templates/drawings.html` makes SVG of them, for the page and for paper. Where to draw is no
figure: here floats do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log10

from statuspage.drawing import mark
from uptimed.domain.availability import Account
from uptimed.domain.figures import FULL, Figures
from uptimed.domain.worst import Window
from uptimed.engine.history import BLIND_DAY_US

STEP, ROW = 9, 12
"""Of the days of a month."""


@dataclass(frozen=True)
class Scale:
    """From twice the budget (0) to no downtime (200); the target stands at 100."""

    lower: str
    point: str | None
    upper: str


@dataclass(frozen=True)
class Bar:
    """The budget on a scale of 0 to 125 %, in percent of the drawing's width; the limit stands at 80."""

    used: str
    possible: str


def scale(its: Account) -> Scale | None:
    """None when nothing is counted: there is no budget to compare with."""
    if not its.budget_ns or not its.figures.n_us:
        return None

    def x(downtime_ns: int) -> str:
        return _n(max(0.0, min(200.0, 200 - 100 * float(downtime_ns / its.budget_ns))))

    sums = its.figures
    return Scale(x(sums.d_hi_ns), x(sums.d_ns) if its.point is not None else None, x(sums.d_lo_ns))


def bar(its: Account) -> Bar | None:
    if not its.budget_ns:
        return None
    used, possible = (min(float(one / its.budget_ns), 1.25) * 80 for one in (its.figures.d_ns, its.figures.d_hi_ns))
    return Bar(_n(used), _n(max(0.0, possible - used)))


# Days


def state_of(day: Figures) -> str:
    """What a day is marked with: the worst of it; a short silence only lowers the lower bound."""
    if day.down_us:
        return "down"
    if day.degraded_us:
        return "degraded"
    if day.maintenance_us:
        return "planned"
    if day.excluded_us:
        return "excluded"
    return "unmeasured" if day.u_us >= BLIND_DAY_US else "working"


def side_of(down_us: int) -> float:
    """Three sizes: under 2 min, under 10, longer."""
    return 5.0 if down_us < 120_000_000 else 6.4 if down_us < 600_000_000 else 8.4


def shape(state: str, x: int, y: int, side: float) -> str:
    """Path of a day's mark around (x, y). A dot has a length, for what has none is not printed everywhere."""
    own = {"excluded": f"M{x - 3} {y}h6", "working": f"M{x} {y}h.01"}
    return own.get(state) or mark(state, x, y, side)


def days(days_of_month: Sequence[tuple[int, Figures]]) -> tuple[tuple[str, str], ...]:
    """(state, path) of all marks of that state; `days_of_month` holds (day of the month, its sums)."""
    paths: dict[str, list[str]] = {}
    for day, sums in days_of_month:
        state = state_of(sums)
        paths.setdefault(state, []).append(shape(state, (day - 1) * STEP + 5, ROW // 2, side_of(sums.down_us)))
    return tuple((state, "".join(its)) for state, its in paths.items())


# Worst windows

WIDTH, HEIGHT = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 66, 14, 12, 34
NINES = 5.6
"""The top of the drawing: no downtime at all."""


@dataclass(frozen=True)
class Curve:
    """Availability in the worst window, by its length. Upwards: one nine more; across: the logarithm of the length."""

    line: str
    band: str
    target_y: str
    ticks_x: tuple[tuple[str, str], ...]
    """(x, what stands there)."""
    ticks_y: tuple[tuple[str, str], ...]


def curve(
    windows: Sequence[Window], target: str, lengths: Sequence[tuple[int, str]], heights: Sequence[tuple[str, str]]
) -> Curve | None:
    """
    `lengths` are the (length, words) to be named below, `heights` the (percent, words) to the left.

    None when there are not two windows to draw.
    """
    known = [one for one in windows if one.d_ns is not None]
    if len(known) < 2:
        return None
    first_us, last_us = known[0].length_us, known[-1].length_us

    def x(length_us: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log(length_us / first_us) / log(last_us / first_us)

    def at(one: Window, downtime_ns: int | None) -> str:
        return f"{_n(x(one.length_us))} {_n(_y(1 - (downtime_ns or 0) / (FULL * one.length_us)))}"

    upper = [at(one, one.d_lo_ns) for one in known]
    lower = [at(one, one.d_hi_ns) for one in reversed(known)]
    return Curve(
        line="M" + "L".join(at(one, one.d_ns) for one in known),
        band="M" + "L".join([*upper, *lower]) + "z",
        target_y=_n(_y(float(target) / 100)),
        ticks_x=tuple((_n(x(length_us)), words) for length_us, words in lengths if first_us <= length_us <= last_us),
        ticks_y=tuple((_n(_y(float(percent) / 100)), words) for percent, words in heights),
    )


def _y(availability: float) -> float:
    nines = min(NINES, -log10(max(1 - availability, 1e-12)))
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - nines / NINES)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
