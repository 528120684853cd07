"""Each news item is one entry, once, with an id that stays; what readers of feeds ask of Atom and RSS is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from statuspage.feeds import ENTRIES_AT_MOST
from statuspage.site import render
from statuspage.snapshot import Snapshot
from tests.statuspage.builders import (
    MINUTE,
    NOW,
    an_incident_day,
    closed_incident,
    open_incident,
    product,
    snapshot,
    three_products,
    update,
)
from tests.statuspage.reading import parsed
from tests.statuspage.test_markup import Elements

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(facts: Snapshot, path: str) -> ET.Element:
    return parsed(render(facts, NOW).pages[path].body)


def entries(facts: Snapshot, path: str = "/en/feed.atom") -> list[ET.Element]:
    return read(facts, path).findall(f"{ATOM}entry")


def items(facts: Snapshot, path: str = "/en/feed.rss") -> list[ET.Element]:
    return read(facts, path).findall("channel/item")


def text(item: ET.Element, name: str) -> str:
    """Of the one child of that name."""
    (found,) = item.findall(name)
    return found.text or ""


def test_every_news_item_is_an_entry_newest_first():
    titles = [
        "Detected: Sign In App: Web is down",
        "Resolved: Kiosks signed out by mistake",
        "Detected: Kiosks signed out by mistake",
    ]

    assert [text(entry, f"{ATOM}title") for entry in entries(an_incident_day())] == titles
    assert [text(item, "title") for item in items(an_incident_day())] == titles


def test_an_entry_has_the_words_what_changed_and_who_wrote_it():
    (entry,) = entries(snapshot(incidents=(open_incident(),)), "/fr/feed.atom")

    assert text(entry, f"{ATOM}content") == (
        "<p>La connexion échoue depuis Londres. Nous alertons la personne d’astreinte.</p>"
        "<p>Web\u00a0: En service, puis Indisponible</p>"
        "<p>Écrit automatiquement par nos tests.</p>"
    )
    assert text(entry, f"{ATOM}title") == "Détecté\u00a0: Sign In App : Web est indisponible"


@pytest.mark.parametrize("path", ["/en/feed.atom", "/fr/feed.atom", "/en/p/sia/feed.atom", "/fr/p/sisc/feed.atom"])
def test_an_atom_feed_has_what_rfc_4287_requires(path: str):
    feed = read(an_incident_day(), path)

    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG) == path[1:3]
    assert text(feed, f"{ATOM}id") == f"https://status.example.com{path}"
    assert text(feed.find(f"{ATOM}author") or feed, f"{ATOM}name") == "Sign In Solutions"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"https://status.example.com{path}", "alternate": f"https://status.example.com{path[:4]}"}
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        assert text(one, f"{ATOM}title")
        assert datetime.fromisoformat(text(one, f"{ATOM}updated")).tzinfo is not None
        assert urlsplit(text(one, f"{ATOM}id")).scheme in {"https", "tag"}
    for entry in feed.findall(f"{ATOM}entry"):
        (content,) = entry.findall(f"{ATOM}content")
        (link,) = entry.findall(f"{ATOM}link")
        assert content.get("type") == "html"
        assert link.get("rel") == "alternate"


@pytest.mark.parametrize("path", ["/en/feed.rss", "/fr/p/sia/feed.rss"])
def test_an_rss_feed_has_what_rss_2_and_its_best_practices_require(path: str):
    root = read(an_incident_day(), path)
    (channel,) = root

    assert (root.tag, root.get("version"), channel.tag) == ("rss", "2.0", "channel")
    assert {child.tag for child in channel} >= {"title", "link", "description", "language", f"{ATOM}link"}
    assert text(channel, "language") == path[1:3]
    for item in channel.findall("item"):
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        assert parsedate_to_datetime(text(item, "pubDate")).utcoffset() is not None
        assert text(item, "link").startswith(f"https://status.example.com/{path[1:3]}/i/INC-2026-")


def test_an_entry_links_to_a_page_that_is_there():
    pages = render(an_incident_day(), NOW).pages

    for lang in ("en", "fr"):
        assert {urlsplit(text(item, "link")).path for item in items(an_incident_day(), f"/{lang}/feed.rss")} <= pages.keys()


def test_an_id_says_nothing_that_can_change_and_is_the_same_in_every_feed_of_a_language():
    facts = snapshot(incidents=(closed_incident(),))
    rewritten = replace(facts, site_name="New name", products=three_products(sia="down"), as_of_us=NOW + MINUTE)

    ids = [text(entry, f"{ATOM}id") for entry in entries(facts)]

    assert ids == ["tag:status.example.com,2026:en/c2", "tag:status.example.com,2026:en/c1"]
    assert [text(entry, f"{ATOM}id") for entry in entries(rewritten, "/en/p/sia/feed.atom")] == ids
    assert [text(item, "guid") for item in items(facts)] == ids
    assert not set(ids) & {text(entry, f"{ATOM}id") for entry in entries(facts, "/fr/feed.atom")}


def test_the_feed_of_a_product_holds_its_own_news_only():
    facts = snapshot(incidents=(open_incident(), closed_incident(product="sisc", components=("sisc/web",))))

    assert len(entries(facts, "/en/p/sia/feed.atom")) == 1
    assert len(entries(facts, "/en/p/sisc/feed.atom")) == 2
    assert entries(facts, "/en/p/sicr/feed.atom") == []
    category = entries(facts, "/en/p/sisc/feed.atom")[0].find(f"{ATOM}category")
    assert category is not None
    assert (category.get("term"), category.get("label")) == ("sisc", "Sign In Scheduling")


def test_a_feed_is_of_the_instant_of_its_newest_news():
    assert text(read(an_incident_day(), "/en/feed.atom"), f"{ATOM}updated") == "2026-11-24T12:53:32Z"
    assert text(read(snapshot(), "/en/feed.atom"), f"{ATOM}updated") == "2026-01-01T00:00:00Z"


def test_a_feed_ends_somewhere():
    said = tuple(update(f"u{n}", at_us=NOW - n * MINUTE) for n in range(200))
    found = entries(snapshot(incidents=(open_incident(updates=said),)))

    assert len(found) == ENTRIES_AT_MOST
    assert text(found[0], f"{ATOM}id").endswith("/u0")


def test_a_text_in_another_language_says_which():
    said = (update(text={"en": "It is broken."}),)
    (entry,) = entries(snapshot(incidents=(open_incident(updates=said),)), "/fr/feed.atom")
    (content,) = entry.findall(f"{ATOM}content")

    assert content.get(LANG) == "en"


def test_without_its_own_address_a_site_has_no_feed_and_names_none():
    pages = render(replace(an_incident_day(), site_url=""), NOW).pages

    assert [path for path in pages if "feed" in path] == []
    assert b"feed." not in pages["/en/"].body


def test_a_feed_without_news_stays_as_it_was_written():
    first = render(an_incident_day(), NOW)
    later = render(replace(an_incident_day(), as_of_us=NOW + MINUTE), NOW + MINUTE, previous=first)
    told = replace(an_incident_day(), incidents=(open_incident(updates=(update("u9", "identified"), update())), closed_incident()))
    after = render(told, NOW, previous=later)

    assert later.pages["/en/feed.atom"] is first.pages["/en/feed.atom"]
    assert after.pages["/en/feed.atom"] is not first.pages["/en/feed.atom"]
    assert after.pages["/en/p/sisc/feed.rss"] is first.pages["/en/p/sisc/feed.rss"]


class Links(Elements):
    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        its = dict(attrs)
        if tag == "link" and its.get("type") == "application/atom+xml":
            self.feeds.append((its.get("href") or "", its.get("title") or ""))


def named_on(facts: Snapshot, path: str) -> list[tuple[str, str]]:
    seen = Links()
    seen.feed(render(facts, NOW).pages[path].body.decode())
    return seen.feeds


def test_the_pages_name_their_feeds():
    facts = snapshot(products=(product(), product("b", "Record")), incidents=(closed_incident(),))
    site, its = "Nouvelles des incidents\u00a0: Sign In Solutions", "Nouvelles des incidents\u00a0: Sign In App"

    assert named_on(facts, "/fr/") == [
        ("../fr/feed.atom", site),
        ("../fr/p/sia/feed.atom", its),
        ("../fr/p/b/feed.atom", "Nouvelles des incidents\u00a0: Record"),
    ]
    assert named_on(facts, "/fr/i/INC-2026-0001/") == [
        ("../../../fr/feed.atom", site),
        ("../../../fr/p/sia/feed.atom", its),
    ]


@pytest.mark.parametrize(("ending", "kind"), [("atom", "application/atom+xml"), ("rss", "application/rss+xml")])
async def test_a_feed_is_kept_for_a_minute_and_sent_once(door: aiohttp.ClientSession, ending: str, kind: str):
    async with door.get(f"/fr/p/sia/feed.{ending}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-if-error=86400"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Language"] == "fr"
        tag = answer.headers["ETag"]
    async with door.get(f"/fr/p/sia/feed.{ending}", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with door.delete(f"/fr/p/sia/feed.{ending}") as answer:
        assert answer.status == 405
