"""Run-wide rules: long runs only when asked for, and no silent skip. See `tests.capabilities`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from tests import once
from tests.capabilities import CAPABILITIES, EVERYTHING
from tests.databases import address, postgres_server
from tests.quick_disk import quick_folder

__all__ = ["address", "postgres_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases", metavar="FILE", help="availability cases to run in tests/domain/test_cases.py instead of the public ones"
    )


def pytest_configure(config: pytest.Config) -> None:
    if folder := quick_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
    once.register(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.markexpr:
        return
    long_runs = [item for item in items if item.get_closest_marker("soak")]
    if long_runs:
        config.hook.pytest_deselected(items=long_runs)
        items[:] = [item for item in items if item not in long_runs]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Under `make test-all` a skip is a failure: what is not there was not tested."""
    report = yield
    if EVERYTHING and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was not run ({reason_of(report.longrepr)}), and UPTIMED_TEST_ALL=1 wants every test"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    if EVERYTHING and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was not run ({reason_of(report.longrepr)}), and UPTIMED_TEST_ALL=1 wants every test"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = Counter(reason_of(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if not reasons:
        return
    terminalreporter.section("what this machine lacked")
    for reason, count in sorted(reasons.items()):
        name = reason.removeprefix("lacks ")
        remedy = f"; {CAPABILITIES[name].remedy}" if name in CAPABILITIES else ""
        terminalreporter.line(f"{reason}: {count} test{'s' if count > 1 else ''} not run{remedy}")
    terminalreporter.line("`make test-all` installs what is missing and runs them.")


def reason_of(longrepr: Any) -> str:
    """pytest keeps a skip as (file, line, "Skipped: reason")."""
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")
