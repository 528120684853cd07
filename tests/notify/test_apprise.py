"""Any service of the package apprise: a thread of its own, the guard before it, and what is said when it refuses."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from probes.net import Net
from probes.options import Secret
from tests.notify.builders import VOICE, a_message
from tests.notify.sink import Sink, listening
from uptimed.domain.messages import GiveUp, Kind, RetryLater, Sent
from uptimed.notify.channels.apprise import Apprise
from uptimed.notify.sending import sent_once

TOKEN = "canary-token-5566"


@pytest.fixture(scope="module")
def net() -> Net:
    return Net.build(allow=("127.0.0.0/8",))


def pager(sink: Sink, net: Net, timeout_s: float = 20.0) -> Apprise:
    return Apprise("pager", Secret(f"json://127.0.0.1:{sink.port}/{TOKEN}"), net, VOICE, timeout_s)


async def test_a_message_reaches_the_service_with_subject_and_body(net: Net):
    async with listening() as sink:
        assert await sent_once(pager(sink, net), a_message(language="fr"), attempt=1) == Sent("taken by the service")
    sent = sink.got[0].json
    assert sent["title"].startswith("[Indisponible]")
    assert "Application web ne répond plus." in sent["message"]
    assert sent["type"] == "failure"


async def test_a_recovery_is_told_as_one(net: Net):
    async with listening() as sink:
        await sent_once(pager(sink, net), a_message(kind=Kind.INCIDENT_RESOLVED), attempt=1)
    assert sink.got[0].json["type"] == "success"


async def test_a_refusal_is_tried_again_with_what_apprise_said_but_without_the_token(net: Net, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        async with listening(["500 Oops"]) as sink:
            outcome = await sent_once(pager(sink, net), a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert "500" in outcome.reason
    assert TOKEN not in outcome.reason
    assert TOKEN not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("uptimed"))


async def test_a_service_that_hangs_is_left_and_does_not_hold_the_others(net: Net):
    async with listening(["stall"]) as sink:
        outcome = await sent_once(pager(sink, net, timeout_s=0.5), a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)


async def test_threads_that_hang_are_counted_and_no_more_are_started(net: Net):
    async with listening(["stall"] * 4) as sink:
        channel = pager(sink, net, timeout_s=1.0)
        await asyncio.gather(*[sent_once(channel, a_message(incident=f"INC-2026-{n:04}"), attempt=1) for n in range(4)])
        outcome = await sent_once(channel, a_message(), attempt=2)
    assert outcome == RetryLater("4 earlier sends to this service still hang")


async def test_a_private_host_that_was_not_allowed_is_given_up_with_advice():
    async with listening() as sink:
        outcome = await sent_once(pager(sink, Net.build()), a_message(), attempt=1)
    assert isinstance(outcome, GiveUp)
    assert "egress.allow" in outcome.reason
    assert sink.got == []


async def test_a_mail_service_is_looked_up_at_its_own_server():
    url = "mailto://user:pass@example.com?smtp=127.0.0.1&to=a@example.com"
    outcome = await sent_once(Apprise("pager", Secret(url), Net.build(), VOICE), a_message(), attempt=1)
    assert isinstance(outcome, GiveUp)
    assert "egress.allow" in outcome.reason


async def test_a_url_that_apprise_does_not_know_is_given_up(net: Net):
    outcome = await sent_once(Apprise("pager", Secret(f"nonsense://{TOKEN}"), net, VOICE), a_message(), attempt=1)
    assert isinstance(outcome, GiveUp)
    assert outcome.reason.startswith("apprise does not understand the URL of pager")
    assert TOKEN not in outcome.reason


async def test_without_the_package_the_extra_is_named(net: Net, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    outcome = await sent_once(Apprise("pager", Secret("ntfy://x"), net, VOICE), a_message(), attempt=1)
    assert outcome == GiveUp("the package apprise is not installed; install uptimed[notify], or use a webhook or e-mail")
