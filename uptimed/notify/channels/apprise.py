"""
Any service that the package apprise knows, by its URL: `ntfy://`, `slack://`, `pagerduty://` and some 170 others.

Weaker than the other channels, and the manual says so: apprise dials for itself, so the host in its URL is resolved and checked by
the egress guard just before, but what it then resolves or where it is redirected is out of our hands. Its answer is yes or no, so
every no is tried again. Give each channel one target: a URL with several is repeated to all of them when one has failed.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from probes.net import Deadline, Net
from probes.options import Secret, SecretMissing
from probes.reasons import ProbeFailure
from uptimed.domain.messages import GiveUp, Kind, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.channels.base import AT_ONCE, AllHang, OwnThreads, said_by_peer
from uptimed.notify.wording import Voice, words

SHORTEST_TOKEN = 5
_LOOKING_S = 5.0

_TYPES = {
    Kind.INCIDENT_OPENED: "failure",
    Kind.INCIDENT_RESOLVED: "success",
    Kind.MONITOR_RECOVERED: "success",
    Kind.MEASUREMENT_RECOVERED: "success",
    Kind.TEST: "info",
}


@dataclass(frozen=True)
class Apprise:
    name: str
    url: Secret
    net: Net
    voice: Voice
    timeout_s: float = 30.0
    _threads: OwnThreads = field(default_factory=lambda: OwnThreads("notify apprise"), repr=False)

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        del attempt
        try:
            url = self.url.reveal()
        except SecretMissing as missing:
            return RetryLater(f"{missing}; set it and reload")
        try:
            service = await self._threads.run(lambda: _service(url))
            objection = await self._objection(service)
            if objection is not None:
                return objection
            taken, said = await self._threads.run(lambda: self._notify(service, message))
        except ImportError:
            return GiveUp("the package apprise is not installed; install uptimed[notify], or use a webhook or e-mail")
        except AllHang:
            return RetryLater(f"{AT_ONCE} earlier sends to this service still hang")
        heard = said_by_peer(said, _tokens(url)) or "it did not say why"
        return Sent("taken by the service") if taken else RetryLater(f"the service did not take it ({heard})")

    def _notify(self, service: Any, message: Message) -> tuple[bool, str]:
        """Blocking. Whether the service took it, and what apprise said last."""
        text = words(message, self.voice)
        limit = getattr(service, "body_maxlen", 0) or len(text.body)
        with _listening() as lines:
            taken = service.notify(
                title=text.subject,
                body=text.body if len(text.body) <= limit else text.short,
                notify_type=_TYPES.get(message.kind, "warning"),
                body_format="text",
            )
        return bool(taken), lines[-1] if lines else ""

    async def _objection(self, service: Any) -> SendOutcome | None:
        """None when there is a service and every host that its URL names may be dialled."""
        if service is None:
            return GiveUp(f"apprise does not understand the URL of {self.name}; see https://github.com/caronc/apprise/wiki")
        for host in _hosts(service):
            try:
                await self.net.addresses(host, Deadline(_LOOKING_S))
            except ProbeFailure as failure:
                if failure.reason == "address_blocked":
                    return GiveUp(f"{failure.detail.partition(';')[0]}; list its network under egress.allow if alerts may go there")
                return RetryLater(f"its host was not found: {failure.detail}")
        return None


def _service(url: str) -> Any:
    """Apprise's object for this URL, None when it has none. Imported here: it takes a third of a second, and most need it never."""
    from apprise import Apprise as Library  # noqa: PLC0415

    # Its own lines quote URLs with their tokens; what matters of them is heard by `_listening`.
    logging.getLogger("apprise").propagate = False
    return Library.instantiate(url)


def _hosts(service: Any) -> list[str]:
    """Hosts that the URL itself names; a service with a fixed address (Slack) has a token in that place."""
    tokens = getattr(service, "template_tokens", {})
    named = [service.host] if "host" in tokens and getattr(service, "host", None) else []
    extra = getattr(service, "smtp_host", None)
    # Mail services are dialled at their own server, the host of the URL is then only the domain of an address.
    return [str(extra)] if extra else [str(one) for one in named]


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What apprise says in this thread: the only place where it tells why a service refused."""
    lines: list[str] = []
    here = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                lines.append(record.getMessage()[:1_000])

    ear = Ear(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield lines
    finally:
        logger.removeHandler(ear)


def _tokens(url: str) -> tuple[str, ...]:
    """Every part of the URL that may be a secret, raw and decoded."""
    parts = re.split(r"[/:@?&=#,;]+", url.partition("://")[2])
    return (url, *{form for part in parts for form in (part, unquote(part)) if len(form) >= SHORTEST_TOKEN})
