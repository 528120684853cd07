"""One process to a data directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from uptimed.storage.errors import StorageRefused
from uptimed.storage.lock import DataLock, held

HOLDER = """
import sys, time
from pathlib import Path
from uptimed.storage.lock import DataLock
DataLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_refused_and_told_who_holds_it_until_that_one_is_killed(tmp_path: Path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    with pytest.raises(StorageRefused, match=rf"another uptimed \(pid {holder.pid}\)"):
        DataLock(tmp_path).acquire()
    assert held(tmp_path)

    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert not held(tmp_path)
    with DataLock(tmp_path):
        assert held(tmp_path)
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    assert not held(tmp_path)


def test_asking_whether_it_is_held_makes_nothing(tmp_path: Path):
    assert not held(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_directory_is_made_when_it_is_missing(tmp_path: Path):
    with DataLock(tmp_path / "a" / "b"):
        assert held(tmp_path / "a" / "b")


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageRefused, match="cannot be written"):
        DataLock(tmp_path / "file" / "data").acquire()
