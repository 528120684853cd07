"""The terminal as a channel."""

from __future__ import annotations

import io
import os

import pytest

from tests.notify.builders import VOICE, HandClock, a_message
from uptimed.domain.messages import GiveUp, RetryLater, Sent
from uptimed.notify import trial
from uptimed.notify.channels.console import Console
from uptimed.notify.sending import sent_once


async def test_a_message_is_one_line_with_its_time():
    out = io.StringIO()
    assert await sent_once(Console("terminal", VOICE, HandClock(), out), a_message(), attempt=1) == Sent("written to the terminal")
    assert out.getvalue().startswith("12:00:00 Sign In App: Web application is down. The connection was refused.")
    assert out.getvalue().count("\n") == 1


async def test_a_closed_terminal_is_said():
    out = io.StringIO()
    out.close()
    outcome = await sent_once(Console("terminal", VOICE, HandClock(), out), a_message(), attempt=1)
    assert isinstance(outcome, GiveUp)
    assert outcome.reason.startswith("the terminal is gone")


async def test_a_terminal_that_was_stopped_does_not_stop_the_rest():
    """Nobody reads this pipe, and it is full: whoever writes to it waits."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    while True:
        try:
            os.write(writing, b"x" * 4_096)
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    out = os.fdopen(writing, "w")
    outcome = await sent_once(Console("terminal", VOICE, HandClock(), out, timeout_s=0.2), a_message(), attempt=1)
    assert isinstance(outcome, RetryLater)
    while os.read(reading, 65_536) == b"x" * 65_536:
        pass
    os.close(reading)


async def test_a_trial_goes_the_same_way_as_an_alert():
    out = io.StringIO()
    assert await trial.send_test(Console("terminal", VOICE, HandClock(), out), "fr", 0) == Sent("written to the terminal")
    assert "Ceci est un essai du canal terminal par Sign In Solutions. Il fonctionne." in out.getvalue()


async def test_the_console_is_standard_output_unless_told_otherwise(capsys: pytest.CaptureFixture[str]):
    await trial.send_test(Console("terminal", VOICE, HandClock()), "en", 0)
    assert "This is a test by Sign In Solutions of the channel terminal." in capsys.readouterr().out
