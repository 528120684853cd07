"""
Local days, where zones do what zones do (AVAILABILITY B6).

| zone | what happens |
|---|---|
| Europe/Paris | 02:00 becomes 03:00, 03:00 becomes 02:00 |
| America/Sao_Paulo (until 2019), Asia/Beirut, Africa/Cairo | midnight itself is skipped, or comes twice |
| Australia/Lord_Howe | by half an hour |
| Pacific/Apia | 30 December 2011 never was |
| America/St_Johns (until 2011) | at one minute past midnight: yesterday comes back |
| America/Havana | 01:00 becomes midnight again |
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.examples import examples
from uptimed.domain.civil import day_start, day_window, month_window, year_window

HOUR_US = 3_600_000_000
ZONES = [
    "UTC",
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Antarctica/Troll",
]


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("tz", "day", "begins", "hours"),
    [
        ("Europe/Paris", "2026-03-29", "2026-03-28T23:00Z", 23),
        ("Europe/Paris", "2026-10-25", "2026-10-24T22:00Z", 25),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z", 23),  # begins at 01:00
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00Z", 25),  # ends with 23:00 to 24:00 twice
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00Z", 24),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z", 25),  # midnight comes twice; the first counts
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", 23.5),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z", 24),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", 0),  # never was
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z", 24),
        ("America/St_Johns", "2010-11-06", "2010-11-06T02:30Z", 24),  # one minute of the 7th, then 23:01 of the 6th again
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30Z", 25),
    ],
)
def test_a_day_begins_at_the_first_instant_whose_local_date_is_that_day_or_later(
    tz: str, day: str, begins: str, hours: float
) -> None:
    a_us, b_us = day_window(tz, date.fromisoformat(day))
    assert a_us == us(begins)
    assert b_us - a_us == hours * HOUR_US


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        (year_window("Europe/Paris", 2026), 8760),
        (year_window("Europe/Paris", 2028), 8784),
        (year_window("Pacific/Apia", 2011), 364 * 24),  # without a day
        (month_window("Pacific/Apia", 2011, 12), 30 * 24),
        (month_window("Europe/Paris", 2026, 3), 743),
        (month_window("Europe/Paris", 2026, 10), 745),
        (month_window("Europe/Paris", 2026, 12), 744),
        (month_window("Australia/Lord_Howe", 2026, 4), 720.5),
        (month_window("UTC", 2026, 2), 672),
    ],
)
def test_months_and_years_are_as_long_as_their_zone_makes_them(window: tuple[int, int], hours: float) -> None:
    assert window[1] - window[0] == hours * HOUR_US


def first_instant_of(tz: str, day: date) -> int:
    """Every minute of three days is asked: no zone has changed at any other instant since 1973."""
    zone = ZoneInfo(tz)
    minute = datetime.combine(day - timedelta(days=1), datetime.min.time(), tzinfo=UTC) - timedelta(hours=14)
    while minute.astimezone(zone).date() < day:
        minute += timedelta(minutes=1)
    return (minute - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@examples(60)
@given(st.sampled_from(ZONES), st.dates(date(1973, 1, 1), date(2037, 12, 31)))
def test_every_day_of_every_zone_begins_where_asking_each_minute_finds_it(tz: str, day: date) -> None:
    assert day_start(tz, day) == first_instant_of(tz, day)


@pytest.mark.parametrize("tz", ZONES)
def test_every_day_on_which_a_zone_changes_begins_where_asking_each_minute_finds_it(tz: str) -> None:
    zone = ZoneInfo(tz)
    noon = datetime(2005, 1, 1, 12, tzinfo=UTC)
    days = [noon + timedelta(days=n) for n in range(12 * 366)]
    changes = [at for at in days if at.astimezone(zone).utcoffset() != (at + timedelta(days=1)).astimezone(zone).utcoffset()]
    for at in changes:
        for ahead in (-1, 0, 1, 2):
            day = at.date() + timedelta(days=ahead)
            assert day_start(tz, day) == first_instant_of(tz, day), day
