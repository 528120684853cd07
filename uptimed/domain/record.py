"""
The record of a product: what its checks' timelines say together, under the contract in force at each instant (AVAILABILITY B9).

A component that joined later says nothing about the time before; one that was removed still answers for the time when it was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from uptimed.domain.adjustments import is_within
from uptimed.domain.agreement import merged
from uptimed.domain.contract import ComponentRule, ContractHistory, ProductRule
from uptimed.domain.definition import index_at
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.ledger import Terms
from uptimed.domain.overlays import Adjustment, Class, Laid, Maintenance, in_force, laid_over
from uptimed.domain.products import product_of, worst_of
from uptimed.domain.states import Segment, State

Timelines = Mapping[str, Sequence[Segment]]
"""Check -> its segments; a check without any was never measured."""


@dataclass(frozen=True)
class Overlays:
    """What people have set aside, by scope: the id of a product or of a component. Adjustments are those in force."""

    maintenance: Mapping[str, Sequence[Maintenance]]
    adjustments: Mapping[str, Sequence[Adjustment]]

    def touches(self, scope: str) -> bool:
        return bool(self.maintenance.get(scope) or self.adjustments.get(scope))

    def concern(self, product_id: str) -> bool:
        """Whether anything is set aside of the product or of a component of it."""
        return any(is_within(scope, product_id) for scope in (*self.maintenance, *self.adjustments))

    def corrections(self, product_id: str) -> list[Adjustment]:
        """The adjustments in force of the product and of its components, in the order of their time."""
        found = [one for scope, many in self.adjustments.items() if is_within(scope, product_id) for one in many]
        return sorted(found, key=lambda one: (one.from_us, one.id))

    def planned(self, product_id: str) -> list[Maintenance]:
        """The planned time of the product and of its components that qualifies, in its order."""
        found = [one for scope, many in self.maintenance.items() if is_within(scope, product_id) for one in many]
        return sorted(found, key=lambda one: (one.from_us, one.id))

    @classmethod
    def of(
        cls,
        adjustments: Iterable[Adjustment],
        as_known_at_us: int | None = None,
        maintenance: Mapping[str, Sequence[Maintenance]] | None = None,
    ) -> Overlays:
        """
        With the adjustments that were in force as known at that instant; None: by now.

        `maintenance` is the planned time that qualifies (`maintenance.qualifying`).
        """
        by_scope: dict[str, list[Adjustment]] = {}
        for one in in_force(adjustments, as_known_at_us):
            by_scope.setdefault(one.scope, []).append(one)
        return cls(maintenance or {}, by_scope)


NOTHING_SET_ASIDE = Overlays({}, {})


def terms_of(history: ContractHistory) -> Terms:
    return [(span.from_us, contract) for span, contract in history.terms()]


def laid_product(
    history: ContractHistory,
    product_id: str,
    timelines: Timelines,
    window: tuple[int, int],
    overlays: Overlays = NOTHING_SET_ASIDE,
) -> Iterator[Laid]:
    """The whole window, piece by piece: the product's segments with what was set aside of it, ready for a `Ledger`."""
    segments = product_segments(history, product_id, timelines, window, overlays)
    for span, contract in history.terms():
        from_us, to_us = span.cut_to(*window)
        if from_us < to_us:
            yield from laid_over(
                segments if len(history.versions) == 1 else between(segments, from_us, to_us),
                (from_us, to_us),
                maintenance=overlays.maintenance.get(product_id, ()),
                adjustments=overlays.adjustments.get(product_id, ()),
                notice_us=contract.notice_us,
            )


def product_segments(
    history: ContractHistory,
    product_id: str,
    timelines: Timelines,
    window: tuple[int, int],
    overlays: Overlays = NOTHING_SET_ASIDE,
) -> list[Segment]:
    """
    The product's segments in the window. Overlays of its components are in them, those of the product itself are not.

    Only the time in which there was no such product has no segment.
    """
    out: list[Segment] = []
    for span, rule in history.product(product_id):
        for term, contract in history.terms():
            part = term.cut_to(*span.cut_to(*window))
            if part[0] < part[1]:
                out += _composed(rule, timelines, part, overlays, contract)
    return merged(out)


def component_segments(rule: ComponentRule, timelines: Timelines, window: tuple[int, int]) -> list[Segment]:
    """The worst of its checks."""
    return worst_of([between(timelines.get(check.id, ()), *window) for check in rule.checks])


def between(segments: Sequence[Segment], from_us: int, to_us: int) -> list[Segment]:
    """What lies in [from_us, to_us), found by bisection."""
    first, last = index_at(segments, from_us), index_at(segments, to_us)
    inside = list(segments[first : last + 1])
    if inside and inside[-1].from_us >= to_us:
        inside.pop()
    if inside and inside[0].from_us < from_us:
        inside[0] = inside[0]._replace(from_us=from_us)
    if inside and inside[-1].to_us > to_us:
        inside[-1] = inside[-1]._replace(to_us=to_us)
    return inside


def _composed(
    rule: ProductRule, timelines: Timelines, window: tuple[int, int], overlays: Overlays, contract: Contract
) -> list[Segment]:
    parts = {}
    for component in rule.components:
        segments = component_segments(component, timelines, window)
        if overlays.touches(component.id):
            segments = _set_aside(segments, component.id, window, overlays, contract)
        parts[component.id] = segments
    return product_of(rule, parts, window)


def _set_aside(
    segments: Sequence[Segment], scope: str, window: tuple[int, int], overlays: Overlays, contract: Contract
) -> list[Segment]:
    """Excluded or maintained time of a member counts as up in its product (B9)."""
    laid = laid_over(
        segments,
        window,
        maintenance=overlays.maintenance.get(scope, ()),
        adjustments=overlays.adjustments.get(scope, ()),
        notice_us=contract.notice_us,
    )
    return merged(_up(one.segment) if _is_aside(one.of, contract) else one.segment for one in laid)


def _is_aside(of: Class, contract: Contract) -> bool:
    return contract.treatment(of) is not Treatment.MEASURED


def _up(segment: Segment) -> Segment:
    return Segment(segment.from_us, segment.to_us, State.UP, State.UP, State.UP)
