"""For search engines: which pages there are, in which languages, and which files are of no use to them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element

from statuspage.markup import element, written
from statuspage.snapshot import Snapshot
from statuspage.typography import iso


def robots(snapshot: Snapshot) -> bytes:
    """Everything may be read; documents for programs need not be found by searching."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /badge/", "Disallow: /status.json"]
    if snapshot.site_url:
        lines += ["", f"Sitemap: {snapshot.site_url.rstrip('/')}/sitemap.xml"]
    return ("\n".join(lines) + "\n").encode()


def sitemap(snapshot: Snapshot, languages: Sequence[str]) -> bytes:
    """Home and incidents, each with its other languages (sitemaps.org, hreflang). Needs the site's own address."""
    pages = [("", None), *((f"i/{quote(one.id)}/", iso(one.updated_us)) for one in snapshot.incidents)]
    root = snapshot.site_url.rstrip("/")
    urls = [_url(root, lang, page, changed, languages) for page, changed in pages for lang in languages]
    spaces = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:xhtml": "http://www.w3.org/1999/xhtml"}
    return written(element("urlset", spaces, urls))


def _url(root: str, lang: str, page: str, changed: str | None, languages: Sequence[str]) -> Element:
    # The home page follows every check, so no instant of its last change is worth saying.
    last = [element("lastmod", inside=changed)] if changed else []
    others = [
        element("xhtml:link", {"rel": "alternate", "hreflang": other, "href": f"{root}/{other}/{page}"}) for other in languages
    ]
    return element("url", inside=[element("loc", inside=f"{root}/{lang}/{page}"), *last, *others])
