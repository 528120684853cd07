"""Targets that the egress guard will refuse, said at load: names need a resolver and are judged when they are dialled."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from probes.guard import Guard
from probes.options import Secret, SecretMissing
from uptimed.config.problems import Findings
from uptimed.config.yaml_tree import Keys

_FIELDS = ("url", "host", "server")
"""Where kinds and channels write what they dial."""


def warn_of_private(node: Keys, written: Any, guard: Guard, findings: Findings) -> None:
    """`written`: an object that may have a `url`, `host` or `server`; a secret one is looked at and never shown."""
    for name in _FIELDS:
        address = _address(getattr(written, name, None))
        objection = guard.objection(address) if address else None
        if objection is None or name not in node.entries:
            continue
        what = "a private address that egress does not allow: every attempt will be refused"
        findings.warning(node.entries[name].value, what, "add its network to egress: {allow: [...]}")


def private_networks(hosts: set[str]) -> list[str]:
    """What `egress.allow` must hold so that these hosts may be dialled; loopback as a whole."""
    addresses = sorted({address for host in hosts if (address := _address(host))})
    refused = [ipaddress.ip_address(one) for one in addresses if Guard().objection(one)]
    networks = [_LOOPBACK[one.version] if one.is_loopback else f"{one}/{one.max_prefixlen}" for one in refused]
    return list(dict.fromkeys(networks))


_LOOPBACK = {4: "127.0.0.0/8", 6: "::1/128"}


def _address(target: Any) -> str | None:
    """The numeric address in a target, if it is written as one; `localhost` is one by another name."""
    try:
        text = target.reveal() if isinstance(target, Secret) else target
        if isinstance(text, str) and "://" in text:
            text = urlsplit(text).hostname
    except (SecretMissing, ValueError):
        return None  # Said at its line already.
    if not isinstance(text, str):
        return None
    if text.lower().rstrip(".") == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        return None
