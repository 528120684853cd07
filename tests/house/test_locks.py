"""uv.lock is the one lock; the two files that pip reads say the same, version by version and hash by hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@pytest.fixture(scope="module")
def locked() -> list[dict[str, Any]]:
    lock: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
    packages: list[dict[str, Any]] = lock["package"]
    return packages


@pytest.mark.parametrize(("file", "extra"), [("requirements.lock", "standard"), ("requirements-dev.lock", "dev")])
def test_pip_installs_what_uv_installs(file: str, extra: str, locked: list[dict[str, Any]]) -> None:
    assert in_requirements(ROOT / file) == in_uv_lock(locked, extra), "run `make lock`"


def test_everything_locked_comes_from_the_public_registry(locked: list[dict[str, Any]]) -> None:
    elsewhere = {p["name"]: p["source"] for p in locked if p["source"] != {"registry": "https://pypi.org/simple"}}

    assert elsewhere == {"uptimed": {"editable": "."}}
    for file in ("requirements.lock", "requirements-dev.lock"):
        assert not re.search(r"^\s*--(?!hash)|://|^-", (ROOT / file).read_text(), re.MULTILINE)


def test_the_lock_was_made_from_this_pyproject(locked: list[dict[str, Any]]) -> None:
    """An added dependency without `make lock` would be missing for everybody but its author."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (ours,) = (p for p in locked if p["name"] == "uptimed")
    wanted = {name_of(requirement) for requirement in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        wanted |= {name_of(requirement) for requirement in extra}

    # uv writes an extra of our own (`uptimed[standard]`) as what it stands for.
    assert {entry["name"] for entry in ours["metadata"]["requires-dist"]} - {"uptimed"} == wanted - {"uptimed"}


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def in_requirements(file: Path) -> dict[tuple[str, str], set[str]]:
    """(name, version) -> hashes."""
    pinned: dict[tuple[str, str], set[str]] = {}
    for block in file.read_text().replace("\\\n", " ").splitlines():
        if found := PINNED.match(block):
            pinned[found[1], found[2]] = set(HASH.findall(block))
    return pinned


def in_uv_lock(packages: list[dict[str, Any]], extra: str) -> dict[tuple[str, str], set[str]]:
    """What the extra needs, directly and through others, whatever the platform. (name, version) -> hashes."""
    ours = next(p for p in packages if p["name"] == "uptimed")
    reached: dict[tuple[str, str], set[str]] = {}
    waiting = [*ours["dependencies"], *ours["optional-dependencies"][extra]]
    visited: set[tuple[str, str | None, tuple[str, ...]]] = set()
    while waiting:
        wanted = waiting.pop()
        extras = tuple(wanted.get("extra", ()))
        key = (wanted["name"], wanted.get("version"), extras)
        if key in visited:
            continue
        visited.add(key)
        for package in packages:
            if package["name"] != wanted["name"] or wanted.get("version", package["version"]) != package["version"]:
                continue
            if package is not ours:
                files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
                reached[package["name"], package["version"]] = {file["hash"] for file in files}
            waiting += package.get("dependencies", [])
            for name in extras:
                waiting += package.get("optional-dependencies", {}).get(name, [])
    return reached
