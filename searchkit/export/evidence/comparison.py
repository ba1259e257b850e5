"""The result of comparing an evidence file with the archive: counts, and a record for each difference."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from searchkit.export.evidence.reading import BadLine, Described
from searchkit.export.evidence.verifying import Capture, Status, Verdict
from searchkit.records import Count, Share, Version
from searchkit.text import one_line

STATUSES = ("same", "moved", "changed", "gone", "missing")
# Characters of recorded words, and of the sentence that stands there now, in a line.
_SHOWN = 120
_SENTENCE_SHOWN = 1_200
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


class VerifySummary:
    """The result for a complete file; counts its statements as they are compared."""

    def __init__(self, described: Described) -> None:
        self.described = described
        self.statuses = Counter[str]()
        self.captures = Counter[str]()
        self.with_remarks = self.unreadable = 0

    def count(self, found: Verdict | BadLine) -> bool:
        """Count a result; return whether it is a difference to show."""
        if isinstance(found, BadLine):
            self.unreadable += 1
            return self.unreadable <= _MISREAD_SHOWN
        self.statuses[found.status] += 1
        self.captures[found.capture] += 1
        if found.status == "same" and not found.is_as_recorded:
            self.with_remarks += 1
        return not found.is_as_recorded

    @property
    def is_all_as_recorded(self) -> bool:
        """Return whether the file is complete and unmodified, and every statement is as recorded."""
        failed = self.unreadable or self.with_remarks or self.statuses.total() != self.statuses["same"]
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
            statements=self.statuses.total(),
            **{status: self.statuses[status] for status in STATUSES},
            unreadable=self.unreadable,
            captures=dict(self.captures),
            as_recorded=self.is_all_as_recorded,
            findings=findings,
        )


def difference_text(found: Verdict | BadLine) -> str:
    """Return a difference in one line, without its status and id."""
    if isinstance(found, BadLine):
        return f"line {found.line}: {found.reason}"
    parts = [_shown(found.recorded.selector.exact), *map(one_line, found.remarks), *_details(found)]
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
        yield f"no similar words in revision {found.revision}"
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


def difference_record(found: Verdict | BadLine) -> Struct:
    """Return a difference for programs."""
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
        remarks=found.remarks,
    )
