"""What no committed file may contain, each with the reason."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import files, program_files, read

THIS_ROOM = "tests/house/"
"""Its files have to name what they forbid."""

ANYWHERE = {
    "a path of somebody's machine": r"(?<![\w.}])/(?:home|Users)/\w+|(?<![\w.}])/root/\w",
    "work left for later": r"\b(?:TODO|FIXME|XXX|HACK)\b",
    "a registry other than the public one": r"--(?:extra-)?index-url|--find-links|devpi|artifactory",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
}
IN_PROGRAMS = {
    "escaping switched off": r"\|\s*safe\b|\bMarkup\(|autoescape=False",
    "SQL glued from pieces": r"""\b(?:text|exec_driver_sql|execute)\(\s*(?:f["']|["'][^"']*["']\s*[%+])""",
    "a shell": r"shell=True|os\.system\(|os\.popen\(",
    "data that runs when it is read": r"\bpickle\b|\bmarshal\b|\byaml\.(?:unsafe_|full_)?load\(|(?<![\w.])(?:eval|exec)\(",
    "a stub": r"\braise NotImplemented(?:Error)?\b",
    "certificates not looked at": r"verify=False|_create_unverified_context",
    "a debugger": r"\bbreakpoint\(|\bpdb\b",
}
ALLOWED: dict[str, str] = {
    "probes/http1_reply.py": "the framings of a body share a base class whose one method each of them writes"
}
"""File -> why what is forbidden elsewhere is right in it."""


@pytest.mark.parametrize("reason", ANYWHERE)
def test_no_committed_file_contains(reason: str) -> None:
    assert not found(ANYWHERE[reason], files())


@pytest.mark.parametrize("reason", IN_PROGRAMS)
def test_no_program_contains(reason: str) -> None:
    pages = tuple(name for name in files() if name.endswith((".html", ".j2", ".xml")) and not name.startswith("tests/"))

    assert not found(IN_PROGRAMS[reason], program_files() + pages)


def test_a_test_that_is_switched_off_says_so_through_its_capability() -> None:
    """`tests.capabilities.need` is the one way to skip: it is counted at the end of a run, and refused by `make test-all`."""
    switched_off = found(r"mark\.skip\b|mark\.xfail\b|pytest\.xfail\(", files())

    assert not switched_off


def found(pattern: str, names: tuple[str, ...]) -> list[str]:
    wanted = re.compile(pattern, re.MULTILINE)
    return [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0].strip()}"
        for name in names
        if not name.startswith(THIS_ROOM) and name not in ALLOWED
        for text in [read(name)]
        for hit in wanted.finditer(text)
    ]
