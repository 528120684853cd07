"""
A process that pings hosts, all at once, and prints what it saw as JSON: `python -m tests.probes.pinging DEAF_S HOST...`.

For the first `DEAF_S` seconds this machine (in the namespace of the process) answers no echo request.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from probes.icmp import Options, _open
from probes.net import Net
from probes.outcome import ProbeJob
from probes.runner import run

TIMEOUT_S = 2.5
DEAF = Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")


async def main(deaf_s: float, hosts: list[str]) -> dict[str, object]:
    if deaf_s:
        DEAF.write_text("1")
        asyncio.get_running_loop().call_later(deaf_s, DEAF.write_text, "0")
    net = Net.build(allow=["127.0.0.0/8", "::1", "192.0.2.0/24"], resolvers=["127.0.0.1:9"])
    jobs = [ProbeJob(f"shop/web/{number}", "icmp", Options(host), TIMEOUT_S) for number, host in enumerate(hosts)]
    outcomes = await asyncio.gather(*(run(job, net) for job in jobs))
    sock, is_raw = _open("127.0.0.1")
    sock.close()
    return {"raw": is_raw, "seen": [[one.verdict, one.reason, one.took_s] for one in outcomes]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(float(sys.argv[1]), sys.argv[2:]))))
