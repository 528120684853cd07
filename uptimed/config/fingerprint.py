"""The version of a configuration: a hash of what is effective in it. Secrets count by their reference, never by their value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any


def fingerprint(parts: Any) -> str:
    """Sixteen hexadecimal characters."""
    text = json.dumps(_jsonable(parts), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _jsonable(value: Any) -> Any:
    if hasattr(value, "template"):
        return "secret " + hashlib.sha256(str(value.template).encode()).hexdigest()
    if hasattr(value, "model_dump"):
        return {name: _jsonable(getattr(value, name)) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _jsonable(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(str(_jsonable(one)) for one in value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
