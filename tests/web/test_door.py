"""Rude visitors at a door. RELIABILITY S28."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from uptimed.web.door import Door, DoorRefused, url_of

SOON_S = 20.0
"""How long to wait for what must happen; only a hanging door takes so long."""


@asynccontextmanager
async def door(**settings: Any) -> AsyncIterator[Door]:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    opened = Door(app, "127.0.0.1", 0, **settings)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def ends(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes."""
    async with asyncio.timeout(SOON_S):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    async with asyncio.timeout(SOON_S):
        await reader.readuntil(b"\r\n\r\n")
        return await reader.readexactly(len("hello"))


@pytest.mark.parametrize(
    ("address", "names", "url"),
    [
        (("127.0.0.1", 8080), ("status.example.com",), "http://127.0.0.1:8080"),
        (("0.0.0.0", 8080), ("status.example.com",), "http://status.example.com:8080"),
        (("::", 80), (), "http://localhost:80"),
        (("fd00::1", 8080), (), "http://[fd00::1]:8080"),
    ],
)
def test_a_door_has_an_address_that_a_browser_takes(address: tuple[str, int], names: tuple[str, ...], url: str) -> None:
    assert url_of(address, names) == url


async def test_a_visitor_who_dawdles_over_the_head_is_shown_out() -> None:
    async with door(head_within_s=0.3) as opened:
        reader, writer = await asyncio.open_connection(*opened.address)
        writer.write(b"GET / HTTP/1.1\r\nHost: loc")

        assert await ends(reader) == b""
        writer.close()


async def test_a_head_that_came_in_crumbs_but_in_time_is_answered_and_the_connection_lives_on() -> None:
    async with door() as opened:
        reader, writer = await asyncio.open_connection(*opened.address)
        for crumb in (b"GET / HTTP/1.1\r\nHost: localhost\r", b"\n", b"\r", b"\n"):
            writer.write(crumb)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(SOON_S):
            await reader.readuntil(b"hello")

        assert await answers(reader, writer) == b"hello"
        writer.close()


async def test_one_address_holds_a_bounded_number_of_connections() -> None:
    async with door(per_address=2) as opened:
        first, second = [await asyncio.open_connection(*opened.address) for _ in range(2)]
        assert await answers(*first) == await answers(*second) == b"hello"

        reader, writer = await asyncio.open_connection(*opened.address)
        assert await ends(reader) == b""
        writer.close()

        first[1].close()
        await first[1].wait_closed()
        async with asyncio.timeout(SOON_S):
            while not opened.admits("127.0.0.1"):
                await asyncio.sleep(0.01)
        opened.leaves("127.0.0.1")
        second[1].close()


async def test_a_trusted_proxy_brings_everybodys_connections() -> None:
    async with door(per_address=1, exempt=["127.0.0.1"]) as opened:
        lines = [await asyncio.open_connection(*opened.address) for _ in range(5)]

        assert [await answers(*line) for line in lines] == [b"hello"] * 5
        for _, writer in lines:
            writer.close()


async def test_a_port_in_use_is_one_sentence_that_says_what_to_do() -> None:
    async with door() as opened:
        host, port = opened.address
        with pytest.raises(
            DoorRefused, match=rf"cannot listen on {host}:{port}: another program has the port; stop it .* or change"
        ):
            await Door(web.Application(), host, port).open()


async def test_an_address_of_another_machine_is_one_sentence_too() -> None:
    with pytest.raises(DoorRefused, match="this machine does not have the address"):
        await Door(web.Application(), "192.0.2.1", 0).open()


async def test_a_closed_door_lets_the_request_finish() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        began.set()
        await may_end.wait()
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", slow)
    opened = Door(app, "127.0.0.1", 0)
    await opened.open()
    line = await asyncio.open_connection(*opened.address)
    answer = asyncio.create_task(answers(*line))
    await began.wait()

    closing = asyncio.create_task(opened.close())
    may_end.set()

    assert await answer == b"hello"
    await closing
    line[1].close()
