"""The part of JSON Schema (draft 2020-12) that the shipped schemas use; any other keyword is itself a problem."""

from collections.abc import Iterable, Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_SAYS_NOTHING = {"$schema", "$id", "$defs", "title", "description"}
_KNOWN = _SAYS_NOTHING | set(
    """
    $ref type const enum minimum maximum required properties additionalProperties minProperties items minItems maxItems
    allOf anyOf oneOf
    """.split()
)


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, at: str = "$") -> Iterator[str]:
    """Why `value` is not what `schema` describes; nothing when it is."""
    root = schema if root is None else root
    yield from (f"{at}: unknown keyword {keyword}" for keyword in schema.keys() - _KNOWN)
    if "$ref" in schema:
        yield from problems(value, resolved(schema, root), root, at)
    if "type" in schema and not any(_is(value, name) for name in _listed(schema["type"])):
        yield f"{at}: {value!r} is no {schema['type']}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    for one in schema.get("allOf", ()):
        yield from problems(value, one, root, at)
    for keyword in ("anyOf", "oneOf"):
        every = [list(problems(value, one, root, at)) for one in schema.get(keyword, ())]
        fitting = sum(not found for found in every)
        if every and not (fitting == 1 or (fitting and keyword == "anyOf")):
            yield f"{at}: not {keyword}: {every}"
    if isinstance(value, dict):
        yield from _of_object(value, schema, root, at)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{at}: {len(value)} items"
        for number, one in enumerate(value):
            yield from problems(one, schema.get("items", {}), root, f"{at}[{number}]")
    elif _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of bounds"


def _of_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
    if len(value) < schema.get("minProperties", 0):
        yield f"{at}: only {len(value)} properties"
    own = schema.get("properties", {})
    for name, one in value.items():
        yield from problems(one, own.get(name, schema.get("additionalProperties", {})), root, f"{at}.{name}")


def undocumented(value: Any, schema: dict[str, Any]) -> set[str]:
    """The keys in `value`, by their path, that `schema` has no word of."""
    return set(_undocumented(value, [schema], schema, "$"))


def _undocumented(value: Any, schemas: Iterable[dict[str, Any]], root: dict[str, Any], at: str) -> Iterator[str]:
    parts = [part for schema in schemas for part in _parts(schema, root)]
    if isinstance(value, list):
        for one in value:
            yield from _undocumented(one, [part["items"] for part in parts if "items" in part], root, f"{at}[]")
    elif isinstance(value, dict) and any("properties" in part or "additionalProperties" in part for part in parts):
        for name, one in value.items():
            describing = [part["properties"][name] for part in parts if name in part.get("properties", {})]
            describing += [part["additionalProperties"] for part in parts if "additionalProperties" in part]
            if describing:
                yield from _undocumented(one, describing, root, f"{at}.{name}")
            else:
                yield f"{at}.{name}"


def _parts(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [resolved(schema, root)] if "$ref" in schema else []
    for one in (*inner, *schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _parts(one, root)


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The part of `root` that a reference leads to. KeyError when it leads nowhere."""
    where: Any = root
    start, *steps = schema["$ref"].split("/")
    if start != "#":
        raise KeyError(schema["$ref"])
    for step in steps:
        where = where[step]
    found: dict[str, Any] = where
    return found


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _is(value: Any, name: str) -> bool:
    # True and False are numbers in Python, and nowhere else.
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
