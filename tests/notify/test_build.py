"""From a configuration file to its channels."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.notify.builders import HandClock
from uptimed import config
from uptimed.notify.build import build
from uptimed.notify.channels.apprise import Apprise
from uptimed.notify.channels.console import Console
from uptimed.notify.channels.email import Email
from uptimed.notify.channels.webhook import Webhook

FILE = """
site: {name: Acme, url: "https://status.example.com", timezone: Europe/London}
products:
  - id: shop
    name: Shop
    components:
      - {id: web, name: Web, severity: critical, checks: [{id: home, kind: http, url: "https://example.com/"}]}
notify:
  channels:
    ops-mail: {kind: email, to: [ops@example.com]}
    ops-hook: {kind: webhook, url: "https://hooks.example.com/x", secret: "${NOTIFY_TEST_SECRET}"}
    pager: {kind: apprise, url: "ntfy://topic"}
    terminal: {kind: console}
smtp: {host: mail.example.com, port: 465, sender: uptimed@example.com}
"""


def test_each_kind_of_channel_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("NOTIFY_TEST_SECRET", "whsec_" + base64.b64encode(b"k" * 32).decode())
    loaded = config.loads(FILE, tmp_path / "uptimed.yaml")
    channels = build(loaded.settings, loaded.catalogue, clock=HandClock())
    assert {name: type(channel) for name, channel in channels.items()} == {
        "ops-mail": Email,
        "ops-hook": Webhook,
        "pager": Apprise,
        "terminal": Console,
    }
    assert all(channel.name == name for name, channel in channels.items())
    mail = channels["ops-mail"]
    assert isinstance(mail, Email)
    assert (mail.server.host, mail.server.port, mail.server.security) == ("mail.example.com", 465, "tls")
    assert mail.voice.site == "Acme"
    assert mail.voice.timezone == "Europe/London"
