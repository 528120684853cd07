"""`uptimed run`: the daemon."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine
from typing import Any

from uptimed import logs
from uptimed.app import Daemon, Refused, serve
from uptimed.cli import DONE, WRONG_USE, complain, config_path
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.web.door import url_of

log = logging.getLogger("uptimed")

SWITCH_S = 0.000_2
"""
How long a thread that draws pages may keep the interpreter when another wants it. An alert asks for it some forty times on its
way from the failing answer to the webhook; at Python's own 5 ms a page drawn meanwhile held it up for tens of milliseconds.
"""


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    logs.setup(form=args.log)
    for warning in loaded.warnings:
        log.warning("%s", warning)
    try:
        run_loop(serve(config_path(args.config), loaded, started=said_where))
    except Refused as refused:
        complain(f"uptimed cannot start: {refused}")
        return WRONG_USE
    return DONE


def run_loop(main_coroutine: Coroutine[Any, Any, None]) -> None:
    """uvloop when it is installed (the extra `speed`), else the loop of the standard library."""
    sys.setswitchinterval(SWITCH_S)
    try:
        import uvloop  # noqa: PLC0415  an extra
    except ImportError:
        asyncio.run(main_coroutine)
    else:
        uvloop.run(main_coroutine)


def said_where(daemon: Daemon) -> None:
    public, staff = (f"{url_of(address)}/" for address in (daemon.public_address, daemon.staff_address))
    log.info("started", extra=logs.fields(page=public, staff=staff, checks=sum(1 for _ in daemon.loaded.catalogue.checks())))
