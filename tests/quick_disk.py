"""Where the tests put what nobody keeps: in memory where there is room, for databases that are thrown away need no disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 << 30


def quick_folder() -> Path | None:
    """None: this machine has no such place, or too little room in it."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None
