"""`searchkit rebuild`: annotate again what is outdated, and make the search index anew from the store."""

import time

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import counted, one_line, say
from searchkit.cli.progress import building
from searchkit.cli.renewal import renew


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
    started = time.monotonic()
    again = renew(ctx, archive, workers=workers, wait=wait, follow=False)
    for failure in again.failures:
        say(f"failed: {one_line(failure['uri'])}: {one_line(failure['reason'])}")
    with open_archive(ctx, archive) as opened, building("Rebuilding") as progress:
        documents = opened.rebuild(progress=progress, wait=wait)
    told = f", {again.count:,} annotated again" if again.count else ""
    click.echo(f"{counted(documents, 'document')} indexed{told} in {time.monotonic() - started:.1f} s")
    return SOME_FAILED if again.failures else 0
