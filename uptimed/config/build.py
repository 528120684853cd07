"""From the file's models to the catalogue and the settings; everything that leads nowhere is found here, all of it in one run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from uptimed.config import models
from uptimed.config.problems import Findings, near
from uptimed.config.reading import check_nodes
from uptimed.config.settings import ChannelSettings, EmailSettings, Server, Settings, Smtp
from uptimed.config.yaml_tree import Items, Keys, Node, Place, Tree
from uptimed.domain.catalogue import (
    Catalogue,
    Check,
    Commitment,
    Component,
    Confirm,
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


class Builder:
    def __init__(self, file: models.FileIn, options: Mapping[int, Any], tree: Tree, path: Path, findings: Findings) -> None:
        self._file = file
        self._options = options
        self._tree = tree
        self._base = path.resolve().parent
        self._findings = findings
        self._languages = file.site.languages
        self._nodes = iter(check_nodes(tree))

    def loaded(self) -> Loaded:
        settings = self._settings()
        catalogue = self._catalogue(settings)
        self._names_lead_somewhere(catalogue, settings)
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
            "references": tuple(file.references),
        }
        return Catalogue(version=_hash_of([parts, settings]), **parts)

    def _commitment(self) -> Commitment:
        its = self._file.commitment
        response = {**DEFAULT_RESPONSE, **{one: ResponseTarget(to.within, to.clock) for one, to in its.response.items()}}
        return Commitment(
            availability=its.availability,
            maintenance=MaintenanceRule(its.maintenance.treat, its.maintenance.notice, its.maintenance.cap),
            degraded_permille=self._degraded(its.degraded),
            support=self._support(its.support_hours),
            response=response,
            updates=dict(its.updates),
        )

    def _degraded(self, text: str) -> int:
        if text in ("up", "down"):
            return 0 if text == "up" else 1000
        try:
            permille = Decimal(text) * 1000
        except InvalidOperation:
            permille = Decimal(-1)
        if not 0 <= permille <= 1000 or permille != int(permille):
            self._error(("commitment", "degraded"), f"{text!r} is no weight", "write up, down, or a number from 0 to 1 such as 0.3")
            return 0
        return int(permille)

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
            return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
        except (NotImplementedError, AttributeError, KeyError):
            self._error(
                ("commitment", "support_hours", "holidays"),
                f"the holidays of {code!r} are not known",
                "write a country and perhaps its part: GB-ENG, FR, DE-BY",
            )
            return frozenset()

    def _product(self, its: models.ProductIn, places: tuple[str, ...]) -> Product:
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
            self._at(node, "timeout", "the timeout is not shorter than the interval", f"write less than {its.every / 1e6:g}s")
        if timeout_us <= 0:
            self._at(node, "timeout", "the check would have no time", "write a timeout such as 5s")
        wanted = its.locations or places
        for unknown in [one for one in wanted if one not in places]:
            self._at(node, "locations", f"there is no location {unknown!r}", near(unknown, places))
        if its.confirm.locations is not None and its.confirm.locations > len(wanted):
            self._at(node, "confirm", f"{its.confirm.locations} locations cannot agree, there are {len(wanted)}", "ask for fewer")
        return Check(
            id=f"{component}/{its.id}",
            kind=its.kind,
            options=self._options.get(id(its)),
            every_us=its.every,
            timeout_us=timeout_us,
            confirm=Confirm(its.confirm.failures, its.confirm.recoveries, recheck_us, its.confirm.locations),
            locations=tuple(wanted),
            name=self._words(its.name, its.id),
        )

    def _layer(self, its: models.RotaIn) -> RotaLayer:
        weekday, minute = its.handover
        return RotaLayer(its.name, its.people, max(1, its.every // DAY_US), weekday, minute, self._file.site.timezone)

    # The settings

    def _settings(self) -> Settings:
        file = self._file
        data = self._path(file.data)
        host = urlsplit(file.site.url or "").hostname
        return Settings(
            server=Server(
                public=file.server.public,
                staff=file.server.staff,
                hosts=tuple(file.server.hosts) or ((host,) if host else ()),
                trusted_proxies=tuple(file.server.trusted_proxies),
                token=file.server.token,
            ),
            data=data,
            storage=self._storage(file.storage, data),
            smtp=self._smtp(file.smtp),
            channels=dict(file.notify.channels),
            egress_allow=tuple(file.egress.allow),
            resolvers=tuple(file.resolvers),
            retention_us=file.retention.results,
        )

    def _path(self, text: str) -> Path:
        path = Path(text).expanduser()
        return path if path.is_absolute() else (self._base / path).resolve()

    def _storage(self, url: str | None, data: Path) -> str:
        if url is None:
            return f"sqlite+aiosqlite:///{data / 'uptimed.db'}"
        scheme, _, rest = url.partition(":///")
        if scheme in ("sqlite", "sqlite+aiosqlite") and rest:
            return f"{scheme}:///{self._path(rest)}"
        if url.startswith("postgresql+asyncpg://"):
            return url
        self._error(
            ("storage",),
            "this is no database that is known",
            "write sqlite+aiosqlite:///data/uptimed.db or postgresql+asyncpg://user@host/name",
        )
        return url

    def _smtp(self, its: models.SmtpIn | None) -> Smtp | None:
        if its is None:
            return None
        security = its.security or ("tls" if its.port == 465 else "starttls")
        return Smtp(its.host, its.port, its.sender, its.user, its.password, security)

    # What names mean

    def _names_lead_somewhere(self, catalogue: Catalogue, settings: Settings) -> None:
        people, channels = list(catalogue.people), settings.channels
        self._once([one.id for one in self._file.people], "people")
        for person in self._file.people:
            self._all_known(person.channels, channels, ("people", person.id, "channels"), "channel")
        for layer in self._file.notify.rota:
            self._all_known(layer.people, people, ("notify", "rota", layer.name, "people"), "person")
        for severity, steps in self._file.notify.escalation.items():
            for number, step in enumerate(steps):
                place = ("notify", "escalation", severity.value, number, "notify")
                if ON_CALL in step.notify and not catalogue.rota:
                    self._error(
                        place, "`on-call` means nobody, for there is no rota", "add notify.rota, or name a channel or a person"
                    )
                self._all_known([one for one in step.notify if one != ON_CALL], [*channels, *people], place, "channel or person")
        self._mail_has_a_server(channels, settings)

    def _mail_has_a_server(self, channels: Mapping[str, ChannelSettings], settings: Settings) -> None:
        for name, channel in channels.items():
            if isinstance(channel, EmailSettings) and settings.smtp is None:
                self._error(
                    ("notify", "channels", name), "it sends mail, but there is no mail server", "add smtp: {host: ..., sender: ...}"
                )

    def _all_known(self, names: Iterable[str], known: Iterable[str], place: tuple[str | int, ...], what: str) -> None:
        all_of_them = list(known)
        for name in names:
            if name not in all_of_them:
                self._error(place, f"there is no {what} {name!r}", near(name, all_of_them))

    def _once(self, ids: list[str], where: str) -> None:
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            self._error(tuple(where.split(".")), f"the id {twice!r} is there twice", "give each its own")

    def _words(self, words: Mapping[str, str] | None, default: str) -> Words:
        """Every language of the site has a text; what was written once stands under each."""
        given = words or {"": default}
        first = given.get("") or given.get("en") or next(iter(given.values()))
        return {language: given.get(language) or first for language in self._languages}

    # Where it stands in the file

    def _at(self, node: Keys, key: str, what: str, instead: str) -> None:
        self._findings.error(node.entries[key].value if key in node.entries else node, what, instead)

    def _error(self, path: tuple[str | int, ...], what: str, instead: str) -> None:
        self._findings.error(_found(self._tree.root, path), what, instead)


def _found(root: Keys, path: tuple[str | int, ...]) -> Place | Node:
    """The deepest node on the way; entries of a list are found by their id, name or number."""
    node: Node = root
    for part in path:
        inside: Node | None = None
        if isinstance(node, Keys):
            inside = node.get(str(part))
        elif isinstance(node, Items):
            inside = next(
                (
                    one
                    for n, one in enumerate(node.nodes)
                    if n == part or (isinstance(one, Keys) and part in (one.text("id"), one.text("name")))
                ),
                None,
            )
        if inside is None:
            break
        node = inside
    return node


def _hash_of(parts: Any) -> str:
    """Sixteen hexadecimal characters of the effective configuration. Secrets count by their reference, never by their value."""
    text = json.dumps(_jsonable(parts), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _jsonable(value: Any) -> Any:
    if hasattr(value, "template"):
        return "secret " + hashlib.sha256(str(value.template).encode()).hexdigest()
    if hasattr(value, "model_dump"):
        return {name: _jsonable(getattr(value, name)) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _jsonable(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(str(_jsonable(one)) for one in value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
