"""The result of checking an evidence file: counts, and a record for each fault or difference."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.reading import BadLine, Part, PartFault
from searchkit.export.evidence.timestamps import PROVES, Stamp, stamp_text
from searchkit.export.evidence.verifying import Capture, Status, Verdict
from searchkit.records import Count, Share, Version
from searchkit.statements.text import counted, one_line

STATUSES = ("same", "moved", "changed", "gone", "missing")
# Characters of recorded words, and of the sentence that stands there now, in a line.
_SHOWN = 120
_SENTENCE_SHOWN = 1_200
_REASON_SHOWN = 600
# Further unreadable lines are only counted.
_MISREAD_SHOWN = 20
_INVALID_SHOWN = 200


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
            description="Same (see remarks), at another place, no longer there or said otherwise, gone from the source "
            "of its document, or missing with its document."
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
    sentence: Annotated[
        str | None, Meta(description="The sentence that stands there now; null if it is the recorded sentence.")
    ]
    gone_at: Annotated[str | None, Meta(description="Since when its source no longer has it.")]
    kept_in: Annotated[int | None, Meta(description="The revision with the recorded text; null for none.")]
    capture: Annotated[Capture, Meta(description="The state of the bytes it was read from.")]
    remarks: Annotated[tuple[str, ...], Meta(description="Other differences.")]


class UnreadableRecord(Struct, frozen=True, kw_only=True):
    """A line that is not a statement."""

    status: Literal["unreadable"]
    line: Version
    id: Annotated[str, Meta(description="ID of the statement; empty if the line has none.")]
    reason: str


class InvalidPart(Struct, frozen=True, kw_only=True):
    """A part of the file that is not as it should be."""

    status: Literal["invalid"]
    part: Part
    reason: str


class TimestampReport(Struct, frozen=True, kw_only=True):
    """A time stamp whose signature matches."""

    at: Annotated[str, Meta(description="ISO 8601 UTC.")]
    authority: Annotated[str, Meta(description="The subject of its certificate.")]
    policy: Annotated[str, Meta(description="Object identifier of its policy.")]
    serial: Annotated[str, Meta(description="Serial number of the time stamp.")]
    is_trusted: Annotated[bool, Meta(description="Whether the certificate is among those that you trust.")]
    proves: str


class CapturesReport(Struct, frozen=True, kw_only=True):
    """The WACZ file."""

    file: str
    captures: Annotated[Count, Meta(description="Captures of exported statements that were found in it.")]
    statements: Annotated[Count, Meta(description="Statements whose words were found in their capture.")]
    without: Annotated[tuple[str, ...], Meta(description="Documents without capture, such as files.")]


class VerifyReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.verify/1"):
    """The result for an evidence file; `findings` are its invalid parts, and the statements that differ from their
    record."""

    query: Annotated[str, Meta(description="The query of the file.")]
    made_at: Annotated[str, Meta(description="When the file was made.")]
    searchkit: Annotated[str, Meta(description="The version that made it.")]
    seal: Annotated[
        Literal["intact", "modified", "truncated"], Meta(description="Whether the file is unmodified and complete.")
    ]
    sha256: Annotated[str, Meta(description="Digest of its lines.")]
    sealed_sha256: Annotated[str | None, Meta(description="The digest in its seal; null without seal.")]
    timestamp: TimestampReport | None
    entries: Annotated[Count, Meta(description="Entries of the custody log.")]
    wacz: CapturesReport | None
    compared_fields: Annotated[Count, Meta(description="Fields of statements that were compared with the archive.")]
    compared_entries: Annotated[Count, Meta(description="Entries of the log that were compared with the archive.")]
    unchecked: Annotated[tuple[str, ...], Meta(description="Parts that were not checked.")]
    invalid: Annotated[Count, Meta(description="What is wrong with time stamp, custody log and captures.")]
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
                "items": {
                    "anyOf": [
                        {"$ref": f"#/$defs/{name}"} for name in ("InvalidPart", "VerdictRecord", "UnreadableRecord")
                    ]
                }
            }
        ),
    ]


class VerifySummary:
    """The result for a complete file; counts its statements as they are compared."""

    def __init__(self, check: EvidenceCheck) -> None:
        self.described = check.described
        self.check = check
        self.statuses = Counter[str]()
        self.captures = Counter[str]()
        self.with_remarks = self.unreadable = self.invalid = 0

    def differences(self) -> Iterator[Verdict | PartFault | BadLine]:
        """Yield the results to show, and count all."""
        return (found for found in self.check.results() if self._count(found))

    def _count(self, found: Verdict | PartFault | BadLine) -> bool:
        """Count a result; return whether it is a difference to show."""
        if isinstance(found, BadLine):
            self.unreadable += 1
            return self.unreadable <= _MISREAD_SHOWN
        if isinstance(found, PartFault):
            self.invalid += 1
            return self.invalid <= _INVALID_SHOWN
        self.statuses[found.status] += 1
        self.captures[found.capture] += 1
        if found.status == "same" and not found.is_as_recorded:
            self.with_remarks += 1
        return not found.is_as_recorded or bool(found.notices)

    @property
    def statements(self) -> int:
        """The number of readable statements."""
        return self.described.statements - self.unreadable

    @property
    def is_all_as_recorded(self) -> bool:
        """Return whether the file is complete and unmodified, and every statement is as recorded."""
        differ = self.with_remarks or self.statuses.total() != self.statuses["same"]
        failed = self.unreadable or self.invalid or differ
        return self.described.seal == "intact" and not failed

    def record(self, findings: list[Struct]) -> VerifyReport:
        """Return the report for programs."""
        described = self.described
        return VerifyReport(
            query=described.query,
            made_at=described.made_at,
            searchkit=described.searchkit,
            seal=described.seal,
            sha256=described.sha256,
            sealed_sha256=described.sealed.sha256 if described.sealed else None,
            timestamp=_timestamp_report(self.check.stamp),
            entries=described.entries,
            wacz=self._captures_report(),
            compared_fields=self.check.comparison.rebuilder.fields if self.check.comparison else 0,
            compared_entries=self.check.comparison.rebuilder.entries if self.check.comparison else 0,
            unchecked=self.check.unchecked,
            invalid=self.invalid,
            statements=self.statements,
            **{status: self.statuses[status] for status in STATUSES},
            unreadable=self.unreadable,
            captures=dict(self.captures),
            as_recorded=self.is_all_as_recorded,
            findings=findings,
        )

    def _captures_report(self) -> CapturesReport | None:
        check, line = self.check.captures, self.described.captures
        if check is None or line is None:
            return None
        without = tuple(each.document for each in line.without)
        return CapturesReport(file=line.file, captures=check.captures, statements=check.statements, without=without)

    def part_lines(self) -> Iterator[str]:
        """Yield lines about time stamp, custody log and captures, once all results were read."""
        if self.check.stamp is not None:
            yield f"time stamp: {stamp_text(self.check.stamp)}"
            if self.described.seal == "intact" and self.check.stamp.is_trusted:
                yield f"  It proves: {PROVES}."
        elif not self.described.authority and self.described.timestamp is None:
            yield "time stamp: none"
        log = counted(self.described.entries, "entry", "entries")
        yield f"custody log: {log if self.described.has_log else 'none, as in files of the first form'}"
        if (report := self._captures_report()) is not None:
            found = f"{counted(report.captures, 'capture')} in {one_line(report.file)}"
            without = f"; {counted(len(report.without), 'document')} without capture" if report.without else ""
            yield f"captures: {found}, with the words of {counted(report.statements, 'statement')}{without}"
        if self.check.comparison is not None:
            compared = self.check.comparison.rebuilder
            fields, entries = counted(compared.fields, "field"), counted(compared.entries, "entry", "entries")
            yield f"compared with the archive: {fields} of {counted(self.statements, 'statement')}, {entries}"
        if self.check.unchecked:
            yield f"not checked: {', '.join(self.check.unchecked)}"


def _timestamp_report(stamp: Stamp | None) -> TimestampReport | None:
    return (
        None
        if stamp is None
        else TimestampReport(
            at=stamp.at.isoformat(),
            authority=stamp.authority,
            policy=stamp.policy,
            serial=stamp.serial,
            is_trusted=stamp.is_trusted,
            proves=PROVES,
        )
    )


def status_of(found: Verdict | PartFault | BadLine) -> str:
    """Return the status of a result in a word."""
    if isinstance(found, Verdict):
        return found.status
    return "unreadable" if isinstance(found, BadLine) else "invalid"


def difference_text(found: Verdict | PartFault | BadLine) -> str:
    """Return a difference in one line, without its status and id."""
    if isinstance(found, PartFault):
        return f"{found.part}: {_shown(found.reason, _REASON_SHOWN)}"
    if isinstance(found, BadLine):
        return f"line {found.line}: {found.reason}"
    parts = [_shown(found.recorded.selector.exact), *map(one_line, (*found.remarks, *found.notices)), *_details(found)]
    if found.capture in {"damaged", "missing"}:
        parts.append(f"capture {found.capture}")
    return " · ".join(parts)


def _details(found: Verdict) -> Iterator[str]:
    recorded = found.recorded
    if found.status == "moved":
        at = ", ".join(map(str, found.places))
        which = at if len(found.places) == 1 else f"{at} (any of these)"
        yield f"now at {which} of revision {found.revision}, recorded at {recorded.selector.start}"
    elif found.status == "changed" and found.nearest is not None:
        likeness = f"{found.nearest.likeness:.0%} of the words"
        shown = _shown(found.sentence, _SENTENCE_SHOWN)
        yield (
            f"nearest in revision {found.revision} ({likeness}): {shown}"
            if shown
            else f"removed in revision {found.revision}"
        )
    elif found.status == "changed" and not found.sentence and not found.places:
        yield f"no longer in revision {found.revision}"
    elif found.status == "gone":
        yield f"gone from its source since {one_line(found.gone_at[:10])}"
    elif found.status == "missing":
        yield "no such document in the archive"
    if found.sentence and found.nearest is None:
        yield f"the archive now says: {_shown(found.sentence, _SENTENCE_SHOWN)}"
    is_current = found.status != "gone" and found.kept_in == found.revision
    if found.revision and not found.is_as_recorded and not is_current:
        revision = f"revision {found.kept_in}" if found.kept_in else "no revision"
        yield f"{revision} has the recorded text"


def _shown(words: str, longest: int = _SHOWN) -> str:
    text = one_line(words)
    return text if len(text) <= longest else f"{text[:longest]}…"


def difference_record(found: Verdict | PartFault | BadLine) -> Struct:
    """Return a difference for programs."""
    if isinstance(found, PartFault):
        return InvalidPart(status="invalid", part=found.part, reason=_shown(found.reason, _REASON_SHOWN))
    if isinstance(found, BadLine):
        return UnreadableRecord(status="unreadable", line=found.line, id=found.id, reason=found.reason)
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
        sentence=found.sentence or None,
        gone_at=found.gone_at or None,
        kept_in=found.kept_in,
        capture=found.capture,
        remarks=(*found.remarks, *found.notices),
    )
