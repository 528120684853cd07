"""`uptimed validate`: every error of a file in one run."""

from __future__ import annotations

import argparse
import json

from uptimed import config
from uptimed.cli import DONE, WRONG_USE, complain, config_path


def main(args: argparse.Namespace) -> int:
    if args.schema:
        print(json.dumps(config.json_schema(), indent=2))
        return DONE
    path = config_path(args.config)
    try:
        loaded = config.load(path)
    except config.ConfigErrors as errors:
        complain(errors)
        return WRONG_USE
    complain(*loaded.warnings)
    catalogue = loaded.catalogue
    checks = sum(1 for _ in catalogue.checks())
    components = sum(1 for _ in catalogue.components())
    print(
        f"{path}: fine. {_counted(len(catalogue.products), 'product')}, "
        f"{_counted(components, 'component')}, {_counted(checks, 'check')}."
    )
    return DONE


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
