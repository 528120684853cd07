"""
Where the newest snapshot comes from: a callable of the core, or the copy on disk when the core is dead.

The last good snapshot is kept whatever happens to the source, and its age is never hidden: see `site.STALE_AFTER_US`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from statuspage.codec import from_json
from statuspage.snapshot import Snapshot

log = logging.getLogger(__name__)

Read = Callable[[], Snapshot | None]


class SnapshotSource:
    """
    Asks `read` for the newest snapshot and remembers the last good one.

    `read` is called several times a second: it should be cheap, and return the same object while nothing has changed.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._last: Snapshot | None = None
        self._complaint = ""

    def put(self, snapshot: Snapshot) -> None:
        """Facts to show until `read` has some, for example those of the last run."""
        self._last = snapshot

    def newest(self) -> Snapshot | None:
        """None only if there has never been a snapshot. Never raises: what is wrong with the source is logged once."""
        try:
            found = self._read()
        except Exception as error:  # noqa: BLE001  the page outlives whatever feeds it
            self._complain(str(error) or type(error).__name__)
            return self._last
        if found is not None:
            self._last, self._complaint = found, ""
        return self._last

    def age_us(self, now_us: int) -> int | None:
        """Microseconds since the facts were known to be so; None without facts, never negative."""
        return None if self._last is None else max(0, now_us - self._last.as_of_us)

    def _complain(self, what: str) -> None:
        if what != self._complaint:
            log.warning("no newer facts for the status page (%s); it goes on showing the last ones with their age", what)
        self._complaint = what


def reading(path: Path) -> Read:
    """A `read` for the copy on disk: parsed again only when the file has changed. No file yet is no snapshot."""
    seen: tuple[int, int, int] | None = None
    kept: Snapshot | None = None

    def read() -> Snapshot | None:
        nonlocal seen, kept
        try:
            now = path.stat()
        except FileNotFoundError:
            return kept
        # The inode too: a copy that is renamed into place may have the size and second of the one before.
        mark = (now.st_mtime_ns, now.st_size, now.st_ino)
        if mark != seen:
            kept, seen = from_json(path.read_bytes()), mark
        return kept

    return read
