"""Webhooks against a real receiver: the envelope, the signature, and what counts as delivered."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net import Net
from probes.options import Secret
from tests.notify.builders import NOON, SECOND, VOICE, HandClock, a_message, about
from tests.notify.sink import Sink, listening, signed_by
from uptimed.domain.messages import GiveUp, Kind, RetryLater, Sent
from uptimed.notify.channels.webhook import Webhook, body_of, retry_after_s
from uptimed.notify.sending import sent_once

LOOPBACK = ("127.0.0.0/8", "::1/128")
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="module")
def net() -> Net:
    return Net.build(allow=LOOPBACK)


def hook(sink: Sink | str, net: Net, secret: str | None = None, timeout_s: float = 10.0) -> Webhook:
    url = sink if isinstance(sink, str) else sink.url
    return Webhook("ops-hook", Secret(url), Secret(secret) if secret else None, net, VOICE, HandClock(), timeout_s)


async def test_the_envelope_is_type_timestamp_and_data(net: Net):
    async with listening() as sink:
        assert await sent_once(hook(sink, net), a_message(channel="ops-hook"), attempt=1) == Sent("answered 204")
    (delivery,) = sink.got
    assert delivery.request_line == "POST /hooks/uptimed HTTP/1.1"
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.headers["webhook-id"] == "INC-2026-0001/opened/0/ops-hook"
    assert delivery.headers["webhook-timestamp"] == str(NOON // SECOND)
    assert delivery.headers["webhook-attempt"] == "1"
    assert delivery.json["type"] == "incident.opened"
    assert delivery.json["timestamp"] == "2026-07-24T12:00:00.000Z"
    data = delivery.json["data"]
    assert data["incident"]["components"][0]["name"]["fr"] == "Application web"
    assert data["step"] == 0
    assert data["possible_repeat"] is False
    assert data["text"]["short"].startswith("Sign In App: Web application is down.")


@pytest.mark.parametrize("kind", Kind)
async def test_the_type_is_the_kind_of_the_message(kind: Kind, net: Net):
    async with listening() as sink:
        await sent_once(hook(sink, net), a_message(kind=kind), attempt=1)
    assert sink.got[0].json["type"] == kind.value


@pytest.mark.parametrize("secret", [WHSEC, "a plain text", "ein Wört", "x" * 100])
async def test_the_signature_is_verified_by_an_independent_reading_of_the_standard(secret: str, net: Net):
    async with listening() as sink:
        await sent_once(hook(sink, net, secret), a_message(payload=about(detail="é ✓")), attempt=1)
    assert signed_by(sink.got[0], secret)
    assert not signed_by(sink.got[0], "another secret")


async def test_without_a_secret_nothing_is_signed(net: Net):
    async with listening() as sink:
        await sent_once(hook(sink, net), a_message(), attempt=1)
    assert "webhook-signature" not in sink.got[0].headers


async def test_a_repeat_keeps_its_id_and_says_which_attempt_it_is(net: Net):
    async with listening() as sink:
        await sent_once(hook(sink, net, WHSEC), a_message(), attempt=1)
        await sent_once(hook(sink, net, WHSEC), a_message(possible_repeat=True), attempt=2)
    first, second = sink.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.headers["webhook-attempt"] == "2"
    assert second.json["data"]["possible_repeat"] is True
    assert signed_by(second, WHSEC)


@pytest.mark.parametrize(
    ("answer", "attempt", "expected"),
    [
        ("200 OK", 1, Sent("answered 200")),
        ("202 Accepted", 1, Sent("answered 202")),
        ("299 Fine", 1, Sent("answered 299")),
        ("429 Slow down\r\nRetry-After: 120", 1, RetryLater("answered 429", 120.0)),
        ("503 Away\r\nRetry-After: Fri, 24 Jul 2026 12:01:30 GMT", 50, RetryLater("answered 503", 90.0)),
        ("500 Oops", 50, RetryLater("answered 500")),
        ("502 Bad\r\nRetry-After: soon", 1, RetryLater("answered 502")),
        ("408 Late", 50, RetryLater("answered 408")),
        ("404 Not Found", 1, RetryLater("answered 404")),
        ("404 Not Found", 4, RetryLater("answered 404")),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", 1, RetryLater("answered 302")),
    ],
)
async def test_only_2xx_is_success(answer: str, attempt: int, expected: object, net: Net):
    async with listening([answer]) as sink:
        assert await sent_once(hook(sink, net), a_message(), attempt=attempt) == expected


@pytest.mark.parametrize(
    ("answer", "attempt", "advice"),
    [
        ("410 Gone", 1, "take the channel out or correct its URL"),
        ("404 Not Found", 5, "look at the receiver's log and at the channel's URL and secret"),
        ("301 Moved\r\nLocation: http://elsewhere.example/", 5, "give the URL it redirects to"),
    ],
)
async def test_a_receiver_that_means_no_is_believed(answer: str, attempt: int, advice: str, net: Net):
    async with listening([answer]) as sink:
        outcome = await sent_once(hook(sink, net), a_message(), attempt=attempt)
    assert isinstance(outcome, GiveUp)
    assert advice in outcome.reason


async def test_redirects_are_not_followed(net: Net):
    async with listening() as other, listening([f"307 There\r\nLocation: {other.url}"]) as sink:
        await sent_once(hook(sink, net), a_message(), attempt=1)
        assert other.got == []


@pytest.mark.parametrize("rudeness", ["reset", "garbage", "stall"])
async def test_a_rude_receiver_is_tried_again(rudeness: str, net: Net):
    async with listening([rudeness]) as sink:
        outcome = await sent_once(hook(sink, net, timeout_s=1.0), a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert "the receiver did not answer properly" in outcome.reason


async def test_nobody_listening_is_tried_again(net: Net):
    async with listening() as sink:
        pass
    assert isinstance(await sent_once(hook(sink, net), a_message(), attempt=1), RetryLater)


async def test_a_private_address_that_was_not_allowed_is_given_up_with_advice():
    async with listening() as sink:
        outcome = await sent_once(hook(sink, Net.build()), a_message(), attempt=1)
    assert isinstance(outcome, GiveUp)
    assert "egress.allow" in outcome.reason
    assert sink.got == []


async def test_a_secret_that_cannot_be_read_is_named_by_its_reference_and_tried_again(net: Net):
    async with listening() as sink:
        outcome = await sent_once(hook(sink, net, "${NO_SUCH_VARIABLE_SET}"), a_message(), attempt=1)
    assert outcome == RetryLater("the environment variable NO_SUCH_VARIABLE_SET is not set; set it and reload")
    assert sink.got == []


@pytest.mark.parametrize("message_id", ["a\r\nx-evil: 1", "é.b c", "a.b"])
async def test_an_odd_id_stays_one_header_and_splits_no_signature(message_id: str, net: Net):
    async with listening() as sink:
        await sent_once(hook(sink, net, WHSEC), a_message(message_id), attempt=1)
    assert "x-evil" not in sink.got[0].headers
    assert "." not in sink.got[0].headers["webhook-id"]
    assert signed_by(sink.got[0], WHSEC)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=50) | st.just("x" * 100_000),
    lambda inner: st.lists(inner, max_size=80) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=10), values, max_size=5))
def test_the_body_is_valid_bounded_json_whatever_the_payload(payload: dict[str, object]):
    body = body_of(a_message(payload=payload), VOICE)
    assert json.loads(body)["data"]["possible_repeat"] is False
    assert len(body) <= 20_000


@given(st.text(max_size=40))
def test_any_retry_after_is_understood_or_ignored(value: str):
    seconds = retry_after_s(value, NOON)
    assert seconds is None or seconds >= 0
