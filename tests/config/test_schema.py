"""The JSON Schema that editors use agrees with what the loader takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.config.mistakes import MISTAKES, PRODUCTS, check
from uptimed import config

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    written = config.json_schema()
    Draft202012Validator.check_schema(written)
    return Draft202012Validator(written)


def as_an_editor_reads(text: str) -> Any:
    """YAML with its types guessed, dates as text: what an editor hands to a schema."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.mark.parametrize("name", ["uptimed.yaml", "demo.yaml"])
def test_the_schema_accepts_our_own_files(schema: Draft202012Validator, name: str) -> None:
    schema.validate(as_an_editor_reads((ROOT / "config" / name).read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        PRODUCTS,
        check("every: 20s, timeout: 8s, redirects: 0"),
        check('timeout: "${TIMEOUT}"'),
        check("name: 4711"),
        check("family: 4"),
        check("expect: {status: [2xx, 429], degraded_unless: {status: 2xx, body: fresh}}"),
    ],
)
def test_the_schema_accepts_what_loads(schema: Draft202012Validator, text: str) -> None:
    schema.validate(as_an_editor_reads(text))


@pytest.mark.parametrize(
    "name",
    [
        "no products",
        "an empty list of products",
        "products that are a text",
        "an unknown key at the top",
        "an unknown key of the site",
        "an unknown language",
        "a treatment that is none",
        "a severity that is none",
        "a clock that is none",
        "an id with capitals",
        "a component without checks",
        "a check without kind",
        "a kind that is none",
        "a check without url",
        "an unknown key of a check",
        "an unknown key of what is expected",
        "an unknown key of what only degrades",
        "an interval that is no duration",
        "failures in words",
        "a channel without kind",
        "an unknown key of a channel",
        "a mail server without sender",
    ],
)
def test_the_schema_refuses_mistakes_of_shape(schema: Draft202012Validator, name: str) -> None:
    assert not schema.is_valid(as_an_editor_reads(MISTAKES[name][0]))


def test_the_example_shows_every_key() -> None:
    example = (ROOT / "config" / "uptimed.yaml").read_text("utf-8")

    missing = [key for key in sorted(set(keys_of(config.json_schema()))) if f"{key}:" not in example]

    assert missing == []


def keys_of(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for inside in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from keys_of(inside)
