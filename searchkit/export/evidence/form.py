"""The lines of an evidence file: JSON Lines in UTF-8. The first line describes the export; a line for each statement,
the custody log and perhaps a line about the captures follow. The seal has their numbers and a digest of all lines
before it. A time stamp of the seal may be the last line.

That digest is the sha-256 of these lines, each ended by a line feed, whatever ends the lines of the file.
"""

import hashlib
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from searchkit.export.records import EXPORTED
from searchkit.notes import NoteFields
from searchkit.records import STATEMENT_EVIDENCE, Count, DuplicatesRecord, StatementRecord, Version, projection
from searchkit.statements.document import Document
from searchkit.statements.text import safe_json

SCHEMA = "searchkit.evidence/2"
STATEMENT = "searchkit.evidence-statement/1"
CUSTODY = "searchkit.evidence-custody/1"
CAPTURES_LINE = "searchkit.evidence-captures/1"
END = "searchkit.evidence-end/2"
TIMESTAMP = "searchkit.evidence-timestamp/1"
# The form of commit 708dc657, which has no custody log, no captures and no time stamp.
EARLIER_SCHEMA, EARLIER_END = "searchkit.evidence/1", "searchkit.evidence-end/1"
Event = Literal["captured", "parsed", "extracted", "gone", "exported"]


class EvidenceHead(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The first line: it describes the file."""

    query: Annotated[str, Meta(description="As typed, with options.")] = ""
    interpreted_as: Annotated[str, Meta(description="In canonical form, with dates as days.")] = ""
    syntax: Annotated[Version, Meta(description="Version of the query language.")] = 1
    made_at: Annotated[str, Meta(description="ISO 8601 UTC.")] = ""
    searchkit: Annotated[str, Meta(description="Version of searchkit.")] = ""
    record_version: Version = 1
    extractor_version: Annotated[str, Meta(description="Version of the rules.")] = ""
    matching: Annotated[Count, Meta(description="How many statements match the query.")] = 0
    notes: tuple[str, ...] = ()
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
        "text": Annotated[str, Meta(description="The words as written; of an interrupted statement the first part.")],
        "copies": DuplicatesRecord,
        "sha256": Digests,
        "capture": Annotated[
            str | None, Meta(description="Where the archive keeps these bytes, gzipped; null if it does not.")
        ],
    },
)


class CustodyEntry(Struct, frozen=True, kw_only=True, tag_field="schema", tag=CUSTODY):
    """A line of the custody log; the lines stand after those of the statements."""

    document: Annotated[str, Meta(description="ID of the document.")]
    event: Annotated[
        Event,
        Meta(
            description="Captured: its bytes were read. Parsed: they became this revision of its text. Extracted: its "
            "statements were found. Gone: its source no longer had it. Exported: its statements were written here."
        ),
    ]
    revision: Version
    # What the archive did not record is null.
    at: Annotated[str | None, Meta(description="ISO 8601 UTC.")]
    by: Annotated[str | None, Meta(description="Version of searchkit.")] = None
    address: Annotated[str | None, Meta(description="Captured: where its bytes were read.")] = None
    extractor_version: Annotated[str | None, Meta(description="Extracted: version of the rules.")] = None
    statements: Annotated[int | None, Meta(description="Extracted: how many it has. Exported: how many are here.")] = (
        None
    )
    sha256: Annotated[
        str | None,
        Meta(description="Captured: of the bytes. Parsed: of the text. Exported: of the lines of its statements here."),
    ] = None
    number: Annotated[Version, Meta(description="Entries are numbered from 1.")] = 1
    previous: Annotated[
        str, Meta(description="Digest of the line of the entry before, without line feed; entry 1: of the first line.")
    ] = ""


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


def digest(line: bytes) -> str:
    """Return the SHA-256 of a line in hex."""
    return hashlib.sha256(line).hexdigest()


def text_digest(document: Document) -> str:
    """Return the SHA-256 of the text alone, in UTF-8; `Document.digest` is that of title, line feed and text."""
    return digest(document.text.encode("utf-8", "surrogatepass"))


class _Lines(Struct):
    """The lines with statements of a document: the newest revision among them, their number and digest."""

    revision: int = 1
    count: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


class CustodyLog:
    """The log of a file that is written or read, which begins after the line `first`: it chains the entries, and knows
    the statements by document. `faults` are what is wrong with a log that was read, one line each."""

    def __init__(self, first: bytes) -> None:
        self.count = 0
        self.last = digest(first)
        self.faults: list[str] = []
        self.entries: list[CustodyEntry] = []
        self._next = 1
        self._lines: dict[str, _Lines] = {}

    @property
    def statements(self) -> int:
        """The number of statements."""
        return sum(lines.count for lines in self._lines.values())

    def revisions(self) -> list[tuple[str, int]]:
        """Return the documents in the order of their first statement, each with its newest revision."""
        return [(document, lines.revision) for document, lines in self._lines.items()]

    def add_statement(self, document: str, revision: int, line: bytes) -> None:
        """Add a line with a statement."""
        lines = self._lines.setdefault(document, _Lines())
        lines.revision = max(lines.revision, revision)
        lines.count += 1
        lines.digest.update(line + b"\n")

    def export(self, document: str, *, at: str | None, by: str | None) -> CustodyEntry:
        """Return the entry for the export of the statements of a document."""
        lines = self._lines.get(document, _Lines())
        return CustodyEntry(
            document=document,
            event="exported",
            revision=lines.revision,
            at=at,
            by=by,
            statements=lines.count,
            sha256=lines.digest.hexdigest(),
        )

    def line(self, entry: CustodyEntry) -> str:
        """Return the line of the next entry."""
        self.count += 1
        line = safe_json(replace(entry, number=self.count, previous=self.last))
        self.last = digest(line.encode())
        return line

    def read(self, entry: CustodyEntry, line: bytes) -> None:
        """Add an entry of a file, and check that it follows the one before."""
        before = f"entry {self._next - 1}" if self._next > 1 else "the first line of the file"
        if entry.number != self._next:
            self.faults.append(f"entry {entry.number} stands after {before}: entries are missing, or moved")
        elif entry.previous != self.last:
            self.faults.append(f"{before} was changed: its digest is not the one that entry {entry.number} has")
        self.entries.append(entry)
        self.count += 1
        self._next = entry.number + 1
        self.last = digest(line)

    def finish(self, count: int, last: str) -> None:
        """Compare the log with the seal, which has the number of its entries and the digest of the last one, and with
        the statements."""
        if self.count != count:
            self.faults.append(f"it has {self.count:,} entries; {count:,} were written")
        elif self.last != last:
            self.faults.append("its last entry was changed")
        exports = [entry for entry in self.entries if entry.event == "exported"]
        if len(exports) != len({entry.document for entry in exports}):
            self.faults.append("a document was exported twice")
        for document in self._lines.keys() - {entry.document for entry in exports}:
            self.faults.append(f"document {document} has statements, but no entry of their export")
        for entry in exports:
            document = entry.document
            found = self.export(document, at=entry.at, by=entry.by)
            if found != replace(entry, number=1, previous=""):
                numbers = f"{found.statements:,} here, {entry.statements or 0:,} then"
                self.faults.append(f"the statements of document {document} are not those exported ({numbers})")
