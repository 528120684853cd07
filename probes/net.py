"""
Dialling: resolve, ask the guard, connect, and speak TLS, every phase timed apart under one deadline.

Plain non-blocking sockets and a TLS object of our own instead of asyncio's streams: half the cost per check, exact phases,
and nothing that could linger: whatever ends a run, `close` ends the socket at once.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from probes.deadline import Deadline, endpoint
from probes.guard import Guard
from probes.reasons import ProbeFailure
from probes.resolve import Resolver
from probes.tls_capture import Certificate, TlsContexts, certificate_of, failure_of

__all__ = ["Connection", "Deadline", "Net", "Tls"]

_PIECE = 65_536
_DEAD_AFTER_S = 3.0
_BREATH = 16
"""After so many reads that had data waiting, others get their turn: a fast endless stream must not hold the event loop."""

_UNDER_WAY = {errno.EINPROGRESS, errno.EINTR}
_CONNECT = {
    errno.ECONNREFUSED: "connect_refused",
    errno.ECONNRESET: "connect_reset",
    errno.ETIMEDOUT: "connect_timeout",
    errno.EHOSTUNREACH: "connect_unreachable",
    errno.EHOSTDOWN: "connect_unreachable",
}


@dataclass(frozen=True, slots=True)
class Tls:
    """How TLS is spoken on a connection."""

    server_name: str
    """For SNI and for the certificate's name; a numeric address is matched against the certificate's addresses."""
    verify: bool = True
    alpn: tuple[str, ...] = ()


class Net:
    """What every run shares: the guard, the resolver and the TLS contexts. Keep one per process; there is nothing to close."""

    def __init__(self, guard: Guard | None, resolver: Resolver, contexts: TlsContexts) -> None:
        self.guard = guard
        self.resolver = resolver
        self.contexts = contexts

    @classmethod
    def build(cls, *, allow: Iterable[str] = (), resolvers: Iterable[str] = (), ca_file: str | None = None) -> Net:
        """From the configuration's texts; ValueError with advice. `ca_file` replaces the system's trust store."""
        return cls(Guard(allow), Resolver(resolvers), TlsContexts(ca_file))

    def trusted(self) -> Net:
        """The same without the guard, for hosts that the operator wrote and no peer can influence (references)."""
        return Net(None, self.resolver, self.contexts)

    async def addresses(self, host: str, deadline: Deadline, family: str = "any") -> list[str]:
        """
        Numeric addresses that may be dialled, in the order to try them.

        Raises ProbeFailure: `dns_*` and the like from resolving, `address_blocked` when the guard objects to all of them.
        """
        found = await self.resolver.addresses(host, deadline, family)
        if self.guard is None:
            return found
        objections = [self.guard.objection(address) for address in found]
        allowed = [address for address, objection in zip(found, objections, strict=True) if objection is None]
        if not allowed:
            raise ProbeFailure("address_blocked", f"{host}: {objections[0]}", address=found[0])
        return allowed

    async def dial(self, host: str, port: int, deadline: Deadline, *, family: str = "any", tls: Tls | None = None) -> Connection:
        """
        A connection to the first address that accepts one, with TLS spoken when `tls` says so. Enters the deadline's phases
        `resolve`, `connect`, `tls`; the caller keeps the deadline enforced and closes the connection.
        """
        deadline.enter("resolve")
        addresses = await self.addresses(host, deadline, family)
        deadline.enter("connect")
        connection = await self._first_that_accepts(addresses, port, deadline)
        if tls is not None:
            deadline.enter("tls")
            try:
                await connection.speak_tls(self.contexts.get(verify=tls.verify, alpn=tls.alpn), tls.server_name)
            except ProbeFailure as failure:
                connection.close()
                if failure.reason in {"tls_closed", "tls_handshake"} and await self._speaks_only_old_tls(connection, tls):
                    raise ProbeFailure("tls_protocol", f"{tls.server_name} speaks only TLS versions before 1.2") from None
                raise
            except BaseException:
                connection.close()
                raise
        return connection

    async def _speaks_only_old_tls(self, failed: Connection, tls: Tls) -> bool:
        """
        Some servers of old hang up instead of saying what they lack: look once more, at the same address, at which version they
        would settle for. Nothing is sent over that connection.
        """
        connection: Connection | None = None
        try:
            connection = await _connect(failed.address, failed.port)
            await connection.speak_tls(self.contexts.lax(), tls.server_name)
        except ProbeFailure:
            return False
        finally:
            if connection is not None:
                connection.close()
        return connection.tls_version in {"TLSv1", "TLSv1.1"}

    async def _first_that_accepts(self, addresses: list[str], port: int, deadline: Deadline) -> Connection:
        failures: list[ProbeFailure] = []
        for left in range(len(addresses), 0, -1):
            address = addresses[-left]
            deadline.peer = (address, port)
            try:
                if left == 1:
                    connection = await _connect(address, port)
                else:
                    async with asyncio.timeout(min(_DEAD_AFTER_S, deadline.remaining() / left)):
                        connection = await _connect(address, port)
            except TimeoutError:
                failures.append(ProbeFailure("connect_timeout", f"{endpoint(address, port)} did not accept a connection in time"))
                continue
            except ProbeFailure as failure:
                failures.append(failure)
                if failure.reason.startswith("local_") and failure.reason != "local_network":
                    break
                continue
            # No route for one family is ours and says nothing about the endpoint.
            if any(failure.reason != "local_network" for failure in failures):
                deadline.note("address_dead")
            return connection
        raise next((failure for failure in failures if failure.reason != "local_network"), failures[0])


class Connection:
    """One TCP connection, plain or TLS. Reads and writes raise OSError or ssl.SSLError; the caller knows which phase that ends."""

    __slots__ = ("_incoming", "_loop", "_outgoing", "_reads", "_sock", "_tls", "address", "certificate", "port", "tls_version")

    def __init__(self, sock: socket.socket, address: str, port: int) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._tls: ssl.SSLObject | None = None
        self._reads = 0
        self.address = address
        self.port = port
        self.certificate: Certificate | None = None
        self.tls_version = ""

    async def speak_tls(self, context: ssl.SSLContext, server_name: str) -> None:
        """The handshake. Raises ProbeFailure `tls_*`, with the certificate as evidence when one was shown."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        whom = f"{server_name} ({endpoint(self.address, self.port)})"
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        try:
            await self._shake_hands(tls)
        except ssl.SSLError as error:
            raise failure_of(error, whom, certificate_of(tls)) from None
        except OSError as error:
            raise ProbeFailure.of_os_error(error, "tls_reset", f"{whom}, TLS handshake") from None
        self._tls = tls
        self.tls_version = tls.version() or ""
        self.certificate = certificate_of(tls)

    async def _shake_hands(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                piece = await self._loop.sock_recv(self._sock, _PIECE)
                if piece:
                    self._incoming.write(piece)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                # The peer should learn by our alert why we leave; whether it does is not ours to judge.
                with suppress(OSError):
                    self._sock.send(self._outgoing.read())
                raise
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        if self._tls is None:
            await self._loop.sock_sendall(self._sock, data)
            return
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view[:_PIECE]) :]
            await self._flush()

    async def recv(self, size: int = _PIECE) -> bytes:
        """What has arrived, at least one byte; empty at the end of the stream, however it was ended."""
        self._reads += 1
        if not self._reads % _BREATH:
            await asyncio.sleep(0)
        if self._tls is None:
            return await self._loop.sock_recv(self._sock, size)
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                await self._flush()
                piece = await self._loop.sock_recv(self._sock, _PIECE)
                if not piece:
                    # An end without close_notify; the length of what was sent tells whether something is missing.
                    return b""
                self._incoming.write(piece)
            except ssl.SSLZeroReturnError:
                return b""

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._loop.sock_sendall(self._sock, self._outgoing.read())

    def close(self) -> None:
        self._sock.close()


async def _connected(sock: socket.socket, address: str, port: int) -> None:
    """Not the loop's `sock_connect`: uvloop's has a thread look the numeric address up, which costs more than the rest of a run."""
    code = sock.connect_ex((address, port))
    if code in _UNDER_WAY:
        loop = asyncio.get_running_loop()
        writable = loop.create_future()
        loop.add_writer(sock, _settle, writable)
        try:
            await writable
        finally:
            loop.remove_writer(sock)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def _settle(writable: asyncio.Future[None]) -> None:
    if not writable.done():
        writable.set_result(None)


async def _connect(address: str, port: int) -> Connection:
    sock: socket.socket | None = None
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        await _connected(sock, address, port)
    except OSError as error:
        if sock is not None:
            sock.close()
        code = _CONNECT.get(error.errno or 0, "connect_failed")
        raise ProbeFailure.of_os_error(error, code, endpoint(address, port)) from None
    except BaseException:
        if sock is not None:
            sock.close()
        raise
    return Connection(sock, address, port)
