"""
One HTTP/1.1 exchange on a connection of its own: a request out, a bounded reply in.

Redirects are not followed here: `probes.http` does, judging every hop, and webhooks must not. Never reuses a connection, so no
answer can be taken for another's.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from probes.deadline import Deadline
from probes.http1_reply import Limits, ReplyReader
from probes.net import Connection, Net, Tls
from probes.reasons import ProbeFailure
from probes.tls_capture import Certificate, failure_of

__all__ = ["Limits", "Reply", "Request", "Target", "exchange"]

_METHOD = re.compile(r"[A-Z][A-Z-]{0,31}\Z")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_HOST = re.compile(r"[A-Za-z0-9_.\-]{1,253}\Z")
_PORTS = {"http": 80, "https": 443}
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"
_AGENT = "uptimed"


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an absolute http or https URL. A fragment and credentials in it are never sent."""

    scheme: str
    host: str
    """Lower case, ASCII (IDNA), without brackets."""
    port: int
    path: str
    """Path and query, percent-encoded, beginning with a slash."""

    @classmethod
    def parse(cls, url: str) -> Target:
        """ValueError with what is wrong and what would be right."""
        if any(ord(ch) < 33 or ord(ch) == 127 for ch in url):
            raise ValueError("the URL holds a space or a control character; write a space as %20")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"the URL cannot be read ({error}); write it like https://www.example.com/health") from None
        if parts.scheme not in _PORTS:
            raise ValueError(f"the URL's scheme is {parts.scheme or 'missing'}; it must be http or https")
        path = quote(parts.path, safe=_URL_SAFE) or "/"
        query = f"?{quote(parts.query, safe=_URL_SAFE)}" if parts.query else ""
        return cls(parts.scheme, _host(parts.hostname or ""), _PORTS[parts.scheme] if port is None else port, path + query)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """As the Host header says it: the port only when it is not the scheme's own."""
        plain = f"[{self.host}]" if ":" in self.host else self.host
        return plain if self.port == _PORTS[self.scheme] else f"{plain}:{self.port}"

    @property
    def shown(self) -> str:
        """For evidence: without the query, which may hold a token."""
        path, mark, _query = self.path.partition("?")
        return f"{self.scheme}://{self.authority}{path}{mark and '?…'}"


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `Host`, `User-Agent`, `Accept`, `Accept-Encoding`, `Content-Length`, `Connection` are added unless given."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, values as latin-1 text, in the order they came."""
    body: bytes
    """Decompressed, cut at the limit."""
    truncated: bool
    extra: bool
    """Bytes came after the end of the body."""
    undecoded: str
    """A content coding that we do not know; `body` is then as it was sent. Empty when all is decoded."""
    version: str
    """`1.1` or `1.0`."""
    address: str
    certificate: Certificate | None
    tls_version: str

    def header(self, name: str) -> str | None:
        """The values of a header (lower-case name), joined by a comma; None when it is absent."""
        values = [value for known, value in self.headers if known == name]
        return ", ".join(values) if values else None


async def exchange(
    request: Request, *, net: Net, deadline: Deadline, limits: Limits | None = None, verify: bool = True, family: str = "any"
) -> Reply:
    """
    Send the request to where its URL says and read the whole reply, within the deadline. Any status is a Reply.

    Raises ProbeFailure for everything that keeps a reply from arriving whole, ValueError for a URL or header that cannot be sent.
    """
    async with deadline.enforced():
        return await converse(request, Target.parse(request.url), net, deadline, limits or Limits(), verify=verify, family=family)


async def converse(
    request: Request, target: Target, net: Net, deadline: Deadline, limits: Limits, *, verify: bool = True, family: str = "any"
) -> Reply:
    """As `exchange`, for callers that keep the deadline enforced themselves."""
    wire = _wire(request, target)
    tls = Tls(target.host, verify, ("http/1.1",)) if target.scheme == "https" else None
    connection = await net.dial(target.host, target.port, deadline, family=family, tls=tls)
    try:
        deadline.enter("processing")
        reader = await _talk(connection, wire, ReplyReader(request.method, limits), deadline)
    finally:
        connection.close()
    return Reply(
        status=reader.status,
        headers=reader.headers,
        body=reader.body,
        truncated=reader.truncated,
        extra=reader.extra,
        undecoded=reader.undecoded,
        version=reader.version,
        address=connection.address,
        certificate=connection.certificate,
        tls_version=connection.tls_version,
    )


async def _talk(connection: Connection, wire: bytes, reader: ReplyReader, deadline: Deadline) -> ReplyReader:
    broken: OSError | None = None
    try:
        await connection.send(wire)
    except ssl.SSLError as error:
        raise failure_of(error, connection.address, connection.certificate) from None
    except OSError as error:
        # A server may answer before it has read everything (413, 401) and close; what it said counts.
        broken = error
    head_was_there = False
    try:
        while not reader.complete:
            piece = await connection.recv()
            if piece:
                reader.feed(piece)
            else:
                reader.end()
            if reader.has_head and not head_was_there:
                head_was_there = True
                deadline.enter("transfer")
    except ssl.SSLError as error:
        raise failure_of(error, connection.address, connection.certificate) from None
    except OSError as error:
        code = "body_reset" if reader.has_head else "http_reset"
        raise ProbeFailure.of_os_error(broken or error, code, f"reading the answer of {connection.address}") from None
    return reader


def _wire(request: Request, target: Target) -> bytes:
    given = {name.lower() for name, _value in request.headers}
    lines = [f"{request.method} {target.path} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {target.authority}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [line for name, line in _DEFAULTS if name not in given]
    if (request.body or request.method in {"POST", "PUT", "PATCH"}) and "content-length" not in given:
        lines.append(f"Content-Length: {len(request.body)}")
    text = "\r\n".join(lines)
    if (
        not _METHOD.match(request.method)
        or text.count("\n") != len(lines) - 1
        or text.count("\r") != len(lines) - 1
        or "\0" in text
    ):
        raise ValueError("a method or header holds a character that cannot be sent")
    return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape") + request.body


_DEFAULTS = (
    ("user-agent", f"User-Agent: {_AGENT}"),
    ("accept", "Accept: */*"),
    ("accept-encoding", "Accept-Encoding: gzip, deflate"),
    ("connection", "Connection: close"),
)


def is_header_name(text: str) -> bool:
    return _HEADER_NAME.match(text) is not None


def is_method(text: str) -> bool:
    return _METHOD.match(text) is not None


def _host(text: str) -> str:
    host = text.rstrip(".").lower()
    if ":" in host:
        return host.partition("%")[0]
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.match(host) or ".." in host or host.startswith("."):
        raise ValueError(f"the URL's host {text!r} is not a name or address")
    return host
