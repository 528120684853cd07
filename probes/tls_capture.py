"""
TLS over our own sockets: one shared context per setting, and the certificate of the very connection that is judged.

The peer's chain is read from the same handshake that verifies it, also when verification fails, so a check says *when* the
certificate expired without a second connection that trusts anybody.
"""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from probes.outcome import inert
from probes.reasons import ProbeFailure

_MOST_CERTIFICATES = 12

_VERIFY = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    23: "tls_revoked",
    62: "tls_hostname",
    64: "tls_hostname",
    66: "tls_weak",
    67: "tls_weak",
    68: "tls_weak",
}
"""X509_V_ERR_* of OpenSSL that mean something of their own; whatever else speaks of an issuer is `tls_untrusted`."""

_UNTRUSTED = frozenset({2, 19, 20, 21, 24, 27, 28})

_PROTOCOL = frozenset(
    {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}
    | {
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "UNKNOWN_PROTOCOL",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
        "PACKET_LENGTH_TOO_LONG",
    }
    | {"RECORD_LAYER_FAILURE", "VERSION_TOO_LOW", "INAPPROPRIATE_FALLBACK", "DATA_LENGTH_TOO_LONG", "BAD_RECORD_TYPE"}
)
_WEAK = frozenset({"DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK", "WRONG_SIGNATURE_TYPE", "BAD_DH_VALUE"})


class TlsContexts:
    """The contexts of one process, made when first needed: making one reads the trust store and costs twenty handshakes."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._ca_file = ca_file
        self._made: dict[tuple[bool, tuple[str, ...]], ssl.SSLContext] = {}
        self._lax: ssl.SSLContext | None = None

    def get(self, *, verify: bool = True, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
        key = (verify, alpn)
        if key not in self._made:
            self._made[key] = self._make(verify, alpn)
        return self._made[key]

    def lax(self) -> ssl.SSLContext:
        """Speaks what nobody should any more. Only to find out why a proper handshake failed."""
        if self._lax is None:
            self._lax = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._lax.check_hostname = False
            self._lax.verify_mode = ssl.CERT_NONE
            self._lax.set_ciphers("ALL:@SECLEVEL=0")
            self._lax.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        return self._lax

    def _make(self, verify: bool, alpn: tuple[str, ...]) -> ssl.SSLContext:
        # Without verification there is nothing to trust, hence no store to read.
        context = ssl.create_default_context(cafile=self._ca_file) if verify else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Each run is a stranger to the server; resuming an old session would hide a certificate that changed.
        context.options |= ssl.OP_NO_TICKET
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


@dataclass(frozen=True, slots=True)
class Certificate:
    """What staff want to know about the certificate that was shown, and when the first of its chain runs out."""

    sha256: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    chain_not_after: datetime
    """The earliest end in the chain as it was sent."""
    chain_length: int

    def ends_within(self, seconds: float) -> bool:
        return self.chain_not_after.timestamp() - time.time() < seconds

    def as_evidence(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "subject": self.subject,
            "issuer": self.issuer,
            "names": list(self.names),
            "not_before": _iso(self.not_before),
            "not_after": _iso(self.not_after),
            "chain_not_after": _iso(self.chain_not_after),
            "chain_length": self.chain_length,
        }


def certificate_of(tls: ssl.SSLObject) -> Certificate | None:
    """The chain as the peer sent it, verified or not; None when none came or it cannot be read."""
    # Public since Python 3.13; before, the same method waits one level lower.
    source: Any = tls if hasattr(tls, "get_unverified_chain") else tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        chain = source.get_unverified_chain() or []
        ders = tuple(_der(one) for one in chain[:_MOST_CERTIFICATES])
        return _read_chain(ders) if ders else None
    except (ValueError, ssl.SSLError):
        return None


def failure_of(error: ssl.SSLError, whom: str, certificate: Certificate | None) -> ProbeFailure:
    """The `tls_*` code of what OpenSSL says, with a sentence that names the dates or names at fault."""
    evidence = {"certificate": certificate.as_evidence()} if certificate else {}
    if isinstance(error, ssl.SSLCertVerificationError):
        code = _VERIFY.get(error.verify_code, "tls_untrusted" if error.verify_code in _UNTRUSTED else "tls_certificate")
        return ProbeFailure(code, f"{whom}: {error.verify_message}{_hint(code, certificate)}", **evidence)
    reason = (error.reason or "").upper()
    code = "tls_handshake"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        code = "tls_closed"
    elif reason in _PROTOCOL:
        code = "tls_protocol"
    elif reason in _WEAK:
        code = "tls_weak"
    elif "CERTIFICATE_REQUIRED" in reason or reason.endswith("PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        code = "tls_client_cert_required"
    return ProbeFailure(code, f"{whom}: {(error.reason or str(error)).replace('_', ' ').lower()}", **evidence)


def _hint(code: str, certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    if code == "tls_expired":
        return f" (ended {_iso(certificate.chain_not_after)})"
    if code == "tls_not_yet_valid":
        return f" (begins {_iso(certificate.not_before)})"
    if code == "tls_hostname":
        return f" (it is for {', '.join(certificate.names[:5]) or certificate.subject})"
    if code == "tls_untrusted":
        return f" (issued by {certificate.issuer}; {certificate.chain_length} certificate(s) sent)"
    return ""


def _der(certificate: Any) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    der: bytes = certificate.public_bytes(2)  # _ssl.ENCODING_DER
    return der


@lru_cache(maxsize=1024)
def _read_chain(ders: Sequence[bytes]) -> Certificate:
    chain = [x509.load_der_x509_certificate(der) for der in ders]
    leaf = chain[0]
    return Certificate(
        sha256=hashlib.sha256(ders[0]).hexdigest(),
        subject=inert(_text_of(leaf.subject)),
        issuer=inert(_text_of(leaf.issuer)),
        names=_names(leaf),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        chain_not_after=min(one.not_valid_after_utc for one in chain),
        chain_length=len(chain),
    )


def _text_of(name: x509.Name) -> str:
    try:
        return name.rfc4514_string()
    except ValueError:
        return "unreadable name"


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    plain = [name for name in found if isinstance(name, x509.DNSName | x509.IPAddress)]
    return tuple(inert(str(name.value), 100) for name in plain[:20])


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
