"""
The egress guard: which addresses we may dial (RELIABILITY S1, S2).

Asked about the very address that is dialled next, after resolving, at every hop, so that neither a redirect nor a name that
changes its answer (rebinding) passes it. Link-local, metadata services, multicast and "this host" are never dialled;
loopback, private and other non-public ranges only when the operator listed them.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "it means this host"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata service"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("100.100.100.200/32", "a cloud's metadata service"),
        ("192.0.0.192/32", "a cloud's metadata service"),
        ("fd00:ec2::/32", "a cloud's metadata service"),
        ("fd20:ce::254/128", "a cloud's metadata service"),
        ("fd00:42::42/128", "a cloud's metadata service"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
        ("::/128", "it means this host"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
_REMEMBERED = 4096


class Guard:
    """Knows the ranges that the operator allows beyond the public ones; an allowed range never opens what is on the never-list."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._allowed = parse_networks(allow)
        self._known: dict[str, str | None] = {}

    def objection(self, address: str) -> str | None:
        """Why this numeric address must not be dialled; None when it may be."""
        if address not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[address] = self._judge(ip_address(address.partition("%")[0]))
        return self._known[address]

    def _judge(self, address: Address) -> str | None:
        inner = _carried(address)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return self._judge(address.ipv4_mapped)
        objection = self._judge_plain(address)
        if objection is None and inner is not None:
            objection = self._judge_plain(inner)
            return objection and f"{objection} (the IPv4 address {inner} inside it)"
        return objection

    def _judge_plain(self, address: Address) -> str | None:
        for network, why in _NEVER:
            if address in network:
                return f"{address} is never dialled: {why}"
        if address.is_global or any(address in network for network in self._allowed):
            return None
        what = "loopback" if address.is_loopback else "not a public address"
        return f"{address} is {what}; list it under egress.allow if checks may go there"


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """`10.20.0.0/16` or a single address; ValueError says what is wrong and what would be right."""
    return tuple(_parse_network(text.strip()) for text in texts)


def _parse_network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        if "host bits" in str(error):
            raise ValueError(f"{text} has bits beyond its prefix; did you mean {ip_network(text, strict=False)}?") from None
        raise ValueError(f"{text!r} is not a network; write it like 10.20.0.0/16, fd12:3456::/48 or 127.0.0.1") from None


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 spelling would be translated or tunnelled to (RFC 6052, 3056, 4380, 5214, 4291)."""
    if isinstance(address, IPv4Address):
        return None
    low = int(address) & 0xFFFFFFFF
    if any(address in network for network in _NAT64) or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(low)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _COMPATIBLE and low > 1:
        return IPv4Address(low)
    return None
