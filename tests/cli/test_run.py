"""How the daemon's interpreter is set up."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from uptimed.cli.run import run_loop


@pytest.fixture(autouse=True)
def interpreter_as_before() -> Iterator[None]:
    interval_s = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval_s)


def test_a_thread_that_draws_gives_the_interpreter_up_at_once() -> None:
    """An alert asks for it some forty times on its way: at Python's own 5 ms it was 200 ms late while a page was drawn."""
    drawn = threading.Event()

    def draw() -> None:
        while not drawn.is_set():
            sum(range(100))

    async def forty_waits() -> None:
        nonlocal fastest_s
        for _ in range(10):
            began_s = time.monotonic()
            for _ in range(40):
                time.sleep(0)  # noqa: ASYNC251  what a system call does: gives the interpreter up and asks for it again
            fastest_s = min(fastest_s, time.monotonic() - began_s)

    fastest_s = 60.0
    thread = threading.Thread(target=draw)
    thread.start()
    try:
        run_loop(forty_waits())
    finally:
        drawn.set()
        thread.join()

    # The fastest of ten rounds, for a busy machine only adds; 40 times 5 ms would be 0.2 s.
    assert fastest_s < 0.1
