"""
What a way out looks like: `Channel`, one of the three seams with several implementations.

A channel words the message's facts, sends once and says how it ended. It keeps no queue and never retries: that is the relay's.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from probes.outcome import inert
from uptimed.domain.messages import Message, SendOutcome

T = TypeVar("T")

HIDDEN = "***"
AT_ONCE = 4
"""Threads of one channel; those that hang cannot be ended, only counted."""


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


class AllHang(Exception):
    """Every thread of this channel still waits for its receiver."""


class OwnThreads:
    """
    Runs blocking calls in threads of a channel's own, at most `AT_ONCE`; cancelling leaves a thread behind, and it stays counted.

    Not the loop's executor: a receiver that hangs must neither eat the threads that name resolution needs nor keep the process from
    ending, so the threads are daemons.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._out = 0

    async def run(self, call: Callable[[], T]) -> T:
        """`AllHang` when no thread is free."""
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
            finally:
                self._count(-1)
            # The loop may be gone: then nobody waits any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, value, fault)

        self._count(+1)
        threading.Thread(target=work, name=self._name, daemon=True).start()
        return await answer

    def _count(self, change: int) -> None:
        with self._lock:
            if self._out + change > AT_ONCE:
                raise AllHang
            self._out += change
