"""
One process to a data directory: an flock on `data/lock`.

The kernel frees it when the holder dies, however it dies, so a stale lock cannot exist. The file's text (the holder's pid) is for
messages only.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from uptimed.storage.errors import StorageRefused

NAME = "lock"
_TRIES = 4
_PAUSE_S = 0.02


class DataLock:
    """Held from `acquire` to `release` or the end of the process; children do not inherit it."""

    def __init__(self, data: Path) -> None:
        self._path = data / NAME
        self._file: int | None = None

    def acquire(self) -> None:
        """Raises StorageRefused when another process holds it, naming its pid, or when the directory cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            directory = self._path.parent
            raise StorageRefused(
                f"{directory} cannot be written ({error.strerror}); let this user write it, or set `data`"
            ) from None
        if not _taken(descriptor):
            os.close(descriptor)
            holder = _pid_in(self._path) or "unknown"
            raise StorageRefused(
                f"{self._path.parent} is in use by another uptimed (pid {holder}); stop it, or give this one a `data` of its own"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._file = descriptor

    def release(self) -> None:
        # The file stays: removing it would let a third process lock a new file while a second waits on the old one.
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def held(data: Path) -> bool:
    """Does a living process hold the directory? Only for choosing a way: whoever wants to write acquires the lock."""
    try:
        descriptor = os.open(data / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _taken(descriptor: int) -> bool:
    # A `held` that looks at this very moment has the lock for some microseconds; it must not cost a start.
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_PAUSE_S)
        else:
            return True
    return False


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
