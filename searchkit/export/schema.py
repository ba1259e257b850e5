"""JSON Schema of the records that commands and pages print, generated from their types."""

from collections.abc import Sequence
from typing import Any

from msgspec.json import schema_components

from searchkit.export.records import hit_types
from searchkit.query.fields import Record

_LOCAL = "#/$defs/{name}"


def components(
    types: Sequence[type], records: Sequence[Record] = (), *, template: str = _LOCAL
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return references to the schemas of `types`, and the schemas by name. The hits of answers among them are those of
    `records`. References follow `template`."""
    hits = [hit for record in records for hit in hit_types(record)]
    references, definitions = schema_components([*types, *hits], ref_template=template)
    for definition in definitions.values():
        properties = definition.get("properties", {})
        # What has a default in a type is printed nevertheless.
        definition["required"] = [
            key for key, part in properties.items() if "default" in part or key in definition.get("required", ())
        ]
        for part in properties.values():
            part.pop("default", None)
        if properties.get("items", {}).get("items") == {"type": "object"}:  # list[dict[str, Any]]
            properties["items"]["items"] = {"anyOf": list(references[len(types) :])}
    return list(references[: len(types)]), definitions
