"""The worst window of each length in a period (AVAILABILITY B10): what an outage looks like to who only needed that hour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from uptimed.domain.figures import FULL, Contract, Treatment
from uptimed.domain.overlays import Class, Laid
from uptimed.domain.states import State


class Window(NamedTuple):
    """The most downtime that any window of that length holds; None when it is longer than the period."""

    length_us: int
    d_lo_ns: int | None
    d_ns: int | None
    d_hi_ns: int | None
    start_us: int | None
    """Start of the earliest window that is worst for the point."""


def worst_windows(laid: Sequence[Laid], contract: Contract, lengths_us: Iterable[int]) -> list[Window]:
    """
    Exact, without a grid: downtime is piecewise linear in the start of the window, so it is worst where one end is a boundary.

    Excluded time is cut out of the axis. Unmeasured time is no downtime at best and for the point, and all of it at worst.
    """
    counted = [one for one in laid if contract.treatment(one.of) is not Treatment.EXCLUDE]
    edges = [0, *accumulate(one.segment.to_us - one.segment.from_us for one in counted)]
    weights = [_weights(one, contract) for one in counted]
    at_best, at_point, at_worst = (_downtime(edges, [one[index] for one in weights]) for index in range(3))
    found = []
    for length_us in lengths_us:
        room_us = edges[-1] - length_us
        if room_us < 0 or not counted:
            found.append(Window(length_us, None, None, None, None))
            continue
        starts = sorted({start for edge in edges for start in (edge, edge - length_us) if 0 <= start <= room_us})
        held = [at_point(start + length_us) - at_point(start) for start in starts]
        worst_ns = max(held)
        earliest = starts[held.index(worst_ns)]
        index = min(bisect_right(edges, earliest) - 1, len(counted) - 1)
        found.append(
            Window(
                length_us,
                max(at_best(start + length_us) - at_best(start) for start in starts),
                worst_ns,
                max(at_worst(start + length_us) - at_worst(start) for start in starts),
                counted[index].segment.from_us + earliest - edges[index],
            )
        )
    return found


def _weights(one: Laid, contract: Contract) -> tuple[int, int, int]:
    """Permille per microsecond for best, point and worst."""
    if one.of is not Class.COUNTED and contract.treatment(one.of) is Treatment.UP:
        return 0, 0, 0
    weights = contract.weights
    if one.segment.point is State.UNMEASURED:
        return 0, 0, FULL
    return weights[one.segment.best], weights[one.segment.point], weights[one.segment.worst]


def _downtime(edges: Sequence[int], weights: Sequence[int]) -> Callable[[int], int]:
    """The downtime from the beginning of the axis to an instant on it, in ns."""
    sums = [0, *accumulate(weight * (b - a) for weight, a, b in zip(weights, edges, edges[1:], strict=False))]

    def until(at_us: int) -> int:
        index = bisect_right(edges, at_us) - 1
        return sums[index] if index >= len(weights) else sums[index] + weights[index] * (at_us - edges[index])

    return until
