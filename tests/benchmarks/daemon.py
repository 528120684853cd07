"""Real daemons and the endpoints they watch, started as processes and ended with them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

START_WITHIN_S = 60.0


class Endpoint(NamedTuple):
    port: int

    def url(self, path: str, number: int = 0) -> str:
        return f"http://127.0.0.{number % 8 + 1}:{self.port}{path}"

    def ask(self, path: str) -> bytes:
        return fetched(self.url(path))

    def seen(self) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = json.loads(self.ask("/seen"))
        return answer


class Daemon(NamedTuple):
    process: subprocess.Popen[bytes]
    public: str
    staff: str
    folder: Path
    started_at: float
    """Monotonic seconds, before the process was made."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def metrics(self) -> str:
        return fetched(f"{self.staff}/metrics").decode()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.endpoint"], stdout=subprocess.PIPE)
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to the endpoint")
        yield Endpoint(int(process.stdout.readline()))
    finally:
        ended(process)


@contextmanager
def daemon(products: Sequence[Mapping[str, Any]], notify: Mapping[str, Any] | None = None) -> Iterator[Daemon]:
    """`uptimed run` on a configuration that is JSON, and so YAML. Yields when it says that it is ready."""
    public, staff = free_ports(2)
    with TemporaryDirectory(prefix="uptimed-bench-") as name:
        folder = Path(name)
        file = folder / "uptimed.yaml"
        config = {
            "site": {"name": "Benchmark", "url": f"http://127.0.0.1:{public}"},
            "products": list(products),
            "server": {"public": f"127.0.0.1:{public}", "staff": f"127.0.0.1:{staff}"},
            "egress": {"allow": ["127.0.0.0/8"]},
            "data": "./data",
            **({"notify": dict(notify)} if notify else {}),
        }
        file.write_text(json.dumps(config))
        with (folder / "log").open("wb") as log:
            began = time.monotonic()
            process = subprocess.Popen([sys.executable, "-m", "uptimed", "run", "--config", str(file)], stderr=log, stdout=log)
            try:
                running = Daemon(process, f"http://127.0.0.1:{public}", f"http://127.0.0.1:{staff}", folder, began)
                wait_until_ready(running)
                yield running
            finally:
                ended(process)


def wait_until_ready(running: Daemon) -> None:
    while time.monotonic() < running.started_at + START_WITHIN_S:
        if running.process.poll() is not None:
            raise RuntimeError(f"uptimed did not start:\n{(running.folder / 'log').read_text()[-3000:]}")
        try:
            fetched(f"{running.staff}/-/ready")
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"uptimed was not ready within {START_WITHIN_S:g} s:\n{(running.folder / 'log').read_text()[-3000:]}")


def ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Free now; the daemon takes them a moment later."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  our own address
        body: bytes = answer.read()
        return body


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}"
