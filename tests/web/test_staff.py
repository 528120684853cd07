"""The staff door, asked over real connections."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest

from uptimed.metrics import Metrics
from uptimed.web.door import Door
from uptimed.web.staff import ConfigRefused, Readiness, staff_app


@dataclass
class Daemon:
    """What stands behind the door."""

    metrics: Metrics = field(default_factory=lambda: Metrics(version="0.1.0"))
    state: Readiness = field(default_factory=lambda: Readiness(ready=True))
    reloads: int = 0
    problems: tuple[str, ...] = ()

    async def reload(self) -> str:
        self.reloads += 1
        if self.problems:
            raise ConfigRefused(self.problems)
        return "Reloaded: 1 check added."


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


OpenDoor = Callable[..., Awaitable[aiohttp.ClientSession]]


@pytest.fixture
async def opened(daemon: Daemon) -> AsyncIterator[OpenDoor]:
    closing: list[Callable[[], Awaitable[None]]] = []

    async def open_door(token: str = "") -> aiohttp.ClientSession:
        app = staff_app(metrics=daemon.metrics, now=lambda: 0.0, readiness=lambda: daemon.state, reload=daemon.reload, token=token)
        door = Door(app, "127.0.0.1", 0)
        await door.open()
        session = aiohttp.ClientSession("http://{}:{}".format(*door.address), auto_decompress=False)
        closing.extend((session.close, door.close))
        return session

    yield open_door
    for close in closing:
        await close()


async def test_a_scrape_is_the_text_format(daemon: Daemon, opened: OpenDoor) -> None:
    daemon.metrics.checks.result("sia/web/home", "local", success=True, duration_s=0.1, figures={}, fresh_until=1.0)
    door = await opened()

    async with door.get("/metrics", headers={"Accept-Encoding": "identity"}) as answer:
        text = await answer.text()

    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'probe_success{product="sia",component="web",check="home",location="local"} 1\n' in text
    assert "uptimed_build_info" in text


async def test_a_scrape_is_compressed_when_asked(daemon: Daemon, opened: OpenDoor) -> None:
    door = await opened()

    async with door.get("/metrics", headers={"Accept-Encoding": "gzip"}) as answer:
        body = await answer.read()

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"uptimed_build_info" in gzip.decompress(body)


async def test_healthy_while_the_loop_turns_and_ready_only_when_started(daemon: Daemon, opened: OpenDoor) -> None:
    daemon.state = Readiness(ready=False, reasons=["The first snapshot is not there yet."], facts={"checks": 3})
    door = await opened()

    async with door.get("/-/healthy") as healthy, door.get("/-/ready") as ready:
        said = await ready.json()

    assert (healthy.status, ready.status) == (200, 503)
    assert said == {"ready": False, "reasons": ["The first snapshot is not there yet."], "checks": 3}


async def test_this_machine_itself_may_reload(daemon: Daemon, opened: OpenDoor) -> None:
    door = await opened()

    async with door.post("/-/reload") as answer:
        assert (answer.status, await answer.text()) == (200, "Reloaded: 1 check added.\n")

    assert daemon.reloads == 1


async def test_a_bad_file_is_answered_with_all_its_errors(daemon: Daemon, opened: OpenDoor) -> None:
    daemon.problems = ("uptimed.yaml:3:5: site: wrong; what would be right", "uptimed.yaml:9:1: products: missing; add one")
    door = await opened()

    async with door.post("/-/reload") as answer:
        text = await answer.text()

    assert answer.status == 400
    assert all(problem in text for problem in daemon.problems)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Authorization": "Bearer wrong"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_what_a_proxy_or_a_browser_brings_is_not_this_machine_itself(
    headers: dict[str, str], daemon: Daemon, opened: OpenDoor
) -> None:
    door = await opened(token="right")

    async with door.post("/-/reload", headers=headers) as answer:
        assert answer.status == 403

    assert daemon.reloads == 0


async def test_the_bearer_of_the_token_may_reload_through_a_proxy(daemon: Daemon, opened: OpenDoor) -> None:
    door = await opened(token="right")

    async with door.post("/-/reload", headers={"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer right"}) as answer:
        assert answer.status == 200


async def test_no_token_configured_means_that_no_token_opens(daemon: Daemon, opened: OpenDoor) -> None:
    door = await opened(token="")

    async with door.post("/-/reload", headers={"X-Forwarded-For": "203.0.113.7", "Authorization": "Bearer "}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/admin", 404), ("GET", "/-/reload", 405), ("POST", "/metrics", 405), ("HEAD", "/-/healthy", 200)],
)
async def test_nothing_else_is_answered(method: str, path: str, status: int, daemon: Daemon, opened: OpenDoor) -> None:
    door = await opened()

    async with door.request(method, path) as answer:
        assert answer.status == status

    assert daemon.reloads == 0


async def test_every_answer_is_inert_in_a_browser_and_names_no_version(opened: OpenDoor) -> None:
    door = await opened()

    for path in ("/metrics", "/-/healthy", "/nothing"):
        async with door.get(path) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Server"] == "uptimed"


async def test_multipart_is_refused(opened: OpenDoor) -> None:
    door = await opened()
    form = aiohttp.FormData({"a": "b"})
    form.add_field("file", b"content", filename="a.txt")

    async with door.post("/-/reload", data=form) as answer:
        assert answer.status == 415
