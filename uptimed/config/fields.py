"""Types of single values: what a text of the file may be, and the sentence when it is not (`what; what would be right`)."""

from __future__ import annotations

import base64
import ipaddress
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

from probes.options import Secret, SecretMissing, duration_us
from uptimed.config.problems import quoted

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_US = 36_525 * 86_400_000_000
"""A hundred years: longer durations are slips of the pen."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?"
)
_MAILBOX = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,190}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _line(text: str) -> str:
    # A newline in a value has become a header, a log line or a command in other programs.
    if _CONTROL.search(text):
        raise ValueError("it holds a line break or a control character; write one line")
    return text


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no id; write lower-case letters, digits and hyphens, at most 63")
    return text


def _former(path: str) -> str:
    if path.count("/") > 2 or not all(_ID.fullmatch(part) for part in path.split("/")):
        raise ValueError(f"{quoted(path)} is no path of old; write the ids that it had, such as shop/web/home")
    return path


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, dict) and value and set(value) <= {"en", "fr"}:
        return value
    raise ValueError("this is neither a text nor texts by language; write a text, or {en: ..., fr: ...}")


def _microseconds(text: Any) -> int:
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError("this is not a duration; write a number and a unit: 250ms, 30s, 5m, 8h or 7d")
    value = duration_us(text)
    if value > LONGEST_US:
        raise ValueError(f"{quoted(text)} is longer than a hundred years; write a shorter one")
    return value


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{quoted(text)} is no time zone; write an IANA name such as Europe/London") from None
    return text


def _percent(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,8})?", text) or Decimal(text) == 0:
        raise ValueError(f"{quoted(text)} is no availability; write a percentage below 100 such as 99.99")
    return text


def _share(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", text) or not 0 < Decimal(text) <= 100:
        raise ValueError(f"{quoted(text)} is no share; write a percentage above 0 and up to 100 such as 10")
    return text


def _day(text: Any) -> date:
    try:
        if not isinstance(text, str) or not re.fullmatch(r"(19[7-9]|20[0-9])[0-9]-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_shown(text)} is no date; write it like 2026-01-01") from None


def _minute(text: Any) -> int:
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if found is None or int(found[2]) > 59 or not 0 <= minute <= 1440:
        raise ValueError(f"{_shown(text)} is no time of day; write 00:00 to 24:00 in quotes")
    return minute


def _weekdays(text: Any) -> frozenset[int]:
    first, _, last = text.strip().lower().partition("-") if isinstance(text, str) else ("", "", "")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(f"{_shown(text)} are no days; write mon-fri, or one day such as sat")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _handover(text: Any) -> tuple[int, int]:
    day, _, clock = text.strip().lower().partition(" ") if isinstance(text, str) else ("", "", "")
    if day not in DAYS or not _CLOCK.fullmatch(clock):
        raise ValueError(f"{_shown(text)} is no handover; write a day and a time such as mon 09:00")
    minute = _minute(clock)
    if minute == 1440:
        raise ValueError(f"{_shown(text)} is the next day; write 00:00 of that day")
    return DAYS.index(day), minute


def _address(text: Any) -> tuple[str, int]:
    host, _, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    if host.startswith("[") and host.endswith("]"):
        host, good = host[1:-1], _is_address(host[1:-1])
    else:
        good = bool(_HOST.fullmatch(host))
    if not good or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise ValueError(f"{_shown(text)} is no address; write host:port such as 127.0.0.1:8080 or [::1]:8080")
    return host, int(port)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"{quoted(text)} is no network; write it like 10.20.0.0/16") from None


def _resolver(text: str) -> str:
    host, port = text, "53"
    if not _is_address(text):
        host, _, port = text.rpartition(":")
    if not _is_address(host.removeprefix("[").removesuffix("]")) or not re.fullmatch("[0-9]{1,5}", port):
        raise ValueError(f"{quoted(text)} is no resolver; write an address such as 9.9.9.9, 9.9.9.9:53 or [2620:fe::fe]:53")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text) and not _is_address(text):
        raise ValueError(f"{quoted(text)} is no host name; write it without scheme, port or path: status.example.com")
    return text.lower()


def _mailbox(text: str) -> str:
    if not _MAILBOX.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no mail address; write one such as ops@example.com")
    return text


def _web_url(text: str) -> str:
    if not is_url(text, {"http", "https"}):
        raise ValueError(f"{quoted(text)} is no web address; write it with http:// or https://")
    return text


def _reference(text: str) -> str:
    if not is_url(text, {"http", "https", "tcp"}):
        raise ValueError(f"{quoted(text)} cannot be reached; write https://www.example.org/ or tcp://192.0.2.1:53")
    return text


def _credential(secret: Secret) -> Secret:
    if not secret.template.strip():
        raise ValueError("it is empty; give it a value, or remove the key")
    return secret


def _secret_url(secret: Secret) -> Secret:
    if not _revealed(secret, {"http", "https"}):
        raise ValueError("this is no web address; write it with http:// or https://")
    return secret


def _signing(secret: Secret) -> Secret:
    try:
        text = secret.reveal()
    except SecretMissing:
        return secret
    try:
        if text.startswith("whsec_") and not base64.b64decode(text.removeprefix("whsec_"), validate=True):
            raise ValueError
    except ValueError:
        raise ValueError("after whsec_ comes no base64; write what the receiver gave you, or any other text") from None
    return secret


def _service_url(secret: Secret) -> Secret:
    if not _revealed(secret, None):
        raise ValueError("this is no apprise address; write service://... as its manual says")
    return secret


def _revealed(secret: Secret, schemes: set[str] | None) -> bool:
    """Whether the secret is a URL. One that cannot be revealed was said at its line already."""
    try:
        text = secret.reveal()
    except SecretMissing:
        return True
    return is_url(text, schemes) if schemes else "://" in text and not _CONTROL.search(text)


def is_url(text: str, schemes: set[str]) -> bool:
    if len(text) > 2_048 or re.search(r"\s", text) or _CONTROL.search(text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and port != 0 and (parts.scheme != "tcp" or port is not None)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else "this"


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _treatment(value: Any) -> Any:
    return {"treat": value} if isinstance(value, str) else value


def _written(pattern: str) -> WithJsonSchema:
    """What an editor should know of a value that is written as a text."""
    return WithJsonSchema({"type": "string", "pattern": pattern})


_DURATION = _written(r"^[0-9]+(\.[0-9]+)?(us|ms|s|m|h|d)$")
_NAMED = {"type": "string", "minLength": 1}

Short = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_line)]
Id = Annotated[str, AfterValidator(_id), _written("^[a-z0-9][a-z0-9-]{0,62}$")]
Former = Annotated[str, AfterValidator(_former), _written("^[a-z0-9][a-z0-9-]{0,62}(/[a-z0-9][a-z0-9-]{0,62}){0,2}$")]
WordsIn = Annotated[
    dict[str, Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_line)]],
    BeforeValidator(_words),
    WithJsonSchema(
        {
            "anyOf": [
                _NAMED,
                {"type": "object", "properties": {"en": _NAMED, "fr": _NAMED}, "additionalProperties": False, "minProperties": 1},
            ]
        }
    ),
]
DurationUs = Annotated[int, BeforeValidator(_microseconds), _DURATION]
Zone = Annotated[str, AfterValidator(_zone)]
Percent = Annotated[str, AfterValidator(_percent)]
Share = Annotated[str, AfterValidator(_share)]
Day = Annotated[date, BeforeValidator(_day), _written(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Minute = Annotated[int, BeforeValidator(_minute), _written(r"^[0-9]{1,2}:[0-9]{2}$")]
Weekdays = Annotated[frozenset[int], BeforeValidator(_weekdays), _written("^[a-zA-Z]{3}(-[a-zA-Z]{3})?$")]
Handover = Annotated[tuple[int, int], BeforeValidator(_handover), _written("^[a-zA-Z]{3} [0-9]{1,2}:[0-9]{2}$")]
Address = Annotated[tuple[str, int], BeforeValidator(_address), _written("^.+:[0-9]+$")]
Network = Annotated[str, AfterValidator(_network)]
Resolver = Annotated[str, AfterValidator(_resolver)]
Host = Annotated[str, AfterValidator(_host)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Reference = Annotated[str, AfterValidator(_reference)]
Credential = Annotated[Secret, AfterValidator(_credential), PlainSerializer(str)]
"""A secret that is there: an empty one would open the door it was to close."""
SecretUrl = Annotated[Secret, AfterValidator(_secret_url), PlainSerializer(str)]
Signing = Annotated[Credential, AfterValidator(_signing)]
ServiceUrl = Annotated[Secret, AfterValidator(_service_url), PlainSerializer(str)]
Names = Annotated[
    tuple[Short, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [_NAMED, {"type": "array", "items": _NAMED}]}),
]
Treatment = BeforeValidator(_treatment)
