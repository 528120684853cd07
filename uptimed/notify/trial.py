"""`uptimed notify test CHANNEL`: a message that says that it is a test, sent the same way as every other (RELIABILITY R26)."""

from __future__ import annotations

from uptimed.domain.messages import Kind, Message, SendOutcome
from uptimed.notify.channels.base import Channel
from uptimed.notify.sending import sent_once


def test_message(channel: str, language: str, now_us: int) -> Message:
    return Message(
        id=f"test/{now_us}/{channel}",
        channel=channel,
        kind=Kind.TEST,
        incident=None,
        payload={"test": {"channel": channel}},
        language=language,
        created_at_us=now_us,
        due_at_us=now_us,
    )


async def send_test(channel: Channel, language: str, now_us: int) -> SendOutcome:
    """One attempt, without a row in the outbox; never raises."""
    return await sent_once(channel, test_message(channel.name, language, now_us), attempt=1)
