"""
The outbox in memory, for as long as the database is away: the same order, the same due times, nothing on disk.

What is here and not sent when the process ends is lost with it; the engine's results are not, so the incident is found again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from uptimed.domain.messages import Kind, Message

LIMIT = 10_000
"""More messages than this are refused, and said so: far beyond what a mass outage makes, joined per product as it is."""

log = logging.getLogger(__name__)

Line = tuple[str, str]
"""Messages of one incident to one channel: they leave one after the other."""


def line_of(message: Message) -> Line | None:
    return (message.channel, message.incident) if message.incident else None


class Memory:
    def __init__(self) -> None:
        self._waiting: dict[str, Message] = {}
        self._withdrawn: dict[str, None] = {}
        """Ids that must not come back when they are offered again; in order of age."""

    def add(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.id in self._waiting or message.id in self._withdrawn:
                continue
            if len(self._waiting) >= LIMIT:
                log.error("too many alerts wait in memory; this one is dropped", extra={"fields": {"message": message.id}})
                continue
            self._waiting[message.id] = replace(message, next_attempt_us=max(message.due_at_us, message.next_attempt_us))

    def due(self, now_us: int, under_way: Collection[str]) -> list[Message]:
        """What may leave now, one of each line. It stays until it is forgotten."""
        found: list[Message] = []
        lines: set[Line] = {line for one in self._waiting.values() if one.id in under_way and (line := line_of(one))}
        for message in sorted(self._waiting.values(), key=lambda one: (one.due_at_us, one.created_at_us)):
            line = line_of(message)
            if message.id in under_way or (line and line in lines) or message.due_at_us > now_us:
                continue
            if line:
                # Also while this one waits for its next attempt: a later message of the line waits behind it.
                lines.add(line)
            if message.next_attempt_us <= now_us:
                found.append(message)
        return found

    def later(self, message: Message, next_attempt_us: int) -> None:
        if message.id in self._waiting:
            self._waiting[message.id] = replace(message, attempts=message.attempts + 1, next_attempt_us=next_attempt_us)

    def forget(self, message_id: str) -> None:
        self._waiting.pop(message_id, None)

    def withdraw(self, incident: str, under_way: Collection[str]) -> None:
        """An escalation that somebody has answered; what is being sent at this moment goes on."""
        gone = [
            one.id
            for one in self._waiting.values()
            if one.incident == incident and one.kind is Kind.INCIDENT_OPENED and one.id not in under_way
        ]
        for message_id in gone:
            del self._waiting[message_id]
            self._withdrawn[message_id] = None
        while len(self._withdrawn) > LIMIT:
            del self._withdrawn[next(iter(self._withdrawn))]

    def next_due_us(self) -> int | None:
        return min((one.next_attempt_us for one in self._waiting.values()), default=None)

    def oldest_us(self, now_us: int) -> int | None:
        return min((one.due_at_us for one in self._waiting.values() if one.due_at_us <= now_us), default=None)

    def __len__(self) -> int:
        return len(self._waiting)
