"""What the publisher says of support, and of a copy that cannot be written."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from tests.config.mistakes import PRODUCTS
from tests.statuspage.builders import snapshot
from uptimed import config
from uptimed.engine.publish import _support
from uptimed.engine.publisher import Publisher

NOON_US = 1_790_000_000_000_000
WRITTEN = "commitment: {response: {minor: {within: 7d, clock: civil}, critical: {within: 2h, clock: always}}}\n"


def support(text: str) -> Any:
    return _support(config.loads(text, Path("uptimed.yaml")).catalogue, NOON_US)


def test_the_page_promises_nothing_that_nobody_has_written() -> None:
    assert support(PRODUCTS) is None


def test_the_page_promises_what_is_written_worst_first() -> None:
    assert support(WRITTEN + PRODUCTS).rows == (("critical", 7200, "always"), ("minor", 604_800, "civil"))


def test_the_way_to_reach_support_is_told_without_a_promise() -> None:
    reached = PRODUCTS.replace("  - id: sia\n", "  - id: sia\n    support: {email: help@example.com}\n")
    assert reached != PRODUCTS

    assert support(reached).rows == ()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "No space left on device; free some space"),
        (errno.EACCES, "Permission denied; let the user that uptimed runs as write there"),
        (errno.EROFS, "Read-only file system; let the user that uptimed runs as write there"),
        (errno.ENOENT, "No such file or directory; make that folder again"),
        (errno.EIO, "Input/output error; look at that folder"),
    ],
)
async def test_the_advice_fits_what_keeps_the_copy_from_being_written(
    number: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("uptimed.engine.publisher.write_copy", refused)
    nothing: Any = None
    publisher = Publisher(nothing, nothing, nothing, tmp_path / "snapshot.json")
    publisher.snapshot = snapshot()

    with caplog.at_level(logging.WARNING):
        await publisher._keep_copy()

    assert caplog.messages == [f"the copy of the status page could not be written to {tmp_path}/snapshot.json: {advice}"]
