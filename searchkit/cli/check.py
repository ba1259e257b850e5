"""`searchkit check`: whether the archive is what was written."""

from collections.abc import Iterator
from pathlib import Path

import click

from searchkit.archive.checking import Checked, Finding, Progress
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import counted, write_json, write_lines
from searchkit.cli.progress import building

DAMAGED = 3


@click.command("check")
@click.option("--full", is_flag=True, help="Read everything: every record, every checksum, every capture.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_context
def command(ctx: click.Context, full: bool, as_json: bool, archive: str | None) -> int:
    """Say whether the archive is what was written, and what to do where it is not.

    A line for each thing that is not as it should be. Without --full only what the archive says of itself is looked at,
    which takes a moment. A run may be going on meanwhile. Exits 3 when something is damaged; what is only told, such as
    an index that the next command brings up, is no damage.
    """
    folder = settings(ctx, archive).archive
    checked = Checked()
    with building("Checking") as progress:
        found = _findings(folder, full=full, checked=checked, progress=progress)
        if as_json:
            kept = list(found)
            damaged = any(finding.damage for finding in kept)
        else:
            damaged = False
            for finding in found:
                damaged |= finding.damage
                write_lines([_line(finding)])
    if as_json:
        write_json(_json(folder, kept, checked, full=full))
    elif not damaged:
        looked_at = f"; {_looked_at(checked)} read" if full else ""
        write_lines([[("sound", "bold"), (looked_at, "")]])
    return DAMAGED if damaged else 0


def _findings(folder: Path, *, full: bool, checked: Checked, progress: Progress | None) -> Iterator[Finding]:
    from searchkit.alerts import checking as saved
    from searchkit.archive.checking import findings

    yield from findings(folder, full=full, checked=checked, progress=progress)
    yield from saved.findings(folder)


def _line(finding: Finding) -> list[tuple[str, str]]:
    kind = "damaged" if finding.damage else "note"
    does = f"Run: {finding.do}" if finding.do.startswith("searchkit ") else f"{finding.do[:1].upper()}{finding.do[1:]}"
    do = f". {does}" if finding.do else ""
    return [(f"{kind}: ", "bold red" if finding.damage else "dim"), (f"{finding.where} {finding.what}{do}", "")]


def _looked_at(checked: Checked) -> str:
    counts = [
        counted(checked.documents, "document"),
        counted(checked.statements, "statement"),
        counted(checked.revisions, "old revision"),
    ]
    if checked.captures:
        counts.append(counted(checked.captures, "capture"))
    return ", ".join(counts)


def _json(folder: Path, found: list[Finding], checked: Checked, *, full: bool) -> dict[str, object]:
    return {
        "schema": "searchkit.check/1",
        "archive": str(folder),
        "full": full,
        "sound": not any(finding.damage for finding in found),
        "read": {
            "documents": checked.documents,
            "statements": checked.statements,
            "revisions": checked.revisions,
            "captures": checked.captures,
        },
        "findings": [
            {"damage": finding.damage, "where": finding.where, "what": finding.what, "do": finding.do}
            for finding in found
        ],
    }
