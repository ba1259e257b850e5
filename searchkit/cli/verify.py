"""`searchkit verify`: what the archive holds today of what an evidence file recorded."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import Segment, counted, one_line, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.export.evidence.reading import BadLine, Described, describe, statements
from searchkit.export.evidence.verifying import Verdict, verify

SCHEMA = "searchkit.verify/1"
_STATUSES = ("same", "moved", "changed", "gone")
# Of words shown to be recognized.
_SHOWN = 120
# A file with more lines that are no statements is not what it says it is; they are counted, and not all told.
_MISREAD_TOLD = 20


@click.command("verify")
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@archive_option
@click.pass_context
def command(ctx: click.Context, file: str, as_json: bool, archive: str | None) -> int:
    """Check an evidence file against the archive. FILE was written by `searchkit export --format evidence`; - is read
    from standard input.

    Each statement is the same, moved (its words stand elsewhere in the article), changed (they do not stand there any
    more) or gone (with its document). What is not as recorded is told in a line each; then the exit code is 4. The
    digest in the file finds what was cut or edited since; it does not prove who wrote it.
    """
    with _opened(file) as stream, open_archive(ctx, archive) as opened:
        name = "standard input" if file == "-" else file
        described = describe(stream, name)
        stream.seek(0)
        report = _Report(described)
        told = (one for one in verify(opened, statements(stream, name)) if report.is_to_be_told(one))
        if as_json:
            findings = [_json(one) for one in told]
            write_json({"schema": SCHEMA, **report.as_json(), "findings": findings})
        else:
            write_lines(report.head())
            write_lines(_line(one) for one in told)
            write_lines(report.summary())
    return 0 if report.is_all_as_recorded else SOME_FAILED


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """A file that can be read twice. UsageError when there is none."""
    if file == "-":
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield kept
        return
    path = Path(file)
    try:
        if not path.is_file():
            raise UsageError(f"{file} is no file." if path.exists() else f"There is no file {file}.")
        stream = path.open("rb")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    with stream:
        yield stream


class _Report:
    """What is told of a file as a whole; counts while its statements are looked at."""

    def __init__(self, described: Described) -> None:
        self._described = described
        self._statuses = Counter[str]()
        self._captures = Counter[str]()
        self._otherwise = self._misread = 0

    def is_to_be_told(self, found: Verdict | BadLine) -> bool:
        """Count a finding; whether it deserves a line."""
        if isinstance(found, BadLine):
            self._misread += 1
            return self._misread <= _MISREAD_TOLD
        self._statuses[found.status] += 1
        self._captures[found.capture] += 1
        if found.status == "same" and not found.is_as_recorded:
            self._otherwise += 1
        return not found.is_as_recorded

    @property
    def is_all_as_recorded(self) -> bool:
        """Whether the file is whole and every statement as it says."""
        failed = self._misread or self._otherwise or self._statuses.total() != self._statuses["same"]
        return self._described.seal == "whole" and not failed

    def head(self) -> Iterator[list[Segment]]:
        """The file itself first: whoever altered it may have altered anything."""
        described = self._described
        if described.seal == "cut short":
            yield [("The file was cut short: its last line is missing.", "bold red")]
        elif described.seal == "altered":
            yield [("The file was altered: its lines have not the digest that its last line says.", "bold red")]
        made = f"made {one_line(described.made_at)}" if described.made_at else "made at an unknown time"
        yield [(f"Evidence {made} for: {one_line(described.query)}", "")]
        yield [(f"sha-256 of its lines {described.sha256}", "dim")]

    def summary(self) -> Iterator[list[Segment]]:
        """All in numbers."""
        parts = [f"{self._statuses[status]:,} {status}" for status in _STATUSES]
        if self._otherwise:
            parts[0] += f" ({self._otherwise:,} with remarks)"
        if self._misread:
            parts.append(counted(self._misread, "line that is no statement", "lines that are no statements"))
        yield [(f"{counted(self._statuses.total(), 'statement')}: {', '.join(parts)}", "bold")]
        kept = ", ".join(f"{number:,} {what}" for what, number in sorted(self._captures.items()))
        if kept:
            yield [(f"bytes they were read from: {kept}", "dim")]

    def as_json(self) -> dict[str, Any]:
        """The same as data."""
        described = self._described
        sealed = described.sealed
        return {
            "query": described.query,
            "made_at": described.made_at,
            "searchkit": described.searchkit,
            "seal": described.seal,
            "sha256": described.sha256,
            "sealed_sha256": sealed.sha256 if sealed else None,
            "statements": self._statuses.total(),
            **{status: self._statuses[status] for status in _STATUSES},
            "misread": self._misread,
            "captures": dict(self._captures),
            "as_recorded": self.is_all_as_recorded,
        }


def _line(found: Verdict | BadLine) -> list[Segment]:
    """One line on what is not as recorded."""
    if isinstance(found, BadLine):
        return [("misread  ", "red"), (f"line {found.line}: {found.reason}", "")]
    recorded = found.recorded
    parts = [_shown(recorded.selector.exact), *_told(found), *map(one_line, found.remarks)]
    if found.capture in {"damaged", "missing"}:
        parts.append(f"the bytes it was read from are {found.capture}")
    return [
        (f"{found.status:8} ", "yellow" if found.status in {"same", "moved"} else "red"),
        (f"{one_line(recorded.id or recorded.document)}  ", "bold"),
        (" · ".join(parts), ""),
    ]


def _told(found: Verdict) -> Iterator[str]:
    recorded = found.recorded
    if found.status == "moved":
        at = ", ".join(map(str, found.places))
        which = at if len(found.places) == 1 else f"one of {at}, which cannot be told apart,"
        yield f"now at {which} of revision {found.revision}, recorded at {recorded.selector.start}"
    elif found.status == "changed":
        if found.nearest is None:
            yield f"nothing like it in revision {found.revision}"
        elif not found.instead.strip():
            yield f"cut out in revision {found.revision}"
        else:
            likeness = f"{found.nearest.likeness:.0%} of the words"
            yield f"nearest in revision {found.revision} ({likeness}): {_shown(found.instead)}"
    elif found.status == "gone":
        since = f"its source has not had it since {one_line(found.gone_at[:10])}"
        yield since if found.gone_at else "the archive has no such document"
    if found.status != "same" or found.remarks:
        kept = (
            f"revision {found.kept_in} has the recorded text" if found.kept_in else "no revision has the recorded text"
        )
        if found.revision:
            yield kept


def _shown(words: str) -> str:
    text = one_line(words)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _json(found: Verdict | BadLine) -> dict[str, Any]:
    if isinstance(found, BadLine):
        return {"status": "misread", "line": found.line, "reason": found.reason}
    recorded, close = found.recorded, found.nearest
    return {
        "status": found.status,
        "line": recorded.line,
        "id": recorded.id,
        "document": found.document,
        "text": recorded.selector.exact,
        "recorded": {"start": recorded.selector.start, "end": recorded.selector.end, "revision": recorded.revision},
        "revision": found.revision or None,
        "places": list(found.places),
        "nearest": close
        and {"start": close.span.start, "end": close.span.end, "text": found.instead, "likeness": close.likeness},
        "gone_at": found.gone_at or None,
        "kept_in": found.kept_in,
        "capture": found.capture,
        "remarks": list(found.remarks),
    }
