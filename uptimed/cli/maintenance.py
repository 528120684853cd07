"""`uptimed maintenance ...`: asks the running daemon; with none, works on the data directory itself, under its lock."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from uptimed.cli import DONE, WRONG_USE, complain
from uptimed.cli.alone import alone
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.clock import SystemClock
from uptimed.config import Loaded
from uptimed.engine.planned import read_planned
from uptimed.storage import StorageAway, StorageRefused
from uptimed.storage.database import Database
from uptimed.web.control import NoDaemon, Refusal, ask
from uptimed.web.maintenance import MaintenanceCommands, listing


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    try:
        answer = _answer(loaded, args.action, _asked(args))
    except (Refusal, StorageAway, StorageRefused, TimeoutError) as trouble:
        complain(trouble)
        return WRONG_USE
    print(json.dumps(answer, ensure_ascii=False, indent=2) if args.format == "json" else _text(args.action, answer))
    if args.action != "list":
        complain(*answer["doubts"])
        if not answer["stored"]:
            complain("The database is away: the daemon holds this in memory and writes it when the database is back.")
    return DONE


def _answer(loaded: Loaded, action: str, asked: Mapping[str, Any]) -> Any:
    try:
        return ask(loaded.settings.data / "uptimed.sock", f"maintenance.{action}", asked)
    except NoDaemon:
        if action == "list":
            return asyncio.run(_read(loaded, asked))
        return asyncio.run(alone(loaded, MaintenanceCommands, f"maintenance.{action}", asked))


async def _read(loaded: Loaded, asked: Mapping[str, Any]) -> Any:
    now_us = SystemClock().now_us()
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
    try:
        planned = await read_planned(database, loaded.catalogue, now_us)
    finally:
        await database.close()
    return listing(planned, loaded.catalogue.site.timezone, asked, now_us)


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    match args.action:
        case "list":
            return {"scope": args.scope, "all": args.all, "as_known_at": args.as_known_at}
        case "extend":
            return {"id": args.id, "to": args.to, "by": args.by}
        case "finish" | "cancel":
            return {"id": args.id, "by": args.by}
        case _:
            return {
                "scope": args.scope,
                "from": getattr(args, "from"),
                "to": args.to,
                "rule": args.repeat,
                "title": args.title,
                "title_fr": args.title_fr,
                "text": args.text,
                "text_fr": args.text_fr,
                "by": args.by,
            }


def _text(action: str, answer: Any) -> str:
    if action == "list":
        return "\n".join(_lines(one) for one in answer) or "No work is planned."
    return _lines(answer)


def _lines(one: Mapping[str, Any]) -> str:
    if "from" not in one:
        return f"{one['id']}  {one['stage']}"
    ended = f", ended {one['ended']}" if one["ended"] else ""
    repeats = f" ({one['repeats']})" if one["repeats"] else ""
    title = " ".join((one["title"].get("en") or next(iter(one["title"].values()), "")).split())
    seconds = one["seconds"]
    return (
        f"{one['id']}  {one['scope']}  {one['stage']}  {one['from']} to {one['to']}{ended}{repeats}\n"
        f"    {title}; {' '.join(one['author'].split())}, {one['at']}; set aside {seconds['set_aside']} of {seconds['planned']} s"
    )
