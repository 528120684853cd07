"""
What a machine may lack: servers, programs and rights that some tests need and that no Python package brings.

`make test` goes on without them and names at its end what was missing. `make test-all` sets `UPTIMED_TEST_ALL=1`: there an absence,
and a skip for any other reason too, is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

EVERYTHING = os.environ.get("UPTIMED_TEST_ALL") == "1"


class Capability(NamedTuple):
    find: Callable[[], str | None]
    """Where it is on this machine, or None."""
    remedy: str
    """Who or what brings it."""


def package(name: str) -> str:
    return f"Debian's package {name} brings it"


def program(*names: str) -> Callable[[], str | None]:
    return lambda: next((found for name in names if (found := shutil.which(name))), None)


def postgresql() -> str | None:
    """The folder of the newest server's programs; Debian keeps them off the path."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    beside = shutil.which("initdb")
    return str(newest[0].parent) if newest else str(Path(beside).parent) if beside else None


def mounting() -> str | None:
    """Where `mount` is, if this user may mount: root in a container may not always."""
    found = shutil.which("mount")
    if found is None or os.geteuid() != 0:
        return None
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run([found, "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False, capture_output=True)
        if tried.returncode == 0:
            subprocess.run(["umount", place], check=True)
    return found if tried.returncode == 0 else None


def namespaces() -> str | None:
    """Where `unshare` is, if it may make a network of its own and there is an `ip` to set it up."""
    found = shutil.which("unshare")
    if found is None or shutil.which("ip") is None:
        return None
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    tried = subprocess.run([found, "--net", *as_root, "ip", "link", "set", "lo", "up"], check=False, capture_output=True)
    return found if tried.returncode == 0 else None


CAPABILITIES: Mapping[str, Capability] = {
    "postgresql": Capability(postgresql, package("postgresql")),
    "chromium": Capability(program("chromium", "chromium-browser", "google-chrome"), package("chromium")),
    "mounting": Capability(mounting, "root may mount a file system of its own"),
    "namespaces": Capability(namespaces, "root may make network namespaces, and Debian's package iproute2 sets them up"),
    "promtool": Capability(program("promtool"), package("prometheus")),
}


def need(name: str) -> str:
    """Where the capability is; a machine without it skips the test by name (or fails it under `make test-all`)."""
    found = CAPABILITIES[name].find()
    if found is None:
        raise pytest.skip.Exception(f"lacks {name}", allow_module_level=True)
    return found
