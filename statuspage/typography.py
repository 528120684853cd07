"""
Numbers, durations, dates and lists as people write them in English and French.

Written by hand, not asked of the machine's locale, so that page, static copy and mail agree byte for byte on every machine.
Downtime is rounded up and remaining budget down: whoever calls says which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NB, NNB = "\u00a0", "\u202f"

MINUTE, HOUR, DAY = 60, 3600, 86400

_SHORT_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
}
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
}
_WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
}
_NUMBERS = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"],
}
_FRENCH_CITIES = {
    "London": "Londres",
    "Lisbon": "Lisbonne",
    "Brussels": "Bruxelles",
    "Vienna": "Vienne",
    "Copenhagen": "Copenhague",
    "Warsaw": "Varsovie",
    "Rome": "Rome",
    "Athens": "Athènes",
    "Dublin": "Dublin",
    "Zurich": "Zurich",
    "Montreal": "Montréal",
    "Singapore": "Singapour",
}


@cache
def zone(name: str) -> tzinfo:
    """The zone of that IANA name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local(us: int, tz: tzinfo) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, tz)


def iso(us: int) -> str:
    """`2026-11-24T13:07:32Z`, cut to the second."""
    return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=8192)
def iso_ms(us: int) -> str:
    """`2026-11-24T13:07:32.123Z`, as the Statuspage API writes instants."""
    return f"{iso(us)[:-1]}.{us // 1000 % 1000:03d}Z"


def zone_label(name: str, lang: str) -> str:
    """ "London time", « heure de Londres », UTC."""
    if name in {"UTC", "Etc/UTC", "GMT", "Etc/GMT"}:
        return "UTC"
    city = name.rsplit("/", 1)[-1].replace("_", " ")
    if lang != "fr":
        return f"{city} time"
    city = _FRENCH_CITIES.get(city, city)
    return f"heure d’{city}" if city[0] in "AEIOUYÉ" else f"heure de {city}"


def number(value: int, lang: str) -> str:
    """25,920 or 25 920."""
    return f"{value:,}".replace(",", NNB) if lang == "fr" else f"{value:,}"


def in_words(value: int, lang: str) -> str:
    """one to ten in letters, larger numbers in figures."""
    return _NUMBERS[lang][value] if value <= 10 else number(value, lang)


def percent(text: str, lang: str) -> str:
    """A percentage that the account already cut for display ("99.9931"); only its dress changes."""
    return text.replace(".", ",") + NB + "%" if lang == "fr" else text + "%"


def share(part: int, whole: int, lang: str) -> str:
    """Rounded up, so that a budget is not shown less used than it is."""
    value = -(-part * 100 // whole) if whole else 100
    return percent(str(value), lang)


def duration(seconds: int, lang: str, *, up: bool = True) -> str:
    """16 min 30 s, 1 h 02 min, 3 d 04 h: two units, never 0.27 h. What is left out is rounded up, or down with `up=False`."""
    seconds = _to_step(max(0, seconds), HOUR, MINUTE, up=up)
    seconds = _to_step(seconds, DAY, HOUR, up=up)
    if seconds < MINUTE:
        return f"{seconds}{NB}s"
    if seconds < HOUR:
        return _pair(seconds, MINUTE, "min", 1, "s")
    if seconds < DAY:
        return _pair(seconds, HOUR, "h", MINUTE, "min")
    return _pair(seconds, DAY, "j" if lang == "fr" else "d", HOUR, "h")


def _to_step(seconds: int, beyond: int, step: int, *, up: bool) -> int:
    """From `beyond` on only whole steps are said."""
    if seconds < beyond:
        return seconds
    return (seconds + step - 1 if up else seconds) // step * step


def _pair(seconds: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    head = f"{seconds // large}{NB}{large_unit}"
    rest = seconds % large // small
    return f"{head}{NB}{rest:02d}{NB}{small_unit}" if rest else head


def clock(us: int, lang: str, tz: tzinfo) -> str:
    """14:07 or 14 h 07; 24 hours in both languages."""
    at = local(us, tz)
    return f"{at.hour}{NB}h{NB}{at.minute:02d}" if lang == "fr" else f"{at:%H:%M}"


def clock_seconds(us: int, tz: tzinfo) -> str:
    return f"{local(us, tz):%H:%M:%S}"


def day(on: date, lang: str, *, short: bool = False, year: bool = True, weekday: bool = False) -> str:
    """24 November 2026, 1er mars: never 03/12/2026."""
    month = (_SHORT_MONTHS if short else _MONTHS)[lang][on.month - 1]
    ordinal = "1er" if lang == "fr" and on.day == 1 else str(on.day)
    text = f"{ordinal}{NB}{month}{f'{NB}{on.year}' if year else ''}"
    return f"{_WEEKDAYS[lang][on.weekday()]} {text}" if weekday else text


def weekday_name(on: date, lang: str) -> str:
    return _WEEKDAYS[lang][on.weekday()]


def month_name(month: int, lang: str) -> str:
    return _MONTHS[lang][month - 1]


def short_month(month: int, lang: str) -> str:
    return _SHORT_MONTHS[lang][month - 1]


def listed(items: Sequence[str], lang: str) -> str:
    """Paris, Frankfurt and Montréal."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'et' if lang == 'fr' else 'and'} {items[-1]}"


def spaced(text: str, lang: str) -> str:
    """Our own strings with their spaces put right: a number stays with its unit, and French punctuation with its word."""
    text = re.sub(r"(\d|\}) (min|s|h|d|j|UTC)\b", rf"\1{NB}\2", text)
    if lang != "fr":
        return text
    text = re.sub(r" ([;?!])", rf"{NNB}\1", text)
    text = re.sub(r" ([:%])", rf"{NB}\1", text)
    return text.replace("« ", f"«{NB}").replace(" »", f"{NB}»").replace("'", "’")
