"""Looks every half minute at what no single result tells: how the budgets go, and which components have fallen silent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from uptimed.clock import Clock
from uptimed.domain.alerts import Alert
from uptimed.engine.alerts import Alerts
from uptimed.engine.budget_alerts import BudgetAlerts
from uptimed.engine.engine import Engine
from uptimed.engine.silence import Silence
from uptimed.metrics import EngineGauges

EVERY_S = 30.0
SHARE = 0.02
"""It may take so much of the time; with very many products it looks less often."""


class Lookout:
    def __init__(self, engine: Engine, gauges: EngineGauges, clock: Clock, known: Iterable[Alert] = ()) -> None:
        """`known`: the alerts as they stood when the daemon stopped."""
        alerts = Alerts(engine.journal, known)
        self._engine = engine
        self._clock = clock
        self._budgets = BudgetAlerts(engine, alerts, gauges)
        self._silence = Silence(engine, alerts, clock.now_us())

    async def run(self) -> None:
        while True:
            took_s = await self.look()
            await asyncio.sleep(max(EVERY_S, took_s / SHARE))

    async def look(self) -> float:
        """What there is to tell waits in the journal for the next commit. Returns how long it took, in seconds."""
        took_s = 0.0
        for product in list(self._engine.picture.products.values()):
            began = self._clock.monotonic()
            self._budgets.look(product, self._clock.now_us())
            took_s += self._clock.monotonic() - began
            # An alert does not wait for a hundred ledgers.
            await asyncio.sleep(0)
        self._budgets.forget_gone()
        self._silence.look(self._clock.now_us())
        return took_s
