"""
Which monitor is which check: as somebody says, else where both look at the same address in the same way and nothing else does.

A monitor whose beats are no looks at an endpoint is never taken for a check, whoever says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from probes.options import Secret
from uptimed.config.problems import near
from uptimed.domain.catalogue import Catalogue, Check
from uptimed.kuma.record import Monitor

Endpoint = tuple[str, ...]

NO_LOOKS: Mapping[str, str] = {
    "group": "a group only sums up its members",
    "manual": "its state was set by hand",
    "push": "its beats were sent by the program it watches; a silence of the sender is no look at an endpoint",
}
_PORTS = {"http": 80, "https": 443}


class MapRefused(Exception):
    """What somebody asked to map cannot be; a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Pair:
    monitor: Monitor
    check: str | None
    why: str
    """How it was found, or why it was not."""


def pairs(monitors: Sequence[Monitor], catalogue: Catalogue, given: Sequence[str]) -> list[Pair]:
    """One for each monitor, in their order. `given`: `monitor name=product/component/check`. `MapRefused` lists what is wrong."""
    wanted = _wanted(monitors, catalogue, given)
    names = {check.id: _names(catalogue, check) for check in catalogue.checks()}
    by_endpoint: dict[Endpoint, list[str]] = {}
    for check in catalogue.checks():
        by_endpoint.setdefault(_endpoint_of_check(check), []).append(check.id)
    found = [_found(one, wanted, by_endpoint, names) for one in monitors]
    return _unshared(found, names)


def endpoint_of(monitor: Monitor) -> Endpoint | None:
    """Kind and address in the terms of our checks; None: there is no such kind."""
    make = _ENDPOINTS.get(monitor.type)
    return make(monitor) if make is not None else None


def _wanted(monitors: Sequence[Monitor], catalogue: Catalogue, given: Sequence[str]) -> dict[int, str]:
    checks = [check.id for check in catalogue.checks()]
    wanted: dict[int, str] = {}
    problems = []
    for text in given:
        name, _, check = text.rpartition("=")
        mine = [one for one in monitors if one.name == name]
        if not name:
            problems.append(f"--map {text!r} names no check; write 'monitor name=product/component/check'")
        elif not mine:
            problems.append(f"Kuma has no monitor {name!r}; {near(name, [one.name for one in monitors])}")
        elif check not in checks:
            problems.append(f"there is no check {check!r} in the configuration; {near(check, checks)}")
        problems += [
            f"monitor {one.name!r} ({one.type}) cannot be taken over: {NO_LOOKS[one.type]}" for one in mine if one.type in NO_LOOKS
        ]
        wanted.update({one.id: check for one in mine})
    if problems:
        raise MapRefused(problems)
    return wanted


def _found(
    monitor: Monitor, wanted: Mapping[int, str], by_endpoint: Mapping[Endpoint, list[str]], names: Mapping[str, set[str]]
) -> Pair:
    if monitor.id in wanted:
        return Pair(monitor, wanted[monitor.id], "as given")
    if monitor.type in NO_LOOKS:
        return Pair(monitor, None, NO_LOOKS[monitor.type])
    if monitor.upside_down:
        return Pair(monitor, None, "it is upside down: good when the target fails; name its check with --map if that is meant")
    endpoint = endpoint_of(monitor)
    if endpoint is None:
        return Pair(monitor, None, "there is no such kind of check; name one that means the same with --map")
    there = by_endpoint.get(endpoint, [])
    if len(there) > 1:
        there = [check for check in there if monitor.name in names[check]] or there
    if len(there) > 1:
        return Pair(monitor, None, f"several checks look there ({', '.join(there)}); name the one that is meant with --map")
    if not there:
        return Pair(monitor, None, "no check looks there")
    return Pair(monitor, there[0], "the same address")


def _unshared(found: Sequence[Pair], names: Mapping[str, set[str]]) -> list[Pair]:
    """What several monitors have found by themselves belongs to the one of its name, or to none."""
    shared = Counter(one.check for one in found if one.why == "the same address")

    def settled(one: Pair) -> Pair:
        if one.why != "the same address" or one.check is None or shared[one.check] == 1:
            return one
        rivals = [other for other in found if other.check == one.check and other.why == one.why]
        of_its_name = [other for other in rivals if other.monitor.name in names[one.check]]
        if of_its_name == [one]:
            return one
        return Pair(
            one.monitor, None, f"{len(rivals)} monitors look at what {one.check} looks at; name the one that is meant with --map"
        )

    return [settled(one) for one in found]


def _names(catalogue: Catalogue, check: Check) -> set[str]:
    component = next(one for one in catalogue.components() if check in one.checks)
    return {*check.name.values(), *component.name.values()}


def _endpoint_of_check(check: Check) -> Endpoint:
    """Whatever the kind: what it dials or asks for, and what more says where: a port, the type of a record."""
    options = check.options
    where = next((_text(its) for name in ("url", "host", "name") if (its := getattr(options, name, None))), "")
    more = next((its for name in ("port", "type") if (its := getattr(options, name, None))), "")
    return check.kind, _plain(where), str(more).upper()


_ENDPOINTS: Mapping[str, Callable[[Monitor], Endpoint]] = {
    "http": lambda one: ("http", _plain(one.url), ""),
    "keyword": lambda one: ("http", _plain(one.url), ""),
    "json-query": lambda one: ("http", _plain(one.url), ""),
    "port": lambda one: ("tcp", _plain(one.hostname), str(one.port or "")),
    "ping": lambda one: ("icmp", _plain(one.hostname), ""),
    "dns": lambda one: ("dns", _plain(one.hostname), one.dns_type.upper()),
}


def _plain(address: str) -> str:
    """The same for two ways to write one address: letter case of the host, the usual port, no path, a fragment."""
    address = address.strip()
    if "://" not in address:
        return address.rstrip(".").lower()
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return address
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{(parts.hostname or '').rstrip('.')}:{port}{parts.path or '/'}{query}"


def _text(value: Any) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)
