"""Where in the file something is said, found by keys, ids and numbers."""

from __future__ import annotations

from uptimed.config.yaml_tree import Items, Keys, Node, Place, Scalar


def found(root: Keys, path: tuple[str | int, ...]) -> Place | Node:
    """The deepest node on the way; entries of a list are found by their id, name or number."""
    node: Node = root
    for part in path:
        inside: Node | None = None
        if isinstance(node, Keys):
            inside = node.get(str(part))
        elif isinstance(node, Items):
            inside = node.nodes[part] if isinstance(part, int) and part < len(node.nodes) else entry(node, str(part))
        if inside is None:
            break
        node = inside
    return node


def entry(node: Node | None, name: str) -> Node | None:
    """The entry of a list that is this text, or goes by this id or name."""
    for one in node.nodes if isinstance(node, Items) else ():
        if isinstance(one, Scalar) and one.text == name:
            return one
        if isinstance(one, Keys) and name in (one.text("id"), one.text("name")):
            return one
    return None
