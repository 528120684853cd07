"""
Logs: standard logging, one line an event; words and key=value on a terminal, one JSON object a line otherwise.

    log.info("incident opened", extra=fields(incident="INC-2026-0001", product="sia"))

Control characters are escaped in both forms: what a peer or a URL carries must not forge a second line or move a terminal's cursor.
Secrets do not come here; the second fence are the texts given to `hide`, which no line shows.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
BARE = re.compile(r"[^\s\"=]+")
"""A value that needs no quotes after `key=`."""
SHORTEST_SECRET = 4
"""Shorter texts are not hidden: they would blot out ordinary words."""

OURS = ("uptimed", "probes", "statuspage")

_hidden: set[str] = set()


def fields(**named: Any) -> Mapping[str, Any]:
    """What belongs to an event besides its sentence: ids, reasons. For `extra=`."""
    return {"fields": named}


def hide(*secrets: str) -> None:
    """From now on these texts appear as `***`, whoever logs them. A secret that changed at a reload stays hidden as well."""
    _hidden.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)


def setup(form: Literal["auto", "text", "json"] = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Replaces the root logger's handlers. `auto` is text on a terminal. Libraries' lines pass the same way, from warning on."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    human = form == "text" or (form == "auto" and out.isatty())
    handler.setFormatter(HumanLines() if human else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)


class HumanLines(logging.Formatter):
    """`06:40:12 INFO incident opened  incident=INC-2026-0001 product=sia`; UTC, like every instant in the record."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{at(record):%H:%M:%S} {record.levelname} {record.getMessage()}"]
        parts += [f"{key}={shown(without_secrets_inside(value))}" for key, value in fields_of(record).items()]
        line = escaped("  ".join([parts[0], " ".join(parts[1:])]).rstrip())
        if record.exc_info:
            # A traceback is for reading, so it keeps its lines; each is escaped for itself.
            line = "\n".join([line, *(escaped(below) for below in self.formatException(record.exc_info).splitlines())])
        return without_secrets(line)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = {
            "at": at(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        # ensure_ascii writes every control and direction character as an escape. Secrets are looked for before that, in the values.
        return json.dumps(without_secrets_inside(event), default=str)


def at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def fields_of(record: logging.LogRecord) -> Mapping[str, Any]:
    named = getattr(record, "fields", {})
    return named if isinstance(named, Mapping) else {}


def shown(value: Any) -> str:
    text = str(value)
    return text if BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def escaped(text: str) -> str:
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_secrets(text: str) -> str:
    for secret in _hidden:
        text = text.replace(secret, "***")
    return text


def without_secrets_inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): without_secrets_inside(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets_inside(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))
