"""`searchkit export`: all matches as a file."""

import shlex
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import click

from searchkit.cli.answers import kind_of, saved_queries
from searchkit.cli.completion import complete_query
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import FILTERS, QueryCommand, has_bom, open_archive, question_parameters
from searchkit.cli.output import progress_bar, say, written_to
from searchkit.errors import UsageError
from searchkit.export.stream import FORMATS, ExportStream
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.text import counted, one_line

# The format of a file name, without --format.
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".evidence": "evidence",
    "": "jsonl",
    ".jsonl": "jsonl",
    ".json": "jsonl",
    ".txt": "jsonl",
}
_RECORDS: dict[str, Record] = {"documents": "document", "quotes": "quote"}
# The options shared with `query`: those that select records.
_SHARED = {*FILTERS, "since", "until", "sort", "copies", "exit_status", "verbose", "archive"}


@click.command("export", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@click.option(
    "--over", type=click.Choice(list(_RECORDS)), default="quotes", show_default=True, help="The records to export."
)
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), help="Format (default: by the suffix of FILE, else jsonl)."
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Write FILE (default: standard output).")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--bom", is_flag=True, help="With csv and tsv: begin with a byte order mark, for spreadsheets.")
@click.option("--title", default="", metavar="TEXT", help="Title of a dossier.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="Only the first N (default: all).")
def command(words: tuple[str, ...], **options: Any) -> int:
    """Write all matches to a file: statements, or documents with --over documents. Without QUERY: everything.

    jsonl is complete, csv and tsv are for spreadsheets, markdown and html are dossiers to read and print. evidence
    contains the exact words, offsets, context and checksums of each statement, for `searchkit verify`.
    """
    record, form, output = _RECORDS[options["over"]], options["form"] or _called(options["output"]), options["output"]
    if form == "evidence" and record != "quote":
        raise UsageError(
            "Evidence files contain statements only.", hint="Omit --over documents, or choose another format."
        )
    if options["title"] and form not in {"markdown", "html"}:
        raise UsageError(
            f"--title and --format {form} cannot be combined.", hint="--title works with markdown and html."
        )
    has_bom(options, form)
    now = datetime.now(UTC)
    query = " ".join(words).strip() or "*"
    with open_archive() as archive, written_to(output, force=options["force"]) as write:
        request = QueryRequest(
            query=query,
            record=record,
            today=now.date(),
            filters={name: options[name] for name in FILTERS},
            since=options["since"],
            until=options["until"],
            saved=saved_queries(archive, query),
            limit=options["limit"] or ALL,
            sort=options["sort"],
            copies=options["copies"],
        )
        with progress_bar("Updating the index", first="Searching") as progress:
            selection = answer(archive, request, progress=progress)
        typed = _typed(words, options)
        # No progress bar between the exported lines.
        to_terminal = output == "-" and sys.stdout.isatty()
        with nullcontext() if to_terminal else progress_bar("Exporting") as progress:
            stream = ExportStream(
                selection,
                form,
                folder=archive.folder,
                query=typed,
                made_at=now,
                title=options["title"],
                newest_first=options["sort"] == "newest",
                bom=options["bom"],
            )
            for line in stream.lines(progress):
                write(line)
    for note in selection.result.notes:
        say(f"note: {one_line(note)}")
    if options["verbose"]:
        say(f"read as: {one_line(selection.result.interpreted_as)}")
    if output != "-":
        seal = f", sha-256 {stream.sha256}" if stream.sha256 else ""
        say(f"{counted(len(selection.records), kind_of(selection))} written to {one_line(output)}{seal}")
    return NO_HITS if options["exit_status"] and not len(selection.records) else 0


# After QUERY, before the options of this command alone.
command.params[1:1] = question_parameters(_SHARED)


def _called(output: str) -> str:
    """Return the format for a file name. Raise UsageError for an unknown suffix."""
    suffixes = [suffix.lower() for suffix in PurePath(output).suffixes]
    if suffixes[-2:] == [".evidence", ".jsonl"]:
        return "evidence"
    last = suffixes[-1] if suffixes else ""
    if last not in _SUFFIXES:
        known = " ".join(suffix for suffix in _SUFFIXES if suffix)
        raise UsageError(
            f"Unknown export format: {last} (supported: {known}).",
            hint=f"Choose a format with --format: {', '.join(FORMATS)}.",
        )
    return _SUFFIXES[last]


def _typed(words: tuple[str, ...], options: dict[str, Any]) -> str:
    """Return the query as typed, with its options."""
    given = [f"--{name}={shlex.quote(value)}" for name in FILTERS for value in options[name]]
    given += [f"--{name}={shlex.quote(options[name])}" for name in ("since", "until") if options[name]]
    return " ".join([*words, *given, *(["--copies"] if options["copies"] else [])]).strip() or "*"
