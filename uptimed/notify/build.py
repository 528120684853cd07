"""From the configuration's channels to the ways out."""

from __future__ import annotations

from typing import TextIO

from probes.net import Net
from uptimed.clock import Clock
from uptimed.config.settings import (
    AppriseSettings,
    ChannelSettings,
    ConsoleSettings,
    EmailSettings,
    Settings,
    Smtp,
    WebhookSettings,
)
from uptimed.domain.catalogue import Catalogue
from uptimed.notify.channels.apprise import Apprise
from uptimed.notify.channels.base import Channel
from uptimed.notify.channels.console import Console
from uptimed.notify.channels.email import Email, Server
from uptimed.notify.channels.webhook import Webhook
from uptimed.notify.wording import Voice


def build(settings: Settings, catalogue: Catalogue, *, clock: Clock, terminal: TextIO | None = None) -> dict[str, Channel]:
    """
    Every channel by its name. Nothing is opened, resolved or revealed yet: that is done for each send anew.

    `terminal` is where console channels write; None is standard output. ValueError for an e-mail channel without `smtp`, which the
    configuration has refused before.
    """
    net = Net.build(allow=settings.egress_allow, resolvers=settings.resolvers)
    voice = Voice.of(catalogue)

    def one(name: str, channel: ChannelSettings) -> Channel:
        match channel:
            case WebhookSettings():
                return Webhook(name, channel.url, channel.secret, net, voice, clock)
            case EmailSettings():
                return Email(name, channel.to, _server(name, settings.smtp), voice, clock)
            case AppriseSettings():
                return Apprise(name, channel.url, net, voice)
            case ConsoleSettings():
                return Console(name, voice, clock, terminal)

    return {name: one(name, channel) for name, channel in settings.channels.items()}


def _server(channel: str, smtp: Smtp | None) -> Server:
    if smtp is None:
        raise ValueError(f"the channel {channel} sends mail, but smtp is not configured; add smtp: {{host: ..., sender: ...}}")
    return Server(smtp.host, smtp.port, smtp.sender, smtp.user, smtp.password, smtp.security)
