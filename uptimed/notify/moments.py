"""
Instants, durations and lists in English and French, as UX section 5 wants them.

Written by hand rather than taken from a locale, so that page, mail and terminal agree on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
NARROW = "\u202f"

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}


def parsed(text: object) -> datetime | None:
    """An RFC 3339 instant of a payload; None for everything else."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def day(at: datetime, language: str) -> str:
    number = "1er" if language == "fr" and at.day == 1 else str(at.day)
    return f"{number}{NBSP}{_MONTHS[language].split()[at.month - 1]}{NBSP}{at.year}"


def time_of_day(at: datetime, language: str) -> str:
    """`14:07`, `9 h 02`."""
    return f"{at.hour}{NBSP}h{NBSP}{at.minute:02}" if language == "fr" else f"{at:%H:%M}"


def zone_name(at: datetime) -> str:
    """`GMT`, `CEST`; zones without letters (`-03`) get them: `UTC-03`."""
    name = at.tzname() or "UTC"
    return f"UTC{name}" if name[:1] in "+-" else name


def local(at: datetime, zone: ZoneInfo) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:  # the first and the last day of the calendar
        return at


def short_moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """For a pager: `14:07 GMT`."""
    here = local(at, zone)
    return f"{time_of_day(here, language)}{NBSP}{zone_name(here)}"


def moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """In the site's zone, and to the second in UTC: `24 November 2026, 14:07 GMT (14:07:03 UTC)`."""
    here = local(at, zone)
    evidence = f"{at:%H:%M:%S}" if here.date() == at.date() else f"{at.date().isoformat()} {at:%H:%M:%S}"
    return f"{day(here, language)}, {short_moment(at, zone, language)} ({evidence}{NBSP}UTC)"


def duration(seconds: float, *, up: bool = True) -> str:
    """`16 min 30 s`, `1 h 02 min`: the same in both languages, rounded up as every downtime is, or down as what is left of it."""
    whole = max(0, -int(-seconds // 1) if up else int(seconds // 1))
    if whole < 60:
        return f"{whole}{NBSP}s"
    if whole < 3_600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes}{NBSP}min" + (f"{NBSP}{rest:02}{NBSP}s" if rest else "")
    minutes = -(-whole // 60) if up else whole // 60
    return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02}{NBSP}min"


def listed(names: Sequence[str], language: str) -> str:
    """`Paris, Frankfurt and Montréal`, `Paris, Francfort et Montréal`."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + (" et " if language == "fr" else " and ") + names[-1]
