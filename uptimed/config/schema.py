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
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "uptimed configuration"}
