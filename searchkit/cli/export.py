"""`searchkit export`: all matches as a file."""

import shlex
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli import options as shared
from searchkit.cli.answers import kind_of, query_request, saved_queries
from searchkit.cli.completion import complete_query
from searchkit.cli.errors import NO_HITS, SOME_FAILED
from searchkit.cli.output import Write, progress_bar, say, say_notes, unfinished, written_to
from searchkit.crawl.web.addresses import WebAddress
from searchkit.errors import InputError, UsageError
from searchkit.export.evidence.form import EvidenceCaptures
from searchkit.export.evidence.writing import CapturesWriter, EvidenceWriter
from searchkit.export.records import RECORDS
from searchkit.export.report import FORMATS, export_lines
from searchkit.query.fields import Record
from searchkit.search.answer import ALL, answer
from searchkit.statements.document import Document
from searchkit.statements.text import counted, one_line, safe_json

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
# The options shared with `query`: those that select records.
_SHARED = {*shared.FILTERS, "since", "until", "sort", "duplicates", "exit_status", "verbose", "archive"}


@click.command("export", cls=shared.QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", shell_complete=complete_query)
@click.option(
    "--over", type=click.Choice([*RECORDS]), default="statements", show_default=True, help="The records to export."
)
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), help="Format (default: by the suffix of FILE, else jsonl)."
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Write FILE (default: standard output).")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--bom", is_flag=True, help="With csv and tsv: begin with a byte order mark, for spreadsheets.")
@click.option("--title", default="", metavar="TEXT", help="Title of a dossier.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="Only the first N (default: all).")
@click.option(
    "--timestamp",
    is_flag=False,
    flag_value="",
    metavar="URL",
    help="With evidence: request a time stamp from this authority (RFC 3161); without URL from that of the settings. "
    "It receives a checksum and nothing else.",
)
@click.option("--wacz", is_flag=True, help="With evidence: also write the captures to a WACZ file next to FILE.")
def command(words: tuple[str, ...], **options: Any) -> int:
    """Write all matches to a file: statements, or documents with --over documents. Without QUERY: everything.

    jsonl is complete, csv and tsv are for spreadsheets, markdown and html are dossiers to read and print. evidence
    contains the exact words, offsets, context and checksums of each statement, and the history of each document, for
    `searchkit verify`.
    """
    record, form, output = RECORDS[options["over"]], options["form"] or _called(options["output"]), options["output"]
    _refuse_mixed(record, form, options)
    now = datetime.now(UTC)
    query = " ".join(words).strip() or "*"
    authority = _authority(options["timestamp"], form)
    typed = _typed(words, options)
    with ExitStack() as stack:
        archive = stack.enter_context(shared.open_archive())
        write = stack.enter_context(written_to(output, force=options["force"]))
        captures = _captures(archive, typed, options, form, now, stack)
        chosen = {**options, "form": form, "limit": options["limit"] or ALL, "offset": 0, "facet": ()}
        request = query_request(query, record, chosen, today=now.date(), saved=saved_queries(archive, query))
        with progress_bar("Updating the index", first="Searching") as progress:
            selection = answer(archive, request, progress=progress)
        # No progress bar between the exported lines.
        to_terminal = output == "-" and sys.stdout.isatty()
        with nullcontext() if to_terminal else progress_bar("Exporting") as progress:
            evidence = EvidenceWriter(
                selection, archive=archive, query=typed, made_at=now, captures=captures, timestamp=str(authority or "")
            )
            if form == "evidence":
                lines = evidence.lines(progress)
            else:
                extra = {"title": options["title"], "bom": options["bom"], "newest_first": options["sort"] == "newest"}
                lines = export_lines(selection, form, query=typed, made_at=now, progress=progress, **extra)
            for line in lines:
                write(line)
        is_unstamped = authority is not None and not _stamp(evidence, authority, write, now)
    say_notes(selection.result.notes)
    if options["verbose"]:
        say(f"read as: {one_line(selection.result.interpreted_as)}")
    if output != "-":
        seal = f", sha-256 {evidence.sealed.sha256}" if evidence.sealed else ""
        say(f"{counted(len(selection.records), kind_of(selection))} written to {one_line(output)}{seal}")
    if is_unstamped:
        return SOME_FAILED
    return NO_HITS if options["exit_status"] and not len(selection.records) else 0


def _refuse_mixed(record: Record, form: str, options: Mapping[str, Any]) -> None:
    """Raise UsageError for options that do not fit each other."""
    if form == "evidence" and record != "quote":
        raise UsageError(
            "Evidence files contain statements only.", hint="Omit --over documents, or choose another format."
        )
    if options["title"] and form not in {"markdown", "html"}:
        raise UsageError(
            f"--title and --format {form} cannot be combined.", hint="--title works with markdown and html."
        )
    shared.has_bom(options, form)


def _authority(written: str | None, form: str) -> WebAddress | None:
    """Return the address of the authority for --timestamp; None without it. Raise UsageError if none can be asked."""
    if written is None:
        return None
    from searchkit.export.evidence.timestamps import authority_address, require_program  # only on request

    if form != "evidence":
        raise UsageError(
            f"--timestamp and --format {form} cannot be combined.", hint="--timestamp works with evidence."
        )
    chosen = shared.settings()
    address = written or chosen.timestamp_authority
    if not address:
        raise UsageError(
            "--timestamp has no authority.", hint="Write --timestamp=URL, or set timestamp_authority in searchkit.toml."
        )
    require_program()
    return authority_address(address)


def _stamp(evidence: EvidenceWriter, authority: WebAddress, write: Write, now: datetime) -> bool:
    """Write the time stamp of a sealed file, and say what it is; return whether the authority gave one."""
    from searchkit.export.evidence.timestamps import request_timestamp, stamp_text  # as above

    try:
        line, stamp = request_timestamp(
            authority, shared.timestamp_rules(shared.settings()), evidence.seal_line.encode(), now=now
        )
    except InputError as error:
        say(f"no time stamp: {error.message}. The evidence is complete without it; export again to try again.")
        return False
    write(safe_json(line))
    say(f"time stamp: {stamp_text(stamp)}")
    if not stamp.is_trusted:
        say("note: the certificate of the authority was not checked. Set timestamp_certificates in searchkit.toml.")
    return True


def _captures(
    archive: Archive, typed: str, options: dict[str, Any], form: str, now: datetime, stack: ExitStack
) -> CapturesWriter | None:
    """Return what writes the captures for --wacz, to a file that appears with that of the export; None without it.
    Raise UsageError if that is not possible."""
    if not options["wacz"]:
        return None
    if form != "evidence" or options["output"] == "-":
        raise UsageError("--wacz needs an evidence file.", hint="Add: --output FILE.evidence")
    path = PurePath(options["output"])
    while path.suffix.lower() in {".evidence", ".jsonl", ".json"}:
        path = path.with_suffix("")
    name = f"{path.name}.wacz"
    part = stack.enter_context(unfinished(str(path.with_name(name)), force=options["force"]))

    def write(documents: Iterable[Document]) -> EvidenceCaptures:
        from searchkit.export.evidence.wacz import write_wacz  # only on request

        return write_wacz(part, name, documents, archive=archive.folder, made_at=now, query=typed)

    return write


# After QUERY, before the options of this command alone.
command.params[1:1] = shared.question_parameters(_SHARED)


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
    given = [f"--{name}={shlex.quote(value)}" for name in shared.FILTERS for value in options[name]]
    given += [f"--{name}={shlex.quote(options[name])}" for name in ("since", "until") if options[name]]
    given += [f"--limit={options['limit']}"] if options["limit"] else []
    return " ".join([*words, *given, *(["--duplicates"] if options["duplicates"] else [])]).strip() or "*"
