"""
What systemd wants to hear (sd_notify(3)): `READY=1`, `STOPPING=1`, `RELOADING=1`, `WATCHDOG=1`. Imports nothing of ours.

Without `$NOTIFY_SOCKET` every call does nothing: outside systemd there is nobody to tell.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress


def notify(*lines: str) -> bool:
    """Sends the lines; says whether somebody was told. Never raises: no daemon dies of a missing listener."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
        sock.setblocking(False)
        # "@" stands for the abstract namespace, whose names begin with a NUL.
        sock.sendto("\n".join(lines).encode(), "\0" + where[1:] if where.startswith("@") else where)
        return True
    return False


def ready(status: str = "") -> bool:
    return notify("READY=1", f"STATUS={status}")


def reloading() -> bool:
    """systemd 253 and later want the instant on CLOCK_MONOTONIC, in microseconds; `ready` ends it."""
    return notify("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000}")


def stopping() -> bool:
    return notify("STOPPING=1")


def alive() -> bool:
    """Feeds the watchdog. Call it from the event loop, and only while what must turn is turning."""
    return notify("WATCHDOG=1")


def watchdog_gap_s() -> float | None:
    """How often to call `alive`, seconds: half of what systemd allows; None when it keeps no watchdog over this process."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    with suppress(ValueError):
        allowed = int(os.environ.get("WATCHDOG_USEC", ""))
        return allowed / 2_000_000 if allowed > 0 else None
    return None
