"""
Ask one name server: our own small DNS client (RFC 1035) over a connected UDP socket, TCP when the answer was cut.

Several questions share one socket, as A and AAAA of one name do. A fresh socket and a random id each time keep a stranger from
guessing where to send a forged answer. Nothing is cached: a monitor wants to see what a newcomer would see.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name

from probes.reasons import ProbeFailure, local_reason

_RESEND_S = 1.0
_MOST_STRAYS = 64


class Server(NamedTuple):
    address: str
    port: int = 53

    @classmethod
    def parse(cls, text: str) -> Server:
        """`1.2.3.4`, `1.2.3.4:5353`, `::1` or `[::1]:5353`; ValueError with what would be right."""
        host, port = text.strip(), "53"
        if host.startswith("["):
            host, _, rest = host[1:].partition("]")
            port = rest.removeprefix(":") or "53"
        elif host.count(":") == 1:
            host, port = host.split(":")
        try:
            return cls(str(ip_address(host)), _port(port))
        except ValueError:
            raise ValueError(
                f"{text!r} is not a name server; write its numeric address, such as 192.0.2.53 or [2001:db8::53]:5353"
            ) from None

    def __str__(self) -> str:
        plain = f"[{self.address}]" if ":" in self.address else self.address
        return plain if self.port == 53 else f"{plain}:{self.port}"


class ServerFailed(Exception):
    """The server gave no usable answer: `timeout`, `refused` (nobody listens), `malformed` or `closed`."""

    def __init__(self, kind: str, server: Server) -> None:
        self.kind = kind
        super().__init__(f"the name server {server} {_SAYS[kind]}")


_SAYS = {
    "timeout": "did not answer in time",
    "refused": "cannot be reached",
    "malformed": "sent an answer that cannot be read",
    "closed": "closed the connection",
}


async def ask(
    server: Server,
    questions: Sequence[dns.message.QueryMessage],
    timeout_s: float,
    enough: Callable[[list[dns.message.Message]], bool] = lambda _answers: False,
) -> list[dns.message.Message]:
    """
    The answers to `questions`, in order of arrival; fewer than asked when `enough` said so or some stayed unanswered in time.

    Raises ServerFailed when not one answer came, ProbeFailure (`local_*`) when the trouble is ours.
    """
    exchange = _Exchange(server, questions)
    try:
        await exchange.run(time.monotonic() + timeout_s, enough)
    finally:
        exchange.close()
    if not exchange.answers:
        raise ServerFailed(exchange.trouble, server)
    return [await _whole(server, answer, exchange.asked[answer.id], timeout_s) for answer in exchange.answers]


class _Exchange:
    """The UDP side: sends what is unanswered, again every second, and takes only answers to its own questions."""

    def __init__(self, server: Server, questions: Sequence[dns.message.QueryMessage]) -> None:
        self.server = server
        self.asked = {question.id: question for question in questions}
        self.answers: list[dns.message.Message] = []
        self.trouble = "timeout"
        self._waiting = dict(self.asked)
        self._sock = _open(server, socket.SOCK_DGRAM)

    async def run(self, until: float, enough: Callable[[list[dns.message.Message]], bool]) -> None:
        strays = 0
        while self._waiting and strays < _MOST_STRAYS and (left := until - time.monotonic()) > 0:
            try:
                for question in self._waiting.values():
                    self._sock.send(question.to_wire())
                async with asyncio.timeout(min(left, _RESEND_S)):
                    while self._waiting and strays < _MOST_STRAYS:
                        strays += not self._take(await asyncio.get_running_loop().sock_recv(self._sock, 65_535))
                        if enough(self.answers):
                            return
            except TimeoutError:
                continue
            except OSError as error:
                if local_reason(error):
                    raise ProbeFailure.of_os_error(error, "local_network", f"asking the name server {self.server}") from None
                # ICMP told us that nobody listens there; no use in waiting.
                self.trouble = "refused"
                return

    def _take(self, packet: bytes) -> bool:
        question = self._waiting.get(int.from_bytes(packet[:2], "big"))
        if question is None:
            return False
        try:
            answer = dns.message.from_wire(packet, ignore_trailing=True)
            if not question.is_response(answer):
                return False
        except (dns.exception.DNSException, ValueError, struct.error):
            # The first two bytes alone can be forged: note it, and keep waiting for a proper answer.
            self.trouble = "malformed"
            return False
        self.answers.append(answer)
        del self._waiting[question.id]
        return True

    def close(self) -> None:
        self._sock.close()


async def _whole(
    server: Server, answer: dns.message.Message, question: dns.message.QueryMessage, timeout_s: float
) -> dns.message.Message:
    """The same question again over TCP when the answer was cut (RFC 7766); the cut answer is kept when that fails."""
    if not answer.flags & dns.flags.TC:
        return answer
    with suppress(ServerFailed, TimeoutError):
        async with asyncio.timeout(timeout_s):
            return await _ask_tcp(server, question)
    return answer


async def _ask_tcp(server: Server, question: dns.message.QueryMessage) -> dns.message.Message:
    loop = asyncio.get_running_loop()
    sock = _open(server, socket.SOCK_STREAM)
    try:
        wire = question.to_wire()
        await loop.sock_connect(sock, (server.address, server.port))
        await loop.sock_sendall(sock, len(wire).to_bytes(2, "big") + wire)
        buffer = b""
        while len(buffer) < 2 or len(buffer) < 2 + int.from_bytes(buffer[:2], "big"):
            piece = await loop.sock_recv(sock, 65_537)
            if not piece:
                raise ServerFailed("closed", server)
            buffer += piece
        answer = dns.message.from_wire(buffer[2 : 2 + int.from_bytes(buffer[:2], "big")], ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, struct.error):
        raise ServerFailed("malformed", server) from None
    except OSError:
        raise ServerFailed("closed", server) from None
    finally:
        sock.close()
    if not question.is_response(answer):
        raise ServerFailed("malformed", server)
    return answer


def _open(server: Server, kind: socket.SocketKind) -> socket.socket:
    sock: socket.socket | None = None
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in server.address else socket.AF_INET, kind)
        sock.setblocking(False)
        if kind == socket.SOCK_DGRAM:
            sock.connect((server.address, server.port))
    except OSError as error:
        if sock is not None:
            sock.close()
        if error.errno == errno.EHOSTUNREACH:
            raise ServerFailed("refused", server) from None
        raise ProbeFailure.of_os_error(error, "local_network", f"asking the name server {server}") from None
    return sock


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65_536:
        raise ValueError(text)
    return port
