"""What people exclude and assert, in the figures of a running engine and in the document of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.outcome import Verdict
from tests.engine.world import S, World, catalogue, world
from uptimed.domain.civil import year_window
from uptimed.domain.record import Overlays
from uptimed.domain.severity import Severity
from uptimed.engine.availability import account_of, document, raw_account_of
from uptimed.engine.books import Book
from uptimed.engine.incidents import Incidents
from uptimed.engine.memory import Picture
from uptimed.engine.payload import exact
from uptimed.engine.publish import Accounts, snapshot_of
from uptimed.engine.restore import read_picture
from uptimed.web.exclusions import ExclusionCommands

UP, DOWN = Verdict.UP, Verdict.DOWN
CRITICAL = Severity.CRITICAL
YEAR = year_window("UTC", 2026)


@pytest.fixture
async def shop(tmp_path: Path):
    """Two components; `api` was down for a good minute, `web` never."""
    async with world(tmp_path) as here:
        await here.start(catalogue(web=CRITICAL, api=CRITICAL))
        here.began_us = here.clock.us
        for verdict in (UP, DOWN, DOWN, DOWN, UP, UP):
            await here.sees(UP, component="web", gap_s=0)
            await here.sees(verdict, component="api")
        yield here


async def exclude(shop: World, scope: str = "shop", **changes: Any) -> str:
    about = {"scope": scope, "from": exact(shop.began_us), "to": exact(shop.clock.us), "reason": "Their firewall.", **changes}
    answer = await ExclusionCommands(shop.engine, shop.clock).add(about, "bea")
    shop.clock.us += S
    return str(answer["id"])


async def revoke(shop: World, name: str) -> None:
    await ExclusionCommands(shop.engine, shop.clock).revoke({"id": name, "reason": "Wrong day."}, "bea")
    shop.clock.us += S


def told(picture: Picture, at_us: int) -> dict[str, Any]:
    return document(picture.products["shop"], "2026", YEAR, at_us, "99.99")


async def read(shop: World, at_us: int, known_us: int | None = None) -> dict[str, Any]:
    """As a command beside the engine has it, from the database."""
    picture = await read_picture(shop.database, shop.engine.catalogue, at_us, as_known_at_us=known_us)
    return told(picture, at_us)


async def test_every_reader_has_the_same_figure_at_once(shop: World):
    at_us = shop.clock.us
    before = told(shop.engine.picture, at_us)
    assert float(before["seconds"]["down"]) > 40

    name = await exclude(shop)
    after = told(shop.engine.picture, at_us)
    assert after["seconds"]["down"] == "0"
    assert after["seconds"]["excluded"] == str((at_us - shop.began_us) // S)
    assert [one["id"] for one in after["adjustments"]] == [name]
    assert await read(shop, at_us) == after

    await revoke(shop, name)
    assert told(shop.engine.picture, at_us) == before == await read(shop, at_us)


async def test_beside_the_figure_stands_what_was_measured(shop: World):
    at_us = shop.clock.us
    before = told(shop.engine.picture, at_us)
    assert before["raw"] == {key: before[key] for key in ("availability", "seconds", "budget", "verdict", "to_date")}

    await exclude(shop)
    await exclude(shop, "shop/api", state="degraded")

    after = told(shop.engine.picture, at_us)
    assert after["raw"] == before["raw"]
    assert after["availability"] != before["availability"]


async def test_what_was_known_then_can_still_be_read(shop: World):
    at_us = shop.clock.us
    documents = [await read(shop, at_us)]
    instants = [shop.clock.us - 1]
    for step in (lambda: exclude(shop), lambda: exclude(shop, "shop/api", state="up"), lambda: revoke(shop, "ADJ-2026-0001")):
        instants.append(shop.clock.us)
        await step()
        documents.append(await read(shop, at_us))

    assert [await read(shop, at_us, known_us) for known_us in instants] == documents
    assert [len(one["adjustments"]) for one in documents] == [0, 1, 2, 1]


@pytest.mark.parametrize(
    ("scope", "changes", "down", "excluded"),
    [
        ("shop/api", {}, 0, False),
        ("shop/web", {}, None, False),
        ("shop/api", {"state": "up"}, 0, False),
        ("shop", {"state": "up"}, 0, False),
        ("shop/web", {"state": "down"}, 120, False),
        ("shop", {}, 0, True),
    ],
    ids=["the member", "another member", "seen up", "the product seen up", "a member seen down", "the product"],
)
async def test_a_scope_is_a_product_or_one_of_its_members(shop: World, scope, changes, down, excluded):
    at_us = shop.clock.us
    measured = told(shop.engine.picture, at_us)["seconds"]["down"]

    await exclude(shop, scope, **changes)

    seconds = told(shop.engine.picture, at_us)["seconds"]
    assert seconds["down"] == (measured if down is None else str(down))
    assert (seconds["excluded"] != "0") is excluded


async def test_an_adjustment_outside_of_the_period_is_not_in_its_document(shop: World):
    await exclude(shop, **{"from": "2025-12-01T00:00Z", "to": "2026-01-01T00:00Z"})
    await exclude(shop, **{"from": exact(shop.clock.us + 60 * S), "to": "2026-12-31T00:00Z"})

    assert told(shop.engine.picture, shop.clock.us)["adjustments"] == []


async def test_a_reload_keeps_what_was_set_aside(shop: World):
    at_us = shop.clock.us
    await exclude(shop)
    before = told(shop.engine.picture, at_us)
    wanted = catalogue("v2", web=CRITICAL, api=CRITICAL)
    shop.engine.configure(wanted, {"hook": "en", "pager": "fr"}, await shop.engine.prepare(wanted))

    assert told(shop.engine.picture, at_us) == before


async def test_a_late_result_moves_the_figure_and_the_one_beside_it(shop: World):
    await exclude(shop, to=exact(shop.began_us + 10 * S))
    late = [shop.result(DOWN, "web") for _ in range(2)]
    shop.clock.us += 20 * S
    for _ in range(20):
        await shop.sees(UP, component="web", gap_s=0)
        await shop.sees(UP, component="api")
    before = told(shop.engine.picture, shop.clock.us)

    await shop.engine.on_batch(late)

    after = told(shop.engine.picture, shop.clock.us)
    assert float(after["seconds"]["down"]) > float(before["seconds"]["down"])
    assert float(after["raw"]["seconds"]["down"]) > float(before["raw"]["seconds"]["down"])
    assert await read(shop, shop.clock.us) == after


async def test_the_page_gives_the_reason_and_the_figure_without_and_nobodys_name(shop: World):
    await exclude(shop, by="Somebody", clause="6.2")
    engine, now_us = shop.engine, shop.clock.us
    incidents: Incidents = engine.incidents
    snapshot = snapshot_of(engine.picture, incidents, engine.catalogue, Accounts(engine.picture, engine.catalogue, now_us), now_us)

    year = snapshot.products[0].year
    assert year is not None
    assert year.raw is not None
    (one,) = year.adjustments
    assert (one.scope, one.state, one.reason, one.clause) == ("shop", None, "Their firewall.", "6.2")
    assert (year.down_s, year.raw.point) == (0, raw_account_of(engine.picture.products["shop"], YEAR, now_us).texts.point)
    assert "Somebody" not in repr(snapshot)


steps = st.lists(
    st.tuples(
        st.sampled_from([UP, UP, DOWN, "exclude", "assert", "revoke"]),
        st.sampled_from(["shop", "shop/web", "shop/api"]),
        st.integers(0, 120),
        st.integers(1, 120),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
async def test_books_kept_up_to_date_are_the_books_opened_anew(tmp_path_factory: pytest.TempPathFactory, steps):
    async with world(tmp_path_factory.mktemp("book")) as shop:
        await shop.start(catalogue(web=CRITICAL, api=Severity.SEVERE))
        commands = ExclusionCommands(shop.engine, shop.clock)
        standing: list[str] = []
        for what, scope, ago_s, length_s in steps:
            from_us = shop.clock.us - ago_s * S
            span = {"scope": scope, "from": exact(from_us), "to": exact(from_us + length_s * S), "reason": "why"}
            if what == "revoke":
                if standing:
                    await commands.revoke({"id": standing.pop(), "reason": "why"}, "bea")
            elif what in ("exclude", "assert"):
                state = "degraded" if what == "assert" else None
                standing.append((await commands.add({**span, "state": state}, "bea"))["id"])
            else:
                await shop.sees(what, component=scope.rpartition("/")[2].replace("shop", "web"))
            account_of(shop.engine.picture.products["shop"], YEAR, shop.clock.us)
        picture, now_us = shop.engine.picture, shop.clock.us
        product = picture.products["shop"]
        adjusted = Book(picture.history, "shop", picture.timelines, Overlays.of(shop.engine.adjustments)).ledger(now_us)
        raw = Book(picture.history, "shop", picture.timelines).ledger(now_us)
        assert product.book.ledger(now_us).pieces == adjusted.pieces
        assert (product.raw or product.book).ledger(now_us).pieces == raw.pieces
