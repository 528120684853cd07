"""
Mail over SMTP: plain text, one transaction an attempt, success only after the final 250 of DATA.

The server is the operator's own and needs no guard. Headers are structured (`email.policy.SMTP`), so that no name can add a line.
Message-ID comes from the message's id: a mailbox that gets a repeat recognises it. All mails of an incident refer to one root, so
that they stand as one conversation.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage

import aiosmtplib

from probes.options import Secret, SecretMissing
from uptimed.clock import Clock
from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.channels.base import said_by_peer
from uptimed.notify.facts import clean
from uptimed.notify.wording import Voice, words

REMEMBERED = 1_000
"""Messages with refused recipients whose state is kept; the oldest is forgotten, and would be sent to everybody again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    sender: str
    user: Secret | None = None
    password: Secret | None = None
    security: str = "starttls"
    """starttls (required, never optional) | tls (from the first byte) | none."""
    context: ssl.SSLContext | None = None
    """None: the system's authorities."""


@dataclass
class Progress:
    """What became of one message at each recipient so far."""

    left: tuple[str, ...]
    taken: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """What the server said to one transaction."""

    codes: Mapping[str, int]
    """Recipient -> the code that refused it; who is missing was taken."""
    texts: Mapping[str, str]
    said: str
    """To DATA; already inert."""


@dataclass(frozen=True)
class Email:
    name: str
    to: tuple[str, ...]
    server: Server
    voice: Voice
    clock: Clock
    timeout_s: float = 60.0
    _progress: dict[str, Progress] = field(default_factory=dict, repr=False)

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        del attempt
        try:
            user, password = self._credentials()
        except SecretMissing as missing:
            return RetryLater(f"{missing}; set it and reload")
        progress = self._progress.get(message.id) or Progress(self.to)
        try:
            raw = self.letter(message, progress.left).as_bytes()
            client = self._client(user, password)
        except ValueError as wrong:
            why = said_by_peer(str(wrong))
            return GiveUp(f"the mail cannot be written ({why}); correct the addresses of {self.name} and of smtp")
        secrets = tuple(one for one in (user, password) if one)
        answers = await self._transact(client, progress.left, raw, secrets)
        if isinstance(answers, RetryLater | GiveUp):
            return answers
        return self._judged(message.id, progress, answers)

    async def _transact(
        self, client: aiosmtplib.SMTP, to: Sequence[str], raw: bytes, secrets: Sequence[str]
    ) -> Answers | RetryLater | GiveUp:
        accepted = False
        try:
            # What goes wrong up to here says nothing about the mail: a refused password or a missing STARTTLS may be repaired.
            await client.connect()
            try:
                refused, said = await client.sendmail(self.server.sender, list(to), raw)
                accepted = True
            except aiosmtplib.SMTPRecipientsRefused as all_refused:
                refused = {one.recipient: aiosmtplib.SMTPResponse(one.code, one.message) for one in all_refused.recipients}
                said = ""
            except aiosmtplib.SMTPResponseException as answer:
                return self._answered(answer, secrets)
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            return RetryLater(f"{self._whom()}: {_why(fault, secrets)}")
        finally:
            _leave(client, politely=accepted)
        codes = {one: answer.code for one, answer in refused.items()}
        texts = {one: f"{answer.code} {said_by_peer(answer.message, secrets)}" for one, answer in refused.items()}
        return Answers(codes, texts, said_by_peer(said, secrets))

    def letter(self, message: Message, to: Sequence[str]) -> EmailMessage:
        """ValueError when an address or a header cannot be written."""
        text = words(message, self.voice)
        domain = self.server.sender.rpartition("@")[2] or "localhost"
        letter = EmailMessage(policy=policy.SMTP)
        letter["From"] = _address(self.server.sender, clean(self.voice.site, 80))
        letter["To"] = [_address(one) for one in to]
        letter["Subject"] = text.subject
        letter["Date"] = datetime.fromtimestamp(self.clock.now_us() // 1_000_000, UTC)
        letter["Message-ID"] = _message_id(message.id, domain)
        if message.incident:
            root = _message_id(f"{message.incident}/{message.channel}", domain)
            letter["In-Reply-To"] = root
            letter["References"] = root
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
        if message.possible_repeat:
            letter["X-Uptimed-Possible-Repeat"] = "yes"
        letter["Content-Language"] = message.language if message.language.isascii() and message.language.isalpha() else "en"
        letter.set_content(text.body, charset="utf-8", cte="quoted-printable")
        return letter

    def _credentials(self) -> tuple[str, str]:
        user, password = self.server.user, self.server.password
        return (user.reveal() if user else "", password.reveal() if password else "")

    def _client(self, user: str, password: str) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            username=user or None,
            password=password or None,
            # Not getfqdn: that asks the resolver, which may hang.
            local_hostname=socket.gethostname() or "localhost",
            timeout=self.timeout_s,
            use_tls=self.server.security == "tls",
            start_tls=self.server.security == "starttls",
            tls_context=self.server.context,
        )

    def _whom(self) -> str:
        return f"the mail server {self.server.host}:{self.server.port}"

    def _answered(self, answer: aiosmtplib.SMTPResponseException, secrets: Sequence[str]) -> RetryLater | GiveUp:
        said = f"{self._whom()} answered {answer.code} {said_by_peer(answer.message, secrets)}"
        # -1: aiosmtplib could not read the answer.
        if 500 <= answer.code <= 599:
            return GiveUp(f"{said}; correct the channel {self.name} or the mail server")
        return RetryLater(said)

    def _judged(self, message_id: str, progress: Progress, answers: Answers) -> SendOutcome:
        """A later attempt goes only to those who were put off (4xx); who was refused for good (5xx) is named in the note."""
        put_off = tuple(one for one in progress.left if one in answers.codes and not 500 <= answers.codes[one] <= 599)
        progress.taken += tuple(one for one in progress.left if one not in answers.codes)
        progress.refused.update({one: answers.texts[one] for one in progress.left if one in answers.codes and one not in put_off})
        progress.left = put_off
        if put_off:
            self._remember(message_id, progress)
            names = ", ".join(f"{one} ({answers.texts[one]})" for one in put_off)
            others = f"; taken for {len(progress.taken)} others" if progress.taken else ""
            return RetryLater(clean(f"put off for {names}", 300) + others)
        self._progress.pop(message_id, None)
        lost = ", ".join(f"{one} ({reason})" for one, reason in progress.refused.items())
        if not progress.taken:
            return GiveUp(clean(f"refused for {lost}", 300) + f"; correct the addresses of {self.name}")
        if lost:
            log.warning("a mail was refused for some", extra={"fields": {"channel": self.name, "refused": clean(lost, 300)}})
            return Sent(clean(f"250 {answers.said}; refused for {lost}", 300))
        return Sent(f"250 {answers.said}")

    def _remember(self, message_id: str, progress: Progress) -> None:
        self._progress[message_id] = progress
        while len(self._progress) > REMEMBERED:
            del self._progress[next(iter(self._progress))]


def _address(text: str, name: str = "") -> Address:
    try:
        return Address(name, addr_spec=text)
    except (ValueError, IndexError, MessageError):  # each of them, for one text or the other
        raise ValueError(f"{clean(text, 80)!r} is no mail address") from None


def _message_id(text: str, domain: str) -> str:
    return f"<{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


def _why(fault: Exception, secrets: Sequence[str]) -> str:
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return f"{fault.code} {said_by_peer(fault.message, secrets)}"
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    return said_by_peer(str(fault) or type(fault).__name__, secrets)


def _leave(client: aiosmtplib.SMTP, *, politely: bool) -> None:
    """
    Say QUIT and go, without waiting for the answer: a mail that was taken is not unsent by a slow goodbye.

    Otherwise the connection is cut, so that a peer that no longer reads cannot keep it open.
    """
    transport = client.transport
    if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
        if politely:
            transport.write(b"QUIT\r\n")
        else:
            transport.abort()
    client.close()
