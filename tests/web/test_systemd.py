"""What systemd is told, through a socket like its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from uptimed import systemd


@pytest.fixture(params=["file", "abstract"])
def told(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    name = str(tmp_path / "notify") if request.param == "file" else f"@uptimed-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name if request.param == "file" else "\0" + name[1:])
        listener.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listener


def test_systemd_hears_ready_alive_and_stopping(told: socket.socket) -> None:
    assert systemd.ready("3 checks")
    assert systemd.alive()
    assert systemd.stopping()

    assert [told.recv(1000) for _ in range(3)] == [b"READY=1\nSTATUS=3 checks", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_reload_tells_its_instant(told: socket.socket) -> None:
    assert systemd.reloading()

    assert told.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")


def test_outside_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.ready()

    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    assert not systemd.ready()


@pytest.mark.parametrize(
    ("usec", "pid", "gap"),
    [("30000000", None, 15.0), ("30000000", "1", None), ("0", None, None), ("soon", None, None), (None, None, None)],
)
def test_the_watchdog_is_fed_twice_in_its_time(
    usec: str | None, pid: str | None, gap: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("WATCHDOG_USEC", usec), ("WATCHDOG_PID", pid)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)

    assert systemd.watchdog_gap_s() == gap
