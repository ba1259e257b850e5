"""`searchkit verify`: compare an evidence file with the archive."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import click
from msgspec import Meta, Struct

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import archive_option, json_option, open_archive
from searchkit.cli.output import Segment, counted, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.export.evidence.reading import BadLine, Described, describe, statements
from searchkit.export.evidence.verifying import Capture, Status, Verdict, verify
from searchkit.records import Count, Share, Version
from searchkit.text import one_line

_STATUSES = ("same", "moved", "changed", "gone", "missing")
# Characters of quoted words in a line.
_SHOWN = 120
# Further unreadable lines are only counted.
_MISREAD_SHOWN = 20


class RecordedPlace(Struct, frozen=True, kw_only=True):
    """Offsets and revision as recorded."""

    start: Count
    end: Count
    revision: int


class NearestWords(Struct, frozen=True, kw_only=True):
    """The words that replaced changed words, or the most similar ones."""

    start: Count
    end: Count
    text: Annotated[str, Meta(description="Empty if the words were removed.")]
    likeness: Annotated[Share, Meta(description="Share of words in common.")]


class VerdictRecord(Struct, frozen=True, kw_only=True):
    """A statement that differs from its record."""

    status: Annotated[
        Status,
        Meta(
            description="Same (see remarks), at another place, no longer there, gone from the source of its document, "
            "or missing with its document."
        ),
    ]
    line: Version
    id: str
    document: Annotated[str, Meta(description="The document that was compared.")]
    text: Annotated[str, Meta(description="The words as recorded.")]
    recorded: RecordedPlace
    revision: Annotated[int | None, Meta(description="The revision that was compared; null for none.")]
    places: Annotated[tuple[Count, ...], Meta(description="Where moved words are now; several are possible.")]
    nearest: NearestWords | None
    gone_at: Annotated[str | None, Meta(description="Since when its source no longer has it.")]
    kept_in: Annotated[int | None, Meta(description="The revision with the recorded text; null for none.")]
    capture: Annotated[Capture, Meta(description="The state of the bytes it was read from.")]
    remarks: Annotated[tuple[str, ...], Meta(description="Other differences.")]


class UnreadableRecord(Struct, frozen=True, kw_only=True):
    """A line that is not a statement."""

    status: Literal["unreadable"]
    line: Version
    reason: str


class VerifyReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.verify/1"):
    """The result for an evidence file; `findings` are the statements that differ from their record."""

    query: Annotated[str, Meta(description="The query of the file.")]
    made_at: Annotated[str, Meta(description="When the file was made.")]
    searchkit: Annotated[str, Meta(description="The version that made it.")]
    seal: Annotated[
        Literal["intact", "modified", "truncated"], Meta(description="Whether the file is unmodified and complete.")
    ]
    sha256: Annotated[str, Meta(description="Digest of its lines.")]
    sealed_sha256: Annotated[str | None, Meta(description="The digest in its last line; null without that line.")]
    statements: Count
    same: Count
    moved: Count
    changed: Count
    gone: Annotated[Count, Meta(description="The archive keeps the document; its source no longer has it.")]
    missing: Annotated[Count, Meta(description="The document is not in the archive.")]
    unreadable: Annotated[Count, Meta(description="Lines that are not statements.")]
    captures: Annotated[dict[str, Count], Meta(description="Count of captures by state.")]
    as_recorded: Annotated[bool, Meta(description="Whether everything is as recorded.")]
    findings: Annotated[
        list[Any],
        Meta(
            extra_json_schema={
                "items": {"anyOf": [{"$ref": "#/$defs/VerdictRecord"}, {"$ref": "#/$defs/UnreadableRecord"}]}
            }
        ),
    ]


@click.command("verify")
@click.argument("file", metavar="FILE")
@json_option
@archive_option
def command(file: str, as_json: bool) -> int:
    """Check an evidence file against the archive.

    `searchkit export --format evidence` writes FILE; - is standard input. Each statement is the same, moved (to another
    place in the article), changed (its words are no longer there), gone (its source no longer has the document) or
    missing (the archive does not have the document). Each difference is a line, and the exit code is then 4. The
    checksum in the file detects edits and truncation; it does not prove who wrote the file.
    """
    with _opened(file) as stream, open_archive() as opened:
        name = "standard input" if file == "-" else file
        described = describe(stream, name)
        stream.seek(0)
        report = _Report(described)
        differences = (result for result in verify(opened, statements(stream, name)) if report.count(result))
        if as_json:
            findings = [_record(difference) for difference in differences]
            write_json(report.record(findings))
        else:
            write_lines(report.head())
            write_lines(_line(difference) for difference in differences)
            write_lines(report.summary())
    return 0 if report.is_all_as_recorded else SOME_FAILED


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


class _Report:
    """The result for a complete file; counts its statements as they are compared."""

    def __init__(self, described: Described) -> None:
        self._described = described
        self._statuses = Counter[str]()
        self._captures = Counter[str]()
        self._otherwise = self._misread = 0

    def count(self, found: Verdict | BadLine) -> bool:
        """Count a result; return whether it is a difference to show."""
        if isinstance(found, BadLine):
            self._misread += 1
            return self._misread <= _MISREAD_SHOWN
        self._statuses[found.status] += 1
        self._captures[found.capture] += 1
        if found.status == "same" and not found.is_as_recorded:
            self._otherwise += 1
        return not found.is_as_recorded

    @property
    def is_all_as_recorded(self) -> bool:
        """Return whether the file is complete and unmodified, and every statement is as recorded."""
        failed = self._misread or self._otherwise or self._statuses.total() != self._statuses["same"]
        return self._described.seal == "intact" and not failed

    def head(self) -> Iterator[list[Segment]]:
        """Yield lines about the file itself."""
        described = self._described
        if described.seal == "truncated":
            yield [("File truncated: its last line is missing.", "bold red")]
        elif described.seal == "modified":
            yield [("File modified: checksum mismatch.", "bold red")]
        made = f"made {one_line(described.made_at)}" if described.made_at else "made at an unknown time"
        yield [(f"Evidence {made} for: {one_line(described.query)}", "")]
        yield [(f"sha-256 of its lines {described.sha256}", "dim")]

    def summary(self) -> Iterator[list[Segment]]:
        """Yield lines with the counts."""
        parts = [f"{self._statuses[status]:,} {status}" for status in _STATUSES]
        if self._otherwise:
            parts[0] += f" ({self._otherwise:,} with remarks)"
        if self._misread:
            parts.append(counted(self._misread, "unreadable line"))
        yield [(f"{counted(self._statuses.total(), 'statement')}: {', '.join(parts)}", "bold")]
        kept = ", ".join(f"{number:,} {what}" for what, number in sorted(self._captures.items()))
        if kept:
            yield [(f"captures: {kept}", "dim")]

    def record(self, findings: list[Struct]) -> VerifyReport:
        """Return the report for programs."""
        described = self._described
        return VerifyReport(
            query=described.query,
            made_at=described.made_at,
            searchkit=described.searchkit,
            seal=described.seal,
            sha256=described.sha256,
            sealed_sha256=described.sealed.sha256 if described.sealed else None,
            statements=self._statuses.total(),
            **{status: self._statuses[status] for status in _STATUSES},
            unreadable=self._misread,
            captures=dict(self._captures),
            as_recorded=self.is_all_as_recorded,
            findings=findings,
        )


def _line(found: Verdict | BadLine) -> list[Segment]:
    if isinstance(found, BadLine):
        return [("unreadable  ", "red"), (f"line {found.line}: {found.reason}", "")]
    recorded = found.recorded
    parts = [_shown(recorded.selector.exact), *_details(found), *map(one_line, found.remarks)]
    if found.capture in {"damaged", "missing"}:
        parts.append(f"capture {found.capture}")
    return [
        (f"{found.status:8} ", "yellow" if found.status in {"same", "moved"} else "red"),
        (f"{one_line(recorded.id or recorded.document)}  ", "bold"),
        (" · ".join(parts), ""),
    ]


def _details(found: Verdict) -> Iterator[str]:
    recorded = found.recorded
    if found.status == "moved":
        at = ", ".join(map(str, found.places))
        which = at if len(found.places) == 1 else f"{at} (any of these)"
        yield f"now at {which} of revision {found.revision}, recorded at {recorded.selector.start}"
    elif found.status == "changed":
        if found.nearest is None:
            yield f"no similar words in revision {found.revision}"
        elif not found.instead.strip():
            yield f"removed in revision {found.revision}"
        else:
            likeness = f"{found.nearest.likeness:.0%} of the words"
            yield f"nearest in revision {found.revision} ({likeness}): {_shown(found.instead)}"
    elif found.status == "gone":
        yield f"gone from its source since {one_line(found.gone_at[:10])}"
    elif found.status == "missing":
        yield "no such document in the archive"
    if found.revision and (found.status != "same" or found.remarks):
        revision = f"revision {found.kept_in}" if found.kept_in else "no revision"
        yield f"{revision} has the recorded text"


def _shown(words: str) -> str:
    text = one_line(words)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _record(found: Verdict | BadLine) -> Struct:
    if isinstance(found, BadLine):
        return UnreadableRecord(status="unreadable", line=found.line, reason=found.reason)
    recorded, close = found.recorded, found.nearest
    wanted = recorded.selector
    return VerdictRecord(
        status=found.status,
        line=recorded.line,
        id=recorded.id,
        document=found.document,
        text=wanted.exact,
        recorded=RecordedPlace(start=wanted.start, end=wanted.end, revision=recorded.revision),
        revision=found.revision or None,
        places=found.places,
        nearest=None
        if close is None
        else NearestWords(start=close.span.start, end=close.span.end, text=found.instead, likeness=close.likeness),
        gone_at=found.gone_at or None,
        kept_in=found.kept_in,
        capture=found.capture,
        remarks=found.remarks,
    )
