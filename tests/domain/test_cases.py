"""The public cases of the availability specification, each exactly. `$UPTIMED_CASES` names another file of the same format."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.domain.adapter import ANSWERS

CASES = Path(os.environ.get("UPTIMED_CASES") or Path(__file__).parent / "cases" / "availability.json")


def cases() -> list[Any]:
    every = json.loads(CASES.read_text("utf-8"))["public"]
    return [pytest.param(case, id=case["id"]) for case in every]


@pytest.mark.parametrize("case", cases())
def test_the_answer_is_exactly_the_one_of_the_specification(case: dict[str, Any]) -> None:
    answer = ANSWERS[case["input"]["op"]](case["input"])
    assert {key: answer[key] for key in case["expect"]} == case["expect"], case["title"]
