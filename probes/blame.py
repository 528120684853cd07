"""
The order of blame (RELIABILITY section 2): is it the endpoint, or is it us?

A silent endpoint and a cut cable of our own look the same from here. Before such a failure is said to be the endpoint's, our
resolvers are asked the canary question, and somebody who should answer is called: the configured references, or else other
endpoints that answered this worker a while ago. Endpoints on loopback need no witness.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from probes.deadline import Deadline
from probes.http1 import Request, exchange
from probes.net import Net
from probes.outcome import Outcome, Verdict
from probes.reasons import REASONS, SILENT, ProbeFailure

GRACE_S = 0.4
"""How long judging may go on after the deadline of the run: within the half second that is promised."""

_CALL_S = 2.0
_MOST_HEARD = 64
_MOST_CALLED = 3
_HEARD_LATELY_S = 600.0
_RESOLVER_SUSPECT = {"dns_timeout": "resolver_timeout", "dns_servfail": "resolver_failed", "dns_refused": "resolver_failed"}


class Witnesses:
    """
    One per worker. `references` are URLs (http, https or `tcp://host:port`) that the operator trusts to be there. A call that was
    made within `window_s` is not made again, so a hundred checks that fail together make one.
    """

    def __init__(self, net: Net, references: Sequence[str] = (), window_s: float = 2.0) -> None:
        for reference in references:
            check_reference(reference)
        self._net = net
        self._references = tuple(references)
        self._window_s = window_s
        self._heard: dict[str, tuple[int, float]] = {}
        self._calls: dict[str, tuple[float, asyncio.Task[bool]]] = {}

    def heard(self, peer: tuple[str, int] | None) -> None:
        """Somebody answered at this address and port just now."""
        if peer is None or not peer[1] or ip_address(peer[0]).is_loopback:
            return
        self._heard.pop(peer[0], None)
        self._heard[peer[0]] = (peer[1], time.monotonic())
        if len(self._heard) > _MOST_HEARD:
            del self._heard[next(iter(self._heard))]

    def get_ready(self, peer: tuple[str, int] | None) -> None:
        """A run takes suspiciously long: call the witnesses now, so that their answer is there when it is needed."""
        if peer is None or not ip_address(peer[0]).is_loopback:
            for witness in self._those_besides(peer):
                self._call(witness)

    async def judge(self, outcome: Outcome, deadline: Deadline) -> Outcome:
        """The outcome as it is, or `unknown` when the trouble is ours; within `GRACE_S` after the deadline. Never raises."""
        if outcome.verdict is not Verdict.DOWN:
            return outcome
        if deadline.peer is None and outcome.reason in _RESOLVER_SUSPECT:
            return await self._judge_resolver(outcome, deadline)
        is_local = deadline.peer is not None and ip_address(deadline.peer[0]).is_loopback
        if outcome.reason not in SILENT or is_local:
            return outcome
        witnesses = self._those_besides(deadline.peer)
        if witnesses and not await self._anyone_answers(witnesses, _left(deadline)):
            whom = "no reference" if self._references else "no other endpoint"
            return excuse(outcome, "network_unreachable", f"{whom} answers either; the endpoint: {outcome.detail}")
        return outcome

    async def _judge_resolver(self, outcome: Outcome, deadline: Deadline) -> Outcome:
        left = _left(deadline)
        alive = False
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                alive = await self._net.resolver.is_alive(left)
        return outcome if alive else excuse(outcome, _RESOLVER_SUSPECT[outcome.reason], outcome.detail)

    def _those_besides(self, peer: tuple[str, int] | None) -> list[str]:
        if self._references:
            return list(self._references)
        since = time.monotonic() - _HEARD_LATELY_S
        others = [
            f"tcp://[{address}]:{port}" if ":" in address else f"tcp://{address}:{port}"
            for address, (port, at) in reversed(self._heard.items())
            if at >= since and (peer is None or address != peer[0])
        ]
        return others[:_MOST_CALLED]

    async def _anyone_answers(self, witnesses: list[str], within_s: float) -> bool:
        waiting = {self._call(witness) for witness in witnesses}
        until = time.monotonic() + within_s
        while waiting and (left := until - time.monotonic()) > 0:
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if any(not task.cancelled() and task.result() for task in done):
                return True
        return False

    def _call(self, witness: str) -> asyncio.Task[bool]:
        at, task = self._calls.get(witness, (0.0, None))
        loop = asyncio.get_running_loop()
        if task is None or time.monotonic() - at > self._window_s or task.get_loop() is not loop:
            task = loop.create_task(_reach(witness, self._net), name=f"reference {witness}")
            if len(self._calls) > _MOST_HEARD:
                self._calls.clear()
            self._calls[witness] = (time.monotonic(), task)
        return task


def excuse(outcome: Outcome, reason: str, detail: str = "") -> Outcome:
    """A bad outcome turned into `unknown`: the trouble was ours. What was seen to work stays as it is."""
    if outcome.verdict in {Verdict.UP, Verdict.UNKNOWN}:
        return outcome
    figures = {name: value for name, value in outcome.figures.items() if not name.startswith(("probe_success", "probe_duration"))}
    failure = ProbeFailure(reason, detail)
    return replace(outcome, verdict=REASONS[reason].verdict, reason=reason, detail=failure.detail, figures=figures)


def check_reference(url: str) -> None:
    """ValueError with advice for what could never be reached."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https", "tcp"} or not parts.hostname or (parts.scheme == "tcp" and not port):
        raise ValueError(f"{url!r} is not a reference; write https://www.example.org/ or tcp://192.0.2.1:53")


async def _reach(url: str, net: Net) -> bool:
    """Whether anybody answers there, whatever they say."""
    deadline = Deadline(_CALL_S)
    try:
        parts = urlsplit(url)
        if parts.scheme == "tcp":
            async with deadline.enforced():
                (await net.trusted().dial(parts.hostname or "", parts.port or 0, deadline)).close()
        else:
            await exchange(Request("GET", url), net=net.trusted(), deadline=deadline)
    except ProbeFailure as failure:
        # A wrong certificate or a broken answer is still a voice from outside.
        return failure.verdict is Verdict.DOWN and failure.reason.startswith(("tls_", "body_")) and failure.reason not in SILENT
    except (OSError, ValueError):
        return False
    return True


def _left(deadline: Deadline) -> float:
    """Up to `GRACE_S` after the deadline, and not longer than a call may take."""
    return max(0.0, min(deadline.remaining() + GRACE_S, _CALL_S))
