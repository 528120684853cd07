"""One attempt, whatever happens: the relay and `uptimed notify test` both send through here."""

from __future__ import annotations

import asyncio
import logging
import traceback

from uptimed.domain.messages import GiveUp, Message, RetryLater, SendOutcome
from uptimed.notify.channels.base import Channel

ATTEMPTS_WITH_A_BUG = 5
"""A message on which our own code fails so often is set aside, so that it cannot keep the relay busy for ever."""

log = logging.getLogger(__name__)


async def sent_once(channel: Channel, message: Message, *, attempt: int) -> SendOutcome:
    """Send under the channel's total deadline. Never raises, except when it is cancelled."""
    try:
        async with asyncio.timeout(channel.timeout_s):
            return await channel.send(message, attempt=attempt)
    except TimeoutError:
        return RetryLater(f"no answer from the receiver within {channel.timeout_s:g} s")
    except Exception as fault:  # noqa: BLE001  one bad row must not stop the relay
        # Type and place, never the text: an exception of a library may quote the URL with its token.
        where = traceback.extract_tb(fault.__traceback__)[-1]
        what = f"{type(fault).__name__} at {where.filename.rpartition('/')[2]}:{where.lineno}"
        log.error("a channel failed by a fault of its own", extra={"fields": {"channel": channel.name, "fault": what}})
        sentence = f"uptimed itself failed to send this ({what}); please report it"
        return RetryLater(sentence) if attempt < ATTEMPTS_WITH_A_BUG else GiveUp(sentence)
