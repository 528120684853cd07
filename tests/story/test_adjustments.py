"""People correct the account: the figure follows everywhere within a second, and what was known before can still be read."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.story.daemons import Uptimed, World, until

AUTHOR = "Beatrix-Potter"

pytestmark = pytest.mark.timeout(180)  # every command is a process of its own


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().standing() as world:
        yield world


@pytest.fixture
async def uptimed(tmp_path: Path, world: World) -> AsyncIterator[Uptimed]:
    """With an outage behind it."""
    daemon = Uptimed(tmp_path, world)
    try:
        await daemon.start()
        await until(lambda: works(daemon), "the product is seen to work")
        world.broken = True
        await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
        world.broken = False
        await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news arrives")
        yield daemon
    finally:
        await daemon.end()


async def works(uptimed: Uptimed) -> bool:
    return 'uptimed_component_up{product="shop",component="web"} 1' in (await uptimed.staff_door("/metrics"))[1]


def outage(world: World) -> tuple[str, str]:
    """From its beginning until after its end, as the webhooks told it."""
    told: dict[str, str] = world.messages[-1]["data"]["incident"]
    return told["began_at"], told["resolved_at"]


async def excluded(uptimed: Uptimed, action: str, *args: str) -> dict[str, Any]:
    code, out, err = await uptimed.command("exclude", action, *args, "--by", AUTHOR, "--format", "json")
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


async def account(uptimed: Uptimed, *args: str) -> dict[str, Any]:
    _, out, err = await uptimed.command("availability", "--format", "json", *args)
    assert out, err
    found: dict[str, Any] = json.loads(out)
    return found


async def state_seconds(uptimed: Uptimed, state: str) -> float:
    _, said = await uptimed.staff_door("/metrics")
    found = re.search(rf'uptimed_state_seconds{{product="shop",period="year",state="{state}"}} (\S+)', said)
    return float(found[1]) if found else 0.0


async def down_is(uptimed: Uptimed, *, counted: bool) -> bool:
    """What /metrics and the page's data say, together."""
    year = (await uptimed.page("/status.json"))["products"][0]["year"]
    return ((await state_seconds(uptimed, "down")) > 0) is counted is (year["seconds"]["down"] > 0)


async def test_an_excluded_outage_leaves_every_figure_at_once_and_a_revocation_brings_it_back(
    uptimed: Uptimed, world: World
) -> None:
    began, ended = outage(world)
    before = await account(uptimed, "--at", ended)
    assert float(before["seconds"]["down"]) > 0
    assert before["adjustments"] == []

    made = await excluded(
        uptimed, "add", "shop", "--from", began, "--to", ended, "--reason", "Their own firewall.", "--clause", "6.2"
    )
    await until(lambda: down_is(uptimed, counted=False), "page and metrics follow", within_s=1)
    after = await account(uptimed, "--at", ended)
    assert after["seconds"]["down"] == "0"
    assert float(after["seconds"]["excluded"]) > 0
    assert [(one["id"], one["scope"], one["from"], one["to"], one["reason"], one["author"]) for one in after["adjustments"]] == [
        (made["id"], "shop", began, ended, "Their own firewall.", AUTHOR)
    ]
    assert after["raw"] == before["raw"]
    assert after["raw"]["availability"] == before["availability"]
    assert await account(uptimed, "--at", ended, "--as-known-at", ended) == before

    gone = await excluded(uptimed, "revoke", made["id"], "--reason", "It was another customer.")
    assert gone["revoked"]["reason"] == "It was another customer."
    await until(lambda: down_is(uptimed, counted=True), "page and metrics follow", within_s=1)
    assert await account(uptimed, "--at", ended) == before
    assert await account(uptimed, "--at", ended, "--as-known-at", made["at"]) == after


async def test_excluded_time_of_a_component_counts_as_up_in_its_product(uptimed: Uptimed, world: World) -> None:
    began, ended = outage(world)

    await excluded(uptimed, "add", "shop/web", "--from", began, "--to", ended, "--reason", "Their own firewall.")

    after = await account(uptimed, "--at", ended)
    assert (after["seconds"]["down"], after["seconds"]["excluded"]) == ("0", "0")
    assert float(after["raw"]["seconds"]["down"]) > 0


async def test_the_public_reads_the_reason_and_the_clause_and_never_the_author(uptimed: Uptimed, world: World) -> None:
    began, ended = outage(world)
    await excluded(uptimed, "add", "shop", "--from", began, "--to", ended, "--reason", "Their own firewall.", "--clause", "§ 6.2")

    await until(lambda: _reads(uptimed, "Their own firewall."), "the page gives the reason", within_s=1)
    assert await _reads(uptimed, "(§ 6.2)")
    for path in ("/en/", "/fr/", "/status.json", "/en/index.json", "/fr/index.json", "/api/v2/summary.json"):
        assert AUTHOR not in json.dumps(await uptimed.page(path), ensure_ascii=False)
    assert AUTHOR not in (uptimed.data / "snapshot.json").read_text("utf-8")


async def _reads(uptimed: Uptimed, text: str) -> bool:
    return text in await uptimed.page("/en/")


async def test_without_a_daemon_it_is_done_on_the_data_itself_and_the_next_daemon_knows(uptimed: Uptimed, world: World) -> None:
    began, ended = outage(world)
    assert await uptimed.stop() == 0
    made = await excluded(uptimed, "add", "shop", "--assert", "up", "--from", began, "--to", ended, "--reason", "Server logs.")

    code, out, err = await uptimed.command("exclude", "list")
    assert (code, err) == (0, "")
    assert f"{made['id']}  shop  asserted up  {began} to {ended}" in out
    after = await account(uptimed, "--at", ended)
    assert (after["seconds"]["down"], after["seconds"]["excluded"]) == ("0", "0")
    _, out, _ = await uptimed.command("availability", "--at", ended)
    assert f"    with nothing set aside: {after['raw']['availability']['point']}% (between " in out
    assert out.endswith(f"    {made['id']}  shop  asserted up  {began} to {ended}\n")
    await uptimed.start()
    await until(lambda: down_is(uptimed, counted=False), "the next daemon counts it so")


@pytest.mark.parametrize("running", [True, False], ids=["with a daemon", "without"])
async def test_what_cannot_be_done_is_said_in_one_line_and_exits_with_two(tmp_path: Path, world: World, *, running: bool) -> None:
    uptimed = Uptimed(tmp_path, world)
    span = ("--from", "2026-03-01T10:00Z", "--to", "2026-03-01T10:10Z")
    try:
        if running:
            await uptimed.start()
        for args, said in [
            (("add", "shop", "--from", span[3], "--to", span[1], "--reason", "why"), "the end is not after the start"),
            (("add", "shop/wbe", *span, "--reason", "why"), "no product or component 'shop/wbe'; write one of: shop, shop/web"),
            (("add", "shop", *span, "--reason", " "), "the reason is empty; say why"),
            (("revoke", "ADJ-2026-0001", "--reason", "why"), "there is no adjustment 'ADJ-2026-0001'"),
        ]:
            code, out, err = await uptimed.command("exclude", *args)
            assert (code, out) == (2, ""), args
            assert said in err
            assert len(err.strip().splitlines()) == 1
        code, out, _ = await uptimed.command("exclude", "list", "--format", "json")
        assert (code, json.loads(out)) == (0, [])
    finally:
        await uptimed.end()
