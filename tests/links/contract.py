"""What every Link does, whatever carries it. A new implementation joins by adding its factory to `FACTORIES`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeVar

from probes.links import Assignment, Link, ProbeResult, Recheck
from probes.links.local import LocalLink

T = TypeVar("T")


class CoreSide(Protocol):
    """How the tests speak for the core."""

    async def publish(self, assignment: Assignment) -> None: ...

    async def ask(self, recheck: Recheck) -> None: ...


OnBatch = Callable[[Sequence[ProbeResult]], Awaitable[Collection[str]]]
Factory = Callable[[OnBatch], AbstractAsyncContextManager[tuple[Link, CoreSide]]]


class LocalCore:
    def __init__(self, link: LocalLink) -> None:
        self._link = link

    async def publish(self, assignment: Assignment) -> None:
        self._link.publish(assignment)

    async def ask(self, recheck: Recheck) -> None:
        self._link.ask(recheck)


@asynccontextmanager
async def local(on_batch: OnBatch):
    link = LocalLink(on_batch)
    yield link, LocalCore(link)


FACTORIES: dict[str, Factory] = {"local": local}


async def soon(waiting: Awaitable[T]) -> T:
    return await asyncio.wait_for(waiting, 10.0)
