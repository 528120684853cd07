"""
Atom (RFC 4287) and RSS 2.0: one entry for each news item, newest first, of all products or of one, in one language.

Feeds are carried away from the site, so their links are whole: a site whose own address is not configured has none. Nothing in them
depends on the present instant, so a feed changes only when there is news.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from itertools import islice
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

from statuspage.incident_view import component_names, news_of, product_of
from statuspage.markup import element, written
from statuspage.snapshot import IncidentView, ProductView, Snapshot, UpdateView
from statuspage.typography import iso
from statuspage.voice import Voice

ENTRIES_AT_MOST = 50

CONTENT_TYPES = {"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8"}


@dataclass(frozen=True)
class Entry:
    id: str
    """A tag URI (RFC 4151): the same in every feed of the language, whatever becomes of the text."""
    at_us: int
    title: str
    link: str
    html: str
    lang: str
    """Of the text, which may not be there in the feed's language."""
    product: str
    product_name: str


@dataclass(frozen=True)
class Feed:
    title: str
    address: str
    """Its own, without the ending."""
    page: str
    """The page that it goes with."""
    lang: str
    author: str
    updated_us: int
    entries: tuple[Entry, ...]


def feeds(snapshot: Snapshot, voice: Voice) -> dict[str, Feed]:
    """Path without ending -> feed: of the site, and of each product."""
    if not snapshot.site_url:
        return {}
    said = sorted(
        ((update, incident) for incident in snapshot.incidents for update in incident.updates),
        key=lambda pair: pair[0].at_us,
        reverse=True,
    )
    found = {f"/{voice.lang}/feed": _feed(f"/{voice.lang}/feed", snapshot.site_name, said, snapshot, voice)}
    for product in snapshot.products:
        path = f"/{voice.lang}/p/{product.id}/feed"
        its = [(update, incident) for update, incident in said if incident.product == product.id]
        found[path] = _feed(path, voice.name(product.name), its, snapshot, voice)
    return found


def _feed(path: str, name: str, said: Iterable[tuple[UpdateView, IncidentView]], snapshot: Snapshot, voice: Voice) -> Feed:
    entries = tuple(_entry(update, incident, snapshot, voice) for update, incident in islice(said, ENTRIES_AT_MOST))
    root = snapshot.site_url.rstrip("/")
    return Feed(
        title=voice.say("feed.title", name=name),
        address=root + quote(path),
        page=f"{root}/{voice.lang}/",
        lang=voice.lang,
        author=snapshot.site_name,
        updated_us=entries[0].at_us if entries else snapshot.site_created_us,
        entries=entries,
    )


def _entry(update: UpdateView, incident: IncidentView, snapshot: Snapshot, voice: Voice) -> Entry:
    product = product_of(incident, snapshot)
    news = news_of(update, component_names(product, voice), voice)
    paragraphs = [news.text.text, *news.changes, *([voice.say("feed.automatic")] if news.automatic else [])]
    year = datetime.fromtimestamp(update.at_us // 1_000_000, UTC).year
    return Entry(
        id=f"tag:{urlsplit(snapshot.site_url).hostname},{year}:{voice.lang}/{quote(update.id)}",
        at_us=update.at_us,
        title=voice.say("feed.entry", stage=news.stage, incident=voice.name(incident.title)),
        link=f"{snapshot.site_url.rstrip('/')}/{voice.lang}/i/{quote(incident.id)}/",
        html="".join(f"<p>{escape(text)}</p>" for text in paragraphs if text),
        lang=news.text.foreign or voice.lang,
        product=incident.product,
        product_name=_name(product, incident, voice),
    )


def _name(product: ProductView | None, incident: IncidentView, voice: Voice) -> str:
    return voice.name(product.name) if product else incident.product


def atom(feed: Feed) -> bytes:
    own = f"{feed.address}.atom"
    head = [
        element("id", inside=own),
        element("title", inside=feed.title),
        element("updated", inside=iso(feed.updated_us)),
        element("author", inside=[element("name", inside=feed.author)]),
        element("link", {"rel": "self", "type": "application/atom+xml", "href": own}),
        element("link", {"rel": "alternate", "type": "text/html", "hreflang": feed.lang, "href": feed.page}),
    ]
    attributes = {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": feed.lang}
    return written(element("feed", attributes, [*head, *map(_atom_entry, feed.entries)]))


def _atom_entry(entry: Entry) -> Element:
    at = iso(entry.at_us)
    return element(
        "entry",
        inside=[
            element("id", inside=entry.id),
            element("title", inside=entry.title),
            element("published", inside=at),
            element("updated", inside=at),
            element("link", {"rel": "alternate", "type": "text/html", "href": entry.link}),
            element("category", {"term": entry.product, "label": entry.product_name}),
            element("content", {"type": "html", "xml:lang": entry.lang}, entry.html),
        ],
    )


def rss(feed: Feed) -> bytes:
    head = [
        element("title", inside=feed.title),
        element("link", inside=feed.page),
        # Readers take a description for HTML.
        element("description", inside=escape(feed.title)),
        element("language", inside=feed.lang),
        element("lastBuildDate", inside=_rfc_822(feed.updated_us)),
        element("atom:link", {"rel": "self", "type": "application/rss+xml", "href": f"{feed.address}.rss"}),
    ]
    channel = element("channel", inside=[*head, *map(_rss_item, feed.entries)])
    return written(element("rss", {"version": "2.0", "xmlns:atom": "http://www.w3.org/2005/Atom"}, [channel]))


def _rss_item(entry: Entry) -> Element:
    return element(
        "item",
        inside=[
            element("title", inside=entry.title),
            element("link", inside=entry.link),
            element("guid", {"isPermaLink": "false"}, entry.id),
            element("pubDate", inside=_rfc_822(entry.at_us)),
            element("category", inside=entry.product_name),
            element("description", inside=entry.html),
        ],
    )


def _rfc_822(us: int) -> str:
    return format_datetime(datetime.fromtimestamp(us // 1_000_000, UTC), usegmt=True)
