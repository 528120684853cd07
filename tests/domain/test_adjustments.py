"""What may be excluded, asserted and revoked, and the wall clock readings that say from when to when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uptimed.domain.adjustments import Invalid, next_id, origin, overlapping, refuse_unless_sound, revocation
from uptimed.domain.civil import instant_from, micros
from uptimed.domain.overlays import Adjustment, in_force

SCOPES = ("sia", "sia/web", "sia/api", "sicr", "sicr/web")


def exclusion(
    name: str = "ADJ-2026-0001", from_us: int = 100, to_us: int = 200, *, scope: str = "sia", **changes: object
) -> Adjustment:
    return Adjustment(name, 900, "bea", "their firewall", "exclude", from_us, to_us, scope=scope)._replace(**changes)


def revoked(known: list[Adjustment], target: str, reason: str = "wrong day", by: str = "bob") -> Adjustment:
    return revocation(known, target, id=next_id(known, 2026), at_us=950, by=by, reason=reason)


def test_ids_count_up_within_their_year():
    assert next_id([], 2026) == "ADJ-2026-0001"
    assert next_id([exclusion("ADJ-2026-0009"), exclusion("ADJ-2026-10000"), exclusion("ADJ-2025-0044")], 2026) == "ADJ-2026-10001"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (exclusion(scope="sai"), r"no product or component 'sai'; write one of: sia, sicr\."),
        (exclusion(scope="sia/wbe"), r"no product or component 'sia/wbe'; write one of: sia, sia/web, sia/api\."),
        (exclusion(to_us=100), "for sia: the end is not after the start; look at"),
        (exclusion(to_us=99), "for sia: the end is not after the start; look at"),
        (exclusion(reason=" \n"), "for sia: the reason is empty; say why"),
        (exclusion(by=" "), "for sia: the author is empty; say who"),
    ],
    ids=["product", "component", "nothing", "backwards", "no reason", "no author"],
)
def test_what_is_not_sound_is_refused_with_what_to_do_about_it(wrong: Adjustment, said: str):
    refuse_unless_sound(exclusion(), SCOPES)

    with pytest.raises(Invalid, match=said):
        refuse_unless_sound(wrong, SCOPES)


def test_a_revocation_stands_in_the_scope_of_what_it_takes_back_and_undoes_it():
    known = [exclusion(scope="sia/web"), exclusion("ADJ-2026-0002")]
    made = revoked(known, "ADJ-2026-0001")

    assert (made.id, made.scope, made.target) == ("ADJ-2026-0003", "sia/web", "ADJ-2026-0001")
    assert in_force([*known, made]) == [known[1]]
    assert in_force([*known, made], as_known_at_us=949) == known


@pytest.mark.parametrize(
    ("target", "reason", "by", "said"),
    [
        ("ADJ-2026-0009", "why", "bob", "there is no adjustment 'ADJ-2026-0009'; `uptimed exclude list`"),
        (
            "ADJ-2026-0001",
            "why",
            "bob",
            r"ADJ-2026-0001 was not revoked: bob has done so already \(ADJ-2026-0002\); there is nothing left",
        ),
        ("ADJ-2026-0003", " ", "bob", "for ADJ-2026-0003: the reason is empty"),
        ("ADJ-2026-0003", "why", "", "for ADJ-2026-0003: the author is empty"),
    ],
    ids=["unknown", "twice", "no reason", "no author"],
)
def test_only_what_stands_can_be_revoked_and_only_with_a_reason(target: str, reason: str, by: str, said: str):
    known = [exclusion()]
    known.append(revoked(known, "ADJ-2026-0001"))
    known.append(exclusion("ADJ-2026-0003"))

    with pytest.raises(Invalid, match=said):
        revoked(known, target, reason, by)


def test_taking_a_revocation_back_restores_and_what_is_restored_can_be_revoked_again():
    known = [exclusion()]
    for target, stands in [("ADJ-2026-0001", False), ("ADJ-2026-0002", True), ("ADJ-2026-0001", False), ("ADJ-2026-0004", True)]:
        known.append(revoked(known, target))
        assert bool(in_force(known)) is stands
        assert origin(known, known[-1].id) == known[0]

    with pytest.raises(Invalid, match=r"ADJ-2026-0002 was not revoked: bob has done so already \(ADJ-2026-0003\)"):
        revoked(known, "ADJ-2026-0002")


def test_a_revocation_without_a_name_has_no_effect_and_leaves_its_target_revocable():
    known = [exclusion(), Adjustment("ADJ-2026-0002", 910, "", "why", "revoke", target="ADJ-2026-0001", scope="sia")]

    assert in_force(known) == known[:1]
    assert in_force([*known, revoked(known, "ADJ-2026-0001")]) == []


def test_shared_time_is_seen_inside_and_around_the_scope_and_only_there():
    known = [
        exclusion("ADJ-2026-0001", 0, 100, scope="sia/web"),
        exclusion("ADJ-2026-0002", 99, 150, scope="sia/web"),
        exclusion("ADJ-2026-0003", 150, 300, scope="sia/api"),
        exclusion("ADJ-2026-0004", 100, 200, scope="sicr"),
        exclusion("ADJ-2026-0005", 100, 200, scope="sia-two"),
        exclusion("ADJ-2026-0006", 200, 300),
    ]

    assert [one.id for one in overlapping(known, exclusion("ADJ-2026-0007", 100, 200))] == ["ADJ-2026-0002", "ADJ-2026-0003"]
    known.append(revoked(known, "ADJ-2026-0002"))
    assert [one.id for one in overlapping(known, exclusion("ADJ-2026-0008", 100, 200))] == ["ADJ-2026-0003"]
    assert [one.id for one in overlapping(known, exclusion("ADJ-2026-0008", 0, 999, scope="sia/api"))] == [
        "ADJ-2026-0003",
        "ADJ-2026-0006",
    ]


def at(*parts: int) -> int:
    return micros(datetime(*parts, tzinfo=UTC))  # type: ignore[misc, arg-type]  # mypy cannot count


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-07-01T12:00:00Z", at(2026, 7, 1, 12)),
        ("2026-07-01T12:00:00.000001+02:00", at(2026, 7, 1, 10) + 1),
        ("2026-07-01T12:00", at(2026, 7, 1, 11)),
        (" 2026-01-01 12:00 ", at(2026, 1, 1, 12)),
        ("2026-07-01", at(2026, 6, 30, 23)),
        ("2026-10-25T01:30+01:00", at(2026, 10, 25, 0, 30)),
    ],
)
def test_an_instant_has_an_offset_or_is_local(text: str, meant: int):
    assert instant_from(text, "Europe/London") == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-25T01:30", r"comes twice in Europe/London, where the clock changes; add the offset you mean, \+01:00 or \+00:00"),
        (
            "2026-03-29T01:30",
            r"does not exist in Europe/London, where the clock changes; add the offset you mean, \+00:00 or \+01:00",
        ),
        ("yesterday", "'yesterday' is no instant; write it like 2026-11-24T12:00:00Z"),
        ("", "'' is no instant"),
    ],
)
def test_a_reading_that_is_no_one_instant_is_said(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        instant_from(text, "Europe/London")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(-720, 840))  # noqa: DTZ001
def test_any_offset_names_the_same_instant(instant: datetime, minutes: int):
    shifted = (instant + timedelta(minutes=minutes)).replace(tzinfo=None)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)

    assert instant_from(f"{shifted.isoformat()}{sign}{hours:02}:{rest:02}", "Europe/Paris") == micros(instant)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_local_reading_that_is_taken_reads_the_same_on_the_wall(instant: datetime):
    there = instant.astimezone(ZoneInfo("Europe/Paris"))
    reading = there.replace(tzinfo=None).isoformat()

    if there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset():
        with pytest.raises(ValueError, match="comes twice"):
            instant_from(reading, "Europe/Paris")
    else:
        assert instant_from(reading, "Europe/Paris") == micros(instant)
