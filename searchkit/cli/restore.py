"""`searchkit restore`: create an archive from a backup."""

from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.archive import Archive
from searchkit.archive.backup import FILES, restore
from searchkit.archive.erasure.blocklist import Blocklist
from searchkit.archive.erasure.erase import forget
from searchkit.archive.erasure.plan import find_targets, make_plan
from searchkit.archive.folder import FORGOTTEN, note_forgetting
from searchkit.cli.forget import came_back, print_erased
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import counted, one_line
from searchkit.cli.progress import building
from searchkit.errors import ArchiveError


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--forgotten",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="forgotten.json of the archive or of a later backup: documents forgotten since are erased again.",
)
@archive_option
@click.pass_context
def command(ctx: click.Context, folder: Path, forgotten: Path | None, archive: str | None) -> int:
    """Create an archive, which must not exist yet, from the backup in DIR.

    The backup is checked first; an incomplete one is not restored. The index is rebuilt at once. The backup still
    contains documents that were forgotten later; --forgotten erases them again.
    """
    target = settings(ctx, archive).archive
    instead = {} if forgotten is None else {FORGOTTEN: _with_all_of(folder, forgotten)}
    with building("Copying") as progress:
        files = restore(folder, target, instead=instead, progress=progress)
    if instead:
        note_forgetting(target)
    with open_archive(ctx, archive) as opened:
        with building("Rebuilding") as progress:
            opened.catch_up(progress=progress)
        click.echo(f"{counted(files, 'file')} restored to {one_line(str(target))}")
        return _forget_again(opened)


def _with_all_of(backup: Path, listed: Path) -> bytes:
    """Return the blocklists of the backup and of `listed` in one file. ArchiveError if `listed` does not exist,
    UsageError if it belongs to another archive."""
    if not listed.is_file():
        raise ArchiveError(
            f"The file {listed} does not exist.", hint="Name the forgotten.json of an archive or a backup."
        )
    return Blocklist.read(backup / FILES / FORGOTTEN).merged(Blocklist.read(listed))


def _forget_again(archive: Archive) -> int:
    back = came_back(archive)
    if not back:
        return 0
    with archive.held(), building("Erasing"):
        targets, _ = find_targets(archive, back, copies=False)
        erased = forget(archive, make_plan(archive, targets), now=datetime.now(UTC))
    return print_erased(erased)
