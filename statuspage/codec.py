"""
A snapshot as JSON and back, from the annotations of its dataclasses alone.

Reading is tolerant where the contract grows (fields not known here are ignored, missing ones take their default) and strict where
it would mislead: a wrong type or a missing required field is refused by name.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from statuspage.snapshot import VERSION, Snapshot

Reader = Callable[[Any, str], Any]


class SnapshotUnreadable(ValueError):
    """A written snapshot that cannot be shown: broken, or made by a newer program. Its text says which, in one sentence."""


def to_json(snapshot: Snapshot) -> bytes:
    """Compact UTF-8, for the copy on disk."""
    return json.dumps(_plain(snapshot), ensure_ascii=False, separators=(",", ":")).encode()


def from_json(raw: bytes | str) -> Snapshot:
    """What `to_json` wrote, here or in a slightly older or newer program; raises `SnapshotUnreadable`."""
    try:
        document = json.loads(raw)
        version = document.get("version") if isinstance(document, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise SnapshotUnreadable(f"the snapshot has version {version}, this program reads up to {VERSION}: update the program")
        snapshot: Snapshot = _reader(Snapshot)(document, "")
    except (_ShapeError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SnapshotUnreadable(f"the snapshot cannot be read: {error}") from error
    return snapshot


class _ShapeError(ValueError):
    """`products[0].state: expected a text, found 3`."""


def _plain(value: Any) -> Any:
    """The value as JSON types; tuples become lists, mappings keep their order."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@cache
def _reader(hint: Any) -> Reader:
    if is_dataclass(hint):
        return _dataclass_reader(hint)
    origin, inside = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _optional_reader(inside)
    if origin is tuple:
        return _tuple_reader(inside)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_reader(inside[1])
    return _scalar_reader(hint)


def _dataclass_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    parts = [(item.name, _reader(hints[item.name]), _has_default(item)) for item in fields(kind)]

    def read(raw: Any, at: str) -> Any:
        if not isinstance(raw, dict):
            raise _unexpected(at, "an object", raw)
        given: dict[str, Any] = {}
        for name, reader, optional in parts:
            if name in raw:
                given[name] = reader(raw[name], f"{at}.{name}" if at else name)
            elif not optional:
                raise _ShapeError(f"{at or 'the document'}: {name} is missing")
        return kind(**given)

    return read


def _has_default(item: Any) -> bool:
    return item.default is not MISSING or item.default_factory is not MISSING


def _optional_reader(inside: tuple[Any, ...]) -> Reader:
    (some,) = (hint for hint in inside if hint is not types.NoneType)
    reader = _reader(some)
    return lambda raw, at: None if raw is None else reader(raw, at)


def _tuple_reader(inside: tuple[Any, ...]) -> Reader:
    if inside[-1] is Ellipsis:
        each = _reader(inside[0])
        return lambda raw, at: tuple(each(item, f"{at}[{n}]") for n, item in enumerate(_listed(raw, at)))
    readers = [_reader(hint) for hint in inside]

    def read(raw: Any, at: str) -> Any:
        items = _listed(raw, at)
        if len(items) != len(readers):
            raise _unexpected(at, f"{len(readers)} items", raw)
        return tuple(reader(item, f"{at}[{n}]") for n, (reader, item) in enumerate(zip(readers, items, strict=True)))

    return read


def _mapping_reader(hint: Any) -> Reader:
    each = _reader(hint)

    def read(raw: Any, at: str) -> Any:
        if not isinstance(raw, dict):
            raise _unexpected(at, "an object", raw)
        return {key: each(item, f"{at}.{key}") for key, item in raw.items()}

    return read


def _scalar_reader(hint: Any) -> Reader:
    called = {str: "a text", int: "a whole number", bool: "true or false"}[hint]

    def read(raw: Any, at: str) -> Any:
        # bool is an int in Python, and not in JSON.
        if type(raw) is not hint:
            raise _unexpected(at, called, raw)
        return raw

    return read


def _listed(raw: Any, at: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _unexpected(at, "a list", raw)
    return raw


def _unexpected(at: str, wanted: str, found: Any) -> _ShapeError:
    return _ShapeError(f"{at or 'the document'}: expected {wanted}, found {str(found)[:40]!r}")
