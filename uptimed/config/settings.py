"""How the daemon itself is set up: doors, data, ways out. No repr of it shows a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from probes.options import Secret
from uptimed.config.fields import Mailbox, SecretUrl, ServiceUrl, Signing


class _Channel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    language: Literal["en", "fr"] | None = None
    """Language of its messages; default: the first of the site."""


class WebhookSettings(_Channel):
    """A POST in the form of Standard Webhooks."""

    kind: Literal["webhook"]
    url: SecretUrl
    secret: Signing | None = None
    """`whsec_<base64>` or any text; without it messages are sent unsigned."""


class EmailSettings(_Channel):
    kind: Literal["email"]
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=100)]


class AppriseSettings(_Channel):
    """Any service that apprise knows."""

    kind: Literal["apprise"]
    url: ServiceUrl


class ConsoleSettings(_Channel):
    """Lines on the terminal of `uptimed run`."""

    kind: Literal["console"]


ChannelSettings = WebhookSettings | EmailSettings | AppriseSettings | ConsoleSettings


@dataclass(frozen=True)
class Smtp:
    host: str
    port: int
    sender: str
    user: Secret | None = None
    password: Secret | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"


@dataclass(frozen=True)
class Server:
    public: tuple[str, int] = ("127.0.0.1", 8080)
    staff: tuple[str, int] = ("127.0.0.1", 8081)
    hosts: tuple[str, ...] = ()
    """Names the public door answers to, besides loopback names."""
    trusted_proxies: tuple[str, ...] = ()
    token: Secret | None = None
    """Bearer token for `/-/reload` from another machine."""


@dataclass(frozen=True)
class Settings:
    server: Server
    data: Path
    """Absolute."""
    storage: str = field(repr=False)
    """SQLAlchemy URL; may hold a password."""
    smtp: Smtp | None = None
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    egress_allow: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    retention_us: int = 400 * 86_400_000_000
