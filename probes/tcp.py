"""The kind `tcp`: does a port accept connections, and, when asked, does it greet or answer as expected?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from probes.deadline import Deadline
from probes.net import Connection, Net
from probes.options import Seconds, Secret, check_host, check_port
from probes.outcome import Family, Outcome, Verdict, inert
from probes.patterns import check_pattern, matches
from probes.reasons import ProbeFailure

METRICS = (
    Family("probe_dns_lookup_time_seconds", "Time to resolve names."),
    Family("probe_ip_protocol", "IP version of the final connection: 4 or 6."),
    Family("probe_tcp_duration_seconds", "Duration by phase."),
)

_BANNER = 4_096
"""Bytes of the peer's words that are kept and searched."""


@dataclass(frozen=True, slots=True)
class Expect:
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    text: str | None = None
    """A text that must come within the first 4 KiB."""
    regex: str | None = None
    """A re2 expression that must be found there."""
    latency: Seconds | None = None
    """A good result that took longer in all is `degraded`."""

    def __post_init__(self) -> None:
        if self.regex is not None:
            check_pattern(self.regex, "regex")

    @property
    def wants_words(self) -> bool:
        return self.text is not None or self.regex is not None

    def is_met_by(self, said: str) -> bool:
        return (self.text is None or self.text in said) and (self.regex is None or matches(self.regex, said))


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a `tcp` check."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    host: str
    port: int
    send: Secret | None = None
    """Sent after connecting; `\\r` and `\\n` written so are control characters."""
    family: Literal["any", "4", "6"] = "any"
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        check_host(self.host)
        check_port(self.port)


async def probe(options: Options, net: Net, deadline: Deadline) -> Outcome:
    words = options.send.reveal().replace("\\r", "\r").replace("\\n", "\n").encode() if options.send is not None else b""
    connection = await net.dial(options.host, options.port, deadline, family=options.family)
    try:
        said = await _talk(connection, words, options.expect, deadline) if words or options.expect.wants_words else ""
    finally:
        connection.close()
    evidence: dict[str, Any] = {"address": connection.address}
    if said:
        evidence["banner"] = inert(said)
    return finished(options.expect.latency, "connect_slow", deadline, evidence)


def finished(
    latency: float | None, slow: str, deadline: Deadline, evidence: Mapping[str, Any], figures: Mapping[str, float] | None = None
) -> Outcome:
    """Up, or degraded by the code `slow` when it took longer than `latency`."""
    took = deadline.elapsed()
    figures = figures or {}
    if latency is not None and took > latency:
        detail = f"a good answer after {took:.3f} s; expected within {latency:g} s"
        return Outcome(Verdict.DEGRADED, slow, detail, evidence=evidence, figures=figures)
    return Outcome(Verdict.UP, "ok", evidence=evidence, figures=figures)


async def _talk(connection: Connection, words: bytes, expect: Expect, deadline: Deadline) -> str:
    deadline.enter("banner")
    heard = b""
    try:
        if words:
            await connection.send(words)
        while expect.wants_words and len(heard) < _BANNER:
            piece = await connection.recv(_BANNER - len(heard))
            if not piece:
                break
            heard += piece
            if expect.is_met_by(heard.decode("utf-8", "replace")):
                return heard.decode("utf-8", "replace")
    except OSError as error:
        raise ProbeFailure.of_os_error(error, "banner_reset", f"listening to {connection.address}") from None
    if not expect.wants_words:
        return ""
    if not heard:
        raise ProbeFailure("banner_closed", f"{connection.address} closed the connection without a word")
    # Its words are not shown: it may have echoed a secret of ours.
    excerpt = {} if words else {"excerpt": inert(heard)}
    raise ProbeFailure("banner_text", f"what {connection.address} said is not as expected ({len(heard)} bytes)", **excerpt)
