"""A small name server on loopback whose answers a test decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Answer = dns.message.Message | bytes | float | None
"""A message, raw bytes, seconds to wait before the usual answer, or None for silence."""


class Zone:
    """Names to addresses; others do not exist. `odd` decides first: (name, type, how often asked) to an Answer, or `...`."""

    def __init__(self, records: dict[str, list[str]] | None = None, odd: Callable[[str, str, int], object] | None = None) -> None:
        self.records = records or {}
        self.odd = odd
        self.asked: Counter[tuple[str, str]] = Counter()

    def usual(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if name not in self.records and name != ".":
            response.set_rcode(dns.rcode.NXDOMAIN)
        fitting = [text for text in self.records.get(name, []) if (":" in text) == (kind == "AAAA")]
        if fitting and kind in {"A", "AAAA"}:
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *fitting))
        return response


@asynccontextmanager
async def nameserver(zone: Zone) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text().rstrip(".").lower() or "."
            kind = dns.rdatatype.to_text(query.question[0].rdtype)
            zone.asked[name, kind] += 1
            answer = zone.odd(name, kind, zone.asked[name, kind]) if zone.odd else ...
            if answer is None:
                return
            if isinstance(answer, float):
                loop.call_later(answer, self.transport.sendto, zone.usual(query, name, kind).to_wire(), addr)
                return
            if isinstance(answer, bytes):
                self.transport.sendto(data[:2] + answer, addr)
                return
            response = zone.usual(query, name, kind)
            if isinstance(answer, int):
                response = dns.message.make_response(query)
                response.set_rcode(dns.rcode.Rcode(answer))
            self.transport.sendto(response.to_wire(), addr)

    transport, _protocol = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    try:
        yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
