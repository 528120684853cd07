"""From the tree of texts to typed models, and from pydantic's complaints back to lines and columns."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from probes.registry import KINDS
from uptimed.config.models import CheckIn, FileIn
from uptimed.config.problems import Findings, near, quoted
from uptimed.config.yaml_tree import DEPTH_LIMIT, Items, Keys, Node, Place, Scalar, Tree, children

UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")


def plain(node: Node) -> Any:
    """Mappings, lists and texts; a filled text stays a `FilledText`, so that secrets keep their reference."""
    if isinstance(node, Keys):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Items):
        return [plain(one) for one in node.nodes]
    return node.text if isinstance(node, Scalar) else ""


def read_file(tree: Tree, findings: Findings) -> tuple[FileIn | None, Mapping[int, Any]]:
    """
    The file's model, and the options of every check by the identity of its node.

    What is wrong is said, then taken out of the tree, so that the rest can be looked at in the same run: the model of a wrong file
    holds what was right in it. None when nothing useful is left.
    """
    options = {id(node): _options_of(node, findings) for node in check_nodes(tree)}
    for attempt in range(DEPTH_LIMIT):
        try:
            return FileIn.model_validate(plain(tree.root)), options
        except ValidationError as error:
            complaints = error.errors(include_url=False, include_input=False)
        spots = [_spot(tree.root, one["loc"]) for one in complaints]
        # What is wrong only after something was taken out follows from that.
        if attempt == 0:
            _report(complaints, spots, FileIn, findings)
        for spot in spots:
            _take_out(spot)
    return None, options


def check_nodes(tree: Tree) -> list[Keys]:
    return [
        check
        for product in _listed(tree.root, "products")
        for component in _listed(product, "components")
        for check in _listed(component, "checks")
    ]


def _listed(node: Keys, key: str) -> list[Keys]:
    inside = node.get(key)
    return [one for one in inside.nodes if isinstance(one, Keys)] if isinstance(inside, Items) else []


def _options_of(node: Keys, findings: Findings) -> Any:
    kind = KINDS.get(node.text("kind") or "")
    if kind is None:
        if node.get("kind") is not None:
            findings.error(
                node.entries["kind"].value, f"{quoted(node.text('kind') or '')} is no kind", near(node.text("kind") or "", KINDS)
            )
        return None
    # The kind's own keys come first: a DNS check's `name` is what it asks for, and its name for people as well.
    mine = {one.name for one in fields(kind.Options)}
    own = {key: plain(entry.value) for key, entry in node.entries.items() if key in mine or key not in CheckIn.model_fields}
    try:
        return adapter(kind.name).validate_python(own)
    except ValidationError as error:
        # Of the check as a whole nothing can be said while a reference in it stands for nothing.
        complaints = [one for one in error.errors(include_url=False, include_input=False) if one["loc"] or not _holds_broken(node)]
    _report(complaints, [_spot(node, one["loc"]) for one in complaints], kind.Options, findings, also=tuple(CheckIn.model_fields))
    return None


def _holds_broken(node: Node) -> bool:
    return node.broken or any(map(_holds_broken, children(node)))


@lru_cache(maxsize=64)
def adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind].Options)


@dataclass(frozen=True)
class _Spot:
    """The deepest node on the way that a complaint names, and what holds it."""

    node: Node
    holder: Node | None
    key: str | int
    rest: tuple[int | str, ...]
    """What of the way is not in the file: a missing key, or pydantic's own tags."""


def _spot(root: Keys, loc: tuple[int | str, ...]) -> _Spot:
    spot = _Spot(root, None, "", loc)
    for position, part in enumerate(loc):
        node, rest = spot.node, loc[position + 1 :]
        if isinstance(node, Keys) and part in node.entries:
            spot = _Spot(node.entries[str(part)].value, node, part, rest)
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.nodes):
            spot = _Spot(node.nodes[part], node, part, rest)
    return spot


def _take_out(spot: _Spot) -> None:
    if spot.key == "id" and isinstance(spot.node, Scalar):
        # Without an id all that it names would go as well, and what is wrong in there would only be heard the next time.
        spot.node.text = f"line-{spot.node.line}"
    elif isinstance(spot.holder, Keys):
        spot.holder.entries.pop(str(spot.key), None)
    elif isinstance(spot.holder, Items):
        # By identity: numbers have moved when an earlier entry of this list went.
        spot.holder.nodes[:] = [one for one in spot.holder.nodes if one is not spot.node]


def _report(complaints: Sequence[Any], spots: Sequence[_Spot], shape: Any, findings: Findings, also: Sequence[str] = ()) -> None:
    for one, spot in zip(complaints, spots, strict=True):
        if one["type"] == "too_short" and isinstance(spot.node, Items) and spot.node.nodes:
            continue  # Its entries are wrong, and were said to be: pydantic counts only the good ones.
        if one["type"] == "union_tag_invalid" and isinstance(spot.node, Keys):
            spot = replace(spot, node=spot.node.entries["kind"].value)  # noqa: PLW2901  the word that is wrong, not its mapping
        what, instead = _said(one, spot, shape, also)
        findings.error(_place(one, spot), what, instead)


def _place(one: Any, spot: _Spot) -> Place | Node:
    """The key for an unknown key, the mapping for a missing one, else the value."""
    of_the_key = one["type"] in UNKNOWN_KEY or one["loc"][-1:] == ("[key]",)
    if of_the_key and isinstance(spot.holder, Keys):
        return spot.holder.key_place(str(spot.key))
    if one["type"] == "missing" and isinstance(spot.node, Keys):
        return spot.node.missing_place(str(one["loc"][-1]))
    return spot.node


_TYPES = {
    "string_type": ("this is not a text", "write one value"),
    "dict_type": ("this is not a mapping", "write keys and values under it"),
    "model_type": ("this is not a mapping", "write keys and values under it"),
    "dataclass_type": ("this is not a mapping", "write keys and values under it"),
    "model_attributes_type": ("this is not a mapping", "write keys and values under it"),
    "list_type": ("this is not a list", "write entries that begin with `- `, or [a, b]"),
    "tuple_type": ("this is not a list", "write entries that begin with `- `, or [a, b]"),
    "too_short": ("the list is empty", "give it at least one entry"),
    "missing": ("is missing", "add it"),
    "union_tag_not_found": ("has no kind", "add kind: webhook, email, apprise or console"),
}


def _said(one: Any, spot: _Spot, shape: Any, also: Sequence[str]) -> tuple[str, str]:
    kind, context, node = one["type"], one.get("ctx", {}), spot.node
    written = quoted(node.text) if isinstance(node, Scalar) and not node.filled else "this"
    if one["loc"][-1:] == ("[key]",):
        written = quoted(str(spot.key))
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in UNKNOWN_KEY:
        known = [*_known_keys(shape, one["loc"][:-1]), *(also if len(one["loc"]) == 1 else ())]
        return "is not a known key", near(str(one["loc"][-1]), known)
    if kind == "value_error":
        what, _, instead = str(context.get("error", "")).partition("; ")
        if _holds_filled(node):
            # The sentence may quote what came from outside, or a piece of it.
            return "what the reference stands for cannot be used here", "look at what it is filled with"
        return what or "cannot be used", instead or "see the example config/uptimed.yaml"
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        expected = context.get("expected") or context.get("expected_tags") or "one of the known words"
        return f"{written} is not known here", f"write {expected}".replace("'", "")
    return _limits(one, written)


def _limits(one: Any, written: str) -> tuple[str, str]:
    kind, context = one["type"], one.get("ctx", {})
    if kind.startswith("int"):
        return f"{written} is not a whole number", "write digits"
    if kind.startswith("float"):
        return f"{written} is not a number", "write a number"
    if kind.startswith("bool"):
        return f"{written} is neither yes nor no", "write true or false"
    if kind in {"greater_than_equal", "less_than_equal"}:
        limit = context.get("ge", context.get("le"))
        return f"{written} is out of range", f"write at {'least' if 'ge' in context else 'most'} {limit}"
    if kind == "string_too_short":
        return "the text is empty", "write one, or remove the key"
    if kind == "string_too_long":
        return f"{written} is too long", f"write at most {context.get('max_length')} characters"
    if kind == "too_long":
        return "the list is too long", f"write at most {context.get('max_length')} entries"
    return str(one["msg"]), "see the example config/uptimed.yaml"


def _holds_filled(node: Node) -> bool:
    return (isinstance(node, Scalar) and node.filled) or any(_holds_filled(one) for one in children(node))


def _known_keys(shape: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the model at `loc` knows."""
    for part in loc:
        shape = _inside(shape, part)
        if shape is None:
            return []
    shape = _bare(shape)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return [field.alias or name for name, field in shape.model_fields.items()]
    return [field.name for field in fields(shape)] if is_dataclass(shape) else []


def _inside(shape: Any, part: int | str) -> Any:
    shape = _bare(shape)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        field = next((one for name, one in shape.model_fields.items() if part in (name, one.alias)), None)
        return None if field is None else field.annotation
    if is_dataclass(shape):
        return get_type_hints(shape, include_extras=True).get(str(part))
    if get_origin(shape) in (Union, types.UnionType):
        # A discriminated union: its tag is a part of the place.
        return next((one for one in get_args(shape) if str(part) in str(getattr(one, "model_fields", {}).get("kind"))), None)
    arguments = get_args(shape)
    return arguments[-1] if get_origin(shape) in (dict, Mapping) and arguments else arguments[0] if arguments else None


def _bare(shape: Any) -> Any:
    """Without Annotated, and without `| None`."""
    while get_origin(shape) is Annotated:
        shape = get_args(shape)[0]
    if get_origin(shape) in (Union, types.UnionType):
        rest = [one for one in get_args(shape) if one is not type(None)]
        if len(rest) == 1:
            return _bare(rest[0])
    return shape
