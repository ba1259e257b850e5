"""`searchkit verify`: check an evidence file, by itself and against the archive."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import click

from searchkit.archive import Archive
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, json_option, open_archive, settings, timestamp_rules
from searchkit.cli.output import Segment, write_json, write_lines
from searchkit.errors import ArchiveError, UsageError
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.comparison import STATUSES, VerifySummary, difference_record, difference_text, status_of
from searchkit.export.evidence.reading import BadLine, PartFault
from searchkit.export.evidence.verifying import Verdict
from searchkit.statements.text import counted, one_line


@click.command("verify")
@click.argument("file", metavar="FILE")
@click.option("--wacz", metavar="PATH", help="The WACZ file with the captures, if it does not lie next to FILE.")
@click.option("--no-archive", is_flag=True, help="Check the file alone; compare its statements with no archive.")
@json_option
@archive_option
def command(file: str, wacz: str | None, no_archive: bool, as_json: bool) -> int:
    """Check an evidence file by itself and against the archive.

    `searchkit export --format evidence` writes FILE; - is standard input. Seal, custody log, time stamp and captures
    are checked offline. Each statement is the same, moved (to another place in the article), changed (its words are no
    longer there, or are said otherwise), gone (its source no longer has the document) or missing (the archive does not
    have the document). Each difference is a line, and the exit code is then 4. The seal detects edits and truncation;
    it does not prove who wrote the file.
    """
    with _opened(file) as stream, nullcontext() if no_archive else _archive() as archive:
        check = EvidenceCheck(
            stream,
            "standard input" if file == "-" else file,
            archive=archive,
            rules=timestamp_rules(settings()),
            wacz=Path(wacz) if wacz else None if file == "-" else Path(file).parent,
        )
        summary = VerifySummary(check)
        if as_json:
            findings = [difference_record(difference) for difference in summary.differences()]
            write_json(summary.record(findings))
        else:
            write_lines(_head(summary))
            write_lines(_line(difference) for difference in summary.differences())
            write_lines([(line, "")] for line in summary.part_lines())
            write_lines(_counts(summary))
    return 0 if summary.is_all_as_recorded else SOME_FAILED


def _archive() -> Archive:
    """Open the archive. Errors as `open_archive`."""
    try:
        return open_archive()
    except ArchiveError as error:
        raise type(error)(error.message, hint=f"{error.hint} To check the file alone, add --no-archive.") from error


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Open a file that can be read twice. Raise UsageError if it is missing or unreadable."""
    if file == "-":
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield kept
        return
    path = Path(file)
    try:
        if not path.is_file():
            raise UsageError(f"{file} is not a file." if path.exists() else f"No such file: {file}.")
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    with stream:
        yield stream


def _head(summary: VerifySummary) -> Iterator[list[Segment]]:
    """Yield lines about the file itself."""
    described = summary.described
    if described.seal == "truncated":
        yield [("File truncated: its seal is missing.", "bold red")]
    elif described.seal == "modified":
        yield [("File modified: checksum mismatch.", "bold red")]
    made = f"made {one_line(described.made_at)}" if described.made_at else "made at an unknown time"
    yield [(f"Evidence {made} for: {one_line(described.query)}", "")]
    yield [(f"sha-256 of its lines {described.sha256}", "dim")]


def _counts(summary: VerifySummary) -> Iterator[list[Segment]]:
    """Yield lines with the counts."""
    if "statements" in summary.check.unchecked:
        yield [(f"{counted(summary.statements, 'statement')}, compared with no archive", "bold")]
        return
    parts = [f"{summary.statuses[status]:,} {status}" for status in STATUSES]
    if summary.with_remarks:
        parts[0] += f" ({summary.with_remarks:,} with remarks)"
    if summary.unreadable:
        parts.append(counted(summary.unreadable, "unreadable line"))
    yield [(f"{counted(summary.statuses.total(), 'statement')}: {', '.join(parts)}", "bold")]
    kept = ", ".join(f"{number:,} {what}" for what, number in sorted(summary.captures.items()))
    if kept:
        yield [(f"captures: {kept}", "dim")]


def _line(found: Verdict | PartFault | BadLine) -> list[Segment]:
    if isinstance(found, Verdict):
        style = "yellow" if found.status in {"same", "moved"} else "red"
        named = f"{one_line(found.recorded.id or found.recorded.document)}  "
        return [(f"{found.status:8} ", style), (named, "bold"), (difference_text(found), "")]
    named = f"{one_line(found.id)}  " if isinstance(found, BadLine) and found.id else ""
    return [(f"{status_of(found)}  ", "red"), (named, "bold"), (difference_text(found), "")]
