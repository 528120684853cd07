"""The kind `tls`: does the handshake succeed, and how long is the certificate good for?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from probes.deadline import Deadline
from probes.net import Net, Tls
from probes.options import Seconds, check_host, check_port
from probes.outcome import Family, Outcome
from probes.tcp import finished

METRICS = (
    Family("probe_dns_lookup_time_seconds", "Time to resolve names."),
    Family("probe_ip_protocol", "IP version of the final connection: 4 or 6."),
    Family("probe_ssl_earliest_cert_expiry", "End of the first certificate of the chain to expire, in Unix seconds."),
    Family("probe_tcp_duration_seconds", "Duration by phase."),
    Family("probe_tls_version_info", "1, with the TLS version as a label."),
)


@dataclass(frozen=True, slots=True)
class Expect:
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    latency: Seconds | None = None
    """A good handshake that took longer, with resolving and connecting, is `degraded`."""
    certificate: Seconds | None = 14 * 86_400.0
    """A chain that ends sooner than this is noted (`certificate_expires_soon`); the verdict stays."""


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a `tls` check."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}
    host: str
    port: int = 443
    server_name: str | None = None
    """The name asked for and verified, when it is not the host."""
    verify: bool = True
    family: Literal["any", "4", "6"] = "any"
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        check_host(self.host)
        check_port(self.port)
        if self.server_name is not None:
            check_host(self.server_name)


async def probe(options: Options, net: Net, deadline: Deadline) -> Outcome:
    tls = Tls(options.server_name or options.host, options.verify)
    connection = await net.dial(options.host, options.port, deadline, family=options.family, tls=tls)
    connection.close()
    evidence: dict[str, Any] = {"address": connection.address, "tls_version": connection.tls_version}
    figures = {f'probe_tls_version_info{{version="{connection.tls_version}"}}': 1.0}
    certificate = connection.certificate
    if certificate is not None:
        evidence["certificate"] = certificate.as_evidence()
        figures["probe_ssl_earliest_cert_expiry"] = certificate.chain_not_after.timestamp()
        if options.expect.certificate is not None and certificate.ends_within(options.expect.certificate):
            deadline.note("certificate_expires_soon")
    if not options.verify:
        deadline.note("certificate_not_verified")
    return finished(options.expect.latency, "tls_slow", deadline, evidence, figures)
