"""The JSON Schema of the file, for editors: `uptimed validate --schema`."""

from __future__ import annotations

from typing import Any

from probes.registry import KINDS
from uptimed.config.models import CheckIn, FileIn
from uptimed.config.reading import adapter


def json_schema() -> dict[str, Any]:
    """Draft 2020-12. Each kind of check brings its own options."""
    schema = FileIn.model_json_schema(mode="validation")
    definitions = schema["$defs"]
    common = definitions.pop("CheckIn")
    variants = []
    for name in KINDS:
        own = adapter(name).json_schema(ref_template=f"#/$defs/{name}_{{model}}")
        definitions |= {f"{name}_{inner}": body for inner, body in own.pop("$defs", {}).items()}
        variants.append(
            {
                "type": "object",
                "title": f"Check of kind {name}",
                "properties": {**common["properties"], **own.get("properties", {}), "kind": {"const": name}},
                "required": sorted({*common.get("required", ()), *own.get("required", ())}),
                "additionalProperties": False,
            }
        )
    definitions[CheckIn.__name__] = {"oneOf": variants}
    _bare_words(definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_as_written(schema), "title": "uptimed configuration"}


def _bare_words(definitions: dict[str, Any]) -> None:
    """A maintenance rule may be written as its treatment alone."""
    treatment = definitions["MaintenanceIn"]["properties"]["treat"]["enum"]
    definitions["MaintenanceIn"] = {"anyOf": [{"enum": treatment}, definitions["MaintenanceIn"]]}


def _as_written(schema: Any) -> Any:
    """
    What an editor finds in YAML: we read every value as text, so a number may stand where a text is wanted (`availability: 99.99`),
    digits in quotes where a number is, and `${NAME}` anywhere.
    """
    if isinstance(schema, list):
        return [_as_written(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: value if key in _DATA else _as_written(value) for key, value in schema.items()}
    if "default" in result and not isinstance(result["default"], str | bool) and _is_text(schema):
        del result["default"]  # Held in microseconds or as a pair: it would mislead whoever writes `20s`.
    if "enum" in schema:
        # `family: 4` is a number to an editor.
        result["enum"] = [*schema["enum"], *(int(one) for one in schema["enum"] if str(one).isdecimal())]
    kind = schema.get("type")
    if kind == "string" and "pattern" in schema:
        # Python's names of groups mean nothing to other programs.
        result["pattern"] = rf"{schema['pattern']}|\$\{{".replace("(?P<number>", "(").replace("(?P<unit>", "(")
    elif kind == "string":
        result["type"] = ["string", "number", "boolean"]
    elif kind in ("integer", "number", "boolean"):
        result |= {"type": [kind, "string"], "pattern": _TEXTS[kind] + r"|\$\{"}
    return result


_DATA = {"default", "examples", "enum", "const", "required", "description", "title"}
_TEXTS = {"integer": "^[0-9]+$", "number": r"^[0-9]+(\.[0-9]+)?$", "boolean": "^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff|0|1)$"}


def _is_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" or any(one.get("type") == "string" for one in schema.get("anyOf", ()))
