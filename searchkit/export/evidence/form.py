"""The form of an evidence file: JSON Lines in UTF-8. The first line describes the export, a line for each statement
follows, and the last line has their number and a digest of all lines before it.

That digest is the sha-256 of these lines, each ended by a line feed, whatever ends the lines of the file.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from searchkit.document import RECORD_VERSION, Document, Quote
from searchkit.export.records import ProvenanceRecord, provenance
from searchkit.extract import EXTRACTOR_VERSION
from searchkit.notes import NoteFields
from searchkit.query.parser import SYNTAX
from searchkit.records import Count, StatementRecord, Version, joined, statement_record
from searchkit.search.answer import Answer, HitRecord, Progress
from searchkit.search.statement_text import StatementInWords, in_words
from searchkit.selectors import selector
from searchkit.text import safe_json
from searchkit.version import __version__

SCHEMA = "searchkit.evidence/1"
STATEMENT = "searchkit.evidence-statement/1"
END = "searchkit.evidence-end/1"
# Where the crawler keeps what servers answered, in the folder of the archive.
CAPTURES = "captures"


class EvidenceHead(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The first line: it describes the file. A line for each statement and a last line follow."""

    query: Annotated[str, Meta(description="As typed, with options.")]
    interpreted_as: Annotated[str, Meta(description="In canonical form, with dates as days.")]
    syntax: Annotated[Version, Meta(description="Version of the query language.")]
    made_at: Annotated[str, Meta(description="ISO 8601 UTC.")]
    searchkit: Annotated[str, Meta(description="Version of searchkit.")]
    record_version: Version
    extractor_version: Annotated[str, Meta(description="Version of the rules.")]
    matching: Annotated[Count, Meta(description="How many statements match the query.")]
    notes: tuple[str, ...]


class _Surroundings(Struct):
    prefix: Annotated[str, Meta(description="The text before the words, at most 64 code points.")]
    suffix: Annotated[str, Meta(description="The text after the words, at most 64 code points.")]


class Digests(Struct, frozen=True, kw_only=True):
    """SHA-256 digests in hex."""

    text: Annotated[str, Meta(description="Of the document's text in UTF-8.")]
    title_and_text: Annotated[str, Meta(description="Of title, line feed and text.")]
    raw: Annotated[str | None, Meta(description="Of the bytes it was read from.")]


class _Proof(Struct):
    sha256: Digests
    capture: Annotated[
        str | None, Meta(description="Where the archive keeps these bytes, gzipped; null if it does not.")
    ]


EvidenceStatement = joined(
    "EvidenceStatement",
    "A statement with its proof.",
    StatementRecord,
    StatementInWords,
    NoteFields,
    _Surroundings,
    ProvenanceRecord,
    _Proof,
    tag=STATEMENT,
)


class EvidenceEnd(Struct, frozen=True, kw_only=True, tag_field="schema", tag=END):
    """The last line: it seals the file."""

    statements: Annotated[Count, Meta(description="How many lines with statements there are.")]
    sha256: Annotated[str, Meta(description="Digest of all lines before this line, each with a line feed.")]


class EvidenceWriter:
    """The lines of an evidence file about a selection of statements from the archive in `folder`."""

    def __init__(self, answer: Answer, *, folder: Path, query: str, made_at: datetime) -> None:
        self._records = answer.records
        self._folder = folder
        self._head = EvidenceHead(
            query=query,
            interpreted_as=answer.result.interpreted_as,
            syntax=SYNTAX,
            made_at=made_at.isoformat(timespec="seconds"),
            searchkit=__version__,
            record_version=RECORD_VERSION,
            extractor_version=EXTRACTOR_VERSION,
            matching=answer.result.total,
            notes=tuple(answer.result.notes),
        )
        self.sealed: EvidenceEnd | None = None

    def lines(self, progress: Progress | None = None) -> Iterator[str]:
        """All lines in order, without line ends; `sealed` is there after the last."""
        digest = hashlib.sha256()
        count = 0
        line = safe_json(self._head)
        digest.update(line.encode() + b"\n")
        yield line
        for found in self._records.through(progress):
            if found.quote is not None:
                line = safe_json(self._statement(found, found.quote))
                digest.update(line.encode() + b"\n")
                count += 1
                yield line
        self.sealed = EvidenceEnd(statements=count, sha256=digest.hexdigest())
        yield safe_json(self.sealed)

    def _statement(self, found: HitRecord, quote: Quote) -> Struct:
        document, opened, digest = found.document, found.opened, found.document.raw_digest
        around = selector(document.text, quote.content)
        capture = f"{CAPTURES}/{digest[:2]}/{digest}.gz"
        return EvidenceStatement(
            **asdict(statement_record(quote, document, opened.names, opened.matched)),
            **asdict(in_words(quote, document)),
            **asdict(found.note),
            prefix=around.prefix,
            suffix=around.suffix,
            **asdict(provenance(found)),
            sha256=Digests(text=text_digest(document), title_and_text=document.digest, raw=digest or None),
            capture=capture if digest and (self._folder / capture).is_file() else None,
        )


def text_digest(document: Document) -> str:
    """The sha-256 of the text alone, in UTF-8; `Document.digest` is that of title, line feed and text."""
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
