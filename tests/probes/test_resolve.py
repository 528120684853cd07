"""Names that resolve, do not, do so slowly, or change their mind; and resolvers that are themselves in trouble."""

from __future__ import annotations

import time
from pathlib import Path

import dns.rcode
import pytest

from probes.blame import Witnesses
from probes.deadline import Deadline
from probes.guard import Guard
from probes.http import Options
from probes.net import Net
from probes.outcome import ProbeJob
from probes.reasons import ProbeFailure
from probes.resolve import Resolver
from probes.runner import run
from probes.tls_capture import TlsContexts
from tests.probes.nameserver import Zone, nameserver
from tests.probes.rude import OK, rude, says

SERVFAIL, REFUSED = int(dns.rcode.SERVFAIL), int(dns.rcode.REFUSED)


async def resolve(server: str | list[str], name: str = "shop.test", family: str = "any", timeout_s: float = 1.5) -> list[str]:
    resolver = Resolver([server] if isinstance(server, str) else server)
    return await resolver.addresses(name, Deadline(timeout_s), family)


async def look_at(server: str | list[str], url: str, timeout_s: float = 1.5, allow: tuple[str, ...] = ("127.0.0.0/8",)):
    net = Net.build(allow=allow, resolvers=[server] if isinstance(server, str) else server)
    return await run(ProbeJob("a/b/c", "http", Options(url), timeout_s), net, witnesses=Witnesses(net))


async def test_ipv4_comes_before_ipv6():
    async with nameserver(Zone({"shop.test": ["2606:4700::1", "198.51.100.7"]})) as server:
        assert await resolve(server) == ["198.51.100.7", "2606:4700::1"]
        assert await resolve(server, family="6") == ["2606:4700::1"]


async def test_an_address_of_only_the_other_version_is_no_address():
    async with nameserver(Zone({"shop.test": ["198.51.100.7"]})) as server:
        with pytest.raises(ProbeFailure) as failure:
            await resolve(server, family="6")
    assert failure.value.reason == "dns_no_address"


async def test_localhost_is_never_asked_of_a_name_server(tmp_path: Path):
    resolver = Resolver(["127.0.0.1:9"], hosts=tmp_path / "none")

    assert await resolver.addresses("localhost", Deadline(1.0)) == ["127.0.0.1", "::1"]
    assert await resolver.addresses("app.localhost", Deadline(1.0), "4") == ["127.0.0.1"]


async def test_the_hosts_file_comes_first(tmp_path: Path):
    hosts = tmp_path / "hosts"
    hosts.write_text("# ours\n192.0.2.9 shop.test www.shop.test # here\nnonsense x\n")
    resolver = Resolver(["127.0.0.1:9"], hosts=hosts)

    assert await resolver.addresses("WWW.shop.test.", Deadline(1.0)) == ["192.0.2.9"]


def test_the_systems_resolvers_are_read_from_their_file(tmp_path: Path):
    conf = tmp_path / "resolv.conf"
    conf.write_text("search x\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver nonsense\n")

    assert [str(server) for server in Resolver(conf=conf).servers] == ["192.0.2.53", "[2001:db8::53]"]


async def test_a_name_that_does_not_exist_is_down():
    async with nameserver(Zone()) as server:
        outcome = await look_at(server, "http://gone.test/")

    assert (outcome.verdict, outcome.reason) == ("down", "dns_nxdomain")


async def test_a_name_with_no_address_is_down():
    async with nameserver(Zone({"empty.test": []})) as server:
        outcome = await look_at(server, "http://empty.test/")

    assert (outcome.verdict, outcome.reason) == ("down", "dns_no_address")


async def test_a_slow_name_is_waited_for():
    async with nameserver(Zone({"shop.test": ["198.51.100.7"]}, lambda *_: 0.7)) as server:
        assert await resolve(server, timeout_s=3.0) == ["198.51.100.7"]


async def test_a_half_of_the_pair_that_never_comes_does_not_hold_up_the_other():
    zone = Zone({"shop.test": ["198.51.100.7"]}, lambda _name, kind, _n: None if kind == "AAAA" else ...)
    began = time.monotonic()
    async with nameserver(zone) as server:
        assert await resolve(server, timeout_s=5.0) == ["198.51.100.7"]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("odd", [SERVFAIL, REFUSED, None, b"\x81\x80nonsense"])
async def test_a_resolver_in_trouble_is_passed_over(odd: object):
    async with nameserver(Zone(odd=lambda *_: odd)) as bad, nameserver(Zone({"shop.test": ["198.51.100.7"]})) as good:
        deadline = Deadline(3.0)
        assert await Resolver([bad, good]).addresses("shop.test", deadline) == ["198.51.100.7"]
    assert deadline.notes == ["resolver_failover"]


@pytest.mark.parametrize(("odd", "reason"), [(SERVFAIL, "dns_servfail"), (REFUSED, "dns_refused"), (None, "dns_timeout")])
async def test_one_broken_name_at_a_living_resolver_is_the_endpoints_fault(odd: object, reason: str):
    zone = Zone(odd=lambda name, _kind, _n: odd if name == "broken.test" else ...)
    async with nameserver(zone) as server:
        outcome = await look_at(server, "http://broken.test/")

    assert (outcome.verdict, outcome.reason) == ("down", reason)
    assert outcome.took_s < 2.0


@pytest.mark.parametrize(
    ("odd", "reason"), [(SERVFAIL, "resolver_failed"), (REFUSED, "resolver_failed"), (None, "resolver_timeout")]
)
async def test_a_resolver_that_fails_for_everything_is_our_own_trouble(odd: object, reason: str):
    async with nameserver(Zone(odd=lambda *_: odd)) as server:
        began = time.monotonic()
        outcome = await look_at(server, "http://shop.test/", timeout_s=1.0)

    assert (outcome.verdict, outcome.reason) == ("unknown", reason), outcome
    assert time.monotonic() - began < 1.5
    assert outcome.figures == {}


async def test_a_resolver_that_is_not_there_is_our_own_trouble():
    outcome = await look_at("127.0.0.1:9", "http://shop.test/")

    assert (outcome.verdict, outcome.reason) == ("unknown", "resolver_failed")


async def test_a_name_that_moves_to_a_private_address_is_not_followed():
    zone = Zone({"rebind.test": ["127.0.0.1"]})
    async with nameserver(zone) as server, rude(says(OK)) as port:
        first = await look_at(server, f"http://rebind.test:{port}/")
        zone.records["rebind.test"] = ["10.0.0.1", "169.254.169.254"]
        second = await look_at(server, f"http://rebind.test:{port}/")

    assert first.verdict == "up"
    assert (second.verdict, second.reason) == ("unknown", "address_blocked")


async def test_a_blocked_address_among_several_is_left_out():
    async with nameserver(Zone({"mixed.test": ["10.0.0.1", "127.0.0.1"]})) as server, rude(says(OK)) as port:
        outcome = await look_at(server, f"http://mixed.test:{port}/")

    assert (outcome.verdict, outcome.evidence["address"]) == ("up", "127.0.0.1")


async def test_one_dead_address_of_several_is_a_note(tmp_path: Path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.2 two.test\n127.0.0.1 two.test\n")
    net = Net(Guard(["127.0.0.0/8"]), Resolver(["127.0.0.1:9"], hosts=hosts), TlsContexts())
    async with rude(says(OK)) as port:
        outcome = await run(ProbeJob("a/b/c", "http", Options(f"http://two.test:{port}/"), 1.5), net)

    assert (outcome.verdict, outcome.notes) == ("up", ("address_dead",))


async def test_dns_records_are_judged(look):
    async with nameserver(Zone({"shop.test": ["198.51.100.7"]})) as server:
        from probes.dns import Expect

        good = await look("dns", name="shop.test", server=server, expect=Expect(answers=("198.51.100.7",)))
        other = await look("dns", name="shop.test", server=server, expect=Expect(answers=("198.51.100.8",)))
        gone = await look("dns", name="gone.test", server=server)
        wanted_gone = await look("dns", name="gone.test", server=server, expect=Expect(rcode="NXDOMAIN"))
        empty = await look("dns", name="shop.test", type="AAAA", server=server)

    assert (good.verdict, good.evidence["answers"]) == ("up", ["198.51.100.7"])
    assert good.figures["probe_dns_answer_rrs"] == 1
    assert other.reason == "dns_answers"
    assert gone.reason == "dns_nxdomain"
    assert wanted_gone.verdict == "up"
    assert empty.reason == "dns_answers"


async def test_a_name_server_under_test_that_is_silent_is_down(look):
    async with nameserver(Zone(odd=lambda *_: None)) as server:
        outcome = await look("dns", name="shop.test", server=server)

    assert (outcome.verdict, outcome.reason) == ("down", "dns_timeout")
