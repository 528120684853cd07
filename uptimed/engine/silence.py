"""
Tells the operator which components are no longer measured, and when they are again (AVAILABILITY B11).

A component is lost when one of its checks has not been measured for longer than two horizons, counted at the earliest from when
this daemon began to look: it does not tell of the time in which it was not running itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from uptimed.domain.burn import Burning
from uptimed.domain.messages import Kind
from uptimed.domain.states import State
from uptimed.engine.alerts import Alerts
from uptimed.engine.engine import Engine
from uptimed.engine.memory import CheckMemory, ComponentMemory
from uptimed.engine.payload import measurement_payload

RULE = "measurement"
QUIET_US = 900_000_000
"""One that comes and goes is told once in so long."""


class Silence:
    def __init__(self, engine: Engine, alerts: Alerts, now_us: int) -> None:
        """`now_us`: when it began to look."""
        self._engine = engine
        self._alerts = alerts
        self._from_us = now_us

    def look(self, now_us: int) -> None:
        lost, found = [], []
        operators = self._engine.catalogue.operators
        for component in self._engine.picture.components.values():
            before = self._alerts.get(component.component.id, RULE)
            alert = before.after(self._answer(component, now_us), now_us)
            if alert.firing and not before.firing:
                alert = replace(alert, since_us=_silent_since_us(component, now_us))
            if operators and alert.is_news(now_us, QUIET_US):
                lost.append((component, alert.since_us))
                alert = replace(alert, told_at_us=now_us)
            elif before.is_known and not alert.firing:
                found.append((component, before.since_us))
            self._alerts.put(alert)
        if lost:
            self._tell(Kind.MEASUREMENT_LOST, lost, now_us)
        if found:
            self._tell(Kind.MEASUREMENT_RECOVERED, found, now_us)

    def _answer(self, component: ComponentMemory, now_us: int) -> Burning:
        silent = _silent(component, now_us)
        if not silent or component.as_measured == "down":
            return Burning.CLEAR
        if component.state == "planned":
            # Whoever planned the work knows; what is still silent after it is told then.
            return Burning.FROZEN
        # Until it is lost it stays what it was: one that was told is still lost after a restart.
        late = any(now_us - self._measured_until_us(one) > 2 * one.check.horizon_us for one in silent)
        return Burning.FIRE if late else Burning.FROZEN

    def _measured_until_us(self, check: CheckMemory) -> int:
        return max(check.measured_until_us or 0, check.first_seen_us, self._from_us)

    def _tell(self, kind: Kind, which: Sequence[tuple[ComponentMemory, int]], now_us: int) -> None:
        catalogue = self._engine.catalogue
        products = {product.id: product for product in catalogue.products}
        facts = [(one.component, products[one.product], since_us) for one, since_us in which]
        payload = measurement_payload(facts, now_us)
        self._engine.tell(catalogue.operators, kind, f"{kind}/{now_us}", payload, now_us)


def _silent_since_us(component: ComponentMemory, now_us: int) -> int:
    return min(one.measured_until_us or one.first_seen_us for one in _silent(component, now_us))


def _silent(component: ComponentMemory, now_us: int) -> list[CheckMemory]:
    return [one for one in component.checks if one.pulse(now_us).state is State.UNMEASURED]
