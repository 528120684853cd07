"""Reads a configuration file: everything that is wrong with it, in one run, or what it means."""

from __future__ import annotations

from pathlib import Path

from uptimed.config.build import Builder, Loaded, Written
from uptimed.config.filling import fill_all
from uptimed.config.problems import ConfigErrors, Findings, Problem
from uptimed.config.reading import read_file
from uptimed.config.yaml_tree import Unreadable, read


def load(path: Path) -> Loaded:
    """`ConfigErrors` also for a file that cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigErrors([Problem(str(path), 1, 1, "(file)", "it is not UTF-8 text", f"look at byte {error.start}")]) from None
    except OSError as error:
        advice = "name another with --config, or write one with `uptimed init URL`"
        raise ConfigErrors([Problem(str(path), 1, 1, "(file)", f"it cannot be read: {error.strerror}", advice)]) from None
    return loads(text, path)


def loads(text: str, path: Path) -> Loaded:
    """The same for text already read; `path` names the file in messages and is the base of relative paths."""
    findings = Findings(str(path))
    try:
        tree = read(text)
    except Unreadable as error:
        findings.error(error.place, error.what, error.instead)
        raise ConfigErrors(findings.errors) from None
    for place, what, instead in tree.faults:
        findings.error(place, what, instead)
    fill_all(tree, path.resolve().parent, findings)
    names = Written.of(tree)
    file, options = read_file(tree, findings)
    if file is None:
        raise ConfigErrors(findings.errors)
    return Builder(file, options, tree, names, path, findings).loaded()
