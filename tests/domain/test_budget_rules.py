"""Verdicts, budgets, projections and burn rates at their edges (AVAILABILITY B7, B11), told as cases are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.adapter import ANSWERS, iso, us
from tests.domain.examples import examples
from uptimed.domain.burn import Burning, burning
from uptimed.domain.figures import Contract
from uptimed.domain.states import Segment, State

DAY = {"from": "2026-06-01T00:00:00Z", "to": "2026-06-02T00:00:00Z"}
YEAR = {"window": {"kind": "year", "year": 2026}, "from": "2025-06-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
S = 1_000_000
DAY_US = 86_400 * S


def later(text: str, seconds: float) -> str:
    return iso(us(text) + round(seconds * S))


def stretch(begins: str, seconds: float, state: str = "down", **more: str) -> dict[str, str]:
    return {"from": begins, "to": later(begins, seconds), "state": state, **more}


def sla(segments: list[dict[str, str]], asof: str, **more: Any) -> dict[str, Any]:
    return ANSWERS["sla"]({**DAY, "contract": {"target": "99.9"}, "segments": segments, "asof": asof, **more})


END = DAY["to"]
TEN = "2026-06-01T10:00:00Z"
BUDGET_S = 86.4


@pytest.mark.parametrize(
    ("certain_s", "doubtful_s", "verdict"),
    [
        (86.4, 0, "met"),  # equality meets
        (86.400001, 0, "missed"),
        (80, 6.4, "met"),
        (80, 6.400001, "undecided"),  # also after the end
        (86.4, 0.000001, "undecided"),
        (0, 86.4, "met"),
    ],
)
def test_a_closed_period_is_met_or_missed_for_sure_or_undecided(certain_s: float, doubtful_s: float, verdict: str) -> None:
    segments = [stretch(TEN, certain_s)] if certain_s else []
    if doubtful_s:
        segments.append(stretch(later(TEN, certain_s), doubtful_s, "up", worst="down"))
    assert sla(segments, END)["verdict"] == verdict
    assert sla(segments, later(END, 10**6))["verdict"] == verdict


@pytest.mark.parametrize(
    ("down_s", "left_s", "verdict"),
    [(60, 26.4, "met"), (60, 26.400001, "undecided"), (86.4, 0.000001, "undecided"), (86.400001, 3600, "missed")],
)
def test_before_the_end_the_rest_of_the_period_counts_as_down_for_met(down_s: float, left_s: float, verdict: str) -> None:
    assert sla([stretch(TEN, down_s)], later(END, -left_s))["verdict"] == verdict


@pytest.mark.parametrize(
    ("asof_s", "to_date"),
    [
        (36_000, "met"),  # nothing down yet
        (36_030, "met"),  # 30 s of 36.03
        (36_036.036036, "met"),  # 36.036036 s of 36.036036036
        (36_036.036037, "missed"),  # 36.036037 s of 36.036036037
        (36_060, "missed"),
    ],
)
def test_to_date_the_budget_is_that_of_the_time_so_far(asof_s: float, to_date: str) -> None:
    assert sla([stretch(TEN, 60)], later(DAY["from"], asof_s))["to_date"] == to_date


def test_to_date_nothing_counted_is_undecided() -> None:
    excluded = [{"id": "x", "kind": "exclude", "at": TEN, "by": "anna", "reason": "clause 4", "from": DAY["from"], "to": END}]
    answer = sla([stretch(TEN, 60)], TEN, adjustments=excluded)
    assert answer["to_date"] == "undecided"
    assert answer["budget_us"] == 14 * 3600 * S // 1000  # only what is excluded so far shortens the period


@pytest.mark.parametrize(
    ("permille", "seconds_in"),
    [
        (0, None),
        (1000, 86.4),
        (500, 172.8),
        (333, 259.459460),  # 86.4 / 0.333 = 259.459459459...: rounded up to the microsecond
        (7, None),  # 25.2 s
    ],
)
def test_the_budget_is_exhausted_at_the_first_microsecond_that_reaches_it(permille: int, seconds_in: float | None) -> None:
    contract = {"target": "99.9", "degraded_permille": permille}
    answer = sla([stretch(TEN, 3600, "degraded")], END, contract=contract)
    assert answer["exhausted_at"] == (None if seconds_in is None else later(TEN, seconds_in))


def test_several_outages_exhaust_it_together_and_exactly_its_end_is_in_time() -> None:
    two = [stretch(TEN, 50), stretch("2026-06-01T12:00:00Z", 36.4)]
    assert sla(two, END)["exhausted_at"] == "2026-06-01T12:00:36.400000Z"
    assert sla(two, "2026-06-01T12:00:36.399999Z")["exhausted_at"] is None


def test_remaining_budgets_are_cut_to_the_microsecond_downwards() -> None:
    segments = [stretch(TEN, 0.000001, "degraded"), stretch("2026-06-01T11:00:00Z", 100)]
    answer = sla(segments, END, contract={"target": "99.9", "degraded_permille": 1})
    # 86.4 s - 100 s - 0.001 us
    assert answer["remaining_us"] == -13_600_001
    assert answer["remaining_hi_us"] == -13_600_001


# The projection


def test_the_budget_is_projected_at_the_pace_of_thirty_days() -> None:
    """What is left, at the downtime of the last 30 days alone: older outages have spent, and say nothing of the pace."""
    segments = [stretch("2026-02-01T00:00:00Z", 600), stretch("2026-06-20T00:00:00Z", 300)]
    asof = "2026-07-01T00:00:00Z"
    answer = ANSWERS["sla"]({**YEAR, "segments": segments, "asof": asof})
    left = Fraction("3153.6") - 900
    wanted = us(asof) + int(left * S * 30 * DAY_US // (300 * S))
    assert us("2027-01-01T00:00:00Z") <= wanted
    assert answer["projected_exhaustion"] is None
    faster = [*segments, stretch("2026-06-21T00:00:00Z", 600)]
    answer = ANSWERS["sla"]({**YEAR, "segments": faster, "asof": asof})
    assert answer["projected_exhaustion"] == iso(us(asof) + int((left - 600) * S * 30 * DAY_US // (900 * S)))


def test_early_in_the_year_the_pace_is_that_of_days_before_it() -> None:
    """... unless the service began later than that."""
    segments = [stretch("2025-12-20T00:00:00Z", 3600)]
    asof = "2026-01-02T00:00:00Z"
    answer = ANSWERS["sla"]({**YEAR, "segments": segments, "asof": asof})
    assert answer["projected_exhaustion"] == iso(us(asof) + 31_536 * S // 10 * 30 * DAY_US // (3600 * S))
    contract = {"service_start": "2026-01-01T00:00:00Z"}
    assert ANSWERS["sla"]({**YEAR, "segments": segments, "asof": asof, "contract": contract})["projected_exhaustion"] is None


@pytest.mark.parametrize("down_s", [0, 3153.6, 4000])
def test_nothing_is_projected_without_downtime_or_without_budget(down_s: float) -> None:
    segments = [stretch("2026-06-20T00:00:00Z", down_s)] if down_s else []
    assert ANSWERS["sla"]({**YEAR, "segments": segments, "asof": "2026-07-01T00:00:00Z"})["projected_exhaustion"] is None


# Burn rates

NOON = "2026-06-10T12:00:00Z"


def burn(*segments: dict[str, str], **more: Any) -> dict[str, str]:
    return ANSWERS["burn"]({**YEAR, "segments": sorted(segments, key=lambda one: one["from"]), "asof": NOON, **more})


@pytest.mark.parametrize(
    ("rule", "long_s", "short_s", "threshold_s", "short_threshold_s"),
    [
        ("page-fast", 3600, 300, "63.072", "5.256"),
        ("page-slow", 6 * 3600, 1800, "157.68", "13.14"),
        ("ticket-3d", 3 * 86_400, 6 * 3600, "315.36", "26.28"),
        ("ticket-30d", 30 * 86_400, 60 * 3600, "630.72", "52.56"),
    ],
)
def test_a_rule_fires_at_both_its_thresholds_and_not_a_microsecond_before(
    rule: str, long_s: int, short_s: int, threshold_s: str, short_threshold_s: str
) -> None:
    long, short = Fraction(threshold_s), Fraction(short_threshold_s)

    def told(in_long: Fraction, in_short: Fraction) -> str:
        recent = stretch(later(NOON, -float(in_short)), float(in_short))
        before = stretch(later(NOON, -long_s), float(in_long - in_short))
        assert in_long - in_short < long_s - short_s
        return burn(before, recent)[rule]

    us_ = Fraction(1, S)
    assert told(long, short) == "fire"
    assert told(long - us_, short) == "clear"
    assert told(long, short - us_) == "clear"


@pytest.mark.parametrize(("blind_s", "told"), [(150, "clear"), (150.000001, "frozen"), (300, "frozen")])
def test_more_than_half_of_the_short_window_unseen_freezes_a_rule(blind_s: float, told: str) -> None:
    assert burn(stretch(later(NOON, -blind_s), blind_s, "unmeasured"))["page-fast"] == told


def test_what_still_burns_fires_even_when_half_blind() -> None:
    assert burn(stretch(later(NOON, -360), 160), stretch(later(NOON, -200), 200, "unmeasured"))["page-fast"] == "fire"


def test_excluded_time_neither_burns_nor_blinds() -> None:
    excluded = {"id": "x", "kind": "exclude", "at": NOON, "by": "anna", "reason": "clause 4", "from": later(NOON, -600), "to": NOON}
    assert burn(stretch(later(NOON, -600), 600), adjustments=[excluded])["page-fast"] == "clear"
    assert burn(stretch(later(NOON, -600), 600, "unmeasured"), adjustments=[excluded])["page-fast"] == "clear"


@pytest.mark.parametrize(("down_s", "told"), [(36.979200, "fire"), (36.979199, "clear")])
def test_the_budget_is_that_of_the_period_with_what_is_excluded_so_far_taken_out(down_s: float, told: str) -> None:
    """151 of 365 days are excluded: 63.072 s x 214 / 365."""
    excluded = {"id": "x", "kind": "exclude", "at": NOON, "by": "anna", "reason": "clause 4"}
    excluded |= {"from": "2026-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}
    assert burn(stretch(later(NOON, -down_s), down_s), adjustments=[excluded])["page-fast"] == told


def burning_words(losses: list[tuple[int, int, str]], now: int, budget_us: Fraction) -> dict[str, str]:
    """The table of B11 and its sentence, in seconds of loss."""
    table = {
        "page-fast": (3600, 300, 2),
        "page-slow": (21_600, 1800, 5),
        "ticket-3d": (259_200, 21_600, 10),
        "ticket-30d": (2_592_000, 216_000, 20),
    }

    def within(seconds: int, state: str) -> int:
        return sum(max(0, min(b, now) - max(a, now - seconds * S)) for a, b, what in losses if what == state)

    told = {}
    for name, (long, short, percent) in table.items():
        p = Fraction(percent, 100) * budget_us
        fires = within(long, "down") >= p and Fraction(within(short, "down"), short) >= p / long
        told[name] = "fire" if fires else "frozen" if 2 * within(short, "unmeasured") > short * S else "clear"
    return told


@examples(300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 2, 20, 150, 200, 1000, 9000, 10**5]), st.integers(1, 700), st.sampled_from(["down", "unmeasured"])
        ),
        max_size=8,
    )
)
def test_rules_say_what_their_table_says(before: list[tuple[int, int, str]]) -> None:
    """Losses going back from now: a gap, then a loss of so many seconds."""
    now, reached = us(NOON), us(NOON)
    losses = []
    for gap_s, length_s, state in before:
        end = reached - gap_s * S
        reached = end - length_s * S
        losses.append((reached, end, state))
    contract = Contract(Fraction(9999, 10_000), "99.99")
    segments = []
    at = us("2025-01-01T00:00:00Z")
    for a, b, state in [*reversed(losses), (now, now, "up")]:
        if at < a:
            segments.append(Segment(at, a, State.UP, State.UP, State.UP))
        blind = state == "unmeasured"
        if a < b:
            triple = (State.UNMEASURED, State.UP, State.DOWN) if blind else (State.DOWN,) * 3
            segments.append(Segment(a, b, *triple))
        at = b
    told = burning(segments, contract, (us("2026-01-01T00:00:00Z"), us("2027-01-01T00:00:00Z")), now)
    assert told == {name: Burning(word) for name, word in burning_words(losses, now, Fraction("3153.6") * S).items()}
