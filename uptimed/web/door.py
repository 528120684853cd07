"""
A door: one listening address that serves one app, and the limits that aiohttp's server does not have (RELIABILITY S28).

A visitor must have sent a whole request head within ten seconds, one address holds a bounded number of connections, and an idle one
is closed. The public door has the same limits in a server of its own (`statuspage.connections`): the leaf must stand without us.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections import Counter
from collections.abc import Collection, Sequence

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

HEAD_WITHIN_S = 10.0
"""
From connecting, or from the answer before, to a whole request head. aiohttp has no timer of its own for slow heads, but closes a
connection on which nothing was asked when its keep-alive time is over; a scraper that comes twice a minute connects anew.
"""
LINGER_S = 2.0
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  not listened on here, only recognised
GRACE_S = 2.0
"""For those being served when the door closes."""

log = logging.getLogger(__name__)


class DoorRefused(Exception):
    """The address cannot be listened on. One sentence that says what to do."""


class Door:
    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        *,
        per_address: int = 200,
        exempt: Collection[str] = (),
        head_within_s: float = HEAD_WITHIN_S,
    ) -> None:
        """`exempt`: addresses without a limit of connections, for a proxy brings everybody's. Port 0 takes a free one."""
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=GRACE_S)
        self._wanted = (host, port)
        self._server: asyncio.Server | None = None
        self._exempt = frozenset(exempt)
        self._per_address = per_address
        self._inside: Counter[str] = Counter()
        self.head_within_s = head_within_s

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the port that was found when 0 was asked for."""
        if self._server is None:
            return self._wanted
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def open(self) -> None:
        await self._runner.setup()
        host, port = self._wanted
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._visitor, host, port, backlog=1024)
        except OSError as error:
            await self._runner.cleanup()
            raise DoorRefused(refusal(host, port, error)) from error

    async def close(self) -> None:
        """No new visitors; those being served have `GRACE_S` to get their answer."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    def admits(self, address: str) -> bool:
        """Counts a visitor in, unless the address holds its share already."""
        if self._inside[address] >= self._per_address and address not in self._exempt:
            return False
        self._inside[address] += 1
        return True

    def leaves(self, address: str) -> None:
        self._inside[address] -= 1
        if self._inside[address] <= 0:
            del self._inside[address]

    def _visitor(self) -> asyncio.Protocol:
        server = self._runner.server
        if server is None:
            raise RuntimeError("a closed door lets nobody in")
        return Visitor(self, server)


class Visitor(RequestHandler):
    """One connection."""

    __slots__ = ("_address", "_door")

    def __init__(self, door: Door, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp's own default server passes None likewise
            keepalive_timeout=door.head_within_s,
            lingering_time=LINGER_S,
        )
        self._door = door
        self._address: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        address = peer[0] if peer else ""
        if self._door.admits(address):
            self._address = address
        else:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._address is not None:
            self._door.leaves(self._address)
            self._address = None
        super().connection_lost(exc)


def url_of(address: tuple[str, int], names: Sequence[str] = ()) -> str:
    """`http://127.0.0.1:8080`: how a door is reached. One that listens everywhere is called by its first name, or localhost."""
    host, port = address
    if host in EVERYWHERE:
        host = next(iter(names), "localhost")
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refusal(host: str, port: int, error: OSError) -> str:
    where = f"{host}:{port}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"cannot listen on {where}: another program has the port; stop it (`ss -ltnp` names it) or change `server`"
        case errno.EACCES:
            return f"cannot listen on {where}: not allowed; ports below 1024 need CAP_NET_BIND_SERVICE; or change `server`"
        case errno.EADDRNOTAVAIL:
            return f"cannot listen on {where}: this machine does not have the address; write one of its own under `server`"
    return f"cannot listen on {where}: {error.strerror or error}; change `server` in the configuration"
