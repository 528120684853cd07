"""`uptimed incident ...`: asks the running daemon; with none, works on the data directory itself, under its lock."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from uptimed.cli import DONE, NO, WRONG_USE, complain
from uptimed.cli.alone import alone
from uptimed.cli.loading import CannotLoad, loaded_for
from uptimed.storage import StorageAway, StorageRefused
from uptimed.web.commands import IncidentCommands
from uptimed.web.control import NoDaemon, Refusal, ask

READING = ("list", "show")


def main(args: argparse.Namespace) -> int:
    try:
        loaded = loaded_for(args)
    except CannotLoad:
        return WRONG_USE
    command, asked = f"incident.{args.action}", _asked(args)
    try:
        try:
            answer = ask(loaded.settings.data / "uptimed.sock", command, asked)
        except NoDaemon:
            answer = asyncio.run(alone(loaded, IncidentCommands, command, asked))
            if args.action not in READING:
                complain("No uptimed is running: it is written down, and its alerts leave when `uptimed run` is started.")
    except Refusal as refusal:
        complain(refusal)
        return NO
    except (StorageAway, StorageRefused, TimeoutError) as trouble:
        complain(trouble)
        return WRONG_USE
    print(json.dumps(answer, ensure_ascii=False, indent=2) if args.format == "json" else _text(args.action, answer))
    if isinstance(answer, dict) and answer.get("stored") is False:
        complain("The database is away: the daemon holds this in memory and writes it when the database is back.")
    return DONE


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    match args.action:
        case "list":
            return {"all": args.all}
        case "show" | "ack":
            return {"id": args.id}
        case "open":
            return {
                "components": args.components,
                "severity": args.severity,
                "title": _words(args.title, args.title_fr),
                "text": _words(args.text, args.text_fr),
            }
        case "update":
            return {"id": args.id, "stage": args.stage, "text": _words(args.text, args.text_fr)}
        case _:
            return {"id": args.id, "text": _words(args.text, args.text_fr), "although_down": args.although_down}


def _words(english: str, french: str | None) -> dict[str, str]:
    return {"en": english, **({"fr": french} if french else {})}


def _text(action: str, answer: Any) -> str:
    if action == "list":
        return "\n".join(_line(one) for one in answer) or "No incident is open."
    lines = [_line(answer)]
    lines += [
        f"  {one['at']}  {one['stage']:<13} {one['text'].get('en') or next(iter(one['text'].values()))}"
        for one in answer["updates"]
    ]
    lines += [
        f"  outage of {one['component']}: {one['began_at']} to {one['ended_at'] or '(going on)'}  {one['reason']}"
        for one in answer["outages"]
    ]
    return "\n".join(lines)


def _line(incident: Mapping[str, Any]) -> str:
    title = incident["title"].get("en") or next(iter(incident["title"].values()))
    taken = f"  acknowledged by {incident['acknowledged_by']}" if incident["acknowledged_by"] else ""
    over = "  works again: resolving it is yours" if incident["resolution_proposed_at"] else ""
    return f"{incident['id']}  {incident['severity']:<8}  {incident['stage']:<13}  {title}{taken}{over}"
