"""`uptimed demo`: see it work, break it, see it tell."""

from __future__ import annotations

import argparse

from uptimed import demo, logs
from uptimed.app import Refused
from uptimed.cli import DONE, WRONG_USE, complain
from uptimed.cli.run import run_loop


def main(args: argparse.Namespace) -> int:
    logs.setup(form="text", level="warning")
    try:
        run_loop(demo.run(args.port, args.data))
    except Refused as refused:
        complain(f"The demo cannot start: {refused} Or choose other ports: uptimed demo --port 9080")
        return WRONG_USE
    return DONE
