"""What the public door answers, header by header, over real connections."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import logging
import re
from contextlib import suppress

import aiohttp
import pytest

from statuspage.answers import host_name, matches, preferred, takes_gzip
from statuspage.app import PublicRunner
from statuspage.connections import PER_ADDRESS, Door
from tests.statuspage.builders import MINUTE, NOW, snapshot
from tests.statuspage.conftest import House, opened

HOME_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Language": "en",
    "Cache-Control": "public, max-age=15, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400",
    "Vary": "Accept-Encoding",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


async def test_the_home_page_has_all_its_headers_and_no_others_that_tell(door: aiohttp.ClientSession):
    async with door.get("/en/") as answer:
        assert answer.status == 200
        assert {name: answer.headers.get(name) for name in HOME_HEADERS} == HOME_HEADERS
        assert answer.headers["ETag"].startswith('"')
        assert answer.headers["Date"].endswith("GMT")
        assert not {"Server", "Set-Cookie", "Access-Control-Allow-Origin", "X-Powered-By"} & set(answer.headers)
        assert b"Sign In App is down." in await answer.read()


@pytest.mark.parametrize("path", ["/status.json", "/api/v2/summary.json", "/en/index.json", "/fr/i/INC-2026-0002/index.json"])
async def test_public_json_may_be_read_by_any_page(door: aiohttp.ClientSession, path: str):
    async with door.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        json.loads(await answer.read())


async def test_static_files_carry_their_hash_and_are_kept_for_ever(door: aiohttp.ClientSession, runner: PublicRunner):
    assert runner.site is not None
    files = [path for path in runner.site.pages if path.count("/") == 1 and path.endswith((".css", ".js", ".svg"))]

    for path in files:
        async with door.get(path) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Type"] in {"text/css", "text/javascript", "image/svg+xml"}
    assert len(files) == 3


async def test_a_site_without_https_asks_for_no_https(house: House, door: aiohttp.ClientSession, runner: PublicRunner):
    house.snapshot = snapshot(site_url="http://127.0.0.1:8080")
    await runner.refresh()

    async with door.get("/en/") as answer:
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("", "/en/"),
        ("fr-CH, en;q=0.5", "/fr/"),
        ("de, fr;q=0.3, en;q=0.2", "/fr/"),
        ("de", "/en/"),
        ("*", "/en/"),
        ("fr;q=0, en;q=0", "/en/"),
    ],
)
async def test_the_root_leads_to_the_reader_s_language(door: aiohttp.ClientSession, wanted: str, goes_to: str):
    async with door.get("/", headers={"Accept-Language": wanted}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"], answer.headers["Vary"]) == (302, goes_to, "Accept-Language")


async def test_a_forgotten_slash_is_added(door: aiohttp.ClientSession):
    async with door.get("/fr", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, "/fr/")


async def test_gzip_is_given_to_those_who_take_it_under_a_tag_of_its_own(door: aiohttp.ClientSession):
    async with door.get("/en/") as plain, door.get("/en/", headers={"Accept-Encoding": "br, gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await packed.read()) == await plain.read()
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_an_unchanged_page_is_not_sent_again(door: aiohttp.ClientSession, coding: str):
    async with door.get("/en/", headers={"Accept-Encoding": coding}) as first:
        tag = first.headers["ETag"]
    async with door.get("/en/", headers={"Accept-Encoding": coding, "If-None-Match": f'"other", W/{tag}'}) as again:
        assert again.status == 304
        assert again.headers["ETag"] == tag
        assert again.headers["Vary"] == "Accept-Encoding"
        assert await again.read() == b""
    async with door.get("/en/", headers={"If-None-Match": '"other"'}) as changed:
        assert changed.status == 200


async def test_head_has_the_headers_of_get_and_no_body(door: aiohttp.ClientSession):
    async with door.get("/en/") as get, door.head("/en/") as head:
        same = {name: value for name, value in get.headers.items() if name != "Date"}
        assert {name: value for name, value in head.headers.items() if name != "Date"} == same
        assert await head.read() == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_other_methods_are_refused(door: aiohttp.ClientSession, method: str):
    async with door.request(method, "/en/", data=b"x" * 100_000 if method == "POST" else None) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("status.example.com", 200),
        ("STATUS.example.com.:443", 200),
        ("status.example.org:8080", 200),
        ("localhost", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:9", 200),
        ("evil.example", 421),
        ("status.example.com.evil.example", 421),
        ("status.example.com@evil.example", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered_for(door: aiohttp.ClientSession, host: str, status: int):
    async with door.get("/en/", headers={"Host": host}) as answer:
        assert answer.status == status
        if status == 421:
            assert "server.hosts" in (await answer.read()).decode()


async def test_machines_are_answered_by_whatever_name_they_use(door: aiohttp.ClientSession):
    for path in ("/status.json", "/api/v2/status.json"):
        async with door.get(path, headers={"Host": "10.0.0.7"}) as answer:
            assert answer.status == 200


async def test_a_target_that_names_another_host_is_not_ours(house: House, runner: PublicRunner):
    base = await opened(runner)

    raw = await said(base, b"GET http://evil.example/en/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert raw.startswith(b"HTTP/1.1 421 ")
    assert house.statuses == [421]


@pytest.mark.parametrize("path", ["/fr/i/INC-1999-0001/", "/s.css", "/api/v2/", "/../../etc/passwd", "/%2e%2e/x", "/en/i/", "/de/"])
async def test_what_is_not_there_says_so_with_the_present_sentence(door: aiohttp.ClientSession, path: str):
    async with door.get(path) as answer:
        text = (await answer.read()).decode()
        assert answer.status == 404
        if path.startswith("/fr/"):
            assert "Cette page n’existe pas. C’est peut-être un ancien lien d’incident." in text
            assert "Sign In App est indisponible." in text
        else:
            assert "This page does not exist. It may be an old incident link." in text


async def test_the_query_does_not_choose_the_page(door: aiohttp.ClientSession):
    async with door.get("/en/?x=1") as with_query, door.get("/en/") as without:
        assert await with_query.read() == await without.read()


async def test_before_the_first_facts_the_page_says_sorry(house: House, runner: PublicRunner):
    house.snapshot = None
    base = await opened(runner)

    async with aiohttp.ClientSession() as session, session.get(f"{base}/en/") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "Our products may be working all the same." in await answer.text()


async def test_new_facts_are_on_the_page_within_moments(house: House, runner: PublicRunner, door: aiohttp.ClientSession):
    house.snapshot = snapshot()
    runner.wake()

    async with asyncio.timeout(10):
        while True:
            async with door.get("/en/") as answer:
                if b"All three products are working." in await answer.read():
                    return
            await asyncio.sleep(0.02)


async def test_the_page_goes_on_with_its_age_when_the_core_is_dead(house: House, runner: PublicRunner, door: aiohttp.ClientSession):
    house.now_us = NOW + 12 * MINUTE
    await runner.refresh()

    async with door.get("/en/") as answer:
        assert answer.status == 200
        assert "This copy of the page is 12\u00a0min old." in (await answer.read()).decode()


async def test_stale_facts_are_rendered_again_each_minute_at_most(house: House, runner: PublicRunner):
    await opened(runner)
    seen = []
    for seconds in (0, 60, 91, 100, 150, 152, 211, 212):
        house.now_us = NOW + seconds * 1_000_000
        await runner.refresh()
        assert runner.site is not None
        seen.append((runner.site.rendered_us - NOW) // 1_000_000)

    assert seen == [0, 0, 91, 91, 91, 152, 152, 212]


async def test_a_source_that_comes_back_takes_the_banner_away(house: House, runner: PublicRunner):
    await opened(runner)
    house.now_us = NOW + 5 * MINUTE
    await runner.refresh()
    house.snapshot = snapshot(as_of_us=house.now_us)
    await runner.refresh()

    assert runner.site is not None
    assert not runner.site.stale


async def said(base: str, request: bytes) -> bytes:
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /en/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /en/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["garbage", "two lengths", "long field", "long line", "tls"],
)
async def test_a_request_that_cannot_be_read_gets_a_plain_400(runner: PublicRunner, request_: bytes):
    raw = await said(await opened(runner), request_ + b"\r\n\r\n")

    assert raw.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"aiohttp" not in raw
    assert b"Python" not in raw


async def test_pipelined_requests_are_answered_in_order(runner: PublicRunner):
    base = await opened(runner)
    head = b"HTTP/1.1\r\nHost: localhost\r\n"

    raw = await said(
        base, b"GET /status.json " + head + b"\r\nGET /nope " + head + b"\r\nHEAD /en/ " + head + b"Connection: close\r\n\r\n"
    )

    assert re.findall(rb"HTTP/1\.1 (\d+)", raw) == [b"200", b"404", b"200"]


async def test_an_old_client_is_told_that_the_connection_ends(runner: PublicRunner):
    raw = await said(await opened(runner), b"GET /status.json HTTP/1.0\r\n\r\n")

    assert raw.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in raw


async def test_a_body_that_nobody_asked_for_is_not_read_as_the_next_request(runner: PublicRunner):
    hidden = b"GET /status.json HTTP/1.1\r\nHost: localhost\r\n\r\n"

    raw = await said(
        await opened(runner), b"GET /en/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden
    )

    assert raw.count(b"HTTP/1.1 ") == 1


async def test_one_address_has_a_limited_number_of_connections_unless_it_is_a_proxy():
    house = House()
    for settings, wanted in (({}, PER_ADDRESS), ({"trusted_proxies": ["127.0.0.0/8"]}, PER_ADDRESS + 20)):
        runner = house.runner(**settings)
        host, port = (await opened(runner)).removeprefix("http://").split(":")
        opened_ones = [await asyncio.open_connection(host, int(port)) for _ in range(PER_ADDRESS + 20)]
        for _, writer in opened_ones:
            writer.write(b"GET /status.json HTTP/1.1\r\nHost: localhost\r\n\r\n")

        firsts = await asyncio.gather(*(first_bytes(reader) for reader, _ in opened_ones))

        assert sum(first == b"HTTP" for first in firsts) == wanted
        for _, writer in opened_ones:
            writer.close()
        await runner.cleanup()


async def test_connections_that_are_turned_away_are_said_in_one_line_and_nothing_else(
    runner: PublicRunner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("statuspage.connections.SAID_AFTER_S", 600.0)
    host, port = (await opened(runner)).removeprefix("http://").split(":")

    async def half_a_head() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /en/ HTTP/1.1\r\nHost: loc")
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    slow = [asyncio.create_task(half_a_head()) for _ in range(PER_ADDRESS + 30)]
    ended = asyncio.as_completed(slow)
    async with asyncio.timeout(10):
        for _ in range(30):
            await next(ended)
    assert isinstance(runner.server, Door)
    runner.server._say_turned_away()
    await runner.cleanup()
    await asyncio.gather(*slow)
    gc.collect()

    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1, told
    assert told[0].startswith("30 connections were turned away within 600 s")


async def first_bytes(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(4)
    except ConnectionError:
        return b""


async def test_a_head_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("statuspage.connections.REQUEST_WITHIN_S", 0.3)
    runner = House().runner()

    raw = await said(await opened(runner), b"GET /en/ HTTP/1.1\r\nHost: local")

    assert raw == b""
    await runner.cleanup()


async def test_answers_are_counted_by_status(house: House, door: aiohttp.ClientSession):
    for path in ("/en/", "/nope"):
        async with door.get(path):
            pass

    assert house.statuses == [200, 404]


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_taken_when_it_is_named_and_not_refused(header: str, taken: bool):
    assert takes_gzip(header) is taken


def test_small_rules_of_headers():
    assert host_name("[::1]:8080") == "::1"
    assert host_name("Example.COM.:80") == "example.com"
    assert matches("*", "a")
    assert matches('W/"a-gz"', "a")
    assert not matches('"b"', "a")
    assert preferred("fr-CA;q=0.2, en;q=0.1", ("en", "fr")) == "fr"
