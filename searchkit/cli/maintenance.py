"""`searchkit check`, `searchkit repair` and `searchkit rebuild`."""

import time
from datetime import UTC, datetime
from itertools import chain
from typing import Annotated

import click
from msgspec import Meta, Struct

from searchkit.alerts import folder as saved
from searchkit.archive import checking, repairing
from searchkit.archive.checking import CheckedRecords
from searchkit.archive.folder import Finding
from searchkit.archive.indexing import Indexing
from searchkit.cli import let_readers_first
from searchkit.cli.errors import ARCHIVE_DAMAGED, SOME_FAILED
from searchkit.cli.options import archive_option, json_option, open_archive, settings, wait_option
from searchkit.cli.output import progress_bar, say, say_notes, source_progress_bar, write_json, write_lines
from searchkit.ingest import IngestOptions
from searchkit.statements.text import counted, one_line
from searchkit.update import running


class CheckReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.check/1"):
    """The result of a check."""

    archive: str
    full: Annotated[bool, Meta(description="Whether everything was read.")]
    sound: Annotated[bool, Meta(description="Whether nothing is damaged.")]
    read: CheckedRecords
    findings: list[Finding]


@click.command("check")
@click.option("--full", is_flag=True, help="Read everything: every record, every checksum, every capture.")
@json_option
@archive_option
def check(full: bool, as_json: bool) -> int:
    """Check the archive for corruption, and print what to do about it.

    Each problem is a line. Without --full the command reads only the archive's own bookkeeping, which takes a moment.
    An update may run at the same time. Exit code 3 means damage. A note, such as an index that the next command will
    update, is not damage.
    """
    folder = settings().archive
    checked = CheckedRecords()
    findings: list[Finding] = []
    with progress_bar("Checking") as progress:
        found = checking.findings(folder, full=full, checked=checked, progress=progress)
        for finding in chain(found, saved.findings(folder), running.findings(folder)):
            findings.append(finding)
            if not as_json:
                _print_finding(finding)
    damaged = any(finding.damage for finding in findings)
    if as_json:
        write_json(CheckReport(archive=str(folder), full=full, sound=not damaged, read=checked, findings=findings))
    elif not damaged:
        write_lines([[("OK", "bold"), (f"; {_counts(checked)} read" if full else "", "")]])
    return ARCHIVE_DAMAGED if damaged else 0


def _print_finding(finding: Finding) -> None:
    label = ("damaged: ", "bold red") if finding.damage else ("note: ", "dim")
    do = finding.do
    action = f"Run: {do}" if do.startswith("searchkit ") else f"{do[:1].upper()}{do[1:]}"
    write_lines([[label, (f"{finding.where} {finding.what}{f'. {action}' if do else ''}", "")]])


def _counts(checked: CheckedRecords) -> str:
    counts = [
        counted(checked.documents, "document"),
        counted(checked.statements, "statement"),
        counted(checked.revisions, "old revision"),
    ]
    if checked.captures:
        counts.append(counted(checked.captures, "capture"))
    return ", ".join(counts)


@click.command("repair")
@click.option("-n", "--dry-run", is_flag=True, help="Print what would be done; change nothing.")
@wait_option
@archive_option
def repair(dry_run: bool, wait: float) -> int:
    """Repair damage in the archive; list what could not be recovered.

    The command reads everything first, like `searchkit check --full`. It rebuilds a damaged index. It copies every
    valid row of a damaged store to a new store and keeps the damaged file next to it. The next update reads lost
    documents again if their source still has them. Exit code 4 means that something was lost.
    """
    folder = settings().archive
    with progress_bar("Checking") as progress:
        result = repairing.repair(
            folder, now=datetime.now(UTC), dry_run=dry_run, wait=wait, more=saved.findings, progress=progress
        )
    would = "would be " if dry_run else ""
    write_lines([(f"{would}repaired: ", "bold"), (line, "")] for line in result.done)
    write_lines([("lost: ", "bold red"), (line, "")] for line in result.lost)
    if not result.done and not result.lost:
        write_lines([[("No damage found; nothing was changed.", "")]])
    return SOME_FAILED if result.lost else 0


@click.command("rebuild")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that annotate documents (0: one per core).")
@click.option(
    "--engine",
    metavar="ENGINE",
    help="Use this engine from now on: whoosh, or opensearch:https://HOST:9200/PREFIX for a cluster.",
)
@wait_option
@archive_option
def rebuild(workers: int | None, engine: str | None, wait: float) -> int:
    """Rebuild the search index from the store; re-annotate outdated documents.

    Outdated documents were annotated by an older searchkit, or with other aliases and watchlists. The old index answers
    queries until the new one is complete. The sources are not read again.
    """
    let_readers_first()
    started = time.monotonic()
    chosen = settings(workers=workers) if engine is None else settings(workers=workers, engine=engine)
    options = IngestOptions(workers=chosen.workers)
    with open_archive() as opened, opened.held(wait):
        with source_progress_bar() as watch:
            renewal = running.reannotate(opened, options=options, now=datetime.now(UTC), follow=False, progress=watch)
        for failure in renewal.failed:
            say(f"failed: {one_line(failure.uri)}: {one_line(failure.reason)}")
        say_notes(renewal.notes)
        with progress_bar("Rebuilding") as progress:
            documents = Indexing(opened).rebuild(progress=progress, engine=None if engine is None else chosen.engine)
        say_notes(opened.take_notes())
    annotated = f", {renewal.count:,} re-annotated" if renewal.count else ""
    click.echo(f"{counted(documents, 'document')} indexed{annotated} in {time.monotonic() - started:.1f} s")
    return SOME_FAILED if renewal.failed else 0
