"""
The control socket: how a command of this machine asks the running daemon, on `data/uptimed.sock` (mode 0600).

One JSON object a line each way, one question a connection: `{"command": "incident.ack", "args": {...}}` is answered by
`{"ok": ...}` or `{"error": "one sentence"}`. The operating system says who is asking (SO_PEERCRED), so there is no password and the
audit log gets a true name. Only root and the daemon's own user are heard.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import os
import pwd
import socket
import stat
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

QUESTION_LIMIT = 262_144
"""Bytes of a question; answers have no limit, they come from ourselves."""
QUESTION_WITHIN_S = 5.0
"""A caller that connects and says nothing is let go."""
NAME_LIMIT = 100
"""Bytes of a socket's path: sun_path takes 107 on Linux. Longer ones are reached through their folder's descriptor."""

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any], str], Any | Awaitable[Any]]
"""(args, login name of who asks) -> something JSON-ready. Raises `Refusal` to say no."""


class ControlRefused(Exception):
    """The daemon cannot open its socket: somebody else answers on it, or it cannot be made. One sentence for people."""


class NoDaemon(Exception):
    """Nobody answers on the socket: no daemon runs on this data directory."""


class Refusal(Exception):
    """The daemon says no, in one sentence. Handlers raise it, and `ask` raises it again on the other side."""


class ControlServer:
    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self.path = path
        self._handlers = dict(handlers)
        self._server: asyncio.Server | None = None
        self._inode = 0

    async def start(self) -> None:
        sock = bound(self.path)
        self._inode = self.path.stat().st_ino
        self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=QUESTION_LIMIT)

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        self._server = None
        # Only our own: a successor may have put its socket there while we drained.
        with suppress(FileNotFoundError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            try:
                answer = await self._answer(reader, writer.get_extra_info("socket"))
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
            finally:
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, sock: socket.socket) -> dict[str, Any]:
        try:
            who = asker(sock)
            async with asyncio.timeout(QUESTION_WITHIN_S):
                command, args = question(await _line(reader))
            handler = self._handlers.get(command)
            if handler is None:
                raise Refusal(f"this daemon does not know {command!r}; it knows: {', '.join(sorted(self._handlers))}")
            answer = handler(args, who)
            return {"ok": await answer if inspect.isawaitable(answer) else answer}
        except Refusal as refusal:
            return {"error": str(refusal)}
        except TimeoutError:
            return {"error": f"no question came within {QUESTION_WITHIN_S:g} s"}
        except Exception:
            log.exception("a command failed in the daemon")
            return {"error": "the daemon failed to do it; its log says why"}


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # asyncio's word for a line beyond the limit
        raise Refusal(f"Nothing was done: the question is longer than {QUESTION_LIMIT} bytes; say it in shorter texts.") from None


def question(line: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        asked = json.loads(line)
        command, args = asked["command"], asked.get("args") or {}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Refusal('the question is not a line of JSON like {"command": "...", "args": {...}}') from error
    if not isinstance(command, str) or not isinstance(args, dict):
        raise Refusal("`command` must be a text and `args` an object")
    return command, args


def asker(sock: socket.socket) -> str:
    """Login name of the process at the other end."""
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    if uid not in (0, os.geteuid()):
        raise Refusal("only root and the daemon's own user may ask here; use sudo, or become that user")
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # DynamicUser=, containers
        return f"uid {uid}"


def ask(path: Path, command: str, args: Mapping[str, Any] | None = None, *, timeout_s: float = 30.0) -> Any:
    """The daemon's answer. Raises `NoDaemon` when none listens, `Refusal` with its sentence, `TimeoutError` when it is late."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout_s)
        try:
            with reachable(path) as name:
                sock.connect(name)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as away:
            raise NoDaemon(f"no uptimed answers on {path}; start one with `uptimed run`") from away
        except PermissionError as refused:
            raise Refusal(f"{path} may not be opened by this user; become root or the user uptimed runs as") from refused
        try:
            # As it is written, not escaped: six bytes for each é would count against the limit.
            asked = json.dumps({"command": command, "args": dict(args or {})}, ensure_ascii=False)
            sock.sendall(asked.encode(errors="surrogatepass") + b"\n")
            with sock.makefile("rb") as lines:
                answer = json.loads(lines.readline())
        except TimeoutError as late:
            raise TimeoutError(
                f"no answer to {command!r} within {timeout_s:g} s; the log of uptimed may say what holds it up"
            ) from late
        except (OSError, ValueError) as broken:
            raise NoDaemon(f"uptimed went away during {command!r}; look whether it was done, then ask again") from broken
    if "error" in answer:
        raise Refusal(answer["error"])
    return answer.get("ok")


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for the socket that the kernel takes, however deep the data directory lies."""
    if len(os.fsencode(path)) <= NAME_LIMIT:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def bound(path: Path) -> socket.socket:
    """A socket at `path` for this user only. A file left by a killed daemon is replaced."""
    clear_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode must be right from the first instant: chmod afterwards would leave a gap.
    before = os.umask(0o177)
    try:
        with reachable(path) as name:
            sock.bind(name)
    except OSError as error:
        sock.close()
        raise ControlRefused(f"cannot make the control socket {path}: {error.strerror}; is the data directory writable?") from error
    finally:
        os.umask(before)
    sock.setblocking(False)
    return sock


def clear_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not stat.S_ISSOCK(mode):
        raise ControlRefused(f"{path} is in the way: it is not a socket; move it elsewhere and start again")
    with reachable(path) as name, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(1.0)
        try:
            caller.connect(name)
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise ControlRefused(f"cannot tell who holds {path}: {error}; stop it, or choose another data directory") from error
    raise ControlRefused(f"another uptimed answers on {path}; stop it first, or choose another data directory")
