"""
The h1: a whole sentence that names what works and what does not, and the title that puts the news first.

Never better than the truth: a component that does not count for its product is still named, and not being able to measure is said.
"""

from __future__ import annotations

from typing import NamedTuple

from statuspage.snapshot import ComponentView, Snapshot
from statuspage.typography import in_words
from statuspage.voice import Voice

TROUBLE = ("down", "partly_down", "slow", "planned", "unmeasured")
"""Worst first. The rest is `working`."""

PAST_TROUBLE = ("down", "partly_down", "degraded", "slow", "planned", "unmeasured")
"""The same looking back, where it may not be known any more which kind of degraded it was."""

_NAMES_AT_MOST = 4
"""A sentence with more names than this cannot be read; it counts instead."""


class Answer(NamedTuple):
    sentence: str
    title: str
    state: str


def answer(snapshot: Snapshot, voice: Voice) -> Answer:
    products = snapshot.products
    state = next((s for s in TROUBLE if any(p.state == s for p in products)), "working")
    if not products:
        return Answer(voice.say("sentence.nothing"), voice.say("title.nothing"), "unmeasured")
    if state == "working":
        return _all_working(snapshot, voice)
    named = {s: [voice.name(p.name) for p in products if p.state == s] for s in (*TROUBLE, "working")}
    title = voice.say(f"title.{state}", names=_names(named[state], voice))
    return Answer(_whole_trouble(snapshot, state, voice) or _mixed(named, voice), title, state)


def _all_working(snapshot: Snapshot, voice: Voice) -> Answer:
    troubled = [(p, c) for p in snapshot.products for c in p.components if c.state != "working"]
    if troubled:
        worst = min(troubled, key=lambda found: TROUBLE.index(found[1].state))[1].state
        names = [
            voice.say("component.of", component=voice.name(c.name), product=voice.name(p.name))
            for p, c in troubled
            if c.state == worst
        ]
        sentence = f"{_sentence(worst, names, voice)} {voice.say('sentence.rest_works')}"
        return Answer(sentence, voice.say(f"title.{worst}", names=_names(names, voice)), worst)
    stages = {incident.stage for incident in snapshot.incidents if incident.resolved_us is None}
    if stages - {"monitoring"}:
        # People say that something is wrong and the checks do not see it: neither is hidden.
        return Answer(voice.say("sentence.disputed"), voice.say("title.disputed"), "working")
    if stages:
        return Answer(voice.say("sentence.watching"), voice.say("title.working"), "working")
    count = len(snapshot.products)
    if count == 1:
        sentence = voice.say.count("sentence.working", 1, names=voice.name(snapshot.products[0].name))
    elif count == 2:
        sentence = voice.say("sentence.both_work")
    else:
        sentence = voice.say("sentence.all_work", n=in_words(count, voice.lang))
    return Answer(sentence, voice.say("title.working"), "working")


def _whole_trouble(snapshot: Snapshot, state: str, voice: Voice) -> str | None:
    """When every product is in the same trouble."""
    if any(product.state != state for product in snapshot.products):
        return None
    if state == "unmeasured":
        return _blind(snapshot, voice)
    if state == "down" and len(snapshot.products) > 1:
        return voice.say("sentence.none_works")
    return None


def _blind(snapshot: Snapshot, voice: Voice) -> str:
    """What was down when we last looked is an outage that we do know of."""
    broken = [p for p in snapshot.products if any(_was_broken(c) for c in p.components)]
    if not broken:
        return voice.say("sentence.blind")
    return voice.say.count("sentence.blind_after", len(broken), names=_names([voice.name(p.name) for p in broken], voice))


def _was_broken(component: ComponentView) -> bool:
    return component.last_measured_state in {"down", "partly_down"}


def _mixed(named: dict[str, list[str]], voice: Voice) -> str:
    said = [_sentence(state, named[state], voice) for state in TROUBLE if named[state]]
    works = named["working"]
    if len(works) > _NAMES_AT_MOST:
        said.append(voice.say.count("sentence.others_work", len(works)))
    elif works:
        said.append(voice.say.count("sentence.working", len(works), names=voice.listed(works)))
    return " ".join(said)


def _sentence(state: str, names: list[str], voice: Voice) -> str:
    return voice.say.count(f"sentence.{state}", len(names), names=_names(names, voice))


def _names(names: list[str], voice: Voice) -> str:
    if len(names) > _NAMES_AT_MOST:
        return voice.say.count("products", len(names))
    return voice.listed(names)
