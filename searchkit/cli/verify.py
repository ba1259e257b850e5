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
from searchkit.cli.output import Segment, opened_input, write_json, write_lines
from searchkit.errors import ArchiveError, UsageError
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.findings import Finding, UnreadableRecord, VerdictRecord, VerifyReport
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
        if as_json:
            check.report.findings = [*check.findings()]
            write_json(check.report)
        else:
            write_lines(_head(check.report))
            write_lines(map(_line, check.findings()))
            write_lines([(line, "")] for line in check.part_lines())
            write_lines(_counts(check))
    return 0 if check.report.as_recorded else SOME_FAILED


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
    if Path(file).exists() and not Path(file).is_file():
        raise UsageError(f"{file} is not a file.")
    with opened_input(file) as stream:
        yield stream


def _head(report: VerifyReport) -> Iterator[list[Segment]]:
    """Yield lines about the file itself."""
    if report.seal == "truncated":
        yield [("File truncated: its seal is missing.", "bold red")]
    elif report.seal == "modified":
        yield [("File modified: checksum mismatch.", "bold red")]
    made = f"made {one_line(report.made_at)}" if report.made_at else "made at an unknown time"
    yield [(f"Evidence {made} for: {one_line(report.query)}", "")]
    yield [(f"sha-256 of its lines {report.sha256}", "dim")]


def _counts(check: EvidenceCheck) -> Iterator[list[Segment]]:
    """Yield lines with the counts."""
    report = check.report
    if "statements" in report.unchecked:
        yield [(f"{counted(report.statements, 'statement')}, compared with no archive", "bold")]
        return
    parts = [f"{count:,} {status}" for status, count in report.counts.items()]
    if check.with_remarks:
        parts[0] += f" ({check.with_remarks:,} with remarks)"
    if report.unreadable:
        parts.append(counted(report.unreadable, "unreadable line"))
    yield [(f"{counted(sum(report.counts.values()), 'statement')}: {', '.join(parts)}", "bold")]
    kept = ", ".join(f"{number:,} {what}" for what, number in sorted(report.captures.items()))
    if kept:
        yield [(f"captures: {kept}", "dim")]


def _line(found: Finding) -> list[Segment]:
    if isinstance(found, VerdictRecord):
        style = "yellow" if found.status in {"same", "moved"} else "red"
        named = f"{one_line(found.id or found.document)}  "
        return [(f"{found.status:8} ", style), (named, "bold"), (found.summary, "")]
    named = f"{one_line(found.id)}  " if isinstance(found, UnreadableRecord) and found.id else ""
    return [(f"{found.status}  ", "red"), (named, "bold"), (found.summary, "")]
