"""`searchkit schema`: the JSON Schema of --json output, generated from the types that the commands print."""

import re
from importlib import import_module
from operator import attrgetter
from typing import Any

import click
from msgspec import Struct

from searchkit.cli.output import write_json, write_lines
from searchkit.errors import UsageError, did_you_mean
from searchkit.export.answers import components
from searchkit.export.evidence.findings import InvalidPart, UnreadableRecord, VerdictRecord
from searchkit.files import shipped_text
from searchkit.query.fields import Record
from searchkit.reports import REPORTS

_ROWS = [line.split(" | ") for line in shipped_text("searchkit.cli", "schemas.txt").splitlines()[1:]]
# Where each is printed, and the types that it may have.
SCHEMAS = {name: (place, types.split()) for name, place, types in _ROWS}
SCHEMAS |= {name: (f"searchkit {name} --json", [f"reports.{name}:REPORT.result"]) for name in REPORTS}
SCHEMAS = dict(sorted(SCHEMAS.items()))
_RECORDS: dict[str, tuple[Record, ...]] = {
    "query": ("document",),
    "statements": ("quote",),
    "batch": ("document", "quote"),
}
_FULL_NAME = re.compile(r"(?:searchkit\.)?([a-z]{1,40})(?:/\d{1,4})?")


@click.command("schema")
@click.argument(
    "name",
    required=False,
    metavar="[NAME]",
    shell_complete=lambda _ctx, _parameter, typed: [name for name in SCHEMAS if name.startswith(typed)],
)
def command(name: str | None) -> None:
    """Print the JSON Schema of --json output; without NAME, list the schemas.

    NAME is the value of "schema" in the output: searchkit.query/1, or query for short. Within a version, keys may be
    added, but never removed or given another meaning: ignore keys that you do not know.
    """
    if name is None:
        width = max(map(len, SCHEMAS))
        write_lines([(f"{name:{width}}  ", "bold"), (title, "")] for name, (title, _) in SCHEMAS.items())
    else:
        write_json(schema(name))


def types_of(name: str) -> list[type[Struct]]:
    """Return the types of the output with a schema name."""
    modules = [place.split(":") for place in SCHEMAS[name][1]]
    return [attrgetter(type_name)(import_module(f"searchkit.{module}")) for module, type_name in modules]


def schema(written: str) -> dict[str, Any]:
    """Return the schema called `written`. Raise UsageError for an unknown name."""
    match = _FULL_NAME.fullmatch(written.strip().lower())
    name = match[1] if match else ""
    if name not in SCHEMAS:
        suggestion = did_you_mean(name, SCHEMAS)
        raise UsageError(f'Unknown schema "{written}".{suggestion}', hint=f"Schemas: {', '.join(SCHEMAS)}.")
    types = types_of(name)
    parts: list[type[Struct]] = list(types)
    if name == "verify":
        parts += [InvalidPart, VerdictRecord, UnreadableRecord]
    references, definitions = components(parts, _RECORDS.get(name, ()))
    tops = references[: len(types)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{name}.json",
        "title": SCHEMAS[name][0],
        **(tops[0] if len(tops) == 1 else {"anyOf": tops}),
        "$defs": definitions,
    }
