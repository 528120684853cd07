"""
`${NAME}` and `${file:/run/secrets/x}` in values: filled after parsing, so that no content of theirs can become YAML.

What is unset, unreadable or empty is an error at its line. An empty secret is refused like a missing one: a credential that
silently became nothing would open the door it was to close.
"""

from __future__ import annotations

import re
from pathlib import Path

from probes.options import FilledText, SecretMissing, fill
from uptimed.config.problems import Findings, quoted
from uptimed.config.yaml_tree import Tree

SHORTEST_VEILED = 4
"""Shorter values stand in words by chance; replacing them would garble every message."""

_REFERENCE = re.compile(r"\$\{[^}]*\}?")


def fill_all(tree: Tree, base: Path, findings: Findings) -> None:
    """Fill every scalar that holds a reference, once; those that cannot be filled are said and marked as broken."""
    for scalar in tree.references:
        wrong = [problem for reference in dict.fromkeys(_REFERENCE.findall(scalar.text)) if (problem := _wrong(reference, base))]
        for what, instead in wrong:
            findings.error(scalar, what, instead)
        if wrong:
            scalar.broken = True
        else:
            template = scalar.text
            scalar.text = FilledText.of(template, base)
            scalar.filled = True
            if len(scalar.text) >= SHORTEST_VEILED:
                findings.filled[str(scalar.text)] = template


def _wrong(reference: str, base: Path) -> tuple[str, str] | None:
    try:
        filled = fill(reference, base)
    except SecretMissing as missing:
        advice = "check the path and who may read it" if reference.startswith("${file:") else "set it, or write the value here"
        return str(missing), advice
    except ValueError:
        # A NUL in a path; the text of the exception is Python's, not ours.
        return f"{quoted(reference)} cannot be read", "write the path of a file"
    if filled == reference:
        return f"{quoted(reference)} is not a reference", "write ${NAME} or ${file:/path/of/a/file}"
    if not filled:
        return f"{quoted(reference)} is there but empty", "give it a value, or remove the key"
    return None
