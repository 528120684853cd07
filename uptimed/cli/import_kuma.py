"""`uptimed import kuma F`: the history of Uptime Kuma; asks the running daemon, works alone without one."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uptimed import config
from uptimed.cli import DONE, WRONG_USE, complain, config_path
from uptimed.cli.alone import alone
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.domain.catalogue import Catalogue, Commitment, Site
from uptimed.kuma.fragment import Written, fragment
from uptimed.kuma.pairing import MapRefused, pairs
from uptimed.kuma.plan import Plan
from uptimed.kuma.record import Kuma, KumaUnreadable, Monitor, is_backup, monitors_of_backup
from uptimed.storage import StorageAway, StorageRefused
from uptimed.web.control import NoDaemon, Refusal, ask
from uptimed.web.imports import OURS_SINCE, ImportCommands

WITHIN_S = 3_600.0
"""A million results take about a minute."""


def main(args: argparse.Namespace) -> int:
    try:
        loaded = _loaded(args)
        if is_backup(args.file):
            return _backup(args, loaded)
        with Kuma(args.file) as kuma:
            return _import(args, kuma, loaded)
    except CannotLoad:
        return WRONG_USE
    except OSError as error:
        complain(f"{error.filename or args.file}: {error.strerror}; check the path and who may read and write there.")
    except (KumaUnreadable, MapRefused, Refusal, StorageAway, StorageRefused, TimeoutError) as trouble:
        complain(trouble)
    return WRONG_USE


def _loaded(args: argparse.Namespace) -> Loaded | None:
    """None: there is no file yet, and one is to be written."""
    if args.write_config is not None and not config_path(args.config).exists():
        return None
    return loaded_for(args)


def _import(args: argparse.Namespace, kuma: Kuma, loaded: Loaded | None) -> int:
    plan = Plan(kuma, pairs(kuma.monitors, _catalogue(loaded), args.map))
    into = None if args.dry_run else loaded
    imported: Mapping[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="uptimed-import-") as scratch:
        file = _written(plan, into.settings.data if into is not None and into.settings.data.is_dir() else Path(scratch))
        try:
            if into is not None and (checks := plan.checks()):
                imported = _asked(into, {"file": file.name, "source": str(args.file), "checks": checks}, file)
        finally:
            file.unlink(missing_ok=True)
    if args.format == "json":
        print(json.dumps({**plan.as_object(), "imported": dict(imported) or None}, ensure_ascii=False, indent=2))
    else:
        print(plan.as_text())
        print(_told(imported) if imported else "Nothing was imported.")
    if args.write_config is not None:
        return _write_config(args, [one.monitor for one in plan.pairs if one.check is None], kuma.monitors, loaded)
    return DONE


def _backup(args: argparse.Namespace, loaded: Loaded | None) -> int:
    monitors = monitors_of_backup(args.file)
    found = pairs(monitors, _catalogue(loaded), args.map)
    complain(f"{args.file} is a backup: it holds monitors and no heartbeats. Nothing was imported; give kuma.db for the history.")
    for one in found:
        print(f"{one.monitor.name!r} ({one.monitor.type}): {one.check or one.why}")
    if args.write_config is not None:
        return _write_config(args, [one.monitor for one in found if one.check is None], monitors, loaded)
    return DONE


def _catalogue(loaded: Loaded | None) -> Catalogue:
    return loaded.catalogue if loaded is not None else Catalogue("", Site(), Commitment(), (), ())


def _written(plan: Plan, folder: Path) -> Path:
    """The results as a file in the data directory that the daemon may read, or in a scratch folder when they are only counted."""
    descriptor, name = tempfile.mkstemp(prefix="import-", suffix=".jsonl", dir=folder)
    received_us = SystemClock().now_us()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for number, one in enumerate(plan.results(), 1):
            file.write(json.dumps({**one, "received_at": received_us}, ensure_ascii=False) + "\n")
            if number % 10_000 == 0 and sys.stderr.isatty():
                print(f"\r{number} heartbeats read", end="", file=sys.stderr, flush=True)
    if os.geteuid() == 0:
        # The daemon may be another user: whoever owns the folder.
        owner = folder.stat()
        os.chown(name, owner.st_uid, owner.st_gid)
    return Path(name)


def _asked(loaded: Loaded, asked: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    data = loaded.settings.data
    try:
        answer: Mapping[str, Any] = ask(data / "uptimed.sock", "import.record", asked, timeout_s=WITHIN_S)
    except NoDaemon:
        answer = asyncio.run(
            alone(loaded, lambda engine, clock: ImportCommands(engine, clock, file.parent), "import.record", asked)
        )
    return answer


def _told(imported: Mapping[str, Any]) -> str:
    parts = [f"Imported: {imported['evidence']} of {imported['results']} results are new evidence"]
    parts += [f"{number} {_WHY.get(why, why)}" for why, number in sorted(imported["not"].items())]
    away = "" if imported["stored"] else " The database is away: the daemon writes what is left when it is back."
    return ", ".join(parts) + f".{away}"


_WHY = {
    "duplicate": "were here already",
    "conflict": "were here already with other contents",
    OURS_SINCE: "are from when our own locations looked already",
}


def _write_config(args: argparse.Namespace, wanted: Sequence[Monitor], monitors: Sequence[Monitor], loaded: Loaded | None) -> int:
    taken = [product.id for product in loaded.catalogue.products] if loaded is not None else []
    written: Written = fragment(wanted, monitors, taken)
    try:
        with args.write_config.open("x", encoding="utf-8") as file:
            file.write(written.text)
    except FileExistsError:
        complain(f"{args.write_config} is there already and was left as it is; choose another with --write-config.")
        return WRONG_USE
    complain(f"Wrote {args.write_config} with {written.checks} checks. Try it: uptimed check --all --config {args.write_config}")
    if written.left_out:
        complain(f"{len(written.left_out)} monitors could not become checks; they stand at its end with the reason.")
    try:
        complain(*config.load(args.write_config).warnings)
    except config.ConfigErrors as errors:
        complain("Some of it needs your hand before it can run:", errors)
    return DONE
