"""`searchkit repair`: mend what is damaged, and name what is lost."""

from datetime import UTC, datetime

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import write_lines
from searchkit.cli.progress import building


@click.command("repair")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@archive_option
@click.pass_context
def command(ctx: click.Context, dry_run: bool, wait: float, archive: str | None) -> int:
    """Mend what is damaged in the archive, and name what is lost.

    First everything is read, as by `searchkit check --full`. A lost marker is written anew. A damaged index goes back
    to its last whole generation, or is made anew. Of a damaged store every row that is whole is put into a new one; the
    damaged file stays beside it. What is lost is named, and read again by the next run where its source has it still.
    Exits 4 when something is lost.
    """
    from searchkit.alerts.checking import findings
    from searchkit.archive.repairing import repair

    folder = settings(ctx, archive).archive
    with building("Checking") as progress:
        found = repair(folder, now=datetime.now(UTC), dry_run=dry_run, wait=wait, more=findings, progress=progress)
    would = "would be " if dry_run else ""
    write_lines([(f"{would}mended: ", "bold"), (line, "")] for line in found.done)
    write_lines([("lost: ", "bold red"), (line, "")] for line in found.lost)
    if not found.done and not found.lost:
        write_lines([[("Nothing is damaged; nothing was changed.", "")]])
    return SOME_FAILED if found.lost else 0
