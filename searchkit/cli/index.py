"""`searchkit index`: take documents into the archive."""

import sys
import time
from collections import Counter
from datetime import UTC, datetime

import click

from searchkit.archive import Archive
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import counted, one_line, say, write_json
from searchkit.cli.progress import building
from searchkit.cli.renewal import renew

STATUSES = ("added", "updated", "unchanged", "skipped", "failed")
# A cron mail with ten thousand lines is read by nobody; --json lists every one.
_SHOWN = 50


@click.command("index")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that read documents (0: one a core).")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, every failure included.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when all went well.")
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    workers: int | None,
    wait: float,
    as_json: bool,
    quiet: bool,
    archive: str | None,
) -> int:
    """Take documents into the archive.

    PATH is a file, a folder (read with all its subfolders), a JSON Lines file (.jsonl, .jsonl.gz: one document a line
    with "text" and any of "uri", "title", "published", "outlet", "byline", "language"), or - for standard input. What
    has not changed since the last run is left alone, so the same command can run every hour. Documents that were
    annotated by an older searchkit, or with other aliases and watchlists, are annotated again at the end.
    """
    from searchkit.crawl import FileOptions, resources
    from searchkit.crawl.base import MEGABYTE
    from searchkit.ingest import IngestOptions

    if not paths:
        raise click.UsageError("Name what to index: a file, a folder, or - for standard input.", ctx)
    config = settings(ctx, archive, workers=workers)
    started = time.monotonic()
    now = datetime.now(UTC)
    counts: Counter[str] = Counter()
    listed: dict[str, list[dict[str, str]]] = {"failed": [], "skipped": [], "updated": []}
    found = resources(paths, FileOptions(max_bytes=config.max_file_mb * MEGABYTE), now=now, stdin=sys.stdin.buffer)
    with Archive.create(config.archive, engine=config.engine) as target, building("Indexing") as progress:
        batches = target.ingest(found, options=IngestOptions(workers=config.workers), now=now, wait=wait)
        for batch in batches:
            for outcome in batch.outcomes:
                counts[outcome.status] += 1
                if outcome.reason:
                    listed[outcome.status].append({"uri": outcome.uri, "reason": outcome.reason})
            if progress is not None:
                progress(counts.total(), 0)
    again = renew(ctx, archive, workers=workers, wait=wait)
    listed["failed"].extend(again.failures)
    seconds = time.monotonic() - started
    if as_json:
        numbers = {status: counts[status] for status in STATUSES}
        reasons = {"failures": listed["failed"], "skips": listed["skipped"], "replaced": listed["updated"]}
        numbers["annotated_again"] = again.count
        write_json({"schema": "searchkit.index/1", **numbers, "seconds": round(seconds, 3), **reasons})
    else:
        for kind, entries in listed.items():
            for entry in entries[:_SHOWN]:
                say(f"{kind}: {one_line(entry['uri'])}: {one_line(entry['reason'])}")
            if len(entries) > _SHOWN:
                say(f"... and {len(entries) - _SHOWN:,} more {kind}; --json lists all.")
        if not quiet or listed["failed"]:
            shown = [status for status in STATUSES if status != "skipped" or counts[status]]
            told = ", ".join(f"{counts[status]} {status}" for status in shown)
            click.echo(f"{counted(counts.total(), 'document')}: {told} in {seconds:.1f} s")
            if again.count:
                click.echo(f"{again.count:,} annotated again")
    return SOME_FAILED if listed["failed"] else 0
