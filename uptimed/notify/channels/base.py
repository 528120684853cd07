"""
What a way out looks like: `Channel`, one of the three seams with several implementations.

A channel words the message's facts, sends once and says how it ended. It keeps no queue and never retries: that is the relay's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from probes.outcome import inert
from uptimed.domain.messages import Message, SendOutcome

T = TypeVar("T")

HIDDEN = "***"


class Channel(Protocol):
    @property
    def name(self) -> str:
        """Its key under `notify.channels`."""
        ...

    @property
    def timeout_s(self) -> float:
        """One total deadline of a send, in seconds: resolving, connecting, TLS and the peer's last answer."""
        ...

    async def send(self, message: Message, *, attempt: int) -> SendOutcome:
        """
        Send once; `attempt` counts from 1.

        `Sent` only when the receiver has taken it over. Whatever the peer does is an outcome; an exception is a bug of ours.
        Reasons are sentences for people and carry no secret. Must honour cancellation: the caller keeps the deadline.
        """
        ...


def said_by_peer(text: str | bytes, secrets: Collection[str] = ()) -> str:
    """A peer's words made harmless for a reason: printable, short, and without the secrets that it may have echoed."""
    if isinstance(text, bytes):
        text = text[:2_000].decode("utf-8", "replace")
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, HIDDEN)
    return inert(" ".join(text.split()))


async def in_own_thread(call: Callable[[], T], *, name: str) -> T:
    """
    Run a blocking call in a thread of its own and wait for it; cancelling leaves the thread behind.

    Not the loop's executor: a receiver that hangs must neither eat the threads that name resolution needs nor keep the process from
    ending, so the thread is a daemon.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, fault: BaseException | None) -> None:
        if answer.done():
            return
        if fault is None:
            answer.set_result(value)  # type: ignore[arg-type]  # without a fault it is a T
        else:
            answer.set_exception(fault)

    def work() -> None:
        value, fault = None, None
        try:
            value = call()
        except BaseException as error:  # noqa: BLE001  handed to whoever waits
            fault = error
        # The loop may be gone: then nobody waits any more.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, value, fault)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await answer
