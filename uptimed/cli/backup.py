"""`uptimed backup FILE`: a copy of the database, while the daemon runs or not."""

from __future__ import annotations

import argparse

from uptimed.cli import DONE, WRONG_USE, complain
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.backup import back_up


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
        size = back_up(loaded.settings.storage, args.file)
    except CannotLoad:
        return WRONG_USE
    except (StorageAway, StorageRefused) as trouble:
        complain(trouble)
        return WRONG_USE
    print(f"{args.file}: {size / 1_000_000:.1f} MB, examined and whole")
    return DONE
