"""`searchkit index`: add documents to the archive."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import click
from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.archive.writing import Writing
from searchkit.cli import let_readers_first
from searchkit.cli.errors import SOME_FAILED, interrupt_on_sigterm
from searchkit.cli.options import archive_option, create_archive, open_archive, settings, wait_option
from searchkit.cli.output import say, say_notes, source_progress_bar, write_json
from searchkit.config import Config
from searchkit.crawl.base import MEGABYTE, NotRead, Source, in_words
from searchkit.crawl.files import whole_addresses
from searchkit.crawl.media_types import media_type
from searchkit.errors import UsageError
from searchkit.ingest import IngestOptions
from searchkit.loading import load
from searchkit.records import Count
from searchkit.statements.text import counted, one_line
from searchkit.update.reading import RunOptions
from searchkit.update.reports import STATUSES, Reason, Remarks, RunReport, reasons
from searchkit.update.running import run

# Statuses that the summary shows only if there are any.
_RARE = frozenset({"gone", "skipped"})
# Statuses whose reasons are listed; an update with a reason moved to another address.
_LISTED = ("failed", "skipped", "updated", "gone")
# Lines per status; --json lists all.
_SHOWN = 50
_ALLOW_HOST = "Allow requests to HOST although it is private: HOST:PORT, or HOST with the port of its PATH."


class IndexReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.index/1"):
    """What a run did, in documents."""

    added: Count
    updated: Count
    unchanged: Count
    gone: Count
    skipped: Count
    failed: Count
    pruned: Count
    annotated_again: Count
    seconds: Annotated[float, Meta(ge=0)]
    failures: tuple[Reason, ...]
    skips: tuple[Reason, ...]
    replaced: Annotated[tuple[Reason, ...], Meta(description="Documents that moved to another address.")]
    gone_because: Annotated[tuple[Reason, ...], Meta(description="Why each document is marked as gone.")]
    canonical_conflicts: Annotated[
        tuple[Reason, ...],
        Meta(description="New documents that share their canonical URL with a page that has another text."),
    ]
    moved: Annotated[Count, Meta(description="Unchanged files that were found at another address than before.")]
    updated_ids: Annotated[tuple[str, ...], Meta(description="Updated documents.")]
    moved_ids: Annotated[tuple[str, ...], Meta(description="Moved documents.")]
    not_read: Annotated[tuple[NotRead, ...], Meta(description="Files in folders and archives that were passed over.")]
    remarks: Remarks
    notes: tuple[str, ...]


@click.command("index")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--prune", is_flag=True, help="Remove documents that are gone from PATH; see also forget.")
@click.option("--yes", is_flag=True, help="With --prune: even if it removes more than 20 % of the documents there.")
@click.option("--outdated", is_flag=True, help="Read no PATH; only re-annotate outdated documents.")
@click.option("--retry-failed", is_flag=True, help="Retry documents that failed before and have not changed since.")
@click.option("--allow-host", multiple=True, metavar="HOST", help=_ALLOW_HOST)
@click.option("--warc", type=click.Path(file_okay=False), metavar="DIR", help="Also write all responses to WARC files.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one per core).")
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, with all failures.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing on success.")
@archive_option
def command(**given: Any) -> int:
    """Add documents to the archive.

    PATH is a file, a folder (with its subfolders), the URL of a page, feed or sitemap, a JSON Lines file (.jsonl,
    .jsonl.gz: a document per line with "text" and any of "uri", "title", "published", "outlet", "byline", "language"),
    or - for standard input. The command skips what has not changed since the last run, so it can run every hour. It
    marks documents that disappeared from PATH as gone and keeps them. It reports a failure once and retries it when the
    file changes. It skips forgotten documents. At the end it re-annotates outdated documents; --outdated does only
    that.
    """
    chosen = SimpleNamespace(**given)
    files = tuple(path for path in chosen.paths if not path.lower().startswith(("http://", "https://")))
    interrupt_on_sigterm()
    let_readers_first()
    _refuse_contradictions(chosen)
    config = settings(workers=chosen.workers)
    options = replace(run_options(config, retry_failed=chosen.retry_failed, warc=chosen.warc), stdin=sys.stdin.buffer)
    pruned = 0
    refused: UsageError | None = None
    # --outdated needs an existing archive.
    opened = open_archive(config) if chosen.outdated else create_archive(config)
    with opened as target, target.held(chosen.wait):
        now = datetime.now(UTC)
        with source_progress_bar() as watch:
            report = run(target, _sources(chosen, files), command="index", options=options, now=now, progress=watch)
        if chosen.prune:
            try:
                pruned = Writing(target).prune(whole_addresses(files), now=now, anyway=chosen.yes)
                report.notes += target.take_notes()
            except UsageError as error:
                refused = error
    if chosen.as_json:
        write_json(_record(report, pruned))
    else:
        print_report(report, quiet=chosen.quiet, reannotated_only=chosen.outdated)
        if pruned and not chosen.quiet:
            click.echo(f"{counted(pruned, 'gone document')} removed")
    if refused is not None:
        raise refused  # after the report
    return SOME_FAILED if report.failed else 0


def _refuse_contradictions(chosen: SimpleNamespace) -> None:
    if not chosen.paths and not chosen.outdated:
        raise click.UsageError("Name what to index: a file, a folder, a URL, or - for standard input.")
    if "" in chosen.paths:
        raise click.UsageError("A PATH is empty. Check the variables in the command.")
    if chosen.outdated and (chosen.paths or chosen.prune):
        raise click.UsageError("--outdated cannot be combined with PATH or --prune.")
    if chosen.yes and not chosen.prune:
        raise click.UsageError("--yes needs --prune.")
    for name in chosen.allow_host:
        if fault := load("searchkit.crawl.web.address_guard:name_fault")(name):
            raise click.UsageError(
                f'--allow-host "{name}": {fault}. Write a host name or IP address, alone or with a port.'
            )


def _sources(chosen: SimpleNamespace, files: tuple[str, ...]) -> list[Source]:
    pages = tuple(path for path in chosen.paths if path not in files)
    sources = [Source(name="", kind="folder", locations=files)] if files else []
    if pages:
        hosts = load("searchkit.crawl.web.address_guard:on_ports")(chosen.allow_host, pages)
        sources.append(Source(name="", kind="urls", locations=pages, every=timedelta(0), allow_hosts=hosts))
    return sources


def _record(report: RunReport, pruned: int) -> IndexReport:
    record = report.record()
    shared = {name: getattr(record, name) for name in IndexReport.__struct_fields__ if hasattr(record, name)}
    return IndexReport(
        **shared | {status: report.counts.get(status, 0) for status in STATUSES},
        pruned=pruned,
        skips=_reasons(report, "skipped"),
        replaced=_reasons(report, "updated"),
        notes=tuple(report.notes),
    )


def _reasons(report: RunReport, status: str) -> tuple[Reason, ...]:
    # `searchkit update` reports a source that failed on a line of its own.
    known = {source.reason for source in report.sources} if report.command == "update" else set()
    return reasons(tuple(outcome for outcome in report.with_status(status) if outcome.reason not in known))


def run_options(config: Config, *, retry_failed: bool, warc: str | None) -> RunOptions:
    """Return the options of a run that settings and common flags decide."""
    return RunOptions(
        ingest=IngestOptions(workers=config.workers, retry_failed=retry_failed),
        contact=config.contact,
        warc=Path(warc) if warc else None,
        max_file_bytes=config.max_file_mb * MEGABYTE,
        ocr=config.ocr,
        max_seconds=config.max_minutes * 60.0,
    )


def print_report(report: RunReport, *, quiet: bool, reannotated_only: bool = False) -> None:
    """Print the reasons on standard error and the counts on standard output; if `quiet`, only after a failure."""
    for status in ("failed",) if quiet else _LISTED:
        reasons = _reasons(report, status)
        for reason in reasons[:_SHOWN]:
            say(f"{status}: {one_line(reason.uri)}: {one_line(reason.reason)}")
        if len(reasons) > _SHOWN:
            say(f"... and {len(reasons) - _SHOWN:,} more {status}; --json lists all.")
    say_notes(report.notes)
    if quiet and not report.failed:
        return
    if reannotated_only:
        click.echo(f"{counted(report.annotated_again, 'document')} re-annotated in {report.seconds:.1f} s")
        return
    click.echo(_counts(report))
    if not report.ocr and any(media_type(kind, ocr=True) for kind in report.unread.counts):
        click.echo("With ocr = true in searchkit.toml, programs of this machine read images, .doc, .ppt and .xls.")
    if report.annotated_again:
        click.echo(f"{report.annotated_again:,} re-annotated")


def _counts(report: RunReport) -> str:
    shown = [status for status in STATUSES if status not in _RARE or report.counts.get(status)]
    counts = ", ".join(f"{report.counts.get(status, 0)} {status}" for status in shown)
    if report.moved:
        counts = counts.replace(" unchanged", f" unchanged ({report.moved} moved)")
    conflicts = len(report.canonical_conflicts)
    kept = f"; canonical conflicts: {conflicts} (all documents are kept)" if conflicts else ""
    unread = f"; not read: {in_words(report.unread.counts)}" if report.unread.counts else ""
    return (
        f"{counted(sum(report.counts.values()), 'document')}: {counts} in {report.seconds:.1f} s"
        f"{one_line(kept)}{one_line(unread)}{one_line(str(report.remarks))}"
    )
