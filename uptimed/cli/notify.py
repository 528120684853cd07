"""`uptimed notify test CHANNEL`: the way an alert goes, with a test message."""

from __future__ import annotations

import argparse
import asyncio

from uptimed.cli import DONE, NO, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.domain.messages import Sent
from uptimed.notify.build import build
from uptimed.notify.trial import send_test
from uptimed.reload import languages_of


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    clock = SystemClock()
    channels = build(loaded.settings, loaded.catalogue, clock=clock)
    channel = channels.get(args.channel)
    if channel is None:
        known = ", ".join(sorted(channels)) or "none; add one under notify.channels"
        complain(f"There is no channel {args.channel!r}. Configured: {known}.")
        return WRONG_USE
    outcome = asyncio.run(send_test(channel, languages_of(loaded)[args.channel], clock.now_us()))
    if isinstance(outcome, Sent):
        print(f"{args.channel}: sent. {outcome.note}".rstrip())
        return DONE
    complain(f"{args.channel}: not sent: {outcome.reason}")
    return NO
