"""`searchkit backup`: copy all that cannot be made again."""

from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import counted, one_line, say
from searchkit.cli.progress import building


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@archive_option
@click.pass_context
def command(ctx: click.Context, folder: Path, archive: str | None) -> int:
    """Copy all of the archive that cannot be made again into the new folder DIR.

    A run may be going on meanwhile: each database is copied as it is at one moment. Every copied file is read again and
    compared before this command says that it is done. The index is left out, as it is made from the store. Exits 4 when
    the list of what was forgotten is damaged or missing: it is in the backup as it is.
    """
    from searchkit.archive.backup import back_up
    from searchkit.archive.erasure.blocklist import blocklist_fault

    with open_archive(ctx, archive) as opened, building("Copying") as progress:
        files = back_up(opened.folder, folder, now=datetime.now(UTC), progress=progress)
        fault = blocklist_fault(opened.folder)
    click.echo(f"{counted(files, 'file')} copied to {one_line(str(folder))} and read again")
    if fault:
        say(f"note: {one_line(fault)}")
    return SOME_FAILED if fault else 0
