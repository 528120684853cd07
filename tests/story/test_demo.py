"""What a newcomer does first: `uptimed demo`, a product broken by its switch, and what comes of it."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.story.daemons import free_port, until

EVERY_S, TIMEOUT_S, RECHECK_S = 5, 2, 1


@dataclass
class Demo:
    http: aiohttp.ClientSession
    page: str
    switches: str

    async def get(self, path: str) -> Any:
        async with self.http.get(self.page + path) as answer:
            return await (answer.json() if path.endswith(".json") else answer.text())

    async def press(self, what: str) -> None:
        async with self.http.post(f"{self.switches}/switch/{what}", allow_redirects=False) as answer:
            assert answer.status == 303

    async def alerts(self) -> str:
        async with self.http.get(self.switches) as answer:
            return await answer.text()

    async def component(self, name: str) -> str:
        components = (await self.get("/api/v2/components.json"))["components"]
        return str(next(one["status"] for one in components if one["name"] == name))

    async def unresolved(self) -> list[dict[str, Any]]:
        return list((await self.get("/api/v2/incidents/unresolved.json"))["incidents"])

    async def shows(self, component: str, status: str) -> bool:
        return await self.component(component) == status

    async def is_calm(self) -> bool:
        return await self.shows("Web application", "operational") and await self.unresolved() == []

    async def is_told(self, what: str) -> bool:
        return what in await self.alerts()


def three_free_ports() -> int:
    """The demo takes a port and the two after it."""
    while True:
        port = free_port()
        if port < 65_000:
            return port


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    port = three_free_ports()
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "uptimed", "demo", "--port", str(port), "--data", str(tmp_path / "data"), stdout=log, stderr=log
        )
    try:
        async with aiohttp.ClientSession() as http:
            its = Demo(http, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 2}")
            await until(lambda: works(its), "the demo shows its products at work", within_s=40)
            yield its
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 10)


async def works(demo: Demo) -> bool:
    try:
        status = (await demo.get("/api/v2/status.json"))["status"]["indicator"]
    except (aiohttp.ClientError, ValueError):
        return False
    return bool(status == "none")


async def test_a_product_broken_by_its_switch_is_an_incident_with_its_alert_in_time_and_mends_by_itself(demo: Demo) -> None:
    pressed_at, pressed = time.time(), time.monotonic()
    await demo.press("sia")
    await until(lambda: demo.is_told("incident.opened"), "the sink has the alert", within_s=30)
    took_s = time.monotonic() - pressed
    assert took_s < EVERY_S + TIMEOUT_S + 2 * RECHECK_S + 1

    await until(lambda: demo.shows("Web application", "major_outage"), "the page says so", within_s=5)
    open_ones = await demo.unresolved()
    assert [one["impact"] for one in open_ones] == ["critical"]
    began_at = datetime.fromisoformat(open_ones[0]["started_at"]).timestamp()
    assert pressed_at - EVERY_S - RECHECK_S < began_at < pressed_at + EVERY_S + TIMEOUT_S

    await demo.press("sia")
    await until(lambda: demo.is_told("incident.resolved"), "the sink has the good news", within_s=30)
    await until(demo.is_calm, "the page says so", within_s=5)


async def test_a_severe_part_has_a_switch_of_its_own_and_leaves_the_heart_of_its_product_alone(demo: Demo) -> None:
    await demo.press("sisc/reminders")
    await until(lambda: demo.shows("Reminders", "major_outage"), "the part is shown as down", within_s=30)
    await until(lambda: demo.is_told("incident.opened"), "the sink has the alert", within_s=30)
    assert await demo.shows("Booking links", "operational")
    assert [one["impact"] for one in await demo.unresolved()] == ["major"]
