"""Who is on call: people take turns, handing over at a local weekday and time, counted in local days so that DST moves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from uptimed.domain.catalogue import Person, RotaLayer
from uptimed.domain.civil import local

FIRST_MONDAY = date(1970, 1, 5)


def on_call(layers: Sequence[RotaLayer], people: Mapping[str, Person], at_us: int) -> list[str]:
    """The person of each layer at that instant, each once, in the order of the layers."""
    found = [_turn(layer, at_us) for layer in layers if layer.people]
    return list(dict.fromkeys(person for person in found if person in people))


def _turn(layer: RotaLayer, at_us: int) -> str:
    now = local(layer.timezone, at_us)
    day = now.date()
    if now.hour * 60 + now.minute < layer.handover_minute:
        day -= timedelta(days=1)
    turns = (day - FIRST_MONDAY - timedelta(days=layer.handover_weekday)).days // layer.every_days
    return layer.people[turns % len(layer.people)]
