"""`searchkit backup`: back up everything that cannot be regenerated."""

from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.archive.backup import back_up
from searchkit.archive.erasure.blocklist import blocklist_fault
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import counted, one_line, say
from searchkit.cli.progress import building


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@archive_option
@click.pass_context
def command(ctx: click.Context, folder: Path, archive: str | None) -> int:
    """Back up everything that cannot be regenerated into the new folder DIR.

    A run may be in progress: each database is copied in one consistent state. Every copied file is read back and
    compared. The index is left out, because it is built from the store. Exits 4 if the list of forgotten documents is
    damaged or missing.
    """
    with open_archive(ctx, archive) as opened, building("Copying") as progress:
        files = back_up(opened.folder, folder, now=datetime.now(UTC), progress=progress)
        fault = blocklist_fault(opened.folder)
    click.echo(f"{counted(files, 'file')} copied to {one_line(str(folder))} and verified")
    if fault:
        say(f"note: {one_line(fault)}")
    return SOME_FAILED if fault else 0
