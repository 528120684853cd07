"""Maintenance, exclusions, assertions and members with overlays of their own (AVAILABILITY B4, B5, B9), told as cases are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.adapter import ANSWERS

DAY = {"from": "2026-06-01T00:00:00Z", "to": "2026-06-02T00:00:00Z"}
HOUR = 3_600_000_000
MINUTE = 60_000_000


def at(clock: str) -> str:
    return f"2026-06-01T{clock}:00Z"


def down(a: str, b: str, **more: str) -> dict[str, str]:
    return {"from": at(a), "to": at(b), "state": "down", **more}


def planned(a: str, b: str, announced: str = "2026-05-01T00:00:00Z", **more: str) -> dict[str, str]:
    return {"id": "m", "from": at(a), "to": at(b), "announced": announced, **more}


def adjusted(name: str, kind: str, a: str = "00:00", b: str = "00:00", day: int = 2, **more: str) -> dict[str, str]:
    made = {"id": name, "kind": kind, "at": f"2026-06-{day:02}T08:00:00Z", "by": "anna", "reason": "server log", **more}
    return made if kind == "revoke" else {**made, "from": at(a), "to": at(b)}


def figures(segments: list[dict[str, str]], **more: Any) -> tuple[int, int, int, int]:
    """Minutes: excluded, measured, down, unmeasured."""
    answer = ANSWERS["availability"]({**DAY, "segments": segments, **more})
    assert answer["down_ns"] % (1000 * MINUTE) == 0
    return (
        answer["excluded_us"] // MINUTE,
        answer["measured_us"] // MINUTE,
        answer["down_ns"] // (1000 * MINUTE),
        answer["unmeasured_us"] // MINUTE,
    )


TEN_TO_ELEVEN = [down("10:00", "11:00")]


@pytest.mark.parametrize(
    ("maintenance", "minutes_down"),
    [
        pytest.param([planned("10:00", "10:40")], 20, id="an overrun is ordinary time"),
        pytest.param([planned("10:00", "10:40", announced=at("10:00"))], 20, id="announced at its beginning, no notice asked"),
        pytest.param([planned("10:00", "10:40", announced=at("10:01"))], 60, id="announced too late"),
        pytest.param([planned("10:00", "10:40", cancelled=at("10:15"))], 45, id="cancelled on the way: it ended then"),
        pytest.param([planned("10:00", "10:40", cancelled=at("09:00"))], 60, id="cancelled before it began"),
        pytest.param([planned("10:00", "10:40", cancelled=at("10:50"))], 20, id="cancelled after it was over"),
        pytest.param([planned("10:00", "10:30"), planned("10:20", "10:40")], 20, id="two that overlap count once"),
        pytest.param([planned("10:00", "10:30", at("10:10")), planned("10:20", "10:40")], 40, id="one of two is not eligible"),
    ],
)
def test_maintenance_covers_what_was_announced_in_time(maintenance: list[dict[str, str]], minutes_down: int) -> None:
    excluded = 60 - minutes_down
    assert figures(TEN_TO_ELEVEN, maintenance=maintenance) == (excluded, 1440 - excluded, minutes_down, 0)


@pytest.mark.parametrize(("announced", "excluded"), [("2026-05-27T10:00:00Z", 60), ("2026-05-27T10:00:00.000001Z", 0)])
def test_notice_is_kept_when_it_is_exactly_as_long_as_asked(announced: str, excluded: int) -> None:
    told = figures(TEN_TO_ELEVEN, maintenance=[planned("10:00", "11:00", announced)], contract={"notice_us": 120 * HOUR})
    assert told == (excluded, 1440 - excluded, 60 - excluded, 0)


@pytest.mark.parametrize(
    ("adjustments", "minutes_down"),
    [
        pytest.param([adjusted("x", "exclude", "10:00", "10:20"), adjusted("y", "exclude", "10:10", "10:30")], 30, id="overlap"),
        pytest.param([adjusted("x", "assert", "10:00", "10:30", state="up")], 30, id="asserted up"),
        pytest.param([adjusted("x", "assert", "09:30", "10:30", state="down")], 90, id="asserted down"),
        pytest.param(
            [adjusted("x", "assert", "10:00", "10:30", state="up", day=4), adjusted("y", "assert", "10:00", "10:30", state="down")],
            30,
            id="the latest assertion wins, whatever the order",
        ),
        pytest.param(
            [adjusted("x9", "assert", "10:00", "10:30", state="up"), adjusted("x10", "assert", "10:00", "10:30", state="down")],
            30,
            id="made together, the larger id wins",
        ),
        pytest.param([adjusted("x", "exclude", "10:00", "11:00", by="")], 60, id="no author"),
        pytest.param([adjusted("x", "exclude", "10:00", "11:00", reason="")], 60, id="no reason"),
        pytest.param([adjusted("x", "exclude", "10:00", "11:00"), adjusted("y", "revoke", target="x", day=3)], 60, id="revoked"),
        pytest.param(
            [adjusted("y", "revoke", target="x", day=3), adjusted("x", "exclude", "10:00", "11:00")],
            60,
            id="revoked, written in another order",
        ),
        pytest.param(
            [adjusted("x", "exclude", "10:00", "11:00"), adjusted("y", "revoke", target="x", day=3, reason="")],
            0,
            id="a revocation without reason has no effect",
        ),
        pytest.param(
            [
                adjusted("x", "exclude", "10:00", "11:00"),
                adjusted("y", "revoke", target="x", day=3),
                adjusted("z", "revoke", target="y", day=4),
            ],
            0,
            id="a revocation that is revoked",
        ),
        pytest.param([adjusted("y", "revoke", target="nothing", day=3)], 60, id="a revocation of nothing"),
    ],
)
def test_adjustments_have_the_effect_of_those_in_force(adjustments: list[dict[str, str]], minutes_down: int) -> None:
    assert figures(TEN_TO_ELEVEN, adjustments=adjustments)[2] == minutes_down


@pytest.mark.parametrize(
    ("known_at", "minutes_down"),
    [
        ("2026-06-02T07:59:59.999999Z", 60),
        ("2026-06-02T08:00:00Z", 0),  # made at that very instant: known
        ("2026-06-03T07:59:00Z", 0),
        ("2026-06-03T08:00:00Z", 60),
        (None, 60),
    ],
)
def test_as_known_at_an_instant_later_adjustments_are_not_there(known_at: str | None, minutes_down: int) -> None:
    adjustments = [adjusted("x", "exclude", "10:00", "11:00"), adjusted("y", "revoke", target="x", day=3)]
    assert figures(TEN_TO_ELEVEN, adjustments=adjustments, adjusted_asof=known_at)[2] == minutes_down


@pytest.mark.parametrize(
    ("contract", "wanted"),
    [
        # Maintenance 10:00 to 11:00, exclusion 10:30 to 11:30, down 10:00 to 12:00, unmeasured 10:50 to 11:10.
        ({}, (90, 1350, 30, 0)),
        ({"maintenance": "up"}, (60, 1380, 30, 0)),
        ({"exclusion": "up"}, (30, 1410, 30, 0)),
        ({"maintenance": "up", "exclusion": "up"}, (0, 1440, 30, 0)),
        ({"maintenance": "measured"}, (60, 1380, 60, 0)),
        ({"maintenance": "measured", "exclusion": "up"}, (0, 1440, 60, 0)),
    ],
)
def test_exclusion_comes_before_maintenance_and_each_counts_as_the_contract_says(
    contract: dict[str, str], wanted: tuple[int, ...]
) -> None:
    segments = [
        down("10:00", "10:50"),
        {"from": at("10:50"), "to": at("11:10"), "state": "unmeasured"},
        down("11:10", "12:00"),
    ]
    overlays = {"maintenance": [planned("10:00", "11:00")], "adjustments": [adjusted("x", "exclude", "10:30", "11:30")]}
    assert figures(segments, contract=contract, **overlays) == wanted


def test_an_assertion_is_counted_in_maintenance_too_when_that_has_no_effect() -> None:
    """Assertions set the state; the class decides whether it counts."""
    overlays = {"maintenance": [planned("10:00", "11:00")], "adjustments": [adjusted("x", "assert", "10:00", "11:00", state="up")]}
    assert figures(TEN_TO_ELEVEN, contract={"maintenance": "measured"}, **overlays) == (0, 1440, 0, 0)


def test_on_a_timeline_maintenance_hides_the_state_and_an_assertion_sets_it() -> None:
    """Two results certify up from 10:00 to 10:01; planned from 10:00, asserted down in the last half minute."""
    answer = ANSWERS["timeline"](
        {
            "config": {"locations": [{"id": "a"}], "horizon_us": MINUTE, "confirmations": None},
            "results": [{"id": clock, "loc": "a", "s": at(clock), "e": at(clock), "v": "up"} for clock in ("10:00", "10:01")],
            "from": at("10:00"),
            "to": at("10:01"),
            "maintenance": [planned("09:00", "10:30")],
            "adjustments": [{**adjusted("x", "assert", "10:00", "10:30", state="down"), "from": "2026-06-01T10:00:30Z"}],
        }
    )
    shown = [[row[key] for key in ("state", "observed", "best", "worst", "class")] for row in answer["segments"]]
    assert shown == [["maintenance", "up", "up", "up", "maintenance"], ["maintenance", "down", "down", "down", "maintenance"]]


def test_time_that_nobody_knows_is_unmeasured_by_default_too() -> None:
    assert figures([down("10:00", "11:00")], default="unmeasured") == (0, 60, 60, 1380)


def test_the_start_of_service_cuts_the_beginning() -> None:
    answer = ANSWERS["sla"](
        {
            **DAY,
            "segments": [down("03:00", "04:00"), down("13:00", "13:30")],
            "contract": {"target": "90", "service_start": at("12:00")},
            "asof": DAY["to"],
        }
    )
    assert answer["window"] == [at("12:00"), DAY["to"]]
    assert answer["budget_us"] == 72 * MINUTE
    assert answer["remaining_us"] == 42 * MINUTE
    assert answer["verdict"] == "met"


# Products


def product(tree: Any, components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return ANSWERS["compose"]({**DAY, "components": components, "tree": tree, **more})


def states(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["from"][11:16], row["state"]) for row in answer["segments"]]


WEB = {"segments": [down("10:00", "11:00")]}
API = {"segments": [down("10:30", "12:00")]}
BLIND = {"segments": [{"from": at("10:00"), "to": at("12:00"), "state": "unmeasured"}]}
BLANK = {"segments": [], "default": "unmeasured"}
SLOW = {"segments": [{"from": at("10:00"), "to": at("12:00"), "state": "degraded"}]}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"need": 1, "of": ["web", "api"]}, [("00:00", "up"), ("10:30", "down"), ("11:00", "up")]),
        ({"need": 2, "of": ["web", "api"]}, [("00:00", "up"), ("10:00", "down"), ("12:00", "up")]),
        ({"need": 2, "of": ["web", "api", "db"]}, [("00:00", "up"), ("10:30", "down"), ("11:00", "up")]),
        ({"need": 1, "of": ["web", "blind"]}, [("00:00", "up"), ("10:00", "unmeasured"), ("11:00", "up")]),
        ({"need": 2, "of": ["web", "db", "blind"]}, [("00:00", "up"), ("10:00", "unmeasured"), ("11:00", "up")]),
        ({"all": ["blind", "slow"]}, [("00:00", "up"), ("10:00", "unmeasured"), ("12:00", "up")]),
        ({"need": 1, "of": ["slow", {"all": ["blind", "slow"]}]}, [("00:00", "up"), ("10:00", "degraded"), ("12:00", "up")]),
        ({"all": ["db", {"need": 1, "of": ["web", "api"]}]}, [("00:00", "up"), ("10:30", "down"), ("11:00", "up")]),
        ({"all": ["web"]}, [("00:00", "up"), ("10:00", "down"), ("11:00", "up")]),
    ],
)
def test_a_product_is_as_good_as_the_members_it_needs(tree: Any, wanted: list[tuple[str, str]]) -> None:
    components = {"web": WEB, "api": API, "db": {"segments": []}, "blind": BLIND, "slow": SLOW}
    assert states(product(tree, components)) == wanted


@pytest.mark.parametrize(
    ("contract", "minutes_down"),
    [({}, 80), ({"maintenance": "up"}, 80), ({"maintenance": "measured"}, 110), ({"exclusion": "up"}, 80)],
)
def test_a_members_own_maintenance_and_exclusions_count_as_up_in_the_product(contract: dict[str, str], minutes_down: int) -> None:
    """Web is down 10:00 to 11:00, planned until 10:50; api 10:30 to 12:00, excluded from 11:50."""
    web = {**WEB, "maintenance": [planned("10:00", "10:50")]}
    api = {**API, "adjustments": [adjusted("x", "exclude", "11:50", "12:00")]}
    answer = product({"all": ["web", "api"]}, {"web": web, "api": api}, contract=contract)
    assert answer["down_ns"] == minutes_down * MINUTE * 1000
    assert answer["excluded_us"] == 0
    assert answer["counted_us"] == 24 * HOUR


def test_the_products_own_overlays_lie_on_top() -> None:
    web = {**WEB, "maintenance": [planned("10:00", "10:30")]}
    answer = product({"all": ["web"]}, {"web": web}, adjustments=[adjusted("x", "exclude", "10:20", "10:45")])
    assert answer["excluded_us"] == 25 * MINUTE
    assert answer["down_ns"] == 15 * MINUTE * 1000
    assert [(row["from"][11:16], row["state"], row["class"]) for row in answer["segments"]] == [
        ("00:00", "up", "counted"),
        ("10:20", "up", "excluded"),
        ("10:30", "down", "excluded"),
        ("10:45", "down", "counted"),
        ("11:00", "up", "counted"),
    ]


def test_weights_are_put_on_sums_not_on_ratios() -> None:
    """Half the weight is measured for 22 h of which 1 h down, the other half for 24 h: 1 - 0.5 h / 23 h."""
    halves = [["1/2", "web"], ["1/2", "db"]]
    web = {"segments": [*WEB["segments"], {"from": at("12:00"), "to": at("14:00"), "state": "unmeasured"}]}
    answer = product({"weighted": halves}, {"web": web, "db": {"segments": []}})
    assert answer["availability"] == {"lo": [15, 16], "point": [45, 46], "hi": [47, 48]}


def test_weighted_members_may_be_groups_and_have_overlays_of_their_own() -> None:
    tree = {"weighted": [["1/4", {"need": 1, "of": ["web", "api"]}], ["3/4", "api"]]}
    api = {**API, "maintenance": [planned("11:00", "12:00")]}
    answer = product(tree, {"web": WEB, "api": api})
    assert answer["availability"]["point"] == [47, 48]
    assert "segments" not in answer


def test_weighted_members_of_which_none_was_measured_have_no_point() -> None:
    answer = product({"weighted": [["1/2", "a"], ["1/2", "b"]]}, {"a": BLANK, "b": BLANK})
    assert answer["availability"] == {"lo": [0, 1], "point": None, "hi": [1, 1]}
    assert answer["text"]["point"] is None
