"""
YAML as a tree of texts whose every node knows its line and column.

Built from the parser's events, not by a loader: nothing is ever constructed, no tag means anything, and `no`, `12:30`, `010` and
`2026-01-01` stay what was written (YAML 1.1 would make them False, 750, 8 and a date). Bombs are bounded while they are read: size,
depth, and the number of nodes with aliases written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

SIZE_LIMIT = 16 * 2**20
"""Longest file, in characters. 10,000 checks take about 3 million."""
DEPTH_LIMIT = 24
NODE_LIMIT = 1_000_000
"""Most nodes of a file, each alias counted as all that it stands for."""

# What YAML forbids in a stream: control characters and unpaired surrogates.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHORT_KEY = re.compile(r"[\w.-]{1,64}", re.ASCII)
_Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's parser where PyYAML was built with it: ten times as fast."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message points: line and column from 1, in characters."""

    line: int
    column: int
    path: str
    settled: bool = False
    """Something was already said about this place."""


class Unreadable(Exception):
    """The text is not YAML as we read it: nothing behind this place was looked at."""

    def __init__(self, line: int, column: int, what: str, instead: str) -> None:
        super().__init__(what)
        self.place, self.what, self.instead = Place(line, column, "(file)"), what, instead


@dataclass(slots=True, eq=False, repr=False)
class Node:
    line: int
    column: int
    parent: Node | None
    """Of an aliased node: where its anchor stands."""
    key: str | int
    """Under which the parent holds it."""
    weight: int = 1
    """Nodes of this subtree with aliases written out."""
    broken: bool = False
    """Something was already said about it; what follows from that is not worth a line."""

    @property
    def path(self) -> str:
        return ".".join(_steps(self)) or "(file)"

    def place(self) -> Place:
        return Place(self.line, self.column, self.path, self.broken)


@dataclass(slots=True, eq=False, repr=False)
class Scalar(Node):
    text: str = ""
    filled: bool = False
    """The text came, in part, from outside the file: no message may show it."""


@dataclass(slots=True, eq=False, repr=False)
class Items(Node):
    """A list."""

    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    line: int
    column: int
    value: Node


@dataclass(slots=True, eq=False, repr=False)
class Keys(Node):
    """A mapping; each entry knows the place of its key."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.value if entry else None

    def text(self, key: str) -> str | None:
        """The text under a key, if there is one and it could be read."""
        node = self.get(key)
        return node.text if isinstance(node, Scalar) and not node.broken else None

    def key_place(self, key: str) -> Place:
        entry = self.entries[key]
        return Place(entry.line, entry.column, path_under(self, key))

    def missing_place(self, key: str) -> Place:
        """A key that is not there points at the mapping that lacks it."""
        return Place(self.line, self.column, path_under(self, key), self.broken)


@dataclass(slots=True)
class Tree:
    root: Keys
    references: list[Scalar] = field(default_factory=list)
    """Scalars that hold a `${`, in the order of the file."""
    faults: list[tuple[Place, str, str]] = field(default_factory=list)
    """What is wrong without making the rest unreadable: place, what, what would be right."""


def read(text: str) -> Tree:
    """The tree of the one document in `text`; Unreadable names the place where reading had to stop."""
    _check_characters(text)
    parser = _Parser(text)
    try:
        return _Builder(parser).tree()
    except yaml.YAMLError as error:
        raise _readable(error, text) from None
    finally:
        parser.dispose()


def path_under(node: Node, key: str) -> str:
    return ".".join([*_steps(node), _step(key)])


def children(node: Node) -> Iterator[Node]:
    if isinstance(node, Keys):
        yield from (entry.value for entry in node.entries.values())
    elif isinstance(node, Items):
        yield from node.nodes


def _steps(node: Node) -> list[str]:
    steps = []
    current = node
    while current.parent is not None:
        steps.append(_name_in_list(current) if isinstance(current.parent, Items) else _step(str(current.key)))
        current = current.parent
    return steps[::-1]


def _name_in_list(node: Node) -> str:
    """An entry is called by its id or name; without one by its number, from 1 as people count."""
    named = (node.get("id") or node.get("name")) if isinstance(node, Keys) else None
    own = named.text if isinstance(named, Scalar) and not named.filled else None
    return own if own and _SHORT_KEY.fullmatch(own) else str(int(node.key) + 1)


def _step(key: str) -> str:
    return key if _SHORT_KEY.fullmatch(key) else repr(key[:64])


class _Builder:
    """Turns events into nodes without recursion: the depth of a file must not become the depth of our stack."""

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._tree = Tree(Keys(1, 1, None, ""))
        self._root: Node | None = None
        self._open: list[tuple[Node, str | None]] = []
        """Containers that have begun, each with the anchor it will be known by."""
        self._key: tuple[str, int, int] | None = None
        """The key that waits for its value."""
        self._anchors: dict[str, Node | None] = {}
        """None: begun, not yet ended."""
        self._count = 0

    def tree(self) -> Tree:
        begun = False
        while (event := self._parser.get_event()) is not None:
            if isinstance(event, yaml.NodeEvent):
                self._take(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.DocumentStartEvent):
                if begun:
                    raise Unreadable(*_at(event), "a second document begins here", "write one document in a file")
                begun = True
        if isinstance(self._root, Keys):
            self._tree.root = self._root
            return self._tree
        line, column = (self._root.line, self._root.column) if self._root else (1, 1)
        found = "is empty" if self._root is None or self._root.broken else "holds no keys"
        raise Unreadable(line, column, f"the file {found}", "the least there must be is `products:` with one product")

    def _take(self, event: yaml.NodeEvent) -> None:
        line, column = _at(event)
        holder = self._open[-1][0] if self._open else None
        if isinstance(holder, Keys) and self._key is None:
            self._key = (_key_text(event), line, column)
            return
        if isinstance(event, yaml.AliasEvent):
            node = self._aliased(event)
            self._count += node.weight
        else:
            node = self._made(event, holder)
            self._count += 1
        if self._count > NODE_LIMIT:
            raise Unreadable(
                line, column, f"the file grows beyond {NODE_LIMIT} entries here", "use fewer aliases, or split the file"
            )
        self._attach(node, holder)
        if isinstance(event, yaml.CollectionStartEvent):
            self._descend(node, event)

    def _aliased(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            why = "stands inside its own anchor" if event.anchor in self._anchors else "has no anchor before it"
            raise Unreadable(*_at(event), f"the alias *{event.anchor[:60]} {why}", "write the value out")
        return node

    def _made(self, event: Any, holder: Node | None) -> Node:
        line, column = _at(event)
        key: str | int = self._key[0] if self._key else len(holder.nodes) if isinstance(holder, Items) else ""
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = scalar = Scalar(line, column, holder, key, text=event.value)
            if "${" in event.value:
                self._tree.references.append(scalar)
            if event.anchor:
                self._anchors[event.anchor] = node
            if event.implicit[0] and not event.value and not event.style:
                node.broken = True
                if holder is not None:
                    self._fault(node, "has no value", "write one, or remove the key")
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Items(line, column, holder, key)
        else:
            node = Keys(line, column, holder, key)
        if event.tag is not None:
            self._fault(node, f"the tag {event.tag[:60]!r} means nothing here", "remove it: every value is read as text")
        return node

    def _fault(self, node: Node, what: str, instead: str) -> None:
        line, column = self._key[1:] if self._key else (node.line, node.column)
        self._tree.faults.append((Place(line, column, node.path), what, instead))

    def _attach(self, node: Node, holder: Node | None) -> None:
        if isinstance(holder, Items):
            holder.nodes.append(node)
        elif isinstance(holder, Keys) and self._key is not None:
            key, line, column = self._key
            if key in holder.entries:
                first = holder.entries[key].line
                place = Place(line, column, path_under(holder, key))
                self._tree.faults.append((place, f"the key is there twice, first in line {first}", "keep one of them"))
            else:
                holder.entries[key] = Entry(line, column, node)
        else:
            self._root = node
        if isinstance(holder, Items | Keys):
            holder.weight += node.weight
        self._key = None

    def _descend(self, node: Node, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) >= DEPTH_LIMIT:
            raise Unreadable(*_at(event), f"more than {DEPTH_LIMIT} levels are nested here", "no setting lies that deep")
        self._open.append((node, event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = None

    def _close(self) -> None:
        node, anchor = self._open.pop()
        if anchor:
            self._anchors[anchor] = node
        if self._open:
            # The holder counted this node as 1 when it began.
            self._open[-1][0].weight += node.weight - 1


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _key_text(event: yaml.NodeEvent) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise Unreadable(*_at(event), "a list, a mapping or an alias stands where a key belongs", "write the key as plain text")
    return str(event.value)


def _check_characters(text: str) -> None:
    if len(text) > SIZE_LIMIT:
        raise Unreadable(1, 1, f"the file is longer than {SIZE_LIMIT // 2**20} MiB", "split it, or check that it is the right file")
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
        raise Unreadable(line, column, f"the character U+{ord(found[0]):04X} is not allowed in YAML", "remove it")


def _readable(error: yaml.YAMLError, text: str) -> Unreadable:
    """The parser's words, in those of somebody who wrote a file by hand."""
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    context = str(getattr(error, "context", None) or "")
    opened = getattr(error, "context_mark", None)
    if "quoted scalar" in context and "end of stream" in problem and opened is not None:
        return Unreadable(
            opened.line + 1, opened.column + 1, "the quote that opens here is never closed", "close it with the same quote"
        )
    if mark is None:
        return Unreadable(1, 1, f"this is not YAML: {problem}", "see the example config/uptimed.yaml")
    line, column = mark.line + 1, mark.column + 1
    written = text.split("\n")[mark.line : mark.line + 1]
    if "cannot start any token" in problem and written and written[0][mark.column : mark.column + 1] == "\t":
        return Unreadable(line, column, "a tab stands where spaces belong", "indent with spaces")
    return Unreadable(
        line, column, f"this is not YAML: {problem}", _ADVICE.get(problem, "check indentation, colons and quotes here and above")
    )


_ADVICE = {
    "mapping values are not allowed in this context": "put the text in quotes if it holds `: `, or check the indentation",
    "could not find expected ':'": "write `key: value`, or put the text in quotes",
    "did not find expected ',' or ']'": "close the list with `]`",
    "did not find expected ',' or '}'": "close the mapping with `}`",
    "did not find expected key": "line the keys up under one another",
    "found character that cannot start any token": "put the text in quotes",
    "found unexpected end of stream": "close what was opened above",
}
