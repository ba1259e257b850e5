"""`searchkit restore`: make an archive of a backup."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import counted, one_line
from searchkit.cli.progress import building
from searchkit.errors import ArchiveError

if TYPE_CHECKING:
    from searchkit.archive import Archive


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--forgotten",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="forgotten.json of the archive, or of a later backup: what was forgotten since goes again.",
)
@archive_option
@click.pass_context
def command(ctx: click.Context, folder: Path, forgotten: Path | None, archive: str | None) -> int:
    """Make the archive, which must not be there yet, what it was when `searchkit backup DIR` was run.

    The backup is checked first: of one that is not whole nothing is written. The index is made again at once. What was
    forgotten after that day is in the backup still; with --forgotten it is forgotten again.
    """
    from searchkit.archive.backup import restore
    from searchkit.archive.folder import FORGOTTEN, note_forgetting

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
    """The list of what was forgotten by the time of the backup, and since. ArchiveError when there is none, UsageError
    when it is another archive's."""
    from searchkit.archive.backup import FILES
    from searchkit.archive.erasure.blocklist import Blocklist
    from searchkit.archive.folder import FORGOTTEN

    if not listed.is_file():
        raise ArchiveError(f"There is no file {listed}.", hint="Name the forgotten.json of an archive or a backup.")
    return Blocklist.read(backup / FILES / FORGOTTEN).merged(Blocklist.read(listed))


def _forget_again(archive: "Archive") -> int:
    from searchkit.archive.erasure.erase import forget
    from searchkit.archive.erasure.plan import find_targets, make_plan
    from searchkit.cli.forget import came_back, print_erased

    back = came_back(archive)
    if not back:
        return 0
    with archive.held(), building("Erasing"):
        targets, _ = find_targets(archive, back, copies=False)
        erased = forget(archive, make_plan(archive, targets), now=datetime.now(UTC))
    return print_erased(erased)
