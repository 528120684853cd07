"""
A message that must go out, as data: one row of the outbox.

Written in the same transaction as the fact it tells. An escalation is nothing but messages with a later `due_at_us`, cancelled when
somebody acknowledges. The id is made from the fact, not from chance, so the same fact told twice is one message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_UPDATED = "incident.updated"
    INCIDENT_RESOLVED = "incident.resolved"
    MONITOR_IMPAIRED = "monitor.impaired"
    MONITOR_RECOVERED = "monitor.recovered"
    BUDGET_BURNING = "budget.burning"
    BUDGET_LOW = "budget.low"
    BUDGET_EXHAUSTION_PROJECTED = "budget.exhaustion_projected"
    MEASUREMENT_LOST = "measurement.lost"
    MEASUREMENT_RECOVERED = "measurement.recovered"
    TEST = "test"


class Delivery(StrEnum):
    """Where an outbox row stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Message:
    id: str
    """Idempotency key, the same on every attempt: `INC-2026-0001/opened/0/ops-hook`."""
    channel: str
    """Name of a channel under `notify.channels`."""
    kind: Kind
    incident: str | None
    """Messages of one incident to one channel leave in the order of `created_at_us`."""
    payload: Mapping[str, Any]
    """JSON-ready facts (never wording): see `uptimed.engine.payload`. The channel words them."""
    language: str
    created_at_us: int
    due_at_us: int
    state: Delivery = Delivery.PENDING
    attempts: int = 0
    next_attempt_us: int = 0
    lease_until_us: int | None = None
    possible_repeat: bool = False
    """A crash fell between sending and noting it: the receiver may have had this already."""
    last_error: str = ""
    sent_at_us: int | None = None


@dataclass(frozen=True)
class Sent:
    """Accepted by the receiver: 2xx, or the final 250 of DATA."""

    note: str = ""


@dataclass(frozen=True)
class RetryLater:
    reason: str
    after_s: float | None = None
    """The receiver's own wish (Retry-After)."""


@dataclass(frozen=True)
class GiveUp:
    reason: str


SendOutcome = Sent | RetryLater | GiveUp

__all__ = ["Delivery", "GiveUp", "Kind", "Message", "RetryLater", "SendOutcome", "Sent"]
