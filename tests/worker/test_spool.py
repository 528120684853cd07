"""What the spool promises: order, bounds, and that what it has taken is still there after kill -9."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probes.spool import Spool, SpoolError
from tests.worker.builders import a_result

CHILD = """
import sys
from pathlib import Path
from probes.spool import Spool
from tests.worker.builders import a_result

spool, boot, number = Spool(Path(sys.argv[1])), sys.argv[2], 0
while True:
    batch = [a_result(number + i, boot=boot) for i in range(1 + number % 7)]
    number += len(batch)
    spool.add(batch)
    print("kept", *(result.id for result in batch), flush=True)
    if number % 3 == 0:
        gone = [result.id for result in spool.oldest(number % 5)]
        # Said before it is done: from here on they may or may not be there.
        print("going", *gone, flush=True)
        spool.remove(gone)
        print("gone", *gone, flush=True)
"""


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool.db")
    yield spool
    spool.close()


def test_first_in_first_out(spool):
    spool.add([a_result(1), a_result(2)])
    spool.add([a_result(3)])

    assert spool.oldest(2) == [a_result(1), a_result(2)]
    spool.remove([a_result(1).id])
    assert spool.oldest(9) == [a_result(2), a_result(3)]
    assert spool.count == 2


def test_an_id_is_kept_once(spool):
    spool.add([a_result(1)])
    spool.add([a_result(1), a_result(2)])
    assert spool.count == 2


def test_a_full_spool_keeps_the_oldest_and_says_how_many_it_dropped(tmp_path):
    spool = Spool(tmp_path / "spool.db", limit=3)

    kept = spool.add([a_result(n) for n in range(5)])

    assert kept == 3
    assert spool.dropped == 2
    assert spool.oldest(9) == [a_result(0), a_result(1), a_result(2)]
    spool.remove([a_result(0).id])
    assert spool.add([a_result(7)]) == 1


def test_results_and_memory_survive_a_restart(tmp_path):
    first = Spool(tmp_path / "deep" / "spool.db")
    first.add([a_result(1)])
    first.keep("anchor", "there")
    first.keep("anchor", "here")
    first.close()

    again = Spool(tmp_path / "deep" / "spool.db")

    assert again.oldest(9) == [a_result(1)]
    assert again.count == 1
    assert again.recall("anchor") == "here"
    assert again.recall("nothing") is None


def test_a_full_disk_is_reported_and_nothing_kept_is_lost(spool):
    spool.add([a_result(n) for n in range(50)])
    (pages,) = spool._database.execute("PRAGMA page_count").fetchone()
    spool._database.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(SpoolError, match="full"):
        spool.add([a_result(1_000 + n) for n in range(1_000)])

    assert spool.count == 50
    assert spool.oldest(100) == [a_result(n) for n in range(50)]
    spool._database.execute("PRAGMA max_page_count = 1000000")
    assert spool.add([a_result(1_000)]) == 1


def test_acknowledged_results_stay_gone_when_the_disk_refuses_to_forget_them(spool):
    spool.add([a_result(n) for n in range(4)])
    spool._database.execute("PRAGMA query_only = 1")

    with pytest.raises(SpoolError):
        spool.remove([a_result(0).id, a_result(1).id])

    assert spool.count == 2
    assert spool.oldest(2) == [a_result(2), a_result(3)]
    spool._database.execute("PRAGMA query_only = 0")
    spool.remove([a_result(2).id])
    assert spool.count == 1
    assert spool._database.execute("SELECT count(*) FROM results").fetchone() == (1,)


def test_a_row_that_cannot_be_read_does_not_block_the_others(spool):
    spool.add([a_result(1), a_result(2)])
    spool._database.execute("UPDATE results SET body = '{' WHERE sequence = 1")

    assert spool.oldest(9) == [a_result(2)]
    assert spool.dropped == 1
    assert spool.count == 1


def test_a_damaged_file_is_set_aside_said_and_kept(tmp_path, caplog):
    path = tmp_path / "spool.db"
    path.write_bytes(b"this is not a database, but somebody may want to look at it" * 100)

    spool = Spool(path)

    assert spool.count == 0
    assert spool.set_aside == tmp_path / "spool.db.damaged"
    assert str(spool.set_aside) in caplog.text
    assert spool.set_aside.read_bytes().startswith(b"this is not")
    spool.close()
    path.write_bytes(b"again" * 1000)
    assert Spool(path).set_aside == tmp_path / "spool.db.damaged1"


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path):
    (tmp_path / "spool.db").mkdir()
    with pytest.raises(SpoolError, match=r"spool\.db"):
        Spool(tmp_path / "spool.db")


def test_what_was_kept_is_there_after_kill_9_twenty_times(tmp_path):
    """Only what the child said counts: kept and not since going must be there, gone must not come back."""
    path = tmp_path / "spool.db"
    chance = random.Random(20)
    expected: dict[str, None] = {}
    forgotten: set[str] = set()
    going: set[str] = set()

    for life in range(20):
        for line in _live_and_be_killed(path, f"b{life}", chance.uniform(0.0, 0.08)):
            said, *ids = line.split()
            if said == "kept":
                expected |= dict.fromkeys(ids)
            elif said == "going":
                going |= set(ids)
            else:
                forgotten |= set(ids)

    spool = Spool(path)
    found = [result.id for result in spool.oldest(10_000_000)]
    assert expected
    assert forgotten
    assert set(expected) - going <= set(found)
    assert not forgotten & set(found)
    assert [result for result in found if result in expected] == [result for result in expected if result in set(found)]
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _live_and_be_killed(path: Path, boot: str, after_s: float) -> list[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), boot], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(after_s)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    # A line cut short was not said.
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
