"""
Composition: a Component is the worst of its Checks, a Product its Components in series (AVAILABILITY B9, DESIGN section 4).

Always pointwise on the triples (best, point, worst), never by multiplying percentages: two components that fail together are down
once. Outside of a member's segments that member is unmeasured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from uptimed.domain.agreement import merged
from uptimed.domain.figures import Contract, Figures, Treatment, ratios_of
from uptimed.domain.overlays import Laid
from uptimed.domain.severity import Severity
from uptimed.domain.states import Segment, State


@dataclass(frozen=True)
class All:
    """In series: as bad as its worst member."""

    of: tuple[Node, ...]


@dataclass(frozen=True)
class Need:
    """Redundant: as bad as its `need`-th least severe member."""

    need: int
    of: tuple[Node, ...]


Node = All | Need | str
"""A tree of compositions over the names of members."""


def compose(tree: Node, members: Mapping[str, Sequence[Segment]]) -> list[Segment]:
    """
    Of a whole tree, at every instant.

    What members may be that are not measured is tried on the whole tree at once: node by node, a part that is degraded at best
    would be taken for up.
    """
    names = sorted(_names(tree))
    edges = sorted({edge for name in names for one in members[name] for edge in one[:2]})
    reached = dict.fromkeys(names, 0)
    out = []
    for from_us, to_us in pairwise(edges):
        now: dict[str, tuple[State, State, State]] = {}
        for name in names:
            its = members[name]
            while reached[name] < len(its) and its[reached[name]].to_us <= from_us:
                reached[name] += 1
            known = reached[name] < len(its) and its[reached[name]].from_us <= from_us
            now[name] = its[reached[name]][2:] if known else (State.UNMEASURED, State.UP, State.DOWN)
        best, worst = (_of(tree, {name: triple[which] for name, triple in now.items()}) for which in (1, 2))
        hopeful, doubtful = (
            _of(tree, {name: one if point is State.UNMEASURED else point for name, (point, _, _) in now.items()})
            for one in (State.UP, State.DOWN)
        )
        out.append(Segment(from_us, to_us, hopeful if hopeful is doubtful else State.UNMEASURED, best, worst))
    return merged(out)


def _names(tree: Node) -> set[str]:
    return {tree} if isinstance(tree, str) else {name for one in tree.of for name in _names(one)}


def _of(tree: Node, states: Mapping[str, State]) -> State:
    if isinstance(tree, str):
        return states[tree]
    parts = [_of(one, states) for one in tree.of]
    return max(parts) if isinstance(tree, All) else sorted(parts)[tree.need - 1]


def as_member(laid: Iterable[Laid], contract: Contract) -> list[Segment]:
    """How its product sees a member with overlays of its own: excluded or planned time counts as up there (unless `measured`)."""
    return merged(
        Segment(one.segment.from_us, one.segment.to_us, State.UP, State.UP, State.UP)
        if contract.treatment(one.of) is not Treatment.MEASURED
        else one.segment
        for one in laid
    )


def weighted(parts: Iterable[tuple[Fraction, Figures]]) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Point, lower and upper bound of members that weigh so much (weights sum to 1): every sum is the weighted sum."""
    n = m = lo = d = hi = Fraction(0)
    for weight, its in parts:
        n += weight * its.n_us
        m += weight * its.m_us
        lo += weight * its.d_lo_ns
        d += weight * its.d_ns
        hi += weight * its.d_hi_ns
    return ratios_of(n, m, lo, d, hi)


def worst_of(members: Sequence[Sequence[Segment]], from_us: int | None = None) -> list[Segment]:
    """In series: the worst member at every instant; nothing before `from_us`."""
    return needing(len(members), members, from_us)


def needing(k: int, members: Sequence[Sequence[Segment]], from_us: int | None = None) -> list[Segment]:
    """
    The k-th least severe member at every instant.

    The point is worked out with unmeasured members up and again with them down; if both say the same it is that, else unmeasured.
    """
    if not members:
        return []
    if len(members) == 1:
        return list(members[0]) if from_us is None else clipped(members[0], from_us)
    changes: list[tuple[int, int, Segment | None]] = []
    for index, segments in enumerate(members):
        mine = segments if from_us is None else clipped(segments, from_us)
        changes += [(one.from_us, index, one) for one in mine]
        # A gap, or the end: unmeasured again, unless the next segment begins there.
        changes += [(a.to_us, index, None) for a, b in pairwise(mine) if b.from_us > a.to_us]
        changes += [(mine[-1].to_us, index, None)] if mine else []
    if not changes:
        return []
    changes.sort(key=lambda change: change[:2])
    return merged(_swept(changes, k, len(members)))


def _swept(changes: Sequence[tuple[int, int, Segment | None]], k: int, size: int) -> list[Segment]:
    """Counts how many members are in each state, and reads the k-th least severe off the counts."""
    best, point, worst = [size, 0, 0], [0, 0, 0, size], [0, 0, size]
    now: list[Segment | None] = [None] * size
    out: list[Segment] = []
    for (at_us, index, segment), following in zip(changes, [*changes[1:], None], strict=True):
        for step, one in ((-1, now[index]), (1, segment)):
            triple = one[2:] if one is not None else (State.UNMEASURED, State.UP, State.DOWN)
            point[triple[0]] += step
            best[triple[1]] += step
            worst[triple[2]] += step
        now[index] = segment
        if following is not None and following[0] > at_us:
            hopeful = _kth([point[0] + point[3], point[1], point[2]], k)
            doubtful = _kth([point[0], point[1], point[2] + point[3]], k)
            agreed = hopeful if hopeful is doubtful else State.UNMEASURED
            out.append(Segment(at_us, following[0], agreed, _kth(best, k), _kth(worst, k)))
    return out


def _kth(counts: Sequence[int], k: int) -> State:
    if counts[0] >= k:
        return State.UP
    return State.DEGRADED if counts[0] + counts[1] >= k else State.DOWN


def clipped(segments: Sequence[Segment], from_us: int, to_us: int | None = None) -> list[Segment]:
    """What lies in [from_us, to_us)."""
    return [
        Segment(max(one.from_us, from_us), one.to_us if to_us is None else min(one.to_us, to_us), *one[2:])
        for one in segments
        if one.to_us > from_us and (to_us is None or one.from_us < to_us)
    ]


_AT_MOST_DEGRADED = (State.UP, State.DEGRADED, State.DEGRADED, State.UNMEASURED)
_ALWAYS_UP = (State.UP, State.UP, State.UP, State.UNMEASURED)


def capped(segments: Iterable[Segment], severity: Severity) -> list[Segment]:
    """
    What a component of that severity lets through to its product: all, at most degraded, or nothing.

    What was not measured stays so: it only cannot have been worse than the cap.
    """
    if severity is Severity.CRITICAL:
        return list(segments)
    cap = _AT_MOST_DEGRADED if severity is Severity.SEVERE else _ALWAYS_UP
    return merged(Segment(a, b, cap[point], cap[best], cap[worst]) for a, b, point, best, worst in segments)


class Member(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def severity(self) -> Severity: ...


class Composed(Protocol):
    """A product of the catalogue, or its rule in a version of the contract."""

    @property
    def components(self) -> Sequence[Member]: ...


def product_of(product: Composed, components: Mapping[str, Sequence[Segment]], window: tuple[int, int]) -> list[Segment]:
    """
    The product in the whole window: its components in series, each capped by its severity.

    Medium and minor components never make it worse, nor unseen; only where there is no other do they tell whether it was seen.
    """
    return worst_of([capped(filled(components.get(one.id, ()), window), one.severity) for one in telling(product)])


def telling(product: Composed) -> Sequence[Member]:
    """The components whose state tells that of the product."""
    return [one for one in product.components if one.severity in (Severity.CRITICAL, Severity.SEVERE)] or product.components


def filled(segments: Sequence[Segment], window: tuple[int, int]) -> Iterator[Segment]:
    """The whole window, so that a cap reaches what was not measured, too."""
    reached_us, end_us = window
    for one in segments:
        if one.from_us > reached_us:
            yield Segment(reached_us, one.from_us, State.UNMEASURED, State.UP, State.DOWN)
        yield one
        reached_us = one.to_us
    if reached_us < end_us:
        yield Segment(reached_us, end_us, State.UNMEASURED, State.UP, State.DOWN)
