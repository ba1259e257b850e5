"""`searchkit export`: all matches as a file."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import click

from searchkit.cli.answers import saved_queries
from searchkit.cli.completion import complete_query
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import FILTERS, QueryCommand, open_archive, question_options
from searchkit.cli.output import counted, csv_line, is_terminal, one_line, progress_bar, say
from searchkit.cli.writing import written_to
from searchkit.errors import UsageError
from searchkit.export.evidence.form import EvidenceWriter
from searchkit.export.records import COLUMNS, as_row, export_record
from searchkit.export.report import Report
from searchkit.export.report_html import html_lines
from searchkit.export.report_markdown import markdown_lines
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, Answer, Progress, QueryRequest, answer
from searchkit.text import safe_json

FORMATS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")
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
        export = Export(
            selection,
            folder=archive.folder,
            query=_asked(words, options),
            title=options["title"],
            made_at=now,
            newest_first=options["sort"] == "newest",
        )
        # No progress bar between the exported lines.
        to_terminal = output == "-" and is_terminal(sys.stdout)
        with nullcontext() if to_terminal else progress_bar("Exporting") as progress:
            for line in export.lines(form, progress):
                write(line)
    for note in selection.result.notes:
        say(f"note: {one_line(note)}")
    if options["verbose"]:
        say(f"read as: {one_line(selection.result.interpreted_as)}")
    if output != "-":
        kind = "document" if record == "document" else "statement"
        say(f"{counted(len(selection.records), kind)} written to {one_line(output)}{export.seal}")
    return NO_HITS if options["exit_status"] and not len(selection.records) else 0


@question_options
@click.command()
def _question() -> None:
    """Hold the options that `query` and `quotes` share."""


# After QUERY, before the options of this command alone.
command.params[1:1] = [option for option in reversed(_question.params) if option.name in _SHARED]


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


def _asked(words: tuple[str, ...], options: dict[str, Any]) -> str:
    """Return the query as typed, with its options."""
    given = [f"--{name}={shlex.quote(value)}" for name in FILTERS for value in options[name]]
    given += [f"--{name}={shlex.quote(options[name])}" for name in ("since", "until") if options[name]]
    return " ".join([*words, *given, *(["--copies"] if options["copies"] else [])]).strip() or "*"


class Export:
    """A selection in each format; `seal` is the checksum of an evidence file once it is written."""

    def __init__(
        self,
        selection: Answer,
        *,
        folder: Path,
        query: str,
        title: str,
        made_at: datetime,
        newest_first: bool,
    ) -> None:
        self._selection = selection
        self._folder = folder
        self._query = query
        self._title = title
        self._made_at = made_at
        self._newest_first = newest_first
        self.seal = ""

    def lines(self, form: str, progress: Progress | None = None) -> Iterator[str]:
        """Yield the lines in a format of FORMATS."""
        match form:
            case "csv":
                return self._rows(",", progress)
            case "tsv":
                return self._rows("\t", progress)
            case "markdown":
                return markdown_lines(self._dossier(progress))
            case "html":
                return html_lines(self._dossier(progress))
            case "evidence":
                return self._evidence(progress)
        return (safe_json(export_record(found)) for found in self._selection.records.through(progress))

    def _rows(self, delimiter: str, progress: Progress | None) -> Iterator[str]:
        columns = COLUMNS[self._selection.record]
        yield csv_line(columns, delimiter)
        for found in self._selection.records.through(progress):
            row = as_row(found)
            yield csv_line((row.get(column) for column in columns), delimiter)

    def _dossier(self, progress: Progress | None) -> Report:
        what = "Statements" if self._selection.record == "quote" else "Documents"
        return Report(
            self._selection,
            title=self._title or f"{what}: {self._selection.result.interpreted_as}",
            query=self._query,
            made_at=self._made_at,
            newest_first=self._newest_first,
            progress=progress,
        )

    def _evidence(self, progress: Progress | None) -> Iterator[str]:
        writer = EvidenceWriter(self._selection, folder=self._folder, query=self._query, made_at=self._made_at)
        yield from writer.lines(progress)
        if writer.sealed is not None:
            self.seal = f", sha-256 {writer.sealed.sha256}"
