"""Certificates that are wrong in every way, seen with full verification on, and shown all the same."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from probes.guard import Guard
from probes.http import Options
from probes.net import Net
from probes.outcome import ProbeJob
from probes.registry import KINDS
from probes.resolve import Resolver
from probes.runner import run
from probes.tls_capture import TlsContexts
from tests.probes.conftest import Look
from tests.probes.rude import OK, closes_at_once, never_says_a_word, rude, says

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path) -> Net:
    """A net whose trust store knows the authority."""
    store = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(store)
    return Net(Guard(["127.0.0.0/8"]), Resolver(["127.0.0.1:9"]), TlsContexts(str(store)))


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def https(certificate: trustme.LeafCert, behaviour=None, **settings):
    context = context_of(certificate)
    for name, value in settings.items():
        setattr(context, name, value)
    async with rude(behaviour or says(OK), context=context) as port:
        yield f"https://localhost:{port}/"


async def test_a_good_certificate_is_up_and_its_end_is_known(authority: trustme.CA, trusting: Net, look: Look):
    leaf = authority.issue_cert("localhost", not_after=NOW + timedelta(days=30))
    async with https(leaf) as url:
        outcome = await look("http", url=url, over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("up", "ok"), outcome
    assert outcome.evidence["tls_version"] == "TLSv1.3"
    assert outcome.figures["probe_http_ssl"] == 1
    assert abs(outcome.figures["probe_ssl_earliest_cert_expiry"] - (NOW + timedelta(days=30)).timestamp()) < 2
    assert list(outcome.phases) == ["resolve", "connect", "tls", "processing", "transfer"]


@pytest.mark.parametrize(
    ("names", "dates", "reason"),
    [
        (["localhost"], {"not_before": NOW - timedelta(days=20), "not_after": NOW - timedelta(days=1)}, "tls_expired"),
        (["localhost"], {"not_before": NOW + timedelta(days=1), "not_after": NOW + timedelta(days=9)}, "tls_not_yet_valid"),
        (["other.example"], {}, "tls_hostname"),
        (["127.0.0.2"], {}, "tls_hostname"),
    ],
)
async def test_a_wrong_certificate_is_down_and_shown(authority: trustme.CA, trusting: Net, look: Look, names, dates, reason):
    async with https(authority.issue_cert(*names, **dates)) as url:
        outcome = await look("http", url=url, over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("down", reason), outcome
    assert len(outcome.evidence["certificate"]["sha256"]) == 64


async def test_an_authority_that_nobody_knows_is_untrusted(trusting: Net, look: Look):
    async with https(trustme.CA().issue_cert("localhost")) as url:
        outcome = await look("http", url=url, over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("down", "tls_untrusted"), outcome


async def test_a_missing_intermediate_is_untrusted(authority: trustme.CA, trusting: Net, look: Look, tmp_path: Path):
    leaf = authority.create_child_ca().issue_cert("localhost")
    alone = tmp_path / "alone.pem"
    leaf.private_key_pem.write_to_path(alone)
    leaf.cert_chain_pems[0].write_to_path(alone, append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(alone)
    async with rude(says(OK), context=context) as port:
        outcome = await look("http", url=f"https://localhost:{port}/", over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("down", "tls_untrusted"), outcome
    assert "1 certificate" in outcome.detail


async def test_a_self_signed_certificate_is_told_apart(trusting: Net, look: Look, tmp_path: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    self_signed(tmp_path / "own.pem")
    context.load_cert_chain(tmp_path / "own.pem")
    async with rude(says(OK), context=context) as port:
        outcome = await look("http", url=f"https://localhost:{port}/", over=trusting, timeout_s=3.0)
        unverified = await look("http", url=f"https://localhost:{port}/", over=trusting, timeout_s=3.0, verify=False)

    assert (outcome.verdict, outcome.reason) == ("down", "tls_self_signed"), outcome
    assert (unverified.verdict, unverified.notes) == ("up", ("certificate_not_verified",))
    assert unverified.evidence["certificate"] == outcome.evidence["certificate"]


async def test_a_client_certificate_that_is_asked_for_is_named(authority: trustme.CA, trusting: Net, look: Look):
    leaf = authority.issue_cert("localhost")
    context = context_of(leaf)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    async with rude(never_says_a_word, context=context) as port:
        outcome = await look("http", url=f"https://localhost:{port}/", over=trusting, timeout_s=3.0)

    assert outcome.verdict == "down"
    assert outcome.reason in {"tls_client_cert_required", "http_reset", "http_closed"}, outcome


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_an_old_protocol_is_not_accepted(authority: trustme.CA, trusting: Net, look: Look):
    context = context_of(authority.issue_cert("localhost"))
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with rude(says(OK), context=context) as port:
        outcome = await look("tls", host="localhost", port=port, over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("down", "tls_protocol"), outcome


@pytest.mark.parametrize(
    ("behaviour", "reasons"),
    [
        (closes_at_once, {"tls_closed", "tls_reset"}),
        (never_says_a_word, {"tls_timeout"}),
        (says(b""), {"tls_timeout"}),
    ],
)
async def test_a_handshake_that_leads_nowhere_is_down_in_time(trusting: Net, look: Look, behaviour, reasons):
    async with rude(behaviour) as port:
        outcome = await look("http", url=f"https://localhost:{port}/", over=trusting, timeout_s=1.0)

    assert outcome.verdict == "down"
    assert outcome.reason in reasons, outcome
    assert outcome.took_s < 1.5


async def test_plain_http_where_tls_is_expected_is_a_protocol_fault(trusting: Net, look: Look):
    async def speaks_plainly(reader, writer):
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with rude(speaks_plainly) as port:
        outcome = await look("http", url=f"https://localhost:{port}/", over=trusting)

    assert (outcome.verdict, outcome.reason) == ("down", "tls_protocol"), outcome


async def test_a_certificate_near_its_end_is_a_note_and_not_a_verdict(authority: trustme.CA, trusting: Net, look: Look):
    async with https(authority.issue_cert("localhost", not_after=NOW + timedelta(days=3))) as url:
        port = int(url.rsplit(":", 1)[1].strip("/"))
        outcome = await look("tls", host="localhost", port=port, over=trusting, timeout_s=3.0)

    assert (outcome.verdict, outcome.notes) == ("up", ("certificate_expires_soon",))
    assert outcome.figures['probe_tls_version_info{version="TLSv1.3"}'] == 1


async def test_one_context_serves_every_check(trusting: Net, authority: trustme.CA):
    job = ProbeJob("a/b/c", "http", Options("https://localhost:1/"), 1.0)
    await run(job, trusting)

    assert trusting.contexts.get(verify=True, alpn=("http/1.1",)) is trusting.contexts.get(verify=True, alpn=("http/1.1",))
    assert KINDS["http"].name == "http"


def self_signed(path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
