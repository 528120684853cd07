"""
The kind `http`: one URL, its redirects, and what the answer must look like.

A fresh connection for every hop, every hop under the same deadline and the same guard. What is configured for one origin (headers,
credentials, body) never reaches another.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, Literal
from urllib.parse import urljoin

from probes.deadline import Deadline
from probes.http1 import Limits, Reply, Request, Target, converse, is_header_name, is_method
from probes.net import Net
from probes.options import Seconds, Secret, Texts
from probes.outcome import Family, Outcome, Verdict, inert
from probes.patterns import check_path, check_pattern, json_value, matches, read_json
from probes.reasons import ProbeFailure, phase_of

METRICS = (
    Family("probe_dns_lookup_time_seconds", "Time to resolve the name of the last hop and those before it."),
    Family("probe_http_duration_seconds", "Duration of the request by phase, summed over all redirects."),
    Family("probe_http_redirects", "Redirects followed."),
    Family("probe_http_ssl", "1 when the final answer came over TLS."),
    Family("probe_http_status_code", "Status of the final answer."),
    Family("probe_http_version", "HTTP version of the final answer."),
    Family("probe_ip_protocol", "IP version of the final connection: 4 or 6."),
    Family("probe_ssl_earliest_cert_expiry", "End of the first certificate of the chain to expire, in Unix seconds."),
)

_STATUS = re.compile(r"([1-5])xx\Z|([1-9]\d\d)(?:-([1-9]\d\d))?\Z")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXCERPT = 500
_SHORTEST_SECRET = 4
_FORBID_EXTRA: Mapping[str, str] = {"extra": "forbid"}


def check_status(text: str) -> None:
    found = _STATUS.match(text)
    if found is None or (found[3] and int(found[3]) < int(found[2])):
        raise ValueError(f"{text!r} is not a status; write 200, 200-299 or 2xx")


def status_fits(status: int, wanted: tuple[str, ...]) -> bool:
    for text in wanted:
        found = _STATUS.match(text)
        if found is None:
            continue
        first = int(found[1]) * 100 if found[1] else int(found[2])
        last = first + 99 if found[1] else int(found[3] or found[2])
        if first <= status <= last:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Basic:
    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_EXTRA
    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Auth:
    """One of the two. Sent to the configured origin only."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_EXTRA
    basic: Basic | None = None
    bearer: Secret | None = None

    def __post_init__(self) -> None:
        if (self.basic is None) == (self.bearer is None):
            raise ValueError("give either basic: {username, password} or bearer: a token")


@dataclass(frozen=True, slots=True)
class Assertions:
    """What can be said of an answer; everything that is given must hold."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_EXTRA
    status: Texts = ()
    """Codes (`200`), ranges (`200-299`) or classes (`2xx`); one of them must hold."""
    body: Texts = ()
    """Texts that must all stand in the body, letter by letter."""
    body_not: Texts = ()
    """Texts of which none may stand in the body."""
    regex: str | None = None
    """A re2 expression that must be found in the body."""
    json: Mapping[str, str] = field(default_factory=dict)
    """JSON path to value: the first match must equal the value (texts as they are, others as JSON writes them: `true`, `3`)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header name to a text that its value must contain."""

    def __post_init__(self) -> None:
        if not (self.status or self.headers or self.reads_body):
            raise ValueError("nothing is asked for; give one of status, body, body_not, regex, json or headers")
        for text in self.status:
            check_status(text)
        if self.regex is not None:
            check_pattern(self.regex, "regex")
        for path in self.json:
            check_path(path, "json")
        for name in self.headers:
            if not is_header_name(name):
                raise ValueError(f"{name!r} is not a header name")

    @property
    def reads_body(self) -> bool:
        return bool(self.body or self.body_not or self.regex or self.json)


@dataclass(frozen=True, slots=True)
class Expect(Assertions):
    """What the answer must be, or it is `down`; and what it should be, or it is `degraded`."""

    status: Texts = ("2xx",)
    """Codes (`200`), ranges (`200-299`) or classes (`2xx`); one of them must hold."""
    degraded_unless: Assertions | None = None
    """The same once more, for a good answer: one that does not hold makes it `degraded` instead of `down`."""
    latency: Seconds | None = None
    """A good answer that took longer in all is `degraded`."""
    certificate: Seconds | None = None
    """A chain that ends sooner than this is noted (`certificate_expires_soon`); the verdict stays."""

    def __post_init__(self) -> None:
        if not self.status:
            raise ValueError("status is empty; give at least one code, such as 200 or 2xx")
        Assertions.__post_init__(self)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of an `http` check. The total timeout is the check's own."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _FORBID_EXTRA
    url: str
    """http or https; no credentials in it (they belong under `auth`)."""
    method: str = "GET"
    headers: Mapping[str, Secret] = field(default_factory=dict)
    body: Secret | None = None
    auth: Auth | None = None
    redirects: int = 5
    """Most redirects to follow; 0 follows none, and a 3xx is judged by `expect.status`."""
    verify: bool = True
    """False skips the verification of the certificate; every result then carries a note that says so."""
    family: Literal["any", "4", "6"] = "any"
    """IP version: `any` tries IPv4 first, then IPv6."""
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        Target.parse(self.url)
        if "@" in self.url.partition("//")[2].partition("/")[0]:
            raise ValueError("the URL holds credentials; write them under auth: {basic: {username, password}}")
        if not is_method(self.method):
            raise ValueError(f"{self.method!r} is not a method; write it like GET, HEAD or POST")
        if self.method in {"CONNECT", "TRACE"}:
            raise ValueError(f"the method {self.method} asks for no page; use GET")
        if not 0 <= self.redirects <= 20:
            raise ValueError("redirects must lie between 0 and 20")
        for name in self.headers:
            if not is_header_name(name) or name.lower() in {
                "content-length",
                "transfer-encoding",
                "connection",
                "expect",
                "upgrade",
            }:
                raise ValueError(f"the header {name!r} cannot be set")


async def probe(options: Options, net: Net, deadline: Deadline) -> Outcome:
    secrets: list[str] = []
    request = _request(options, secrets)
    walk = _Walk(options, net, deadline)
    try:
        reply = await walk.to_the_end(request)
        _note(options, reply, deadline)
        _judge(options.expect, reply)
        _judge_what_only_degrades(options.expect, reply, deadline)
    except ProbeFailure as failure:
        failure.evidence = {**walk.evidence(), **_scrubbed(failure.evidence, secrets)}
        failure.detail = _scrub(failure.detail, secrets)
        failure.figures = walk.figures()
        raise
    return Outcome(Verdict.UP, "ok", evidence=walk.evidence(), figures=walk.figures())


class _Walk:
    """The hops of one run, and what they leave behind for evidence and figures."""

    def __init__(self, options: Options, net: Net, deadline: Deadline) -> None:
        self._options = options
        self._net = net
        self._deadline = deadline
        self._target: Target | None = None
        self._reply: Reply | None = None
        self.redirects = 0

    async def to_the_end(self, request: Request) -> Reply:
        home = target = _configured(request.url)
        seen = set()
        while True:
            self._target, self._reply = target, None
            reply = self._reply = await self._hop(request, target)
            location = reply.header("location") if reply.status in _REDIRECTS and self._options.redirects else None
            if location is None:
                return reply
            seen.add((request.method, target))
            request, target = _next(request, reply, location, target, home)
            if (request.method, target) in seen:
                raise ProbeFailure("redirect_loop", f"{target.shown} redirects back to itself")
            self.redirects += 1
            if self.redirects > self._options.redirects:
                raise ProbeFailure("redirect_too_many", f"more than {self._options.redirects} redirects")

    async def _hop(self, request: Request, target: Target) -> Reply:
        options = self._options
        try:
            return await converse(
                request, target, self._net, self._deadline, Limits(), verify=options.verify, family=options.family
            )
        except ProbeFailure as failure:
            if failure.reason == "address_blocked" and self.redirects:
                # The peer sent us there. Were it our own trouble, a hijacked site could switch its monitoring off.
                raise ProbeFailure("redirect_blocked", f"redirected to {failure.detail}", **failure.evidence) from None
            raise

    def evidence(self) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        if self._target is not None:
            facts["url"] = self._target.shown
        if self._deadline.peer is not None:
            facts["address"] = self._deadline.peer[0]
        if self.redirects:
            facts["redirects"] = self.redirects
        reply = self._reply
        if reply is not None:
            facts["status"] = reply.status
            facts["http_version"] = reply.version
            if reply.tls_version:
                facts["tls_version"] = reply.tls_version
            if reply.certificate is not None:
                facts["certificate"] = reply.certificate.as_evidence()
        return facts

    def figures(self) -> dict[str, float]:
        figures: dict[str, float] = {"probe_http_redirects": self.redirects}
        reply = self._reply
        if reply is not None:
            figures["probe_http_status_code"] = reply.status
            figures["probe_http_version"] = 1.0 if reply.version == "1.0" else 1.1
            figures["probe_http_ssl"] = 1 if reply.tls_version else 0
            if reply.certificate is not None:
                figures["probe_ssl_earliest_cert_expiry"] = reply.certificate.chain_not_after.timestamp()
        return figures


@lru_cache(maxsize=10_000)
def _configured(url: str) -> Target:
    """The same at every run. Never for what a peer names: it could fill the memory."""
    return Target.parse(url)


def _request(options: Options, secrets: list[str]) -> Request:
    """The first request, its secrets read now and collected, so that they can be kept out of whatever the peer echoes."""

    def reveal(secret: Secret) -> str:
        text = secret.reveal()
        secrets.append(text)
        return text

    headers = [(name, reveal(secret)) for name, secret in options.headers.items()]
    if options.auth is not None and options.auth.bearer is not None:
        headers.append(("Authorization", f"Bearer {reveal(options.auth.bearer)}"))
    elif options.auth is not None and options.auth.basic is not None:
        pair = f"{options.auth.basic.username}:{reveal(options.auth.basic.password)}"
        secrets.append(base64.b64encode(pair.encode()).decode())
        headers.append(("Authorization", f"Basic {secrets[-1]}"))
    body = reveal(options.body).encode() if options.body is not None else b""
    return Request(options.method, options.url, tuple(headers), body)


def _next(request: Request, reply: Reply, location: str, target: Target, home: Target) -> tuple[Request, Target]:
    # Header values were read as latin-1; an internationalised Location is UTF-8 in practice.
    raw = location.encode("latin-1").decode("utf-8", "replace").strip()
    base = f"{target.scheme}://{target.authority}{target.path}"
    try:
        url = urljoin(base, raw.replace(" ", "%20"))
        scheme = url.partition(":")[0].lower()
        if scheme not in {"http", "https"}:
            raise ProbeFailure("redirect_scheme", f"redirected to {inert(raw, 80)}")
        there = Target.parse(url)
    except ValueError as error:
        raise ProbeFailure("redirect_invalid", f"redirected to {inert(raw, 80)}: {error}") from None
    method, body = request.method, request.body
    if method != "HEAD" and (reply.status == 303 or (reply.status in {301, 302} and method == "POST")):
        method, body = "GET", b""
    crosses = there.origin != home.origin
    if crosses and body:
        raise ProbeFailure("redirect_blocked", f"the request's body would be sent on to {there.authority}, which is another origin")
    # Once away, what was configured stays at home, even when a later hop leads back.
    headers = () if crosses or there.origin != target.origin else request.headers
    return replace(request, method=method, url=url, headers=headers, body=body), there


def _judge(expect: Assertions, reply: Reply) -> None:
    """Raises when the answer is not as expected."""
    if expect.status and not status_fits(reply.status, expect.status):
        raise _unlike("http_status", f"status {reply.status} instead of {', '.join(expect.status)}", reply)
    for name, wanted in expect.headers.items():
        value = reply.header(name.lower())
        if value is None or wanted.lower() not in value.lower():
            said = "is missing" if value is None else f"is {inert(value, 60)}"
            raise _unlike("http_header", f"the header {name} {said}; expected {inert(wanted, 60)}", reply)
    if expect.reads_body:
        _judge_body(expect, reply)


def _judge_what_only_degrades(expect: Expect, reply: Reply, deadline: Deadline) -> None:
    """Raises with a reason whose verdict is `degraded`. What lacks counts for more than what is slow."""
    if expect.degraded_unless is not None:
        try:
            _judge(expect.degraded_unless, reply)
        except ProbeFailure as broken:
            code = "http_degraded" if phase_of(broken.reason) == "http" else "body_degraded"
            raise ProbeFailure(code, broken.detail, **broken.evidence) from None
    took = deadline.elapsed()
    if expect.latency is not None and took > expect.latency:
        raise ProbeFailure("http_slow", f"a good answer after {took:.3f} s; expected within {expect.latency:g} s")


def _judge_body(expect: Assertions, reply: Reply) -> None:
    if reply.undecoded:
        raise _unlike("body_encoding", f"the body is encoded as {reply.undecoded}, which cannot be searched", reply)
    only = f" (only the first {len(reply.body)} bytes were searched)" if reply.truncated else ""
    text = reply.body.decode("utf-8", "replace")
    for wanted in expect.body:
        if wanted not in text:
            raise _unlike("body_text", f"the text {inert(wanted, 60)!r} is not in the body{only}", reply)
    for unwanted in expect.body_not:
        if unwanted in text:
            raise _unlike("body_forbidden", f"the text {inert(unwanted, 60)!r} is in the body", reply)
    if expect.regex is not None and not matches(expect.regex, text):
        raise _unlike("body_regex", f"the body does not match {inert(expect.regex, 60)}{only}", reply)
    if expect.json:
        _judge_json(expect.json, reply, only)


def _judge_json(wanted: Mapping[str, str], reply: Reply, only: str) -> None:
    try:
        document = read_json(reply.body)
    except ValueError as error:
        raise _unlike("body_json", f"the body is not JSON{only}: {error}", reply) from None
    for path, value in wanted.items():
        found = json_value(path, document)
        if found != value:
            said = "nothing" if found is None else inert(found, 60)
            raise _unlike("body_json", f"{inert(path, 60)} holds {said}; expected {inert(value, 60)}", reply)


def _unlike(code: str, detail: str, reply: Reply) -> ProbeFailure:
    return ProbeFailure(code, detail, excerpt=inert(reply.body, _EXCERPT)) if reply.body else ProbeFailure(code, detail)


def _note(options: Options, reply: Reply, deadline: Deadline) -> None:
    if reply.truncated:
        deadline.note("body_truncated")
    if reply.extra:
        deadline.note("body_extra")
    if reply.certificate is not None:
        if not options.verify:
            deadline.note("certificate_not_verified")
        if options.expect.certificate is not None and reply.certificate.ends_within(options.expect.certificate):
            deadline.note("certificate_expires_soon")


def _scrub(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


def _scrubbed(evidence: Mapping[str, Any], secrets: list[str]) -> dict[str, Any]:
    return {key: _scrub(value, secrets) if isinstance(value, str) else value for key, value in evidence.items()}
