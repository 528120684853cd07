"""Numbers, durations and dates as UX section 5 writes them; `~` stands for a no-break space, `_` for a narrow one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage import typography
from tests.statuspage.builders import us


def dressed(text: str) -> str:
    return text.replace("~", "\u00a0").replace("_", "\u202f")


@pytest.mark.parametrize(
    ("seconds", "up", "down"),
    [
        (0, "0~s", "0~s"),
        (59, "59~s", "59~s"),
        (60, "1~min", "1~min"),
        (990, "16~min~30~s", "16~min~30~s"),
        (3599, "59~min~59~s", "59~min~59~s"),
        (3600, "1~h", "1~h"),
        (3601, "1~h~01~min", "1~h"),
        (3720, "1~h~02~min", "1~h~02~min"),
        (86_399, "1~d", "23~h~59~min"),
        (86_401, "1~d~01~h", "1~d"),
    ],
)
def test_a_duration_has_two_units_and_is_rounded_as_asked(seconds: int, up: str, down: str):
    assert typography.duration(seconds, "en") == dressed(up)
    assert typography.duration(seconds, "en", up=False) == dressed(down)


def in_seconds(text: str) -> int:
    words = text.split("\u00a0")
    unit = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
    return sum(int(n) * unit[u] for n, u in zip(words[::2], words[1::2], strict=True))


@given(st.integers(0, 40_000_000))
def test_downtime_is_never_shown_shorter_and_what_is_left_never_longer(seconds: int):
    assert in_seconds(typography.duration(seconds, "en")) >= seconds
    assert in_seconds(typography.duration(seconds, "en", up=False)) <= seconds


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (typography.percent("99.9931", "en"), typography.percent("99.9931", "fr")),
        (typography.number(25_920, "en"), typography.number(25_920, "fr")),
        (typography.day(date(2026, 3, 1), "en"), typography.day(date(2026, 3, 1), "fr")),
        (typography.day(date(2026, 11, 24), "en", short=True), typography.day(date(2026, 11, 24), "fr", short=True)),
        (typography.listed(["Paris", "Frankfurt", "Montréal"], "en"), typography.listed(["Paris", "Francfort", "Montréal"], "fr")),
    ],
)
def test_each_language_has_its_own_dress(english: str, french: str):
    wanted = {
        "99.9931%": "99,9931~%",
        "25,920": "25_920",
        "1~March~2026": "1er~mars~2026",
        "24~Nov~2026": "24~nov.~2026",
        "Paris, Frankfurt and Montréal": "Paris, Francfort et Montréal",
    }

    assert {dressed(en): dressed(fr) for en, fr in wanted.items()}[english] == french


def test_the_hour_has_no_leading_zero_in_french():
    tz = typography.zone("Europe/Paris")

    assert typography.clock(us("2026-11-24T08:02:34"), "en", tz) == "09:02"
    assert typography.clock(us("2026-11-24T08:02:34"), "fr", tz) == dressed("9~h~02")
    assert typography.clock_seconds(us("2026-11-24T08:02:34"), tz) == "09:02:34"


@pytest.mark.parametrize(
    ("zone", "english", "french"),
    [
        ("Europe/Paris", "Paris time", "heure de Paris"),
        ("Europe/London", "London time", "heure de Londres"),
        ("Europe/Amsterdam", "Amsterdam time", "heure d’Amsterdam"),
        ("America/New_York", "New York time", "heure de New York"),
        ("Etc/UTC", "UTC", "UTC"),
    ],
)
def test_the_zone_is_named_beside_its_times(zone: str, english: str, french: str):
    assert (typography.zone_label(zone, "en"), typography.zone_label(zone, "fr")) == (english, french)


def test_a_zone_that_this_machine_does_not_know_is_utc():
    assert typography.clock(us("2026-11-24T08:02:34"), "en", typography.zone("Mars/Olympus")) == "08:02"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Est-ce vrai ? Oui !", "Est-ce vrai_? Oui_!"),
        ("Indisponible : {names}", "Indisponible~: {names}"),
        ("il reste {n} min", "il reste {n}~min"),
        ("« non »", "«~non~»"),
        ("l'état", "l’état"),
    ],
)
def test_french_punctuation_stays_with_its_word(typed: str, printed: str):
    assert typography.spaced(typed, "fr") == dressed(printed)
