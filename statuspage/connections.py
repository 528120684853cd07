"""
The low-level server of the public door: what a connection may do, before any page is chosen.

A slow client is one of the oldest attacks (RELIABILITY S28): a request must be complete within `REQUEST_WITHIN_S`, an answer taken
within `ANSWER_TAKEN_WITHIN_MS`, and one address has a limited number of connections. Malformed requests are answered quietly.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

REQUEST_WITHIN_S = 10.0
"""From the first byte (or the answer before) to a complete head. aiohttp has no timer of its own for slow heads, but closes a
connection that has no complete request when its keep-alive time is over."""
ANSWER_TAKEN_WITHIN_MS = 30_000
PER_ADDRESS = 100
HEAD_AT_MOST = 8190
SAID_AFTER_S = 10.0
"""Connections that were turned away are counted for so long and said in one line."""

log = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """aiohttp's own answers to malformed requests name its version and fill the log; these do neither."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  it would tell the peer what it sent
    ) -> web.StreamResponse:
        if status >= 500:
            self.logger.error("the status page could not answer %s", request.method, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer had begun")
        text = (
            "This request could not be read.\n"
            if status < 500
            else "Sorry, this page could not be written. Try again in a moment.\n"
        )
        answer = web.Response(status=status, text=text, headers={"Server": "uptimed", "X-Content-Type-Options": "nosniff"})
        answer.force_close()
        return answer


class Door(web.Server):
    """Counts connections by address; those of `proxies` are not counted, for they speak for many."""

    def __init__(self, handler: Handler, *, proxies: Sequence[str] = ()) -> None:
        super().__init__(handler)
        self._options: dict[str, Any] = {
            "access_log": None,
            "keepalive_timeout": REQUEST_WITHIN_S,
            "lingering_time": 0,
            "max_line_size": HEAD_AT_MOST,
            "max_field_size": HEAD_AT_MOST,
        }
        self._proxies: list[Network] = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]
        self._open: Counter[str] = Counter()
        self._turned_away = 0

    def __call__(self) -> web.RequestHandler:
        return Connection(self, loop=asyncio.get_running_loop(), **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in {socket.AF_INET, socket.AF_INET6}:
            # Also ends a peer that keeps its window shut: the kernel resets what is not acknowledged in time.
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ANSWER_TAKEN_WITHIN_MS)
        address = _address(transport)
        self._open[address] += 1
        if self._open[address] > PER_ADDRESS and not self._is_proxy(address):
            self._turn_away(transport)

    def _turn_away(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        # Not at once: aiohttp is about to start the connection's task, which fails loudly when the connection has ended before.
        loop.call_soon(transport.abort)
        self._turned_away += 1
        if self._turned_away == 1:
            loop.call_later(SAID_AFTER_S, self._say_turned_away)

    def _say_turned_away(self) -> None:
        log.warning(
            "%d connections were turned away within %g s: one address may hold %d; a proxy belongs under server.trusted_proxies",
            self._turned_away,
            SAID_AFTER_S,
            PER_ADDRESS,
        )
        self._turned_away = 0

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        transport = self._connections.get(handler)
        if transport is not None:
            address = _address(transport)
            self._open[address] -= 1
            if self._open[address] <= 0:
                del self._open[address]
        super().connection_lost(handler, exc)

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return True  # a unix socket: whoever may open it is trusted
        return any(parsed in network for network in self._proxies)


def _address(transport: asyncio.Transport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) else ""
