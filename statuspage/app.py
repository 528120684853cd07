"""
The public door: a dictionary lookup and prebuilt bytes, in front of a task that renders when the facts change.

No router, session, cookie or template stands between a reader and the page, and nothing of a request but its method, path, Host,
`Accept-*` and `If-None-Match` is looked at. Absolute links are made from the configured address only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from aiohttp import web

from statuspage.answers import Desk
from statuspage.connections import Door
from statuspage.site import Site, render
from statuspage.snapshot import Snapshot
from statuspage.source import SnapshotSource
from statuspage.view import is_stale

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
AGE_SAID_EVERY_US = 60_000_000


def public_runner(
    source: SnapshotSource,
    *,
    now_us: Callable[[], int],
    hosts: Sequence[str] = (),
    trusted_proxies: Sequence[str] = (),
    on_request: Callable[[int], None] | None = None,
) -> PublicRunner:
    """
    Made ready by `await runner.setup()`; then give it sites (`web.TCPSite(runner, host, port)`), and end it with `cleanup()`.

    Besides `hosts`, loopback names and the host of the site's own address are accepted; any other Host gets 421. `trusted_proxies`
    are networks that may open any number of connections. `on_request` is called with the status of each answer.
    """
    return PublicRunner(source, now_us, Desk(hosts, on_request), trusted_proxies)


class PublicRunner(web.ServerRunner):
    __slots__ = ("_desk", "_now_us", "_shown", "_source", "_task", "_thread", "_wake")

    def __init__(self, source: SnapshotSource, now_us: Callable[[], int], desk: Desk, proxies: Sequence[str]) -> None:
        super().__init__(Door(desk.answer, proxies=proxies), shutdown_timeout=1.0)
        self._source = source
        self._now_us = now_us
        self._desk = desk
        self._shown: Snapshot | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        # One thread: one rendering at a time, and the event loop stays with the readers (and, in one process, with the checks).
        self._thread = ThreadPoolExecutor(1, "statuspage")

    @property
    def site(self) -> Site | None:
        """What is being served."""
        return self._desk.site

    async def setup(self) -> None:
        await super().setup()
        await self.refresh()
        self._task = asyncio.create_task(self._keep_fresh(), name="statuspage")

    async def cleanup(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await super().cleanup()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """There is a newer snapshot: do not wait for the next look. To be called from the event loop."""
        self._wake.set()

    async def refresh(self) -> None:
        """Renders if the facts are new, have become stale, or have been stale for another minute."""
        snapshot, now_us = self._source.newest(), self._now_us()
        if snapshot is None or not self._is_due(snapshot, now_us):
            return
        rendering = asyncio.get_running_loop().run_in_executor(self._thread, _rendered, snapshot, now_us, self._desk.site)
        self._desk.show(await rendering)
        self._shown = snapshot

    def _is_due(self, snapshot: Snapshot, now_us: int) -> bool:
        site = self._desk.site
        if site is None or snapshot is not self._shown:
            return True
        if not is_stale(snapshot, now_us):
            return site.stale
        return not site.stale or not 0 <= now_us - site.rendered_us < AGE_SAID_EVERY_US

    async def _keep_fresh(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.refresh()
            except Exception:
                log.exception("the status page could not be rendered; the last one goes on being served")
                await asyncio.sleep(5)


def _rendered(snapshot: Snapshot, now_us: int, previous: Site | None) -> Site:
    return render(snapshot, now_us, previous=previous)
