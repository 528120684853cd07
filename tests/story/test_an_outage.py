"""From the first failing answer to the resolved incident, with everything in between."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.story.daemons import Uptimed, World, until


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().standing() as world:
        yield world


@pytest.fixture
async def uptimed(tmp_path: Path, world: World) -> AsyncIterator[Uptimed]:
    daemon = Uptimed(tmp_path, world)
    try:
        await daemon.start()
        yield daemon
    finally:
        await daemon.end()


async def working(uptimed: Uptimed) -> bool:
    status, said = await uptimed.staff_door("/metrics")
    return status == 200 and 'uptimed_component_up{product="shop",component="web"} 1' in said


async def shows(uptimed: Uptimed, path: str, text: str) -> bool:
    return text in await uptimed.page(path)


async def test_a_broken_product_is_told_to_everybody_and_resolves_by_itself(uptimed: Uptimed, world: World) -> None:
    await until(lambda: working(uptimed), "the product is seen to work")
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    told = world.messages[0]["data"]["incident"]
    assert told["severity"] == "critical"
    assert told["began_at"] < told["opened_at"]
    await until(lambda: shows(uptimed, "/en/", "Shop is down"), "the page says so", within_s=2)
    assert "Shop est indisponible" in await uptimed.page("/fr/")
    open_ones = (await uptimed.page("/api/v2/incidents/unresolved.json"))["incidents"]
    assert [one["impact"] for one in open_ones] == ["critical"]
    address = f"http://127.0.0.1:{uptimed.public}"
    assert (await uptimed.page("/api/v2/summary.json"))["page"]["url"] == address
    assert open_ones[0]["shortlink"] == f"{address}/en/i/{told['id']}/"

    world.broken = False
    await until(lambda: world.types() == ["incident.opened", "incident.resolved"], "the good news arrives")
    code, out, _ = await uptimed.command("incident", "show", told["id"], "--format", "json")
    assert code == 0
    outage = json.loads(out)["outages"][0]
    assert outage["last_good_at"] < outage["began_at"] <= outage["first_bad_at"]
    assert outage["last_bad_at"] < outage["ended_at"] <= outage["first_good_at"]
    assert outage["began_at"] < outage["confirmed_at"]

    code, out, _ = await uptimed.command("availability", "--format", "json")
    account = json.loads(out)
    figures = account["availability"]
    assert code == {"met": 0, "missed": 1, "undecided": 3}[account["verdict"]]
    assert 0 <= float(figures["lower"]) <= float(figures["point"]) < 100
    assert float(figures["lower"]) <= float(figures["upper"])
    assert float(account["seconds"]["down"]) > 0


async def test_a_killed_daemon_goes_on_with_its_incident_and_repeats_no_alert(uptimed: Uptimed, world: World) -> None:
    await until(lambda: working(uptimed), "the product is seen to work")
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    await until(lambda: _noted(uptimed), "it is noted as sent")
    before = await uptimed.incidents()
    assert await uptimed.stop(signal.SIGKILL) == -signal.SIGKILL
    await uptimed.start()
    assert [one["id"] for one in await uptimed.incidents()] == [one["id"] for one in before]
    world.broken = False
    await until(lambda: "incident.resolved" in world.types(), "the good news arrives")
    assert world.types() == ["incident.opened", "incident.resolved"]
    assert len(set(world.ids)) == 2


async def _noted(uptimed: Uptimed) -> bool:
    return 'uptimed_notifications_total{channel="hook",outcome="sent"} 1.0' in (await uptimed.staff_door("/metrics"))[1]


async def test_a_person_acknowledges_updates_and_resolves(uptimed: Uptimed, world: World) -> None:
    await until(lambda: working(uptimed), "the product is seen to work")
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    incident = world.messages[0]["data"]["incident"]["id"]
    assert (await uptimed.command("incident", "ack", incident))[0] == 0
    code, _, err = await uptimed.command(
        "incident", "update", incident, "--text", "A disk is full.", "--text-fr", "Un disque est plein."
    )
    assert code == 0, err
    await until(lambda: "incident.updated" in world.types(), "the update arrives")
    await until(lambda: shows(uptimed, f"/fr/i/{incident}/", "Un disque est plein."), "the page says so", within_s=2)
    world.broken = False
    await until(lambda: _proposed(uptimed), "the end is proposed, for a person has spoken")
    assert "incident.resolved" not in world.types()
    assert (await uptimed.command("incident", "resolve", incident, "--text", "Done."))[0] == 0
    await until(lambda: world.types()[-1] == "incident.resolved", "the good news arrives")
    assert (await uptimed.command("incident", "ack", "INC-1999-0001"))[0] == 1


async def _proposed(uptimed: Uptimed) -> bool:
    return (await uptimed.incidents())[0]["resolution_proposed_at"] is not None


async def test_a_bad_file_changes_nothing_and_a_good_one_is_taken_over(uptimed: Uptimed, world: World) -> None:
    await until(lambda: working(uptimed), "the product is seen to work")
    world.broken = True
    await until(lambda: world.types() == ["incident.opened"], "the alert arrives")
    good = uptimed.config.read_text("utf-8")
    uptimed.config.write_text(good.replace("every: 1s", "every: soon"), encoding="utf-8")
    status, said = await uptimed.staff_door("/-/reload", "POST")
    assert status == 400
    assert ".every: 'soon' is not a duration" in said
    assert "uptimed_config_last_reload_successful 0.0" in (await uptimed.staff_door("/metrics"))[1]
    added = "          - {id: port, kind: tcp, host: 127.0.0.1, port: 9, every: 3600s}\n"
    uptimed.config.write_text(good.replace("notify:", added + "notify:", 1), encoding="utf-8")
    uptimed.signal(signal.SIGHUP)
    await until(lambda: _knows_two_checks(uptimed), "the new check is taken over")
    assert [one["resolved_at"] for one in await uptimed.incidents()] == [None]
    assert world.types() == ["incident.opened"]


async def _knows_two_checks(uptimed: Uptimed) -> bool:
    return json.loads((await uptimed.staff_door("/-/ready"))[1])["checks"] == 2


async def test_a_second_daemon_on_the_same_data_is_refused_in_one_sentence(uptimed: Uptimed) -> None:
    code, _, err = await uptimed.command("run")
    assert code == 2
    assert "cannot start" in err
    assert len(err.strip().splitlines()) == 1


async def test_it_drains_and_exits_within_five_seconds_of_sigterm(uptimed: Uptimed) -> None:
    await until(lambda: working(uptimed), "the product is seen to work")
    assert await uptimed.stop() == 0


async def test_check_prints_one_object_a_line_and_says_no_with_its_exit_code(uptimed: Uptimed, world: World) -> None:
    code, out, _ = await uptimed.command("check", "--all", "--format", "json")
    assert code == 0
    assert {"id", "kind", "verdict", "reason", "detail", "phases", "took_ms", "evidence"} <= json.loads(out).keys()
    world.broken = True
    code, out, _ = await uptimed.command("check", "shop", "--format", "json")
    assert (code, json.loads(out)["reason"]) == (1, "http_status")


async def test_a_test_message_goes_the_way_of_an_alert(uptimed: Uptimed, world: World) -> None:
    assert (await uptimed.command("notify", "test", "hook"))[0] == 0
    assert len(world.messages) == 1
