"""`uptimed exclude ...`: asks the running daemon; with none, works on the data directory itself, under its lock."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from uptimed.cli import DONE, WRONG_USE, complain
from uptimed.cli.alone import alone
from uptimed.cli.availability import told
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.config import Loaded
from uptimed.storage import StorageAway, StorageRefused, adjustments
from uptimed.storage.database import Database
from uptimed.web.control import NoDaemon, Refusal, ask
from uptimed.web.exclusions import ExclusionCommands, listing


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
        complain(*_notes(answer))
    return DONE


def _answer(loaded: Loaded, action: str, asked: Mapping[str, Any]) -> Any:
    try:
        return ask(loaded.settings.data / "uptimed.sock", f"exclude.{action}", asked)
    except NoDaemon:
        if action == "list":
            return asyncio.run(_read(loaded, asked))
        return asyncio.run(alone(loaded, ExclusionCommands, f"exclude.{action}", asked))


async def _read(loaded: Loaded, asked: Mapping[str, Any]) -> Any:
    database = await Database.open(loaded.settings.storage, data=loaded.settings.data, read_only=True)
    try:
        found = await database.read(adjustments.load)
    finally:
        await database.close()
    return listing(found, loaded.catalogue.site.timezone, asked)


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    match args.action:
        case "list":
            return {"scope": args.scope, "as_known_at": args.as_known_at}
        case "revoke":
            return {"id": args.id, "reason": args.reason, "by": args.by}
        case _:
            return {
                "scope": args.scope,
                "from": getattr(args, "from"),
                "to": args.to,
                "state": getattr(args, "assert"),
                "reason": args.reason,
                "clause": args.clause,
                "by": args.by,
            }


def _notes(answer: Mapping[str, Any]) -> list[str]:
    notes = list(answer.get("notes", ()))
    if answer.get("overlaps"):
        notes.append(
            f"It shares time with {', '.join(answer['overlaps'])}: such time counts once; an exclusion goes before an assertion."
        )
    if not answer["stored"]:
        notes.append("The database is away: the daemon holds this in memory and writes it when the database is back.")
    return notes


def _text(action: str, answer: Any) -> str:
    if action == "list":
        return "\n".join(_lines(one) for one in answer) or "Nothing was excluded or asserted."
    return _lines(answer)


def _lines(one: Mapping[str, Any]) -> str:
    clause = f" ({_flat(one['clause'])})" if one["clause"] else ""
    lines = [
        told(one),
        f"    {_flat(one['reason'])}{clause}; {_flat(one['author'])}, {one['at']}",
    ]
    if gone := one["revoked"]:
        lines.append(f"    revoked by {gone['id']}: {_flat(gone['reason'])}; {_flat(gone['author'])}, {gone['at']}")
    return "\n".join(lines)


def _flat(text: str) -> str:
    return " ".join(text.split())
