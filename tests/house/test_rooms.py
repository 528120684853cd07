"""The house has known rooms, and none of them is a lumber room."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import PurePosixPath

from tests.house.tree import ROOT, files, program_files, python_files, read

ROOMS = {
    "probes": "run this once, what did you see?",
    "probes/links": "how results reach the core",
    "statuspage": "given this snapshot, what does the reader see?",
    "uptimed/domain": "pure rules",
    "uptimed/config": "YAML to domain objects",
    "uptimed/storage": "memory",
    "uptimed/storage/migrations": "how an older database becomes this one",
    "uptimed/storage/migrations/versions": "one step each",
    "uptimed/engine": "the walk of a result",
    "uptimed/kuma": "the record of Uptime Kuma, read as ours",
    "uptimed/notify": "words to people",
    "uptimed/notify/channels": "one way to reach people a file",
    "uptimed/report": "a report as people take it away",
    "uptimed/cli": "one command a file",
    "uptimed/web": "the staff door and the control socket",
    "tests": "what all tests share",
    "tests/benchmarks": "what it costs",
    "tests/house": "rules of the house itself",
    "tests/story": "whole days, and the daemon from outside",
    **{
        f"tests/{room}": f"of {room}"
        for room in ("config", "domain", "engine", "links", "notify", "probes", "report", "statuspage")
    },
    **{f"tests/{room}": f"of {room}" for room in ("cli", "kuma", "storage", "web", "worker")},
}
TRUNK = {"__init__", "__main__", "app", "cli", "clock", "demo", "logs", "metrics", "reload", "systemd"}
"""What stands between the rooms: wiring and the command line, and what every room may use."""

LUMBER = {"common", "data", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGER_FOR_A_REASON: dict[str, str] = {}
"""File, or file and function (`a/b.py:name`) -> why splitting it would read worse."""


def test_imports_go_downwards_only() -> None:
    """In a process of its own: the linter sets up logging for itself and would silence the tests that come after."""
    linter = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"

    judged = subprocess.run([sys.executable, "-c", linter], cwd=ROOT, capture_output=True, text=True, check=False)

    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_every_python_file_stands_in_a_known_room() -> None:
    homeless = [
        name
        for name in python_files()
        if str(PurePosixPath(name).parent) not in ROOMS
        and not (str(PurePosixPath(name).parent) == "uptimed" and PurePosixPath(name).stem in TRUNK)
    ]

    assert not homeless, "give these files a room, or name the new room here and in the design"


def test_no_file_is_called_after_nothing() -> None:
    assert not [name for name in python_files() if PurePosixPath(name).stem in LUMBER]


def test_config_holds_data_only() -> None:
    assert not [name for name in files() if name.startswith("config/") and name.endswith((".py", ".sh"))]


def test_no_program_file_is_two_ideas_under_one_roof() -> None:
    long = {name: lines for name in program_files() if (lines := read(name).count("\n")) > LONGEST_FILE}

    assert not {name: lines for name, lines in long.items() if name not in LONGER_FOR_A_REASON}


def test_every_function_can_be_read_at_a_glance() -> None:
    long = {
        f"{name}:{node.name}": lines
        for name in program_files()
        for node in ast.walk(ast.parse(read(name)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert not {where: lines for where, lines in long.items() if where not in LONGER_FOR_A_REASON}


def test_every_module_says_what_lives_in_it() -> None:
    programs_and_tests = (name for name in python_files() if not name.endswith("conftest.py"))
    silent = [name for name in programs_and_tests if read(name).strip() and ast.get_docstring(ast.parse(read(name))) is None]

    assert not silent
