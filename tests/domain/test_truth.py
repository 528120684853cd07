"""
The truth is never outside of the bounds (AVAILABILITY B16), whatever is lost, late or stamped by a clock that is a little off.

A story begins with the truth: when each location would have seen what. Results see it at some instant of their own (W), and between
the instants that two consecutive results of a chain prove it changes at most once (A1); changes that break this are left out. In
silences, and before and after, it changes as it likes.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.examples import examples
from uptimed.domain.definition import segments_of
from uptimed.domain.figures import Contract, figures_of
from uptimed.domain.overlays import laid_over
from uptimed.domain.policy import TimelinePolicy, quorum_of
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import CheckTimeline, OutOfOrder

SPAN = 240
STATES = (State.UP, State.DEGRADED, State.DOWN)
VERDICT = {state: Verdict(state.word) for state in STATES}


class Look(NamedTuple):
    """A check that was made: what it says of itself, and the true instant at which it saw what it saw."""

    location: str
    epoch: int
    start_us: int
    end_us: int
    saw_at_us: int


class Truth:
    """What one location would see: from each instant of `changes` on, the state of the same place."""

    def __init__(self, changes: list[tuple[int, State]]) -> None:
        self.changes = changes

    def at(self, t: int) -> State:
        return self.changes[max(0, bisect_right(self.changes, t, key=lambda change: change[0]) - 1)][1]

    def between(self, t: int, u: int) -> list[int]:
        """Places of the changes in (t, u]."""
        return [place for place, (at, _) in enumerate(self.changes) if min(t, u) < at <= max(t, u) and place > 0]


class Story(NamedTuple):
    policy: TimelinePolicy
    truths: dict[str, Truth]
    evidence: list[Evidence]


def looks(story: random.Random, location: ActiveLocation, policy: TimelinePolicy) -> list[Look]:
    """On a grid with re-checks, slow answers and lost results; a clock up to the tolerance off, which is moved now and then."""
    t, epoch, off = story.randrange(15), 0, 0
    found = []
    while t < SPAN:
        took = story.choice([0, 0, 0, 1, 3, 8])
        saw_at = t + story.randint(0, took)
        start, end = t + off, t + took + off
        if location.is_active(start) and story.random() > 0.15:
            found.append(Look(location.id, epoch, start, end, saw_at))
        t += story.choice([0, 1, 2, 5, 5, 5, 5, 7, policy.horizon_us, 30 if story.random() < 0.3 else 5])
        if story.random() < 0.06:
            epoch += 1
            off = story.randint(-policy.clock_eps_us, policy.clock_eps_us)
    return found


def truth_for(story: random.Random, mine: Sequence[Look], horizon_us: int) -> Truth:
    changes = [(-1000, story.choice(STATES))]
    changes += [(t, story.choice(STATES)) for t in range(-20, SPAN + 20) if story.random() < 0.12]
    truth = Truth([one for place, one in enumerate(changes) if place == 0 or one[1] is not changes[place - 1][1]])
    while broken := next((seen for seen in proofs(mine, horizon_us) if len(truth.between(*seen)) > 1), None):
        del truth.changes[truth.between(*broken)[0]]
    return truth


def proofs(mine: Sequence[Look], horizon_us: int) -> list[tuple[int, int]]:
    """The instants proved by two consecutive results of a chain."""
    found = []
    ordered = sorted(enumerate(mine), key=lambda one: (one[1].epoch, one[1].start_us, one[1].end_us, one[0]))
    for _, chain in groupby(ordered, key=lambda one: one[1].epoch):
        for (_, a), (_, b) in pairwise(chain):
            if b.start_us - a.start_us <= horizon_us:
                found.append((a.saw_at_us, b.saw_at_us))
    return found


def told(seed: int, places: int) -> Story:
    story = random.Random(seed)
    ends = [None, None, None, 60, 150]
    locations = []
    for name in "abc"[:places]:
        since, until = story.choice(ends), story.choice(ends)
        locations.append(ActiveLocation(name, since, until if since is None or until is None or since < until else None))
    policy = TimelinePolicy(
        tuple(locations),
        horizon_us=story.choice([8, 12, 20]),
        quorum=story.choice([None, None, 1, places]),
        confirmations=story.choice([1, 2, 3]),
        flap_window_us=story.choice([0, 10, 40]),
        clock_eps_us=story.choice([0, 0, 2]),
    )
    truths, evidence = {}, []
    for location in locations:
        mine = looks(story, location, policy)
        truth = truths[location.id] = truth_for(story, mine, policy.horizon_us)
        evidence += [
            Evidence(f"{location.id}{number:03}", *look[:4], VERDICT[truth.at(look.saw_at_us)]) for number, look in enumerate(mine)
        ]
    return Story(policy, truths, evidence)


def true_state(story: Story, t: int) -> State | None:
    """The q-th worst of what the active locations would see; None while there are none."""
    active = story.policy.active_at(t)
    if not active:
        return None
    q = quorum_of(len(active), story.policy.quorum)
    return sorted((story.truths[one].at(t) for one in active), reverse=True)[q - 1]


def arriving(evidence: list[Evidence], policy: TimelinePolicy, order: random.Random) -> list[Segment]:
    """The timeline after the results came in some order, many of them late."""
    mixed = sorted(evidence, key=lambda one: one.start_us + order.choice([0, 0, 0, 10, 100]))
    timeline = CheckTimeline(policy)
    for number, one in enumerate(mixed):
        folded = timeline.fold(one)
        if isinstance(folded, OutOfOrder):
            timeline.rebuild(folded, [e for e in mixed[:number] if folded.from_us <= e.start_us <= folded.to_us])
    return timeline.segments


stories = st.builds(told, st.integers(0, 2**32), st.integers(1, 3))


@examples(300)
@given(stories, st.integers(0, 2**32))
def test_the_truth_is_never_outside_of_the_bounds(story: Story, order: int) -> None:
    """At no instant, measured or not; so in no window either."""
    segments = segments_of(story.evidence, story.policy)
    assert arriving(story.evidence, story.policy, random.Random(order)) == segments
    for one in segments:
        for t in range(one.from_us, one.to_us):
            truth = true_state(story, t)
            assert truth is None or one.best <= truth <= one.worst, t


CONTRACT = Contract(Fraction(9, 10), "90", degraded_permille=300)


@examples(150)
@given(stories, st.integers(-10, SPAN), st.integers(1, SPAN))
def test_the_true_downtime_of_a_window_lies_between_its_sums(story: Story, from_us: int, length_us: int) -> None:
    window = from_us, from_us + length_us
    figures = figures_of(laid_over(segments_of(story.evidence, story.policy), window), CONTRACT)
    states = [true_state(story, t) for t in range(*window)]
    # While no location is active nothing can be said, and anything may be.
    least = sum(CONTRACT.weights[state] for state in states if state is not None)
    assert figures.d_lo_ns <= least + 1000 * states.count(None)
    assert least <= figures.d_hi_ns


def test_the_stories_hold_what_they_are_for() -> None:
    """Several locations, changes of truth, down and unmeasured time, several epochs: not by luck."""
    every = [told(seed, 3) for seed in range(40)]
    points = [one.point for story in every for one in segments_of(story.evidence, story.policy)]
    assert {State.UP, State.DEGRADED, State.DOWN, State.UNMEASURED} == set(points)
    assert sum(len(truth.changes) for story in every for truth in story.truths.values()) > 500
    assert any(one.epoch > 1 for story in every for one in story.evidence)
    assert any(story.policy.clock_eps_us for story in every)
