"""Names of an escalation step -> the channels that they mean at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from uptimed.domain.catalogue import Catalogue
from uptimed.domain.rota import on_call

ON_CALL = "on-call"


class Recipient(NamedTuple):
    channel: str
    language: str


def recipients(names: Sequence[str], catalogue: Catalogue, channels: Mapping[str, str], at_us: int) -> list[Recipient]:
    """
    Each channel once, in the order written. `channels` maps a configured channel to its language.

    A person is reached on each of their channels in their own language; `on-call` is whoever the rota names at that instant.
    """
    found: dict[str, Recipient] = {}
    for name in names:
        if name == ON_CALL:
            reached = [one for person in on_call(catalogue.rota, catalogue.people, at_us) for one in _of_person(person, catalogue)]
        elif name in catalogue.people:
            reached = _of_person(name, catalogue)
        else:
            reached = [Recipient(name, channels.get(name, "en"))]
        for one in reached:
            if one.channel in channels:
                found.setdefault(one.channel, one)
    return list(found.values())


def _of_person(person: str, catalogue: Catalogue) -> list[Recipient]:
    known = catalogue.people.get(person)
    return [] if known is None else [Recipient(channel, known.language) for channel in known.channels]
