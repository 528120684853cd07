"""
The facts of a message, as JSON: what the outbox keeps and every channel words for itself.

Additive only: receivers of webhooks rely on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from uptimed.domain.availability import Account
from uptimed.domain.catalogue import Component, Product, Words
from uptimed.domain.display import allowance_s, downtime_s, remaining_s
from uptimed.domain.incidents import Incident, Outage, Update


def iso(at_us: int | None) -> str | None:
    """RFC 3339 in UTC with milliseconds; None stays None."""
    if at_us is None:
        return None
    seconds, micros = divmod(at_us, 1_000_000)
    # Not strftime, whose %Y writes the year 1 as "1".
    return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()}.{micros // 1000:03}Z"


def exact(at_us: int) -> str:
    """The same with microseconds where there are any, so that it can be given back as it was."""
    text = iso(at_us) or ""
    return f"{text[:-1]}{at_us % 1000:03}Z" if at_us % 1000 else text


def payload_of(
    incident: Incident,
    *,
    product: Product | None,
    components: Sequence[Component],
    outages: Sequence[Outage],
    places: Mapping[str, Words],
    site_url: str,
    update: Update | None = None,
    step: int = 0,
    detail: str = "",
    down_us: int | None = None,
) -> dict[str, Any]:
    """Every fact a receiver may want; `step` counts the steps of the escalation from 0; `down_us` is the length of its outages."""
    named = {component.id: dict(component.name) for component in components}
    lasting = [one for one in outages if one.ended_at_us is None]
    # Of an incident that was opened again, what goes on now is the news, not what was over.
    newest = max(lasting or outages, key=lambda outage: outage.began_at_us, default=None)
    return {
        "incident": {
            "id": incident.id,
            "product": incident.product,
            "product_name": dict(product.name) if product else {"en": incident.product},
            "components": [{"id": one, "name": named.get(one, {"en": one})} for one in incident.components],
            "severity": incident.severity.value,
            "stage": incident.stage.value,
            "title": dict(incident.title),
            "automatic": incident.automatic,
            "reopened": incident.reopened,
            "down": sorted({one.component for one in lasting}),
            "down_seconds": None if down_us is None else -(-down_us // 1_000_000),
            "began_at": iso(incident.began_at_us),
            "since": iso(min((one.began_at_us for one in lasting), default=incident.began_at_us)),
            "opened_at": iso(incident.opened_at_us),
            "ended_at": iso(incident.ended_at_us),
            "resolved_at": iso(incident.resolved_at_us),
            "acknowledged_at": iso(incident.acknowledged_at_us),
            "respond_by": iso(incident.respond_by_us),
            "url": f"{site_url.rstrip('/')}/en/i/{incident.id}" if site_url else None,
            "reason": newest.reason if newest else "",
            "detail": detail,
            "check": newest.checks[0] if newest and newest.checks else None,
            "checks": sorted({check for outage in outages for check in outage.checks}),
            "locations": [
                {"id": place, "name": dict(places.get(place, {"en": place}))}
                for place in sorted({place for outage in outages for place in outage.locations})
            ],
        },
        "update": _update(update),
        "step": step,
    }


def budget_payload(
    product: Product,
    its: Account,
    *,
    rule: str,
    target: str,
    year: int,
    windows: Sequence[tuple[int, int]] = (),
    left_us: int | None = None,
    ends_at_us: int | None = None,
    site_url: str = "",
) -> dict[str, Any]:
    """
    `windows`: of a burn rate, the long one first, each with its downtime in nanoseconds. `left_us`: the threshold, where it is told
    what is left. `ends_at_us`: where the end is told, and then only; a pace of some minutes would promise anything.
    """
    return {
        "budget": {
            "product": product.id,
            "product_name": dict(product.name),
            "rule": rule,
            "year": year,
            "from": iso(its.from_us),
            "to": iso(its.to_us),
            "as_of": iso(its.as_of_us),
            "target": target,
            "seconds": {
                "allowed": allowance_s(its.budget_ns),
                "used": downtime_s(its.figures.d_ns),
                "possible": downtime_s(its.figures.d_hi_ns),
                "remaining": remaining_s(its.remaining_point_us),
            },
            "windows": [{"seconds": span_us // 1_000_000, "downtime": downtime_s(down_ns)} for span_us, down_ns in windows],
            "threshold_seconds": None if left_us is None else left_us // 1_000_000,
            "exhausted_at": iso(its.exhausted_at_us),
            "projected_exhaustion": iso(ends_at_us),
            "url": f"{site_url.rstrip('/')}/en/" if site_url else None,
        }
    }


def measurement_payload(which: Iterable[tuple[Component, Product, int]], now_us: int) -> dict[str, Any]:
    """Components with the instant from which each was not measured."""
    return {
        "measurement": {
            "as_of": iso(now_us),
            "components": [
                {
                    "id": component.id,
                    "name": dict(component.name),
                    "product": product.id,
                    "product_name": dict(product.name),
                    "since": iso(since_us),
                }
                for component, product, since_us in which
            ],
        }
    }


def _update(update: Update | None) -> dict[str, Any] | None:
    if update is None:
        return None
    return {
        "id": update.id,
        "at": iso(update.at_us),
        "stage": update.stage.value,
        "text": dict(update.text),
        "author": update.author,
        "automatic": update.automatic,
    }
