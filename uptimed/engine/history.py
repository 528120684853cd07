"""
The picture of the past that the page draws: a mark for each local day, and the stretches of the last 24 hours.

Segments do not remember reasons, so the past knows `degraded` and not whether that was slow or partly down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from statuspage.snapshot import DayMark, Stretch
from uptimed.domain.civil import day_start, local_date
from uptimed.domain.states import Segment, State

DAY_US = 86_400_000_000
DAYS = 365
BLIND_DAY_US = 300_000_000
"""
A day with at least so much unmeasured time, and nothing worse, is marked `unmeasured`.

Shorter gaps only lower the lower bound.
"""

_WORD = {State.DEGRADED: "degraded", State.DOWN: "down", State.UNMEASURED: "unmeasured"}


def day_marks(segments: Sequence[Segment], timezone: str, service_start_us: int, now_us: int) -> tuple[DayMark, ...]:
    """One mark for every local day in service, today included, oldest first: the worst that happened in it."""
    days = _days(timezone, local_date(timezone, service_start_us).isoformat(), local_date(timezone, now_us).isoformat())
    troubled = [one for one in _filled(segments, max(service_start_us, days[0][1]), now_us) if one.point is not State.UP]
    marks = []
    at = 0
    for on, from_us, to_us in days:
        while at < len(troubled) and troubled[at].to_us <= from_us:
            at += 1
        lengths: dict[State, int] = {}
        ahead = at
        while ahead < len(troubled) and troubled[ahead].from_us < to_us:
            one = troubled[ahead]
            lengths[one.point] = lengths.get(one.point, 0) + min(one.to_us, to_us) - max(one.from_us, from_us)
            ahead += 1
        marks.append(_mark(on, lengths))
    return tuple(marks)


def last_day(segments: Sequence[Segment], now_us: int, edge_us: int = 0) -> tuple[Stretch, ...]:
    """What was not working in the last 24 hours. The live edge, of at most `edge_us` and not measured yet, is no stretch."""
    from_us = now_us - DAY_US
    last = segments[-1] if segments else None
    if last is not None and last.point is State.UNMEASURED and last.to_us >= now_us and now_us - last.from_us <= edge_us:
        segments = segments[:-1]
    return tuple(
        Stretch(max(one.from_us, from_us), one.to_us, _WORD[one.point])
        for one in segments
        if one.to_us > from_us and one.point is not State.UP
    )


def _mark(on: str, lengths: dict[State, int]) -> DayMark:
    blind_us = lengths.get(State.UNMEASURED, 0)
    if State.DOWN in lengths:
        state = "down"
    elif State.DEGRADED in lengths:
        state = "degraded"
    else:
        state = "unmeasured" if blind_us >= BLIND_DAY_US else "working"
    down_s, blind_s, degraded_s = (-(-lengths.get(one, 0) // 1_000_000) for one in (State.DOWN, State.UNMEASURED, State.DEGRADED))
    return DayMark(on, state, down_s, blind_s, degraded_s)


def _filled(segments: Sequence[Segment], from_us: int, to_us: int) -> list[Segment]:
    """The segments with unmeasured time before the first of them and after the last."""
    inside = [one for one in segments if one.to_us > from_us]
    begin_us = inside[0].from_us if inside else to_us
    end_us = inside[-1].to_us if inside else to_us
    before = [_blind(from_us, begin_us)] if begin_us > from_us else []
    after = [_blind(end_us, to_us)] if end_us < to_us else []
    return [*before, *inside, *after]


def _blind(from_us: int, to_us: int) -> Segment:
    return Segment(from_us, to_us, State.UNMEASURED, State.UP, State.DOWN)


@lru_cache(maxsize=64)
def _days(timezone: str, first: str, last: str) -> tuple[tuple[str, int, int], ...]:
    """(YYYY-MM-DD, start, end) of the local days from `first` to `last`, at most a year back. The same all day long."""
    end, start = date.fromisoformat(last), date.fromisoformat(first)
    start = max(start, end - timedelta(days=DAYS - 1))
    starts = [day_start(timezone, start + timedelta(days=n)) for n in range((end - start).days + 2)]
    return tuple(((start + timedelta(days=n)).isoformat(), starts[n], starts[n + 1]) for n in range(len(starts) - 1))
