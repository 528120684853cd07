"""What people have corrected in a product's year, for the home page: each stretch with its reason, and the figure without them."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.snapshot import AdjustmentView, Bounds, Figures, ProductView
from statuspage.voice import Voice


@dataclass(frozen=True)
class Corrections:
    raw: str
    """The figure without them, with its bounds; empty when it is the same."""
    summary: str
    """How many there are."""
    lines: tuple[tuple[str, str, str], ...]
    """(when, how long, and what it counts as; reason; clause)."""


def corrections_of(product: ProductView, figures: Figures, voice: Voice) -> Corrections | None:
    """None where nothing was set aside in the year."""
    raw = figures.raw
    if not figures.adjustments and (raw is None or raw == Bounds(figures.point, figures.lower, figures.upper)):
        return None
    return Corrections(
        raw=_raw(figures, voice),
        summary=voice.say.count("corrections", len(figures.adjustments)),
        lines=tuple((_what(one, product, voice), one.reason, one.clause) for one in figures.adjustments),
    )


def _raw(figures: Figures, voice: Voice) -> str:
    raw = figures.raw
    if raw is None or raw.lower is None or raw.upper is None:
        return ""
    bounds = {"lower": voice.percent(raw.lower), "upper": voice.percent(raw.upper)}
    if raw.point is None:
        return voice.say("corrections.raw_between", **bounds)
    return voice.say("corrections.raw", point=voice.percent(raw.point), **bounds)


def _what(one: AdjustmentView, product: ProductView, voice: Voice) -> str:
    lasting = voice.lasting(-(-(one.to_us - one.from_us) // 1_000_000))
    said = voice.say(f"correction.{one.state or 'excluded'}", time=voice.dhm(one.from_us), lasting=lasting)
    if one.scope == product.id:
        return said
    names = {component.id: voice.name(component.name) for component in product.components}
    return voice.say("correction.of", component=names.get(one.scope, one.scope), what=said)
