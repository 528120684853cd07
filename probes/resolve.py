"""
From a name to addresses, with our own resolver: no thread pool that slow names could starve, and every failure told apart.

`/etc/hosts` and `localhost` first, then the name servers in order; SERVFAIL, refusal, silence or nonsense lead to the next one.
"the name does not exist" is an answer and ends the search. The system's files are read again when they change.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from probes.deadline import Deadline
from probes.nameserver import Server, ServerFailed, ask
from probes.reasons import ProbeFailure

_T = TypeVar("_T")

FAMILIES = {"any": (4, 6), "4": (4,), "6": (6,)}
"""What `family` may be, and the versions in the order in which they are dialled."""

_TYPE = {4: dns.rdatatype.A, 6: dns.rdatatype.AAAA}
_LOCALHOST = {4: "127.0.0.1", 6: "::1"}
_NUMERIC_END = re.compile(r"(?:^|\.)(?:0[xX][0-9a-fA-F]*|[0-9]+)$")
_FIRST_SERVER_S = 2.0
_MOST_IN_FLIGHT = 256
"""A burst of a thousand lookups loses packets at most resolvers and then waits for seconds; so many at once do not."""

_ALIVE = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


class Resolver:
    """Name servers given by the operator (`address` or `address:port`), or those of `/etc/resolv.conf` when none are."""

    def __init__(
        self, servers: Iterable[str] = (), *, hosts: Path = Path("/etc/hosts"), conf: Path = Path("/etc/resolv.conf")
    ) -> None:
        self._configured = tuple(Server.parse(text) for text in servers)
        self._hosts: _Watched[dict[str, list[str]]] = _Watched(hosts, _parse_hosts, {})
        self._system: _Watched[tuple[Server, ...]] = _Watched(conf, _parse_resolv_conf, ())
        self._places = asyncio.Semaphore(_MOST_IN_FLIGHT)

    @property
    def servers(self) -> tuple[Server, ...]:
        return self._configured or self._system.value()

    async def addresses(self, host: str, deadline: Deadline, family: str = "any") -> list[str]:
        """Numeric addresses, those to dial first in front; never empty. Raises ProbeFailure (`dns_*`, `resolver_*`, `local_*`)."""
        versions = FAMILIES[family]
        known = numeric(host)
        if known is not None:
            found = [known]
        else:
            name = host.rstrip(".").lower()
            found = self._hosts.value().get(name) or _localhost(name)
        if found:
            fitting = [address for version in versions for address in found if (6 if ":" in address else 4) == version]
            if not fitting:
                raise ProbeFailure("dns_no_address", f"{host} has no IPv{family} address")
            return fitting
        async with self._places:
            return await self._lookup(host, deadline, versions)

    async def _lookup(self, host: str, deadline: Deadline, versions: tuple[int, ...]) -> list[str]:
        servers = self.servers
        if not servers:
            raise ProbeFailure("resolver_missing", "no name server is configured, here or in /etc/resolv.conf")
        troubles: list[ProbeFailure] = []
        for left in range(len(servers), 0, -1):
            server = servers[-left]
            timeout_s = deadline.remaining() if left == 1 else min(_FIRST_SERVER_S, deadline.remaining() / left)
            try:
                found = await _ask_addresses(server, host, versions, timeout_s)
            except ServerFailed as failed:
                code = {"timeout": "dns_timeout", "refused": "resolver_failed"}.get(failed.kind, "dns_malformed")
                troubles.append(ProbeFailure(code, f"{host}: {failed}", resolver=str(server)))
                continue
            except _Unhelpful as failed:
                troubles.append(ProbeFailure(failed.code, f"{host}: the name server {server} says {failed}", resolver=str(server)))
                continue
            if troubles:
                deadline.note("resolver_failover")
            return found
        # What concerns the name says more than that a resolver was away.
        raise next((trouble for trouble in troubles if trouble.reason.startswith("dns_")), troubles[0])

    async def is_alive(self, timeout_s: float) -> bool:
        """
        The canary: does any of our resolvers still answer the one question that every resolver knows (the root's name servers)?

        Separates "this name is broken" (the endpoint's fault) from "our resolver is broken" (`unknown`). An internal server that
        knows only its own zones counts as alive when it says so properly.
        """

        async def one(server: Server) -> bool:
            try:
                answers = await ask(server, [dns.message.make_query(".", "NS")], timeout_s)
            except (ServerFailed, ProbeFailure):
                return False
            return any(answer.rcode() in _ALIVE for answer in answers)

        return any(await asyncio.gather(*(one(server) for server in self.servers)))


class _Unhelpful(Exception):
    """The server answered, but with a status from which another server may differ."""

    def __init__(self, rcode: int) -> None:
        self.code = {dns.rcode.SERVFAIL: "dns_servfail", dns.rcode.REFUSED: "dns_refused"}.get(
            dns.rcode.Rcode(rcode), "dns_servfail"
        )
        super().__init__(dns.rcode.to_text(dns.rcode.Rcode(rcode)))


async def _ask_addresses(server: Server, host: str, versions: tuple[int, ...], timeout_s: float) -> list[str]:
    try:
        name = dns.name.from_text(host.rstrip(".") + ".")
    except (dns.exception.DNSException, UnicodeError):
        raise ProbeFailure("dns_nxdomain", f"{host} is not a name that the DNS could have") from None
    questions = [dns.message.make_query(name, _TYPE[version]) for version in versions]
    # One half of a pair that never comes must not hold up the other: what arrived by then is enough.
    patience_s = timeout_s if len(versions) == 1 else min(timeout_s, 0.4)
    try:
        answers = await ask(server, questions, patience_s)
    except ServerFailed as failed:
        if failed.kind != "timeout" or patience_s >= timeout_s:
            raise
        answers = await ask(server, questions, timeout_s - patience_s, lambda so_far: bool(_found(so_far, versions)))
    found = _found(answers, versions)
    if found:
        return found
    rcodes = {answer.rcode() for answer in answers}
    for rcode in rcodes - {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise _Unhelpful(rcode)
    if dns.rcode.NXDOMAIN in rcodes:
        raise ProbeFailure("dns_nxdomain", f"{host} does not exist, says the name server {server}", resolver=str(server))
    if len(answers) < len(questions):
        raise ServerFailed("timeout", server)
    raise ProbeFailure("dns_no_address", f"{host} has no address, says the name server {server}", resolver=str(server))


def _found(answers: Iterable[dns.message.Message], versions: tuple[int, ...]) -> list[str]:
    rrsets = [rrset for answer in answers if answer.rcode() == dns.rcode.NOERROR for rrset in answer.answer]
    return [record.address for version in versions for rrset in rrsets if rrset.rdtype == _TYPE[version] for record in rrset]


@lru_cache(maxsize=4_096)
def numeric(host: str) -> str | None:
    """
    The address that a host text already is, in any spelling that some library would dial: `127.1`, `0x7f000001`, `2130706433`.

    None for names. Raises ProbeFailure for what looks like an address and is none, so that it never reaches a resolver.
    """
    text = host.strip("[]").rstrip(".")
    if ":" not in text and not _NUMERIC_END.search(text):
        return None
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(text))
    except (OSError, UnicodeError):
        raise ProbeFailure("dns_nxdomain", f"{host} is neither a name nor an address") from None


def _localhost(name: str) -> list[str]:
    """RFC 6761 section 6.3: never asked of a name server."""
    return list(_LOCALHOST.values()) if name == "localhost" or name.endswith(".localhost") else []


class _Watched(Generic[_T]):
    """What a small file says, parsed again when its modification time changed; looked at no more than every five seconds."""

    def __init__(self, path: Path, parse: Callable[[str], _T], otherwise: _T) -> None:
        self._path = path
        self._parse = parse
        self._value = otherwise
        self._stamp: tuple[int, int] | None = None
        self._next_look = 0.0

    def value(self) -> _T:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + 5.0
            try:
                status = self._path.stat()
                if (stamp := (status.st_mtime_ns, status.st_size)) != self._stamp:
                    self._value = self._parse(self._path.read_text("utf-8", "replace"))
                    self._stamp = stamp
            except OSError:
                # Keep what we knew: a file that is being replaced, or no such file at all.
                pass
        return self._value


def _parse_hosts(text: str) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        try:
            address = str(ip_address(words[0].partition("%")[0])) if words else ""
        except ValueError:
            continue
        for name in words[1:]:
            known.setdefault(name.rstrip(".").lower(), []).append(address)
    return known


def _parse_resolv_conf(text: str) -> tuple[Server, ...]:
    servers = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                servers.append(
                    Server.parse(words[1].partition("%")[0] if ":" not in words[1] else f"[{words[1].partition('%')[0]}]")
                )
            except ValueError:
                continue
    return tuple(servers)
