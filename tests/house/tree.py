"""What belongs to the project: the committed files, so that no environment or database beside them is read by mistake."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(name for name in listed.splitlines() if (ROOT / name).is_file()))


@cache
def read(name: str) -> str:
    """The text of a file; empty for pictures and other things that are no text."""
    content = (ROOT / name).read_bytes()
    return "" if b"\0" in content else content.decode()


def python_files() -> tuple[str, ...]:
    return tuple(name for name in files() if name.endswith(".py"))


def program_files() -> tuple[str, ...]:
    """Python that is installed: everything but tests."""
    return tuple(name for name in python_files() if not name.startswith("tests/"))
