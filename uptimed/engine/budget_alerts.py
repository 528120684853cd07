"""
Tells how the year's budget of each product goes: that it burns, that little is left, that its end is in sight (AVAILABILITY B11).

The rules are pure and live in `uptimed.domain.alerts`. What was told is written in the transaction of the message that told it, so
a restart repeats nothing. Whoever is named in the configuration later is told what fires then.
"""

from __future__ import annotations

from dataclasses import replace

from uptimed.domain.alerts import EXHAUSTION, Alert, Answer, answers
from uptimed.domain.availability import Account, account_of
from uptimed.domain.burn import RULES
from uptimed.domain.civil import local_date, year_window
from uptimed.domain.ledger import Ledger
from uptimed.domain.messages import Kind
from uptimed.engine.alerts import Alerts
from uptimed.engine.engine import Engine
from uptimed.engine.memory import ProductMemory
from uptimed.engine.payload import budget_payload
from uptimed.metrics import EngineGauges

FIRING = "uptimed_burn_rate_firing"

_WINDOWS = {rule.name: (rule.long_us, rule.short_us) for rule in RULES}


class BudgetAlerts:
    def __init__(self, engine: Engine, alerts: Alerts, gauges: EngineGauges) -> None:
        self._engine = engine
        self._alerts = alerts
        self._gauges = gauges

    def look(self, product: ProductMemory, now_us: int) -> None:
        catalogue = self._engine.catalogue
        timezone = catalogue.site.timezone
        year = year_window(timezone, local_date(timezone, now_us).year)
        ledger, since_us = product.book.ledger(now_us), product.service_start_us or None
        its = account_of(ledger, year, now_us, service_start_us=since_us)
        told: set[str] = set()
        for answer in answers(ledger, its, catalogue.budget_alerts, since_us):
            alert = self._alerts.get(product.product.id, answer.rule).after(answer.says, now_us)
            names = self._names(answer)
            if names and alert.is_news(now_us, answer.quiet_us):
                if answer.group not in told:
                    self._tell(names, alert, answer, product, its, ledger)
                told.add(answer.group)
                alert = replace(alert, told_at_us=now_us)
            self._alerts.put(alert)
        self._show(product.product.id)

    def forget_gone(self) -> None:
        """After a reload: gauges of products that are no longer configured go."""
        self._gauges.keep(FIRING, set(self._engine.picture.products))

    def _names(self, answer: Answer) -> tuple[str, ...]:
        wanted = self._engine.catalogue.budget_alerts
        return wanted.page if answer.group == "page" else wanted.ticket

    def _tell(
        self, names: tuple[str, ...], alert: Alert, answer: Answer, product: ProductMemory, its: Account, ledger: Ledger
    ) -> None:
        now_us = its.as_of_us
        site = self._engine.catalogue.site
        payload = budget_payload(
            product.product,
            its,
            rule=alert.rule,
            target=ledger.contract_at(now_us).target_text,
            year=local_date(site.timezone, now_us).year,
            windows=[(span_us, ledger.figures(now_us - span_us, now_us).d_ns) for span_us in _WINDOWS.get(alert.rule, ())],
            left_us=answer.left_us,
            ends_at_us=its.projected_exhaustion_us if answer.rule == EXHAUSTION else None,
            site_url=site.url,
        )
        about = f"budget/{alert.subject}/{alert.rule}/{alert.since_us}"
        self._engine.tell(names, _kind(answer), about, payload, now_us)

    def _show(self, product: str) -> None:
        samples = [({"product": product, "rule": rule.name}, float(self._alerts.get(product, rule.name).firing)) for rule in RULES]
        self._gauges.put(FIRING, product, samples)


def _kind(answer: Answer) -> Kind:
    if answer.group == EXHAUSTION:
        return Kind.BUDGET_EXHAUSTION_PROJECTED
    return Kind.BUDGET_LOW if answer.left_us is not None else Kind.BUDGET_BURNING
