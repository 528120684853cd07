"""One total deadline for a run, and the stopwatch of its phases: one object, as a timeout is named after the phase it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from probes.reasons import ProbeFailure

_OVERDUE = {
    "resolve": "dns_timeout",
    "connect": "connect_timeout",
    "tls": "tls_timeout",
    "processing": "http_timeout",
    "transfer": "body_timeout",
    "banner": "banner_timeout",
    "request": "dns_timeout",
    "rtt": "icmp_timeout",
    "setup": "local_overload",
}


class Deadline:
    """
    Starts when it is made. `enter` names what begins now and ends what went before; a phase that is entered twice (a redirect
    resolves again) is summed.
    """

    __slots__ = ("_phase", "_since", "at", "notes", "peer", "phases", "started", "timeout_s")

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.started = time.monotonic()
        self.at = self.started + timeout_s
        self.phases: dict[str, float] = {}
        self.peer: tuple[str, int] | None = None
        """Address and port dialled last, for the order of blame; None until something of the endpoint's was dialled."""
        self.notes: list[str] = []
        self._phase = ""
        self._since = self.started

    def remaining(self) -> float:
        return self.at - time.monotonic()

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def enter(self, phase: str) -> None:
        now = time.monotonic()
        if self._phase:
            self.phases[self._phase] = self.phases.get(self._phase, 0.0) + now - self._since
        self._phase = phase
        self._since = now

    def stop(self) -> float:
        """Ends the last phase; seconds since the start."""
        self.enter("")
        return self._since - self.started

    def note(self, code: str) -> None:
        if code not in self.notes:
            self.notes.append(code)

    def overdue(self) -> ProbeFailure:
        """What a timeout means now, by the phase in which it struck."""
        code = _OVERDUE.get(self._phase, "connect_timeout")
        to = f" ({endpoint(*self.peer)})" if self.peer else ""
        return ProbeFailure(code, f"no end of the phase '{self._phase}' within the total timeout of {self.timeout_s:g} s{to}")

    @asynccontextmanager
    async def enforced(self) -> AsyncIterator[None]:
        """Ends the block at the deadline with the ProbeFailure of the phase that was under way."""
        try:
            async with asyncio.timeout(self.remaining()):
                yield
        except TimeoutError:
            raise self.overdue() from None


def endpoint(address: str, port: int) -> str:
    where = f"[{address}]" if ":" in address else address
    return f"{where}:{port}" if port else where
