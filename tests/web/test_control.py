"""Commands asking the daemon over its socket, each in a thread as a command would be in a process."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from uptimed.web.control import ControlRefused, ControlServer, NoDaemon, Refusal, ask


async def ack(args: Mapping[str, Any], who: str) -> dict[str, str]:
    if args.get("id") != "INC-2026-0001":
        raise Refusal(f"there is no incident {args.get('id')}; `uptimed incident list` names them")
    return {"acknowledged_by": who}


def broken(args: Mapping[str, Any], who: str) -> None:
    raise ZeroDivisionError


HANDLERS = {"incident.ack": ack, "echo": lambda args, _: args, "broken": broken}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "uptimed.sock"


async def asked(path: Path, command: str, args: Mapping[str, Any] | None = None, timeout_s: float = 20.0) -> Any:
    return await asyncio.to_thread(ask, path, command, args, timeout_s=timeout_s)


async def test_a_command_is_answered_and_the_system_says_who_asked(path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    answer = await asked(path, "incident.ack", {"id": "INC-2026-0001"})

    assert answer["acknowledged_by"] in {"root", os.environ.get("USER"), os.environ.get("LOGNAME"), f"uid {os.geteuid()}"}
    await server.close()


async def test_a_no_comes_back_as_the_handlers_own_sentence(path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    with pytest.raises(Refusal, match="there is no incident INC-9; `uptimed incident list` names them"):
        await asked(path, "incident.ack", {"id": "INC-9"})
    with pytest.raises(Refusal, match="does not know 'dance'; it knows: broken, echo"):
        await asked(path, "dance")
    await server.close()


async def test_a_bug_in_a_handler_is_logged_and_the_daemon_goes_on(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    with pytest.raises(Refusal, match="its log says why"):
        await asked(path, "broken")

    assert "ZeroDivisionError" in caplog.text
    assert await asked(path, "echo", {"text": "é" * 10_000}) == {"text": "é" * 10_000}
    await server.close()


async def test_without_a_daemon_the_command_is_told_so(path: Path) -> None:
    with pytest.raises(NoDaemon, match="start one with `uptimed run`"):
        await asked(path, "echo")


async def test_only_the_owner_may_open_the_socket(path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await server.close()
    assert not path.exists()


async def test_the_socket_of_a_killed_daemon_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    server = ControlServer(path, HANDLERS)

    await server.start()

    assert await asked(path, "echo", {"a": 1}) == {"a": 1}
    await server.close()


async def test_the_socket_of_a_living_daemon_is_not(path: Path) -> None:
    living = ControlServer(path, HANDLERS)
    await living.start()

    with pytest.raises(ControlRefused, match="another uptimed answers"):
        await ControlServer(path, HANDLERS).start()

    assert await asked(path, "echo", {"a": 1}) == {"a": 1}
    await living.close()


async def test_a_file_that_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("precious")

    with pytest.raises(ControlRefused, match="is in the way"):
        await ControlServer(path, HANDLERS).start()

    assert path.read_text() == "precious"


async def test_a_data_directory_may_lie_deeper_than_a_sockets_name_may_be_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "data"
    deep.mkdir(parents=True)
    server = ControlServer(deep / "uptimed.sock", HANDLERS)

    await server.start()

    assert await asked(deep / "uptimed.sock", "echo", {"a": 1}) == {"a": 1}
    await server.close()


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"[]\n",
        b'{"command": 1}\n',
        b'{"command": "echo", "args": []  , "x": 1}\n',
        b'{"args": {}}\n',
        b"[" * 60_000 + b"\n",
    ],
)
async def test_what_is_no_question_gets_a_sentence(line: bytes, path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    answer = await spoken(path, line)

    assert "ok" in answer if b'"echo"' in line else "question is not a line" in answer["error"] or "must be" in answer["error"]
    await server.close()


async def test_an_endless_question_is_cut(path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()

    answer = await spoken(path, b"x" * 400_000)

    assert "longer than" in answer["error"]
    await server.close()


async def spoken(path: Path, line: bytes) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(line)
    async with asyncio.timeout(20):
        answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return answer


async def test_long_texts_in_any_script_are_heard_in_full(path: Path) -> None:
    server = ControlServer(path, HANDLERS)
    await server.start()
    long = dict.fromkeys(("text", "text_fr", "reason"), "é" * 5000 + "💥" * 5000)

    assert await asked(path, "echo", long) == long
    await server.close()


async def test_a_handlers_own_mistake_is_not_called_a_long_question(path: Path) -> None:
    server = ControlServer(path, {"slip": lambda _args, _who: int("x")})
    await server.start()

    with pytest.raises(Refusal, match="its log says why"):
        await asked(path, "slip")
    await server.close()
