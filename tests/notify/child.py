"""
A process that relays one database to one webhook: `python -m tests.notify.child ADDRESS DATA URL HOW`.

`HOW` is `hold` (stop dead between a sending and its note, and say so) or `run`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from probes.net import Net
from probes.options import Secret
from tests.notify.builders import VOICE
from uptimed.clock import SystemClock
from uptimed.notify.channels.webhook import Webhook
from uptimed.notify.relay import Relay
from uptimed.storage.database import Database


async def main(address: str, data: Path, url: str, how: str) -> None:
    opened = await Database.open(address, data=data)

    def told(_channel: str, outcome: str) -> None:
        print(outcome, flush=True)
        if how == "hold":
            # The receiver has it, the database does not know yet: the very instant at which a kill is worst.
            time.sleep(600)

    net = Net.build(allow=("127.0.0.0/8",))
    hook = Webhook("hook", Secret(url), None, net, VOICE, SystemClock())
    await Relay(opened, {"hook": hook}, SystemClock(), on_outcome=told).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]))
