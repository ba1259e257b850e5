"""`searchkit restore`: make an archive of a backup."""

from pathlib import Path

import click

from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import counted, one_line
from searchkit.cli.progress import building


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@archive_option
@click.pass_context
def command(ctx: click.Context, folder: Path, archive: str | None) -> None:
    """Make the archive, which must not be there yet, what it was when `searchkit backup DIR` was run.

    The backup is checked first: of one that is not whole nothing is written. The index is made again at once.
    """
    from searchkit.archive.backup import restore

    target = settings(ctx, archive).archive
    with building("Copying") as progress:
        files = restore(folder, target, progress=progress)
    with open_archive(ctx, archive) as opened, building("Rebuilding") as progress:
        opened.catch_up(progress=progress)
    click.echo(f"{counted(files, 'file')} restored to {one_line(str(target))}")
