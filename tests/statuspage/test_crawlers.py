"""Search engines find every page that people read, in each of its languages, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import pytest

from statuspage.site import render
from tests.statuspage.builders import NOW, an_incident_day, snapshot
from tests.statuspage.reading import parsed

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def test_the_sitemap_holds_every_page_that_people_read():
    pages = render(an_incident_day(), NOW).pages
    listed = [urlsplit(loc.text or "").path for loc in parsed(pages["/sitemap.xml"].body).iter(f"{SITEMAP}loc")]

    assert sorted(listed) == sorted(path for path, ready in pages.items() if ready.content_type.startswith("text/html"))


def test_each_address_names_itself_and_its_other_languages():
    for url in parsed(render(an_incident_day(), NOW).pages["/sitemap.xml"].body):
        own = url.findtext(f"{SITEMAP}loc")
        named = {link.get("hreflang"): link.get("href") for link in url.findall(f"{XHTML}link")}

        assert named.keys() == {"en", "fr"}
        assert own in named.values()


def test_an_incident_says_when_it_changed_last():
    urls = list(parsed(render(an_incident_day(), NOW).pages["/sitemap.xml"].body))
    changed = {url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod") for url in urls}

    assert changed["https://status.example.com/fr/i/INC-2026-0001/"] == "2026-11-03T10:20:32Z"
    assert changed["https://status.example.com/en/"] is None


def test_robots_may_read_the_pages_and_are_told_of_the_sitemap():
    said = render(snapshot(), NOW).pages["/robots.txt"].body.decode().splitlines()

    assert "Sitemap: https://status.example.com/sitemap.xml" in said
    assert [line for line in said if line.startswith("Disallow: ")] == [
        "Disallow: /api/",
        "Disallow: /badge/",
        "Disallow: /status.json",
    ]


def test_without_its_own_address_a_site_has_no_sitemap():
    pages = render(replace(snapshot(), site_url=""), NOW).pages

    assert "/sitemap.xml" not in pages
    assert b"Sitemap" not in pages["/robots.txt"].body


@pytest.mark.parametrize("path", ["/fr/", "/fr/i/INC-2026-0001/"])
def test_a_page_names_itself_among_its_languages(path: str):
    page = render(an_incident_day(), NOW).pages[path].body.decode()
    up = "../" * (path.count("/") - 1)

    for lang in ("en", "fr"):
        assert page.count(f'<link rel="alternate" hreflang="{lang}" href="{up}{lang}/{path[4:]}">') == 1


def test_a_site_of_one_language_has_nothing_to_name():
    assert b"hreflang" not in render(snapshot(languages=("en",)), NOW).pages["/en/"].body


@pytest.mark.parametrize(
    ("path", "kind"), [("/robots.txt", "text/plain; charset=utf-8"), ("/sitemap.xml", "application/xml; charset=utf-8")]
)
async def test_they_are_served_to_readers_only(door: aiohttp.ClientSession, path: str, kind: str):
    async with door.get(path) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["ETag"]
    async with door.put(path) as answer:
        assert answer.status == 405
