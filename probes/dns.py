"""The kind `dns`: one question to one name server (or to our own resolvers), and what its answer must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from probes.deadline import Deadline
from probes.nameserver import Server, ServerFailed, ask
from probes.net import Net
from probes.options import Seconds, Texts
from probes.outcome import Family, Outcome, inert
from probes.reasons import ProbeFailure
from probes.tcp import finished

METRICS = (
    Family("probe_dns_additional_rrs", "Records in the additional section."),
    Family("probe_dns_answer_rrs", "Records in the answer section."),
    Family("probe_dns_authority_rrs", "Records in the authority section."),
    Family("probe_dns_duration_seconds", "Duration of the question by phase."),
    Family("probe_dns_lookup_time_seconds", "Time to resolve names."),
)

_MOST_SHOWN = 20
_RCODE_REASON = {dns.rcode.SERVFAIL: "dns_servfail", dns.rcode.NXDOMAIN: "dns_nxdomain", dns.rcode.REFUSED: "dns_refused"}


@dataclass(frozen=True, slots=True)
class Expect:
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    rcode: str = "NOERROR"
    """The status that the server must answer with: NOERROR, NXDOMAIN ..."""
    answers: Texts = ()
    """Records that must all be in the answer, as a zone file writes them: `192.0.2.1`, `10 mail.example.com.`; empty: any."""
    latency: Seconds | None = None

    def __post_init__(self) -> None:
        try:
            dns.rcode.from_text(self.rcode)
        except dns.exception.DNSException:
            raise ValueError(f"{self.rcode!r} is not a DNS status; write NOERROR or NXDOMAIN") from None


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a `dns` check."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    name: str
    type: str = "A"
    server: str | None = None
    """`address` or `address:port` of the server under test; without it the question goes to our own resolvers."""
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        try:
            dns.name.from_text(self.name)
        except (dns.exception.DNSException, UnicodeError):
            raise ValueError(f"{self.name!r} is not a domain name; write it like www.example.com") from None
        try:
            wanted = dns.rdatatype.from_text(self.type.upper())
        except (dns.exception.DNSException, ValueError):
            raise ValueError(f"{self.type!r} is not a record type; write A, AAAA, MX, TXT, NS, SOA, SRV, CAA or CNAME") from None
        if dns.rdatatype.is_metatype(wanted):
            raise ValueError(f"the type {self.type} is not a record that could be asked for here; write A or AAAA, for example")
        if self.server is not None:
            Server.parse(self.server)


async def probe(options: Options, net: Net, deadline: Deadline) -> Outcome:
    question = dns.message.make_query(options.name, dns.rdatatype.from_text(options.type.upper()))
    answer, server = await _ask(options, question, net, deadline)
    said = dns.rcode.to_text(answer.rcode())
    records = [record.to_text() for rrset in answer.answer if rrset.rdtype == question.question[0].rdtype for record in rrset]
    evidence: dict[str, Any] = {"resolver": str(server), "rcode": said, "answers": [inert(text) for text in records[:_MOST_SHOWN]]}
    figures = {
        "probe_dns_answer_rrs": float(sum(map(len, answer.answer))),
        "probe_dns_authority_rrs": float(sum(map(len, answer.authority))),
        "probe_dns_additional_rrs": float(sum(map(len, answer.additional))),
    }
    try:
        _judge(options.expect, answer.rcode(), records, server)
    except ProbeFailure as failure:
        failure.evidence = evidence
        failure.figures = figures
        raise
    return finished(options.expect.latency, "dns_slow", deadline, evidence, figures)


async def _ask(
    options: Options, question: dns.message.QueryMessage, net: Net, deadline: Deadline
) -> tuple[dns.message.Message, Server]:
    deadline.enter("request")
    servers = (Server.parse(options.server),) if options.server is not None else net.resolver.servers
    if not servers:
        raise ProbeFailure("resolver_missing", "no name server is configured, here or in /etc/resolv.conf")
    if options.server is not None:
        objection = net.guard.objection(servers[0].address) if net.guard is not None else None
        if objection:
            raise ProbeFailure("address_blocked", objection, address=servers[0].address)
        # Under test itself; our own resolvers are not, and their silence is for the canary to judge.
        deadline.peer = servers[0]
    trouble: ServerFailed | None = None
    for left in range(len(servers), 0, -1):
        server = servers[-left]
        try:
            return (await ask(server, [question], deadline.remaining() / left))[0], server
        except ServerFailed as failed:
            trouble = trouble or failed
    assert trouble is not None  # noqa: S101  the loop ran at least once
    code = {"timeout": "dns_timeout", "malformed": "dns_malformed"}.get(trouble.kind, "connect_refused")
    if options.server is None and code == "connect_refused":
        code = "resolver_failed"
    raise ProbeFailure(code, f"{options.name}: {trouble}")


def _judge(expect: Expect, rcode: int, records: list[str], server: Server) -> None:
    said, wanted = dns.rcode.to_text(dns.rcode.Rcode(rcode)), expect.rcode.upper()
    if said != wanted:
        code = _RCODE_REASON.get(dns.rcode.Rcode(rcode), "dns_rcode")
        raise ProbeFailure(code, f"{server} answered {said} instead of {wanted}")
    if wanted == "NOERROR" and not records:
        raise ProbeFailure("dns_answers", f"{server} knows the name but has no such record")
    have = {text.lower().rstrip(".") for text in records}
    missing = [text for text in expect.answers if text.lower().rstrip(".") not in have]
    if missing:
        raise ProbeFailure(
            "dns_answers", f"{server} does not answer {inert(missing[0], 60)}, but {inert(', '.join(records[:5]), 80)}"
        )
