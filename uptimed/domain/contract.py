"""
What was promised and watched, and from when: the versions of the contract (AVAILABILITY B13, B15).

A version holds all of a configuration that decides a figure or what it costs, and nothing else: a new address, text or channel
makes no new one. It applies from its instant. Only the first version of a product also speaks for the time before it, for a start
of service in the past has no other; unless the record of another monitor was imported, which speaks for what that one watched.

Its canonical text is hashed, sealed with the evidence and handed to auditors: `as_document` and `from_document` are a format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from uptimed.domain.catalogue import Catalogue, Credit
from uptimed.domain.figures import Contract, Treatment
from uptimed.domain.policy import Rules, TimelinePolicy, over_time, rules_of
from uptimed.domain.severity import Severity

R = TypeVar("R")
T = TypeVar("T", bound=tuple["Span", Any] | tuple["Span", Any, Any])


class Span(NamedTuple):
    """An extent of time; None: without that end."""

    from_us: int | None
    to_us: int | None

    def cut_to(self, from_us: int, to_us: int) -> tuple[int, int]:
        """What of it lies in [from_us, to_us); empty when the first is not before the second."""
        begin_us = from_us if self.from_us is None else max(self.from_us, from_us)
        return begin_us, to_us if self.to_us is None else min(self.to_us, to_us)


@dataclass(frozen=True)
class CheckRule:
    id: str
    locations: tuple[str, ...]
    rules: Rules


@dataclass(frozen=True)
class ComponentRule:
    id: str
    severity: Severity
    checks: tuple[CheckRule, ...]


@dataclass(frozen=True)
class ProductRule:
    id: str
    components: tuple[ComponentRule, ...]
    since_us: int | None = None


@dataclass(frozen=True)
class ContractVersion:
    from_us: int
    contract: Contract
    products: tuple[ProductRule, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, from_us: int) -> ContractVersion:
        products = tuple(
            ProductRule(
                product.id,
                tuple(
                    ComponentRule(
                        component.id,
                        component.severity,
                        tuple(CheckRule(one.id, one.locations, rules_of(one)) for one in component.checks),
                    )
                    for component in product.components
                ),
                product.since_us,
            )
            for product in catalogue.products
        )
        return cls(from_us, Contract.of(catalogue.commitment, catalogue.site.timezone), products)

    @property
    def text(self) -> str:
        """Canonical: the same promise is the same text. Its instant is no part of it."""
        return json.dumps(as_document(self), ensure_ascii=True, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def product(self, product_id: str) -> ProductRule | None:
        return next((one for one in self.products if one.id == product_id), None)

    def checks(self) -> Iterable[CheckRule]:
        return (check for product in self.products for component in product.components for check in component.checks)


def as_document(version: ContractVersion) -> dict[str, Any]:
    contract = version.contract
    return {
        "target": contract.target_text,
        "timezone": contract.timezone,
        "degraded_permille": contract.degraded_permille,
        # Without a cap and without credits the text stays what it was before there were any.
        "maintenance": {
            "treat": contract.maintenance.value,
            "notice_us": contract.notice_us,
            **({} if contract.cap_us is None else {"cap_us": contract.cap_us}),
        },
        "exclusion": contract.exclusion.value,
        **({"credits": [[one.below, one.percent] for one in contract.credits]} if contract.credits else {}),
        "products": [
            {
                "id": product.id,
                "since_us": product.since_us,
                "components": [
                    {
                        "id": component.id,
                        "severity": component.severity.value,
                        "checks": [
                            {"id": one.id, "locations": list(one.locations), **one.rules._asdict()} for one in component.checks
                        ],
                    }
                    for component in product.components
                ],
            }
            for product in version.products
        ],
    }


def from_document(from_us: int, document: Mapping[str, Any], names: Mapping[str, str] | None = None) -> ContractVersion:
    """`names` maps ids of old to those they have now (products, components and checks)."""
    known = names or {}
    contract = Contract(
        target=Fraction(document["target"]) / 100,
        target_text=document["target"],
        timezone=document["timezone"],
        degraded_permille=document["degraded_permille"],
        maintenance=Treatment(document["maintenance"]["treat"]),
        exclusion=Treatment(document["exclusion"]),
        notice_us=document["maintenance"]["notice_us"],
        credits=tuple(Credit(below, percent) for below, percent in document.get("credits", ())),
        cap_us=document["maintenance"].get("cap_us"),
    )

    def check(one: Mapping[str, Any]) -> CheckRule:
        rules = Rules(**{field: one[field] for field in Rules._fields})
        return CheckRule(known.get(one["id"], one["id"]), tuple(one["locations"]), rules)

    def component(one: Mapping[str, Any]) -> ComponentRule:
        return ComponentRule(known.get(one["id"], one["id"]), Severity(one["severity"]), tuple(check(its) for its in one["checks"]))

    products = tuple(
        ProductRule(known.get(one["id"], one["id"]), tuple(component(its) for its in one["components"]), one["since_us"])
        for one in document["products"]
    )
    return ContractVersion(from_us, contract, products)


@dataclass(frozen=True)
class ImportedCheck:
    """
    A check in the time before its product was in any version, as another monitor watched it: from its first result on.

    What that monitor saw later is no evidence: from then on our own locations look.
    """

    id: str
    location: str
    rules: Rules
    from_us: int

    @property
    def product(self) -> str:
        return self.id.partition("/")[0]

    @property
    def component(self) -> str:
        return self.id.rpartition("/")[0]


class ContractHistory:
    """All versions, oldest first; at least one. And what was imported of the time before them."""

    def __init__(self, versions: Sequence[ContractVersion], imported: Iterable[ImportedCheck] = ()) -> None:
        self.versions = tuple(versions)
        self.imported = tuple(sorted(imported, key=lambda one: (one.from_us, one.id)))
        starts: list[int | None] = [None, *(one.from_us for one in self.versions[1:])]
        self._spans = [Span(a, b) for a, b in pairwise([*starts, None])]

    @property
    def newest(self) -> ContractVersion:
        return self.versions[-1]

    def terms(self) -> list[tuple[Span, Contract]]:
        """What was promised, whatever was watched."""
        return _joined((span, one.contract) for span, one in zip(self._spans, self.versions, strict=True))

    def contract_at(self, at_us: int) -> Contract:
        return next(one.contract for one in reversed(self.in_force(at_us, at_us + 1)))

    def in_force(self, from_us: int, to_us: int) -> list[ContractVersion]:
        """The versions that speak for some of [from_us, to_us), oldest first."""
        cut = ((span.cut_to(from_us, to_us), one) for span, one in zip(self._spans, self.versions, strict=True))
        return [one for (begin_us, end_us), one in cut if begin_us < end_us]

    def product_ids(self) -> list[str]:
        """Every product there ever was, in the order of its first appearance."""
        return list(dict.fromkeys(product.id for one in self.versions for product in one.products))

    def check_ids(self) -> list[str]:
        every = [*(check.id for one in self.versions for check in one.checks()), *(one.id for one in self.imported)]
        return list(dict.fromkeys(every))

    def product(self, product_id: str) -> list[tuple[Span, ProductRule]]:
        """How the product was composed, and when; before its first version as it was imported, else as in that."""
        spans = self._of(lambda one: one.product(product_id))
        until_us, imported = self.first_us(product_id), self._imported_of(product_id)
        if until_us is None or not imported:
            return _first_also_before(spans)
        steps = [*dict.fromkeys(one.from_us for one in imported), until_us]
        before = [
            (Span(a, b), _composed_of([one for one in imported if one.from_us <= a], like=spans[0][1])) for a, b in pairwise(steps)
        ]
        return _first_also_before(before) + _from(until_us, spans)

    def first_us(self, product_id: str) -> int | None:
        """The instant of the version in which the product first appeared."""
        return next((one.from_us for one in self.versions if one.product(product_id) is not None), None)

    def service_start_us(self, product_id: str) -> int | None:
        """The start of service that its newest version gives, else the instant at which it was first watched."""
        rules = [rule for one in self.versions if (rule := one.product(product_id)) is not None]
        if rules and rules[-1].since_us is not None:
            return rules[-1].since_us
        return next((one.from_us for one in self._imported_of(product_id)), self.first_us(product_id))

    def policy_of(self, check_id: str) -> TimelinePolicy | None:
        """How the check's evidence is judged, all through; None: no such check was ever there."""
        by_version = [{check.id: check for check in one.checks()} for one in self.versions]
        found = [(span, known[check_id]) for span, known in zip(self._spans, by_version, strict=True) if check_id in known]
        spans = [(span, rule.locations, rule.rules) for span, rule in _joined(found)]
        product = check_id.partition("/")[0]
        until_us = self.first_us(product)
        its = next((one for one in self._imported_of(product) if one.id == check_id), None)
        if its is None or until_us is None:
            spans = _first_also_before(spans)
        else:
            spans = [(Span(None, until_us), (its.location,), its.rules), *_from(until_us, spans)]
        return over_time([(*span, locations, rules) for span, locations, rules in spans]) if spans else None

    def _imported_of(self, product_id: str) -> list[ImportedCheck]:
        """By their first result; none that began when our own locations looked already."""
        until_us = self.first_us(product_id)
        return [one for one in self.imported if one.product == product_id and until_us is not None and one.from_us < until_us]

    def _of(self, part: Any) -> list[tuple[Span, Any]]:
        found = ((span, part(one)) for span, one in zip(self._spans, self.versions, strict=True))
        return _joined((span, rule) for span, rule in found if rule is not None)


def _joined(spans: Iterable[tuple[Span, R]]) -> list[tuple[Span, R]]:
    """Neighbours that say the same become one."""
    out: list[tuple[Span, R]] = []
    for span, value in spans:
        if out and out[-1][1] == value and out[-1][0].to_us == span.from_us:
            out[-1] = (Span(out[-1][0].from_us, span.to_us), value)
        else:
            out.append((span, value))
    return out


def _first_also_before(spans: list[T]) -> list[T]:
    return [_with_span(spans[0], Span(None, spans[0][0].to_us)), *spans[1:]] if spans else spans


def _from(from_us: int, spans: list[T]) -> list[T]:
    """The first of them without the time before."""
    return [_with_span(one, Span(from_us, one[0].to_us)) if one[0].from_us is None else one for one in spans]


def _with_span(one: T, span: Span) -> T:
    return (span, *one[1:])  # type: ignore[return-value]  # the same tuple but for its first


def _composed_of(checks: Iterable[ImportedCheck], *, like: ProductRule) -> ProductRule:
    """The product of these checks, with the severities that their components have in the product's first version."""
    severities = {one.id: one.severity for one in like.components}
    components: dict[str, list[CheckRule]] = {}
    for one in checks:
        components.setdefault(one.component, []).append(CheckRule(one.id, (one.location,), one.rules))
    parts = (ComponentRule(name, severities.get(name, Severity.CRITICAL), tuple(its)) for name, its in components.items())
    return ProductRule(like.id, tuple(parts), like.since_us)
