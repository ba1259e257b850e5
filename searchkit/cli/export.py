"""`searchkit export`: everything that answers a question, as a file."""

import shlex
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import click

from searchkit.cli.completion import complete_query
from searchkit.cli.errors import NO_HITS
from searchkit.cli.export_forms import FORMS, Export
from searchkit.cli.options import FILTERS, QueryCommand, open_archive, question_options
from searchkit.cli.output import counted, is_terminal, one_line, say
from searchkit.cli.progress import building
from searchkit.cli.question import saved_queries
from searchkit.cli.writing import written_to
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, QueryRequest, answer

# What a file is called says what is meant, where --format does not.
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
# Of the options of `query` those that say what is meant. The others are for a screenful at a time.
_SHARED = {*FILTERS, "since", "until", "sort", "copies", "exit_status", "verbose", "archive"}


@click.command("export", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@click.option("--over", type=click.Choice(list(_RECORDS)), default="quotes", show_default=True, help="What to export.")
@click.option("-f", "--format", "form", type=click.Choice(FORMS), help="Form (default: as FILE is called, else jsonl).")
@click.option("-o", "--output", default="-", metavar="FILE", help="Write FILE (default: standard output).")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--title", default="", metavar="TEXT", help="Title of a dossier.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="Only the first N (default: all).")
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Write everything that answers a question: statements, or documents with --over documents. Without QUERY: all.

    jsonl is complete, csv and tsv are for sheets, markdown and html a dossier to read and print. evidence holds for
    each statement its exact words, place, surroundings and digests, for `searchkit verify`.
    """
    record, form, output = _RECORDS[options["over"]], options["form"] or _called(options["output"]), options["output"]
    if form == "evidence" and record != "quote":
        raise UsageError("Evidence is of statements.", hint="Leave --over documents out, or write another form.")
    if options["title"] and form not in {"markdown", "html"}:
        raise UsageError(f"{form} has no title.", hint="--title is for markdown and html.")
    now = datetime.now(UTC)
    query = " ".join(words).strip() or "*"
    with open_archive(ctx, options["archive"]) as archive, written_to(output, force=options["force"]) as write:
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
        with building("Catching up the index", meanwhile="Searching") as progress:
            selection = answer(archive, request, progress=progress)
        export = Export(
            selection,
            folder=archive.folder,
            query=_asked(words, options),
            title=options["title"],
            made_at=now,
            newest_first=options["sort"] == "newest",
        )
        # A bar between the lines of what it counts would be in their way.
        in_the_way = output == "-" and is_terminal(sys.stdout)
        with nullcontext() if in_the_way else building("Exporting") as progress:
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
    """Holds the options that `query` and `quotes` share."""


# Behind QUERY and before what is of this command alone.
command.params[1:1] = [option for option in reversed(_question.params) if option.name in _SHARED]


def _called(output: str) -> str:
    """The form that a file of this name has. UsageError for a name that says another thing."""
    suffixes = [suffix.lower() for suffix in PurePath(output).suffixes]
    if suffixes[-2:] == [".evidence", ".jsonl"]:
        return "evidence"
    last = suffixes[-1] if suffixes else ""
    if last not in _SUFFIXES:
        known = " ".join(suffix for suffix in _SUFFIXES if suffix)
        raise UsageError(
            f"A file whose name ends in {last} is of no form that can be written: it may end in {known}.",
            hint=f"--format says what to write, whatever the file is called: {', '.join(FORMS)}.",
        )
    return _SUFFIXES[last]


def _asked(words: tuple[str, ...], options: dict[str, Any]) -> str:
    """The question as it was typed, options included."""
    given = [f"--{name}={shlex.quote(value)}" for name in FILTERS for value in options[name]]
    given += [f"--{name}={shlex.quote(options[name])}" for name in ("since", "until") if options[name]]
    return " ".join([*words, *given, *(["--copies"] if options["copies"] else [])]).strip() or "*"
