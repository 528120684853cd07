"""
A message's payload, read with tolerance: whatever is missing or odd becomes an empty text, never an exception.

Everything that leaves here is bounded and inert. Peer text was made inert when it came in; it is done again, because a row of the
outbox may have been written by another version or by hand, and a page must not be lost over it (RELIABILITY S20, R13).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from uptimed.domain.catalogue import Words
from uptimed.domain.messages import Message
from uptimed.notify.moments import parsed

NAME_LIMIT = 80
LINE_LIMIT = 200
TEXT_LIMIT = 2_000
"""An update by a person; the rest of it is behind the link."""
NAMES_LIMIT = 12

_DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Controls, bidirectional marks, surrogates, line and paragraph separators. The spaces of French typography (Zs) stay."""


def clean(text: object, limit: int = LINE_LIMIT) -> str:
    """One line of harmless text, at most `limit` characters; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    text = text[: limit * 2]
    if not text.isascii() or not text.isprintable():
        text = "".join("\ufffd" if unicodedata.category(letter) in _DANGEROUS else letter for letter in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def paragraphs(text: object, limit: int = TEXT_LIMIT) -> str:
    """Text of a person with its line breaks, each line clean; never more than one empty line in a row."""
    if not isinstance(text, str):
        return ""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    lines = [clean(line.rstrip(), limit) for line in cut.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()


def in_language(words: object, language: str, fallback: str = "") -> str:
    """A text in this language, else in English, else in whatever it was written; uncleaned."""
    if isinstance(words, str):
        return words
    if not isinstance(words, Mapping):
        return fallback
    for choice in (language, "en", *words):
        text = words.get(choice)
        if isinstance(text, str) and text:
            return text
    return fallback


@dataclass(frozen=True)
class News:
    """An update as the message tells it."""

    text: str
    author: str
    """Empty when the checks wrote it."""


@dataclass(frozen=True)
class Budget:
    """A product's allowed downtime of a year, in whole seconds."""

    rule: str = ""
    year: str = ""
    target: str = ""
    """Percent, as promised."""
    allowed_s: int = 0
    used_s: int = 0
    left_s: int = 0
    """Below zero: overdrawn."""
    window_s: int = 0
    """Of a burn rate: the long window, and the downtime in it."""
    window_down_s: int = 0
    ends_at: datetime | None = None
    """At the present pace."""

    @classmethod
    def of(cls, budget: Mapping[str, Any]) -> Budget:
        seconds = _mapping(budget.get("seconds"))
        window = _mapping(next(iter(_list(budget.get("windows"))), None))
        return cls(
            rule=clean(budget.get("rule"), NAME_LIMIT),
            year=str(_whole(budget.get("year"))),
            target=clean(budget.get("target"), NAME_LIMIT),
            allowed_s=_whole(seconds.get("allowed")),
            used_s=_whole(seconds.get("used")),
            left_s=_whole(seconds.get("remaining")),
            window_s=_whole(window.get("seconds")),
            window_down_s=_whole(window.get("downtime")),
            ends_at=parsed(budget.get("projected_exhaustion")),
        )


@dataclass(frozen=True)
class Facts:
    """What the wordings are made of, in one language."""

    id: str = ""
    product: str = ""
    components: tuple[str, ...] = ()
    severity: str = ""
    stage: str = ""
    title: str = ""
    automatic: bool = True
    reason: str = ""
    detail: str = ""
    check: str = ""
    places: tuple[str, ...] = ()
    began_at: datetime | None = None
    since: datetime | None = None
    """What goes on now began then; of an incident that was opened again, later than the incident."""
    down: tuple[str, ...] = ()
    """Of its components, those that the checks see down now."""
    down_s: int | None = None
    """How long its outages lasted, together."""
    ended_at: datetime | None = None
    """Measured end, else the instant of the resolution."""
    respond_by: datetime | None = None
    acknowledged: bool = False
    url: str = ""
    step: int = 0
    news: News | None = None
    channel: str = ""
    repeat: bool = False
    budget: Budget = Budget()
    silent: tuple[tuple[str, datetime | None], ...] = ()
    """Components that are not measured, or were not, each since when."""

    @classmethod
    def of(cls, message: Message, language: str, places: Mapping[str, Words]) -> Facts:
        payload = _mapping(message.payload)
        budget = _mapping(payload.get("budget"))
        if budget:
            return cls(
                product=clean(in_language(budget.get("product_name"), language) or budget.get("product"), NAME_LIMIT),
                url=_link(budget.get("url"), language),
                budget=Budget.of(budget),
                repeat=message.possible_repeat,
                channel=clean(message.channel, NAME_LIMIT),
            )
        if "measurement" in payload:
            entries = _list(_mapping(payload.get("measurement")).get("components"))
            return cls(
                silent=_silent(entries, language),
                repeat=message.possible_repeat,
                channel=clean(message.channel, NAME_LIMIT),
            )
        monitor = _mapping(payload.get("monitor"))
        if monitor:
            return cls(
                reason=clean(monitor.get("reason"), NAME_LIMIT),
                detail=clean(monitor.get("detail")),
                began_at=parsed(monitor.get("since")),
                places=_names([monitor.get("location")], language, places),
                repeat=message.possible_repeat,
                channel=clean(message.channel, NAME_LIMIT),
            )
        incident = _mapping(payload.get("incident"))
        step = payload.get("step")
        return cls(
            id=clean(incident.get("id") or message.incident, NAME_LIMIT),
            product=clean(in_language(incident.get("product_name"), language) or incident.get("product"), NAME_LIMIT),
            components=_names(_list(incident.get("components")), language, {}),
            severity=clean(incident.get("severity"), NAME_LIMIT),
            stage=clean(incident.get("stage"), NAME_LIMIT),
            title=clean(in_language(incident.get("title"), language)),
            automatic=incident.get("automatic", bool(incident.get("reason"))) is not False,
            reason=clean(incident.get("reason"), NAME_LIMIT),
            detail=clean(incident.get("detail")),
            check=clean(incident.get("check")),
            places=_names(_list(incident.get("locations")), language, places),
            began_at=parsed(incident.get("began_at")),
            since=parsed(incident.get("since")) or parsed(incident.get("began_at")),
            down=_names([one for one in _list(incident.get("components")) if _is_among(one, incident.get("down"))], language, {}),
            down_s=_seconds(incident.get("down_seconds")),
            ended_at=parsed(incident.get("ended_at")) or parsed(incident.get("resolved_at")),
            respond_by=parsed(incident.get("respond_by")),
            acknowledged=bool(incident.get("acknowledged_at")),
            url=_link(incident.get("url"), language),
            step=step if isinstance(step, int) and 0 <= step < 1_000 else 0,
            news=_news(payload.get("update"), language),
            channel=clean(message.channel, NAME_LIMIT),
            repeat=message.possible_repeat,
        )


def _is_among(entry: object, ids: object) -> bool:
    return _mapping(entry).get("id") in _list(ids)


def _seconds(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _names(entries: Iterable[Any], language: str, known: Mapping[str, Words]) -> tuple[str, ...]:
    """Names of things given as ids or as {"id", "name": {language: text}}; a long list is cut, and says so."""
    names = []
    for entry in entries:
        item = _mapping(entry)
        own_id = item.get("id") if item else entry
        words = item.get("name") if item else known.get(entry) if isinstance(entry, str) else None
        name = clean(in_language(words, language) or own_id, NAME_LIMIT)
        if name:
            names.append(name)
    return tuple(names) if len(names) <= NAMES_LIMIT else (*names[: NAMES_LIMIT - 1], f"+{len(names) - NAMES_LIMIT + 1}")


def _silent(entries: Iterable[Any], language: str) -> tuple[tuple[str, datetime | None], ...]:
    """`Web application (Sign In App)` with its instant; a long list is cut, and says so."""
    found = []
    for item in map(_mapping, entries):
        name = clean(in_language(item.get("name"), language) or item.get("id"), NAME_LIMIT)
        product = clean(in_language(item.get("product_name"), language) or item.get("product"), NAME_LIMIT)
        if name:
            found.append((f"{name} ({product})" if product else name, parsed(item.get("since"))))
    return tuple(found) if len(found) <= NAMES_LIMIT else (*found[: NAMES_LIMIT - 1], (f"+{len(found) - NAMES_LIMIT + 1}", None))


def _whole(value: object) -> int:
    """Seconds, or a year: a whole number of a size that can be meant."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**10 else 0


def _link(url: object, language: str) -> str:
    """The page in the reader's language: links are made for English and differ in one part of the path."""
    link = clean(url, LINE_LIMIT * 2)
    if not link.startswith(("http://", "https://")) or " " in link or link.endswith("…"):
        return ""
    return re.sub(r"/en/(?=i/|$)", f"/{language}/", link, count=1)


def _news(update: object, language: str) -> News | None:
    said = _mapping(update)
    text = paragraphs(in_language(said.get("text"), language))
    if not text:
        return None
    return News(text, "" if said.get("automatic") is True else clean(said.get("author"), NAME_LIMIT))
