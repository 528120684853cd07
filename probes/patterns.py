"""What people write to recognise an answer: regular expressions by re2 (no pattern can hang it) and JSON paths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonpath
import re2

LONGEST_PATTERN = 512
_DEEPEST_JSON = 32


def check_pattern(text: str, field: str) -> None:
    """ValueError with advice when re2 cannot take the expression."""
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"{field} is longer than {LONGEST_PATTERN} characters")
    try:
        _compiled(text)
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(
            f"{field} is not a regular expression that re2 knows ({why}); look-around and back-references are not"
        ) from None


def matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = 1 << 20
    # It prints its own complaint to standard error otherwise.
    options.log_errors = False
    return re2.compile(pattern, options)


def check_path(text: str, field: str) -> None:
    """ValueError with advice when the JSON path cannot be read, or asks for a filter function that could be slow."""
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"{field}: a JSON path is longer than {LONGEST_PATTERN} characters")
    try:
        _path(text)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"{field}: {text!r} is not a JSON path ({error}); write it like $.checks.database") from None


def json_value(path: str, document: Any) -> str | None:
    """The first value at `path` as text: strings as they are, everything else as JSON writes it. None when nothing is there."""
    found = next(iter(_path(path).finditer(document)), None)
    if found is None:
        return None
    value: Any = found.obj
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def read_json(body: bytes) -> Any:
    """ValueError (also for nesting deeper than 32) when the body is not JSON."""
    try:
        document = json.loads(body)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if any(depth > _DEEPEST_JSON for depth in _depths(document)):
        raise ValueError("the JSON is nested too deeply")
    return document


def _depths(document: Any) -> Iterator[int]:
    layer, depth = [document], 0
    while layer:
        yield depth
        if depth > _DEEPEST_JSON:
            return
        nested = [node for node in layer if isinstance(node, dict | list)]
        layer = [child for node in nested for child in (node.values() if isinstance(node, dict) else node)]
        depth += 1


@lru_cache(maxsize=1024)
def _path(text: str) -> jsonpath.JSONPath | jsonpath.CompoundJSONPath:
    return jsonpath.compile(text)
