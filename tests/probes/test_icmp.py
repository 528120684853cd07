"""
Echoes that really come back, and some that do not: in a network namespace of their own, where we may do as we like.

There the kernel lets us use a datagram socket or only a raw one, as we say; the probe must do the same with both.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

import tests
from tests.capabilities import need

ROOT = Path(tests.__file__).parent.parent
KINDS = {"datagram": "0 2147483647", "raw": "1 0"}
"""The groups that may use datagram sockets: all, or none."""
SILENT = "ip route add 192.0.2.1 dev lo"
"""What is sent there comes back to a host that has no such address, and is dropped without a word."""


async def pinged(kind: str, *hosts: str, after: str = "true", deaf_s: float = 0) -> list[tuple[str, str, float]]:
    """Verdict, reason and seconds of each, in a fresh namespace in which the shell commands have been run."""
    groups = f'echo "{KINDS[kind]}" > /proc/sys/net/ipv4/ping_group_range'
    shell = f'ip link set lo up && {groups} && {after} && exec "$@"'
    namespace = [need("namespaces"), "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    process = await asyncio.create_subprocess_exec(
        *namespace, "sh", "-c", shell, "sh", sys.executable, "-m", "tests.probes.pinging", str(deaf_s), *hosts,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    said = json.loads(out)
    assert said["raw"] == (kind == "raw"), "the namespace was not made as it was wanted"
    return [tuple(one) for one in said["seen"]]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_echo_that_comes_back_is_up(kind: str) -> None:
    for verdict, reason, took_s in await pinged(kind, "127.0.0.1", "::1"):
        assert (verdict, reason) == ("up", "ok")
        assert took_s < 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_host_that_does_not_answer_is_down_though_others_do_at_the_same_moment(kind: str) -> None:
    """A raw socket hears everybody's echoes; none of them may pass for the one that is waited for."""
    silent, *others = await pinged(kind, "192.0.2.1", *["127.0.0.1"] * 20, after=SILENT)
    assert silent[:2] == ("down", "icmp_timeout")
    assert 2.5 <= silent[2] < 3
    assert {one[:2] for one in others} == {("up", "ok")}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_first_request_that_is_lost_is_repeated(kind: str) -> None:
    ((verdict, reason, took_s),) = await pinged(kind, "127.0.0.1", deaf_s=0.3)
    assert (verdict, reason) == ("up", "ok")
    assert 1 <= took_s < 2.5


@pytest.mark.parametrize(
    ("after", "verdict", "reason"),
    [
        pytest.param(
            "ip route add unreachable 192.0.2.1", "down", "icmp_unreachable", id="somebody says that it cannot be reached"
        ),
        pytest.param("true", "unknown", "local_network", id="we have no route"),
        pytest.param("ip route add prohibit 192.0.2.1", "unknown", "local_permission", id="we are not let out"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_where_no_request_gets_through_it_is_told_whose_trouble_that_is(
    kind: str, after: str, verdict: str, reason: str
) -> None:
    assert [one[:2] for one in await pinged(kind, "192.0.2.1", after=after)] == [(verdict, reason)]
