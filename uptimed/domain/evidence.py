"""
All the evidence of a check from one location, out of its day blobs, in the order in which runs are made of it.

A blob holds what was *received* in a day; a late result stands in a later blob than its neighbours in time. Few are late, so the
days are walked twice: to find these, and to hand out everything with these in their place. Millions are never held at once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import NamedTuple

from uptimed.domain.dayblob import Day, day
from uptimed.domain.results import Evidence
from uptimed.domain.runs import Result
from uptimed.domain.states import STATE_OF, Verdict

Source = Callable[[], bytes]
"""Gives the body of a day blob, whenever it is asked."""

_VERDICTS: dict[str, Verdict] = {verdict.value: verdict for verdict in STATE_OF}


class _Part(NamedTuple):
    source: Source
    late: int
    """So many of its first results began before something that was received on an earlier day."""
    from_us: int
    """When the first of the others began."""


def in_order(sources: Sequence[Source]) -> Iterator[Result]:
    """Ordered by start, end and id. `sources`: the days, by day of receipt."""
    parts, late = _parted(sources)
    late.sort(key=_order)
    at = 0
    for index, part in enumerate(parts):
        its = islice(evidence_of(day(part.source())), part.late, None)
        is_last = index + 1 == len(parts)
        upto = len(late) if is_last else bisect_left(late, parts[index + 1].from_us, lo=at, key=lambda one: one.start_us)
        if at == upto:
            yield from its
        else:
            yield from sorted([*map(Evidence._make, its), *late[at:upto]], key=_order)
        at = upto


def evidence_of(found: Day) -> Iterator[Result]:
    """What counts of a day, in the order of its blob."""
    verdicts = map(_VERDICTS.get, found.verdicts)
    rows = zip(
        found.ids(), repeat(found.location), found.epochs, found.starts, found.ends, verdicts, found.rejections, strict=False
    )
    return ((a, b, c, d, e, verdict) for a, b, c, d, e, verdict, rejection in rows if rejection is None and verdict is not None)


def _parted(sources: Iterable[Source]) -> tuple[list[_Part], list[Evidence]]:
    parts: list[_Part] = []
    late: list[Evidence] = []
    newest_us: int | None = None
    for source in sources:
        found = day(source())
        starts = [one[3] for one in evidence_of(found)]
        behind = 0 if newest_us is None else bisect_right(starts, newest_us)
        late += map(Evidence._make, islice(evidence_of(found), behind))
        if behind < len(starts):
            parts.append(_Part(source, behind, starts[behind]))
            newest_us = starts[-1]
    return parts, late


def _order(one: Evidence) -> tuple[int, int, str]:
    return one.start_us, one.end_us, one.id
