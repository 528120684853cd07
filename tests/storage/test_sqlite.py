"""What is peculiar to SQLite: files, locks, disks, and a process that dies."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.storage.builders import a_result
from uptimed.storage import audit, database, results, sqlite
from uptimed.storage.database import Database
from uptimed.storage.errors import StorageAway, StorageRefused
from uptimed.storage.reserve import Reserve

KILLS = 20
WRITER = """
import asyncio, sys
from pathlib import Path
from tests.storage.builders import a_result
from uptimed.storage import results
from uptimed.storage.database import Database

async def main(folder, first):
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/uptimed.db", data=Path(folder))
    for number in range(first, first + 1_000_000):
        await database.write(lambda conn: results.add(conn, [a_result(number)]))
        print(number, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def opened(folder: Path, **options: object) -> asyncio.Future[Database]:
    return Database.open(f"sqlite+aiosqlite:///{folder}/uptimed.db", data=folder, **options)  # type: ignore[return-value, arg-type]


def note(conn) -> None:
    audit.add(conn, 1, "uptimed", "noted", "", {})


async def test_the_log_has_its_room_beforehand_and_nothing_else_is_changed(tmp_path: Path):
    """A commit that extends the file waits for the file system's journal, and so for whatever others write."""
    database = await opened(tmp_path)
    await database.write(note)
    whole = (tmp_path / "uptimed.db").stat().st_size

    await database.make_room()

    log = tmp_path / "uptimed.db-wal"
    room = log.stat().st_size
    for _ in range(100):
        await database.write(note)
    assert room > 2_000 * 4_096, "as much as is written between two checkpoints"
    assert log.stat().st_size == room
    assert (tmp_path / "uptimed.db").stat().st_size == whole
    assert len(await database.read(lambda conn: audit.recent(conn, 1_000))) == 101
    await database.close()
    with sqlite3.connect(tmp_path / "uptimed.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'room'").fetchone() == (0,)


async def test_room_for_the_log_is_not_taken_from_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    database = await opened(tmp_path)
    monkeypatch.setattr(sqlite, "LOG_ROOM", shutil.disk_usage(tmp_path).total)

    await database.make_room()

    assert (tmp_path / "uptimed.db-wal").stat().st_size < 1 << 20
    await database.write(note)
    await database.close()


async def test_room_for_the_log_can_wait_for_another_program(tmp_path: Path):
    database = await opened(tmp_path, patience_s=0.05)
    with sqlite3.connect(tmp_path / "uptimed.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        await database.make_room()
        other.execute("ROLLBACK")

    await database.write(note)
    await database.close()


@pytest.mark.timeout(180)
async def test_an_acknowledged_result_survives_kill_minus_nine(tmp_path: Path):
    """The child says a number after its commit; whatever it has said is there afterwards, however often it is killed."""
    chance = random.Random(2026)
    acknowledged: list[int] = []
    for _ in range(KILLS):
        first = acknowledged[-1] + 10 if acknowledged else 1
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(first)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        acknowledged.append(int(child.stdout.readline()))
        await asyncio.sleep(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        child.wait()
        child.stdout.close()

    survivor = await opened(tmp_path)
    known = await survivor.read(lambda conn: results.digests(conn, [a_result(number).id for number in acknowledged]))
    await survivor.close()
    assert len(acknowledged) > KILLS
    assert len(known) == len(acknowledged)


async def test_the_writer_keeps_a_write_ahead_log_and_syncs_every_commit(tmp_path: Path):
    database = await opened(tmp_path)

    def settings(conn) -> list[object]:
        return [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "query_only")]

    assert await database.write(settings) == ["wal", 2, 0]
    assert (await database.read(settings))[2] == 1
    await database.close()
    assert not (tmp_path / "uptimed.db-wal").exists(), "the writer leaves last and takes the log with it"


async def test_readers_are_never_locked_out_while_the_writer_writes(tmp_path: Path):
    database = await opened(tmp_path)
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            batch = [a_result(number + offset) for offset in range(20)]
            await database.write(lambda conn, batch=batch: results.add(conn, batch))
            number += 20

    async def read() -> None:
        for _ in range(200):
            await database.read(lambda conn: results.latest(conn, "sia/web/home"))

    writing = asyncio.create_task(write())
    await asyncio.gather(*(read() for _ in range(4)))
    stop.set()
    await writing
    await database.close()


async def test_a_reader_sees_one_moment_of_the_database(tmp_path: Path):
    database = await opened(tmp_path)
    loop = asyncio.get_running_loop()

    def work(conn) -> tuple[int, int]:
        before = len(audit.recent(conn, 10))
        asyncio.run_coroutine_threadsafe(database.write(note), loop).result(timeout=10)
        return before, len(audit.recent(conn, 10))

    assert await database.read(work) == (0, 0)
    assert await database.read(lambda conn: len(audit.recent(conn, 10))) == 1
    await database.close()


async def test_a_lock_of_another_program_is_away_and_then_over(tmp_path: Path):
    database = await opened(tmp_path, patience_s=0.1)
    other = sqlite3.connect(tmp_path / "uptimed.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageAway, match="locked by another program"):
        await database.write(note)
    assert await database.read(lambda conn: audit.recent(conn, 1)) == []

    other.execute("ROLLBACK")
    other.close()
    await database.write(note)
    await database.close()


async def test_a_full_disk_is_away_keeps_what_was_acknowledged_and_recovers_without_a_restart(tmp_path: Path):
    database = await opened(tmp_path)
    await database.write(lambda conn: results.add(conn, [a_result(1)]))
    pages = await database.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar())
    await database.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages}") and None)
    big = a_result(2, evidence={"excerpt": "x" * 100_000})

    with pytest.raises(StorageAway, match="no room left"):
        await database.write(lambda conn: results.add(conn, [big]))
    assert not (tmp_path / "reserve").exists(), "the reserve is given back"
    assert await database.read(lambda conn: results.latest(conn, big.check)) == a_result(1)

    await database.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=100000") and None)
    await database.write(lambda conn: results.add(conn, [big]))
    assert await database.read(lambda conn: results.latest(conn, big.check)) == big
    await database.close()


def test_the_reserve_takes_real_room_and_gives_it_back(tmp_path: Path):
    reserve = Reserve(tmp_path / "reserve", size=1 << 20)

    reserve.hold()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 1 << 20
    reserve.release()
    assert not (tmp_path / "reserve").exists()
    reserve.hold()
    assert not (tmp_path / "reserve").exists(), "not again at once: the room is for the alerts"


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path):
    file = tmp_path / "uptimed.db"
    file.write_bytes(b"this is not a database " * 1000)
    before = file.read_bytes()

    with pytest.raises(StorageRefused, match=r"put back a backup"):
        await opened(tmp_path)

    assert file.read_bytes() == before


async def test_a_damaged_database_is_refused_with_the_way_out(tmp_path: Path):
    database = await opened(tmp_path)
    await database.write(lambda conn: results.add(conn, [a_result(number) for number in range(500)]))
    await database.close()
    file = tmp_path / "uptimed.db"
    whole = bytearray(file.read_bytes())
    whole[4096 * 30 : 4096 * 40] = random.Random(1).randbytes(4096 * 10)
    file.write_bytes(whole)

    with pytest.raises(StorageRefused, match=r"put back a backup"):
        await opened(tmp_path)

    assert file.read_bytes() == bytes(whole)


async def test_a_damaged_header_is_refused(tmp_path: Path):
    await (await opened(tmp_path)).close()
    with (tmp_path / "uptimed.db").open("rb+") as file:
        file.write(b"\xff" * 60)

    with pytest.raises(StorageRefused, match=r"put back a backup"):
        await opened(tmp_path)


async def test_the_tables_of_another_program_are_left_alone(tmp_path: Path):
    other = sqlite3.connect(tmp_path / "uptimed.db")
    other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()

    with pytest.raises(StorageRefused, match="another program"):
        await opened(tmp_path)


async def test_a_place_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageRefused, match="cannot be created"):
        await Database.open(f"sqlite:///{tmp_path}/file/uptimed.db", data=tmp_path)


async def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Patched because root, which runs many a test, may write everywhere."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(StorageRefused, match="cannot be written"):
        await opened(tmp_path)


async def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Patched because a test has no NFS server."""
    monkeypatch.setattr(sqlite, "_filesystem", lambda _: "nfs4")

    with pytest.raises(StorageRefused, match=r"network file system \(nfs4\)"):
        await opened(tmp_path)


def test_the_file_system_of_a_folder_is_known(tmp_path: Path):
    assert sqlite._filesystem(Path("/proc")) == "proc"
    assert sqlite._filesystem(tmp_path) not in {"", "proc"}


async def test_a_missing_driver_is_refused_by_the_name_of_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "find_spec", lambda _: None)

    with pytest.raises(StorageRefused, match=r"uptimed\[postgres\]"):
        await Database.open("postgresql+asyncpg://u:p@localhost/x", data=tmp_path)


async def test_closing_finishes_what_was_asked_for(tmp_path: Path):
    database = await opened(tmp_path)
    slow = asyncio.create_task(database.write(lambda conn: (time.sleep(0.2), note(conn))))
    quick = asyncio.create_task(database.write(note))
    await asyncio.sleep(0.05)

    await database.close()

    await asyncio.gather(slow, quick)
    with pytest.raises(StorageAway, match="closed"):
        await database.write(note)
    again = await opened(tmp_path)
    assert len(await again.read(lambda conn: audit.recent(conn, 10))) == 2
    await again.close()
