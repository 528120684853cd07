"""
The public cases of the availability specification, each exactly.

`--cases FILE`, or else `$UPTIMED_CASES`, names another file of the same format; a relative path starts where pytest was called.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.domain.adapter import ANSWERS
from tests.domain.case_files import PUBLIC, BadCases, cases_in


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    named = metafunc.config.getoption("--cases") or os.environ.get("UPTIMED_CASES")
    path = metafunc.config.invocation_params.dir / named if named else PUBLIC
    try:
        cases = cases_in(path)
    except BadCases as error:
        raise pytest.Collector.CollectError(str(error)) from None
    metafunc.parametrize("case", [pytest.param(case, id=str(case["id"])) for case in cases])


def test_the_answer_is_exactly_the_one_of_the_specification(case: dict[str, Any]) -> None:
    assert case["input"]["op"] in ANSWERS, f"nothing answers {case['input']['op']!r}; there are {', '.join(sorted(ANSWERS))}"
    answer = ANSWERS[case["input"]["op"]](case["input"])
    assert {key: answer.get(key, "no answer") for key in case["expect"]} == case["expect"], case.get("title", case["id"])
