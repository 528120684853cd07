"""Who is on call: at every instant one person a layer, whatever the clocks do (RELIABILITY G10)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uptimed.domain.catalogue import Person, RotaLayer
from uptimed.domain.civil import instant_of, local
from uptimed.domain.rota import on_call

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = sorted(available_timezones())


def a_layer(*people: str, every: int = 7, handover: str = "mon 09:00", timezone: str = "Europe/London") -> RotaLayer:
    day, clock = handover.split()
    hour, minute = clock.split(":")
    return RotaLayer("primary", people or ("ann", "bea", "cid"), every, DAYS.index(day), int(hour) * 60 + int(minute), timezone)


def persons(*names: str) -> dict[str, Person]:
    return {name: Person(name, name.title(), "en", ()) for name in names}


def at(written: str, timezone: str = "Europe/London", fold: int = 0) -> int:
    moment = datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(timezone), fold=fold)
    return round(moment.timestamp()) * SECOND


def who(layer: RotaLayer, at_us: int) -> str:
    (found,) = on_call([layer], persons(*layer.people), at_us)
    return found


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        pytest.param("2026-07-20T08:59:59", "ann", id="the second before the handover"),
        pytest.param("2026-07-20T09:00:00", "bea", id="the handover itself"),
        pytest.param("2026-07-24T12:00:00", "bea", id="in the middle of the week"),
        pytest.param("2026-08-03T09:00:00", "ann", id="after the last comes the first"),
        pytest.param("2026-03-30T08:59:59", "cid", id="the week in which summer time begins ends at nine, too"),
        pytest.param("2026-03-30T09:00:00", "ann", id="and nine is the new nine"),
        pytest.param("1969-12-29T08:59:59", "bea", id="before 1970"),
        pytest.param("1969-12-29T09:00:00", "cid", id="a handover before 1970"),
    ],
)
def test_people_hand_over_at_the_local_weekday_and_time(written: str, wanted: str) -> None:
    """The first of the list began on Monday, 5 January 1970."""
    assert who(a_layer(), at(written)) == wanted


@pytest.mark.parametrize(
    ("written", "fold", "wanted"),
    [
        ("2026-10-25T01:29:59", 0, "ann"),
        ("2026-10-25T01:30:00", 0, "bea"),
        ("2026-10-25T01:59:59", 0, "bea"),
        ("2026-10-25T01:00:00", 1, "bea"),
        ("2026-10-25T01:29:59", 1, "bea"),
        ("2026-10-25T01:30:00", 1, "bea"),
    ],
)
def test_a_handover_in_the_hour_that_comes_twice_happens_once(written: str, fold: int, wanted: str) -> None:
    """The clock that went back to 01:00 called Ann again for half an hour, who had gone to bed."""
    assert who(a_layer("ann", "bea", handover="sun 01:30"), at(written, fold=fold)) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"), [("2026-03-29T00:59:59", "ann"), ("2026-03-29T02:29:59", "ann"), ("2026-03-29T02:30:00", "bea")]
)
def test_a_handover_in_the_hour_that_is_left_out_happens_as_late_after_it(written: str, wanted: str) -> None:
    assert who(a_layer("ann", "bea", handover="sun 01:30"), at(written)) == wanted


def test_a_clock_that_goes_back_over_midnight_calls_nobody_back() -> None:
    """St. John's, until 2011: at 00:01 it was 23:01 of the day before once more."""
    layer = a_layer("ann", "bea", every=1, handover="sun 00:00", timezone="America/St_Johns")
    midnight = instant_of(layer.timezone, datetime.fromisoformat("2010-11-07"))
    assert local(layer.timezone, midnight + 60 * SECOND).date() == date(2010, 11, 6), "the zone does what it is here for"
    later = {who(layer, midnight + minute * 60 * SECOND) for minute in range(24 * 60)}
    assert later == {who(layer, midnight)}
    assert who(layer, midnight - 1) not in later


def test_a_day_that_a_zone_left_out_is_nobodys_turn() -> None:
    """Samoa had no 30 December 2011: who would have been on call that day is passed over, and the order is kept."""
    layer = a_layer("ann", "bea", "cid", every=1, timezone="Pacific/Apia")
    seen = [who(layer, at(f"2011-12-{day}T12:00:00", layer.timezone)) for day in (28, 29, 31)]
    order = ["ann", "bea", "cid"]
    first = order.index(seen[0])
    assert seen == [order[first], order[(first + 1) % 3], order[(first + 3) % 3]]


def test_layers_stand_in_order_and_name_a_person_once() -> None:
    instant = at("2026-07-24T12:00:00")
    known = persons("ann", "bea", "cid")
    assert on_call([a_layer("bea"), a_layer("ann")], known, instant) == ["bea", "ann"]
    assert on_call([a_layer("ann"), a_layer("ann"), a_layer("cid")], known, instant) == ["ann", "cid"]
    assert on_call([], known, instant) == []


def test_who_is_not_known_any_more_is_left_out() -> None:
    assert on_call([a_layer("gone"), a_layer("ann")], persons("ann"), at("2026-07-24T12:00:00")) == ["ann"]


# Over the years


layers = st.builds(
    a_layer,
    st.just("ann"),
    st.just("bea"),
    st.just("cid"),
    every=st.integers(1, 30),
    handover=st.builds(
        lambda day, minute: f"{day} {minute // 60:02}:{minute % 60:02}", st.sampled_from(DAYS), st.integers(0, 1439)
    ),
    timezone=st.sampled_from(ZONES),
)


def turns_near(layer: RotaLayer, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """Handovers by their own definition: (instant, number of the turn), from the dates alone."""
    first = local(layer.timezone, from_us).date() - timedelta(days=2 * layer.every_days)
    start = date(1970, 1, 5) + timedelta(days=layer.handover_weekday)
    number = (first - start).days // layer.every_days
    found = []
    while True:
        day = start + timedelta(days=number * layer.every_days)
        clock = datetime.combine(day, time()) + timedelta(minutes=layer.handover_minute)
        found.append((instant_of(layer.timezone, clock), number))
        if found[-1][0] > to_us:
            return found
        number += 1


@settings(max_examples=300, deadline=None)
@given(layers, st.integers(at("2020-01-01", "UTC"), at("2041-01-01", "UTC")))
def test_a_turn_lasts_from_its_handover_to_the_next(layer: RotaLayer, at_us: int) -> None:
    handovers = turns_near(layer, at_us, at_us)
    _, number = handovers[bisect_right([instant for instant, _ in handovers], at_us) - 1]
    assert who(layer, at_us) == layer.people[number % 3]


@settings(max_examples=60, deadline=None)
@example(a_layer(every=1, handover="sun 01:30"), 2026)
@example(a_layer(every=1, handover="sun 00:00", timezone="America/Havana"), 2026)
@example(a_layer(every=1, handover="sat 23:30", timezone="Africa/Cairo"), 2026)
@example(a_layer(every=1, handover="sun 02:15", timezone="Australia/Lord_Howe"), 2026)
@given(layers, st.integers(2020, 2040))
def test_around_every_change_of_the_clock_each_turn_is_one_stretch(layer: RotaLayer, year: int) -> None:
    """Every seven minutes over the days around it: nobody is on call twice for one turn, and nobody's turn is left out."""
    for change_us in changes_of(layer.timezone, year):
        moments = range(change_us - 2 * DAY, change_us + 2 * DAY, 7 * 60 * SECOND)
        stretches = [person for person, _ in groupby(who(layer, moment) for moment in moments)]
        handovers = [instant for instant, _ in turns_near(layer, moments[0], moments[-1]) if moments[0] < instant <= moments[-1]]
        assert len(stretches) == 1 + len(handovers)
        assert all(follows(layer.people, one, other) for one, other in pairwise(stretches))


def changes_of(timezone: str, year: int) -> list[int]:
    """The hours of that year in which the clock is changed."""
    zone = ZoneInfo(timezone)
    first = datetime(year, 1, 1, tzinfo=UTC)
    hours = [first + timedelta(hours=number) for number in range(24 * 366)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [
        round(later.timestamp()) * SECOND
        for (earlier, later), (before, after) in zip(pairwise(hours), pairwise(offsets), strict=True)
        if before != after
    ]


def follows(people: Sequence[str], one: str, other: str) -> bool:
    return people[(people.index(one) + 1) % len(people)] == other
