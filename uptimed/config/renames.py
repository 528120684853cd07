"""What had another name before: `was`, at a product, a component or a check, with the whole path of old."""

from __future__ import annotations

from collections.abc import Iterator

from uptimed.config import models
from uptimed.config.places import found
from uptimed.config.problems import Findings, quoted
from uptimed.config.yaml_tree import Tree

WHAT = ("a product's id, such as shop", "a path such as shop/web", "a path such as shop/web/home")


def renames_of(file: models.FileIn, tree: Tree, findings: Findings) -> dict[str, str]:
    """
    Old path -> path of now, of everything that moved: what a product was called, its components and checks were called, too.
    """
    now = {path for _, path, _, _ in _named(file)}
    out: dict[str, str] = {}
    for place, path, old, said in _named(file):
        if old == path:
            continue
        if said:
            node = found(tree.root, place)
            depth = path.count("/")
            if old.count("/") != depth:
                findings.error(node, f"{quoted(old)} cannot have been {path}", f"write {WHAT[depth]}")
                continue
            if old in now or old in out:
                findings.error(node, f"{quoted(old)} is the name of something else in this file", "let only one of them have it")
                continue
        if old not in now:
            out.setdefault(old, path)
    return out


def _named(file: models.FileIn) -> Iterator[tuple[tuple[str, ...], str, str, bool]]:
    """Where it stands, its path, its old one (perhaps the same), and whether the file says so itself."""
    for product in file.products:
        place: tuple[str, ...] = ("products", product.id)
        was = product.was or product.id
        yield (*place, "was"), product.id, was, product.was is not None
        for component in product.components:
            inner = (*place, "components", component.id)
            path = f"{product.id}/{component.id}"
            old = component.was or f"{was}/{component.id}"
            yield (*inner, "was"), path, old, component.was is not None
            for check in component.checks:
                its = check.was or f"{old}/{check.id}"
                yield (*inner, "checks", check.id, "was"), f"{path}/{check.id}", its, check.was is not None
