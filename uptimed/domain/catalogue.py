"""
What is watched and what was promised: the domain's picture of one configuration file.

Built by `uptimed.config`, frozen, compared by value at a reload. Durations are microseconds. `Check.options` belongs to the probes
and is opaque here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from uptimed.domain.severity import Severity

Words = Mapping[str, str]
"""A text by language: {"en": ..., "fr": ...}. A text written once stands under every language of the site."""


@dataclass(frozen=True)
class Confirm:
    failures: int = 2
    """Results in down runs that make an episode an outage (AVAILABILITY B3 step 2)."""
    recoveries: int = 3
    """Good results in a row, at as many locations as could hold the outage, that make it over for people."""
    recheck_us: int = 2_000_000
    locations: int | None = None
    """Quorum: how many locations must agree; None is the majority."""


@dataclass(frozen=True)
class Check:
    id: str
    """product/component/check, also the key in the database, metrics and log."""
    kind: str
    options: Any
    every_us: int
    timeout_us: int
    confirm: Confirm = Confirm()
    locations: tuple[str, ...] = ()
    name: Words = field(default_factory=dict)

    @property
    def horizon_us(self) -> int:
        """H = 2T + timeout + 5 s: a longer silence is unmeasured as a whole (AVAILABILITY B12)."""
        return 2 * self.every_us + self.timeout_us + 5_000_000


@dataclass(frozen=True)
class Component:
    id: str
    """product/component."""
    name: Words
    severity: Severity
    checks: tuple[Check, ...]
    description: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    id: str
    name: Words
    components: tuple[Component, ...]
    since_us: int | None = None
    """Start of service; None: first seen in a loaded configuration (the engine knows that instant)."""
    support: Mapping[str, str] = field(default_factory=dict)
    """email, chat, phone: how to reach support."""


@dataclass(frozen=True)
class SupportHours:
    """When support is open, in `timezone`: whole local days, or the part [from, to) of each open day."""

    timezone: str = "UTC"
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    from_minute: int = 0
    to_minute: int = 1440
    holidays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    """Years for which the holidays are known; computing beyond them is an error, not a guess. Empty: no holidays are kept."""


@dataclass(frozen=True)
class ResponseTarget:
    within_us: int
    clock: str
    """`always`, `support_hours` or `civil` (same wall clock so many local days later)."""


@dataclass(frozen=True)
class MaintenanceRule:
    treat: str = "counted"
    """counted | excluded | up."""
    notice_us: int = 0
    cap_us: int | None = None


@dataclass(frozen=True)
class Credit:
    """A step of the credit table, in percent as written: what is owed of the period's fee when availability is below it."""

    below: str
    percent: str

    @property
    def limit(self) -> Fraction:
        """As a ratio: 9999/10000."""
        return Fraction(self.below) / 100


@dataclass(frozen=True)
class Commitment:
    availability: str = "99.99"
    """Percent of each calendar year, as written: its decimals decide how figures are shown (AVAILABILITY B8)."""
    maintenance: MaintenanceRule = MaintenanceRule()
    degraded_permille: int = 0
    """Weight of degraded time: 0 (counts as up) to 1000 (counts as down)."""
    support: SupportHours = SupportHours()
    response: Mapping[Severity, ResponseTarget] = field(default_factory=dict)
    updates: Mapping[Severity, int] = field(default_factory=dict)
    """Longest gap between progress reports, microseconds."""
    credits: tuple[Credit, ...] = ()
    """The highest step first; none: no credit was promised."""
    promised: tuple[Severity, ...] = ()
    """Whose response is written in the file. `response` has defaults for the others, to remind by; the public reads only these."""

    @property
    def target(self) -> Fraction:
        return Fraction(self.availability) / 100


@dataclass(frozen=True)
class Location:
    id: str
    name: Words


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    language: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class RotaLayer:
    """
    Persons take turns of `every_us`, handing over at a weekday and local time.

    Counted in local days so that DST moves nothing.
    """

    name: str
    people: tuple[str, ...]
    every_days: int
    handover_weekday: int
    handover_minute: int
    timezone: str


@dataclass(frozen=True)
class EscalationStep:
    after_us: int
    notify: tuple[str, ...]
    """Channel names, person ids, or `on-call`."""


@dataclass(frozen=True)
class BudgetAlerts:
    """Whom to tell about the year's budget of a product, and when. Each name is a channel, a person, or `on-call`."""

    page: tuple[str, ...] = ()
    """It burns so fast that somebody must look now."""
    ticket: tuple[str, ...] = ()
    """It goes in days or weeks, little is left, or its end is in sight."""
    left_us: tuple[int, ...] = ()
    """Told when no more than so much downtime is left; 0: when it is spent."""
    exhaustion_us: int | None = None
    """Told when at the present pace the budget ends within so long; None: never."""


@dataclass(frozen=True)
class Site:
    name: str = "Status"
    url: str = ""
    """Absolute links are made from this alone, never from a request's Host."""
    languages: tuple[str, ...] = ("en", "fr")
    timezone: str = "UTC"


@dataclass(frozen=True)
class Catalogue:
    """Everything of one configuration that the domain and the engine need."""

    version: str
    """Hash of the effective configuration without secrets."""
    site: Site
    commitment: Commitment
    locations: tuple[Location, ...]
    products: tuple[Product, ...]
    people: Mapping[str, Person] = field(default_factory=dict)
    rota: tuple[RotaLayer, ...] = ()
    escalation: Mapping[Severity, tuple[EscalationStep, ...]] = field(default_factory=dict)
    budget_alerts: BudgetAlerts = BudgetAlerts()
    operator: tuple[str, ...] = ()
    """As `notify.operator` has it; see `operators`."""
    references: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[str, ...]:
        """Whom the monitor tells about itself: if nobody is named, whom the first step of the gravest escalation names."""
        steps = next((self.escalation[one] for one in reversed(Severity) if self.escalation.get(one)), ())
        return self.operator or (steps[0].notify if steps else ())

    renames: Mapping[str, str] = field(default_factory=dict)
    """Old id -> id of now, of the products, components and checks that had another one."""

    def components(self) -> Iterator[Component]:
        return (component for product in self.products for component in product.components)

    def checks(self) -> Iterator[Check]:
        return (check for component in self.components() for check in component.checks)
