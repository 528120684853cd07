"""From the file's models to the catalogue and the settings; everything that leads nowhere is found here, all of it in one run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from probes.guard import Guard
from uptimed.config import models
from uptimed.config.build_settings import SettingsBuilder
from uptimed.config.egress import warn_of_private
from uptimed.config.fingerprint import fingerprint
from uptimed.config.places import entry, found
from uptimed.config.problems import Findings, near, quoted
from uptimed.config.reading import check_nodes
from uptimed.config.renames import renames_of
from uptimed.config.settings import EmailSettings, Settings, WebhookSettings
from uptimed.config.yaml_tree import Items, Keys, Node, Tree
from uptimed.domain.catalogue import (
    BudgetAlerts,
    Catalogue,
    Check,
    Commitment,
    Component,
    Confirm,
    Credit,
    EscalationStep,
    Location,
    MaintenanceRule,
    Person,
    Product,
    ResponseTarget,
    RotaLayer,
    Site,
    SupportHours,
    Words,
)
from uptimed.domain.civil import day_start
from uptimed.domain.severity import Severity

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
LONGEST_TIMEOUT_US = 10_000_000
RECHECK_US = 2_000_000
YEARS_AHEAD = 3
"""Results are accepted up to seven days late (AVAILABILITY B17)."""
ON_CALL = "on-call"

DEFAULT_RESPONSE: Mapping[Severity, ResponseTarget] = {
    Severity.CRITICAL: ResponseTarget(HOUR_US, "always"),
    Severity.SEVERE: ResponseTarget(2 * HOUR_US, "support_hours"),
    Severity.MEDIUM: ResponseTarget(8 * HOUR_US, "support_hours"),
    Severity.MINOR: ResponseTarget(7 * DAY_US, "civil"),
}


@dataclass(frozen=True)
class Loaded:
    catalogue: Catalogue
    settings: Settings
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """The names of a file as written: what is wrong with an entry does not make its name lead nowhere."""

    locations: tuple[str, ...]
    people: tuple[str, ...]
    channels: tuple[str, ...]
    rota: bool
    smtp: bool

    @classmethod
    def of(cls, tree: Tree) -> Written:
        notify = tree.root.get("notify")
        channels = notify.get("channels") if isinstance(notify, Keys) else None
        return cls(
            locations=_ids(tree.root.get("locations")) or ("local",),
            people=_ids(tree.root.get("people")),
            channels=tuple(channels.entries) if isinstance(channels, Keys) else (),
            rota=isinstance(notify, Keys) and "rota" in notify.entries,
            smtp="smtp" in tree.root.entries,
        )


class Builder:
    def __init__(
        self, file: models.FileIn, options: Mapping[int, Any], tree: Tree, names: Written, path: Path, findings: Findings
    ) -> None:
        self._file = file
        self._options = options
        self._tree = tree
        self._written = names
        self._base = path.resolve().parent
        self._findings = findings
        self._languages = file.site.languages
        self._nodes = iter(check_nodes(tree))
        self._guard = Guard(file.egress.allow)

    def loaded(self) -> Loaded:
        settings = SettingsBuilder(self._file, self._tree, self._base, self._findings).settings()
        catalogue = self._catalogue(settings)
        self._names_lead_somewhere(settings)
        self._findings.raise_if_any()
        return Loaded(catalogue, settings, tuple(str(one) for one in self._findings.warnings))

    # The catalogue

    def _catalogue(self, settings: Settings) -> Catalogue:
        file = self._file
        locations = tuple(
            Location(one.id, self._words(one.name, one.id)) for one in file.locations or [models.LocationIn(id="local")]
        )
        self._once([one.id for one in file.locations], "locations")
        self._once([one.id for one in file.products], "products")
        site = Site(file.site.name, file.site.url or "", tuple(file.site.languages), file.site.timezone)
        parts: dict[str, Any] = {
            "site": site,
            "commitment": self._commitment(),
            "locations": locations,
            "products": tuple(self._product(one, tuple(place.id for place in locations)) for one in file.products),
            "people": {one.id: Person(one.id, one.name, one.language, one.channels) for one in file.people},
            "rota": tuple(self._layer(one) for one in file.notify.rota),
            "escalation": {
                severity: tuple(EscalationStep(step.after, step.notify) for step in steps)
                for severity, steps in file.notify.escalation.items()
            },
            "budget_alerts": self._budget_alerts(file.notify.budget),
            "operator": file.notify.operator,
            "references": tuple(file.references),
            "renames": renames_of(file, self._tree, self._findings),
        }
        return Catalogue(version=fingerprint([parts, settings]), **parts)

    def _commitment(self) -> Commitment:
        its = self._file.commitment
        for severity, to in its.response.items():
            if to.within == 0 or (to.clock == "civil" and to.within % DAY_US):
                what = "nobody answers in no time" if to.within == 0 else "the civil clock counts whole days"
                self._error(
                    ("commitment", "response", severity.value, "within"), what, "write a time such as 1h; for clock civil, 7d"
                )
        response = {**DEFAULT_RESPONSE, **{one: ResponseTarget(to.within, to.clock) for one, to in its.response.items()}}
        return Commitment(
            availability=its.availability,
            maintenance=MaintenanceRule(its.maintenance.treat, its.maintenance.notice, its.maintenance.cap),
            degraded_permille=self._degraded(its.degraded),
            support=self._support(its.support_hours),
            response=response,
            updates=dict(its.updates),
            credits=self._credits(its),
            promised=tuple(sorted(its.response, key=lambda one: -one.rank)),
        )

    def _credits(self, its: models.CommitmentIn) -> tuple[Credit, ...]:
        """The highest step first, however they are written."""
        place = ("commitment", "credits")
        order = sorted(range(len(its.credits)), key=lambda at: Decimal(its.credits[at].below), reverse=True)
        before: models.CreditIn | None = None
        for at in order:
            step = its.credits[at]
            if Decimal(step.below) > Decimal(its.availability):
                what = f"below {step.below} the target of {its.availability} can still be met"
                self._error((*place, at, "below"), what, f"write {its.availability} or less")
            elif before is not None and Decimal(step.below) == Decimal(before.below):
                self._error((*place, at, "below"), f"the step below {step.below} is there twice", "keep one of them")
            elif before is not None and Decimal(step.percent) <= Decimal(before.percent):
                what = f"less availability earns no more than the {before.percent} % below {before.below}"
                self._error((*place, at, "percent"), what, "write a larger percentage, or remove the step")
            before = step
        return tuple(Credit(its.credits[at].below, its.credits[at].percent) for at in order)

    def _degraded(self, text: str) -> int:
        if text in ("up", "down"):
            return 0 if text == "up" else 1000
        if not re.fullmatch(r"0(\.[0-9]{1,3})?|1(\.0{1,3})?", text):
            advice = "write up, down, or a number from 0 to 1 such as 0.3, with at most three decimals"
            self._error(("commitment", "degraded"), f"{quoted(text)} is no weight", advice)
            return 0
        return int(Decimal(text) * 1000)

    def _support(self, its: models.SupportHoursIn) -> SupportHours:
        if its.from_ >= its.to:
            self._error(
                ("commitment", "support_hours", "to"), "support closes before it opens", "write a later time, at most 24:00"
            )
        this_year = date.today().year  # noqa: DTZ011  only decides how many holidays are looked up
        years = range(this_year - 2, this_year + YEARS_AHEAD)
        days = self._holidays(its.holidays, years) if its.holidays else frozenset()
        return SupportHours(
            self._file.site.timezone, its.days, its.from_, its.to, days, frozenset(years) if its.holidays else frozenset()
        )

    def _holidays(self, code: str, years: range) -> frozenset[date]:
        import holidays  # noqa: PLC0415  slow to import, and few files name holidays

        country, _, subdivision = code.partition("-")
        try:
            if not re.fullmatch(r"[A-Z]{2,3}(-[\w ]+)?", code):
                raise KeyError(code)
            return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
        except (NotImplementedError, AttributeError, KeyError):
            self._error(
                ("commitment", "support_hours", "holidays"),
                f"the holidays of {quoted(code)} are not known",
                "write a country and perhaps its part: GB-ENG, FR, DE-BY",
            )
            return frozenset()

    def _product(self, its: models.ProductIn, places: tuple[str, ...]) -> Product:
        if its.since is not None and its.since > date.today():  # noqa: DTZ011  a warning may be a day off
            node = found(self._tree.root, ("products", its.id, "since"))
            self._findings.warning(node, "the service begins in the future, and nothing counts until then", "look at the date")
        since_us = None if its.since is None else day_start(self._file.site.timezone, its.since)
        self._once([one.id for one in its.components], f"products.{its.id}.components")
        return Product(
            id=its.id,
            name=self._words(its.name, its.id),
            components=tuple(self._component(one, its.id, places) for one in its.components),
            since_us=since_us,
            support={key: value for key, value in its.support.model_dump().items() if value is not None},
        )

    def _component(self, its: models.ComponentIn, product: str, places: tuple[str, ...]) -> Component:
        name = f"{product}/{its.id}"
        self._once([one.id for one in its.checks], f"products.{product}.components.{its.id}.checks")
        return Component(
            id=name,
            name=self._words(its.name, its.id),
            severity=its.severity,
            checks=tuple(self._check(one, name, places) for one in its.checks),
            description=self._words(its.description, "") if its.description else {},
        )

    def _check(self, its: models.CheckIn, component: str, places: tuple[str, ...]) -> Check:
        node = next(self._nodes)
        timeout_us = its.timeout if its.timeout is not None else min(LONGEST_TIMEOUT_US, its.every // 2)
        recheck_us = its.confirm.recheck if its.confirm.recheck is not None else min(RECHECK_US, its.every)
        if its.every < 1_000_000:
            self._at(node, "every", "checks more often than once a second are not run", "write 1s or more")
        if timeout_us >= its.every:
            self._at(node, "timeout", "the timeout is not shorter than the interval", f"write less than {_seconds(its.every)}")
        if timeout_us <= 0:
            self._at(node, "timeout", "the check would have no time", "write a timeout such as 5s")
        if recheck_us > its.every:
            self._at(
                node, "confirm", "the re-check comes later than the next check", f"write a recheck of at most {_seconds(its.every)}"
            )
        wanted = its.locations or places
        listed = node.get("locations")
        for unknown in [one for one in its.locations or () if one not in self._written.locations]:
            self._error_at(
                entry(listed, unknown) or node, f"there is no location {quoted(unknown)}", near(unknown, self._written.locations)
            )
        if its.confirm.locations is not None and its.confirm.locations > len(wanted):
            self._at(node, "confirm", f"{its.confirm.locations} locations cannot agree, there are {len(wanted)}", "ask for fewer")
        options = self._options.get(id(node))
        warn_of_private(node, options, self._guard, self._findings)
        return Check(
            id=f"{component}/{its.id}",
            kind=its.kind,
            options=options,
            every_us=its.every,
            timeout_us=timeout_us,
            confirm=Confirm(its.confirm.failures, its.confirm.recoveries, recheck_us, its.confirm.locations),
            locations=tuple(wanted),
            name=self._words(its.name, its.id),
        )

    def _layer(self, its: models.RotaIn) -> RotaLayer:
        weekday, minute = its.handover
        if its.every < DAY_US or its.every % DAY_US:
            self._error(
                ("notify", "rota", its.name, "every"), "a turn is not a number of whole days", "write days, such as 1d or 7d"
            )
        return RotaLayer(its.name, its.people, max(1, its.every // DAY_US), weekday, minute, self._file.site.timezone)

    def _budget_alerts(self, its: models.BudgetIn | None) -> BudgetAlerts:
        if its is None:
            return BudgetAlerts()
        if not its.page and not its.ticket:
            self._error(("notify", "budget"), "nobody would be told", "name a channel or a person under page or ticket")
        return BudgetAlerts(its.page, its.ticket, tuple(sorted(set(its.left))), its.exhaustion or None)

    # What names mean

    def _names_lead_somewhere(self, settings: Settings) -> None:
        people, channels = self._written.people, self._written.channels
        self._once([one.id for one in self._file.people], "people")
        self._once([one.name for one in self._file.notify.rota], "notify.rota")
        for name in channels:
            if name in people or name == ON_CALL:
                other = "a person has that name too" if name in people else "`on-call` is whoever the rota says"
                self._error(("notify", "channels", name), other, "give the channel another name")
        if ON_CALL in people:
            self._error(("people", ON_CALL), "`on-call` is whoever the rota says", "give the person another id")
        for person in self._file.people:
            self._all_known(person.channels, channels, ("people", person.id, "channels"), "channel")
        for layer in self._file.notify.rota:
            self._all_known(layer.people, people, ("notify", "rota", layer.name, "people"), "person")
        for severity, steps in self._file.notify.escalation.items():
            for number, step in enumerate(steps):
                self._reach_somebody(step.notify, ("notify", "escalation", severity.value, number, "notify"))
        if (budget := self._file.notify.budget) is not None:
            self._reach_somebody(budget.page, ("notify", "budget", "page"))
            self._reach_somebody(budget.ticket, ("notify", "budget", "ticket"))
        self._reach_somebody(self._file.notify.operator, ("notify", "operator"))
        self._mail_has_a_server(settings)
        for name, channel in settings.channels.items():
            place = found(self._tree.root, ("notify", "channels", name))
            if isinstance(place, Keys) and isinstance(channel, WebhookSettings):
                warn_of_private(place, channel, self._guard, self._findings)

    def _reach_somebody(self, names: Sequence[str], place: tuple[str | int, ...]) -> None:
        known = [*self._written.channels, *self._written.people]
        for name in names:
            if name == ON_CALL and not self._written.rota:
                nobody = "`on-call` means nobody, for there is no rota"
                self._error((*place, name), nobody, "add notify.rota, or name a channel or a person")
        self._all_known([one for one in names if one != ON_CALL], known, place, "channel or person")

    def _mail_has_a_server(self, settings: Settings) -> None:
        if self._written.smtp:
            return
        for name, channel in settings.channels.items():
            if isinstance(channel, EmailSettings):
                self._error(
                    ("notify", "channels", name), "it sends mail, but there is no mail server", "add smtp: {host: ..., sender: ...}"
                )

    def _all_known(self, names: Iterable[str], known: Sequence[str], place: tuple[str | int, ...], what: str) -> None:
        for name in names:
            if name not in known:
                self._error((*place, name), f"there is no {what} {quoted(name)}", near(name, known))

    def _once(self, ids: Sequence[str], where: str) -> None:
        node = found(self._tree.root, tuple(where.split(".")))
        if len(set(ids)) == len(ids) or not isinstance(node, Items):
            return
        seen: set[str] = set()
        for name, one in zip(ids, node.nodes, strict=False):
            if name in seen and isinstance(one, Keys):
                self._error_at(one.get("id") or one.get("name") or one, f"{quoted(name)} is there twice", "give each its own")
            seen.add(name)

    def _words(self, words: Mapping[str, str] | None, default: str) -> Words:
        """Every language of the site has a text; what was written once stands under each."""
        given = words or {"": default}
        first = given.get("") or given.get("en") or next(iter(given.values()))
        return {language: given.get(language) or first for language in self._languages}

    # Where it stands in the file

    def _at(self, node: Keys, key: str, what: str, instead: str) -> None:
        self._findings.error(node.entries[key].value if key in node.entries else node, what, instead)

    def _error_at(self, node: Node, what: str, instead: str) -> None:
        self._findings.error(node, what, instead)

    def _error(self, path: tuple[str | int, ...], what: str, instead: str) -> None:
        self._findings.error(found(self._tree.root, path), what, instead)


def _ids(node: Node | None) -> tuple[str, ...]:
    entries = node.nodes if isinstance(node, Items) else ()
    return tuple(name for one in entries if isinstance(one, Keys) and (name := one.text("id")) is not None)


def _seconds(us: int) -> str:
    return f"{us / 1e6:g}s"
