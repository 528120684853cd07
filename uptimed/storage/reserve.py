"""
A file that only takes up room, given back when the disk is full (RELIABILITY R16).

It buys the time in which alerts still go out and somebody makes room; it is taken again when there is room again.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

log = logging.getLogger(__name__)

SIZE = 8 << 20
RETRY_S = 60.0


class Reserve:
    def __init__(self, path: Path, size: int = SIZE) -> None:
        self._path = path
        self._size = size
        self._next_try = 0.0

    def hold(self) -> None:
        """Take the room if it is not held; at most one try a minute, and no room is no error."""
        if (now := time.monotonic()) < self._next_try:
            return
        self._next_try = now + RETRY_S
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # Real blocks: a sparse file would free nothing.
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
            self._next_try = float("inf")
        except OSError:
            self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the room back."""
        if self._path.exists():
            self._path.unlink()
            log.error("the disk is full: %s gives back %d MiB; make room soon", self._path, self._size >> 20)
        self._next_try = time.monotonic() + RETRY_S
