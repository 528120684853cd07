"""Types of single values: what a text of the file may be, and the sentence when it is not (`what; what would be right`)."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from probes.options import duration_us

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\Z")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _id(text: str) -> str:
    if not _ID.match(text):
        raise ValueError(f"{text!r} is no id; write lower-case letters, digits and hyphens, at most 63")
    return text


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and value and set(value) <= {"en", "fr"}:
        return value
    raise ValueError("this is neither a text nor texts by language; write a text, or {en: ..., fr: ...}")


def _microseconds(text: Any) -> int:
    return duration_us(str(text))


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{text!r} is no time zone; write an IANA name such as Europe/London") from None
    return text


def _percent(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not Decimal(0) < value < Decimal(100) or not re.fullmatch(r"\d+(\.\d{1,8})?", text):
        raise ValueError(f"{text!r} is no availability; write a percentage below 100 such as 99.99")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date; write it like 2026-01-01") from None


def _minute(text: str) -> int:
    found = _CLOCK.match(text)
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if found is None or int(found[2]) > 59 or not 0 <= minute <= 1440:
        raise ValueError(f"{text!r} is no time of day; write 00:00 to 24:00 in quotes")
    return minute


def _weekdays(text: str) -> frozenset[int]:
    first, _, last = text.strip().lower().partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(f"{text!r} are no days; write mon-fri, or one day such as sat")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _handover(text: str) -> tuple[int, int]:
    day, _, clock = text.strip().lower().partition(" ")
    if day not in DAYS or not _CLOCK.match(clock):
        raise ValueError(f"{text!r} is no handover; write a day and a time such as mon 09:00")
    return DAYS.index(day), _minute(clock)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{text!r} is no address; write host:port such as 127.0.0.1:8080 or [::1]:8080")
    return host, int(port)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no network; write it like 10.20.0.0/16") from None


def _web_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{text[:80]!r} is no web address; write it with http:// or https://")
    return text


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Id = Annotated[str, StringConstraints(max_length=200), AfterValidator(_id)]
WordsIn = Annotated[dict[str, Annotated[str, StringConstraints(min_length=1, max_length=2_000)]], BeforeValidator(_words)]
DurationUs = Annotated[int, BeforeValidator(_microseconds)]
Zone = Annotated[str, AfterValidator(_zone)]
Percent = Annotated[str, AfterValidator(_percent)]
Day = Annotated[date, BeforeValidator(_day)]
Minute = Annotated[int, BeforeValidator(_minute)]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays)]
Handover = Annotated[tuple[int, int], BeforeValidator(_handover)]
Address = Annotated[tuple[str, int], BeforeValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Names = Annotated[tuple[Short, ...], BeforeValidator(_one_or_more)]
