"""The runner: never raises, always in time; and the order of blame between the endpoint and ourselves."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import time

import pytest

from probes import net as net_module
from probes.blame import Witnesses, check_reference, excuse
from probes.deadline import Deadline
from probes.guard import Guard
from probes.http import Options
from probes.net import Net
from probes.outcome import Outcome, ProbeJob, Verdict
from probes.reasons import NOTES, REASONS, phase_of
from probes.registry import KINDS, Kind
from probes.runner import run
from tests.probes.conftest import Look
from tests.probes.rude import OK, closes_at_once, never_says_a_word, rude, says, stalls_after

SILENT_PEER = "198.51.100.77"


def job(url: str, timeout_s: float = 0.5) -> ProbeJob:
    return ProbeJob("shop/web/home", "http", Options(url), timeout_s)


def silent_outcome() -> tuple[Outcome, Deadline]:
    """What a run says about an endpoint out there that did not utter a word."""
    deadline = Deadline(0.5)
    deadline.peer = (SILENT_PEER, 443)
    return Outcome(Verdict.DOWN, "connect_timeout", "no connection"), deadline


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EMFILE, "local_descriptors"),
        (errno.ENFILE, "local_descriptors"),
        (errno.ENOBUFS, "local_memory"),
        (errno.ENOMEM, "local_memory"),
        (errno.EADDRNOTAVAIL, "local_ports"),
        (errno.EACCES, "local_permission"),
        (errno.EPERM, "local_permission"),
        (errno.ENETUNREACH, "local_network"),
        (errno.ENETDOWN, "local_network"),
    ],
)
async def test_trouble_of_our_own_is_never_the_endpoints(look: Look, monkeypatch: pytest.MonkeyPatch, number: int, reason: str):
    def fails(*_args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(net_module.socket, "socket", fails)
    outcome = await look("http", url="http://127.0.0.1:1/")

    assert (outcome.verdict, outcome.reason) == ("unknown", reason)
    assert outcome.figures == {}


async def test_running_out_of_descriptors_is_unknown(look: Look):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []
    async with rude(says(OK)) as port:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        try:
            while True:
                try:
                    held.append(os.dup(0))
                except OSError:
                    break
            outcome = await look("http", url=f"http://127.0.0.1:{port}/")
        finally:
            for descriptor in held:
                os.close(descriptor)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_descriptors")


async def test_a_bug_of_ours_is_unknown_and_raises_nothing(net: Net, monkeypatch: pytest.MonkeyPatch):
    async def broken(_options: object, _net: object, _deadline: object) -> Outcome:
        raise RuntimeError("canary")

    monkeypatch.setitem(KINDS, "http", Kind("http", Options, broken, (), "probe_http_duration_seconds"))  # type: ignore[arg-type]
    outcome = await run(job("http://127.0.0.1:1/"), net)

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_error")
    assert "canary" not in outcome.detail


async def test_a_run_that_started_late_is_not_held_against_the_endpoint(net: Net):
    async with rude(closes_at_once) as port:
        outcome = await run(job(f"http://127.0.0.1:{port}/"), net, late_s=1.5)

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_late")


async def test_a_good_result_stays_good_however_late(net: Net):
    async with rude(says(OK)) as port:
        outcome = await run(job(f"http://127.0.0.1:{port}/"), net, late_s=1.5)

    assert outcome.verdict == "up"


async def test_a_blocked_event_loop_is_our_own_trouble(net: Net):
    async with rude(never_says_a_word) as port:
        running = asyncio.ensure_future(run(job(f"http://127.0.0.1:{port}/", 0.3), net))
        await asyncio.sleep(0.05)
        time.sleep(1.6)  # noqa: ASYNC251  the very fault under test
        outcome = await running

    assert (outcome.verdict, outcome.reason) == ("unknown", "local_overload")


async def test_timeouts_and_cancellations_leave_no_socket_behind(net: Net):
    async with rude(stalls_after(b"HTTP/1.1 200 OK\r\n")) as port:
        await run(job(f"http://127.0.0.1:{port}/", 0.1), net)
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        for _ in range(20):
            running = asyncio.ensure_future(run(job(f"http://127.0.0.1:{port}/", 5.0), net))
            await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        await asyncio.gather(*(run(job(f"http://127.0.0.1:{port}/", 0.1), net) for _ in range(20)))
        await asyncio.sleep(0.2)
        # The rude server holds its own ends until it stops.
        after = sum("socket" in os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_open(fd))  # noqa: PTH115, PTH208

    assert after <= before + 45


async def test_a_silent_endpoint_is_down_while_a_reference_answers(net: Net):
    outcome, deadline = silent_outcome()
    async with rude(says(OK)) as port:
        judged = await Witnesses(net, [f"http://127.0.0.1:{port}/"]).judge(outcome, deadline)

    assert judged is outcome


@pytest.mark.parametrize("scheme", ["http", "https", "tcp"])
async def test_a_silent_endpoint_is_unknown_when_no_reference_answers(net: Net, scheme: str):
    outcome, deadline = silent_outcome()
    async with rude(closes_at_once) as port:
        pass
    judged = await Witnesses(net, [f"{scheme}://127.0.0.1:{port}"]).judge(outcome, deadline)

    assert (judged.verdict, judged.reason) == ("unknown", "network_unreachable")


async def test_one_answering_reference_of_several_is_enough(net: Net):
    outcome, deadline = silent_outcome()
    async with rude(closes_at_once) as dead:
        pass
    async with rude(says(OK)) as port:
        judged = await Witnesses(net, [f"tcp://127.0.0.1:{dead}", f"tcp://127.0.0.1:{port}"]).judge(outcome, deadline)

    assert judged.verdict == "down"


async def test_a_silent_reference_does_not_hold_up_the_verdict(net: Net):
    outcome, deadline = silent_outcome()
    async with rude(never_says_a_word) as port:
        began = time.monotonic()
        judged = await Witnesses(net, [f"http://127.0.0.1:{port}/"]).judge(outcome, deadline)

    assert judged.reason == "network_unreachable"
    assert time.monotonic() - began < 1.0


async def test_with_no_reference_at_all_a_failure_is_down(net: Net):
    outcome, deadline = silent_outcome()

    assert await Witnesses(net).judge(outcome, deadline) is outcome


async def test_other_endpoints_that_were_heard_are_references(net: Net):
    outcome, deadline = silent_outcome()
    async with rude(closes_at_once) as dead:
        pass
    witnesses = Witnesses(net)
    witnesses._heard["127.0.0.1"] = (dead, time.monotonic())
    judged = await witnesses.judge(outcome, deadline)

    assert judged.reason == "network_unreachable"


async def test_the_endpoint_itself_is_no_reference(net: Net):
    outcome, deadline = silent_outcome()
    witnesses = Witnesses(net)
    witnesses.heard((SILENT_PEER, 443))

    assert await witnesses.judge(outcome, deadline) is outcome


async def test_an_answer_that_was_heard_needs_no_reference(net: Net):
    _, deadline = silent_outcome()
    outcome = Outcome(Verdict.DOWN, "http_status")

    assert await Witnesses(net, ["tcp://127.0.0.1:1"]).judge(outcome, deadline) is outcome


async def test_loopback_needs_no_reference(net: Net):
    async with rude(never_says_a_word) as port:
        outcome = await run(job(f"http://127.0.0.1:{port}/"), net, witnesses=Witnesses(net, ["tcp://127.0.0.1:1"]))

    assert (outcome.verdict, outcome.reason) == ("down", "http_timeout")


async def test_checks_that_fail_together_call_a_reference_once(net: Net):
    calls = 0

    async def counts(reader, writer):
        nonlocal calls
        calls += 1
        await says(OK)(reader, writer)

    async with rude(counts) as port:
        witnesses = Witnesses(net, [f"http://127.0.0.1:{port}/"])
        await asyncio.gather(*(witnesses.judge(*silent_outcome()) for _ in range(50)))

    assert calls == 1


def test_an_excuse_touches_only_what_was_bad():
    good = Outcome(Verdict.UP, "ok")

    assert excuse(good, "local_clock_step") is good
    assert excuse(Outcome(Verdict.DEGRADED, "http_slow"), "local_clock_step").verdict == "unknown"


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org", "tcp://192.0.2.1", "https://", "tcp://x:99999"])
def test_a_wrong_reference_says_what_would_be_right(url: str):
    with pytest.raises(ValueError, match=r"write https://www\.example\.org"):
        check_reference(url)


def test_every_code_has_a_phase_and_public_words():
    for code, reason in REASONS.items():
        assert code == "ok" or phase_of(code)
        assert reason.says
        assert (reason.verdict is Verdict.UNKNOWN) == (
            code.startswith(("local_", "resolver_", "network_")) or code == "address_blocked"
        )
    assert all(NOTES.values())


def test_trusted_nets_have_no_guard(net: Net):
    assert isinstance(net.guard, Guard)
    assert net.trusted().guard is None


def _is_open(descriptor: str) -> bool:
    try:
        os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return False
    return True
