"""
What several locations agree on, which of it is confirmed, and where an outage began (AVAILABILITY B3).

Everything here works on stretches that follow one another without a gap; merging equal neighbours comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from uptimed.domain.policy import TimelinePolicy, quorum_of
from uptimed.domain.runs import Run
from uptimed.domain.sight import Onset, Piece
from uptimed.domain.states import Segment, State

UP, DEGRADED, DOWN, UNMEASURED = State


def agreed(pieces: Sequence[Piece], policy: TimelinePolicy) -> list[Segment]:
    """Step 1: the q-th worst of bests, points and worsts, from the first measured instant to the last."""
    if not pieces:
        return []
    locations = policy.locations
    if len(locations) == 1 and len({piece.epoch for piece in pieces}) == 1 and locations[0][1:] == (None, None):
        return list(_alone(pieces))
    return list(_together(pieces, policy))


def _alone(pieces: Sequence[Piece]) -> Iterator[Segment]:
    """One location, one clock: what it saw, and nothing between its chains."""
    reached_us = pieces[0].from_us
    for piece in pieces:
        if piece.from_us > reached_us:
            yield Segment(reached_us, piece.from_us, UNMEASURED, UP, DOWN)
        yield Segment(*piece[:5])
        reached_us = piece.to_us


def _together(pieces: Sequence[Piece], policy: TimelinePolicy) -> Iterator[Segment]:
    begin_us = min(piece.from_us for piece in pieces)
    end_us = max(piece.to_us for piece in pieces)
    edges = {edge for edge in policy.changes_us if begin_us < edge < end_us}
    instants = sorted({piece.from_us for piece in pieces} | {piece.to_us for piece in pieces} | edges)
    starting = sorted(pieces)
    at = 0
    current: list[Piece] = []
    for from_us, to_us in pairwise(instants):
        current = [piece for piece in current if piece.to_us > from_us]
        while at < len(starting) and starting[at].from_us <= from_us:
            current.append(starting[at])
            at += 1
        yield Segment(from_us, to_us, *_vote(policy.active_at(from_us), current, policy.at(from_us).quorum))


def _vote(active: Sequence[str], current: Sequence[Piece], quorum: int | None) -> tuple[State, State, State]:
    if not active:
        return UNMEASURED, UP, DOWN
    q = quorum_of(len(active), quorum)
    bests, points, worsts = [], [], []
    for location in active:
        seen = [piece for piece in current if piece.location == location]
        # A clock that was set back makes chains overlap: the truth may be what any of them allows, the point is the newest clock's.
        bests.append(min((piece.best for piece in seen), default=UP))
        worsts.append(max((piece.worst for piece in seen), default=DOWN))
        if seen:
            points.append(max(seen, key=lambda piece: piece.epoch).point)
    point = _worst(points, q) if len(points) >= q else UNMEASURED
    return point, _worst(bests, q), _worst(worsts, q)


def _worst(states: list[State], q: int) -> State:
    """The q-th worst of them."""
    return sorted(states, reverse=True)[q - 1]


def episodes(segments: Sequence[Segment]) -> list[tuple[int, int]]:
    """Indices [first, last] of the maximal stretches whose point is down."""
    found: list[tuple[int, int]] = []
    for index, segment in enumerate(segments):
        if segment.point is DOWN:
            if found and found[-1][1] == index - 1:
                found[-1] = (found[-1][0], index)
            else:
                found.append((index, index))
    return found


def confirmed(segments: list[Segment], runs: Iterable[Run], policy: TimelinePolicy) -> list[tuple[int, int]]:
    """
    Step 2, in place: failures that are not confirmed become degraded and keep their worst.

    They are shown, not counted, and not hidden from the pessimistic bound. Returns the episodes that remain.
    """
    down = [run for run in runs if run.state is DOWN]
    eps_us = policy.clock_eps_us
    remaining = []
    for first, last in episodes(segments):
        rules = policy.at(segments[first].from_us)
        early_us = segments[first].from_us - rules.flap_window_us
        late_us = segments[last].to_us + rules.flap_window_us
        failures = sum(
            run.count for run in down if run.first_start_us - eps_us <= late_us and run.last_start_us - eps_us >= early_us
        )
        if failures >= rules.confirmations:
            remaining.append((first, last))
            continue
        for index in range(first, last + 1):
            a, b, _, best, worst = segments[index]
            segments[index] = Segment(a, b, DEGRADED, min(best, DEGRADED), worst)
    return remaining


def refined(
    segments: Sequence[Segment],
    remaining: Sequence[tuple[int, int]],
    onsets: Sequence[Onset],
    policy: TimelinePolicy,
) -> list[Segment]:
    """
    Step 3: the point's onset moves to the middle of what all locations together prove.

    All moves are found before one is made.
    """
    moves = [move for first, last in remaining if (move := _move(segments, first, last, onsets, policy)) is not None]
    return _moved(segments, moves) if moves else list(segments)


def _move(
    segments: Sequence[Segment],
    first: int,
    last: int,
    onsets: Sequence[Onset],
    policy: TimelinePolicy,
) -> tuple[int, int, State] | None:
    """(from where, to where, the point before) or None when the onset stays."""
    x_us, y_us = segments[first].from_us, segments[last].to_us
    if first == 0 or segments[first - 1].point in (DOWN, UNMEASURED):
        return None
    pairs = [
        one for one in onsets if one.measured_from_us <= x_us < one.measured_to_us and one.good_start_us <= x_us < one.bad_end_us
    ]
    if not pairs or len(pairs) < quorum_of(len(policy.active_at(x_us)), policy.at(x_us).quorum):
        return None
    good_us = max(min(one.good_end_us, one.bad_start_us) for one in pairs)
    bad_us = min(one.bad_start_us for one in pairs)
    z_us = (good_us + bad_us) // 2
    if good_us >= bad_us or z_us >= y_us or z_us == x_us:
        return None
    return x_us, z_us, segments[first - 1].point


def _moved(segments: Sequence[Segment], moves: Sequence[tuple[int, int, State]]) -> list[Segment]:
    edges = {edge for x_us, z_us, _ in moves for edge in (x_us, z_us)}
    out = []
    for segment in _cut(segments, edges):
        a, b, point, best, worst = segment
        for x_us, z_us, before in moves:
            if x_us <= a < z_us and point is DOWN:
                point = max(best, min(worst, before))
            elif z_us <= a < x_us and point is not UNMEASURED and worst is DOWN:
                point = DOWN
        out.append(Segment(a, b, point, best, worst))
    return out


def _cut(segments: Iterable[Segment], edges: Iterable[int]) -> Iterator[Segment]:
    wanted = sorted(edges)
    for begin_us, end_us, *triple in segments:
        inside = [begin_us, *(edge for edge in wanted if begin_us < edge < end_us), end_us]
        for from_us, to_us in pairwise(inside):
            yield Segment(from_us, to_us, *triple)


def merged(segments: Iterable[Segment]) -> list[Segment]:
    """Neighbours that say the same become one."""
    out: list[Segment] = []
    for segment in segments:
        if out and out[-1].to_us == segment.from_us and out[-1][2:] == segment[2:]:
            out[-1] = Segment(out[-1].from_us, segment.to_us, *segment[2:])
        elif segment.to_us > segment.from_us:
            out.append(segment)
    return out
