"""
Building blocks of the kinds' `Options`: durations and secrets that a YAML text becomes.

The classes know how pydantic should read them (`__get_pydantic_core_schema__`) without importing pydantic: only the configuration
of the core asks, a worker never does.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

# Digits are bounded: a longer number fits into no float, and would be a crash instead of a sentence.
_DURATION = re.compile(r"^(?P<number>[0-9]{1,30}(?:\.[0-9]{1,30})?)(?P<unit>us|ms|s|m|h|d)$")
_UNIT_US = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_REFERENCE = re.compile(r"\$\{(?:file:(?P<file>[^}]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*))\}")


def duration_us(text: str) -> int:
    """`250ms 30s 5m 8h 7d` as integer microseconds; ValueError with what would be right."""
    found = _DURATION.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit: 250ms, 30s, 5m, 8h or 7d")
    whole, _, fraction = found["number"].partition(".")
    unit = _UNIT_US[found["unit"]]
    # Integers all the way: 0.1s is 100000 us, not 99999.
    return int(whole) * unit + (int(fraction) * unit) // 10 ** len(fraction) if fraction else int(whole) * unit


class _Duration:
    """Marks a float field that is written as a duration and held in seconds."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  only the configuration asks

        def read(value: Any) -> float:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
            return duration_us(str(value)) / 1_000_000

        return core_schema.no_info_plain_validator_function(
            read, json_schema_input_schema=core_schema.str_schema(pattern=_DURATION.pattern)
        )


Seconds = Annotated[float, _Duration()]
"""A duration: text such as `2s` in YAML, float seconds in Python."""


class _OneOrMany:
    """Marks a tuple of texts that may be written as one text or as a list."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  only the configuration asks

        def read(value: Any) -> tuple[str, ...]:
            many = value if isinstance(value, list | tuple) else [value]
            if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in many):
                raise ValueError("write a text or a list of texts")
            return tuple(str(one) for one in many)

        text = core_schema.str_schema()
        return core_schema.no_info_plain_validator_function(
            read, json_schema_input_schema=core_schema.union_schema([text, core_schema.list_schema(text)])
        )


Texts = Annotated[tuple[str, ...], _OneOrMany()]
"""One text or a list of texts in YAML, always a tuple in Python."""


class SecretMissing(LookupError):
    """A referenced environment variable is unset or a referenced file cannot be read. Names the reference, never a value."""


def fill(template: str, base: Path | None = None) -> str:
    """Replace `${NAME}` and `${file:PATH}`; relative paths start at `base`. One trailing newline of a file is dropped."""

    def one(found: re.Match[str]) -> str:
        if found["file"]:
            path = Path(found["file"])
            path = path if path.is_absolute() or base is None else base / path
            try:
                return path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "not UTF-8 text"
                raise SecretMissing(f"the file {path} cannot be read ({why})") from None
        value = os.environ.get(found["name"])
        if value is None:
            raise SecretMissing(f"the environment variable {found['name']} is not set")
        return value

    return _REFERENCE.sub(one, template)


class FilledText(str):
    """A configuration scalar after filling, which remembers what was written, so that a `Secret` can keep the reference."""

    __slots__ = ("base", "template")
    template: str
    base: Path | None

    @classmethod
    def of(cls, template: str, base: Path | None) -> FilledText:
        text = cls(fill(template, base))
        text.template = template
        text.base = base
        return text


@dataclass(frozen=True, slots=True)
class Secret:
    """
    Text that is never printed. Holds what was written (`Bearer ${TOKEN}`); `reveal` reads environment and files when it is needed.

    A job carries this reference, so a worker elsewhere reads its own environment.
    """

    template: str
    base: Path | None = None

    def reveal(self) -> str:
        return fill(self.template, self.base)

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  only the configuration asks

        def read(value: Any) -> Secret:
            if isinstance(value, Secret):
                return value
            if isinstance(value, FilledText):
                return cls(value.template, value.base)
            if isinstance(value, str):
                return cls(value)
            raise ValueError("a secret is a text; write it as ${NAME} or ${file:/run/secrets/x}")

        return core_schema.no_info_plain_validator_function(
            read,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda secret: secret.template),
        )


_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?\Z|[0-9A-Fa-f:.]+\Z")


def check_host(text: str) -> None:
    """ValueError unless it could be a name or a numeric address."""
    try:
        plain = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if not _HOST.match(plain) or ".." in plain:
        raise ValueError(f"{text!r} is not a host; write a name or a numeric address, without scheme, port or path")


def check_port(port: int) -> None:
    if not 0 < port < 65_536:
        raise ValueError(f"{port} is not a port; it must lie between 1 and 65535")
