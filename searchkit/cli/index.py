"""`searchkit index`: take documents into the archive."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from searchkit.archive import Archive
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import write_json
from searchkit.cli.progress import watching
from searchkit.cli.run_report import print_again, print_report, told
from searchkit.errors import UsageError

if TYPE_CHECKING:  # loaded when there is something to take in
    from searchkit.update import RunReport


@click.command("index")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--prune", is_flag=True, help="Remove the documents that are gone from PATH; see also forget.")
@click.option("--yes", is_flag=True, help="With --prune: even if more than 20 % of what is known there is removed.")
@click.option("--outdated", is_flag=True, help="Read no PATH: only annotate again what another version annotated.")
@click.option("--retry-failed", is_flag=True, help="Read again what failed before and has not changed since.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="A host that may be asked though it is private.")
@click.option("--warc", type=click.Path(file_okay=False), metavar="DIR", help="Write all that is fetched to WARC too.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one a core).")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, every failure included.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when all went well.")
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    prune: bool,
    yes: bool,
    outdated: bool,
    retry_failed: bool,
    allow_host: tuple[str, ...],
    warc: str | None,
    workers: int | None,
    wait: float,
    as_json: bool,
    quiet: bool,
    archive: str | None,
) -> int:
    """Take documents into the archive.

    PATH is a file, a folder (read with all its subfolders), the address of a page, a feed or a sitemap
    (https://...), a JSON Lines file (.jsonl, .jsonl.gz: one document a line with "text" and any of "uri", "title",
    "published", "outlet", "byline", "language"), or - for standard input. What has not changed since the last run is
    left alone, so the same command can run every hour. Documents that left PATH are marked as gone and kept. What
    could not be read is told once, and tried again when it changes. Documents that were annotated by an older
    searchkit, or with other aliases and watchlists, are annotated again at the end; --outdated does just that. What
    was to be forgotten is skipped.
    """
    from searchkit import update
    from searchkit.crawl import whole_addresses
    from searchkit.crawl.base import MEGABYTE, Source
    from searchkit.crawl.web.hosts import name_fault
    from searchkit.ingest import IngestOptions

    if not paths and not outdated:
        raise click.UsageError("Name what to index: a file, a folder, an address, or - for standard input.", ctx)
    if "" in paths:
        raise click.UsageError("A PATH is empty: a variable that is not set?", ctx)
    if outdated and (paths or prune):
        raise click.UsageError("--outdated reads no PATH: what is outdated is in the archive.", ctx)
    if yes and not prune:
        raise click.UsageError("--yes goes with --prune.", ctx)
    for name in allow_host:
        if fault := name_fault(name):
            raise click.UsageError(f'--allow-host "{name}": {fault}. Write only the host name or IP address.', ctx)
    config = settings(ctx, archive, workers=workers)
    pages = tuple(path for path in paths if path.lower().startswith(("http://", "https://")))
    files = tuple(path for path in paths if path not in pages)
    by_hand = [
        Source(name="", kind="folder", locations=files),
        Source(name="", kind="urls", locations=pages, every=timedelta(0), allow_hosts=tuple(allow_host)),
    ]
    options = update.RunOptions(
        ingest=IngestOptions(workers=config.workers, retry_failed=retry_failed),
        contact=config.contact,
        warc=Path(warc) if warc else None,
        max_file_bytes=config.max_file_mb * MEGABYTE,
        stdin=sys.stdin.buffer,
    )
    pruned = 0
    refused: UsageError | None = None
    # What is outdated is in an archive that is there.
    opened = Archive.open(config.archive) if outdated else Archive.create(config.archive, engine=config.engine)
    with opened as target, target.held(wait):
        asked = [source for source in by_hand if source.locations]
        now = datetime.now(UTC)
        with watching() as watch:
            report = update.run(target, asked, command="index", options=options, now=now, progress=watch)
        if prune:
            try:
                pruned = target.prune(whole_addresses(files), now=now, anyway=yes)
            except UsageError as error:
                refused = error
    if as_json:
        write_json(_json(report, pruned))
    elif outdated:
        print_again(report, quiet=quiet)
    else:
        print_report(report, quiet=quiet)
        if pruned and not quiet:
            click.echo(f"{pruned:,} removed that were gone")
    if refused is not None:
        raise refused  # when all else is told
    return SOME_FAILED if report.failed else 0


def _json(report: "RunReport", pruned: int) -> dict[str, object]:
    """All of it for a program."""
    from searchkit.update import STATUSES

    return {
        "schema": "searchkit.index/1",
        **{status: report.counts.get(status, 0) for status in STATUSES},
        "pruned": pruned,
        "annotated_again": report.annotated_again,
        "seconds": round(report.seconds, 3),
        "failures": told(report, "failed"),
        "skips": told(report, "skipped"),
        "replaced": told(report, "updated"),
        "gone_because": told(report, "gone"),
        "notes": list(report.notes),
    }
