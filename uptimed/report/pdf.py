"""
PDF for paper and for the record: PDF/UA-1, tagged, with its language, title and reading order. The extra `pdf` brings Typst.

The template says how a `View` is set; the drawings are those of the page, in the colours of paper. Only the fonts that Typst brings
are used, so the same report is the same file on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.resources import as_file, files
from typing import Any, Final

from uptimed.report.blocks import Cell, Figure, Headline, Key, Table, View
from uptimed.report.html import environment

INK = "#1b2530"
COLOURS = {
    "working": "#17666f",
    "met": "#17666f",
    "degraded": "#8a5a00",
    "close": "#8a5a00",
    "down": "#8f0f4a",
    "missed": "#8f0f4a",
    "planned": "#44509c",
    "unmeasured": "#666b73",
}
STANDARD: Final = "ua-1"

Drawn = Callable[..., str]


class PdfMissing(Exception):
    """What is not installed, and what to do: a sentence for the person who asked."""

    def __init__(self) -> None:
        super().__init__(
            "The PDF was not written: it needs Typst, which is not installed; "
            "install it with: pip install 'uptimed[pdf]' (82 MB), or ask for --format html and print that."
        )


def written(view: View) -> bytes:
    """`PdfMissing` without the extra."""
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise PdfMissing from None
    facts = json.dumps(_for_paper(view), ensure_ascii=False)
    with as_file(files("uptimed.report").joinpath("templates")) as folder:
        return typst.compile(
            str(folder / "report.typ"),
            root=str(folder),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"view": facts},
            pdf_standards=STANDARD,
        )


def _for_paper(view: View) -> dict[str, Any]:
    """The view as JSON, with each drawing as SVG beside what it belongs to."""
    pen = _Pen()
    out = asdict(view)
    for chapter, its in zip(view.chapters, out["chapters"], strict=True):
        if chapter.headline is not None:
            its["headline"] |= pen.headline(chapter.headline)
        for section, put in zip(chapter.sections, its["sections"], strict=True):
            for block, into in zip(section.blocks, put["blocks"], strict=True):
                if isinstance(block, Table):
                    pen.table(block, into)
                elif isinstance(block, Figure):
                    into["svg"] = pen.drawn("curve", block.geometry, block.alt)
                elif isinstance(block, Key):
                    into["svgs"] = [pen.drawn("key", path, state) for path, state, _ in block.marks]
    if view.summary is not None:
        pen.table(view.summary, out["summary"])
    return out


class _Pen:
    """The macros of `drawings.html`, in the colours of paper."""

    def __init__(self) -> None:
        ours, theirs = environment().get_template("report/drawings.html"), environment().get_template("page/drawings.html")
        self._ours: Any = ours.module
        self._icon: Drawn = theirs.module.icon  # type: ignore[attr-defined]  # a macro
        self._style = files("uptimed.report").joinpath("templates", "paper.css").read_text("utf-8")

    def drawn(self, name: str, *its: Any, colour: str = INK) -> str:
        return self._on_paper(str(getattr(self._ours, name)(*its)), colour)

    def icon(self, mark: str) -> str:
        return self._on_paper(str(self._icon(mark)), COLOURS[mark])

    def headline(self, its: Headline) -> dict[str, Any]:
        colour = COLOURS[its.mark]
        return {
            "icon_svg": self.icon(its.mark),
            "colour": colour,
            "bounds_svg": None if its.bounds is None else self.drawn("bounds", its.bounds, its.bounds_alt, colour=colour),
            "bar_svg": None if its.bar is None else self.drawn("bar", its.bar, colour=colour),
        }

    def table(self, its: Table, into: dict[str, Any]) -> None:
        for cell, put in _cells(its, into):
            if cell.mark:
                put |= {"svg": self.icon(cell.mark), "colour": COLOURS[cell.mark]}
            elif cell.days:
                put["svg"] = self.drawn("days", cell.days)

    def _on_paper(self, svg: str, colour: str) -> str:
        head, _, rest = svg.partition(">")
        if "xmlns" not in head:
            head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        return f"{head}><style>{self._style}</style>{rest}".replace("currentColor", colour)


def _cells(its: Table, into: dict[str, Any]) -> Iterator[tuple[Cell, dict[str, Any]]]:
    for cells, put in zip((*its.rows, its.total), (*into["rows"], into["total"]), strict=True):
        yield from zip(cells, put, strict=True)
