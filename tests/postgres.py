"""
A PostgreSQL server of our own for a run of the tests: in a temporary folder, on a unix socket, without fsync.

PostgreSQL refuses to run as root; there it runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from tests.capabilities import need
from tests.quick_disk import quick_folder

_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=40",
    "shared_buffers=16MB",
    "log_min_messages=fatal",
)
_START_S = 30.0


class PostgresServer:
    """Start and stop as often as a test likes: the databases stay, and so does the address."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Not under pytest's folder, which only its owner may enter.
        self._home = Path(tempfile.mkdtemp(prefix="uptimed-pg-", dir=quick_folder()))
        self._user = _somebody() if os.geteuid() == 0 else None
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            os.chown(self._home, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "-D", str(self._home / "data"), "-U", "uptimed", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        command = [str(self._programs / "postgres"), "-D", str(self._home / "data"), "-k", str(self._home)]
        for setting in _SETTINGS:
            command += ["-c", setting]
        self._process = subprocess.Popen(
            command, cwd=self._home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as_user()
        )
        give_up = time.monotonic() + _START_S
        while self._pg_isready() != 0:
            assert self._process.poll() is None, "PostgreSQL ended at once"
            assert time.monotonic() < give_up, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: open connections are cut; SIGQUIT: as after a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_START_S)
            self._process = None

    def remove(self) -> None:
        # At once: nobody wants what it would still write.
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._home, ignore_errors=True)

    def address_of(self, database: str) -> str:
        return f"postgresql+asyncpg://uptimed@/{database}?host={self._home}"

    def new_database(self) -> str:
        """The address of a fresh, empty database."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.address_of(name)

    def sql(self, statement: str, database: str = "postgres") -> None:
        async def run() -> None:
            connection = await asyncpg.connect(host=str(self._home), user="uptimed", database=database)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())

    def _pg_isready(self) -> int:
        return self._run("pg_isready", "-q", "-h", str(self._home), "-U", "uptimed", "-d", "postgres", check=False)

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._programs / program), *arguments]
        return subprocess.run(command, check=check, cwd=self._home, stdout=subprocess.DEVNULL, **self._as_user()).returncode

    def _as_user(self) -> dict[str, object]:
        return {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}


def _somebody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer(Path(need("postgresql")))
    try:
        server.start()
        yield server
    finally:
        server.remove()
