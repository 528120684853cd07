"""The worst window of each length in a period (AVAILABILITY B10): what an outage looks like to who only needed that hour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.overlays import Laid


class Window(NamedTuple):
    """The most downtime that any window of that length holds; None when it is longer than the period."""

    length_us: int
    d_lo_ns: int | None
    d_ns: int | None
    d_hi_ns: int | None
    start_us: int | None
    """Start of the earliest window that is worst for the point."""


def worst_windows(laid: Sequence[Laid], contract: Contract | Callable[[int], Contract], lengths_us: Iterable[int]) -> list[Window]:
    """
    Exact, without a grid: downtime is piecewise linear in the start of the window, so it is worst where one end is a boundary.

    Excluded time is cut out of the axis. Unmeasured time is no downtime for the point; best and worst are as in the figures. A
    contract that changes is given as the one in force at an instant, and no piece reaches over a change.
    """
    terms = [contract if isinstance(contract, Contract) else contract(one.segment.from_us) for one in laid]
    counted = [(one, its) for one, its in zip(laid, terms, strict=True) if its.treatment(one.of) is not Treatment.EXCLUDE]
    edges = [0, *accumulate(one.segment.to_us - one.segment.from_us for one, _ in counted)]
    weights = [_weights(one, its) for one, its in counted]
    at_best, at_point, at_worst = (_Course(edges, [one[index] for one in weights]) for index in range(3))
    found = []
    for length_us in lengths_us:
        if length_us > edges[-1] or not counted:
            found.append(Window(length_us, None, None, None, None))
            continue
        worst_ns, earliest = at_point.most(length_us)
        index = min(bisect_right(edges, earliest) - 1, len(counted) - 1)
        start_us = counted[index][0].segment.from_us + earliest - edges[index]
        found.append(Window(length_us, at_best.most(length_us)[0], worst_ns, at_worst.most(length_us)[0], start_us))
    return found


def lengths_between(shortest_us: int, longest_us: int, count: int = 40) -> list[int]:
    """So many lengths with equal ratios between neighbours, the two ends included; fewer where they would coincide."""
    steps = max(1, count - 1)
    # Where to look is no figure: here a float does no harm.
    ratio = longest_us / shortest_us
    inside = (round(shortest_us * ratio ** (step / steps)) for step in range(1, steps))
    return sorted({shortest_us, *inside, longest_us} if shortest_us <= longest_us else {longest_us})


def _weights(one: Laid, contract: Contract) -> tuple[int, int, int]:
    """Permille per microsecond for best, point and worst."""
    if contract.treatment(one.of) is Treatment.UP:
        return 0, 0, 0
    weights = (*contract.weights, 0)
    return weights[one.segment.best], weights[one.segment.point], weights[one.segment.worst]


class _Course:
    """Downtime along the axis, for one of the three weights: stretches of equal weight and the sums before them."""

    def __init__(self, edges: Sequence[int], weights: Sequence[int]) -> None:
        turns = [0, *(at for at in range(1, len(weights)) if weights[at] != weights[at - 1])]
        self.edges = [*(edges[at] for at in turns), edges[-1]]
        self.weights = [*(weights[at] for at in turns if weights), 0]
        self.sums = [0, *accumulate(weight * (b - a) for weight, (a, b) in zip(self.weights, pairwise(self.edges), strict=False))]
        # A worst window starts where the weight rises or ends where it falls, or lies at an end of the axis.
        self.rising = [at for at in range(len(turns)) if at == 0 or self.weights[at] > self.weights[at - 1]]
        self.falling = [at for at in range(1, len(turns) + 1) if at == len(turns) or self.weights[at] < self.weights[at - 1]]

    def most(self, length_us: int) -> tuple[int, int]:
        """The most downtime (ns) that a window of that length holds, and where the earliest such window starts."""
        edges, weights, sums = self.edges, self.weights, self.sums
        end_us = edges[-1]
        most, earliest = -1, 0
        reached = 0
        for at in self.rising:
            start_us = edges[at]
            until_us = start_us + length_us
            if until_us > end_us:
                break
            reached = bisect_right(edges, until_us, reached) - 1
            held = sums[reached] + weights[reached] * (until_us - edges[reached]) - sums[at]
            if held > most:
                most, earliest = held, start_us
        reached = 0
        for at in self.falling:
            start_us = edges[at] - length_us
            if start_us < 0:
                continue
            reached = bisect_right(edges, start_us, reached) - 1
            held = sums[at] - sums[reached] - weights[reached] * (start_us - edges[reached])
            if held > most or (held == most and start_us < earliest):
                most, earliest = held, start_us
        return most, earliest
