"""The kinds `tcp` and `icmp`, and what every kind's options refuse."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from probes import icmp, tcp
from probes.options import Secret
from probes.registry import FAMILIES, KINDS
from tests.probes.conftest import Look
from tests.probes.rude import closes_at_once, never_says_a_word, rude


async def greets(reader, writer):
    writer.write(b"220 mail.exa")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"mple ESMTP\r\n")
    await reader.read(100)


async def echoes(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()


async def babbles(_reader, writer):
    while True:
        writer.write(b"\0\xff" * 5000)
        await writer.drain()


@pytest.mark.parametrize(
    ("behaviour", "options", "verdict", "reason"),
    [
        (never_says_a_word, {}, "up", "ok"),
        (greets, {"expect": tcp.Expect(text="220 mail.example")}, "up", "ok"),
        (greets, {"expect": tcp.Expect(regex="^220 .*ESMTP")}, "up", "ok"),
        (echoes, {"send": Secret("ping\\r\\n"), "expect": tcp.Expect(text="ping")}, "up", "ok"),
        (closes_at_once, {"expect": tcp.Expect(text="220")}, "down", "banner_closed"),
        (never_says_a_word, {"expect": tcp.Expect(text="220")}, "down", "banner_timeout"),
        (babbles, {"expect": tcp.Expect(text="220")}, "down", "banner_text"),
        (greets, {"expect": tcp.Expect(latency=0.000001)}, "degraded", "connect_slow"),
    ],
)
async def test_a_port_is_judged_by_what_it_says(look: Look, behaviour, options: dict[str, Any], verdict: str, reason: str):
    async with rude(behaviour) as port:
        outcome = await look("tcp", host="127.0.0.1", port=port, **options)

    assert (outcome.verdict, outcome.reason) == (verdict, reason), outcome
    assert outcome.took_s < 1.5


async def test_a_closed_port_is_down(look: Look):
    async with rude(closes_at_once) as port:
        pass

    assert (await look("tcp", host="localhost", port=port, family="4")).reason == "connect_refused"


async def test_a_full_backlog_times_out(look: Look):
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        outcome = await look("tcp", host="127.0.0.1", port=full.getsockname()[1], timeout_s=0.5)

    assert (outcome.verdict, outcome.reason) == ("down", "connect_timeout"), outcome


async def test_without_permission_to_ping_we_say_so_and_what_to_do(look: Look, monkeypatch: pytest.MonkeyPatch):
    real = socket.socket

    def denied(family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0, *rest):
        if protocol == socket.IPPROTO_ICMP:
            raise PermissionError(1, "Operation not permitted")
        return real(family, kind, protocol, *rest)

    monkeypatch.setattr(icmp.socket, "socket", denied)
    outcome = await look("icmp", host="127.0.0.1")

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_permission")
    assert "ping_group_range" in outcome.detail


async def test_a_blocked_host_is_not_pinged(look: Look):
    assert (await look("icmp", host="10.9.8.7")).reason == "address_blocked"


@pytest.mark.parametrize(
    ("kind", "wrong", "advice"),
    [
        ("tcp", {"host": "http://x.example", "port": "80"}, "without scheme"),
        ("tcp", {"host": "x.example", "port": "0"}, "between 1 and 65535"),
        ("tcp", {"host": "x.example", "port": "80", "expect": {"regex": "("}}, "re2"),
        ("tls", {"host": "x.example", "server_name": "a b"}, "not a host"),
        ("dns", {"name": "x..example"}, "not a domain name"),
        ("dns", {"name": "x.example", "type": "HOST"}, "not a record type"),
        ("dns", {"name": "x.example", "type": "AXFR"}, "could be asked"),
        ("dns", {"name": "x.example", "server": "ns.example"}, "numeric address"),
        ("dns", {"name": "x.example", "expect": {"rcode": "FINE"}}, "NXDOMAIN"),
        ("icmp", {"host": ""}, "not a host"),
        ("icmp", {"host": "x.example", "port": "1"}, "port"),
    ],
)
def test_wrong_options_say_what_would_be_right(kind: str, wrong: dict[str, Any], advice: str):
    with pytest.raises(ValidationError, match=advice):
        TypeAdapter(KINDS[kind].Options).validate_python(wrong)


def test_every_family_stands_once_and_says_what_it_is():
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert all(family.help and family.type == "gauge" for family in FAMILIES)
