"""Response clocks (AVAILABILITY B14): open time asked minute by minute, and what becomes of a ticket whose severity changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.examples import examples
from uptimed.domain.calendar import BeyondCalendar, is_open, next_change_us
from uptimed.domain.catalogue import ResponseTarget, SupportHours
from uptimed.domain.deadlines import deadline, elapsed, response
from uptimed.domain.severity import Severity

ZERO = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - ZERO) // timedelta(microseconds=1)


# Open time, minute by minute


@lru_cache(maxsize=100_000)
def first_minute(tz: str, reading: datetime) -> int:
    """The first minute since 1970 at which the local clock shows that reading or a later one."""
    zone = ZoneInfo(tz)
    minute = reading.replace(tzinfo=UTC) - timedelta(hours=30)
    while minute.astimezone(zone).replace(tzinfo=None) < reading:
        minute += timedelta(minutes=1)
    return (minute - ZERO) // timedelta(minutes=1)


def is_open_in(minute: int, support: SupportHours) -> bool:
    """The words: a local day is open from its hour of opening to that of closing, unless it is a closed weekday or a holiday."""
    about = (ZERO + timedelta(minutes=minute)).date()
    for ahead in (-1, 0, 1):
        day = about + timedelta(days=ahead)
        midnight = datetime.combine(day, datetime.min.time())
        if day.weekday() not in support.weekdays or day in support.holidays:
            continue
        opens, closes = (first_minute(support.timezone, midnight + timedelta(minutes=at)) for at in of_day(support))
        if opens <= minute < closes:
            return True
    return False


def of_day(support: SupportHours) -> tuple[int, int]:
    return support.from_minute, support.to_minute


CHANGES = ["2026-03-28", "2026-10-24", "2010-11-05", "2011-12-29", "2018-11-03", "2018-02-16", "2026-04-04", "2026-10-03"]
ZONES = ["Europe/Paris", "Europe/London", "America/St_Johns", "Pacific/Apia", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[SupportHours, int]:
    """A calendar, and a minute near a day on which some zone changes its clock."""
    day = date.fromisoformat(draw(st.sampled_from(CHANGES)))
    opens = draw(st.sampled_from([0, 0, 60, 150, 540]))
    closes = draw(st.sampled_from([1440, 1440, 1080, 165]).filter(lambda at: at > opens))
    support = SupportHours(
        timezone=draw(st.sampled_from(ZONES)),
        weekdays=frozenset(draw(st.sampled_from([range(5), range(6), range(7), [5, 6]]))),
        from_minute=opens,
        to_minute=closes,
        holidays=frozenset(draw(st.sets(st.integers(-1, 3).map(lambda n: day + timedelta(days=n)), max_size=2))),
    )
    return support, (day - ZERO.date()).days * 1440 + draw(st.integers(-1440, 3 * 1440))


@examples(80)
@given(calendars(), st.integers(0, 2 * 1440))
def test_business_time_is_what_asking_each_minute_adds_up_to(calendar: tuple[SupportHours, int], minutes: int) -> None:
    support, start = calendar
    opened = [minute for minute in range(start, start + minutes) if is_open_in(minute, support)]
    shown = elapsed(start * MINUTE_US, (start + minutes) * MINUTE_US, "support_hours", support)
    assert shown == len(opened) * MINUTE_US


@examples(80)
@given(calendars(), st.integers(1, 1500))
def test_a_deadline_is_the_end_of_the_minute_in_which_the_clock_reaches_the_target(
    calendar: tuple[SupportHours, int], minutes: int
) -> None:
    support, minute = calendar
    due_us = deadline(minute * MINUTE_US, ResponseTarget(minutes * MINUTE_US, "support_hours"), support)
    left = minutes
    for _ in range(9 * 1440):
        if left == 0:
            break
        left -= is_open_in(minute, support)
        minute += 1
    if left:
        assert due_us > minute * MINUTE_US
    else:
        assert due_us == minute * MINUTE_US


@examples(80)
@given(calendars())
def test_open_now_and_the_next_change_are_what_asking_each_minute_finds(calendar: tuple[SupportHours, int]) -> None:
    support, start = calendar
    assert is_open(support, start * MINUTE_US) == is_open_in(start, support)
    told = next_change_us(support, start * MINUTE_US)
    ahead = range(start, start + 6 * 1440)
    changed = next((minute for minute in ahead if is_open_in(minute, support) != is_open_in(start, support)), None)
    if changed is not None:
        assert told == changed * MINUTE_US


# Edges, one by one

PARIS = SupportHours("Europe/Paris", holidays=frozenset({date(2026, 4, 6), date(2026, 5, 1)}))
OFFICE = SupportHours("Europe/London", from_minute=540, to_minute=1080, holidays=frozenset({date(2026, 12, 25)}))


@pytest.mark.parametrize(
    ("support", "start", "hours", "due"),
    [
        (PARIS, "2026-06-12T22:00+02:00", 2, "2026-06-13T00:00+02:00"),  # Friday 24:00, not Monday
        (PARIS, "2026-06-12T22:00+02:00", 2.5, "2026-06-15T00:30+02:00"),
        (PARIS, "2026-06-13T12:00+02:00", 1, "2026-06-15T01:00+02:00"),
        (PARIS, "2026-04-03T23:00+02:00", 2, "2026-04-07T01:00+02:00"),  # Easter Monday
        (OFFICE, "2026-06-12T17:30+01:00", 1, "2026-06-15T09:30+01:00"),
        (OFFICE, "2026-06-12T17:00+01:00", 1, "2026-06-12T18:00+01:00"),  # closing time is in time
        (OFFICE, "2026-06-12T20:00+01:00", 1, "2026-06-15T10:00+01:00"),  # after closing
        (OFFICE, "2026-06-12T06:00+01:00", 1, "2026-06-12T10:00+01:00"),  # before opening
        (OFFICE, "2026-12-24T17:59+00:00", 9, "2026-12-28T17:59+00:00"),  # Christmas and a weekend
        (OFFICE, "2026-03-27T17:00+00:00", 2, "2026-03-30T10:00+01:00"),  # the clock changes at the weekend
    ],
)
def test_business_hours_run_while_support_is_open(support: SupportHours, start: str, hours: float, due: str) -> None:
    assert deadline(us(start), ResponseTarget(int(hours * HOUR_US), "support_hours"), support) == us(due)


@pytest.mark.parametrize(
    ("tz", "start", "days", "due"),
    [
        ("Europe/Paris", "2026-03-22T02:30+01:00", 7, "2026-03-29T03:30+02:00"),  # in the gap: after it
        ("Europe/Paris", "2026-03-22T02:00+01:00", 7, "2026-03-29T03:00+02:00"),
        ("Europe/Paris", "2026-10-18T02:30+02:00", 7, "2026-10-25T02:30+02:00"),  # in the fold: the first
        ("Europe/Paris", "2026-10-25T02:30+01:00", 7, "2026-11-01T02:30+01:00"),  # from the second one
        ("Europe/Paris", "2026-10-25T02:30+02:00", 7, "2026-11-01T02:30+01:00"),  # from the first one
        ("Australia/Lord_Howe", "2026-09-27T02:15+10:30", 7, "2026-10-04T02:45+11:00"),
        ("America/Sao_Paulo", "2018-10-28T00:30-03:00", 7, "2018-11-04T01:30-02:00"),
        ("Pacific/Apia", "2011-12-23T10:00-10:00", 7, "2011-12-31T10:00+14:00"),  # the day that never was
        ("UTC", "2028-02-28T12:00+00:00", 1, "2028-02-29T12:00+00:00"),
    ],
)
def test_a_civil_week_ends_at_the_same_wall_clock(tz: str, start: str, days: int, due: str) -> None:
    assert deadline(us(start), ResponseTarget(days * DAY_US, "civil"), SupportHours(tz)) == us(due)


def test_beyond_the_years_whose_holidays_are_known_nothing_is_computed() -> None:
    known = SupportHours("UTC", years=frozenset({2026}))
    assert elapsed(us("2026-12-31T00:00Z"), us("2027-01-01T00:00Z"), "support_hours", known) == DAY_US
    assert deadline(us("2026-12-31T22:00Z"), ResponseTarget(2 * HOUR_US, "support_hours"), known) == us("2027-01-01T00:00Z")
    with pytest.raises(BeyondCalendar, match="2027"):
        deadline(us("2026-12-31T23:00Z"), ResponseTarget(2 * HOUR_US, "support_hours"), known)
    with pytest.raises(BeyondCalendar, match="2027"):
        elapsed(us("2026-12-31T00:00Z"), us("2027-01-01T00:01Z"), "support_hours", known)


def test_a_target_of_nothing_is_due_at_once_even_while_closed() -> None:
    assert deadline(us("2026-06-13T12:00Z"), ResponseTarget(0, "support_hours"), PARIS) == us("2026-06-13T12:00Z")


# A ticket whose severity changes

TARGETS = {
    Severity.CRITICAL: ResponseTarget(HOUR_US, "always"),
    Severity.SEVERE: ResponseTarget(2 * HOUR_US, "always"),
    Severity.MEDIUM: ResponseTarget(8 * HOUR_US, "always"),
    Severity.MINOR: ResponseTarget(7 * DAY_US, "always"),
}
MINOR, MEDIUM, SEVERE, CRITICAL = Severity
Changes = list[tuple[int, Severity]]


@pytest.mark.parametrize(
    ("changes", "reply", "asof", "due", "state"),
    [
        pytest.param([(0, CRITICAL)], 60, None, 60, "met", id="answered at the deadline"),
        pytest.param([(0, CRITICAL)], 61, None, 60, "missed", id="answered after it"),
        pytest.param([(0, CRITICAL)], None, 60, 60, "running", id="at the deadline it is not missed yet"),
        pytest.param([(0, CRITICAL)], None, 61, 60, "missed", id="unanswered after it"),
        pytest.param([(0, CRITICAL)], 61, 50, 60, "running", id="a reply after the instant asked about is not known"),
        pytest.param([(0, CRITICAL), (90, MINOR)], 95, None, 7 * 1440, "missed", id="lowering does not undo a miss"),
        pytest.param([(0, CRITICAL), (30, MINOR)], 95, None, 7 * 1440, "met", id="lowered before it was missed"),
        pytest.param([(0, CRITICAL), (60, MINOR)], 95, None, 7 * 1440, "met", id="lowered at the deadline"),
        pytest.param([(0, CRITICAL), (30, SEVERE)], 100, None, 120, "met", id="severe runs from when it was worse"),
        pytest.param([(0, CRITICAL), (30, SEVERE)], 121, None, 120, "missed", id="... and is missed so"),
        pytest.param([(0, MEDIUM), (120, CRITICAL)], 170, None, 180, "met", id="raised: an hour from the raise"),
        pytest.param([(0, MEDIUM), (479, CRITICAL)], 500, None, 539, "met", id="raised just before medium was due"),
        pytest.param([(0, MEDIUM), (481, CRITICAL)], 500, None, 541, "missed", id="raised when medium was missed already"),
        pytest.param(
            [(0, CRITICAL), (30, MINOR), (50, CRITICAL)], 61, None, 60, "missed", id="raising again does not restart the clock"
        ),
        pytest.param([(0, CRITICAL), (30, MINOR), (50, CRITICAL)], 60, None, 60, "met", id="... and may still be met"),
        pytest.param(
            [(0, CRITICAL), (30, MINOR), (90, CRITICAL)], 91, None, 60, "missed", id="raised again after its deadline passed"
        ),
        pytest.param(
            [(0, CRITICAL), (30, MINOR), (90, CRITICAL)], 90, None, 60, "missed", id="raised again as the reply comes, too late"
        ),
        pytest.param([(0, MINOR), (100, CRITICAL)], 40, None, 7 * 1440, "met", id="a raise after the reply owes nothing"),
    ],
)
def test_each_severity_runs_from_when_the_ticket_was_so_severe_or_worse(
    changes: Changes, reply: int | None, asof: int | None, due: int, state: str
) -> None:
    severities = [(at * MINUTE_US, severity) for at, severity in changes]
    its = response(
        severities,
        None if reply is None else reply * MINUTE_US,
        None if asof is None else asof * MINUTE_US,
        TARGETS,
        SupportHours(),
    )
    assert (its.deadline_us, its.state) == (due * MINUTE_US, state)


@examples(300)
@given(
    st.lists(st.tuples(st.integers(1, 200), st.sampled_from(list(Severity))), min_size=1, max_size=5),
    st.one_of(st.none(), st.integers(0, 700)),
)
def test_a_ticket_is_missed_where_asking_each_minute_finds_it_overdue(steps: Changes, reply: int | None) -> None:
    changes: Changes = []
    for step, severity in steps:
        changes.append(((changes[-1][0] + step) if changes else 0, severity))
    end = 800 if reply is None else reply

    def in_force(minute: int) -> Severity:
        return [severity for at, severity in changes if at <= minute][-1]

    def due(severity: Severity) -> int:
        since = next(at for at, one in changes if one.rank >= severity.rank)
        return since + TARGETS[severity].within_us // MINUTE_US

    # A minute that lies wholly behind the deadline, before the reply, with that severity in force; or the reply itself does.
    overdue = any(minute >= due(in_force(minute)) for minute in range(end)) or end > due(in_force(end))
    its = response(
        [(at * MINUTE_US, severity) for at, severity in changes],
        None if reply is None else reply * MINUTE_US,
        800 * MINUTE_US,
        TARGETS,
        SupportHours(),
    )
    assert its.state == ("missed" if overdue else "running" if reply is None else "met")
    assert its.deadline_us == due(in_force(end)) * MINUTE_US
    assert its.elapsed_us == end * MINUTE_US
