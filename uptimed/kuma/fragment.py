"""
Checks for monitors that have none yet, as a file of ours.

It stands by itself (`uptimed run` takes it), or its products are moved into another file. A group of Kuma's becomes a product; what
stands in no group belongs to the product of its host. Secrets are never written: what a monitor sent of its own is named for a
person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from probes.outcome import inert
from uptimed.config.egress import private_networks
from uptimed.config.initial import free, slug
from uptimed.kuma.pairing import endpoint_of
from uptimed.kuma.record import Monitor

MOST_FAILURES = 20
MOST_REDIRECTS = 20
_KUMAS_REDIRECTS = 10


@dataclass
class Written:
    text: str
    checks: int = 0
    left_out: list[tuple[Monitor, str]] = field(default_factory=list)


@dataclass
class _Product:
    name: str
    id: str
    components: dict[str, Monitor] = field(default_factory=dict)


def fragment(wanted: Sequence[Monitor], monitors: Sequence[Monitor], taken: Collection[str]) -> Written:
    """A file with a check for each `wanted` monitor that can have one. `taken`: ids of products that there are already."""
    products: dict[str, _Product] = {}
    written = Written("")
    hosts = set()
    for monitor in wanted:
        if (objection := _objection(monitor)) is not None:
            written.left_out.append((monitor, objection))
            continue
        name = _group(monitor, monitors) or _host(monitor)
        if name not in products:
            free_id = free(slug(name) or "kuma", [*taken, *(one.id for one in products.values())])
            products[name] = _Product(name, free_id)
        its = products[name].components
        its[free(slug(monitor.name) or f"monitor-{monitor.id}", list(its))] = monitor
        hosts.add(_host(monitor))
        written.checks += 1
    lines = ["# Written by `uptimed import kuma`. Every key is explained in config/uptimed.yaml."]
    lines += ["products:"] if products else ["products: []  # no monitor could become a check"]
    for product in products.values():
        lines += _product_lines(product)
    if networks := private_networks(hosts):
        lines += [
            "egress:",
            f"  allow: [{', '.join(json.dumps(one) for one in networks)}] # private networks that checks may reach",
        ]
    lines += [f"# Not written: {inert(one.name)} ({inert(one.type)}): {why}" for one, why in written.left_out]
    written.text = "\n".join([*lines, ""])
    return written


def _objection(monitor: Monitor) -> str | None:
    if not _kind(monitor):
        return "there is no such kind of check"
    if monitor.upside_down:
        return "it is upside down, good when the target fails; no check is"
    address = monitor.url if _kind(monitor) == "http" else monitor.hostname
    if not address.strip() or address.strip() in ("http://", "https://"):
        return "it has no address"
    if "${" in address:
        return "its address would be read as a reference"
    return None


def _kind(monitor: Monitor) -> str:
    """Of our check; empty: there is none."""
    endpoint = endpoint_of(monitor)
    return endpoint[0] if endpoint is not None else ""


def _group(monitor: Monitor, monitors: Sequence[Monitor]) -> str:
    """Name of the outermost group that it is in."""
    by_id = {one.id: one for one in monitors}
    name, seen, parent = "", {monitor.id}, monitor.parent
    while parent in by_id and parent not in seen:
        seen.add(parent)
        name, parent = by_id[parent].name, by_id[parent].parent
    return name


def _host(monitor: Monitor) -> str:
    if _kind(monitor) != "http":
        return monitor.hostname.strip()
    try:
        return urlsplit(monitor.url.strip()).hostname or "kuma"
    except ValueError:
        return "kuma"


def _product_lines(product: _Product) -> list[str]:
    lines = [f"  - id: {product.id}", f"    name: {_named(product.name)}", "    components:"]
    for component, monitor in product.components.items():
        lines += [f"      - id: {component}", f"        name: {_named(monitor.name)}"]
        lines += ["        severity: critical # critical, severe, medium or minor", "        checks:"]
        if monitor.by_hand:
            lines.append(f"          # In Kuma it also had {', '.join(monitor.by_hand)}: add that yourself, secrets as ${{NAME}}.")
        first, *rest = (f"{key}: {value}" for key, value in _keys(monitor).items())
        lines += [f"          - {first}", *(f"            {one}" for one in rest)]
    return lines


def _keys(monitor: Monitor) -> Mapping[str, str]:
    kind = _kind(monitor)
    keys = {"id": kind, "kind": kind}
    match kind:
        case "http":
            keys |= _web_keys(monitor)
        case "dns":
            keys |= {"name": _quoted(monitor.hostname.strip()), "type": _quoted(monitor.dns_type)}
            keys |= {"server": _quoted(monitor.dns_server.partition(",")[0].strip())} if monitor.dns_server else {}
        case "tcp":
            keys |= {"host": _quoted(monitor.hostname.strip()), "port": str(monitor.port or 0)}
        case _:
            keys |= {"host": _quoted(monitor.hostname.strip())}
    keys["every"] = f"{monitor.interval_s}s"
    if 0 < monitor.timeout_s < monitor.interval_s:
        keys["timeout"] = f"{round(monitor.timeout_s * 1000)}ms"
    if monitor.max_retries > 0:
        again_s = min(monitor.retry_interval_s or monitor.interval_s, monitor.interval_s)
        keys["confirm"] = f"{{failures: {min(MOST_FAILURES, monitor.max_retries + 1)}, recheck: {again_s}s}}"
    return keys


def _web_keys(monitor: Monitor) -> dict[str, str]:
    keys = {"url": _quoted(_without_credentials(monitor.url.strip()))}
    if monitor.method != "GET":
        keys["method"] = _quoted(monitor.method)
    if monitor.redirects != _KUMAS_REDIRECTS:
        keys["redirects"] = str(min(MOST_REDIRECTS, max(0, monitor.redirects)))
    if not monitor.verify:
        keys["verify"] = '"false"'
    expect: dict[str, Any] = {}
    if monitor.statuses != ("200-299",):
        expect["status"] = list(monitor.statuses)
    if monitor.keyword:
        expect["body_not" if monitor.keyword_absent else "body"] = [monitor.keyword]
    if expect:
        keys["expect"] = _quoted(expect)
    return keys


def _without_credentials(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def _named(text: str) -> str:
    return _quoted(inert(text))


def _quoted(value: Any) -> str:
    """JSON is YAML; what our file would take for a reference is taken apart."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$ {")
