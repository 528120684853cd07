"""
The kind `icmp`: does the host echo? By an unprivileged datagram socket of our own: no root, no external program.

Needs `net.ipv4.ping_group_range` to cover our group, or CAP_NET_RAW; without either the run is `unknown`, never `down`.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from probes.deadline import Deadline
from probes.net import Net
from probes.options import Seconds, check_host
from probes.outcome import Family, Outcome
from probes.reasons import ProbeFailure, local_reason
from probes.tcp import finished

METRICS = (
    Family("probe_dns_lookup_time_seconds", "Time to resolve names."),
    Family("probe_icmp_duration_seconds", "Duration by phase."),
    Family("probe_ip_protocol", "IP version of the echo: 4 or 6."),
)

_ADVICE = "no permission to send an echo request; set net.ipv4.ping_group_range to cover our group, or grant CAP_NET_RAW"
_RESEND_S = 1.0
_PAYLOAD = 32
_ECHO = {4: (8, 0), 6: (128, 129)}
"""Types of the echo request and of its reply."""


@dataclass(frozen=True, slots=True)
class Expect:
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    latency: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of an `icmp` check. One echo is enough; a lost request is repeated every second until the timeout."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    host: str
    family: Literal["any", "4", "6"] = "any"
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        check_host(self.host)


async def probe(options: Options, net: Net, deadline: Deadline) -> Outcome:
    deadline.enter("resolve")
    address = (await net.addresses(options.host, deadline, options.family))[0]
    deadline.peer = (address, 0)
    deadline.enter("setup")
    sock, is_raw = _open(address)
    try:
        deadline.enter("rtt")
        await _echo(sock, address, is_raw)
    except OSError as error:
        raise ProbeFailure.of_os_error(error, "icmp_unreachable", f"an echo request to {address}") from None
    finally:
        sock.close()
    return finished(options.expect.latency, "icmp_slow", deadline, {"address": address})


def _open(address: str) -> tuple[socket.socket, bool]:
    """A datagram socket if the kernel lets us, else a raw one; the flag says which."""
    is_v6 = ":" in address
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if is_v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    denied: OSError | None = None
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            denied = error
            if local_reason(error) not in {None, "local_permission"}:
                break
            continue
        sock.setblocking(False)
        try:
            sock.connect((address, 0))
        except OSError as error:
            sock.close()
            raise ProbeFailure.of_os_error(error, "icmp_unreachable", f"an echo request to {address}") from None
        return sock, kind == socket.SOCK_RAW
    assert denied is not None  # noqa: S101  otherwise a socket was returned
    code = local_reason(denied) or "local_permission"
    raise ProbeFailure(code, _ADVICE if code == "local_permission" else f"an echo request to {address}: {denied.strerror}")


async def _echo(sock: socket.socket, address: str, is_raw: bool) -> None:
    """Returns when an echo with our payload came; the caller's deadline ends it otherwise."""
    version = 6 if ":" in address else 4
    request, reply = _ECHO[version]
    identity, payload = secrets.randbelow(65_536), secrets.token_bytes(_PAYLOAD)
    loop = asyncio.get_running_loop()
    sequence = 0
    while True:
        sequence = (sequence + 1) & 0xFFFF
        sock.send(_packet(request, identity, sequence, payload))
        until = time.monotonic() + _RESEND_S
        try:
            async with asyncio.timeout(_RESEND_S):
                while time.monotonic() < until:
                    packet = await loop.sock_recv(sock, 2_048)
                    # A raw IPv4 socket hands over the IP header, too, and everybody's packets.
                    message = packet[(packet[0] & 0x0F) * 4 :] if is_raw and version == 4 and packet else packet
                    if message[:1] == bytes([reply]) and message[8 : 8 + _PAYLOAD] == payload:
                        return
        except TimeoutError:
            continue


def _packet(kind: int, identity: int, sequence: int, payload: bytes) -> bytes:
    """RFC 792 and RFC 4443; the kernel fills in the ICMPv6 checksum, and the identity of datagram sockets."""
    bare = struct.pack("!BBHHH", kind, 0, 0, identity, sequence) + payload
    total = sum(struct.unpack(f"!{len(bare) // 2}H", bare))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return b"".join((bare[:2], checksum.to_bytes(2, "big"), bare[4:]))
