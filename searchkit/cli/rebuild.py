"""`searchkit rebuild`: annotate again what is outdated, and make the search index anew from the store."""

import time
from datetime import UTC, datetime

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import counted, one_line, say
from searchkit.cli.progress import building, watching


@click.command("rebuild")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes that annotate documents (0: one a core).")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@archive_option
@click.pass_context
def command(ctx: click.Context, workers: int | None, wait: float, archive: str | None) -> int:
    """Make the search index anew from the store.

    Documents that were annotated by an older searchkit, or with other aliases and watchlists, are annotated again
    first. The old index answers until the new one is complete. Nothing is read again from the sources.
    """
    from searchkit import update
    from searchkit.ingest import IngestOptions

    started = time.monotonic()
    options = IngestOptions(workers=settings(ctx, archive, workers=workers).workers)
    with open_archive(ctx, archive) as opened, opened.held(wait):
        with watching() as watch:
            again = update.reannotate(opened, options=options, now=datetime.now(UTC), follow=False, progress=watch)
        for failure in again.failed:
            say(f"failed: {one_line(failure.uri)}: {one_line(failure.reason)}")
        for note in again.notes:
            say(f"note: {one_line(note)}")
        with building("Rebuilding") as progress:
            documents = opened.rebuild(now=datetime.now(UTC), progress=progress)
    told = f", {again.count:,} annotated again" if again.count else ""
    click.echo(f"{counted(documents, 'document')} indexed{told} in {time.monotonic() - started:.1f} s")
    return SOME_FAILED if again.failed else 0
