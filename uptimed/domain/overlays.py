"""Maintenance and people's adjustments laid over a timeline (AVAILABILITY B4). Evidence is never altered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from uptimed.domain.states import Segment, State


class Class(StrEnum):
    COUNTED = "counted"
    MAINTENANCE = "maintenance"
    EXCLUDED = "excluded"


class Maintenance(NamedTuple):
    from_us: int
    to_us: int
    announced_us: int
    cancelled_us: int | None = None
    id: str = ""
    """Of the window that it is a part of."""


class Adjustment(NamedTuple):
    id: str
    at_us: int
    by: str
    reason: str
    kind: str
    """exclude | assert | revoke."""
    from_us: int = 0
    to_us: int = 0
    state: State = State.UP
    target: str = ""
    """The id that a revoke takes back."""
    scope: str = ""
    """A product's id or a component's (`product/component`); a revoke has that of its target."""
    clause: str = ""
    """Of the agreement under which it is made, in its own words."""

    @property
    def is_valid(self) -> bool:
        return bool(self.by.strip() and self.reason.strip())


class Laid(NamedTuple):
    """A segment with the class of its time. `observed` is the point before any assertion."""

    segment: Segment
    of: Class
    observed: State


def in_force(adjustments: Iterable[Adjustment], as_known_at_us: int | None = None) -> list[Adjustment]:
    """What is valid, known at that instant and not revoked; oldest first, so that the latest assertion wins."""
    known = [one for one in adjustments if one.is_valid and (as_known_at_us is None or one.at_us <= as_known_at_us)]
    revoked = revoked_by(known)
    return sorted((one for one in known if one.kind != "revoke" and one.id not in revoked), key=_age)


def revoked_by(adjustments: Iterable[Adjustment]) -> dict[str, Adjustment]:
    """What is taken back -> the first that took it back. A revoke that is itself taken back later takes nothing back."""
    found: dict[str, Adjustment] = {}
    for one in sorted((one for one in adjustments if one.kind == "revoke" and one.is_valid), key=_age, reverse=True):
        if one.id not in found:
            found[one.target] = one
    return found


def _age(one: Adjustment) -> tuple[int, str]:
    return one.at_us, one.id


def laid_over(
    segments: Sequence[Segment],
    window: tuple[int, int],
    *,
    maintenance: Iterable[Maintenance] = (),
    adjustments: Iterable[Adjustment] = (),
    notice_us: int = 0,
) -> list[Laid]:
    """The whole window, piece by piece; time outside the known timeline is unmeasured. `adjustments` are those in force."""
    eligible = _joined(
        (max(a, window[0]), min(b, window[1]))
        for a, b, announced_us, cancelled_us, _ in maintenance
        if announced_us + notice_us <= a < window[1]
        for b in [b if cancelled_us is None else min(b, cancelled_us)]
        if max(a, window[0]) < b
    )
    judged = list(adjustments)
    excluded = [(one.from_us, one.to_us) for one in judged if one.kind == "exclude"]
    asserted = [one for one in judged if one.kind == "assert"]
    edges = {edge for pair in [*eligible, *excluded, *((one.from_us, one.to_us) for one in asserted)] for edge in pair}
    if not edges:
        return [Laid(segment, Class.COUNTED, segment.point) for segment in _whole(segments, window)]
    out = []
    for segment in _cut(_whole(segments, window), edges):
        at_us = segment.from_us
        observed = segment.point
        for one in asserted:
            if one.from_us <= at_us < one.to_us:
                segment = Segment(segment.from_us, segment.to_us, one.state, one.state, one.state)  # noqa: PLW2901
        if any(a <= at_us < b for a, b in excluded):
            of = Class.EXCLUDED
        elif (index := bisect_right(eligible, at_us, key=_begin)) and at_us < eligible[index - 1][1]:
            of = Class.MAINTENANCE
        else:
            of = Class.COUNTED
        out.append(Laid(segment, of, observed))
    return out


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as spans that neither overlap nor touch, in order: recurring work makes many."""
    out: list[tuple[int, int]] = []
    for from_us, to_us in sorted(spans):
        if out and from_us <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], to_us))
        else:
            out.append((from_us, to_us))
    return out


def _begin(span: tuple[int, int]) -> int:
    return span[0]


def _whole(segments: Sequence[Segment], window: tuple[int, int]) -> list[Segment]:
    """The window without gaps."""
    a_us, b_us = window
    out: list[Segment] = []
    reached_us = a_us
    for one in segments:
        if one.to_us <= reached_us or one.from_us >= b_us:
            continue
        if one.from_us > reached_us:
            out.append(Segment(reached_us, one.from_us, State.UNMEASURED, State.UP, State.DOWN))
        begin_us = max(one.from_us, reached_us)
        reached_us = min(one.to_us, b_us)
        inside = begin_us == one.from_us and reached_us == one.to_us
        out.append(one if inside else Segment(begin_us, reached_us, *one[2:]))
    if reached_us < b_us:
        out.append(Segment(reached_us, b_us, State.UNMEASURED, State.UP, State.DOWN))
    return out


def _cut(segments: Sequence[Segment], edges: set[int]) -> list[Segment]:
    wanted = sorted(edges)
    return [
        Segment(a, b, *one[2:])
        for one in segments
        for a, b in pairwise([one.from_us, *(edge for edge in wanted if one.from_us < edge < one.to_us), one.to_us])
    ]
