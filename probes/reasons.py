"""
The closed list of what a run can end with, and the one exception that says so.

A code is `<phase>_<what>`; the phase names where the probe stopped. `local_*`, `resolver_*`, `network_*` and `address_blocked` are
trouble of our own and always `unknown`; all others are the endpoint's. A code that is not in `REASONS` is a bug.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probes.outcome import Verdict, inert


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    verdict: Verdict
    says: str
    """Short public wording in English; the code is the key for other languages. Names no address, URL or header."""

    @property
    def phase(self) -> str:
        return phase_of(self.code)


_UP = {"ok": "it works"}

_DEGRADED = {
    "dns_slow": "the name server answered slowly",
    "connect_slow": "it accepted the connection slowly",
    "tls_slow": "the TLS handshake was slow",
    "http_slow": "it answered slowly",
    "http_degraded": "it answered, though not quite as it should",
    "body_degraded": "it answered, though its content is not quite as it should be",
    "icmp_slow": "it echoed slowly",
}

_DOWN = {
    "dns_nxdomain": "the name does not exist",
    "dns_no_address": "the name has no address",
    "dns_servfail": "the name's servers do not answer properly",
    "dns_refused": "the name server refused the question",
    "dns_timeout": "the name server did not answer in time",
    "dns_malformed": "the name server's answer cannot be read",
    "dns_rcode": "the name server answered with another status than expected",
    "dns_answers": "the name server's answer lacks what was expected",
    "connect_refused": "the connection was refused",
    "connect_reset": "the connection was reset",
    "connect_timeout": "no connection in time",
    "connect_unreachable": "the host cannot be reached",
    "connect_failed": "no connection could be made",
    "tls_timeout": "the TLS handshake did not end in time",
    "tls_closed": "the connection was closed during the TLS handshake",
    "tls_reset": "the connection was reset during the TLS handshake",
    "tls_protocol": "it does not speak a TLS version that is still safe",
    "tls_handshake": "the TLS handshake failed",
    "tls_client_cert_required": "it asks for a client certificate",
    "tls_expired": "the certificate has expired",
    "tls_not_yet_valid": "the certificate is not valid yet",
    "tls_hostname": "the certificate is for another name",
    "tls_self_signed": "the certificate is self-signed",
    "tls_untrusted": "the certificate's issuer is not trusted or an intermediate is missing",
    "tls_revoked": "the certificate is revoked",
    "tls_weak": "the certificate's key or signature is too weak",
    "tls_certificate": "the certificate is not acceptable",
    "http_timeout": "no answer in time",
    "http_closed": "the connection was closed without an answer",
    "http_reset": "the connection was reset before an answer",
    "http_malformed": "the answer is not proper HTTP",
    "http_head_too_large": "the answer's head is too large",
    "http_informational": "only interim answers came",
    "http_status": "it answered with an error status",
    "http_header": "a header is not as expected",
    "redirect_blocked": "it redirects to where we must not go",
    "redirect_scheme": "it redirects to something other than a web address",
    "redirect_invalid": "it redirects to an address that cannot be read",
    "redirect_loop": "it redirects in a circle",
    "redirect_too_many": "it redirects too often",
    "body_timeout": "the answer did not arrive completely in time",
    "body_truncated": "the answer was cut short",
    "body_reset": "the connection was reset during the answer",
    "body_malformed": "the answer's body cannot be read",
    "body_encoding": "the answer's compression cannot be read",
    "body_text": "the expected text is missing",
    "body_forbidden": "a text is there that must not be",
    "body_regex": "the answer does not match the expected pattern",
    "body_json": "a value in the answer is not as expected",
    "banner_timeout": "the greeting did not come in time",
    "banner_closed": "the connection was closed before the greeting",
    "banner_reset": "the connection was reset before the greeting",
    "banner_text": "the greeting is not as expected",
    "icmp_timeout": "no echo in time",
    "icmp_unreachable": "the host cannot be reached",
    # What another monitor recorded and somebody imported; no probe of ours ends so.
    "record_down": "another monitor found it down",
    "record_failed": "another monitor's check failed",
}

_UNKNOWN = {
    "local_descriptors": "the monitor ran out of file descriptors",
    "local_memory": "the monitor ran out of memory",
    "local_ports": "the monitor ran out of local ports",
    "local_permission": "the monitor is not permitted to do this",
    "local_network": "the monitor has no route to the network",
    "local_overload": "the monitor was too busy to look properly",
    "local_late": "the monitor started too late to look properly",
    "local_slot_missed": "the monitor missed the time to look",
    "local_clock_step": "the monitor's clock was moved while it looked",
    "local_secret": "the monitor could not read a secret",
    "local_error": "a fault of the monitor itself",
    "resolver_timeout": "the monitor's resolver did not answer",
    "resolver_failed": "the monitor's resolver is failing",
    "resolver_missing": "the monitor has no resolver",
    "network_unreachable": "the monitor's own network is cut off",
    "address_blocked": "the configured address is not allowed for checks",
}

REASONS: Mapping[str, Reason] = {
    code: Reason(code, verdict, says)
    for verdict, group in ((Verdict.UP, _UP), (Verdict.DEGRADED, _DEGRADED), (Verdict.DOWN, _DOWN), (Verdict.UNKNOWN, _UNKNOWN))
    for code, says in group.items()
}
"""Every code with its verdict and public wording. Codes stay for ever: stored results carry them."""

NOTES: Mapping[str, str] = {
    "certificate_expires_soon": "the certificate expires soon",
    "certificate_not_verified": "the certificate was not verified, as configured",
    "body_truncated": "only the first part of the answer was read",
    "body_extra": "bytes came after the end of the answer",
    "address_dead": "one of several addresses does not answer",
    "resolver_failover": "the first resolver did not answer properly",
}
"""Warnings that leave the verdict alone, with their public wording."""

SILENT = frozenset(
    {"dns_timeout", "connect_timeout", "connect_unreachable", "connect_reset", "connect_failed", "tls_timeout", "tls_reset"}
    | {
        "http_timeout",
        "http_reset",
        "body_timeout",
        "body_reset",
        "banner_timeout",
        "banner_reset",
        "icmp_timeout",
        "icmp_unreachable",
    }
)
"""Down without a word from the endpoint: a cut of our own network would look the same, so references are asked."""

_ERRNO_LOCAL = {
    errno.EMFILE: "local_descriptors",
    errno.ENFILE: "local_descriptors",
    errno.ENOBUFS: "local_memory",
    errno.ENOMEM: "local_memory",
    errno.EADDRNOTAVAIL: "local_ports",
    errno.EACCES: "local_permission",
    errno.EPERM: "local_permission",
    errno.ENETUNREACH: "local_network",
    errno.ENETDOWN: "local_network",
    errno.EAFNOSUPPORT: "local_network",
}


def phase_of(code: str) -> str:
    """`connect` of `connect_refused`; empty for `ok`."""
    return code.partition("_")[0] if "_" in code else ""


def local_reason(error: OSError) -> str | None:
    """The `local_*` code of an error that is our own doing (RELIABILITY section 2, step 1); None when the peer may be at fault."""
    return _ERRNO_LOCAL.get(error.errno or 0)


class ProbeFailure(Exception):
    """A probe stopped here. Carries the verdict that its code stands for, one sentence, and facts for staff."""

    def __init__(self, code: str, detail: str = "", **evidence: Any) -> None:
        reason = REASONS[code]
        self.reason = code
        self.verdict = reason.verdict
        self.detail = inert(detail or reason.says)
        self.evidence = evidence
        self.figures: Mapping[str, float] = {}
        super().__init__(f"{code}: {self.detail}")

    @classmethod
    def of_os_error(cls, error: OSError, otherwise: str, whom: str) -> ProbeFailure:
        """`local_*` when the error is ours, else the code `otherwise`; `whom` says what was being done, and to whom."""
        return cls(local_reason(error) or otherwise, f"{whom}: {error.strerror or error}")
