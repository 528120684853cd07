"""Local days, months and years as intervals of instants (AVAILABILITY B6). A zone is given by its IANA name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = timedelta(microseconds=1)
YEARS = range(1970, 9001)
"""Of which a person may ask; around them every zone can still be computed."""


def zone(name: str) -> ZoneInfo:
    """ZoneInfoNotFoundError (a KeyError) or ValueError for a name that is none."""
    return ZoneInfo(name)


def micros(at: datetime) -> int:
    """An aware datetime as microseconds since 1970, exactly."""
    return (at - EPOCH) // US


def local(tz: str, at_us: int) -> datetime:
    return (EPOCH + at_us * US).astimezone(zone(tz))


def local_date(tz: str, at_us: int) -> date:
    return local(tz, at_us).date()


def instant_of(tz: str, naive: datetime) -> int:
    """
    The instant of a local wall clock reading.

    In a fold the first occurrence; in a gap the reading as far after the gap as it was into it (02:30 -> 03:30).
    """
    return micros(naive.replace(tzinfo=zone(tz), fold=0))


def instant_from(text: str, tz: str) -> int:
    """
    ISO 8601 with an offset, or a wall clock reading of that zone, as microseconds since 1970.

    ValueError, in a sentence, for what is no instant, and for a reading that a change of the clock repeats or leaves out.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no instant; write it like 2026-11-24T12:00:00Z, or without Z in {tz} time") from None
    if at.year not in YEARS:
        raise ValueError(f"{text!r} lies outside the years {YEARS[0]} to {YEARS[-1]}; look at its year")
    if at.tzinfo is not None:
        return micros(at)
    first, second = (at.replace(tzinfo=zone(tz), fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        what = "comes twice" if local(tz, micros(first)).replace(tzinfo=None) == at else "does not exist"
        raise ValueError(
            f"{text!r} {what} in {tz}, where the clock changes; add the offset you mean, {_offset(first)} or {_offset(second)}"
        )
    return micros(first)


def _offset(at: datetime) -> str:
    return at.isoformat()[-6:]


def first_at(tz: str, reading: datetime) -> int:
    """
    The first instant at which the local clock shows `reading` (naive) or later.

    Where the clock jumps over it: the end of the gap. Where it comes twice: the first time.
    """
    guess = instant_of(tz, reading)
    if _reads(tz, guess) >= reading and _reads(tz, guess - 1) < reading:
        return guess
    # In a gap; zones have skipped as much as a day.
    low, high = guess - 2 * 86_400_000_000, guess + 2 * 86_400_000_000
    while high - low > 1:
        middle = (low + high) // 2
        if _reads(tz, middle) >= reading:
            high = middle
        else:
            low = middle
    return high


def _reads(tz: str, at_us: int) -> datetime:
    return local(tz, at_us).replace(tzinfo=None)


@lru_cache(maxsize=4096)
def day_start(tz: str, day: date) -> int:
    """
    The first instant whose local date is `day` or later.

    Midnight, or what follows it where a zone jumps over midnight; in a fold at midnight, the first.
    """
    return first_at(tz, datetime.combine(day, datetime.min.time()))


def day_of(tz: str, at_us: int) -> date:
    """
    The local day in whose [start, next start) the instant lies.

    That is its local date, but where a zone goes back over midnight: the day that has begun stays begun.
    """
    day = local_date(tz, at_us)
    return day if at_us < day_start(tz, day + timedelta(days=1)) else day + timedelta(days=1)


def day_window(tz: str, day: date) -> tuple[int, int]:
    return day_start(tz, day), day_start(tz, day + timedelta(days=1))


def month_window(tz: str, year: int, month: int) -> tuple[int, int]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return day_start(tz, date(year, month, 1)), day_start(tz, following)


def year_window(tz: str, year: int) -> tuple[int, int]:
    return day_start(tz, date(year, 1, 1)), day_start(tz, date(year + 1, 1, 1))
