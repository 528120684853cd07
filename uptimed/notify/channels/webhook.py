"""
Webhooks after Standard Webhooks 1.0.0: JSON `{type, timestamp, data}`, an id that stays the same over attempts, an HMAC signature.

The target is dialled by the probes' own HTTP client behind the egress guard; redirects are not followed, because a receiver must
not choose where our alerts go (RELIABILITY S2). Only 2xx is success.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from probes.http1 import Limits, Reply, Request, exchange
from probes.net import Deadline, Net
from probes.options import Secret, SecretMissing
from probes.outcome import Verdict
from probes.reasons import ProbeFailure
from uptimed.clock import Clock
from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.channels.base import said_by_peer
from uptimed.notify.facts import clean
from uptimed.notify.wording import Voice, words

REFUSALS_BORNE = 4
"""So many 4xx in a row are taken for a receiver that is being deployed; the next one is believed."""
BODY_LIMIT = 20_000
"""Bytes. Standard Webhooks asks for less than 20 kB."""
DEPTH_LIMIT = 8
_PREFIX = "whsec_"
_WORTH_WAITING = {408, 425, 429}


@dataclass(frozen=True)
class Webhook:
    name: str
    url: Secret
    secret: Secret | None
    """`whsec_` and base64, or any text, whose UTF-8 bytes are then the key. None: sent unsigned."""
    net: Net
    voice: Voice
    clock: Clock
    timeout_s: float = 20.0

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        try:
            url = self.url.reveal()
            key = key_of(self.secret.reveal()) if self.secret else None
        except (SecretMissing, ValueError) as missing:
            return RetryLater(f"{missing}; set it and reload")
        body = body_of(message, self.voice)
        headers = self._headers(message, body, key, attempt)
        try:
            # Half a second is left for the relay's own deadline, so that a slow receiver is told with its phase.
            reply = await exchange(
                Request("POST", url, headers, body),
                net=self.net,
                deadline=Deadline(max(0.1, self.timeout_s - 0.5)),
                limits=Limits(head=16_384, body=4_096),
            )
        except ProbeFailure as failure:
            return self._failed(failure, url)
        return judged(reply, attempt, self.clock.now_us())

    def _headers(self, message: Message, body: bytes, key: bytes | None, attempt: int) -> tuple[tuple[str, str], ...]:
        message_id = quote(message.id, safe="/:@-_~", encoding="utf-8", errors="replace").replace(".", "%2E")
        stamp = str(self.clock.now_us() // 1_000_000)
        signed = () if key is None else (("webhook-signature", signature(key, message_id, stamp, body)),)
        return (
            ("content-type", "application/json"),
            ("user-agent", "uptimed"),
            ("webhook-id", message_id),
            ("webhook-timestamp", stamp),
            *signed,
            ("webhook-attempt", str(attempt)),
        )

    @staticmethod
    def _failed(failure: ProbeFailure, url: str) -> SendOutcome:
        detail = said_by_peer(failure.detail, _parts_to_hide(url))
        if failure.reason == "address_blocked":
            return GiveUp(f"{detail.partition(';')[0]}; list its network under egress.allow if alerts may go there")
        who = "uptimed could not send" if failure.verdict is Verdict.UNKNOWN else "the receiver did not answer properly"
        return RetryLater(f"{who}: {detail}")


def judged(reply: Reply, attempt: int, now_us: int) -> SendOutcome:
    """Standard Webhooks: 2xx is success, 410 means stop, 429 and 5xx mean later; a 3xx is a failure like any 4xx."""
    status = reply.status
    if 200 <= status <= 299:
        return Sent(f"answered {status}")
    if status == 410:
        return GiveUp("answered 410 Gone: the receiver wants no more of these; take the channel out or correct its URL")
    if status in _WORTH_WAITING or status >= 500:
        return RetryLater(f"answered {status}", retry_after_s(reply.header("retry-after"), now_us))
    if attempt <= REFUSALS_BORNE:
        return RetryLater(f"answered {status}")
    advice = (
        "give the URL it redirects to" if 300 <= status <= 399 else "look at the receiver's log and at the channel's URL and secret"
    )
    return GiveUp(f"answered {status} on {attempt} attempts; {advice}")


def retry_after_s(value: str | None, now_us: int) -> float | None:
    """Retry-After (RFC 9110 section 10.2.3) as seconds from now: a number, or a date. None for nonsense."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_us / 1_000_000)


def key_of(secret: str) -> bytes:
    """ValueError when a `whsec_` secret is no base64."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the webhook's secret begins with whsec_, but what follows is no base64") from None


def signature(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    mac = hmac.new(key, b".".join((message_id.encode(), stamp.encode(), body)), hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def body_of(message: Message, voice: Voice) -> bytes:
    """
    What the receiver gets: the payload's own facts; `data.text` says them in words, `data.possible_repeat` is true when uptimed
    stopped while it was sending this message before. Never more than `BODY_LIMIT` bytes: rather fewer facts than no alert.
    """
    text = words(message, voice)
    ours = {
        "text": {"language": clean(message.language, 20), "subject": text.subject, "short": text.short},
        "possible_repeat": message.possible_repeat,
    }
    envelope = {"type": message.kind.value, "timestamp": _iso(message.created_at_us)}
    for texts, entries in ((1_000, 50), (200, 20), (80, 5)):
        facts = _bounded(dict(message.payload), texts, entries)
        body = json.dumps({**envelope, "data": {**facts, **ours}}, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) <= BODY_LIMIT:
            return body
    return json.dumps({**envelope, "data": ours}, ensure_ascii=False, separators=(",", ":")).encode()


def _bounded(value: Any, texts: int, entries: int, depth: int = 0) -> Any:
    """The same facts as JSON, with texts and lists cut and made inert."""
    if isinstance(value, str):
        return "\n".join(clean(line, texts) for line in value[:texts].split("\n"))
    # JSON has neither NaN nor infinity.
    if depth >= DEPTH_LIMIT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key), 80): _bounded(one, texts, entries, depth + 1) for key, one in list(value.items())[:entries]}
    if isinstance(value, list | tuple):
        return [_bounded(one, texts, entries, depth + 1) for one in value[:entries]]
    return clean(str(value), texts)


def _iso(at_us: int) -> str:
    seconds, micros = divmod(at_us, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros // 1000:03}Z"


def _parts_to_hide(url: str) -> tuple[str, ...]:
    """The URL whole, and what follows its host: hooks of chat services carry their token in the path."""
    rest = url.partition("://")[2]
    _, slash, path = rest.partition("/")
    return (url, rest, slash + path if path else "")
