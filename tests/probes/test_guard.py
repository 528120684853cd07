"""The egress guard, spelling by spelling."""

from __future__ import annotations

import pytest

from probes.guard import Guard, parse_networks
from probes.reasons import ProbeFailure
from probes.resolve import numeric

NEVER = [
    *("0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "168.63.129.16", "100.100.100.200", "192.0.0.192", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
    *("fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "::ffff:0.0.0.0"),
    *("64:ff9b::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1", "2002:e000:1::"),
    *("2001:db8::5efe:169.254.169.254", "2001:0:4136:e378:8000:63bf:5601:5601"),
]
PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "198.18.0.1"),
    *("192.0.2.1", "198.51.100.1", "203.0.113.1", "fc00::1", "fd12:3456::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::", "::10.0.0.1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::"]


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_dialled_whatever_is_allowed(address: str):
    assert Guard(["0.0.0.0/0", "::/0"]).objection(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_to_be_listed(address: str):
    objection = Guard().objection(address)

    assert objection
    assert "egress.allow" in objection
    assert Guard(["0.0.0.0/0", "::/0"]).objection(address) is None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_dialled(address: str):
    assert Guard().objection(address) is None


def test_one_listed_range_opens_no_other():
    guard = Guard(["10.20.0.0/16"])

    assert guard.objection("10.20.3.4") is None
    assert guard.objection("::ffff:10.20.3.4") is None
    assert guard.objection("10.21.0.1")
    assert guard.objection("127.0.0.1")


@pytest.mark.parametrize(
    ("spelling", "address"),
    [
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"),
        ("2852039166", "169.254.169.254"),
        ("0xa9.0xfe.0xa9.0xfe", "169.254.169.254"),
        ("0", "0.0.0.0"),
        ("fe80::1%eth0", "fe80::1"),
        ("www.example.com", None),
        ("1.2.3.example", None),
        ("localhost", None),
    ],
)
def test_every_spelling_of_an_address_is_seen_through(spelling: str, address: str | None):
    assert numeric(spelling) == address


@pytest.mark.parametrize("spelling", ["1.2.3.4.5", "256.256.256.256", "0x", "1.2.3.0x1ff", "::g"])
def test_what_only_looks_like_an_address_goes_nowhere(spelling: str):
    with pytest.raises(ProbeFailure):
        numeric(spelling)


@pytest.mark.parametrize(
    ("text", "advice"), [("10.0.0.1/8", "10.0.0.0/8"), ("ten", "write it like"), ("1.2.3.4/40", "write it like")]
)
def test_a_wrong_range_says_what_would_be_right(text: str, advice: str):
    with pytest.raises(ValueError, match=advice):
        parse_networks([text])
