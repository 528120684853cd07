"""Result by result, or all at once: the same timeline (AVAILABILITY B13 and B16)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.examples import examples
from uptimed.domain.definition import segments_of
from uptimed.domain.policy import Rules, TimelinePolicy, over_time
from uptimed.domain.results import Evidence
from uptimed.domain.runs import Run, following, runs_of, runs_of_sorted
from uptimed.domain.states import Segment, State, Verdict
from uptimed.domain.timeline import CheckTimeline, OutOfOrder

S = 1_000_000
VERDICTS = (Verdict.UP, Verdict.DEGRADED, Verdict.DOWN)


@st.composite
def policies(draw: st.DrawFn) -> TimelinePolicy:
    """Half of them have changed, once or twice."""
    changes = sorted(draw(st.sets(st.integers(1, 1200).map(lambda second: second * S), max_size=2)))
    edges: list[int | None] = [None, *changes, None]
    spans = []
    for from_us, to_us in pairwise(edges):
        names = draw(st.sampled_from([("a",), ("a",), ("a", "b"), ("a", "b", "c"), ("b",)]))
        rules = Rules(
            horizon_us=draw(st.sampled_from([50 * S, 50 * S, 30 * S, 120 * S])),
            quorum=draw(st.one_of(st.none(), st.integers(1, len(names)))),
            confirmations=draw(st.integers(1, 3)),
            flap_window_us=draw(st.sampled_from([30 * S, 300 * S])),
        )
        spans.append((from_us, to_us, names, rules))
    return over_time(spans, clock_eps_us=draw(st.sampled_from([0, S // 10])))


@st.composite
def stories(draw: st.DrawFn, most: int = 40) -> tuple[TimelinePolicy, list[Evidence]]:
    """Some dozen results in order of time: steady stretches, failures, silences, slow answers, a second epoch."""
    policy = draw(policies())
    evidence: list[Evidence] = []
    for name in sorted({one.id for one in policy.locations}):
        at_us, epoch = draw(st.integers(0, 20)) * S, 0
        for step in range(draw(st.integers(1, most))):
            at_us += draw(st.sampled_from([2 * S, 5 * S, 20 * S, 20 * S, 50 * S, 51 * S, 200 * S]))
            took_us = draw(st.sampled_from([0, S // 5, 3 * S, 15 * S]))
            if draw(st.integers(0, 30)) == 0:
                epoch += 1
                at_us -= draw(st.sampled_from([0, 30 * S]))
            verdict = draw(st.sampled_from([Verdict.UP, Verdict.UP, Verdict.UP, *VERDICTS]))
            if any(one.id == name and one.is_active(at_us) for one in policy.locations):
                evidence.append(Evidence(f"{name}{step}", name, epoch, at_us, at_us + took_us, verdict))
    evidence.sort(key=lambda one: (one.start_us, one.end_us, one.id))
    return policy, evidence


def told(timeline: CheckTimeline, evidence: list[Evidence], known: list[Evidence]) -> None:
    for one in evidence:
        folded = timeline.fold(one)
        if isinstance(folded, OutOfOrder):
            around = [e for e in known if folded.from_us <= e.start_us <= folded.to_us]
            timeline.rebuild(folded, around)
        known.append(one)


@examples(300)
@given(stories())
def test_folding_results_one_by_one_gives_the_timeline_of_all_of_them(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    policy, evidence = story
    timeline = CheckTimeline(policy)
    told(timeline, evidence, [])
    assert timeline.runs == runs_of(evidence, policy.horizon_us, policy.earlier)
    assert timeline.segments == segments_of(evidence, policy)


@examples(150)
@given(stories(most=16), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(story: tuple[TimelinePolicy, list[Evidence]], random: object) -> None:
    policy, evidence = story
    mixed = list(evidence)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    timeline = CheckTimeline(policy)
    told(timeline, mixed, [])
    assert timeline.segments == segments_of(evidence, policy)


@examples(200)
@given(stories(), st.floats(0, 1))
def test_a_timeline_restored_from_its_record_goes_on_identically(
    story: tuple[TimelinePolicy, list[Evidence]], share: float
) -> None:
    policy, evidence = story
    cut = int(len(evidence) * share)
    recorded: list[Segment] = []
    first = CheckTimeline(policy)
    for one in evidence[:cut]:
        change = first.fold(one)
        if isinstance(change, OutOfOrder):
            change = first.rebuild(change, evidence[:cut][: evidence.index(one)])
        if change.rewritten_from_us is not None:
            recorded = [segment for segment in recorded if segment.from_us < change.rewritten_from_us] + list(change.segments)
    again = CheckTimeline(policy, first.runs, recorded)
    assert again.segments == first.segments
    told(again, evidence[cut:], list(evidence[:cut]))
    assert again.segments == segments_of(evidence, policy)


@examples(200)
@given(stories(), st.booleans())
def test_millions_of_results_in_order_become_the_runs_that_folding_them_makes(
    story: tuple[TimelinePolicy, list[Evidence]], one_after_the_other: bool
) -> None:
    """All locations mixed as they came, or one location after the other; plain tuples do."""
    policy, evidence = story
    if one_after_the_other:
        evidence = sorted(evidence, key=lambda one: (one.location, -one.epoch))
    folded: list[Run] = []
    for key in sorted({(one.location, one.epoch) for one in evidence}):
        mine: list[Run] = []
        for one in (one for one in evidence if (one.location, one.epoch) == key):
            last = mine[-1] if mine else None
            run = following(last, one, policy.horizon_at(last.last_start_us if last else one.start_us))
            mine = [*mine[:-1], run] if last is not None and last.key == run.key else [*mine, run]
        folded += mine
    assert runs_of_sorted(map(tuple, evidence), policy.horizon_us, policy.earlier) == folded


@examples(200)
@given(stories())
def test_segments_follow_one_another_and_best_is_never_worse_than_worst(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    policy, evidence = story
    segments = segments_of(evidence, policy)
    for before, after in pairwise(segments):
        assert before.to_us == after.from_us
        assert before[2:] != after[2:]
    for one in segments:
        assert one.best <= one.worst
        assert one.point is State.UNMEASURED or one.best <= one.point <= one.worst


def before(policy: TimelinePolicy, at_us: int) -> TimelinePolicy:
    """The policy as it was known before it was changed for the last time, at `at_us`."""
    *earlier, last = policy.earlier
    locations = tuple(
        one._replace(to_us=None if one.to_us == at_us else one.to_us) for one in policy.locations if (one.from_us or 0) < at_us
    )
    return replace(policy, **last.rules._asdict(), earlier=tuple(earlier), locations=locations)


@examples(300)
@given(stories().filter(lambda story: bool(story[0].earlier) and story[0].changes_us[-1] == story[0].earlier[-1].until_us))
def test_a_policy_changed_on_the_way_judges_only_what_comes_after(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    policy, evidence = story
    at_us = policy.changes_us[-1]
    old = [one for one in evidence if one.start_us < at_us]
    first = CheckTimeline(before(policy, at_us))
    told(first, old, [])
    again = CheckTimeline(policy, first.runs, first.segments)
    told(again, evidence[len(old) :], list(old))
    assert again.segments == segments_of(evidence, policy)
    settled_us = at_us - 1000 * S
    assert [one for one in again.segments if one.to_us <= settled_us] == [
        one for one in segments_of(old, before(policy, at_us)) if one.to_us <= settled_us
    ]
