"""`searchkit rebuild`: make the search index anew from the store."""

import time

import click

from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.progress import building


@click.command("rebuild")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@archive_option
@click.pass_context
def command(ctx: click.Context, wait: float, archive: str | None) -> None:
    """Make the search index anew from the store.

    The old index answers until the new one is complete. Nothing is read again from the sources.
    """
    started = time.monotonic()
    with open_archive(ctx, archive) as opened, building("Rebuilding") as progress:
        documents = opened.rebuild(progress=progress, wait=wait)
    click.echo(f"{documents:,} documents indexed in {time.monotonic() - started:.1f} s")
