"""`--cases FILE` runs any file of the cases' format, and says what is wrong with one that is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.domain.case_files import BadCases, cases_in


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "holds no cases"),
        ('{"public": [{"id": "X1"}]}', "case X1 lacks input, expect"),
        ('{"public": ["X1"]}', "case number 0 is no object"),
    ],
)
def test_a_file_that_holds_no_cases_is_named_with_what_is_wrong_with_it(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "cases.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(BadCases, match=complaint) as raised:
        cases_in(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("named", ["--cases=mine.json", "--cases mine.json", "--cases {folder}/mine.json"])
def test_another_file_is_run_case_by_case(tmp_path: Path, named: str) -> None:
    """One case that holds, one that does not: each is an item of its own, and the public ones are not run."""
    given = {"op": "format", "value": [1, 1], "target": "99.9"}
    cases = [{"id": f"mine-{text}", "input": given, "expect": {"point": text}} for text in ("100.000", "99.999")]
    (tmp_path / "mine.json").write_text(json.dumps({"public": cases}), "utf-8")

    ran = pytest_in(tmp_path, *named.format(folder=tmp_path).split())

    assert ran.returncode == 1
    assert "1 failed, 1 passed" in ran.stdout
    assert "[mine-99.999]" in ran.stdout


def test_a_bad_file_ends_the_run_with_one_sentence(tmp_path: Path) -> None:
    ran = pytest_in(tmp_path, "--cases", "nowhere.json")
    assert ran.returncode != 0
    assert f"{tmp_path / 'nowhere.json'}: cannot be read (No such file or directory)" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    only = f"{Path(__file__).parent / 'test_cases.py'}::test_the_answer_is_exactly_the_one_of_the_specification"
    command = [sys.executable, "-m", "pytest", only, *arguments, "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=50, check=False)
