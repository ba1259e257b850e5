"""`searchkit index`: take documents into the archive."""

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from searchkit.archive import Archive
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import counted, one_line, say, write_json
from searchkit.cli.progress import building
from searchkit.cli.renewal import renew
from searchkit.errors import UsageError

if TYPE_CHECKING:  # loaded when there is something to take in
    from searchkit.ingest import Batch

STATUSES = ("added", "updated", "unchanged", "gone", "skipped", "failed")
# Said to a person only when there are any.
_RARE = frozenset({"gone", "skipped"})
# A cron mail with ten thousand lines is read by nobody; --json lists every one.
_SHOWN = 50


@click.command("index")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--prune", is_flag=True, help="Remove the documents that are gone from PATH, with all their revisions.")
@click.option("--yes", is_flag=True, help="With --prune: even if more than 20 % of what is known there is removed.")
@click.option("--retry-failed", is_flag=True, help="Read again what failed before and has not changed since.")
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
    retry_failed: bool,
    workers: int | None,
    wait: float,
    as_json: bool,
    quiet: bool,
    archive: str | None,
) -> int:
    """Take documents into the archive.

    PATH is a file, a folder (read with all its subfolders), a JSON Lines file (.jsonl, .jsonl.gz: one document a line
    with "text" and any of "uri", "title", "published", "outlet", "byline", "language"), or - for standard input. What
    has not changed since the last run is left alone, so the same command can run every hour. Documents that left PATH
    are marked as gone and kept. What could not be read is told once, and tried again when it changes. Documents that
    were annotated by an older searchkit, or with other aliases and watchlists, are annotated again at the end.
    """
    from searchkit.crawl import FileOptions, resources, whole_addresses
    from searchkit.crawl.base import MEGABYTE
    from searchkit.ingest import IngestOptions

    if not paths:
        raise click.UsageError("Name what to index: a file, a folder, or - for standard input.", ctx)
    if yes and not prune:
        raise click.UsageError("--yes goes with --prune.", ctx)
    config = settings(ctx, archive, workers=workers)
    started = time.monotonic()
    now = datetime.now(UTC)
    told = _Told()
    found = resources(paths, FileOptions(max_bytes=config.max_file_mb * MEGABYTE), now=now, stdin=sys.stdin.buffer)
    whole = whole_addresses(paths)
    with Archive.create(config.archive, engine=config.engine) as target, building("Indexing") as progress:
        options = IngestOptions(workers=config.workers, retry_failed=retry_failed)
        for batch in target.ingest(found, options=options, now=now, wait=wait, whole=whole):
            told.add(batch)
            if progress is not None:
                progress(told.counts.total(), 0)
    again = renew(ctx, archive, workers=workers, wait=wait)
    told.listed["failed"].extend(again.failures)
    refused: UsageError | None = None
    if prune:
        with Archive.open(config.archive) as target:
            try:
                told.pruned = target.prune(whole, now=now, anyway=yes, wait=wait)
            except UsageError as error:
                refused = error
    seconds = time.monotonic() - started
    if as_json:
        write_json(told.as_json(again.count, seconds))
    else:
        told.say_reasons(quiet=quiet)
        if not quiet or told.listed["failed"]:
            click.echo(told.in_one_line(seconds))
            if told.pruned:
                click.echo(f"{told.pruned:,} removed that were gone")
            if again.count:
                click.echo(f"{again.count:,} annotated again")
    if refused is not None:
        raise refused  # when all else is told
    return SOME_FAILED if told.listed["failed"] else 0


class _Told:
    """What is told of a run at its end."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.listed: dict[str, list[dict[str, str]]] = {"failed": [], "skipped": [], "updated": []}
        self.notes: list[str] = []
        self.pruned = 0

    def add(self, batch: "Batch") -> None:
        """Count the outcomes of a batch, and keep those that want a word."""
        for outcome in batch.outcomes:
            self.counts[outcome.status] += 1
            if outcome.reason and outcome.status in self.listed:
                self.listed[outcome.status].append({"uri": outcome.uri, "reason": outcome.reason})
        self.notes += batch.notes

    def as_json(self, annotated_again: int, seconds: float) -> dict[str, object]:
        """All of it for a program."""
        return {
            "schema": "searchkit.index/1",
            **{status: self.counts[status] for status in STATUSES},
            "pruned": self.pruned,
            "annotated_again": annotated_again,
            "seconds": round(seconds, 3),
            "failures": self.listed["failed"],
            "skips": self.listed["skipped"],
            "replaced": self.listed["updated"],
            "notes": self.notes,
        }

    def say_reasons(self, *, quiet: bool) -> None:
        """Why some became what they did; to be `quiet`, of those only that failed."""
        for kind, entries in self.listed.items():
            if quiet and kind != "failed":
                continue
            for entry in entries[:_SHOWN]:
                say(f"{kind}: {one_line(entry['uri'])}: {one_line(entry['reason'])}")
            if len(entries) > _SHOWN:
                say(f"... and {len(entries) - _SHOWN:,} more {kind}; --json lists all.")
        for note in self.notes:
            say(f"note: {one_line(note)}")

    def in_one_line(self, seconds: float) -> str:
        """How many became what."""
        shown = [status for status in STATUSES if status not in _RARE or self.counts[status]]
        numbers = ", ".join(f"{self.counts[status]} {status}" for status in shown)
        return f"{counted(self.counts.total(), 'document')}: {numbers} in {seconds:.1f} s"
