"""The kind `http`: what is expected of an answer, what crosses a redirect, and what is refused in a configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from probes.http import Assertions, Auth, Basic, Expect, Options
from probes.options import Secret
from probes.reasons import REASONS
from probes.registry import KINDS
from tests.probes.conftest import Look
from tests.probes.rude import OK, read_head, redirect, rude, says, sized

DOCUMENT = json.dumps({"status": "ok", "checks": {"db": True, "lag": 3, "list": [1, 2]}}).encode()


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        (Expect(status=("200",)), "ok"),
        (Expect(status=("500-599", "2xx")), "ok"),
        (Expect(status=("201-299",)), "http_status"),
        (Expect(body=("status", "checks")), "ok"),
        (Expect(body=("status", "missing")), "body_text"),
        (Expect(body_not=("maintenance",)), "ok"),
        (Expect(body_not=("lag",)), "body_forbidden"),
        (Expect(regex=r'"lag":\s*\d+'), "ok"),
        (Expect(regex="^nothing$"), "body_regex"),
        (Expect(json={"$.status": "ok", "$.checks.db": "true", "$.checks.lag": "3", "$.checks.list": "[1, 2]"}), "ok"),
        (Expect(json={"$.status": "broken"}), "body_json"),
        (Expect(json={"$.nowhere": "x"}), "body_json"),
        (Expect(headers={"Content-Type": "JSON"}), "ok"),
        (Expect(headers={"content-type": "html"}), "http_header"),
        (Expect(headers={"X-Absent": ""}), "http_header"),
        (Expect(latency=5.0), "ok"),
        (Expect(latency=0.000001), "http_slow"),
    ],
)
async def test_what_is_expected_decides(look: Look, expect: Expect, reason: str):
    async with rude(says(sized(DOCUMENT, b"Content-Type: application/json"))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", expect=expect)

    assert outcome.reason == reason, outcome
    assert outcome.verdict == {"ok": "up", "http_slow": "degraded"}.get(reason, "down")


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        pytest.param(Expect(degraded_unless=Assertions(body=("status",))), "ok", id="all holds"),
        pytest.param(Expect(degraded_unless=Assertions(body=("fresh",))), "body_degraded", id="a text lacks"),
        pytest.param(Expect(degraded_unless=Assertions(body_not=("lag",))), "body_degraded", id="a text is there"),
        pytest.param(Expect(degraded_unless=Assertions(regex="^nothing$")), "body_degraded", id="a pattern"),
        pytest.param(Expect(degraded_unless=Assertions(json={"$.checks.lag": "0"})), "body_degraded", id="a value"),
        pytest.param(Expect(degraded_unless=Assertions(status=("204",))), "http_degraded", id="a status"),
        pytest.param(Expect(degraded_unless=Assertions(headers={"X-Cache": "hit"})), "http_degraded", id="a header"),
        pytest.param(Expect(body=("gone",), degraded_unless=Assertions(body=("fresh",))), "body_text", id="down comes first"),
        pytest.param(Expect(latency=1e-6, degraded_unless=Assertions(body=("fresh",))), "body_degraded", id="then what lacks"),
        pytest.param(Expect(latency=1e-6, degraded_unless=Assertions(body=("status",))), "http_slow", id="then what is slow"),
    ],
)
async def test_what_does_not_hold_is_down_or_only_degraded_as_the_file_says(look: Look, expect: Expect, reason: str):
    async with rude(says(sized(DOCUMENT, b"Content-Type: application/json"))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", expect=expect)

    assert outcome.reason == reason, outcome
    assert outcome.verdict == {"ok": "up", "body_text": "down"}.get(reason, "degraded")
    assert outcome.verdict == REASONS[reason].verdict
    assert outcome.evidence["status"] == 200
    assert outcome.figures["probe_success"] == (0 if reason == "body_text" else 1)


async def test_a_degraded_answer_says_what_lacks_and_keeps_no_secret(look: Look):
    async with rude(says(sized(b"you sent canary-secret"))) as port:
        outcome = await look(
            "http",
            url=f"http://127.0.0.1:{port}/",
            headers={"X-Key": Secret("canary-secret")},
            expect=Expect(degraded_unless=Assertions(body=("fresh",))),
        )

    assert outcome.detail == "the text 'fresh' is not in the body"
    assert outcome.evidence["excerpt"] == "you sent ***"


async def test_a_status_may_be_good_enough_and_still_degraded(look: Look):
    async with rude(says(sized(b"busy", status=b"HTTP/1.1 429 Too Many Requests"))) as port:
        options: Any = TypeAdapter(Options).validate_python(
            {"url": f"http://127.0.0.1:{port}/", "expect": {"status": ["2xx", "429"], "degraded_unless": {"status": "2xx"}}}
        )
        outcome = await look("http", url=options.url, expect=options.expect)

    assert (outcome.verdict, outcome.reason, outcome.detail) == ("degraded", "http_degraded", "status 429 instead of 2xx")


async def test_a_body_in_an_unknown_compression_cannot_be_searched_and_only_degrades_where_that_was_said(look: Look):
    async with rude(says(sized(b"ok", b"Content-Encoding: br"))) as port:
        url = f"http://127.0.0.1:{port}/"
        assert (await look("http", url=url, expect=Expect(body=("ok",)))).reason == "body_encoding"
        assert (await look("http", url=url, expect=Expect(degraded_unless=Assertions(body=("ok",))))).reason == "body_degraded"


@pytest.mark.parametrize("body", [b"not json", b"[" * 2000 + b"]" * 2000, b"\xff\xfe", b""])
async def test_a_body_that_is_no_json_is_said_to_be_none(look: Look, body: bytes):
    async with rude(says(sized(body))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", expect=Expect(json={"$.a": "b"}))

    assert (outcome.verdict, outcome.reason) == ("down", "body_json")


async def test_headers_credentials_and_body_are_sent_home(look: Look):
    seen: list[bytes] = []

    async def listen(reader, writer):
        seen.append(await read_head(reader) + await reader.readexactly(4))
        writer.write(OK)

    async with rude(listen) as port:
        outcome = await look(
            "http",
            url=f"http://127.0.0.1:{port}/a b?c=d#e".replace(" ", "%20"),
            method="POST",
            headers={"X-Key": Secret("k1"), "User-Agent": Secret("mine")},
            body=Secret("data"),
            auth=Auth(basic=Basic("me", Secret("pw"))),
        )

    assert outcome.verdict == "up", outcome
    text = seen[0].decode()
    assert text.startswith("POST /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "X-Key: k1\r\n" in text
    assert text.count("ser-Agent:") == 1
    assert "Authorization: Basic bWU6cHc=\r\n" in text
    assert "Content-Length: 4\r\n" in text
    assert text.endswith("\r\n\r\ndata")


async def test_nothing_that_was_configured_reaches_another_origin(look: Look):
    seen: list[str] = []

    async def listen(reader, writer):
        seen.append((await read_head(reader)).decode())
        writer.write(OK)

    async with rude(listen) as elsewhere, rude(says(redirect(f"http://127.0.0.1:{elsewhere}/there"))) as home:
        outcome = await look(
            "http", url=f"http://127.0.0.1:{home}/", headers={"X-Key": Secret("canary")}, auth=Auth(bearer=Secret("canary"))
        )

    assert (outcome.verdict, outcome.evidence["redirects"]) == ("up", 1)
    assert "canary" not in seen[0]
    assert "authorization" not in seen[0].lower()


async def test_headers_stay_on_a_redirect_within_the_origin(look: Look):
    seen: list[str] = []

    async def listen(reader, writer):
        seen.append((await read_head(reader)).decode())
        writer.write(redirect("/next") if len(seen) == 1 else OK)

    async with rude(listen) as port:
        await look("http", url=f"http://127.0.0.1:{port}/", headers={"X-Key": Secret("k1")})

    assert "X-Key: k1" in seen[1]
    assert seen[1].startswith("GET /next ")


async def test_a_body_is_not_carried_to_another_origin(look: Look):
    async with rude(says(OK)) as elsewhere, rude(says(redirect(f"http://127.0.0.1:{elsewhere}/", 307))) as home:
        outcome = await look("http", url=f"http://127.0.0.1:{home}/", method="POST", body=Secret("data"))

    assert (outcome.verdict, outcome.reason) == ("down", "redirect_blocked")


async def test_a_redirect_that_is_not_followed_is_judged_by_its_status(look: Look):
    async with rude(says(redirect("/elsewhere"))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/", redirects=0, expect=Expect(status=("302",)))

    assert outcome.verdict == "up"


async def test_a_secret_that_the_peer_echoes_is_not_kept(look: Look):
    async with rude(says(sized(b"you sent canary-secret", status=b"HTTP/1.1 401 canary-secret"))) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/?k=canary-secret", headers={"X-Key": Secret("canary-secret")})

    assert outcome.reason == "http_status"
    assert "you sent ***" in outcome.evidence["excerpt"]
    assert "canary" not in repr(outcome)


async def test_a_secret_that_cannot_be_read_is_our_own_trouble(look: Look):
    outcome = await look("http", url="http://127.0.0.1:1/", auth=Auth(bearer=Secret("${UPTIMED_TEST_UNSET}")))

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_secret")
    assert "UPTIMED_TEST_UNSET" in outcome.detail


async def test_a_plain_check_makes_at_most_twelve_series_all_declared(look: Look):
    async with rude(says(OK)) as port:
        outcome = await look("http", url=f"http://127.0.0.1:{port}/")

    from probes.registry import FAMILIES

    assert len(outcome.figures) <= 12
    assert {name.partition("{")[0] for name in outcome.figures} <= {family.name for family in FAMILIES}


def test_options_read_from_texts():
    options: Any = TypeAdapter(KINDS["http"].Options).validate_python(
        {
            "url": "https://app.example.com/health",
            "redirects": "3",
            "verify": "true",
            "headers": {"X-Key": "${KEY}"},
            "auth": {"basic": {"username": "me", "password": "${file:/run/secrets/x}"}},
            "expect": {"status": ["200"], "body": "ok", "latency": "2s", "certificate": "14d"},
        }
    )

    assert options.redirects == 3
    assert options.headers == {"X-Key": Secret("${KEY}")}
    assert options.expect == Expect(status=("200",), body=("ok",), latency=2.0, certificate=14 * 86_400.0)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"url": "ftp://x.example/"}, "must be http or https"),
        ({"url": "x.example"}, "must be http or https"),
        ({"url": "http://"}, "not a name or address"),
        ({"url": "http://me:pw@x.example/"}, "auth"),
        ({"url": "http://x.example:99999/"}, "cannot be read"),
        ({"url": "http://x.example/a b"}, "%20"),
        ({"url": "http://x.example/\r\nX: y"}, "control character"),
        ({"method": "get it"}, "GET, HEAD or POST"),
        ({"redirects": "21"}, "between 0 and 20"),
        ({"headers": {"X Y": "z"}}, "cannot be set"),
        ({"headers": {"Content-Length": "3"}}, "cannot be set"),
        ({"auth": {}}, "either basic"),
        ({"expect": {"status": "2x"}}, "200-299 or 2xx"),
        ({"expect": {"regex": "(?<=a)b"}}, "re2"),
        ({"expect": {"regex": "a" * 600}}, "512"),
        ({"expect": {"json": {"$[": "x"}}}, "JSON path"),
        ({"expect": {"latency": "fast"}}, "250ms"),
        ({"expect": {"colour": "red"}}, "colour"),
        ({"expect": {"degraded_unless": {}}}, "nothing is asked for"),
        ({"expect": {"degraded_unless": {"latency": "2s"}}}, "latency"),
        ({"expect": {"degraded_unless": {"status": "2x"}}}, "200-299 or 2xx"),
        ({"surprise": "yes"}, "surprise"),
    ],
)
def test_wrong_options_say_what_would_be_right(wrong: dict[str, Any], advice: str):
    with pytest.raises(ValidationError, match=advice):
        TypeAdapter(Options).validate_python({"url": "http://x.example/", **wrong})
