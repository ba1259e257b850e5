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
from searchkit.query.fields import Record
from searchkit.reports import REPORTS

# Name, where it is printed, and the types that it may have, as MODULE:CLASS of the package.
SCHEMAS: dict[str, tuple[str, str]] = {
    "alerts": ("searchkit alerts run --json and list --json", "cli.alerts:AlertsRun | cli.alerts:AlertList"),
    "batch": ("a line of searchkit query|statements --batch --jsonl", "cli.batch:BatchAnswer | cli.batch:BatchError"),
    "check": ("searchkit check --json", "cli.maintenance:CheckReport"),
    "config": ("searchkit config --json", "cli.config:SettingsReport"),
    "digest": ("searchkit alerts show --json, and the body of a webhook", "alerts.digests:DigestRecord"),
    "document": ("searchkit show DOCUMENT --json", "export.records:DocumentExport"),
    "entities": ("searchkit entities --json", "cli.entities:GroupList | cli.entities:EntityList"),
    "evidence": (
        "a line of searchkit export -f evidence",
        "export.evidence.form:EvidenceHead | export.evidence.form:EvidenceStatement | "
        "export.evidence.form:CustodyEntry | export.evidence.form:EvidenceCaptures | "
        "export.evidence.form:EvidenceEnd | export.evidence.form:EvidenceTimestamp",
    ),
    "explain": ("searchkit query|statements --explain --json", "search.explain:ExplanationRecord"),
    "export": ("a line of searchkit export -f jsonl", "export.records:StatementExport"),
    "index": ("searchkit index --json", "cli.index:IndexReport"),
    "inspect": ("searchkit inspect --json", "cli.inspect:InspectedDocument"),
    "notes": ("searchkit notes list --json", "archive.user_notes:NoteList"),
    "name": ("the page of a name of searchkit serve, as JSON", "search.name_profile:NameProfile"),
    "names": ("the list of names of searchkit serve, as JSON", "search.name_profile:NameList"),
    "query": ("searchkit query --json; --jsonl prints a DocumentHit per line", "export.answers:DocumentAnswer"),
    "run": ("searchkit update --json, and a line of runs.jsonl", "update.reports:RunRecord"),
    "saved": ("searchkit saved list --json and show --json", "alerts.editing:SavedList | cli.saved:ShownSearch"),
    "sources": ("searchkit sources --json", "update.health:SourcesReport"),
    "statement": ("searchkit show STATEMENT --json", "export.records:ShownStatement"),
    "statements": (
        "searchkit statements --json; --jsonl prints a StatementHit per line",
        "export.answers:StatementAnswer",
    ),
    "status": ("searchkit status --json", "archive.status:StatusReport"),
    "verify": ("searchkit verify --json", "export.evidence.findings:VerifyReport"),
    "watchlist": (
        "searchkit watchlist list --json",
        "cli.watchlist:WatchlistReport | cli.watchlist:WatchlistEntriesReport",
    ),
}
SCHEMAS |= {name: (f"searchkit {name} --json", f"reports.{name}:REPORT.result") for name in REPORTS}
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
    modules = [place.split(":") for place in SCHEMAS[name][1].split(" | ")]
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
