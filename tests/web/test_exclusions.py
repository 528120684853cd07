"""Excluding, asserting and revoking: on a real engine and database, with nobody in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.world import NOON_US, S, World, catalogue, world
from uptimed.domain.overlays import in_force
from uptimed.domain.severity import Severity
from uptimed.engine.payload import exact
from uptimed.storage import adjustments, audit
from uptimed.web.control import Refusal
from uptimed.web.exclusions import ExclusionCommands

CRITICAL = Severity.CRITICAL


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as one:
        await one.start(catalogue(web=CRITICAL, api=CRITICAL))
        yield one


def asked(shop: World) -> ExclusionCommands:
    return ExclusionCommands(shop.engine, shop.clock)


def about(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "shop",
        "from": exact(NOON_US - 600 * S),
        "to": exact(NOON_US - 300 * S),
        "reason": "Their firewall.",
        "clause": "6.2",
        **changes,
    }


async def test_an_exclusion_is_in_force_at_once_written_and_in_the_audit_log(shop: World) -> None:
    answer = await asked(shop).add(about(), "bea")

    assert answer == {
        "id": "ADJ-2026-0001",
        "scope": "shop",
        "kind": "exclude",
        "from": "2026-09-21T14:03:20.000Z",
        "to": "2026-09-21T14:08:20.000Z",
        "state": None,
        "reason": "Their firewall.",
        "clause": "6.2",
        "author": "bea",
        "at": "2026-09-21T14:13:20.000Z",
        "revoked": None,
        "overlaps": [],
        "notes": ["It touches no account: the service began at 2026-09-21T14:13:20.000Z; look at its dates."],
        "stored": True,
    }
    assert [one.id for one in in_force(shop.engine.adjustments)] == ["ADJ-2026-0001"]
    assert await shop.database.read(adjustments.load) == shop.engine.adjustments
    (line,) = await shop.database.read(lambda conn: audit.recent(conn, 9))
    assert (line.who, line.what, line.subject, line.at_us) == ("bea", "exclude.add", "ADJ-2026-0001", NOON_US)
    assert line.detail["reason"] == "Their firewall."


async def test_the_audit_log_names_who_asked_and_whom_they_spoke_for(shop: World) -> None:
    answer = await asked(shop).add(about(by="The board"), "root")

    (line,) = await shop.database.read(lambda conn: audit.recent(conn, 9))
    assert (answer["author"], line.who, line.detail["author"]) == ("The board", "root", "The board")


async def test_an_assertion_says_what_it_was(shop: World) -> None:
    answer = await asked(shop).add(about(scope="shop/web", state="degraded"), "bea")

    assert (answer["kind"], answer["state"]) == ("assert", "degraded")
    assert await shop.database.read(adjustments.load) == shop.engine.adjustments


async def test_what_is_revoked_stays_on_record_with_who_took_it_back(shop: World) -> None:
    await asked(shop).add(about(), "bea")
    shop.clock.us += 60 * S
    answer = await asked(shop).revoke({"id": "ADJ-2026-0001", "reason": "Wrong day."}, "bob")

    assert answer["revoked"] == {"id": "ADJ-2026-0002", "reason": "Wrong day.", "author": "bob", "at": "2026-09-21T14:14:20.000Z"}
    assert in_force(shop.engine.adjustments) == []
    assert [one.what for one in await shop.database.read(lambda conn: audit.recent(conn, 9))] == ["exclude.revoke", "exclude.add"]


async def test_revoking_a_revocation_restores(shop: World) -> None:
    await asked(shop).add(about(), "bea")
    gone = (await asked(shop).revoke({"id": "ADJ-2026-0001", "reason": "Wrong day."}, "bob"))["revoked"]
    answer = await asked(shop).revoke({"id": gone["id"], "reason": "It was the right day."}, "bea")

    assert (answer["id"], answer["revoked"]) == ("ADJ-2026-0001", None)
    assert [one.id for one in in_force(shop.engine.adjustments)] == ["ADJ-2026-0001"]


async def test_the_list_as_known_at_an_instant_knows_nothing_of_later(shop: World) -> None:
    made = await asked(shop).add(about(), "bea")
    shop.clock.us += 60 * S
    gone = (await asked(shop).revoke({"id": made["id"], "reason": "Wrong day."}, "bob"))["revoked"]

    def listed(at: str | None) -> list[tuple[str, bool]]:
        return [(one["id"], one["revoked"] is not None) for one in asked(shop).list({"as_known_at": at}, "bea")]

    assert listed(exact(NOON_US - 1)) == []
    assert listed(made["at"]) == [("ADJ-2026-0001", False)]
    assert listed(gone["at"]) == listed(None) == [("ADJ-2026-0001", True)]


async def test_the_list_of_a_scope_holds_what_is_in_it(shop: World) -> None:
    for scope in ("shop", "shop/web", "shop/api"):
        await asked(shop).add(about(scope=scope), "bea")

    def listed(scope: str | None) -> list[str]:
        return [one["scope"] for one in asked(shop).list({"scope": scope}, "bea")]

    assert listed(None) == listed("shop") == ["shop", "shop/web", "shop/api"]
    assert listed("shop/web") == ["shop/web"]
    assert listed("shop/we") == []


async def test_shared_time_is_allowed_and_said(shop: World) -> None:
    await asked(shop).add(about(), "bea")

    assert (await asked(shop).add(about(scope="shop/web"), "bea"))["overlaps"] == ["ADJ-2026-0001"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scope": "shop/wbe"}, "no product or component 'shop/wbe'; write one of: shop, shop/web, shop/api"),
        ({"to": exact(NOON_US - 600 * S)}, "for shop: the end is not after the start"),
        ({"to": "noon"}, "'noon' is no instant; write it like"),
        ({"reason": ""}, "for shop: the reason is empty"),
        ({"reason": None}, "`reason` is missing"),
        ({"by": ""}, "for shop: the author is empty"),
        ({"state": "unmeasured"}, "'unmeasured' is no state; write up, degraded, down"),
        ({"clause": "x" * 5_001}, "`clause` is longer than 5000 characters"),
    ],
)
async def test_a_refusal_says_what_to_do_and_changes_nothing(shop: World, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        await asked(shop).add(about(**wrong), "bea")

    assert shop.engine.adjustments == []
    assert await shop.database.read(lambda conn: audit.recent(conn, 9)) == []


async def test_nothing_is_revoked_twice(shop: World) -> None:
    await asked(shop).add(about(), "bea")
    await asked(shop).revoke({"id": "ADJ-2026-0001", "reason": "Wrong day."}, "bob")

    with pytest.raises(Refusal, match=r"bob has done so already \(ADJ-2026-0002\)"):
        await asked(shop).revoke({"id": "ADJ-2026-0001", "reason": "Wrong day."}, "bea")
    assert len(shop.engine.adjustments) == 2


async def test_with_the_database_away_it_counts_from_memory_and_is_written_later(shop: World) -> None:
    shop.database.away = True
    answer = await asked(shop).add(about(), "bea")
    assert not answer["stored"]
    assert [one.id for one in in_force(shop.engine.adjustments)] == ["ADJ-2026-0001"]

    shop.database.away = False
    assert await shop.engine.flush()
    assert await shop.database.read(adjustments.load) == shop.engine.adjustments
    assert [one.subject for one in await shop.database.read(lambda conn: audit.recent(conn, 9))] == ["ADJ-2026-0001"]


async def test_a_new_life_of_the_daemon_knows_them_and_counts_on(shop: World) -> None:
    await asked(shop).add(about(), "bea")
    before = shop.engine.adjustments
    await shop.start(catalogue(web=CRITICAL))

    assert shop.engine.adjustments == before
    assert (await asked(shop).add(about(), "bea"))["id"] == "ADJ-2026-0002"


@pytest.mark.parametrize(
    ("from_us", "to_us", "note"),
    [
        (NOON_US - 300 * S, NOON_US + 11 * 3600 * S, "It reaches 11 h into the future; that time will count as said now."),
        (NOON_US + 90 * S, NOON_US + 300 * S, "It lies wholly in the future and begins in 90 s; look at its dates."),
        (NOON_US - 400 * 86_400 * S, NOON_US - 1, "It covers 399 days; look at the years."),
    ],
)
async def test_what_may_be_a_slip_of_the_pen_is_done_and_noted(shop: World, from_us: int, to_us: int, note: str) -> None:
    answer = await asked(shop).add(about(**{"from": exact(from_us), "to": exact(to_us)}), "bea")

    assert note in answer["notes"]
    assert [one.id for one in in_force(shop.engine.adjustments)] == ["ADJ-2026-0001"]


async def test_an_exclusion_before_the_start_of_service_is_said_to_touch_no_account(shop: World) -> None:
    began_us = shop.engine.picture.products["shop"].service_start_us

    answer = await asked(shop).add(about(**{"from": exact(began_us - 60 * S), "to": exact(began_us)}), "bea")

    assert answer["notes"] == [f"It touches no account: the service began at {exact(began_us)}; look at its dates."]


@pytest.mark.parametrize("year", ["0001", "1969", "2201", "9999"])
async def test_an_instant_of_another_age_is_refused(shop: World, year: str) -> None:
    with pytest.raises(Refusal, match="lies outside the years"):
        await asked(shop).add(about(**{"from": "1970-01-02T00:00:00Z", "to": f"{year}-06-01T00:00:00Z"}), "bea")
    assert shop.engine.adjustments == []


def test_an_instant_is_written_with_four_digits_of_the_year() -> None:
    assert exact(-62_135_596_800_000_000) == "0001-01-01T00:00:00.000Z"
