"""Facts to words, for support: whether it is open, how fast a person answers, and how to reach one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from statuspage.snapshot import Snapshot, SupportView
from statuspage.voice import Voice

_WEEK_US = 6 * 86_400_000_000


Links = tuple[tuple[str, str], ...]
"""(address for the reader's program, text). The address is mailto:, tel:, http: or https:, and nothing else."""


@dataclass(frozen=True)
class Promise:
    severity: str
    means: str
    within: str
    hours: str


@dataclass(frozen=True)
class Contact:
    product: str
    links: Links


@dataclass(frozen=True)
class Support:
    is_open: bool
    sentence: str
    always: bool
    """Critical problems are answered at any hour."""
    promises: tuple[Promise, ...]
    contacts: tuple[Contact, ...]


def support_of(snapshot: Snapshot, voice: Voice) -> Support | None:
    support = snapshot.support
    if support is None:
        return None
    return Support(
        is_open=support.is_open,
        sentence=_sentence(support, snapshot.as_of_us, voice),
        always=any(severity == "critical" and clock == "always" for severity, _, clock in support.rows),
        promises=tuple(_promise(*row, voice) for row in support.rows),
        contacts=_contacts(snapshot, voice),
    )


def _contacts(snapshot: Snapshot, voice: Voice) -> tuple[Contact, ...]:
    """Products that are reached in the same way stand together."""
    together: dict[Links, list[str]] = {}
    for product in snapshot.products:
        if links := contact_links(product.support, voice):
            together.setdefault(links, []).append(voice.name(product.name))
    return tuple(Contact(voice.listed(names), links) for links, names in together.items())


def contact_links(support: Mapping[str, str], voice: Voice) -> Links:
    """Only addresses of known and harmless kinds become links; anything else is left out."""
    links = []
    email, phone, chat = (support.get(kind, "") for kind in ("email", "phone", "chat"))
    if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+", email):
        links.append((f"mailto:{quote(email, safe='@+')}", email))
    if re.fullmatch(r"\+?[0-9 ().-]{3,30}", phone):
        links.append((f"tel:{re.sub('[^0-9+]', '', phone)}", phone))
    if chat.startswith(("https://", "http://")) and (host := urlsplit(chat).hostname):
        links.append((chat, voice.say("support.chat", host=host)))
    return tuple(links)


def _sentence(support: SupportView, as_of_us: int, voice: Voice) -> str:
    state = "open" if support.is_open else "closed"
    at = support.changes_at_us
    if at is None:
        return voice.say(f"support.{state}")
    return voice.say(f"support.{state}_until", when=_when(at, as_of_us, voice, ending=support.is_open))


def _when(at_us: int, as_of_us: int, voice: Voice, *, ending: bool) -> str:
    """«Friday at midnight»: an end at 00:00 belongs to the day before; what is a week away needs its date."""
    midnight = voice.hms(at_us) == "00:00:00"
    on = voice.on(at_us) - timedelta(days=1) if midnight and ending else voice.on(at_us)
    day = voice.day(on, year=False, weekday=True) if at_us - as_of_us > _WEEK_US else voice.weekday(on)
    time = voice.say("support.midnight") if midnight and ending else voice.hm(at_us)
    return voice.say("support.at", day=day, time=time)


def _promise(severity: str, seconds: int, clock: str, voice: Voice) -> Promise:
    return Promise(
        severity=voice.say(f"severity.{severity}"),
        means=voice.say(f"severity.{severity}.means"),
        within=voice.say("support.within", within=_span(seconds, voice)),
        hours=voice.say(f"support.clock.{clock}"),
    )


def _span(seconds: int, voice: Voice) -> str:
    if seconds % (7 * 86_400) == 0:
        return voice.say.count("span.weeks", seconds // (7 * 86_400))
    return voice.left(seconds)
