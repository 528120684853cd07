"""
Tests that have passed in this checkout already, for `.ci/run`: what `make test` could run, `make test-all` need not run again.

Both are told by UPTIMED_EACH_TEST_ONCE=1. Alone, each of them runs everything that it can.
"""

from __future__ import annotations

import os

import pytest

KEY = "uptimed/passed"


class EachTestOnce:
    def __init__(self, cache: pytest.Cache) -> None:
        self._cache = cache
        self._passed: set[str] = set(cache.get(KEY, []))
        self._left_out = 0

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        again = [item for item in items if item.nodeid in self._passed]
        self._left_out = len(again)
        if again:
            config.hook.pytest_deselected(items=again)
            items[:] = [item for item in items if item.nodeid not in self._passed]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.add(report.nodeid)
        elif report.failed:
            self._passed.discard(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._cache.set(KEY, sorted(self._passed))
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._left_out:
            # Nothing is left to run, for everything has passed: that is what was asked for.
            session.exitstatus = pytest.ExitCode.OK


def register(config: pytest.Config) -> None:
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if os.environ.get("UPTIMED_EACH_TEST_ONCE") == "1" and cache is not None:
        config.pluginmanager.register(EachTestOnce(cache), "each-test-once")
