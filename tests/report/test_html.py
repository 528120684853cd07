"""The HTML of a report: one file, no script, nothing fetched, every text escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from tests.report.conftest import Reporting
from uptimed.domain.overlays import Adjustment
from uptimed.engine.report import Correction
from uptimed.report import html
from uptimed.report.blocks import View
from uptimed.report.view import view_of

VOID = {"meta", "link", "br", "img", "input", "path", "circle", "rect"}


class Reader(HTMLParser):
    """Tags in balance, ids, headings, and what would be asked of the network."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.asks: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(given.get("href") or "")
        self.asks += [value or "" for name, value in attrs if name in ("src", "srcset", "style") or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_it_is_one_file_without_script_that_asks_for_nothing(view: View) -> None:
    text = html.written(view)
    read = Reader(text)

    assert read.open == []
    assert read.asks == []
    assert not read.tags & {"script", "link", "iframe", "img", "object", "form"}
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_every_link_leads_to_a_place_in_it_and_headings_leave_out_no_level(view: View) -> None:
    read = Reader(html.written(view))

    assert len(set(read.ids)) == len(read.ids)
    assert {one.removeprefix("#") for one in read.links} <= set(read.ids)
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(read.headings, read.headings[1:], strict=False))


def test_it_says_its_language_and_its_title(view: View) -> None:
    text = html.written(view)

    assert f'<html lang="{view.lang}">' in text
    assert f"<title>{view.title}</title>" in text


def test_what_people_wrote_is_text_and_nothing_else(reported: Reporting) -> None:
    hostile = "<script>alert(1)</script> {{ 7 * 7 }} \"'&"
    made = Adjustment("ADJ-2026-0009", 1, hostile, hostile, "exclude", 1, 2, scope="sia", clause=hostile)
    report = reported()
    sia = replace(report.products[0], corrections=(Correction(made, None, 0),), name={"en": hostile})

    text = html.written(view_of(replace(report, products=(sia,)), "en", "0.1.0"))

    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }} &#34;&#39;&amp;" in text
    assert Reader(text).open == []


def test_the_same_report_is_the_same_file(reported: Reporting) -> None:
    assert html.written(view_of(reported(), "fr", "0.1.0")) == html.written(view_of(reported(), "fr", "0.1.0"))
