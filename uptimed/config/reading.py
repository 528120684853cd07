"""From the tree of texts to typed models, and from pydantic's complaints back to lines and columns."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from probes.registry import KINDS
from uptimed.config.models import CheckIn, FileIn
from uptimed.config.problems import Findings, near, quoted
from uptimed.config.yaml_tree import Items, Keys, Node, Place, Scalar, Tree

UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")


def plain(node: Node) -> Any:
    """Mappings, lists and texts; a filled text stays a `FilledText`, so that secrets keep their reference."""
    if isinstance(node, Keys):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Items):
        return [plain(one) for one in node.nodes]
    return node.text if isinstance(node, Scalar) else ""


def read_file(tree: Tree, findings: Findings) -> tuple[FileIn | None, Mapping[int, Any]]:
    """The file's model, and the options of every check by the identity of its model. None when the shape is wrong."""
    try:
        file = FileIn.model_validate(plain(tree.root))
    except ValidationError as error:
        report(error, tree.root, FileIn, findings)
        file = None
    return file, _options(tree, file, findings)


def _options(tree: Tree, file: FileIn | None, findings: Findings) -> dict[int, Any]:
    """Options are read for every check, also when something else in the file is wrong: all errors in one run."""
    found: dict[int, Any] = {}
    models = [check for product in file.products for one in product.components for check in one.checks] if file else []
    for index, node in enumerate(check_nodes(tree)):
        options = _options_of(node, findings)
        if file is not None and options is not None:
            found[id(models[index])] = options
    return found


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
        report(error, node, kind.Options, findings, also=CheckIn.model_fields)
        return None


@lru_cache(maxsize=64)
def adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind].Options)


def report(error: ValidationError, root: Keys, shape: Any, findings: Findings, also: Sequence[str] | Any = ()) -> None:
    for one in error.errors(include_url=False, include_input=False, include_context=True):
        place, node = _place(root, one["loc"], one["type"])
        what, instead = _said(one, node, shape, also)
        findings.error(place, what, instead)


def _place(root: Keys, loc: tuple[int | str, ...], kind: str) -> tuple[Place | Node, Node]:
    """The node that a complaint is about: a key for an unknown key, the mapping for a missing one, else the value."""
    node: Node = root
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(node, Keys) and isinstance(part, str) and part in node.entries:
            if last and kind in UNKNOWN_KEY:
                return node.key_place(part), node
            node = node.entries[part].value
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.nodes):
            node = node.nodes[part]
        elif last and kind == "missing" and isinstance(node, Keys):
            return node.missing_place(str(part)), node
    return node, node


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


def _said(one: Any, node: Node, shape: Any, also: Any) -> tuple[str, str]:
    kind, context = one["type"], one.get("ctx", {})
    written = quoted(node.text) if isinstance(node, Scalar) and not node.filled else "this"
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in UNKNOWN_KEY:
        known = [*_known_keys(shape, one["loc"][:-1]), *(also if len(one["loc"]) == 1 else ())]
        return "is not a known key", near(str(one["loc"][-1]), known)
    if kind == "value_error":
        what, _, instead = str(context.get("error", "")).partition("; ")
        return what or "cannot be used", instead or "see the example config/uptimed.yaml"
    if kind.startswith("int"):
        return f"{written} is not a whole number", "write digits"
    if kind.startswith("float"):
        return f"{written} is not a number", "write a number"
    if kind.startswith("bool"):
        return f"{written} is neither yes nor no", "write true or false"
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        expected = context.get("expected") or context.get("expected_tags") or "one of the known words"
        return f"{written} is not known here", f"write {expected}".replace("'", "")
    if kind in {"greater_than_equal", "less_than_equal"}:
        limit = context.get("ge", context.get("le"))
        return f"{written} is out of range", f"write at {'least' if 'ge' in context else 'most'} {limit}"
    if kind.startswith("string_too"):
        return f"{written} is too {'short' if 'short' in kind else 'long'}", "write " + one["msg"].removeprefix(
            "String should have "
        )
    return str(one["msg"]), "see the example config/uptimed.yaml"


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
