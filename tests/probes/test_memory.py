"""Whatever endpoints send, and however often: the memory of the process that looks stays bounded (RELIABILITY G4)."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import sys
import zlib
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

import tests
from tests.probes.rude import BOMB, Behaviour, goes_on_for_ever, head, redirect, rude, says, sized

ROOT = Path(tests.__file__).parent.parent
MIB = 1 << 20
TIMES = 300
AT_ONCE = 8
MOST_AT_ONCE = 32 * MIB
"""Growth at the peak, with eight of them at once."""
MOST_LEFT = 16 * MIB
"""Growth that stays when all are over: what the allocator has not given back."""


def endless_gzip() -> Behaviour:
    """Each piece of 16 KiB becomes 16 MiB, without end."""
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return goes_on_for_ever(head(b"Content-Encoding: gzip") + start, again)


async def redirects_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each to another place, with as much of a head as is read."""
    request = await reader.readuntil(b"\r\n\r\n")
    number = int(request.split(b" ")[1].removeprefix(b"/") or 0) + 1
    writer.write(redirect(f"/{number}").replace(b"\r\n\r\n", b"\r\nX-Fat: " + b"x" * 60_000 + b"\r\n\r\n"))
    await writer.drain()


async def babbles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"\x16\x03\x03\x40\x00" + b"\x0b" * 16_384)
        await writer.drain()


HTTP: dict[str, tuple[Behaviour, dict[str, Any], str]] = {
    "an endless body": (goes_on_for_ever(head(), b"x" * 65_536), {}, "ok"),
    "an endless body that is searched": (goes_on_for_ever(head(), b"x" * 65_536), {"body": "needle"}, "body_text"),
    "an endless body under a pattern": (goes_on_for_ever(head(), b"(a" * 32_768), {"regex": "(.*)(.*)b"}, "body_regex"),
    "endless chunks": (goes_on_for_ever(head(b"Transfer-Encoding: chunked"), b"2000\r\n" + b"x" * 8192 + b"\r\n"), {}, "ok"),
    "tiny chunks": (goes_on_for_ever(head(b"Transfer-Encoding: chunked"), b"1\r\nx\r\n" * 4_000), {}, ""),
    "an endless chunk size": (goes_on_for_ever(head(b"Transfer-Encoding: chunked") + b"1;", b"x" * 65_536), {}, "body_malformed"),
    "ten gigabytes announced": (goes_on_for_ever(head(b"Content-Length: 10000000000"), b"x" * 65_536), {}, "ok"),
    "endless headers": (goes_on_for_ever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1_000), {}, "http_head_too_large"),
    "one endless header": (goes_on_for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65_536), {}, "http_head_too_large"),
    "a head as large as is read": (says(head(*[b"X: y"] * 10_000, b"Content-Length: 0")), {}, "ok"),
    "endless interim answers": (goes_on_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), {}, "http_informational"),
    "a slow drip": (goes_on_for_ever(head(), b"x", gap_s=0.01), {}, "body_timeout"),
    "a bomb": (says(sized(BOMB, b"Content-Encoding: deflate")), {}, "ok"),
    "an endless bomb": (endless_gzip(), {}, "ok"),
    "bombs one after the other": (goes_on_for_ever(head(b"Content-Encoding: gzip"), gzip.compress(b"")), {}, "body_encoding"),
    "nesting without end": (goes_on_for_ever(head(), b"[" * 65_536), {"json": {"$.a": "b"}}, "body_json"),
    "redirects without end": (redirects_without_end, {}, "redirect_too_many"),
}


def a_long_chain() -> ssl.SSLContext:
    """A server that sends six hundred certificates behind its own."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    chain = b"".join([*(one.bytes() for one in leaf.cert_chain_pems), *[authority.cert_pem.bytes()] * 600])
    with leaf.private_key_pem.tempfile() as key, trustme.Blob(chain).tempfile() as certificates:
        context.load_cert_chain(certificates, key)
    return context


def a_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return context


async def spent(targets: list[dict[str, Any]]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.probes.hoarding", cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    wanted = {"times": TIMES, "at_once": AT_ONCE, "targets": targets}
    out, _ = await process.communicate(json.dumps(wanted).encode())
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    return found


def is_bounded(found: dict[str, Any]) -> None:
    assert found["peak"] - found["before"] < MOST_AT_ONCE, f"{(found['peak'] - found['before']) / MIB:.1f} MiB more at the peak"
    assert found["after"] - found["before"] < MOST_LEFT, f"{(found['after'] - found['before']) / MIB:.1f} MiB more at the end"


@pytest.mark.timeout(180)
async def test_three_hundred_hostile_answers_leave_no_mark_on_the_memory() -> None:
    async with AsyncExitStack() as stack:
        targets = []
        for behaviour, expect, _ in HTTP.values():
            port = await stack.enter_async_context(rude(behaviour))
            options = {"url": f"http://127.0.0.1:{port}/", **({"expect": expect} if expect else {})}
            targets.append({"kind": "http", "options": options})
        found = await spent(targets)

    for name, (_, _, reason), seen in zip(HTTP, HTTP.values(), found["seen"], strict=True):
        assert not reason or reason in seen, f"{name}: {seen}"
    is_bounded(found)


@pytest.mark.timeout(180)
async def test_nor_do_three_hundred_hostile_handshakes_and_greetings() -> None:
    async with AsyncExitStack() as stack:
        chain = await stack.enter_async_context(rude(says(sized(b"ok")), context=a_long_chain()))
        body = await stack.enter_async_context(rude(goes_on_for_ever(head(), b"x" * 65_536), context=a_certificate()))
        noise = await stack.enter_async_context(rude(babbles))
        targets = [
            {"kind": "tls", "options": {"host": "127.0.0.1", "port": str(chain), "server_name": "localhost"}},
            {"kind": "http", "options": {"url": f"https://127.0.0.1:{chain}/", "verify": "false"}},
            {"kind": "http", "options": {"url": f"https://127.0.0.1:{body}/", "verify": "false"}},
            {"kind": "http", "options": {"url": f"https://127.0.0.1:{noise}/"}},
            {"kind": "tls", "options": {"host": "127.0.0.1", "port": str(noise)}},
            {"kind": "tcp", "options": {"host": "127.0.0.1", "port": str(noise), "expect": {"text": "220"}}},
        ]
        found = await spent(targets)

    is_bounded(found)
