"""`searchkit backup` and `searchkit restore`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.alerts.folder import turn_off
from searchkit.archive.backup import FILES, RESTORED, back_up
from searchkit.archive.backup import restore as restore_backup
from searchkit.archive.blocklist import Blocklist, blocklist_fault
from searchkit.archive.erasure import find_targets, forget, make_plan
from searchkit.archive.folder import FORGOTTEN, note_forgetting
from searchkit.cli.alerts import print_alerts_off
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.forget import came_back, print_erased
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import progress_bar, say, say_note, say_notes
from searchkit.config import FILE_NAME
from searchkit.errors import ArchiveError
from searchkit.statements.text import counted, one_line


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@archive_option
def backup(folder: Path) -> int:
    """Back up everything that cannot be regenerated to the new folder DIR.

    An update may run at the same time: each database is copied in a consistent state. The command reads every copied
    file again and compares it. The index is not copied; it is rebuilt from the store. Exit code 4 means that the list
    of forgotten documents is damaged or missing; the backup contains it as it is.
    """
    with open_archive() as opened, progress_bar("Copying") as progress:
        files = back_up(opened.folder, folder, now=datetime.now(UTC), report=say_note, progress=progress)
        fault = blocklist_fault(opened.folder)
    click.echo(f"{counted(files, 'file')} copied to {one_line(str(folder))} and verified")
    if fault:
        say(f"note: {one_line(fault)}")
    return SOME_FAILED if fault else 0


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--forgotten",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="forgotten.json of the archive or of a later backup: erase what was forgotten after this backup.",
)
@click.option("--store", metavar="URL", help="Restore the store into PostgreSQL: postgresql://USER@HOST/DATABASE.")
@click.option("--captures", type=click.Path(), metavar="DIR", help="Restore the captures into this folder.")
@archive_option
def restore(folder: Path, forgotten: Path | None, store: str | None, captures: str | None) -> int:
    """Create an archive from the backup in DIR. The archive must not exist yet.

    The command checks the backup first and writes nothing if it is incomplete, then rebuilds the index. It lists the
    alerts with their sinks; each is off until you turn it on: `searchkit alerts confirm NAME`. A searchkit.toml of the
    backup becomes searchkit.toml.restored: it names programs and hosts, so read it before you use it. The backup still
    contains documents that were forgotten after it was made; --forgotten erases them again. Exit code 4 means that the
    list of forgotten documents is damaged or missing in the backup.
    """
    config = settings(store=store, captures=captures)
    target = config.archive
    replaced = {}
    if forgotten is not None:
        if not forgotten.is_file():
            raise ArchiveError(f"No such file: {forgotten}.", hint="Name the forgotten.json of an archive or a backup.")
        replaced[FORGOTTEN] = Blocklist.read(folder / FILES / FORGOTTEN).merged(Blocklist.read(forgotten))
    with progress_bar("Copying") as progress:
        files, notes = restore_backup(
            folder, target, instead=replaced, shared=config.shared, turn_off=turn_off, progress=progress
        )
    say_notes(notes)
    if replaced:
        note_forgetting(target)
    # Before the index is rebuilt, which fails if a list of names is damaged.
    click.echo(f"{counted(files, 'file')} restored to {one_line(str(target))}")
    print_alerts_off(target)
    for path in sorted(target.rglob(f"{FILE_NAME}*{RESTORED}")):
        say(f"note: settings of the backup are not used: {one_line(str(path))}. If you trust them, rename the file.")
    with open_archive(config) as opened:
        with progress_bar("Rebuilding") as progress:
            opened.catch_up(progress=progress)
        if fault := blocklist_fault(target):
            say(f"note: {one_line(fault)}")
            return SOME_FAILED
        back = came_back(opened)
        if not back:
            return 0
        with opened.held(), progress_bar("Erasing"):
            targets, _ = find_targets(opened, back, copies=False)
            erased = forget(opened, make_plan(opened, targets), now=datetime.now(UTC))
        return print_erased(erased)
