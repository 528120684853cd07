"""
Everything a reader can ask for, rendered once and kept in memory: path -> bytes, gzip bytes, ETag.

`render` is pure and may run in a thread. Given the `Site` before, it takes over what cannot have changed (pages of closed
incidents), so that a new snapshot costs the home pages and little else.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from statuspage import api_v2, badges, crawlers, documents, drawing, feeds
from statuspage.i18n import spoken
from statuspage.incident_view import is_open
from statuspage.pages import home_page, incident_page, missing_page, static_files
from statuspage.snapshot import IncidentView, Snapshot
from statuspage.view import STALE_AFTER_US, is_stale
from statuspage.voice import Voice

__all__ = ["STALE_AFTER_US", "Ready", "Site", "render"]

SHORT = "public, max-age=15, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400"
"""RFC 5861: a cache may go on showing the last page while we are away."""
MINUTE = "public, max-age=60, stale-if-error=86400"
"""Badges and feeds: what other programs come back for."""
FOR_EVER = "public, max-age=31536000, immutable"

Kept = Mapping[str, tuple[object, "Ready"]]


@dataclass(frozen=True, eq=False)
class Ready:
    """One answer, complete but for the headers that all answers share."""

    body: bytes
    packed: bytes | None
    """The same in gzip; None where that would not be smaller."""
    etag: str
    """Hash of the bytes, without quotes."""
    content_type: str
    cache_control: str = SHORT
    language: str | None = None
    is_open: bool = False
    """Made for other programs: any web page may read it (CORS `*`)."""


@dataclass(frozen=True)
class Site:
    pages: Mapping[str, Ready]
    missing: Mapping[str, Ready]
    """What an address that is not there answers, by language."""
    languages: tuple[str, ...]
    """The first is for readers who ask for none of them."""
    host: str
    """Host name of the site's own address."""
    is_https: bool
    as_of_us: int
    rendered_us: int
    stale: bool
    kept: Kept
    """What pages of closed incidents and feeds were made from, for the next rendering."""


def render(snapshot: Snapshot, now_us: int, *, previous: Site | None = None) -> Site:
    """All pages and documents. `now_us` only decides whether, and how, the age of the facts is said."""
    languages = spoken(snapshot.languages)
    voices = [Voice(lang, snapshot.timezone) for lang in languages]
    pages = {f"/{asset.name}": _ready(asset.body, asset.content_type, FOR_EVER) for asset in static_files()}
    pages["/status.json"] = _document(documents.status(snapshot, now_us))
    pages.update((f"/api/v2/{path}", _document(document)) for path, document in api_v2.documents(snapshot).items())
    before = previous.kept if previous else {}
    kept: dict[str, tuple[object, Ready]] = {}
    pages["/robots.txt"] = _ready(crawlers.robots(snapshot), "text/plain; charset=utf-8", MINUTE)
    if snapshot.site_url:
        pages["/sitemap.xml"] = _ready(crawlers.sitemap(snapshot, languages), "application/xml; charset=utf-8", MINUTE)
    # Without a language: the site's first.
    pages.update(_badges(snapshot, voices[0], now_us, ""))
    calendars = [drawing.calendar(product.days) for product in snapshot.products]
    for voice in voices:
        pages[f"/{voice.lang}/"] = _page(home_page(snapshot, voice, now_us, calendars), voice.lang)
        pages[f"/{voice.lang}/index.json"] = _document(documents.home_twin(snapshot, voice, now_us), voice.lang)
        pages.update(_badges(snapshot, voice, now_us, f".{voice.lang}"))
        kept.update(_feeds(snapshot, voice, before))
        for incident in snapshot.incidents:
            if is_open(incident):
                pages.update(_incident(incident, snapshot, voice, now_us))
            else:
                kept.update(_closed_incident(incident, snapshot, voice, before))
    pages.update((path, ready) for path, (_, ready) in kept.items())
    address = urlsplit(snapshot.site_url)
    return Site(
        pages=pages,
        missing={voice.lang: _page(missing_page(snapshot, voice, now_us), voice.lang) for voice in voices},
        languages=languages,
        host=address.hostname or "",
        is_https=address.scheme == "https",
        as_of_us=snapshot.as_of_us,
        rendered_us=now_us,
        stale=is_stale(snapshot, now_us),
        kept=kept,
    )


def _badges(snapshot: Snapshot, voice: Voice, now_us: int, suffix: str) -> dict[str, Ready]:
    made = {}
    for path, badge in badges.badges(snapshot, voice, now_us).items():
        made[f"/badge/{path}{suffix}.svg"] = _ready(
            badges.drawn(badge, voice), "image/svg+xml", MINUTE, language=voice.lang, is_open=True
        )
        made[f"/badge/{path}{suffix}.json"] = _document(badges.endpoint(badge), voice.lang, MINUTE)
    return made


def _feeds(snapshot: Snapshot, voice: Voice, before: Kept) -> dict[str, tuple[object, Ready]]:
    """A feed is written again only when it has something else to say."""
    made: dict[str, tuple[object, Ready]] = {}
    for stem, feed in feeds.feeds(snapshot, voice).items():
        for ending, write in (("atom", feeds.atom), ("rss", feeds.rss)):
            path = f"{stem}.{ending}"
            if path in before and before[path][0] == feed:
                made[path] = before[path]
                continue
            ready = _ready(write(feed), feeds.CONTENT_TYPES[ending], MINUTE, language=voice.lang, is_open=True)
            made[path] = (feed, ready)
    return made


def _incident(incident: IncidentView, snapshot: Snapshot, voice: Voice, now_us: int) -> dict[str, Ready]:
    """The page of an incident and its twin."""
    path = f"/{voice.lang}/i/{incident.id}/"
    return {
        path: _page(incident_page(incident, snapshot, voice, now_us), voice.lang),
        f"{path}index.json": _document(documents.incident_twin(incident, snapshot, voice), voice.lang),
    }


def _closed_incident(incident: IncidentView, snapshot: Snapshot, voice: Voice, before: Kept) -> Kept:
    """A closed incident does not age: its page carries no banner and is rendered once."""
    made_from = _ingredients(incident, snapshot)
    path = f"/{voice.lang}/i/{incident.id}/"
    if path in before and before[path][0] == made_from:
        return {path: before[path], f"{path}index.json": before[f"{path}index.json"]}
    made = _incident(incident, snapshot, voice, snapshot.as_of_us)
    return {path: (made_from, ready) for path, ready in made.items()}


def _ingredients(incident: IncidentView, snapshot: Snapshot) -> object:
    """All that the page of a closed incident shows."""
    names = [(p.name, [(c.id, c.name) for c in p.components]) for p in snapshot.products if p.id == incident.product]
    places = [(place.id, place.name) for place in snapshot.locations]
    return incident, names, places, snapshot.site_name, snapshot.site_url, snapshot.languages, snapshot.timezone


def _page(html: str, lang: str) -> Ready:
    return _ready(html.encode(), "text/html; charset=utf-8", SHORT, language=lang)


def _document(document: Mapping[str, Any], lang: str | None = None, cache_control: str = SHORT) -> Ready:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return _ready(body, "application/json; charset=utf-8", cache_control, language=lang, is_open=True)


def _ready(body: bytes, content_type: str, cache_control: str, *, language: str | None = None, is_open: bool = False) -> Ready:
    packed = gzip.compress(body, 6, mtime=0)
    return Ready(
        body=body,
        packed=packed if len(packed) < len(body) else None,
        etag=hashlib.sha256(body).hexdigest()[:20],
        content_type=content_type,
        cache_control=cache_control,
        language=language,
        is_open=is_open,
    )
