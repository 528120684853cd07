"""
What is wrong with a configuration file, said so that one can repair it: all of it at once, each with its line and column.

    ConfigErrors        the file cannot be used; `.errors` says why, in the order of the file
      Problem           one mistake: file:line:col: path: what is wrong; what would be right

No text of a Problem ever holds the value behind a `${reference}`.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from uptimed.config.yaml_tree import Node, Place, Scalar

_LONGEST = 400
"""Characters of each part of a message."""
_LISTED = 12
"""So many known names are listed; more would bury the message."""
_COMPARED = 500
"""So many known names are compared for a near miss; each comparison costs tens of microseconds."""


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    path: str
    """Keys from the top, dots between; entries of a list by their id or name: `products.sia.components.web.checks.home.timeout`."""
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.path}: {self.what}; {self.instead}"


class ConfigErrors(Exception):
    """The configuration cannot be used. Nothing was touched."""

    def __init__(self, errors: Iterable[Problem]) -> None:
        self.errors: tuple[Problem, ...] = tuple(sorted(set(errors)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.errors)


class Findings:
    """Collects what is wrong, and what is merely unwise, while one file is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.filled: dict[str, str] = {}
        """What references stand for, and how they were written: the first is never shown."""

    def error(self, place: Place | Node, what: str, instead: str) -> None:
        """A node about which something was said already stays quiet: the first mistake causes the others."""
        problem = self._problem(place, what, instead)
        if not (place.broken if isinstance(place, Node) else place.settled):
            self.errors.append(problem)

    def warning(self, place: Place | Node, what: str, instead: str) -> None:
        self.warnings.append(self._problem(place, what, instead))

    def _problem(self, place: Place | Node, what: str, instead: str) -> Problem:
        at = place.place() if isinstance(place, Node) else place
        if isinstance(place, Scalar) and place.filled:
            what = "what the reference stands for cannot be used here"
        return Problem(self.file, at.line, at.column, self._veiled(at.path), self._veiled(what), self._veiled(instead))

    def _veiled(self, text: str) -> str:
        """Names that came from outside are listed as they were written."""
        for value, template in self.filled.items():
            text = text.replace(value, template)
        # What a library says about a text may quote it over several lines.
        return " ".join(text.split())[:_LONGEST]

    def raise_if_any(self) -> None:
        if self.errors:
            raise ConfigErrors(self.errors)


def near(name: str, known: Collection[str]) -> str:
    """What would be right instead of a name that leads nowhere: the nearest one, and the names there are."""
    if not known:
        return "none is defined"
    names = list(known)
    listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
    closest = difflib.get_close_matches(name[:100], names[:_COMPARED], n=1)
    return f"did you mean {closest[0]}? known here: {listed}" if closest else f"known here: {listed}"


def quoted(text: str, limit: int = 60) -> str:
    """A text of the file as it may stand in one line: control characters escaped, long ones cut."""
    return repr(text) if len(text) <= limit else repr(text[:limit]) + "..."
