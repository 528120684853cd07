"""
Wall time anchored to the boot clock, so that a clock that somebody sets does not bend the record.

The boot clock (CLOCK_BOOTTIME: monotonic, running through suspend) says how much time passed; one offset, held fast, turns it into
wall time. When the wall clock has left the anchored time by more than `clock_eps` + 1 s, the anchor moves and the `epoch` rises
(AVAILABILITY B1): from then on results form a chain of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

STEP_US = 1_000_000
"""A difference beyond this, plus `clock_eps_us`, is a step; less than that is left alone."""
_STEADY_NS = 20_000_000
"""Two readings of the boot clock further apart than this say that we were put to sleep between them."""


def boot_clock_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def this_boot() -> str:
    """The kernel's name for the time since power-on; empty where it has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


class Anchor:
    """Stamps for results: boot nanoseconds, the wall microseconds that belong to them, and the epoch in which both are meant."""

    def __init__(
        self,
        *,
        clock_eps_us: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        boot_ns: Callable[[], int] = boot_clock_ns,
        boot_id: str | None = None,
    ) -> None:
        self._limit_ns = (clock_eps_us + STEP_US) * 1_000
        self._wall_ns = wall_ns
        self._boot_ns = boot_ns
        self._boot_id = this_boot() if boot_id is None else boot_id
        self.epoch = 0
        self._offset_ns = self._measured_offset_ns()

    @classmethod
    def resume(
        cls,
        remembered: str | None,
        *,
        clock_eps_us: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        boot_ns: Callable[[], int] = boot_clock_ns,
        boot_id: str | None = None,
    ) -> Anchor:
        """
        Goes on where `remember` left off: a restart alone keeps epoch and anchor; a step made meanwhile is noticed. After a reboot
        the boot clock proves nothing, so only a wall clock that is behind what was already stamped raises the epoch.
        """
        anchor = cls(clock_eps_us=clock_eps_us, wall_ns=wall_ns, boot_ns=boot_ns, boot_id=boot_id)
        if remembered is not None:
            anchor._recall(remembered)
        return anchor

    def remember(self) -> str:
        """What `resume` needs, as JSON."""
        state = {"boot": self._boot_id, "offset_ns": self._offset_ns, "epoch": self.epoch, "seen_us": self.wall_us(self._boot_ns())}
        return json.dumps(state)

    def stamp(self) -> int:
        """Boot nanoseconds now. Compares the clocks first, so whoever finds `epoch` unchanged between two stamps saw no step."""
        boot_ns = self._boot_ns()
        if abs(self._wall_ns() - boot_ns - self._offset_ns) > self._limit_ns:
            self._follow()
        return boot_ns

    def wall_us(self, boot_ns: int) -> int:
        """The wall microseconds of a boot stamp, by the present anchor."""
        return (boot_ns + self._offset_ns) // 1_000

    def now_us(self) -> int:
        return self.wall_us(self.stamp())

    def _follow(self) -> None:
        offset_ns = self._measured_offset_ns()
        # Being put to sleep between two readings looks like a step; the careful reading tells them apart.
        if abs(offset_ns - self._offset_ns) > self._limit_ns:
            self._offset_ns = offset_ns
            self.epoch += 1

    def _measured_offset_ns(self) -> int:
        for _ in range(10):
            before = self._boot_ns()
            wall = self._wall_ns()
            after = self._boot_ns()
            if after - before <= _STEADY_NS:
                break
        return wall - (before + after) // 2

    def _recall(self, remembered: str) -> None:
        try:
            state = json.loads(remembered)
            boot, offset_ns, epoch, seen_us = (
                str(state["boot"]),
                int(state["offset_ns"]),
                int(state["epoch"]),
                int(state["seen_us"]),
            )
        except (ValueError, TypeError, KeyError):
            return
        self.epoch = epoch
        if boot and boot == self._boot_id:
            self._offset_ns = offset_ns
            self.stamp()
        elif self.wall_us(self._boot_ns()) < seen_us - self._limit_ns // 1_000:
            self.epoch += 1
