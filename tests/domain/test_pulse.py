"""How a check is now: what the badge says at an instant, from the newest results of each location (DESIGN section 4)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.domain.test_incremental import told
from uptimed.domain.definition import segments_of
from uptimed.domain.policy import TimelinePolicy
from uptimed.domain.results import ActiveLocation, Evidence
from uptimed.domain.states import State, Verdict
from uptimed.domain.timeline import CheckTimeline, Pulse

S = 1_000_000
HORIZON_S = 50
WORDS = {"+": Verdict.UP, "~": Verdict.DEGRADED, "-": Verdict.DOWN}
RECOVERIES = 3


def a_policy(*locations: str | ActiveLocation, quorum: int | None = None, failures: int = 2) -> TimelinePolicy:
    known = tuple(one if isinstance(one, ActiveLocation) else ActiveLocation(one) for one in locations or ("a",))
    return TimelinePolicy(known, HORIZON_S * S, quorum, failures)


def seen(story: str, location: str = "a", from_s: int = 0, epoch: int = 0) -> list[Evidence]:
    """One result every 20 s: `+` up, `~` degraded, `-` down; a blank is no result."""
    instants = [(from_s + 20 * number, word) for number, word in enumerate(story) if word != " "]
    return [Evidence(f"{location}{epoch}/{at_s}", location, epoch, at_s * S, at_s * S, WORDS[word]) for at_s, word in instants]


def pulse_of(policy: TimelinePolicy, *stories: list[Evidence], after_s: int = 1) -> Pulse:
    """So long after the newest result."""
    evidence = sorted((one for story in stories for one in story), key=lambda one: one.start_us)
    timeline = CheckTimeline(policy)
    told(timeline, evidence, [])
    return timeline.pulse(evidence[-1].start_us + after_s * S, RECOVERIES)


def test_of_a_check_that_never_ran_nothing_is_known() -> None:
    assert CheckTimeline(a_policy()).pulse(1_000 * S) == Pulse(State.UNMEASURED, None, False, False, False, None)


@pytest.mark.parametrize(
    ("story", "state", "confirmed_down", "unconfirmed", "recovered"),
    [
        pytest.param("+", State.UP, False, False, False, id="one good result"),
        pytest.param("+++", State.UP, False, False, True, id="as many as recovery asks for"),
        pytest.param("~~~", State.DEGRADED, False, False, True, id="degraded answers are no failures"),
        pytest.param("+++-", State.UP, False, True, False, id="a failure alone keeps the state before it"),
        pytest.param("~~~-", State.DEGRADED, False, True, False, id="also that of a degraded check"),
        pytest.param("-", State.UNMEASURED, False, True, False, id="a first result that fails: nothing was known before"),
        pytest.param("--", State.DOWN, True, False, False, id="two failures confirm"),
        pytest.param("+++--", State.DOWN, True, False, False, id="after good ones, too"),
        pytest.param("+-+-", State.DOWN, True, False, False, id="failures near each other confirm together"),
        pytest.param("--+", State.UP, False, False, False, id="the first good result ends it, but is no recovery yet"),
        pytest.param("--++", State.UP, False, False, False, id="nor is the second"),
        pytest.param("--+++", State.UP, False, False, True, id="the third is"),
        pytest.param("--++-", State.DOWN, True, False, False, id="a relapse is confirmed by the failures before"),
        pytest.param("--~++", State.UP, False, False, True, id="a degraded answer counts towards recovery"),
        pytest.param("---+   ++", State.UP, False, False, False, id="good results before a silence do not"),
    ],
)
def test_the_newest_results_decide(story: str, state: State, confirmed_down: bool, unconfirmed: bool, recovered: bool) -> None:
    found = pulse_of(a_policy(), seen(story))
    assert (found.state, found.confirmed_down, found.unconfirmed, found.recovered) == (
        state,
        confirmed_down,
        unconfirmed,
        recovered,
    )


@pytest.mark.parametrize(("after_s", "state"), [(HORIZON_S, State.UP), (HORIZON_S + 1, State.UNMEASURED)])
def test_a_result_speaks_until_the_horizon_and_no_longer(after_s: int, state: State) -> None:
    assert pulse_of(a_policy(), seen("+++"), after_s=after_s).state is state


def test_silence_forgets_a_confirmed_failure_and_recovers_nothing() -> None:
    found = pulse_of(a_policy(), seen("+---"), after_s=HORIZON_S + 1)
    assert found == Pulse(State.UNMEASURED, None, False, False, False, last_us=60 * S)


def test_more_failures_are_asked_for_where_the_check_says_so() -> None:
    strict = a_policy(failures=4)
    assert pulse_of(strict, seen("+---")).state is State.UP
    assert pulse_of(strict, seen("+----")).confirmed_down


def test_failures_further_apart_than_the_flap_window_do_not_confirm_each_other() -> None:
    assert pulse_of(a_policy(), seen("-" + "+" * 15 + "-")).unconfirmed
    assert pulse_of(a_policy(), seen("-" + "+" * 14 + "-")).confirmed_down


@pytest.mark.parametrize(
    ("quorum", "a", "b", "c", "state", "unconfirmed"),
    [
        pytest.param(None, "+++", "+++", "+++", State.UP, False, id="all are well"),
        pytest.param(None, "+--", "+++", "+++", State.UP, True, id="one of three fails"),
        pytest.param(None, "+--", "+--", "+++", State.DOWN, False, id="the majority fails"),
        pytest.param(None, "++-", "++-", "+++", State.DOWN, False, id="one failure each confirms as two at one place do"),
        pytest.param(None, "+--", "+~~", "+++", State.DEGRADED, True, id="the second worst of three is degraded"),
        pytest.param(3, "+--", "+--", "+++", State.UP, True, id="where all must agree"),
        pytest.param(1, "+--", "+++", "+++", State.DOWN, False, id="where one is enough"),
        pytest.param(9, "+--", "+--", "+--", State.DOWN, False, id="no more than there are can be asked for"),
    ],
)
def test_as_many_locations_as_asked_for_must_agree(
    quorum: int | None, a: str, b: str, c: str, state: State, unconfirmed: bool
) -> None:
    found = pulse_of(a_policy("a", "b", "c", quorum=quorum), seen(a, "a"), seen(b, "b", 1), seen(c, "c", 2))
    assert (found.state, found.unconfirmed) == (state, unconfirmed)


def test_too_few_locations_that_report_are_no_measurement() -> None:
    policy = a_policy("a", "b", "c")
    assert pulse_of(policy, seen("+++", "a")).state is State.UNMEASURED
    assert pulse_of(policy, seen("+++", "a"), seen("+++", "b", 1)).state is State.UP


def test_recovery_wants_so_many_locations_that_those_left_could_not_make_an_outage() -> None:
    policy = a_policy("a", "b", "c")
    waiting, down = seen("--+++", "a"), seen("-----", "b", 1)
    assert not pulse_of(policy, waiting, down, seen("--++", "c", 2)).recovered
    assert pulse_of(policy, waiting, down, seen("--+++", "c", 2)).recovered


def test_a_location_that_is_not_active_now_is_not_heard() -> None:
    policy = a_policy("a", ActiveLocation("b", None, 90 * S))
    found = pulse_of(policy, seen("++++++", "a"), seen("----", "b"))
    assert (found.state, found.unconfirmed) == (State.UP, False)


def test_after_a_clock_was_set_the_newer_epoch_speaks() -> None:
    assert pulse_of(a_policy(), seen("+++--"), seen("+++", from_s=70, epoch=1)).state is State.UP
    assert pulse_of(a_policy(), seen("+++"), seen("--", from_s=30, epoch=1)).confirmed_down


def test_it_says_since_when() -> None:
    """Between the last good result and the first bad one: the middle."""
    assert pulse_of(a_policy(), seen("+++--")).since_us == 50 * S
    assert pulse_of(a_policy(), seen("--+++")).since_us == 30 * S
    assert pulse_of(a_policy(), seen("+++")).since_us == 0


def test_an_unconfirmed_failure_does_not_begin_the_state_anew() -> None:
    long_ago = "--" + "+" * 16
    found = pulse_of(a_policy(), seen(long_ago + "-"))
    assert found.unconfirmed
    assert found.since_us == pulse_of(a_policy(), seen(long_ago)).since_us == 30 * S


# Against the definition


words = st.text(alphabet="++++~- ", min_size=3, max_size=16).filter(str.strip)


@st.composite
def steady_stories(draw: st.DrawFn) -> tuple[TimelinePolicy, list[Evidence]]:
    """One to three locations, each looking every 20 s, and a policy that never changes."""
    names = draw(st.sampled_from(["a", "ab", "abc"]))
    policy = a_policy(*names, quorum=draw(st.sampled_from([None, 1, 2, 3])), failures=draw(st.integers(1, 3)))
    evidence = [one for offset_s, name in enumerate(names) for one in seen(draw(words), name, offset_s)]
    return policy, sorted(evidence, key=lambda one: one.start_us)


def badge(policy: TimelinePolicy, evidence: list[Evidence]) -> Pulse:
    timeline = CheckTimeline(policy)
    told(timeline, evidence, [])
    return timeline.pulse(max(one.start_us for one in evidence), RECOVERIES)


@settings(max_examples=200, deadline=None)
@given(steady_stories())
def test_the_parts_of_a_pulse_never_contradict_each_other(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    policy, evidence = story
    found = badge(policy, evidence)
    assert not (found.confirmed_down and (found.unconfirmed or found.recovered))
    assert found.confirmed_down == (found.state is State.DOWN)
    assert (found.since_us is None) or found.state is not State.UNMEASURED
    assert found.last_us == max(one.start_us for one in evidence)


@settings(max_examples=200, deadline=None)
@given(steady_stories())
def test_what_is_recovered_has_no_outage_left_in_its_timeline(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    """An incident that ends by itself ends on this word alone."""
    policy, evidence = story
    timeline = CheckTimeline(policy)
    for number, one in enumerate(evidence):
        told(timeline, [one], evidence[:number])
        if timeline.pulse(timeline.last_start_us or 0, recoveries=2).recovered:
            assert all(one.point is not State.DOWN for one in timeline.segments[-1:])


@settings(max_examples=200, deadline=None)
@given(steady_stories())
def test_the_timeline_agrees_with_the_badge_once_it_has_been_measured_around(story: tuple[TimelinePolicy, list[Evidence]]) -> None:
    """One more result of the same kind at each location, a moment later: what the badge said is then the newest segment."""
    policy, evidence = story
    now_us = max(one.start_us for one in evidence)
    found = badge(policy, evidence)
    assume(not found.unconfirmed and found.state is not State.UNMEASURED)
    active = policy.active_at(now_us)
    newest = {
        one.location: one for one in evidence if one.location in active and now_us - one.start_us <= policy.horizon_us - 20 * S
    }
    assume(set(active) == newest.keys())
    later_us = now_us + S
    more = [one._replace(id=f"{one.id}'", start_us=later_us, end_us=later_us) for one in newest.values()]
    assert segments_of([*evidence, *more], policy)[-1].point is found.state
