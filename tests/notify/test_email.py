"""Mail against a real SMTP server: what counts as sent, who is tried again, and what a name can do to a header."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace

import pytest
import trustme

from probes.options import Secret
from tests.notify.builders import NOON, VOICE, HandClock, a_message, about
from tests.notify.mailbox import Mailbox, served
from uptimed.domain.messages import GiveUp, Kind, RetryLater, SendOutcome, Sent
from uptimed.notify.channels.email import Email, Server
from uptimed.notify.sending import sent_once
from uptimed.notify.wording import Voice

OPS, BOSS = "ops@example.com", "boss@example.com"
PASSWORD = "correct-horse-battery"


def mail(box: Mailbox, *, to: tuple[str, ...] = (OPS,), timeout_s: float = 10.0, voice: Voice = VOICE, **server: object) -> Email:
    to_server = Server("127.0.0.1", box.port, "uptimed@example.com", security="none")
    return Email("ops-mail", to, replace(to_server, **server), voice, HandClock(), timeout_s)  # type: ignore[arg-type]


async def test_a_mail_is_plain_text_with_subject_facts_and_link():
    async with served(Mailbox()) as box:
        assert await sent_once(mail(box), a_message(), attempt=1) == Sent("250 queued as 4711")
    ((recipients, letter),) = box.taken
    assert recipients == (OPS,)
    assert letter["Subject"] == "[Down] Sign In App – Web application – Critical – INC-2026-0001"
    assert letter["From"] == "Sign In Solutions <uptimed@example.com>"
    assert letter["To"] == OPS
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime.timestamp() * 1_000_000 == NOON
    assert letter.get_content_type() == "text/plain"
    assert "https://status.example.com/en/i/INC-2026-0001" in letter.get_content()


async def test_french_arrives_as_it_was_written():
    async with served(Mailbox()) as box:
        await sent_once(mail(box), a_message(language="fr"), attempt=1)
    ((_, letter),) = box.taken
    assert "Réponse due avant\u00a0: 24\u00a0juillet\u00a02026" in letter.get_content()
    assert box.raw[0].isascii()


async def test_a_repeat_has_the_same_message_id_and_says_that_it_is_one():
    async with served(Mailbox()) as box:
        await sent_once(mail(box), a_message(), attempt=1)
        await sent_once(mail(box), a_message(possible_repeat=True), attempt=2)
    (_, first), (_, second) = box.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert second["X-Uptimed-Possible-Repeat"] == "yes"
    assert "Possible repeat" in second.get_content()


async def test_all_mails_of_an_incident_stand_as_one_conversation():
    async with served(Mailbox()) as box:
        for name, kind, incident in [
            ("opened/0", Kind.INCIDENT_OPENED, "INC-2026-0001"),
            ("resolved", Kind.INCIDENT_RESOLVED, "INC-2026-0001"),
            ("opened/0", Kind.INCIDENT_OPENED, "INC-2026-0002"),
        ]:
            await sent_once(mail(box), a_message(name, kind=kind, incident=incident), attempt=1)
    opened, resolved, other = (letter for _, letter in box.taken)
    assert opened["References"] == resolved["References"] != other["References"]
    assert len({opened["Message-ID"], resolved["Message-ID"], other["Message-ID"]}) == 3


REFUSAL = "5.1.1 that will not do"


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Mailbox(mail="451 4.3.0 busy"), RetryLater),
        (Mailbox(mail=f"550 {REFUSAL}"), GiveUp),
        (Mailbox(rcpt={OPS: "450 4.2.0 greylisted"}), RetryLater),
        (Mailbox(rcpt={OPS: f"550 {REFUSAL}"}), GiveUp),
        (Mailbox(data="452 4.3.1 disk full"), RetryLater),
        (Mailbox(data=f"554 {REFUSAL}"), GiveUp),
        (Mailbox(hang_up=True), RetryLater),
    ],
    ids=["mail-4xx", "mail-5xx", "rcpt-4xx", "rcpt-5xx", "data-4xx", "data-5xx", "lost-before-the-answer"],
)
async def test_only_the_final_250_is_success(box: Mailbox, expected: type[SendOutcome]):
    async with served(box):
        outcome = await sent_once(mail(box), a_message(), attempt=1)
    assert isinstance(outcome, expected)
    if isinstance(outcome, GiveUp):
        assert REFUSAL in outcome.reason
        assert "ops-mail" in outcome.reason
    assert box.taken == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_stalls_is_left_at_the_deadline(command: str):
    async with served(Mailbox(stall=command)) as box:
        assert isinstance(await sent_once(mail(box, timeout_s=0.3), a_message(), attempt=1), RetryLater)


async def test_a_slow_goodbye_does_not_unsend_a_mail():
    async with served(Mailbox(stall="QUIT")) as box:
        assert await sent_once(mail(box, timeout_s=5.0), a_message(), attempt=1) == Sent("250 queued as 4711")


async def test_nobody_listening_is_tried_again():
    async with served(Mailbox()) as box:
        pass
    outcome = await sent_once(mail(box), a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert outcome.reason.startswith(f"the mail server 127.0.0.1:{box.port}: ")


async def test_who_was_put_off_is_tried_again_alone():
    async with served(Mailbox(rcpt={BOSS: "450 4.2.0 greylisted"})) as box:
        channel = mail(box, to=(OPS, BOSS))
        first = await sent_once(channel, a_message(), attempt=1)
        assert isinstance(first, RetryLater)
        assert f"{BOSS} (450 4.2.0 greylisted)" in first.reason
        box.rcpt.clear()
        assert isinstance(await sent_once(channel, a_message(), attempt=2), Sent)
    assert [recipients for recipients, _ in box.taken] == [(OPS,), (BOSS,)]


async def test_who_was_refused_for_good_is_named_in_the_note():
    async with served(Mailbox(rcpt={BOSS: "550 no such user"})) as box:
        outcome = await sent_once(mail(box, to=(OPS, BOSS)), a_message(), attempt=1)
    assert outcome == Sent(f"250 queued as 4711; refused for {BOSS} (550 no such user)")
    assert [recipients for recipients, _ in box.taken] == [(OPS,)]


async def test_one_put_off_and_then_refused_leaves_the_mail_sent_to_the_others():
    async with served(Mailbox(rcpt={BOSS: "450 later"})) as box:
        channel = mail(box, to=(OPS, BOSS))
        await sent_once(channel, a_message(), attempt=1)
        box.rcpt[BOSS] = "550 never"
        outcome = await sent_once(channel, a_message(), attempt=2)
    assert isinstance(outcome, Sent)
    assert f"refused for {BOSS} (550 never)" in outcome.note


# TLS and passwords


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_starttls_and_a_password(authority: trustme.CA):
    async with served(Mailbox(), starttls=server_side(authority), password=PASSWORD) as box:
        channel = mail(box, security="starttls", context=client_side(authority), user=Secret("uptimed"), password=Secret(PASSWORD))
        assert isinstance(await sent_once(channel, a_message(), attempt=1), Sent)
        assert box.sessions[-1].ssl is not None


async def test_tls_from_the_first_byte(authority: trustme.CA):
    async with served(Mailbox(), tls=server_side(authority)) as box:
        channel = mail(box, security="tls", context=client_side(authority))
        assert isinstance(await sent_once(channel, a_message(), attempt=1), Sent)


async def test_without_the_starttls_that_was_asked_for_nothing_is_sent(authority: trustme.CA):
    async with served(Mailbox()) as box:
        channel = mail(box, security="starttls", context=client_side(authority))
        outcome = await sent_once(channel, a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert box.sessions == []


async def test_a_server_with_a_foreign_certificate_gets_no_password(authority: trustme.CA):
    async with served(Mailbox(), starttls=server_side(trustme.CA()), password=PASSWORD) as box:
        channel = mail(box, security="starttls", context=client_side(authority), user=Secret("uptimed"), password=Secret(PASSWORD))
        outcome = await sent_once(channel, a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert "certificate" in outcome.reason
    assert box.sessions == []


async def test_a_refused_password_is_tried_again_and_never_repeated_in_words(authority: trustme.CA):
    """It may be repaired within the hours a message lives; this server even echoes what it was given."""
    async with served(Mailbox(), starttls=server_side(authority), password=PASSWORD) as box:
        channel = mail(
            box, security="starttls", context=client_side(authority), user=Secret("uptimed"), password=Secret("canary-pw-7788")
        )
        outcome = await sent_once(channel, a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    assert "535" in outcome.reason
    assert "canary-pw-7788" not in outcome.reason


async def test_a_password_that_cannot_be_read_is_named_by_its_reference():
    async with served(Mailbox()) as box:
        outcome = await sent_once(mail(box, user=Secret("me"), password=Secret("${NO_SUCH_VARIABLE_SET}")), a_message(), attempt=1)
    assert outcome == RetryLater("the environment variable NO_SUCH_VARIABLE_SET is not set; set it and reload")


# Header injection

LINES = ["x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: evil@example.com", "x\u2028Bcc: evil@example.com"]


@pytest.mark.parametrize("text", [*LINES, "x\x00y", "x\x1b[31my", "=?utf-8?b?QmNjOiBldmls?=", "x" * 5_000])
@pytest.mark.parametrize("place", ["product", "component", "id", "title", "site", "severity"])
async def test_no_name_can_add_a_header(text: str, place: str):
    facts: dict[str, object] = {
        "product": {"product_name": {"en": text}},
        "component": {"components": [{"id": "c", "name": {"en": text}}]},
        "title": {"automatic": False, "title": {"en": text}},
        "id": {"id": text},
        "severity": {"severity": text},
    }.get(place, {})
    voice = Voice(site=text) if place == "site" else VOICE
    async with served(Mailbox()) as box:
        outcome = await sent_once(mail(box, voice=voice), a_message(payload=about(**facts)), attempt=1)
    assert isinstance(outcome, Sent)
    ((recipients, letter),) = box.taken
    assert recipients == (OPS,)
    assert letter["Bcc"] is None
    head, _, _ = box.raw[0].partition(b"\r\n\r\n")
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert b"Bcc" not in names


@pytest.mark.parametrize("address", ["ops@example.com\r\nRCPT TO:<evil@example.com>", "no address", "a@b@c", "", "é@example.com\n"])
async def test_an_address_that_is_none_is_given_up_with_a_sentence_before_anything_is_dialled(address: str):
    async with served(Mailbox()) as box:
        outcome = await sent_once(mail(box, to=(address,)), a_message(), attempt=1)
        await asyncio.sleep(0)
    assert isinstance(outcome, GiveUp)
    assert "is no mail address" in outcome.reason
    assert "ops-mail" in outcome.reason
    assert box.connections == 0
