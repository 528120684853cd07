"""Confirmed down stretches of a Component's timeline, and the four instants that bracket each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from uptimed.domain.runs import Run
from uptimed.domain.states import Segment, State


class Down(NamedTuple):
    from_us: int
    to_us: int
    ended: bool
    """False: nothing has been measured after it. It may still be going on."""


class Bracket(NamedTuple):
    """Between the last good and the first bad result it began; between the last bad and the first good one it ended."""

    last_good_us: int | None
    first_bad_us: int
    last_bad_us: int
    first_good_us: int | None


def confirmed_downs(segments: Sequence[Segment], from_us: int | None = None) -> list[Down]:
    """
    Maximal stretches whose point is down; what is not confirmed has become degraded before (AVAILABILITY B3).

    An unmeasured silence between two of them does not end an outage: nobody has seen it up.
    """
    found: list[Down] = []
    for segment in segments:
        if from_us is not None and segment.to_us <= from_us:
            continue
        if segment.point is State.DOWN:
            begin_us = segment.from_us if from_us is None else max(segment.from_us, from_us)
            if found and not found[-1].ended:
                begin_us = found.pop().from_us
            found.append(Down(begin_us, segment.to_us, ended=False))
        elif segment.point is not State.UNMEASURED and found:
            found[-1] = found[-1]._replace(ended=True)
    return found


class Lasted(NamedTuple):
    """How long it was at the least and at the most, whatever the point says."""

    at_least_us: int
    at_most_us: int


def lasted(segments: Sequence[Segment], downs: Sequence[Down]) -> list[Lasted]:
    """
    Of each of the `downs` that `confirmed_downs` finds in these segments, which must be without gaps.

    At least: what was down for certain. At most: all around it that may have been, unmeasured time too, up to its neighbours.
    """
    doubtful: list[tuple[int, int]] = []
    for one in segments:
        if one.worst is not State.DOWN:
            continue
        if doubtful and doubtful[-1][1] == one.from_us:
            doubtful[-1] = doubtful[-1][0], one.to_us
        else:
            doubtful.append((one.from_us, one.to_us))
    starts = [one.from_us for one in segments]
    ends_before = [None, *(one.to_us for one in downs)]
    begins_after = [*(one.from_us for one in downs[1:]), None]
    found = []
    for down, before_us, after_us in zip(downs, ends_before, begins_after, strict=False):
        inside = segments[max(0, bisect_right(starts, down.from_us) - 1) : bisect_right(starts, down.to_us)]
        certain = sum(max(0, min(a.to_us, down.to_us) - max(a.from_us, down.from_us)) for a in inside if a.best is State.DOWN)
        from_us, to_us = next(one for one in doubtful if one[0] <= down.from_us < one[1])
        from_us = from_us if before_us is None else max(from_us, before_us)
        to_us = max(down.to_us, to_us if after_us is None else min(to_us, after_us))
        found.append(Lasted(certain, to_us - from_us))
    return found


def bracket(runs_of_checks: Iterable[Sequence[Run]], from_us: int, to_us: int) -> Bracket:
    """The brackets of the down stretch [from_us, to_us), from the runs of the checks that were down in it."""
    good_before, good_after, bad = [], [], []
    for runs in runs_of_checks:
        mine = [run for run in runs if run.state is State.DOWN and run.first_start_us <= to_us and run.last_end_us > from_us]
        bad += mine
        if not mine:
            continue
        first_us, last_us = min(run.first_start_us for run in mine), max(run.last_start_us for run in mine)
        good = [run for run in runs if run.state is not State.DOWN]
        good_before += [min(run.last_start_us, first_us) for run in good if run.first_start_us < first_us]
        good_after += [max(run.first_start_us, last_us) for run in good if run.last_start_us > last_us]
    if not bad:
        return Bracket(None, from_us, to_us, None)
    return Bracket(
        last_good_us=max((one for one in good_before if one <= from_us), default=None),
        first_bad_us=min(run.first_start_us for run in bad),
        last_bad_us=max(run.last_start_us for run in bad),
        first_good_us=min((one for one in good_after if one >= to_us), default=None),
    )
