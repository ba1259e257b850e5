"""The form of an evidence file: JSON Lines in UTF-8. The first line describes the export; a line for each statement,
the custody log and perhaps a line about the captures follow. The seal has their numbers and a digest of all lines
before it. A time stamp of the seal may be the last line.

That digest is the sha-256 of these lines, each ended by a line feed, whatever ends the lines of the file.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from searchkit.archive import Archive
from searchkit.export.evidence.custody import CustodyWriter, ExportedLines, history, text_digest
from searchkit.export.records import EXPORTED, Values, exported
from searchkit.notes import NoteFields
from searchkit.query.parser import SYNTAX
from searchkit.records import STATEMENT_EVIDENCE, Count, DuplicatesRecord, StatementRecord, Version, projection
from searchkit.search.answer import Answer, HitRecord, Progress
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.statements.document import RECORD_VERSION, Document
from searchkit.statements.text import redacted, safe_json
from searchkit.version import __version__

SCHEMA = "searchkit.evidence/2"
STATEMENT = "searchkit.evidence-statement/1"
CAPTURES_LINE = "searchkit.evidence-captures/1"
END = "searchkit.evidence-end/2"
# The form of commit 708dc657, which has no custody log, no captures and no time stamp.
EARLIER_SCHEMA, EARLIER_END = "searchkit.evidence/1", "searchkit.evidence-end/1"
TIMESTAMP = "searchkit.evidence-timestamp/1"
# Where the crawler keeps what servers answered, in the folder of the archive.
CAPTURES = "captures"


class EvidenceHead(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The first line: it describes the file."""

    query: Annotated[str, Meta(description="As typed, with options.")]
    interpreted_as: Annotated[str, Meta(description="In canonical form, with dates as days.")]
    syntax: Annotated[Version, Meta(description="Version of the query language.")]
    made_at: Annotated[str, Meta(description="ISO 8601 UTC.")]
    searchkit: Annotated[str, Meta(description="Version of searchkit.")]
    record_version: Version
    extractor_version: Annotated[str, Meta(description="Version of the rules.")]
    matching: Annotated[Count, Meta(description="How many statements match the query.")]
    notes: tuple[str, ...]
    timestamp: Annotated[
        str | None, Meta(description="The authority that was to stamp the file; null if no time stamp was requested.")
    ] = None


class Digests(Struct, frozen=True, kw_only=True):
    """SHA-256 digests in hex."""

    text: Annotated[str, Meta(description="Of the document's text in UTF-8.")]
    title_and_text: Annotated[str, Meta(description="Of title, line feed and text.")]
    raw: Annotated[str | None, Meta(description="Of the bytes it was read from.")]


EvidenceStatement = projection(
    "EvidenceStatement",
    "A statement with its proof.",
    (StatementRecord, NoteFields),
    STATEMENT_EVIDENCE,
    tag=STATEMENT,
    types={
        **EXPORTED,
        "uri": str,
        "copies": DuplicatesRecord,
        "sha256": Digests,
        "capture": Annotated[
            str | None, Meta(description="Where the archive keeps these bytes, gzipped; null if it does not.")
        ],
    },
)


class EvidenceEnd(Struct, frozen=True, kw_only=True, tag_field="schema", tag=END):
    """The seal; only a time stamp may follow."""

    statements: Annotated[Count, Meta(description="How many lines with statements there are.")]
    entries: Annotated[Count, Meta(description="How many entries the custody log has.")]
    custody: Annotated[str, Meta(description="Digest of its last entry.")]
    sha256: Annotated[str, Meta(description="Digest of all lines before this line, each with a line feed.")]


class EarlierEnd(Struct, frozen=True, kw_only=True, tag_field="schema", tag=EARLIER_END):
    """The seal of a file of the earlier form."""

    statements: int
    sha256: str


class EvidenceTimestamp(Struct, frozen=True, kw_only=True, tag_field="schema", tag=TIMESTAMP):
    """The time stamp of the line before, with its line feed."""

    response: Annotated[str, Meta(description="The answer of the authority (RFC 3161, DER) in Base64.")]
    sha256: Annotated[str, Meta(description="Digest of that answer.")]


class WithoutCapture(Struct, frozen=True, kw_only=True):
    """A document that has no capture."""

    document: str
    uri: Annotated[str, Meta(description="Where it was read.")]
    reason: Annotated[
        Literal["not kept", "damaged"], Meta(description="The archive never had its bytes, or they are damaged.")
    ]


class EvidenceCaptures(Struct, frozen=True, kw_only=True, tag_field="schema", tag=CAPTURES_LINE):
    """The WACZ file with the captures behind the statements."""

    file: Annotated[str, Meta(description="Its name; it lies next to this file.")]
    sha256: Annotated[str, Meta(description="Its digest.")]
    bytes: Count
    captures: Annotated[Count, Meta(description="How many documents have their capture in it.")]
    without: Annotated[tuple[WithoutCapture, ...], Meta(description="Documents without capture, such as files.")]


CapturesWriter = Callable[[Iterable[Document]], EvidenceCaptures]
"""Writes the captures of documents to a WACZ file."""


class EvidenceWriter:
    """The lines of an evidence file about a selection of statements from an archive.

    `captures` writes the captures of documents to a WACZ file. `timestamp` is the address of the authority that will be
    asked for a time stamp of the seal.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        archive: Archive,
        query: str,
        made_at: datetime,
        captures: CapturesWriter | None = None,
        timestamp: str = "",
    ) -> None:
        self._records = answer.records
        self._archive = archive
        self._captures = captures
        self._made_at = made_at.isoformat(timespec="seconds")
        self._head = EvidenceHead(
            query=query,
            interpreted_as=answer.result.interpreted_as,
            syntax=SYNTAX,
            made_at=self._made_at,
            searchkit=__version__,
            record_version=RECORD_VERSION,
            extractor_version=EXTRACTOR_VERSION,
            matching=answer.result.total,
            notes=tuple(answer.result.notes),
            timestamp=redacted(timestamp) or None,
        )
        self.sealed: EvidenceEnd | None = None

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """Return all lines up to the seal in order, without line ends; `sealed` is there after the last."""
        digest = hashlib.sha256()
        first = safe_json(self._head)
        log = CustodyWriter(first)
        exported = ExportedLines()
        for line in chain([first], self._statements(exported, progress), self._after(exported, log)):
            digest.update(line.encode() + b"\n")
            yield line
        self.sealed = EvidenceEnd(
            statements=exported.statements, entries=log.count, custody=log.last, sha256=digest.hexdigest()
        )
        yield safe_json(self.sealed)

    def _statements(self, exported: ExportedLines, progress: Progress | None) -> Iterator[str]:
        for found in self._records.through(progress):
            if found.quote is not None:
                line = safe_json(evidence_statement(found, self._archive.folder))
                exported.add(found.document.id, found.document.revision, line.encode())
                yield line

    def _after(self, exported: ExportedLines, log: CustodyWriter) -> Iterator[str]:
        """Yield the custody log of all documents with statements, and the line about their captures."""
        for document, newest in exported.revisions():
            for number in range(1, newest + 1):
                revision = self._archive.revision(document, number)
                yield from map(log.line, history(revision) if revision is not None else ())
            yield log.line(exported.step(document, at=self._made_at, by=__version__))
        if self._captures is not None:
            found = (self._archive.revision(document, newest) for document, newest in exported.revisions())
            yield safe_json(self._captures(document for document in found if document is not None))


def evidence_statement(found: HitRecord, archive: Path) -> Struct:
    """Return the line of a statement, from the archive in a folder."""
    document = found.document
    digest = document.raw_digest
    capture = f"{CAPTURES}/{digest[:2]}/{digest}.gz"
    names = [name for name in STATEMENT_EVIDENCE if name not in {"sha256", "capture"}]
    return EvidenceStatement(
        **exported(Values(found), names),
        sha256=Digests(text=text_digest(document), title_and_text=document.digest, raw=digest or None),
        capture=capture if digest and (archive / capture).is_file() else None,
    )
