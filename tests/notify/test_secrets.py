"""A canary in every secret of every channel appears in no reason, note, log line, row or repr (RELIABILITY S21)."""

from __future__ import annotations

import asyncio
import logging

import pytest

from probes.net import Net
from probes.options import Secret
from tests.notify.builders import VOICE, HandClock, Recorder, a_message
from tests.notify.conftest import StartRelay, Switch
from tests.notify.mailbox import Mailbox, served
from tests.notify.sink import listening
from uptimed.domain.messages import Message, SendOutcome
from uptimed.notify.channels.apprise import Apprise
from uptimed.notify.channels.base import Channel
from uptimed.notify.channels.email import Email, Server
from uptimed.notify.channels.webhook import Webhook

CANARY = "canary-0b5e55ed"
ANSWERS = [
    *("204 Fine", f"500 {CANARY}", f"404 {CANARY}", f"410 {CANARY}", f"302 Found\r\nLocation: http://x/{CANARY}"),
    *(f"429 Slow\r\nRetry-After: {CANARY}", "stall", "reset", "garbage"),
]


def ways_out(web_port: int, mail_port: int) -> dict[str, Channel]:
    net = Net.build(allow=("127.0.0.0/8",))
    server = Server("127.0.0.1", mail_port, "uptimed@example.com", Secret(CANARY), Secret(CANARY), "none")
    return {
        "hook": Webhook(
            "hook", Secret(f"http://127.0.0.1:{web_port}/{CANARY}?{CANARY}"), Secret(CANARY), net, VOICE, HandClock(), 0.6
        ),
        "dead-hook": Webhook("dead-hook", Secret(f"http://nobody.invalid/{CANARY}"), None, net, VOICE, HandClock(), 2.0),
        "blocked-hook": Webhook("blocked-hook", Secret(f"http://10.0.0.1/{CANARY}"), None, net, VOICE, HandClock(), 2.0),
        "odd-hook": Webhook("odd-hook", Secret(f"ftp://u:{CANARY}@x y/{CANARY}"), None, net, VOICE, HandClock(), 2.0),
        "mail": Email("mail", ("ops@example.com",), server, VOICE, HandClock(), 2.0),
        "pager": Apprise("pager", Secret(f"json://u:{CANARY}@127.0.0.1:{web_port}/{CANARY}"), net, VOICE, 2.0),
        "odd-pager": Apprise("odd-pager", Secret(f"nonsense://{CANARY}"), net, VOICE),
    }


@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_canary_gets_out(
    answer: str, database: Switch, start_relay: StartRelay, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    seen: list[object] = []
    caplog.set_level(logging.DEBUG, logger="uptimed")
    async with listening([answer] * 4) as sink, served(Mailbox(), password="another") as box:
        channels = ways_out(sink.port, box.port)
        messages = [a_message(channel=name) for name in channels]
        await database.add(*messages)
        await start_relay(channels)
        for message in messages:
            seen.extend(await outcomes(database, message))
    told = [caplog.text, *(str(record.__dict__) for record in caplog.records if record.name.startswith("uptimed"))]
    assert CANARY not in "".join([*told, *map(str, seen), *map(repr, channels.values()), *capfd.readouterr()])
    assert len(seen) == len(channels)


async def test_nor_when_a_channel_fails_by_a_fault_of_its_own(
    database: Switch, start_relay: StartRelay, caplog: pytest.LogCaptureFixture
):
    def fails(_message: Message, _attempt: int) -> SendOutcome:
        raise RuntimeError(f"https://hooks.example.com/{CANARY}")

    await database.add(a_message())
    await start_relay({"hook": Recorder(answer=fails)})
    (outcome,) = await outcomes(database, a_message())
    assert "RuntimeError" in str(outcome)
    assert CANARY not in caplog.text + str(outcome)


async def outcomes(database: Switch, message: Message) -> list[object]:
    """What the database was told about the attempts at this message, once the first has ended."""
    async with asyncio.timeout(15):
        while True:
            ended = [(one.outcome, one.detail) for one in await database.attempts(message) if one.outcome]
            if ended:
                return [ended[0]]
            await asyncio.sleep(0.02)
