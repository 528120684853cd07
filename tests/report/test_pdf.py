"""The PDF of a report: PDF/UA-1, with language, title, tags, alternative texts, and the same words as the page."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from tests.report.conftest import Reporting
from uptimed.engine.report_facts import Wish
from uptimed.report import pdf
from uptimed.report.blocks import Table, View
from uptimed.report.view import view_of


def opened(view: View) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.written(view)))


def root(reader: PdfReader) -> Any:
    return reader.trailer["/Root"]


def tags(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every element of the structure tree, in the order of reading."""
    waiting: list[Any] = [root(reader)["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop()
        kids = one.get("/K", [])
        kids = kids if isinstance(kids, ArrayObject) else [kids]
        found = [kid.get_object() for kid in kids]
        waiting += reversed([kid for kid in found if isinstance(kid, DictionaryObject) and "/S" in kid])
        if "/S" in one:
            yield one


def test_it_says_its_language_and_title_and_that_it_is_tagged_for_everybody(view: View) -> None:
    reader = opened(view)
    metadata = reader.xmp_metadata

    assert root(reader)["/Lang"] == view.lang
    assert root(reader)["/MarkInfo"]["/Marked"].value is True
    assert root(reader)["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == view.title
    assert reader.metadata.author == view.site
    assert metadata is not None
    assert b'pdfuaid:part="1"' in metadata.stream.get_data() or b"<pdfuaid:part>1<" in metadata.stream.get_data()


def test_headings_tables_and_drawings_are_what_they_look_like(view: View) -> None:
    found = list(tags(opened(view)))
    kinds = [str(one["/S"]) for one in found]
    tables = [block for chapter in view.chapters for one in chapter.sections for block in one.blocks if isinstance(block, Table)]
    drawn = [one for one in found if str(one["/S"]) == "/Figure"]

    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == len(view.chapters) + 2
    assert kinds.count("/H3") == sum(len(chapter.sections) for chapter in view.chapters)
    assert kinds.count("/Table") == len(tables) + 1
    assert kinds.count("/TH") >= sum(len(one.columns) for one in tables)
    assert drawn
    assert all(one.get("/Alt") for one in drawn)


def test_it_has_bookmarks_for_its_chapters(view: View) -> None:
    outline = opened(view).outline
    first = outline[0] if isinstance(outline[0], list) else outline
    titles = [one.title for one in _flat(first)]

    assert all(any(chapter.title in title for title in titles) for chapter in view.chapters)


def _flat(outline: Any) -> Iterator[Any]:
    for one in outline:
        yield from _flat(one) if isinstance(one, list) else [one]


def test_it_holds_every_cell_of_every_table(view: View) -> None:
    """Letters and digits alone: lines, spaces and ligatures are set as paper wants them."""
    said = letters("".join(page.extract_text() for page in opened(view).pages))
    wanted = [cell.text for chapter in view.chapters for one in chapter.sections for block in one.blocks for cell in cells(block)]

    assert wanted
    assert [text for text in wanted if letters(text) not in said] == []


def cells(block: object) -> Iterator[Any]:
    if isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row if not cell.days)


def letters(text: str) -> str:
    for ligature, its in (("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬀ", "ff"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        text = text.replace(ligature, its)
    return "".join(one for one in text if one.isalnum())


def test_the_same_report_is_the_same_file(reported: Reporting) -> None:
    view = view_of(reported(Wish(2026, 3, "sia")), "fr", "0.1.0")

    assert pdf.written(view) == pdf.written(view)


def test_without_the_extra_it_says_what_to_install(reported: Reporting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(
        pdf.PdfMissing, match=r"PDF was not written: .*not installed; install it with: pip install 'uptimed\[pdf\]'"
    ):
        pdf.written(view_of(reported(), "en", "0.1.0"))
