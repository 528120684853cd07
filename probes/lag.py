"""
Watches how late the event loop comes back to us. While it is late, what a check saw may be our own slowness and not the peer's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LATE_S = 1.0
"""A start later than this, or a stall longer than this during a run, makes the run `unknown` (RELIABILITY R4)."""
_TICK_S = 0.1
_WINDOW_S = 15.0


class Recent:
    """The largest of the values of the last 15 to 30 seconds."""

    def __init__(self) -> None:
        self._since_s = 0.0
        self._older = self._newer = 0.0

    def note(self, value: float, now_s: float) -> None:
        self._turn(now_s)
        self._newer = max(self._newer, value)

    def worst(self, now_s: float) -> float:
        self._turn(now_s)
        return max(self._older, self._newer)

    def _turn(self, now_s: float) -> None:
        elapsed_s = now_s - self._since_s
        if elapsed_s >= _WINDOW_S:
            self._older = self._newer if elapsed_s < 2 * _WINDOW_S else 0.0
            self._newer = 0.0
            self._since_s = now_s


class LagWatch:
    """Asks the loop to come back every 100 ms and notes by how much it was late."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._expected_s = monotonic()
        self._handle: asyncio.TimerHandle | None = None
        self._stall_from_s = self._stall_until_s = 0.0
        self._recent = Recent()

    def start(self) -> None:
        self._plan(asyncio.get_running_loop(), self._monotonic())

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def worst_s(self) -> float:
        """The longest lag of about the last 15 seconds."""
        return self._recent.worst(self._monotonic())

    def stalled_since(self, start_s: float, now_s: float) -> bool:
        """
        Was the loop away for more than `LATE_S` at a time between the two? Counts a stall that ends just now, whose own timer comes
        after the callbacks of the sockets.
        """
        if self._handle is not None and now_s - max(self._expected_s, start_s) > LATE_S:
            return True
        # Only the newest is kept: whoever started before an older one started before this one too.
        return self._stall_until_s - max(self._stall_from_s, start_s) > LATE_S

    def _plan(self, loop: asyncio.AbstractEventLoop, now_s: float) -> None:
        self._expected_s = now_s + _TICK_S
        self._handle = loop.call_later(_TICK_S, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = self._monotonic()
        lag_s = now_s - self._expected_s
        self._recent.note(max(0.0, lag_s), now_s)
        if lag_s > LATE_S:
            self._stall_from_s, self._stall_until_s = self._expected_s, now_s
        self._plan(loop, now_s)
