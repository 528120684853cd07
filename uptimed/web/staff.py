"""
The staff door. For now it serves machines only: `/metrics`, `/-/healthy`, `/-/ready` and `/-/reload`; people's pages come later.

It shares no route, session or template with the public door.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import hdrs, web

from uptimed.metrics import CONTENT_TYPE, Metrics
from uptimed.web.guard import Route, Who, guarded_app, said

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Readiness:
    """Whether the daemon has started. One that serves the page from memory while the database is away is ready, and says so."""

    ready: bool
    reasons: Sequence[str] = ()
    """Sentences: what is missing, or what it makes do without."""
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


class ConfigRefused(Exception):
    """A reload that was not taken; nothing live was touched."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def staff_app(
    *,
    metrics: Metrics,
    now: Callable[[], float],
    readiness: Callable[[], Readiness],
    reload: Callable[[], Awaitable[str]],
    token: str = "",
) -> web.Application:
    """
    The app of `server.staff`.

    `now` is the clock of `CheckSeries.result(fresh_until=...)`. `reload` returns a sentence for people or raises `ConfigRefused`.
    Without `token` only this machine itself may reload.
    """
    machine = MachineRoutes(metrics=metrics, now=now, readiness=readiness, reload_config=reload)
    table = (
        Route("GET", "/metrics", Who.REACHING, machine.scrape),
        Route("GET", "/-/healthy", Who.REACHING, machine.healthy),
        Route("GET", "/-/ready", Who.REACHING, machine.ready),
        Route("POST", "/-/reload", Who.LOCAL_OR_BEARER, machine.reload),
    )
    return guarded_app(table, token=token)


@dataclass(frozen=True)
class MachineRoutes:
    """The handlers, with what they need."""

    metrics: Metrics
    now: Callable[[], float]
    readiness: Callable[[], Readiness]
    reload_config: Callable[[], Awaitable[str]]

    async def scrape(self, request: web.Request) -> web.StreamResponse:
        gzip = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        answer = web.StreamResponse(headers={hdrs.CONTENT_TYPE: CONTENT_TYPE, hdrs.VARY: hdrs.ACCEPT_ENCODING})
        if gzip:
            answer.headers[hdrs.CONTENT_ENCODING] = "gzip"
        await answer.prepare(request)
        if request.method != hdrs.METH_HEAD:
            show = self.metrics.gzipped if gzip else self.metrics.chunks
            async for chunk in show(self.now()):
                await answer.write(chunk)
        await answer.write_eof()
        return answer

    async def healthy(self, _: web.Request) -> web.Response:
        """200 while the event loop turns. It says nothing of the database: a restart would not bring that back."""
        return said(200, "uptimed is alive.")

    async def ready(self, _: web.Request) -> web.Response:
        state = self.readiness()
        body = {"ready": state.ready, "reasons": list(state.reasons), **state.facts}
        return web.json_response(body, status=200 if state.ready else 503)

    async def reload(self, _: web.Request) -> web.Response:
        try:
            sentence = await self.reload_config()
        except ConfigRefused as refused:
            log.warning("reload refused, the running configuration stays: %d errors", len(refused.problems))
            return said(400, "\n".join(["Not reloaded; the running configuration stays.", *refused.problems]))
        return said(200, sentence or "Reloaded.")
