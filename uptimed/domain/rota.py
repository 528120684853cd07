"""Who is on call: people take turns, handing over at a local weekday and time, counted in local days so that DST moves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from uptimed.domain.catalogue import Person, RotaLayer
from uptimed.domain.civil import instant_of, local

FIRST_MONDAY = date(1970, 1, 5)
DAY = timedelta(days=1)


def on_call(layers: Sequence[RotaLayer], people: Mapping[str, Person], at_us: int) -> list[str]:
    """The person of each layer at that instant, each once, in the order of the layers."""
    found = [_turn(layer, at_us) for layer in layers if layer.people]
    return list(dict.fromkeys(person for person in found if person in people))


def _turn(layer: RotaLayer, at_us: int) -> str:
    """Whose handover was the last. Asked of instants, not of the clock: in autumn that goes back over a handover."""
    today = local(layer.timezone, at_us).date()
    day = next(one for one in (today + DAY, today, today - DAY, today - 2 * DAY) if _handover_us(layer, one) <= at_us)
    turns = (day - FIRST_MONDAY - layer.handover_weekday * DAY).days // layer.every_days
    return layer.people[turns % len(layer.people)]


def _handover_us(layer: RotaLayer, day: date) -> int:
    """The instant at which a turn that begins on that day begins: the first when the hour comes twice."""
    midnight = datetime.combine(day, time())
    return instant_of(layer.timezone, midnight + timedelta(minutes=layer.handover_minute))
