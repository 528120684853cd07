"""Planned work as data: windows from events, and what of them the commitment sets aside (AVAILABILITY B4, B9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.adjustments import Invalid
from uptimed.domain.civil import year_window
from uptimed.domain.contract import Span
from uptimed.domain.figures import Contract
from uptimed.domain.maintenance import (
    MaintenanceEvent,
    Window,
    found_in,
    next_event_id,
    next_plan_id,
    qualifying,
    refuse_unless_longer,
    refuse_unless_on,
    refuse_unless_sound,
    set_aside_us,
    windows_of,
)
from uptimed.domain.overlays import Class, Maintenance, laid_over

S = 1_000_000
HOUR = 3_600 * S
DAY = 24 * HOUR
ZONE = "Europe/Paris"
YEAR_US, NEXT_US = year_window(ZONE, 2026)
PROMISE = Contract(Fraction(9999, 10_000), "99.99", ZONE)
WORK = {"en": "Database upgrade"}


def scheduled(
    from_us: int, to_us: int, at_us: int = 0, *, window: str = "MW-2026-0001", scope: str = "shop", rule: str = ""
) -> MaintenanceEvent:
    return MaintenanceEvent(
        f"{window}/1", window, "scheduled", at_us, "anna", scope, from_us, to_us, WORK, rule=rule, timezone=ZONE
    )


def said(kind: str, at_us: int, from_us: int = 0, to_us: int = 0, *, window: str = "MW-2026-0001") -> MaintenanceEvent:
    return MaintenanceEvent(f"{window}/{kind}{at_us}", window, kind, at_us, "anna", "shop", from_us, to_us)


def once(events: Sequence[MaintenanceEvent], as_known_at_us: int | None = None) -> Window:
    (window,) = windows_of(events, lambda _: pytest.fail("it does not recur"), as_known_at_us)
    return window


def spans(parts: Sequence[Maintenance]) -> list[tuple[int, int]]:
    return [(one.from_us, one.to_us) for one in parts]


# From events to windows


def test_an_extension_has_a_notice_of_its_own() -> None:
    window = once([scheduled(100, 200, 0), said("extended", 150, 200, 260)])

    assert (window.from_us, window.planned_to_us) == (100, 260)
    assert window.parts() == [Maintenance(100, 200, 0, id=window.id), Maintenance(200, 260, 150, id=window.id)]


def test_what_is_finished_early_ends_there_with_its_extension() -> None:
    window = once([scheduled(100, 200), said("extended", 150, 200, 260), said("finished", 180)])

    assert spans(window.parts()) == [(100, 180)]
    assert [window.stage(at) for at in (99, 100, 179, 180)] == ["scheduled", "in_progress", "in_progress", "finished"]


def test_what_is_cancelled_before_it_begins_takes_no_time_and_stays_on_record() -> None:
    window = once([scheduled(100, 200), said("cancelled", 50)])

    assert window.parts() == []
    assert window.stage(150) == "cancelled"
    assert not window.is_on(150)


def test_nothing_that_is_said_after_its_end_changes_a_window() -> None:
    plain = once([scheduled(100, 200)])

    assert once([scheduled(100, 200), said("cancelled", 200), said("extended", 210, 200, 300)]) == plain


def test_as_known_at_an_instant_later_words_are_unsaid() -> None:
    events = [scheduled(100, 200, 10), said("extended", 150, 200, 260), said("finished", 180)]

    assert spans(once(events, 160).parts()) == [(100, 200), (200, 260)]
    assert spans(once(events, 149).parts()) == [(100, 200)]
    assert windows_of(events, lambda _: (), 9) == []


def weekly(*later: MaintenanceEvent) -> list[Window]:
    first_us = YEAR_US + 5 * DAY
    event = scheduled(first_us, first_us + HOUR, rule="FREQ=WEEKLY")
    return windows_of([event, *later], lambda _: [first_us + week * 7 * DAY for week in range(4)])


def test_each_occurrence_is_a_window_named_by_its_day() -> None:
    assert [one.id for one in weekly()] == [f"MW-2026-0001@2026-01-{day}" for day in ("06", "13", "20", "27")]
    assert {one.planned_to_us - one.from_us for one in weekly()} == {HOUR}


def test_one_occurrence_is_cancelled_alone() -> None:
    windows = weekly(said("cancelled", YEAR_US, window="MW-2026-0001@2026-01-13"))

    assert [one.cancelled for one in windows] == [False, True, False, False]


def test_a_series_that_is_cancelled_ends_what_is_on_and_drops_what_would_have_come() -> None:
    on_us = YEAR_US + 12 * DAY + HOUR // 2
    windows = weekly(said("cancelled", on_us))

    assert [one.id[-2:] for one in windows] == ["06", "13"]
    assert [one.to_us - one.from_us for one in windows] == [HOUR, HOUR // 2]


# The cap


def granted(windows: Sequence[Window], cap_us: int | None, notice_us: int = 0) -> dict[str, list[tuple[int, int]]]:
    contract = replace(PROMISE, cap_us=cap_us, notice_us=notice_us)
    return {scope: spans(parts) for scope, parts in qualifying(windows, [(Span(None, None), contract)]).items()}


def window(from_us: int, to_us: int, *, scope: str = "shop", announced_us: int = 0, number: int = 1) -> Window:
    return once([scheduled(from_us, to_us, announced_us, window=f"MW-2026-{number:04}", scope=scope)])


def test_the_earliest_windows_use_the_cap_and_the_last_is_cut_where_it_is_used_up() -> None:
    windows = [window(YEAR_US + day * DAY, YEAR_US + day * DAY + 3 * HOUR, number=day) for day in (5, 1, 3)]

    assert granted(windows, 8 * HOUR)["shop"] == [
        (YEAR_US + 5 * DAY, YEAR_US + 5 * DAY + 2 * HOUR),
        (YEAR_US + DAY, YEAR_US + DAY + 3 * HOUR),
        (YEAR_US + 3 * DAY, YEAR_US + 3 * DAY + 3 * HOUR),
    ]


def test_each_year_has_its_own_cap_in_the_zone_of_the_contract() -> None:
    over_new_year = window(NEXT_US - 2 * HOUR, NEXT_US + 2 * HOUR)

    assert granted([over_new_year], HOUR)["shop"] == [(NEXT_US - 2 * HOUR, NEXT_US - HOUR), (NEXT_US, NEXT_US + HOUR)]


def test_a_product_and_its_components_share_one_cap_and_another_product_has_its_own() -> None:
    windows = [
        window(YEAR_US, YEAR_US + 2 * HOUR, scope="shop/web"),
        window(YEAR_US + HOUR, YEAR_US + 4 * HOUR, scope="shop"),
        window(YEAR_US, YEAR_US + 9 * HOUR, scope="desk"),
    ]

    assert granted(windows, 3 * HOUR) == {
        "shop/web": [(YEAR_US, YEAR_US + 2 * HOUR)],
        "shop": [(YEAR_US + HOUR, YEAR_US + 3 * HOUR)],
        "desk": [(YEAR_US, YEAR_US + 3 * HOUR)],
    }


def test_what_is_announced_too_late_uses_nothing_of_the_cap() -> None:
    early = window(YEAR_US + 9 * DAY, YEAR_US + 9 * DAY + HOUR, announced_us=YEAR_US, number=2)
    late = window(YEAR_US + DAY, YEAR_US + DAY + HOUR, announced_us=YEAR_US)

    assert granted([late, early], HOUR, notice_us=5 * DAY)["shop"] == [(early.from_us, early.to_us)]


def test_an_extension_without_notice_is_ordinary_time() -> None:
    whole = once([scheduled(YEAR_US, YEAR_US + HOUR), said("extended", YEAR_US, YEAR_US + HOUR, YEAR_US + 2 * HOUR)])
    contract = replace(PROMISE, notice_us=5 * DAY)
    qualified = qualifying([whole], [(Span(None, None), contract)])

    assert spans(qualified["shop"]) == [(YEAR_US, YEAR_US + HOUR)]
    assert set_aside_us(whole, qualified) == HOUR


MINUTE = 60 * S
AROUND = NEXT_US - 60 * MINUTE


@st.composite
def planned(draw: st.DrawFn) -> list[Window]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        a = draw(st.integers(0, 110))
        b = draw(st.integers(a + 1, 120))
        announced = draw(st.integers(-10, 120))
        scope = draw(st.sampled_from(["shop", "shop/web", "shop/api", "desk"]))
        found.append(
            window(AROUND + a * MINUTE, AROUND + b * MINUTE, scope=scope, announced_us=AROUND + announced * MINUTE, number=number)
        )
    return found


def minute_by_minute(windows: Sequence[Window], terms: Sequence[tuple[Span, Contract]], product: str) -> set[tuple[str, int]]:
    """The rule, told once more and without any cleverness: each minute in its order, as long as its year has any left."""
    used = {2026: 0, 2027: 0}
    found = set()
    for minute in range(120):
        at_us = AROUND + minute * MINUTE
        year = 2026 if minute < 60 else 2027
        contract = next(
            one for span, one in terms if span.from_us is None or at_us >= span.from_us if span.to_us is None or at_us < span.to_us
        )
        of = {
            one.scope
            for one in windows
            if one.scope.split("/")[0] == product
            and one.from_us <= at_us < one.to_us
            and one.stretches[0].announced_us + contract.notice_us <= one.from_us
        }
        if of and (contract.cap_us is None or used[year] < contract.cap_us):
            used[year] += MINUTE
            found |= {(scope, minute) for scope in of}
    return found


caps = st.one_of(st.none(), st.integers(0, 70).map(lambda minutes: minutes * MINUTE))
notices = st.integers(0, 20).map(lambda minutes: minutes * MINUTE)


@given(planned(), caps, caps, notices, notices, st.integers(1, 119))
def test_the_cap_is_that_of_the_rule_read_minute_by_minute(windows, cap, later_cap, notice, later_notice, change) -> None:
    change_us = AROUND + change * MINUTE
    terms = [
        (Span(None, change_us), replace(PROMISE, cap_us=cap, notice_us=notice)),
        (Span(change_us, None), replace(PROMISE, cap_us=later_cap, notice_us=later_notice)),
    ]
    qualified = qualifying(windows, terms)
    found = {
        (scope, minute)
        for scope, parts in qualified.items()
        for one in parts
        for minute in range(120)
        if one.from_us <= AROUND + minute * MINUTE < one.to_us
    }
    assert found == minute_by_minute(windows, terms, "shop") | minute_by_minute(windows, terms, "desk")


@given(planned(), caps, notices, st.randoms())
def test_the_order_in_which_windows_were_scheduled_does_not_matter(windows, cap, notice, random) -> None:
    terms = [(Span(None, None), replace(PROMISE, cap_us=cap, notice_us=notice))]
    shuffled = list(windows)
    random.shuffle(shuffled)

    assert {scope: sorted(its) for scope, its in qualifying(shuffled, terms).items()} == {
        scope: sorted(its) for scope, its in qualifying(windows, terms).items()
    }


@given(planned(), caps, notices)
def test_what_qualifies_is_what_the_account_sets_aside(windows, cap, notice) -> None:
    qualified = qualifying(windows, [(Span(None, None), replace(PROMISE, cap_us=cap, notice_us=notice))]).get("shop", [])
    laid = laid_over([], (AROUND, AROUND + 120 * MINUTE), maintenance=qualified, notice_us=notice)

    minutes = {minute for one in qualified for minute in range(120) if one.from_us <= AROUND + minute * MINUTE < one.to_us}
    assert sum(one.segment.to_us - one.segment.from_us for one in laid if one.of is Class.MAINTENANCE) == len(minutes) * MINUTE


# What people may do


SCOPES = ("shop", "shop/web")


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        (scheduled(100, 200, scope="shop/wob"), "no product or component 'shop/wob'; write one of: shop, shop/web"),
        (scheduled(200, 200), "the end is not after the start"),
        (scheduled(100, 200, 200), "that time is over"),
        (scheduled(100, 200)._replace(title={"en": " "}), "the title is empty"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(event: MaintenanceEvent, complaint: str) -> None:
    with pytest.raises(Invalid, match="Nothing was scheduled") as refused:
        refuse_unless_sound(event, SCOPES)
    assert complaint in str(refused.value)


def test_of_recurring_work_the_one_that_is_on_is_meant_else_the_next() -> None:
    windows = weekly()
    on, following = windows[1], windows[2]

    assert found_in(windows, "MW-2026-0001", on.from_us) == on
    assert found_in(windows, "MW-2026-0001", on.to_us) == following
    assert found_in(windows, following.id, 0) == following


def test_what_is_over_unknown_not_begun_or_long_enough_is_refused() -> None:
    whole = once([scheduled(100, 200)])
    with pytest.raises(Invalid, match="is over"):
        found_in([whole], whole.id, 200)
    with pytest.raises(Invalid, match="was cancelled already"):
        found_in([once([scheduled(100, 200), said("cancelled", 50)])], whole.id, 60)
    with pytest.raises(Invalid, match="no planned work 'MW-1'"):
        found_in([whole], "MW-1", 0)
    with pytest.raises(Invalid, match="has not begun"):
        refuse_unless_on(whole, 99)
    with pytest.raises(Invalid, match="lasts that long already"):
        refuse_unless_longer(whole, 200)


def test_numbers_go_on_by_year_and_events_by_plan() -> None:
    events = [scheduled(100, 200, window="MW-2026-0007"), said("cancelled", 5, window="MW-2026-0007@2026-01-06")]

    assert next_plan_id(events, 2026) == "MW-2026-0008"
    assert next_plan_id(events, 2027) == "MW-2027-0001"
    assert next_event_id(events, "MW-2026-0007@2026-01-13") == "MW-2026-0007/3"
