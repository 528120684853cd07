"""Day blobs keep exactly what counts, in few bytes, and say no to bytes that they have not written."""

from __future__ import annotations

import contextlib
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.dayblob import DAY_US, Day, DayBlobDamaged, DayResult, body_of, day, day_of, in_order, packed, span_of, unpacked

CHECK, PLACE, ON = "sia/web/home", "paris", date(2026, 3, 1)
VERDICTS = ("up", "degraded", "down", "unknown")

int64 = st.integers(-(2**63), 2**63 - 1)
near = st.integers(0, DAY_US)
instants = int64 | near
sequences = st.integers(0, 200).map(str) | st.sampled_from(["", "-1", "007", "٣", str(10**18 - 1), str(10**18), str(2**63)])
regular_ids = st.builds(
    lambda boot, number: f"{CHECK}/{PLACE}/{boot}/{number}", st.sampled_from(["w1/b1", "w1/b2", "w/x/y", ""]), sequences
)
ids = regular_ids | st.text(max_size=30)
results = st.builds(
    DayResult, ids, st.integers(0, 3) | int64, instants, instants, instants, st.sampled_from(VERDICTS) | st.text(max_size=9),
    st.none() | st.sampled_from(["late", "prober_error", ""]),
)  # fmt: skip


def a_day(every_s: int = 19, seed: int = 1) -> list[DayResult]:
    """As the cadence makes it: a grid with a jitter of 5 %, answers in some 60 ms, taken in some 3 ms later."""
    chance = random.Random(seed)
    from_us, to_us = span_of(ON)
    found = []
    for number, slot_us in enumerate(range(from_us, to_us, every_s * 1_000_000)):
        started_us = slot_us + chance.randrange(every_s * 50_000) + chance.randrange(200, 2_000)
        ended_us = started_us + int(chance.lognormvariate(11, 0.25))
        received_us = ended_us + int(chance.lognormvariate(8, 0.5))
        verdict = "down" if 1_000 <= number < 1_010 else "up"
        found.append(DayResult(f"{CHECK}/{PLACE}/w1/b7f3a9/{number + 10_000}", 3, started_us, ended_us, received_us, verdict, None))
    return found


def read(blob: bytes) -> Day:
    return day(unpacked(blob))


@given(st.lists(results, max_size=40))
def test_what_goes_in_comes_out(several: list[DayResult]) -> None:
    again = read(packed(body_of(CHECK, PLACE, ON, several)))

    assert list(again.results()) == sorted(several, key=in_order)
    assert (again.check, again.location, again.received_on) == (CHECK, PLACE, ON)


@given(st.text(max_size=20), st.text(max_size=20), st.dates())
def test_whatever_checks_and_locations_are_called(check: str, place: str, on: date) -> None:
    one = DayResult(f"{check}/{place}/w1/b1/7", 0, 1, 2, 3, "up", None)

    again = read(packed(body_of(check, place, on, [one])))

    assert (again.check, again.location, again.received_on, list(again.results())) == (check, place, on, [one])


@given(st.lists(results, max_size=20), st.randoms())
def test_the_order_in_which_results_are_given_changes_no_byte(several: list[DayResult], chance: random.Random) -> None:
    shuffled = list(several)
    chance.shuffle(shuffled)

    assert body_of(CHECK, PLACE, ON, shuffled) == body_of(CHECK, PLACE, ON, several)


def test_a_day_of_results_costs_some_seven_bytes_each() -> None:
    several = a_day()

    blob = packed(body_of(CHECK, PLACE, ON, several))

    assert list(read(blob).results()) == several
    assert len(blob) < 7 * len(several)


def test_a_clockwork_without_any_jitter_costs_nothing_but_the_header() -> None:
    several = [DayResult(f"{CHECK}/{PLACE}/w1/b1/{n}", 0, n * 19, n * 19 + 1, n * 19 + 2, "up", None) for n in range(4_000)]

    assert list(read(packed(body_of(CHECK, PLACE, ON, several))).results()) == several
    assert len(body_of(CHECK, PLACE, ON, several)) < 300


def test_a_restart_in_the_middle_of_the_day_costs_less_than_a_hundredth() -> None:
    several = a_day()
    restarted = [
        one._replace(id=f"{CHECK}/{PLACE}/w1/c00000/{number}", epoch=4) if number > 2_000 else one
        for number, one in enumerate(several)
    ]

    assert list(read(packed(body_of(CHECK, PLACE, ON, restarted))).results()) == restarted
    assert len(packed(body_of(CHECK, PLACE, ON, restarted))) < 1.01 * len(packed(body_of(CHECK, PLACE, ON, several)))


def test_ids_of_the_usual_pattern_are_not_written_out() -> None:
    header = body_of(CHECK, PLACE, ON, a_day()).partition(b"\n")[0]

    assert b'"ids":[]' in header
    assert len(header) < 400


def test_the_format_is_the_one_that_is_described() -> None:
    """Written out by hand: blobs of today must be readable in ten years."""
    two = [
        DayResult(f"{CHECK}/{PLACE}/w1/b1/7", 1, 1_000_000, 1_000_300, 1_000_310, "up", None),
        DayResult("odd", 1, 1_020_000, 1_020_200, 1_020_209, "down", "late"),
    ]
    header = (
        b'{"boots":["w1/b1"],"check":"sia/web/home","columns":[[1,1,0],[0,-7,14],[0,0,1],[0,20000,980000],[1,300,0],[1,10,0],'
        b'[1,1,0],[1,1,0]],"count":2,"day":"2026-03-01","ids":["odd"],"location":"paris","rejections":["late"],'
        b'"verdicts":["down","up"]}\n'
    )
    boot, duration, delivery = b"\x00\x01", b"\x00\xc7", b"\x00\x01"
    verdict, rejection = b"\x00\x01", b"\x01\x00"

    body = body_of(CHECK, PLACE, ON, two)

    assert body == header + boot + duration + delivery + verdict + rejection
    assert packed(body)[:1] == b"\x01"
    assert list(read(b"\x01" + bytes.fromhex(HOW_IT_WAS_DEFLATED_ONCE)).results()) == two


HOW_IT_WAS_DEFLATED_ONCE = (
    "4d8f5d0a83301084f5b5c7d8e715b35afae355c48798044cabaef85329a5e7ebb5ba51285d0833193e98dd17d4ccf3044509"
    "2ba5354185601a67ee50c0e475baba3a6db8732031b74bd707b424245415960a9333d271730a69d34cc9e0f5124402c25cbe"
    "bba39ff9d350c84b3f43912158fd94e24c65a744e58922a9f576db8ead0dbbb56cf4ecb9176ad0a39f0418ddcd99906d5cab"
    "6717c0871bad37fb6596d75ec06580ea7d88e2e8232f8ea32f"
)


@pytest.mark.parametrize(
    ("received_us", "on"),
    [(0, date(1970, 1, 1)), (DAY_US - 1, date(1970, 1, 1)), (DAY_US, date(1970, 1, 2)), (-1, date(1969, 12, 31))],
)
def test_a_day_is_a_day_in_utc(received_us: int, on: date) -> None:
    assert day_of(received_us) == on
    assert span_of(on)[0] <= received_us < span_of(on)[1]


@given(st.lists(results, max_size=5), st.data())
def test_a_flipped_byte_is_noticed_or_gives_other_contents_or_none(several: list[DayResult], chance: st.DataObject) -> None:
    """Never another kind of error; that the contents are the ones that were sealed is the seal's business."""
    blob = bytearray(packed(body_of(CHECK, PLACE, ON, several)))
    blob[chance.draw(st.integers(0, len(blob) - 1))] ^= chance.draw(st.integers(1, 255))
    with contextlib.suppress(DayBlobDamaged):
        list(read(bytes(blob)).results())


@given(st.binary(max_size=300))
def test_bytes_of_somebody_else_are_refused(found: bytes) -> None:
    with pytest.raises(DayBlobDamaged):
        day(found)
    with pytest.raises(DayBlobDamaged):
        read(b"\x02" + found)


@pytest.mark.parametrize(
    "header",
    [
        b'{"boots":[],"check":"c","columns":[[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0]],'
        b'"count":1000000000000,"day":"2026-03-01","ids":[],"location":"p","rejections":[],"verdicts":["up"]}\n',
        b"[" * 100_000 + b"\n",
        b"1\n",
        b"{}\n",
    ],
)
def test_a_header_that_asks_for_the_impossible_is_refused(header: bytes) -> None:
    with pytest.raises(DayBlobDamaged):
        read(packed(header))


def test_a_bomb_is_not_inflated() -> None:
    with pytest.raises(DayBlobDamaged):
        unpacked(packed(bytes(1 << 27)))
