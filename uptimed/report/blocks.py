"""
A report as it is read, in one language: headings, texts, tables and drawings. What becomes HTML and PDF, both from the same.

Every text is plain: it is escaped by whoever writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Cell:
    text: str
    sub: str = ""
    """A second, smaller line."""
    mark: str = ""
    """A verdict or state that stands before the text as a shape: met, close, missed, down ..."""
    code: bool = False
    """A hash or a fraction, which may break anywhere."""
    days: tuple[tuple[str, str], ...] = ()
    """The days of a month as dots: (state, path). The text is what they say in words."""


@dataclass(frozen=True)
class Column:
    title: str
    end: bool = False
    """A number: it stands at the end of its column."""
    share: float = 1
    """Of the width on paper, against the other columns."""


@dataclass(frozen=True)
class Table:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """The first cell of each names its row."""
    total: tuple[Cell, ...] = ()
    small: bool = False
    titled: bool = False
    """The caption is read by everybody; else only by those who do not see the heading above."""
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Text:
    text: str
    tone: Literal["", "small", "strong", "notice"] = ""
    kind: Literal["text"] = "text"


@dataclass(frozen=True)
class Items:
    items: tuple[str, ...]
    kind: Literal["items"] = "items"


@dataclass(frozen=True)
class Key:
    """What the marks of the days mean: (path of the mark, state, word)."""

    title: str
    marks: tuple[tuple[str, str, str], ...]
    kind: Literal["key"] = "key"


@dataclass(frozen=True)
class Figure:
    """A drawing of `templates/drawings.html`, with its geometry; `alt` says in words what it shows."""

    name: str
    alt: str
    caption: str
    geometry: Any
    kind: Literal["figure"] = "figure"


Block = Table | Text | Items | Key | Figure


@dataclass(frozen=True)
class Section:
    id: str
    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Headline:
    """What is said of a product before anything else."""

    figure: str
    measured: bool
    range: str
    target: str
    verdict: str
    mark: str
    budget: str
    bounds: Any
    """Geometry of the scale; None when nothing was counted."""
    bounds_alt: str
    bounds_caption: str
    bar: Any


@dataclass(frozen=True)
class Chapter:
    id: str
    number: str
    title: str
    headline: Headline | None
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class View:
    lang: str
    title: str
    site: str
    kind: str
    period: str
    heading: str
    intro: tuple[str, ...]
    notices: tuple[str, ...]
    summary_title: str
    summary: Table | None
    contents_title: str
    skip: str
    chapters: tuple[Chapter, ...]
    foot: str
    page: str
    """Of a PDF: `page {n} of {total}`."""
    made_on: tuple[int, int, int] = field(default=(1970, 1, 1))
