"""The shape of the file (DESIGN section 5), key by key. Every default is here; unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from uptimed.config.fields import (
    Address,
    Credential,
    Day,
    DurationUs,
    Former,
    Handover,
    Host,
    Id,
    Mailbox,
    Minute,
    Names,
    Network,
    Percent,
    Reference,
    Resolver,
    Share,
    Short,
    Treatment,
    WebUrl,
    Weekdays,
    WordsIn,
    Zone,
)
from uptimed.config.settings import AppriseSettings, ConsoleSettings, EmailSettings, WebhookSettings
from uptimed.domain.severity import Severity

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class SiteIn(Model):
    name: Short = "Status"
    url: WebUrl | None = None
    """Where the public reads the page. Without it messages have no links, and the API names the public door itself."""
    languages: Annotated[tuple[Literal["en", "fr"], ...], Field(min_length=1)] = ("en", "fr")
    timezone: Zone = "UTC"


class MaintenanceIn(Model):
    treat: Literal["counted", "excluded", "up"] = "counted"
    notice: DurationUs = 0
    cap: DurationUs | None = None


class SupportHoursIn(Model):
    days: Weekdays = frozenset(range(5))
    from_: Annotated[Minute, Field(alias="from")] = 0
    to: Minute = 1440
    holidays: Short | None = None
    """A country and subdivision whose public holidays are closed: GB-ENG, FR."""


class ResponseIn(Model):
    within: DurationUs
    clock: Literal["always", "support_hours", "civil"]


class CreditIn(Model):
    below: Percent
    """Percent of the period: the step is reached when availability is below it."""
    percent: Share
    """Of the period's fee."""


class CommitmentIn(Model):
    availability: Percent = "99.99"
    maintenance: Annotated[MaintenanceIn, Treatment] = MaintenanceIn()
    degraded: str = "up"
    """up, down, or a weight between 0 and 1."""
    support_hours: SupportHoursIn = SupportHoursIn()
    response: dict[Severity, ResponseIn] = Field(default_factory=dict)
    updates: dict[Severity, DurationUs] = Field(default_factory=dict)
    credits: tuple[CreditIn, ...] = ()
    """What is owed when the target is missed, step by step."""


class LocationIn(Model):
    id: Id
    name: WordsIn | None = None


class ConfirmIn(Model):
    failures: Annotated[int, Field(ge=1, le=20)] = 2
    recoveries: Annotated[int, Field(ge=1, le=20)] = 3
    recheck: DurationUs | None = None
    locations: Annotated[int, Field(ge=1, le=100)] | None = None


class CheckIn(BaseModel):
    """What every kind has; all other keys belong to the kind."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Id
    kind: Short
    name: WordsIn | None = None
    was: Former | None = None
    """Its whole path of old, product/component/check: its history goes on under the new name."""
    every: DurationUs = 19_000_000
    timeout: DurationUs | None = None
    confirm: ConfirmIn = ConfirmIn()
    locations: Annotated[tuple[Short, ...], Field(min_length=1)] | None = None


class ComponentIn(Model):
    id: Id
    name: WordsIn | None = None
    was: Former | None = None
    """Its path of old, product/component."""
    description: WordsIn | None = None
    severity: Severity = Severity.CRITICAL
    checks: Annotated[list[CheckIn], Field(min_length=1)]


class SupportIn(Model):
    email: Mailbox | None = None
    chat: WebUrl | None = None
    phone: Short | None = None


class ProductIn(Model):
    id: Id
    name: WordsIn | None = None
    was: Former | None = None
    """Its id of old."""
    since: Day | None = None
    support: SupportIn = SupportIn()
    components: Annotated[list[ComponentIn], Field(min_length=1)]


class PersonIn(Model):
    id: Id
    name: Short
    language: Literal["en", "fr"] = "en"
    channels: Names = ()


class RotaIn(Model):
    name: Short
    people: Annotated[tuple[str, ...], Field(min_length=1)]
    every: DurationUs = 7 * DAY_US
    handover: Handover = (0, 540)


class StepIn(Model):
    after: DurationUs = 0
    notify: Annotated[Names, Field(min_length=1)]


ChannelIn = Annotated[
    WebhookSettings | EmailSettings | AppriseSettings | ConsoleSettings,
    Field(discriminator="kind"),
]


class BudgetIn(Model):
    """Whom to tell how the year's budget of each product goes. Channels, people, or `on-call`."""

    page: Names = ()
    """It burns so fast that somebody must look now."""
    ticket: Names = ()
    """It goes in days or weeks, little is left, or its end is in sight."""
    left: tuple[DurationUs, ...] = (30 * MINUTE_US, 15 * MINUTE_US, 0)
    """Told when no more than so much downtime is left; 0s: when it is spent."""
    exhaustion: DurationUs = 30 * DAY_US
    """Told when at the pace of the last 30 days the budget ends within so long; 0s: never."""


class NotifyIn(Model):
    channels: dict[Id, ChannelIn] = Field(default_factory=dict)
    rota: list[RotaIn] = Field(default_factory=list)
    escalation: dict[Severity, list[StepIn]] = Field(default_factory=dict)
    budget: BudgetIn | None = None
    operator: Names = ()
    """Who hears that the monitor cannot see or no longer measures; default: the first step of the gravest escalation."""


class SmtpIn(Model):
    host: Host
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    sender: Mailbox
    user: Credential | None = None
    password: Credential | None = None
    security: Literal["starttls", "tls", "none"] | None = None


class ServerIn(Model):
    public: Address = ("127.0.0.1", 8080)
    staff: Address = ("127.0.0.1", 8081)
    hosts: tuple[Host, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    token: Credential | None = None


class EgressIn(Model):
    allow: tuple[Network, ...] = ()


class RetentionIn(Model):
    results: DurationUs = 400 * DAY_US


class FileIn(Model):
    site: SiteIn = SiteIn()
    commitment: CommitmentIn = CommitmentIn()
    locations: list[LocationIn] = Field(default_factory=list)
    products: Annotated[list[ProductIn], Field(min_length=1)]
    references: tuple[Reference, ...] = ()
    people: list[PersonIn] = Field(default_factory=list)
    notify: NotifyIn = NotifyIn()
    smtp: SmtpIn | None = None
    server: ServerIn = ServerIn()
    egress: EgressIn = EgressIn()
    resolvers: tuple[Resolver, ...] = ()
    data: Short = "./data"
    storage: Short | None = None
    retention: RetentionIn = RetentionIn()
