"""When support is open (AVAILABILITY B14): whole local days, or a part of each, holidays left out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from uptimed.domain.catalogue import SupportHours
from uptimed.domain.civil import day_of, day_start, first_at


class BeyondCalendar(LookupError):
    """The holidays of that year are not known: a guess would be a wrong deadline."""


def _open_part(support: SupportHours, day: date) -> tuple[int, int] | None:
    """The open stretch of a local day as instants; None when it is closed."""
    if support.years and day.year not in support.years:
        raise BeyondCalendar(f"the holidays of {day.year} are not known; extend the holiday calendar")
    if day.weekday() not in support.weekdays or day in support.holidays:
        return None
    return _at_minute(support.timezone, day, support.from_minute), _at_minute(support.timezone, day, support.to_minute)


def _at_minute(tz: str, day: date, minute: int) -> int:
    if minute in {0, 1440}:
        return day_start(tz, day + timedelta(days=minute // 1440))
    return first_at(tz, datetime.combine(day, time(minute // 60, minute % 60)))


def is_open(support: SupportHours, at_us: int) -> bool:
    part = _open_part(support, day_of(support.timezone, at_us))
    return part is not None and part[0] <= at_us < part[1]


def next_change_us(support: SupportHours, at_us: int) -> int | None:
    """When it closes, if open, or opens; None when nothing changes for a year."""
    now = is_open(support, at_us)
    day = day_of(support.timezone, at_us)
    for ahead in range(400):
        part = _open_part(support, day + timedelta(days=ahead))
        for edge_us in part or (day_start(support.timezone, day + timedelta(days=ahead)),):
            if edge_us > at_us and is_open(support, edge_us) != now:
                return edge_us
    return None


def open_between(support: SupportHours, from_us: int, to_us: int) -> int:
    """Open time in [from_us, to_us), microseconds."""
    if to_us <= from_us:
        return 0
    total = 0
    day, last = day_of(support.timezone, from_us), day_of(support.timezone, to_us - 1)
    while day <= last:
        part = _open_part(support, day)
        if part is not None:
            total += max(0, min(part[1], to_us) - max(part[0], from_us))
        day += timedelta(days=1)
    return total


def opened_for(support: SupportHours, from_us: int, length_us: int) -> int:
    """The earliest instant at which `length_us` of open time has passed since `from_us`."""
    if length_us <= 0:
        return from_us
    day = day_of(support.timezone, from_us)
    left = length_us
    for ahead in range(4000):
        part = _open_part(support, day + timedelta(days=ahead))
        if part is None:
            continue
        begin_us = max(part[0], from_us)
        if part[1] - begin_us >= left:
            return begin_us + left
        left -= max(0, part[1] - begin_us)
    raise BeyondCalendar("support never opens; give it open days")
