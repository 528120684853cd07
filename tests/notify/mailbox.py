"""A real SMTP server on loopback that can be told to be rude."""
# ruff: noqa: N802  the names are aiosmtpd's

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Mailbox:
    """An aiosmtpd handler: what each command answers, and what was taken."""

    mail: str = "250 OK"
    rcpt: dict[str, str] = field(default_factory=dict)
    """Recipient -> answer; 250 for all others."""
    data: str = "250 queued as 4711"
    stall: str = ""
    """MAIL, RCPT, DATA or QUIT: no answer to this command."""
    hang_up: bool = False
    """Cut the connection after the mail was read and before the answer."""
    taken: list[tuple[tuple[str, ...], EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    connections: int = 0
    sessions: list[Session] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        self.sessions.append(session)
        await self._stall("MAIL")
        if self.mail.startswith("250"):
            envelope.mail_from = address
        return self.mail

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        await self._stall("RCPT")
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await self._stall("DATA")
        if self.hang_up:
            server.transport.abort()
            return "250 nobody hears this"
        if self.data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.raw.append(envelope.content)
            self.taken.append((tuple(envelope.rcpt_tos), letter))
        return self.data

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await self._stall("QUIT")
        return "221 Bye"

    async def _stall(self, command: str) -> None:
        if self.stall == command:
            await asyncio.Event().wait()


@asynccontextmanager
async def served(
    box: Mailbox, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, password: str = ""
) -> AsyncIterator[Mailbox]:
    """Serve on an ephemeral port; with `password`, mail is taken only after AUTH with it."""
    protocols: list[SMTP] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        said = given.password.decode()
        right = said == password
        # A careless server that echoes what it was given.
        return AuthResult(success=right, handled=right, message=None if right else f"535 5.7.8 no: {said}")

    def connect() -> SMTP:
        box.connections += 1
        protocol = SMTP(
            box,
            hostname="mail.test",
            tls_context=starttls,
            authenticator=check if password else None,
            auth_required=bool(password),
            auth_require_tls=starttls is not None,
            enable_SMTPUTF8=True,
        )
        protocols.append(protocol)
        return protocol

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
            if protocol._handler_coroutine is not None:
                protocol._handler_coroutine.cancel()
        await server.wait_closed()
