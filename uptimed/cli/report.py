"""`uptimed report`: everything about a year or a month, as HTML, PDF, JSON or CSV. It reads, and publishes nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from uptimed.cli import DONE, WRONG_USE, complain
from uptimed.cli.availability import instant
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.engine.report import Report, report_of
from uptimed.engine.report_document import document
from uptimed.engine.report_facts import Facts, Wish, read_facts
from uptimed.report import csv, html, pdf
from uptimed.report.view import view_of
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database

EXCEL = "\ufeff"
"""Without it a spreadsheet reads a file's accents as something else."""


class Refused(Exception):
    """Nothing was written: one sentence that says why, and what to do."""


def main(args: argparse.Namespace) -> int:
    if args.schema:
        print(files("uptimed.report").joinpath("report.schema.json").read_text("utf-8"), end="")
        return DONE
    try:
        loaded = loaded_for(args)
        _refuse_what_cannot_be_written(args)
        report = report_of(_read(loaded, args))
        _write(args, _rendered(report, args.language or loaded.catalogue.site.languages[0], args))
    except CannotLoad:
        return WRONG_USE
    except (Refused, StorageAway, StorageRefused, pdf.PdfMissing, ValueError) as trouble:
        complain(trouble)
        return WRONG_USE
    except OSError as error:
        complain(f"{args.output} cannot be written: {error.strerror}; give another --output.")
        return WRONG_USE
    return DONE


def _refuse_what_cannot_be_written(args: argparse.Namespace) -> None:
    """Before anything is read."""
    if args.year is None or not 1970 <= args.year <= 9998:
        raise Refused("No report was written: it is not said of which year; add --year, such as --year 2026.")
    if args.format == "pdf" and args.output is None and sys.stdout.isatty():
        raise Refused("No report was written: a PDF is not for a terminal; add --output report.pdf.")
    if args.output is not None and args.format != "csv" and _is_folder(args.output):
        raise Refused(f"No report was written: {args.output} is a folder; name a file in it.")


def _read(loaded: Loaded, args: argparse.Namespace) -> Facts:
    at_us = instant(args.at, loaded.catalogue)
    wish = Wish(args.year, args.month, args.product)
    facts = asyncio.run(_facts(loaded, wish, SystemClock().now_us() if at_us is None else at_us))
    known = facts.history.product_ids()
    if args.product is not None and args.product not in known:
        raise Refused(f"There is no product {args.product!r}; there are: {', '.join(known)}.")
    if not facts.product_ids():
        raise Refused(f"There is nothing to report of {facts.period.name}: no product was in service then; ask for another period.")
    if facts.as_of_us <= facts.period.from_us:
        raise Refused(f"There is nothing to report of {facts.period.name}: it has not begun; ask for an earlier period.")
    return facts


async def _facts(loaded: Loaded, wish: Wish, as_of_us: int) -> Facts:
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
    try:
        return await read_facts(database, loaded.catalogue, wish, as_of_us)
    finally:
        await database.close()


Files = Mapping[str, bytes]
"""By name within a folder; one that has no name is the whole report."""


def _rendered(report: Report, lang: str, args: argparse.Namespace) -> Files:
    program = version("uptimed")
    match args.format:
        case "html":
            return {"": html.written(view_of(report, lang, program)).encode()}
        case "pdf":
            return {"": pdf.written(view_of(report, lang, program))}
        case "json":
            return {"": (json.dumps(document(report, program), ensure_ascii=False, indent=2) + "\n").encode()}
        case _:
            return _sheets(csv.sheets(document(report, program), lang), args.output)


def _sheets(sheets: list[csv.Sheet], output: str | None) -> Files:
    """A file has the mark that spreadsheets look for; a pipe has not."""
    if output is not None and _is_folder(output):
        return {f"{one.name}.csv": (EXCEL + one.written()).encode() for one in sheets}
    return {"": (("" if output is None else EXCEL) + csv.together(sheets)).encode()}


def _is_folder(output: str) -> bool:
    return output.endswith(os.sep) or Path(output).is_dir()


def _write(args: argparse.Namespace, rendered: Files) -> None:
    """A file is written beside and then put in its place: a reader finds the old one or the new one, whole."""
    if args.output is None:
        sys.stdout.buffer.write(rendered[""])
        return
    for name, content in rendered.items():
        path = Path(args.output) / name if name else Path(args.output)
        if name:
            path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
