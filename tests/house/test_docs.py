"""What the program offers stands in the README, and what the README names exists."""

from __future__ import annotations

import argparse
import re

import pytest

from probes.registry import KINDS
from tests.house.tree import ROOT, files, read
from uptimed.cli import parser
from uptimed.metrics import ENGINE_FAMILIES, Metrics


def commands() -> list[str]:
    """`incident ack`, `run` ...: every path through the command line."""
    found: list[str] = []

    def walk(one: argparse.ArgumentParser, words: str) -> None:
        choices = [action for action in one._actions if isinstance(action, argparse._SubParsersAction)]
        if words and not choices:
            found.append(words)
        for action in choices:
            for name, below in action.choices.items():
                walk(below, f"{words} {name}".strip())

    walk(parser(), "")
    return found


def own_metrics() -> list[str]:
    names = {"counter": "{}_total", "info": "{}_info"}
    health = Metrics(version="0").health.registry.collect()
    return [names.get(family.type, "{}").format(family.name) for family in health if family.name.startswith("uptimed_")]


@pytest.mark.parametrize("command", commands())
def test_every_command_stands_in_the_readme(command: str) -> None:
    first, *rest = command.split()
    lines = [line for line in read("README.md").splitlines() if re.search(rf"`uptimed {first}\b", line)]

    assert any(all(re.search(rf"\b{word}\b", line) for word in rest) for line in lines)


@pytest.mark.parametrize("name", [*own_metrics(), *ENGINE_FAMILIES])
def test_every_metric_of_ours_stands_in_the_readme(name: str) -> None:
    assert name in read("README.md")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_in_the_readme_and_in_the_example(kind: str) -> None:
    assert f"`{kind}`" in read("README.md")
    assert f"kind: {kind}" in read("config/uptimed.yaml")


def test_the_readme_names_no_metric_file_or_target_that_is_not_there() -> None:
    readme = read("README.md")
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))

    assert not set(re.findall(r"\bmake ([a-z-]+)\b(?=`|\s+#)", readme)) - targets
    assert not set(re.findall(r"\buptimed_[a-z_]+\b", readme)) - {*own_metrics(), *ENGINE_FAMILIES}
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", readme)
    assert not [name for name in linked if name not in files() and not (ROOT / name).is_dir()]
