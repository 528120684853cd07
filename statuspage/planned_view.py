"""Planned work for the home page: what is on, and what comes in the next two weeks."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.snapshot import PlannedView, Snapshot
from statuspage.voice import Said, Voice

AHEAD_US = 14 * 86_400_000_000


@dataclass(frozen=True)
class Work:
    id: str
    title: Said
    text: Said
    subject: str
    """The product; or the component of it."""
    stage: str
    from_us: int
    to_us: int
    same_day: bool
    """It ends on the day on which it begins."""
    counts: str
    """What it does to the figure, in a sentence."""


def planned_of(snapshot: Snapshot, voice: Voice) -> tuple[Work, ...]:
    now_us = snapshot.as_of_us
    return tuple(
        _work(one, snapshot, voice)
        for one in snapshot.planned
        if one.stage in {"scheduled", "in_progress"} and one.to_us > now_us and one.from_us < now_us + AHEAD_US
    )


def _work(one: PlannedView, snapshot: Snapshot, voice: Voice) -> Work:
    return Work(
        id=one.id,
        title=voice.words(one.title),
        text=voice.words(one.text),
        subject=_subject(one.scope, snapshot, voice),
        stage=voice.say(f"planned.{one.stage}"),
        from_us=one.from_us,
        to_us=one.to_us,
        same_day=voice.on(one.from_us) == voice.on(one.to_us),
        counts=voice.say(f"planned.aside_{one.set_aside}"),
    )


def _subject(scope: str, snapshot: Snapshot, voice: Voice) -> str:
    for product in snapshot.products:
        if product.id == scope:
            return voice.name(product.name)
        for component in product.components:
            if component.id == scope:
                return voice.say("component.of", component=voice.name(component.name), product=voice.name(product.name))
    return scope
