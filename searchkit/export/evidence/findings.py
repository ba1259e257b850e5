"""The result of checking an evidence file: a report, and a record for each fault or difference."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from searchkit.records import Count, Share, Version
from searchkit.statements.text import one_line

Seal = Literal["intact", "modified", "truncated"]
Part = Literal["first line", "time stamp", "custody log", "captures"]
Status = Literal["same", "moved", "changed", "gone", "missing"]
Capture = Literal["intact", "damaged", "missing", "not kept"]
STATUSES: tuple[Status, ...] = ("same", "moved", "changed", "gone", "missing")
# Characters of recorded words, and of the sentence that stands there now, in a line.
_SHOWN = 120
_SENTENCE_SHOWN = 1_200
_REASON_SHOWN = 600


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


class VerdictRecord(Struct, kw_only=True):
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
    revision: Annotated[int | None, Meta(description="The revision that was compared; null for none.")] = None
    places: Annotated[tuple[Count, ...], Meta(description="Where moved words are now; several are possible.")] = ()
    nearest: NearestWords | None = None
    sentence: Annotated[
        str | None, Meta(description="The sentence that stands there now; null if it is the recorded sentence.")
    ] = None
    gone_at: Annotated[str | None, Meta(description="Since when its source no longer has it.")] = None
    kept_in: Annotated[int | None, Meta(description="The revision with the recorded text; null for none.")] = None
    capture: Annotated[Capture, Meta(description="The state of the bytes it was read from.")]
    remarks: Annotated[list[str], Meta(description="Other differences.")]

    @property
    def is_as_recorded(self) -> bool:
        """Return whether there is nothing to report."""
        is_same = self.status == "same" and not self.remarks and not self.sentence
        return is_same and self.capture in {"intact", "not kept"}

    @property
    def summary(self) -> str:
        """The difference in one line, without its status and id."""
        parts = [_shown(self.text), *map(one_line, self.remarks), *self._details()]
        if self.capture in {"damaged", "missing"}:
            parts.append(f"capture {self.capture}")
        return " · ".join(parts)

    def _details(self) -> Iterator[str]:
        sentence = _shown(self.sentence or "", _SENTENCE_SHOWN)
        if self.status == "moved":
            at = ", ".join(map(str, self.places)) + (" (any of these)" if len(self.places) > 1 else "")
            yield f"now at {at} of revision {self.revision}, recorded at {self.recorded.start}"
        elif self.status == "changed" and self.nearest is not None:
            likeness = f"{self.nearest.likeness:.0%} of the words"
            what = f"nearest in revision {self.revision} ({likeness}): {sentence}"
            yield what if sentence else f"removed in revision {self.revision}"
        elif self.status == "changed" and not sentence and not self.places:
            yield f"no longer in revision {self.revision}"
        elif self.status == "gone":
            yield f"gone from its source since {one_line(self.gone_at or '')[:10]}"
        elif self.status == "missing":
            yield "no such document in the archive"
        if sentence and self.nearest is None:
            yield f"the archive now says: {sentence}"
        is_current = self.status != "gone" and self.kept_in == self.revision
        if self.revision and not self.is_as_recorded and not is_current:
            yield f"{f'revision {self.kept_in}' if self.kept_in else 'no revision'} has the recorded text"


class UnreadableRecord(Struct, frozen=True, kw_only=True):
    """A line that is not a statement."""

    status: Literal["unreadable"] = "unreadable"
    line: Version
    id: Annotated[str, Meta(description="ID of the statement; empty if the line has none.")]
    reason: str

    @property
    def summary(self) -> str:
        """The line and the reason."""
        return f"line {self.line}: {_shown(self.reason, _REASON_SHOWN)}"


class InvalidPart(Struct, frozen=True, kw_only=True):
    """A part of the file that is not as it should be."""

    status: Literal["invalid"] = "invalid"
    part: Part
    reason: str

    @property
    def summary(self) -> str:
        """The part and the reason in one line."""
        return f"{self.part}: {_shown(self.reason, _REASON_SHOWN)}"


Finding = VerdictRecord | UnreadableRecord | InvalidPart


class TimestampReport(Struct, frozen=True, kw_only=True):
    """A time stamp whose signature matches."""

    at: Annotated[str, Meta(description="ISO 8601 UTC.")]
    authority: Annotated[str, Meta(description="The subject of its certificate.")]
    policy: Annotated[str, Meta(description="Object identifier of its policy.")]
    serial: Annotated[str, Meta(description="Serial number of the time stamp.")]
    is_trusted: Annotated[bool, Meta(description="Whether the certificate is among those that you trust.")]
    proves: str = "the lines of this file existed at that time, and were not changed since"


class CapturesReport(Struct, kw_only=True):
    """The WACZ file."""

    file: str
    captures: Annotated[Count, Meta(description="Captures of exported statements that were found in it.")] = 0
    statements: Annotated[Count, Meta(description="Statements whose words were found in their capture.")] = 0
    without: Annotated[tuple[str, ...], Meta(description="Documents without capture, such as files.")]


class VerifyReport(Struct, kw_only=True, tag_field="schema", tag="searchkit.verify/1"):
    """The result for an evidence file; `findings` are its invalid parts, and the statements that differ from their
    record."""

    query: Annotated[str, Meta(description="The query of the file.")]
    made_at: Annotated[str, Meta(description="When the file was made.")]
    searchkit: Annotated[str, Meta(description="The version that made it.")]
    seal: Annotated[Seal, Meta(description="Whether the file is unmodified and complete.")]
    sha256: Annotated[str, Meta(description="Digest of its lines.")]
    sealed_sha256: Annotated[str | None, Meta(description="The digest in its seal; null without seal.")]
    timestamp: TimestampReport | None = None
    entries: Annotated[Count, Meta(description="Entries of the custody log.")]
    wacz: CapturesReport | None = None
    compared_fields: Annotated[Count, Meta(description="Fields of statements that were compared with the archive.")] = 0
    compared_entries: Annotated[Count, Meta(description="Entries of the log that were compared with the archive.")] = 0
    unchecked: Annotated[tuple[str, ...], Meta(description="Parts that were not checked.")]
    invalid: Annotated[Count, Meta(description="What is wrong with time stamp, custody log and captures.")] = 0
    statements: Count
    same: Count = 0
    moved: Count = 0
    changed: Count = 0
    gone: Annotated[Count, Meta(description="The archive keeps the document; its source no longer has it.")] = 0
    missing: Annotated[Count, Meta(description="The document is not in the archive.")] = 0
    unreadable: Annotated[Count, Meta(description="Lines that are not statements.")] = 0
    captures: Annotated[dict[str, Count], Meta(description="Count of captures by state.")]
    as_recorded: Annotated[bool, Meta(description="Whether everything is as recorded.")] = False
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
    ] = []

    @property
    def counts(self) -> dict[Status, int]:
        """Statements by status."""
        return {status: getattr(self, status) for status in STATUSES}


def _shown(words: str, longest: int = _SHOWN) -> str:
    text = one_line(words)
    return text if len(text) <= longest else f"{text[:longest]}…"
