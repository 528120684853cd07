"""Whatever an HTTP endpoint does, a run ends in time, in bounds, and with the verdict and reason that fit."""

from __future__ import annotations

import time

import pytest

from probes.http import Expect
from probes.reasons import REASONS
from tests.probes.conftest import Look
from tests.probes.rude import (
    BARE,
    BOMB,
    GZIP,
    OK,
    Behaviour,
    answers_and_ignores_the_request,
    chunked,
    closes_at_once,
    goes_on_for_ever,
    head,
    never_says_a_word,
    redirect,
    resets_after,
    rude,
    says,
    sized,
    stalls_after,
)

UP = [
    ("a plain answer", says(OK)),
    ("an answer before the request was read", answers_and_ignores_the_request),
    ("an answer byte by byte", says(*[OK[i : i + 1] for i in range(len(OK))])),
    ("HTTP/1.0 until the end of the connection", says(head(status=b"HTTP/1.0 200 OK") + b"ok")),
    ("no reason phrase", says(sized(b"ok", status=b"HTTP/1.1 200"))),
    ("bare line feeds", says(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok")),
    ("a folded header", says(sized(b"ok", b"X-Long: a\r\n b"))),
    ("bytes beyond ASCII in a header", says(sized(b"ok", b"X-Name: \xff\xfe caf\xe9"))),
    ("equal lengths twice", says(sized(b"ok", b"Content-Length: 2"))),
    ("chunks", says(chunked(b"o", b"k"))),
    ("chunks with extensions and trailers", says(head(b"Transfer-Encoding: chunked") + b"2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n")),
    ("gzip", says(sized(GZIP, b"Content-Encoding: gzip"))),
    ("two gzip members", says(sized(GZIP + GZIP, b"Content-Encoding: gzip"))),
    ("deflate without its envelope", says(sized(BARE, b"Content-Encoding: deflate"))),
    ("an empty body labelled gzip", says(sized(b"", b"Content-Encoding: gzip"))),
    ("no content", says(head(status=b"HTTP/1.1 204 No Content"))),
    ("a body where there must be none", says(head(status=b"HTTP/1.1 204 No Content") + b"surprise")),
    ("bytes after the end", says(OK + b"HTTP/1.1 500 Ha\r\n\r\n")),
    ("interim answers first", says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK)),
    ("an endless body", goes_on_for_ever(head(), b"x" * 65_536)),
    ("endless chunks", goes_on_for_ever(head(b"Transfer-Encoding: chunked"), b"2000\r\n" + b"x" * 8192 + b"\r\n")),
    ("ten gigabytes announced", goes_on_for_ever(head(b"Content-Length: 10000000000"), b"x" * 65_536)),
    ("a decompression bomb", says(sized(BOMB, b"Content-Encoding: deflate"))),
    ("NUL and invalid UTF-8 in the body", says(sized(b"\0\xff\xfe\x80"))),
    ("an unknown content coding", says(sized(b"\x01\x02", b"Content-Encoding: br"))),
]

DOWN = [
    ("closed at once", closes_at_once, {"http_closed", "http_reset"}),
    ("closed after the request", says(), {"http_closed"}),
    ("not a word", never_says_a_word, {"http_timeout"}),
    ("silence after the request", stalls_after(), {"http_timeout"}),
    ("reset after the request", resets_after(), {"http_reset"}),
    ("half a status line, then silence", stalls_after(b"HTTP/1."), {"http_timeout"}),
    ("half a head, then silence", stalls_after(b"HTTP/1.1 200 OK\r\nX: y\r\n"), {"http_timeout"}),
    ("half a head, then closed", says(b"HTTP/1.1 200 OK\r\nContent-Le"), {"http_malformed"}),
    ("half a head, then reset", resets_after(b"HTTP/1.1 200 OK\r\n"), {"http_reset"}),
    ("a head that drips", goes_on_for_ever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", gap_s=0.05), {"http_timeout"}),
    ("an endless head", goes_on_for_ever(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 1000 + b"\r\n"), {"http_head_too_large"}),
    ("an endless header line", goes_on_for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 10_000), {"http_head_too_large"}),
    ("an endless status line", goes_on_for_ever(b"HTTP/1.1 200 ", b"y" * 10_000), {"http_head_too_large"}),
    ("HTTP/0.9", says(b"<html>ok</html>"), {"http_malformed"}),
    ("HTTP/2 spoken first", says(b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"), {"http_malformed"}),
    ("the greeting of another service", says(b"SSH-2.0-OpenSSH_9.2\r\n"), {"http_malformed"}),
    ("HTTP/3.7", says(b"HTTP/3.7 200 OK\r\n\r\n"), {"http_malformed"}),
    ("a status of two digits", says(b"HTTP/1.1 20 OK\r\n\r\n"), {"http_malformed"}),
    ("a status below 100", says(b"HTTP/1.1 099 OK\r\n\r\n"), {"http_malformed"}),
    ("a status of letters", says(b"HTTP/1.1 abc OK\r\n\r\n"), {"http_malformed"}),
    ("two spaces before the status", says(b"HTTP/1.1  200 OK\r\n\r\n"), {"http_malformed"}),
    ("an empty line first", says(b"\r\n" + OK), {"http_malformed"}),
    ("NUL in the status line", says(b"HTTP/1.1 200 O\0K\r\n\r\n"), {"http_malformed"}),
    ("NUL in a header", says(head(b"X: a\0b")), {"http_malformed"}),
    ("a bare carriage return in a header", says(head(b"X: a\rb: c")), {"http_malformed"}),
    ("a space before the colon", says(head(b"Content-Length : 2") + b"ok"), {"http_malformed"}),
    ("a header without a colon", says(head(b"nonsense")), {"http_malformed"}),
    ("a header without a name", says(head(b": value")), {"http_malformed"}),
    ("a length with a sign", says(head(b"Content-Length: +2") + b"ok"), {"http_malformed"}),
    ("a negative length", says(head(b"Content-Length: -2") + b"ok"), {"http_malformed"}),
    ("a length that overflows", says(head(b"Content-Length: 99999999999999999999999") + b"ok"), {"http_malformed"}),
    ("a length in hexadecimal", says(head(b"Content-Length: 0x2") + b"ok"), {"http_malformed"}),
    ("two different lengths", says(head(b"Content-Length: 2", b"Content-Length: 3") + b"ok"), {"http_malformed"}),
    ("length and chunks", says(head(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"0\r\n\r\n"), {"http_malformed"}),
    ("an unknown transfer coding", says(head(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n"), {"http_malformed"}),
    ("chunked twice", says(head(b"Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n"), {"http_malformed"}),
    ("a flood of interim answers", goes_on_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), {"http_informational"}),
    ("an interim answer, then closed", says(b"HTTP/1.1 100 Continue\r\n\r\n"), {"http_closed"}),
    ("a body cut short", says(head(b"Content-Length: 10") + b"ok"), {"body_truncated"}),
    ("a body that stalls", stalls_after(head(b"Content-Length: 10") + b"ok"), {"body_timeout"}),
    ("a body that drips", goes_on_for_ever(head(b"Content-Length: 1000"), b"x", gap_s=0.05), {"body_timeout"}),
    ("a body that is reset", resets_after(head(b"Content-Length: 10") + b"ok"), {"body_reset"}),
    ("chunks cut short", says(chunked(b"ok", end=b"")), {"body_truncated"}),
    ("a last chunk without its end", says(chunked(b"ok", end=b"0\r\n")), {"body_truncated"}),
    ("a chunk size that is none", says(head(b"Transfer-Encoding: chunked") + b"zz\r\nok\r\n"), {"body_malformed"}),
    ("a negative chunk size", says(head(b"Transfer-Encoding: chunked") + b"-1\r\nok\r\n"), {"body_malformed"}),
    ("a chunk size that overflows", says(head(b"Transfer-Encoding: chunked") + b"f" * 30 + b"\r\nok\r\n"), {"body_malformed"}),
    ("a chunk longer than its size", says(head(b"Transfer-Encoding: chunked") + b"1\r\nok\r\n0\r\n\r\n"), {"body_malformed"}),
    ("an endless chunk extension", goes_on_for_ever(head(b"Transfer-Encoding: chunked") + b"1;", b"x" * 9000), {"body_malformed"}),
    (
        "tiny chunks with huge extensions",
        goes_on_for_ever(head(b"Transfer-Encoding: chunked"), b"1;" + b"x" * 4000 + b"\r\nx\r\n"),
        {"body_malformed"},
    ),
    ("endless trailers", goes_on_for_ever(chunked(b"ok", end=b"0\r\n"), b"X: y\r\n" * 1000), {"body_malformed"}),
    ("gzip cut short", says(sized(GZIP[:-10], b"Content-Encoding: gzip")), {"body_truncated"}),
    ("gzip that is none", says(sized(b"plain text", b"Content-Encoding: gzip")), {"body_encoding"}),
    ("gzip with a wrong checksum", says(sized(GZIP[:-8] + b"\0" * 8, b"Content-Encoding: gzip")), {"body_encoding"}),
    ("deflate that is none", says(sized(b"\xff\xff\xff\xff", b"Content-Encoding: deflate")), {"body_encoding"}),
    ("an error status", says(sized(b"sorry", status=b"HTTP/1.1 503 Service Unavailable")), {"http_status"}),
    ("switching protocols unasked", says(head(b"Upgrade: x", status=b"HTTP/1.1 101 Switching Protocols")), {"http_status"}),
    ("an empty status 999", says(sized(b"", status=b"HTTP/1.1 999 Blocked")), {"http_status"}),
    ("a redirect to itself", says(redirect("/")), {"redirect_loop"}),
    ("a redirect to a metadata service", says(redirect("http://169.254.169.254/latest/")), {"redirect_blocked"}),
    ("a redirect to metadata in decimal", says(redirect("http://2852039166/")), {"redirect_blocked"}),
    ("a redirect to a private address", says(redirect("http://10.1.2.3/")), {"redirect_blocked"}),
    ("a redirect to this host", says(redirect("http://0.0.0.0/")), {"redirect_blocked"}),
    ("a redirect to a mapped address", says(redirect("http://[::ffff:169.254.169.254]/")), {"redirect_blocked"}),
    ("a redirect to a file", says(redirect("file:///etc/passwd")), {"redirect_scheme"}),
    ("a redirect to script", says(redirect("javascript:alert(1)")), {"redirect_scheme"}),
    ("a redirect to ftp", says(redirect("ftp://127.0.0.1/")), {"redirect_scheme"}),
    ("a redirect to nonsense", says(redirect("http://[::1")), {"redirect_invalid"}),
    ("a redirect to no host", says(redirect("http://")), {"redirect_invalid", "redirect_loop"}),
    ("a redirect to a wrong port", says(redirect("http://127.0.0.1:99999/")), {"redirect_invalid"}),
]


@pytest.mark.parametrize("behaviour", [case[1] for case in UP], ids=[case[0] for case in UP])
async def test_an_endpoint_that_is_odd_but_answers_is_up(look: Look, behaviour: Behaviour):
    async with rude(behaviour) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", timeout_s=3.0)

    assert (outcome.verdict, outcome.reason) == ("up", "ok"), outcome


@pytest.mark.parametrize(("behaviour", "reasons"), [case[1:] for case in DOWN], ids=[case[0] for case in DOWN])
async def test_an_endpoint_that_misbehaves_is_down_with_its_reason_and_in_time(look: Look, behaviour: Behaviour, reasons: set[str]):
    began = time.monotonic()
    async with rude(behaviour) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", timeout_s=1.0)
        took = time.monotonic() - began

    assert outcome.verdict == "down", outcome
    assert outcome.reason in reasons, outcome
    assert outcome.reason in REASONS
    assert took < 1.5
    assert outcome.detail
    assert len(outcome.detail) <= 200
    assert outcome.detail.isprintable()


async def test_a_closed_port_is_refused(look: Look):
    async with rude(closes_at_once) as port:
        pass

    outcome = await look("http", url=f"http://127.0.0.1:{port}/")

    assert (outcome.verdict, outcome.reason) == ("down", "connect_refused")


async def test_a_truncated_body_is_noted_and_says_what_was_searched(look: Look):
    async with rude(goes_on_for_ever(head(), b"x" * 65_536)) as port:
        plain = await look("http", url=f"http://127.0.0.1:{port}/", timeout_s=3.0)
        searched = await look("http", url=f"http://127.0.0.1:{port}/", timeout_s=3.0, expect=Expect(body=("needle",)))

    assert plain.notes == ("body_truncated",)
    assert (searched.verdict, searched.reason) == ("down", "body_text")
    assert "only the first 1048576 bytes" in searched.detail


async def test_bytes_in_an_unknown_coding_are_not_searched(look: Look):
    async with rude(says(sized(b"needle", b"Content-Encoding: br"))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", expect=Expect(body=("needle",)))

    assert (outcome.verdict, outcome.reason) == ("down", "body_encoding")


async def test_too_many_redirects_are_down(look: Look):
    count = 0

    async def onwards(reader, writer):
        nonlocal count
        count += 1
        await says(redirect(f"/{count}"))(reader, writer)

    async with rude(onwards) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", redirects=3)

    assert outcome.reason == "redirect_too_many"
    assert count == 4


async def test_a_configured_address_that_is_blocked_is_unknown(look: Look):
    outcome = await look("http", url="http://169.254.169.254/")

    assert (outcome.verdict, outcome.reason) == ("unknown", "address_blocked")
    assert outcome.figures == {}
