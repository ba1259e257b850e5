"""`searchkit schema`: the JSON Schema of what --json prints."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import click

from searchkit.cli.output import write_json, write_lines
from searchkit.errors import UsageError

_COMMON = "common"
_SHARED = re.compile(rf"{_COMMON}\.json(#/\$defs/([a-z_]{{1,40}}))")
_FULL_NAME = re.compile(r"(?:searchkit\.)?([a-z]{1,40})(?:/\d{1,4})?")


@click.command("schema")
@click.argument("name", required=False, metavar="[NAME]")
def command(name: str | None) -> None:
    """Print the JSON Schema of what --json prints; without NAME, list them.

    NAME is the value of "schema" in the output: searchkit.query/1, or query for short. Within a version keys are added,
    never taken away or given another meaning: a reader passes over those it does not know.
    """
    if name is None:
        every = {one: read(one) for one in names()}
        wide = max(map(len, every))
        write_lines([(f"{one:{wide}}  ", "bold"), (str(schema["title"]), "")] for one, schema in every.items())
    else:
        write_json(bundled(name))


def names() -> tuple[str, ...]:
    """The names of all schemas, sorted."""
    found = (entry.name.removesuffix(".json") for entry in files("searchkit.cli").joinpath("schemas").iterdir())
    return tuple(sorted(name for name in found if name != _COMMON))


def read(name: str) -> dict[str, Any]:
    """A schema as it is shipped."""
    text = files("searchkit.cli").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def bundled(written: str) -> dict[str, Any]:
    """The schema called `written`, with all it refers to in itself. UsageError when there is none of that name."""
    match = _FULL_NAME.fullmatch(written.strip().lower())
    name = match[1] if match else ""
    if name not in names():
        import difflib

        close = difflib.get_close_matches(name, names(), n=1)
        meant = f' Did you mean "{close[0]}"?' if close else ""
        raise UsageError(f'There is no schema "{written}".{meant}', hint=f"Schemas: {', '.join(names())}.")
    schema = read(name)
    shared = read(_COMMON)["$defs"]
    needed: dict[str, Any] = {}
    waiting = list(_shared_names(schema))
    while waiting:
        one = waiting.pop()
        if one not in needed:
            needed[one] = _own(shared[one])
            waiting += _shared_names(shared[one])
    own = _own(schema)
    return {**own, "$defs": {**own.get("$defs", {}), **{one: needed[one] for one in sorted(needed)}}}


def _shared_names(schema: Any) -> Iterator[str]:
    return (found[2] for found in _SHARED.finditer(json.dumps(schema)))


def _own(schema: Any) -> Any:
    """The schema with every reference to a shared part as one to a part of its own."""
    return json.loads(_SHARED.sub(r"\1", json.dumps(schema)))
