"""`uptimed init`: a small file from a few URLs."""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

from uptimed import config
from uptimed.cli import DONE, WRONG_USE, complain


def main(args: argparse.Namespace) -> int:
    try:
        text = config.initial(args.urls, args.name or urlsplit(args.urls[0]).hostname or "Status")
    except ValueError as error:
        complain(error)
        return WRONG_USE
    try:
        with args.output.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        complain(f"{args.output} is there already and was left as it is; choose another with --output, or replace it with --force.")
        return WRONG_USE
    except OSError as error:
        complain(f"{args.output} cannot be written: {error.strerror}; choose another place with --output.")
        return WRONG_USE
    print(f"Wrote {args.output}. Try it:")
    print(f"  uptimed check --all --config {args.output}")
    print(f"  uptimed run --config {args.output}")
    return DONE
