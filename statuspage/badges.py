"""
Badges for other people's pages: the present state of a product, and its availability in the year so far.

As an SVG of fixed size and as JSON in the form of shields.io's endpoint. A figure with bounds is given by its lower one ("at
least"), for a badge has no room to say the rest; and a badge made from old facts says that there is no measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from statuspage.answer import TROUBLE
from statuspage.markup import element, written
from statuspage.snapshot import Figures, ProductView, Snapshot
from statuspage.view import is_stale, point_text, verdict_of
from statuspage.voice import Voice

_COLOURS = {
    "working": "17666f",
    "met": "17666f",
    "slow": "8a5a00",
    "within": "4d5866",
    "close": "8a5a00",
    "partly_down": "b5400f",
    "down": "8f0f4a",
    "missed": "8f0f4a",
    "planned": "44509c",
    "unmeasured": "666b73",
}
"""Those of the page on paper: white text on each has a contrast above 4.5."""
_LABEL_COLOUR = "1b2530"

_HEIGHT = 20
_PADDING = 6
_LABEL_AT_MOST = 40
"""Characters drawn of a name; all of it stands in the title."""


@dataclass(frozen=True)
class Badge:
    label: str
    message: str
    mark: str
    """A state or a verdict: decides the colour."""
    room_for: tuple[str, ...]
    """Other messages that this badge may have: its size does not change with the news."""


def badges(snapshot: Snapshot, voice: Voice, now_us: int) -> dict[str, Badge]:
    """Path below `/badge/`, without language and ending -> badge."""
    stale = is_stale(snapshot, now_us)
    found = {}
    for product in snapshot.products:
        found[product.id] = _state(product, voice, stale=stale)
        found[f"{product.id}/availability"] = _availability(product, snapshot, voice, stale=stale)
    return found


def _state(product: ProductView, voice: Voice, *, stale: bool) -> Badge:
    state = "unmeasured" if stale else product.state
    words = {one: voice.say(f"state.{one}") for one in (*TROUBLE, "working")}
    return Badge(voice.name(product.name), words[state], state, tuple(words.values()))


def _availability(product: ProductView, snapshot: Snapshot, voice: Voice, *, stale: bool) -> Badge:
    year = voice.on(product.year.from_us if product.year else snapshot.as_of_us).year
    unmeasured, nothing = voice.say("state.unmeasured"), voice.say("availability.none")
    widest = voice.say("badge.at_least", lower=voice.percent("100.0000"))
    message, mark = nothing, "unmeasured"
    if stale:
        message = unmeasured
    elif product.year and product.year.point is not None:
        message, mark = _figure(product.year, voice), verdict_of(product.year, snapshot.as_of_us)
    return Badge(f"{year} · {voice.name(product.name)}", message, mark, (unmeasured, nothing, widest))


def _figure(figures: Figures, voice: Voice) -> str:
    if figures.lower == figures.upper == figures.point:
        return point_text(figures, voice) or ""
    return voice.say("badge.at_least", lower=voice.percent(figures.lower or "0"))


def endpoint(badge: Badge) -> dict[str, Any]:
    """For shields.io: https://img.shields.io/endpoint?url=..."""
    return {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": _COLOURS[badge.mark],
        "labelColor": _LABEL_COLOUR,
    }


def drawn(badge: Badge, voice: Voice) -> bytes:
    label = badge.label if len(badge.label) <= _LABEL_AT_MOST else badge.label[: _LABEL_AT_MOST - 1].rstrip() + "…"
    left = _width(label) + 2 * _PADDING
    right = max(map(_width, (badge.message, *badge.room_for))) + 2 * _PADDING
    name = voice.say("badge.title", label=badge.label, message=badge.message)
    root = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": str(left + right),
        "height": str(_HEIGHT),
        "viewBox": f"0 0 {left + right} {_HEIGHT}",
        "role": "img",
        "aria-label": name,
        "xml:lang": voice.lang,
    }
    return written(
        element(
            "svg",
            root,
            [
                element("title", inside=name),
                _box(0, left, _LABEL_COLOUR),
                _box(left, right, _COLOURS[badge.mark]),
                _text(label, left / 2),
                _text(badge.message, left + right / 2),
            ],
        )
    )


def _box(x: int, width: int, colour: str) -> Element:
    return element("rect", {"x": str(x), "width": str(width), "height": str(_HEIGHT), "fill": f"#{colour}"})


def _text(text: str, middle: float) -> Element:
    # `textLength` makes it fit whatever font the reader has: the width below is only an estimate.
    place = {"x": f"{middle:g}", "y": "14", "text-anchor": "middle", "textLength": str(_width(text)), "fill": "#fff"}
    return element("text", {**place, "font-family": "Verdana,DejaVu Sans,Geneva,sans-serif", "font-size": "11"}, text)


def _width(text: str) -> int:
    """Of text at 11 px in Verdana, near enough: narrow letters 4, wide ones 10, signs beyond Latin 11."""
    narrow, wide = set("iljtfrI.,:;'’!|()[] \u00a0\u202f·"), set("mwMWQ%@")
    return max(1, sum(4 if c in narrow else 10 if c in wide else 11 if c > "\u2e80" else 7 for c in text))
