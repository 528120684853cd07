"""Reading the configuration for a command: every error at once on stderr, exit 2."""

from __future__ import annotations

import argparse

from uptimed import config
from uptimed.cli import complain, config_path
from uptimed.config import Loaded


class CannotLoad(Exception):
    """Said already; the command ends with exit code 2."""


def loaded_for(args: argparse.Namespace, *, with_warnings: bool = False) -> Loaded:
    try:
        loaded = config.load(config_path(args.config))
    except config.ConfigErrors as errors:
        complain(errors)
        raise CannotLoad from errors
    if with_warnings:
        complain(*loaded.warnings)
    return loaded
