"""
What stands before every handler of the staff door: who may, and which headers every answer carries.

Deny by default: a route is a row of a table that says who may use it, and nothing else is answered. Loopback is trusted as "this
machine itself" only while nothing says that somebody else stands behind the peer: a proxy (`Forwarded`, `X-Forwarded-For`) or a
browser (`Origin`, `Sec-Fetch-Site`), which any web page can make speak to 127.0.0.1.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

HEADERS: Mapping[str, str] = {
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BODY_LIMIT = 65_536

log = logging.getLogger(__name__)


class Who(Enum):
    """Who may use a route."""

    REACHING = "whoever reaches the door"
    LOCAL_OR_BEARER = "this machine itself, or the bearer of the token"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    who: Who
    handler: Handler


def guarded_app(table: Sequence[Route], *, token: str) -> web.Application:
    """An empty `token` opens nothing: then only this machine itself is let through."""
    app = web.Application(middlewares=[guard(table, token=token)], client_max_size=BODY_LIMIT)
    for route in table:
        app.router.add_route(route.method, route.path, route.handler)
        if route.method == hdrs.METH_GET:
            app.router.add_route(hdrs.METH_HEAD, route.path, route.handler)
    app.on_response_prepare.append(harden)
    return app


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    # aiohttp would name its version and Python's.
    response.headers[hdrs.SERVER] = "uptimed"


def guard(table: Sequence[Route], *, token: str) -> Middleware:
    by_path = {route.path: route for route in table}

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = by_path.get(request.path)
        try:
            # An unknown path or method goes to aiohttp's own 404 or 405: it is nobody's secret which routes there are.
            if route is not None and route.method == request.method and not may(request, route.who, token):
                return denied(route, token=bool(token))
            if request.content_type.startswith("multipart/"):
                return said(415, "Multipart bodies are not taken here.")
            return await handler(request)
        except web.HTTPException as answer:
            said_so = said(answer.status, answer.reason)
            if hdrs.ALLOW in answer.headers:
                said_so.headers[hdrs.ALLOW] = answer.headers[hdrs.ALLOW]
            return said_so
        except ConnectionError:  # the visitor has gone; nobody is left to be told
            raise
        except Exception:
            log.exception("a request at the staff door failed: %s %s", request.method, request.path)
            return said(500, "Something went wrong on our side; the log says what.")

    return guarded


def may(request: web.Request, who: Who, token: str) -> bool:
    if who is Who.REACHING:
        return True
    given = request.headers.get(hdrs.AUTHORIZATION, "")
    if token and hmac.compare_digest(given.encode(errors="surrogateescape"), f"Bearer {token}".encode()):
        return True
    # A wrong token is refused even here: whoever sends one believes it matters.
    return not given and is_local(request)


def is_local(request: web.Request) -> bool:
    """Whether a program of this machine asks for itself, as far as can be told."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", hdrs.ORIGIN)):
        return False
    if request.headers.get("Sec-Fetch-Site", "none") != "none":
        return False
    peer = request.transport.get_extra_info("peername") if request.transport else None
    try:
        address = ipaddress.ip_address(peer[0]) if peer else None
    except (ValueError, TypeError):
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped is not None and mapped.is_loopback


def denied(route: Route, *, token: bool) -> web.Response:
    how = "Send `Authorization: Bearer` with the token, or ask" if token else "Ask"
    return said(403, f"{route.path} is for {route.who.value}. {how} from the machine itself, without a proxy or browser between.")


def said(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=sentence + "\n")
