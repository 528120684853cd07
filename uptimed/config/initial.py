"""The first file of somebody who has a few addresses and no wish to read a manual."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from uptimed.config.egress import private_networks
from uptimed.config.fields import is_url


def initial(urls: Sequence[str], site_name: str) -> str:
    """One product for each host, one component and one check for each URL. ValueError, one sentence, for a URL that is none."""
    products: dict[str, list[tuple[str, str]]] = {}
    hosts: dict[str, str] = {}
    for url in urls:
        if "@" in url.partition("://")[2].partition("/")[0]:
            # Not quoted: it may hold a password.
            raise ValueError(
                "One of the URLs holds a user name or a password; give it without, and write those under its check in the file: "
                "auth: {basic: {username: ..., password: ${NAME}}}"
            )
        if not is_url(url, {"http", "https"}):
            raise ValueError(
                f"{url!r} is no web address; write it with http:// or https://, such as https://www.example.com/health"
            )
        parts = urlsplit(url)
        product = slug(parts.netloc)
        hosts[product] = parts.netloc
        mine = products.setdefault(product, [])
        if url not in (known for _, known in mine):
            mine.append((free(slug(parts.path) or "web", [name for name, _ in mine]), url))
    lines = [
        "# Written by `uptimed init`. Every key is explained in config/uptimed.yaml; only `products` is required.",
        "site:",
        f"  name: {json.dumps(site_name, ensure_ascii=False)}",
        "commitment:",
        "  availability: 99.9 # percent of each calendar year, shown on the page: your promise, change it",
        "products:",
    ]
    for product, components in products.items():
        lines += [f"  - id: {product}", f"    name: {json.dumps(hosts[product])}", "    components:"]
        for name, url in components:
            lines += [
                f"      - id: {name}",
                "        severity: critical # critical, severe, medium or minor",
                "        checks:",
                "          - id: http",
                "            kind: http",
                f"            url: {json.dumps(url)}",
                "            every: 19s",
            ]
    allowed = ", ".join(json.dumps(network) for network in private_networks({urlsplit(url).hostname or "" for url in urls}))
    lines += [
        "notify:",
        "  channels:",
        "    terminal: { kind: console }",
        "  escalation:",
        "    critical: [{ after: 0s, notify: [terminal] }]",
        "egress:",
        f"  allow: [{allowed}] # private networks that checks may reach",
        "",
    ]
    return "\n".join(lines)


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")


def free(name: str, taken: Sequence[str]) -> str:
    number, one = 2, name
    while one in taken:
        one, number = f"{name}-{number}", number + 1
    return one
