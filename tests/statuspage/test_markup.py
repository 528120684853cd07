"""No text of a person or of a peer becomes markup, a script, or a header (RELIABILITY S5, S6)."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import statuspage
from statuspage.site import render
from statuspage.snapshot import Snapshot
from tests.statuspage.builders import NOW, an_incident_day
from tests.statuspage.reading import parsed

CANARY = "\"'><script>canary()</script><img src=x onerror=canary()>{{7*7}}{% raw %}]]><!--\r\nSet-Cookie: a=b"

KEPT = {
    "state",
    "stage",
    "severity",
    "verdict",
    "to_date",
    "last_measured_state",
    "on",
    "timezone",
    "site_url",
    "languages",
    "rows",
}
"""Closed lists, dates, and the settings that the configuration has already checked."""


def poisoned(value: Any, name: str = "") -> Any:
    """The same facts with the canary in every text, ids and language texts included."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), f.name) for f in fields(value)})
    if name in KEPT:
        return value
    if isinstance(value, str):
        return value + CANARY if name in {"id", "product", "components", "component", "locations"} else CANARY
    if isinstance(value, dict):
        return {key: item if name == "states" else poisoned(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(poisoned(item, name) for item in value)
    return value


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
        if tag in {"img", "iframe", "object", "embed", "base", "style", "form"}:
            self.odd.append(tag)
        self.odd.extend(name for name, _ in attrs if name.startswith("on") or name == "style")
        self.odd.extend(f"{name}={value}" for name, value in attrs if name in {"href", "src"} and not harmless(value or ""))


def harmless(link: str) -> bool:
    return link.startswith(("#", "../", "i/", "index.json", "mailto:", "/", "https://www.example.com/"))


def pages_of(facts: Snapshot) -> dict[str, bytes]:
    site = render(facts, NOW)
    return {
        path: ready.body
        for path, ready in [*site.pages.items(), *site.missing.items()]
        if ready.content_type.startswith("text/html")
    }


def test_the_canary_is_text_on_every_page():
    pages = pages_of(poisoned(an_incident_day()))

    assert len(pages) == 8
    for path, body in pages.items():
        seen = Elements()
        seen.feed(body.decode())
        assert [set(script) for script in seen.scripts] == [{"src", "defer"}], path
        assert seen.odd == [], path
        assert b"49" not in body.split(b"canary", 1)[-1][:200], path


def test_no_page_has_an_inline_script_style_or_handler():
    for body in pages_of(an_incident_day()).values():
        seen = Elements()
        seen.feed(body.decode())
        assert len(seen.scripts) == 1
        assert seen.odd == []


def texts(document: Any) -> list[str]:
    """Every text in a JSON document, keys too."""
    if isinstance(document, dict):
        return [text for key, item in document.items() for text in (key, *texts(item))]
    if isinstance(document, list):
        return [text for item in document for text in texts(item)]
    return [document] if isinstance(document, str) else []


def test_the_canary_is_a_whole_text_in_every_document():
    site = render(poisoned(an_incident_day()), NOW)
    documents = {path: json.loads(ready.body) for path, ready in site.pages.items() if path.endswith(".json")}

    # Two badges of each of three products, in two languages and without one.
    assert len(documents) == 15 + 18
    for path, document in documents.items():
        assert any(text.endswith(CANARY) for text in texts(document)), path


def test_the_canary_is_text_in_every_badge():
    site = render(poisoned(an_incident_day()), NOW)
    badges = [parsed(ready.body) for path, ready in site.pages.items() if path.startswith("/badge/") and path.endswith(".svg")]

    assert len(badges) == 18
    for badge in badges:
        assert {item.tag.partition("}")[2] for item in badge.iter()} == {"svg", "title", "rect", "text"}
        assert "<script>canary()</script>" in (badge.get("aria-label") or "")


def test_the_canary_is_text_in_every_feed_and_in_the_html_that_a_feed_carries():
    site = render(poisoned(an_incident_day()), NOW)
    feeds = [parsed(ready.body) for path, ready in site.pages.items() if path.endswith(("feed.atom", "feed.rss"))]

    assert len(feeds) == 2 * 2 * 4
    for feed in feeds:
        assert not {"script", "img"} & {item.tag.rpartition("}")[2] for item in feed.iter()}
        for item in feed.iter():
            if item.tag.endswith(("content", "description")):
                seen = Elements()
                seen.feed(item.text or "")
                assert (seen.scripts, seen.odd) == ([], [])
    assert "&lt;script&gt;canary()" in "".join(text for feed in feeds for text in feed.itertext())


def test_no_text_of_a_person_reaches_a_header():
    site = render(poisoned(an_incident_day()), NOW)

    for ready in [*site.pages.values(), *site.missing.values()]:
        assert "canary" not in f"{ready.etag}{ready.content_type}{ready.cache_control}{ready.language}"


def test_no_template_switches_the_escaping_off():
    room = Path(statuspage.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in [*room.glob("templates/*"), *room.glob("*.py")])

    assert "|safe" not in sources.replace(" ", "")
    assert "Markup(" not in sources
    assert "autoescape=False" not in sources
