"""`searchkit check`: check the archive for corruption."""

from collections.abc import Iterator
from pathlib import Path

import click

from searchkit.alerts import checking as saved
from searchkit.archive.checking import Checked, Finding, Progress, findings
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
    """Check the archive for corruption, and say what to do about each problem.

    Each problem is one line. Without --full, only headers and versions are read, which takes a moment. A run may be in
    progress. Exits 3 if something is damaged. Notes, such as an index that the next command updates, are not damage.
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
        write_lines([[("OK", "bold"), (looked_at, "")]])
    return DAMAGED if damaged else 0


def _findings(folder: Path, *, full: bool, checked: Checked, progress: Progress | None) -> Iterator[Finding]:
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
