"""Keeps page and gauges in step with the engine: at once when something changed, otherwise every twenty seconds."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from statuspage.snapshot import Snapshot
from uptimed.clock import Clock
from uptimed.engine.engine import Engine
from uptimed.engine.publish import Accounts, open_by_severity, snapshot_of, write_copy
from uptimed.metrics import EngineGauges

AT_LEAST_EVERY_S = 20.0
GAP_S = 0.25
"""Changes that come closer together are told at once: a mass outage is a handful of pages, not hundreds."""
ALERTS_FIRST_S = 0.1
"""A change is told to people on call before it is drawn: making the page must not hold up the commit and the relay."""
STEP_S = 0.004
"""Making the page holds the event loop up for about so long at once, and then lets others in."""
SHARE = 0.02
"""Publishing may take so much of the time; with thousands of components the quiet rounds get rarer, changes do not."""

log = logging.getLogger(__name__)

_ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "let the user that uptimed runs as write there"),
    errno.ENOENT: "make that folder again",
}


class Publisher:
    def __init__(
        self,
        engine: Engine,
        gauges: EngineGauges,
        clock: Clock,
        copy: Path,
        *,
        address: str = "",
        on_publish: Callable[[], None] = lambda: None,
    ) -> None:
        """`address`: where the page is reached as long as `site.url` does not say."""
        self.snapshot: Snapshot | None = None
        self._engine = engine
        self._gauges = gauges
        self._clock = clock
        self._copy = copy
        self._address = address
        self._on_publish = on_publish
        self._changed = asyncio.Event()
        self._copy_failed = ""
        self._shown: dict[str, str] = {}
        """Component -> the state that its gauges show."""

    def changed(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        while True:
            took_s = await self._publish_in_steps()
            await self._keep_copy()
            await asyncio.sleep(GAP_S)
            try:
                async with asyncio.timeout(max(AT_LEAST_EVERY_S, took_s / SHARE)):
                    await self._changed.wait()
                    await asyncio.sleep(ALERTS_FIRST_S)
            except TimeoutError:
                pass

    async def _publish_in_steps(self) -> float:
        """Bring the books up to date first, with room for others between any two: an alert does not wait for a page."""
        self._changed.clear()
        now_us = self._clock.now_us()
        began = paused = self._clock.monotonic()
        away_s = 0.0
        for product in list(self._engine.picture.products.values()):
            product.bring_up_to(now_us)
            now = self._clock.monotonic()
            if now - paused > STEP_S:
                await asyncio.sleep(0)
                paused = self._clock.monotonic()
                away_s += paused - now
        self.publish(now_us)
        return self._clock.monotonic() - began - away_s

    def publish(self, now_us: int | None = None) -> None:
        """Make the snapshot and the gauges anew, as of an instant; None: now."""
        engine = self._engine
        now_us = self._clock.now_us() if now_us is None else now_us
        accounts = Accounts(engine.picture, engine.catalogue, now_us)
        snapshot = snapshot_of(engine.picture, engine.incidents, engine.catalogue, accounts, now_us, engine.planned)
        self.snapshot = snapshot if snapshot.site_url else replace(snapshot, site_url=self._address)
        self._show_gauges(accounts)
        self._on_publish()

    async def _keep_copy(self) -> None:
        if self.snapshot is None:
            return
        try:
            await asyncio.to_thread(write_copy, self.snapshot, self._copy)
        except OSError as error:
            if self._copy_failed != str(error):
                advice = _ADVICE.get(error.errno or 0, "look at that folder")
                log.warning("the copy of the status page could not be written to %s: %s; %s", self._copy, error.strerror, advice)
            self._copy_failed = str(error)
        else:
            self._copy_failed = ""

    def _show_gauges(self, accounts: Accounts) -> None:
        gauges, engine = self._gauges, self._engine
        for component in engine.picture.components.values():
            if self._shown.get(component.component.id) == component.as_measured:
                continue
            self._shown[component.component.id] = component.as_measured
            labels = {"product": component.product, "component": component.component.id.split("/")[1]}
            measured = component.as_measured != "unmeasured"
            up = float(component.as_measured != "down") if measured else None
            gauges.put("uptimed_component_up", component.component.id, [(labels, up)])
            gauges.put("uptimed_component_measured", component.component.id, [(labels, float(measured))])
        for product, (year, month) in accounts.of.items():
            periods = (("year", year), ("month", month))
            gauges.put(
                "uptimed_availability_ratio",
                product,
                [
                    ({"product": product, "period": period, "bound": bound}, None if value is None else float(value))
                    for period, its in periods
                    for bound, value in (("point", its.point), ("lower", its.lower), ("upper", its.upper))
                ],
            )
            remaining_s = float((year.budget_ns - year.figures.d_ns) / 1_000_000_000)
            gauges.put("uptimed_error_budget_remaining_seconds", product, [({"product": product}, remaining_s)])
            gauges.put(
                "uptimed_state_seconds",
                product,
                [
                    ({"product": product, "period": period, "state": state}, getattr(its.figures, f"{state}_us") / 1_000_000)
                    for period, its in periods
                    for state in ("up", "degraded", "down", "unmeasured", "maintenance", "excluded")
                ],
            )
        counted = open_by_severity(engine.incidents.open_cases())
        gauges.put("uptimed_incidents_open", "all", [({"severity": one.value}, float(n)) for one, n in counted.items()])

    def forget_gone(self) -> None:
        """After a reload: gauges of what is no longer configured go."""
        components, products = self._engine.picture.components, self._engine.picture.products
        self._shown = {one: state for one, state in self._shown.items() if one in components}
        for family in ("uptimed_component_up", "uptimed_component_measured"):
            self._gauges.keep(family, set(components))
        for family in ("uptimed_availability_ratio", "uptimed_error_budget_remaining_seconds", "uptimed_state_seconds"):
            self._gauges.keep(family, set(products))
