"""`searchkit repair`: repair damage and list what could not be recovered."""

from datetime import UTC, datetime

import click

from searchkit.alerts.checking import findings
from searchkit.archive.repairing import repair
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import write_lines
from searchkit.cli.progress import building


@click.command("repair")
@click.option("-n", "--dry-run", is_flag=True, help="Report what would be done; change nothing.")
@click.option(
    "--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait up to SECONDS for the lock."
)
@archive_option
@click.pass_context
def command(ctx: click.Context, dry_run: bool, wait: float, archive: str | None) -> int:
    """Repair damage; list what could not be recovered.

    First, everything is read, as by `searchkit check --full`. A missing marker is rewritten and a damaged index is
    rebuilt. The intact rows of a damaged store are copied into a new one; the damaged file is kept next to it. Lost
    documents are listed; the next run reads them again if their source still has them. Exits 4 if something is lost.
    """
    folder = settings(ctx, archive).archive
    with building("Checking") as progress:
        found = repair(folder, now=datetime.now(UTC), dry_run=dry_run, wait=wait, more=findings, progress=progress)
    would = "would be " if dry_run else ""
    write_lines([(f"{would}repaired: ", "bold"), (line, "")] for line in found.done)
    write_lines([("lost: ", "bold red"), (line, "")] for line in found.lost)
    if not found.done and not found.lost:
        write_lines([[("No damage found; nothing was changed.", "")]])
    return SOME_FAILED if found.lost else 0
