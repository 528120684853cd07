"""The terminal as a channel: one calm line a message. For the demo, and for a first look without any receiver."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from uptimed.clock import Clock
from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome, Sent
from uptimed.notify.channels.base import AllHang, OwnThreads
from uptimed.notify.wording import Voice, words


@dataclass(frozen=True)
class Console:
    name: str
    voice: Voice
    clock: Clock
    stream: TextIO | None = None
    """None: standard output, looked up when it is needed."""
    timeout_s: float = 5.0
    _threads: OwnThreads = field(default_factory=lambda: OwnThreads("notify console"), repr=False)

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        del attempt
        at = datetime.fromtimestamp(self.clock.now_us() // 1_000_000, UTC)
        line = f"{at:%H:%M:%S} {words(message, self.voice).short}\n"
        out = self.stream or sys.stdout

        def write() -> None:
            out.write(line)
            out.flush()

        try:
            # In a thread, because a terminal that was stopped with Ctrl-S blocks whoever writes to it.
            await self._threads.run(write)
        except AllHang:
            return RetryLater("the terminal takes no more; go on with Ctrl-Q")
        except (OSError, ValueError):
            return GiveUp("the terminal is gone; run uptimed on a terminal or give this channel another kind")
        return Sent("written to the terminal")
