"""From a request to bytes: which page, in which coding, or why none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import lru_cache
from time import time

from aiohttp import web

from statuspage.site import SHORT, Ready, Site

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HOSTLESS = ("/api/v2/", "/status.json")
"""Machines read these by whatever name or address they have (DESIGN section 7)."""

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}
_PHRASES = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    304: "Not Modified",
    404: "Not Found",
    405: "Method Not Allowed",
    421: "Misdirected Request",
    503: "Service Unavailable",
}


class Prebuilt(web.StreamResponse):
    """Head and body that are already bytes. aiohttp's own response builds, for each request, headers that never change."""

    def __init__(self, status: int, head: bytes, body: bytes, *, lasting: bool) -> None:
        super().__init__(status=status)
        self._pieces = (head, body)
        self._lasting = lasting

    @property
    def keep_alive(self) -> bool | None:
        return self._lasting

    async def prepare(self, request: web.BaseRequest) -> None:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the reader has left")
        transport.writelines(self._pieces)
        # A reader that pipelines and does not read must not fill our memory.
        await request.writer.drain()

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything was written at once."""


class Desk:
    """Answers from the `Site` shown last. Before there is one: 503 and a sentence."""

    def __init__(self, hosts: Sequence[str], on_request: Callable[[int], None] | None = None) -> None:
        self.site: Site | None = None
        self._hosts = LOOPBACK | {host_name(host) for host in hosts}
        self._known = self._hosts
        self._heads: dict[tuple[Ready, int, bool], bytes] = {}
        self._on_request = on_request

    def show(self, site: Site) -> None:
        self.site = site
        self._known = self._hosts | {site.host}
        self._heads = {}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        reply = self._reply(request)
        if self._on_request is not None:
            self._on_request(reply.status)
        return reply

    def _reply(self, request: web.BaseRequest) -> Prebuilt:
        path, headers, site = request.path, request.headers, self.site
        if request.method not in {"GET", "HEAD"}:
            return self._short(request, 405, "Only GET and HEAD are answered here.", {"Allow": "GET, HEAD"})
        if not self._is_ours(request) and not path.startswith(HOSTLESS):
            return self._short(request, 421, _WRONG_HOST)
        if site is None:
            return self._short(request, 503, _NOTHING_YET, {"Retry-After": "5"})
        ready = site.pages.get(path)
        if ready is None:
            return self._elsewhere(request, path, site)
        packed = ready.packed is not None and takes_gzip(headers.get("Accept-Encoding", ""))
        given = headers.get("If-None-Match")
        status = 304 if given is not None and matches(given, ready.etag) else 200
        return self._page(request, ready, status, packed=packed)

    def _is_ours(self, request: web.BaseRequest) -> bool:
        # `request.host` is the target's host where the target is a whole URL (RFC 9112 section 3.2.2); without either header
        # or target it would ask the resolver for our own name.
        return "Host" in request.headers and host_name(request.host) in self._known

    def _elsewhere(self, request: web.BaseRequest, path: str, site: Site) -> Prebuilt:
        if path == "/":
            wanted = preferred(request.headers.get("Accept-Language", ""), site.languages)
            more = {"Location": f"/{wanted}/", "Vary": "Accept-Language", "Cache-Control": SHORT}
            return self._short(request, 302, "", more)
        if f"{path}/" in site.pages:
            return self._short(request, 301, "", {"Location": f"{path}/", "Cache-Control": SHORT})
        lang = path[1:3] if path[1:3] in site.missing and path[3:4] == "/" else site.languages[0]
        ready = site.missing[lang]
        return self._page(
            request, ready, 404, packed=ready.packed is not None and takes_gzip(request.headers.get("Accept-Encoding", ""))
        )

    def _page(self, request: web.BaseRequest, ready: Ready, status: int, *, packed: bool) -> Prebuilt:
        head = self._heads.get((ready, status, packed))
        if head is None:
            head = self._heads[ready, status, packed] = self._head(ready, status, packed=packed)
        body = b"" if status == 304 or request.method == "HEAD" else ready.packed if packed and ready.packed else ready.body
        return _sent(request, status, head, body)

    def _head(self, ready: Ready, status: int, *, packed: bool) -> bytes:
        tag = f'"{ready.etag}-gz"' if packed else f'"{ready.etag}"'
        headers = {"ETag": tag, "Cache-Control": ready.cache_control, "Vary": "Accept-Encoding", **self._security()}
        if status != 304:
            body = ready.packed if packed and ready.packed else ready.body
            headers |= {"Content-Type": ready.content_type, "Content-Length": str(len(body))}
            headers |= {"Content-Encoding": "gzip"} if packed else {}
        if ready.language:
            headers["Content-Language"] = ready.language
        if ready.is_open:
            headers["Access-Control-Allow-Origin"] = "*"
        return _head_bytes(status, headers)

    def _short(self, request: web.BaseRequest, status: int, text: str, more: Mapping[str, str] | None = None) -> Prebuilt:
        body = f"{text}\n".encode() if text else b""
        headers = {"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
        head = _head_bytes(status, {**headers, **self._security(), **(more or {})})
        return _sent(request, status, head, b"" if request.method == "HEAD" else body)

    def _security(self) -> dict[str, str]:
        return {**_SECURITY, **_HSTS} if self.site is not None and self.site.is_https else _SECURITY


_WRONG_HOST = (
    "This server does not answer for the host name in your request.\n"
    "If it should: its operator adds that name to server.hosts in the configuration."
)
_NOTHING_YET = (
    "Sorry, this page could not be written yet. Our products may be working all the same.\n"
    "Désolé, cette page n’a pas encore pu être écrite. Nos produits fonctionnent peut-être malgré tout."
)


def _sent(request: web.BaseRequest, status: int, head: bytes, body: bytes) -> Prebuilt:
    # What is left of a body that nobody asked for would be read as the next request.
    lasting = bool(request.keep_alive) and not request.body_exists
    if not lasting:
        connection = b"Connection: close\r\n"
    elif request.version.minor == 0:
        connection = b"Connection: keep-alive\r\n"
    else:
        connection = b""
    return Prebuilt(status, head + connection + _date(int(time())), body, lasting=lasting)


def _head_bytes(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES[status]}", *(f"{name}: {value}" for name, value in headers.items()), ""]
    return "\r\n".join(lines).encode()


@lru_cache(2)
def _date(second: int) -> bytes:
    return f"Date: {formatdate(second, usegmt=True)}\r\n\r\n".encode()


@lru_cache(256)
def host_name(host: str) -> str:
    """The name in a Host header, without port and final dot, in small letters."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    if name.count(":") > 1:
        return name
    return name.partition(":")[0].rstrip(".")


@lru_cache(256)
def takes_gzip(accepted: str) -> bool:
    """RFC 9110 section 12.5.3: named, or covered by `*`, and not refused by q=0."""
    weights = dict(_weighted(accepted))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def matches(given: str, etag: str) -> bool:
    """RFC 9110 section 13.1.2, weak comparison; the tag of either coding will do."""
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or f'"{etag}"' in tags or f'"{etag}-gz"' in tags


@lru_cache(256)
def preferred(accepted: str, languages: tuple[str, ...]) -> str:
    """The language of the site that the reader likes best; the site's first when none is asked for."""
    weights: dict[str, float] = {}
    for tag, weight in _weighted(accepted):
        lang = languages[0] if tag == "*" else tag.partition("-")[0]
        weights[lang] = max(weight, weights.get(lang, 0.0))
    wanted = max(languages, key=lambda lang: weights.get(lang, 0.0))
    return wanted if weights.get(wanted, 0.0) > 0 else languages[0]


def _weighted(header: str) -> list[tuple[str, float]]:
    """`fr-CH, fr;q=0.9`: (value, weight) in order; what cannot be read weighs nothing."""
    found = []
    for item in header.split(","):
        value, _, parameter = item.strip().partition(";")
        name, _, number = parameter.strip().partition("=")
        try:
            weight = float(number) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if value:
            found.append((value.strip().lower(), weight))
    return found
