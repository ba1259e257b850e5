"""The custody log: when each document was captured, parsed, annotated and exported, from where, and by which version.

Each entry has the digest of the line before it, so a changed, removed or moved entry breaks the chain.
"""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import asdict

from searchkit.records import Version
from searchkit.statements.document import Document
from searchkit.statements.text import counted, redacted, safe_json

CUSTODY = "searchkit.evidence-custody/1"
Event = Literal["captured", "parsed", "extracted", "gone", "exported"]


class CustodyStep(Struct, frozen=True, kw_only=True):
    """An event in the history of a document. What the archive did not record is null."""

    document: Annotated[str, Meta(description="ID of the document.")]
    event: Annotated[
        Event,
        Meta(
            description="Captured: its bytes were read. Parsed: they became this revision of its text. Extracted: its "
            "statements were found. Gone: its source no longer had it. Exported: its statements were written here."
        ),
    ]
    revision: Version
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


class CustodyEntry(CustodyStep, frozen=True, kw_only=True, tag_field="schema", tag=CUSTODY):
    """A line of the custody log; the lines stand after those of the statements."""

    number: Annotated[Version, Meta(description="Entries are numbered from 1.")]
    previous: Annotated[
        str,
        Meta(description="Digest of the line of the entry before, without line feed; entry 1: of the first line."),
    ]


def text_digest(document: Document) -> str:
    """Return the sha-256 of the text alone, in UTF-8; `Document.digest` is that of title, line feed and text."""
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()


def digest(line: bytes) -> str:
    """Return the SHA-256 of a line in hex."""
    return hashlib.sha256(line).hexdigest()


def history(revision: Document) -> Iterator[CustodyStep]:
    """Yield what happened to a revision of a document before its export, in order."""
    known: dict[str, Any] = {"document": revision.id, "revision": revision.revision}
    yield CustodyStep(
        **known,
        event="captured",
        at=revision.fetched_at or None,
        address=redacted(revision.uri),
        sha256=revision.raw_digest or None,
    )
    yield CustodyStep(
        **known,
        event="parsed",
        at=revision.parsed_at or None,
        by=revision.parsed_by or None,
        sha256=text_digest(revision),
    )
    yield CustodyStep(
        **known,
        event="extracted",
        at=revision.annotated_at or None,
        by=revision.annotated_by or None,
        extractor_version=revision.extractor_version,
        statements=len(revision.statements),
    )
    if revision.gone_at:
        yield CustodyStep(**known, event="gone", at=revision.gone_at)


class _Lines:
    """The lines with statements of a document: its newest revision among them, their number and digest."""

    def __init__(self, revision: int = 0) -> None:
        self.revision = revision
        self.count = 0
        self._digest = hashlib.sha256()

    def add(self, line: bytes) -> None:
        self.count += 1
        self._digest.update(line + b"\n")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class ExportedLines:
    """The lines with statements of an evidence file, by document, in order of their first statement."""

    def __init__(self) -> None:
        self._by_document: dict[str, _Lines] = {}

    def add(self, document: str, revision: int, line: bytes) -> None:
        """Add a line with a statement of a document."""
        lines = self._by_document.setdefault(document, _Lines(revision))
        lines.revision = max(lines.revision, revision)
        lines.add(line)

    def revisions(self) -> list[tuple[str, int]]:
        """Return the documents, each with its newest revision."""
        return [(document, lines.revision) for document, lines in self._by_document.items()]

    @property
    def statements(self) -> int:
        """The number of lines."""
        return sum(lines.count for lines in self._by_document.values())

    def step(self, document: str, *, at: str, by: str) -> CustodyStep:
        """Return the export of the statements of a document."""
        lines = self._by_document[document]
        return CustodyStep(
            document=document,
            event="exported",
            revision=lines.revision,
            at=at,
            by=by,
            statements=lines.count,
            sha256=lines.sha256,
        )

    def fault(self, exported: "CustodyEntry | None", document: str) -> str:
        """Return how the statements of a document differ from what the log says about their export; empty if not."""
        lines = self._by_document.get(document, _Lines())
        if exported is None:
            return f"document {document} has statements, but no entry of their export"
        if lines.count != exported.statements:
            found = counted(lines.count, "statement")
            return f"document {document} has {found} here; its export had {exported.statements or 0:,}"
        expected = self.step(document, at=exported.at or "", by=exported.by or "")
        is_same = not difference(exported, expected) and lines.revision == exported.revision
        return "" if is_same else f"the statements of document {document} were changed"


class CustodyWriter:
    """Numbers and chains the steps of a log, which begins after the line `first`."""

    def __init__(self, first: str) -> None:
        self.count = 0
        self.last = digest(first.encode())

    def line(self, step: CustodyStep) -> str:
        """Return the line of the next entry."""
        self.count += 1
        line = safe_json(CustodyEntry(**asdict(step), number=self.count, previous=self.last))
        self.last = digest(line.encode())
        return line


class CustodyReader:
    """Checks a log while the lines of a file are read; `faults` are what is wrong with it, one line each."""

    def __init__(self, first: bytes) -> None:
        self.count = 0
        self.last = digest(first)
        self.faults: list[str] = []
        self._next = 1
        self._lines = ExportedLines()
        self.exported: dict[str, CustodyEntry] = {}

    def add_statement(self, document: str, revision: int, line: bytes) -> None:
        """Add a line with a statement."""
        self._lines.add(document, revision, line)

    def add_entry(self, value: Any, line: bytes) -> None:
        """Add a line of the log."""
        self.count += 1
        entry = read_entry(value)
        if entry is None:
            self.faults.append(f"what should be entry {self._next} is not an entry")
            self._next += 1
        else:
            self._check(entry)
            self._next = entry.number + 1
            if entry.event == "exported":
                if entry.document in self.exported:
                    self.faults.append(f"entry {entry.number} is a second export of document {entry.document}")
                self.exported[entry.document] = entry
        self.last = digest(line)

    def _check(self, entry: CustodyEntry) -> None:
        missing = entry.number - self._next
        if missing > 0:
            which = f"entry {self._next} is" if missing == 1 else f"entries {self._next} to {entry.number - 1} are"
            self.faults.append(f"{which} missing before entry {entry.number}")
        elif missing < 0:
            self.faults.append(f"entry {entry.number} stands in the wrong place")
        elif entry.previous != self.last:
            before = f"entry {self._next - 1}" if self._next > 1 else "the first line of the file"
            self.faults.append(f"{before} was changed: its digest is not the one that entry {entry.number} has")

    def finish(self, count: int, last: str) -> None:
        """Compare the log with what the last line says: the number of its entries, and the digest of the last one."""
        if self.count != count:
            self.faults.append(f"it has {self.count:,} entries; {count:,} were written")
        elif self.last != last:
            self.faults.append("its last entry was changed")
        for document in dict.fromkeys([*(known for known, _ in self._lines.revisions()), *self.exported]):
            if fault := self._lines.fault(self.exported.get(document), document):
                self.faults.append(fault)


def read_entry(value: Any) -> CustodyEntry | None:
    """Return the entry of a line; None if it is not one."""
    try:
        return convert(value, CustodyEntry)
    except ValidationError:
        return None


def difference(recorded: CustodyEntry, step: CustodyStep) -> str:
    """Return how an entry differs from what the archive knows of this step; empty if it does not."""
    for name in ("at", "by", "address", "extractor_version", "statements", "sha256"):
        then, now = getattr(recorded, name), getattr(step, name)
        if then != now:
            what = f"entry {recorded.number} ({recorded.document}, {recorded.event})"
            return f"{what} has {name} {then or 'none'}; the archive has {now or 'none'}"
    return ""
