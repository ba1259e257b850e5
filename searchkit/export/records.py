"""What an export writes of a statement or document: a JSON record without the secrets of addresses, or a table row."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from searchkit.notes import NoteFields
from searchkit.query.fields import Record
from searchkit.records import (
    CopiesRecord,
    DocumentRecord,
    Host,
    StatementRecord,
    Version,
    document_record,
    joined,
    statement_record,
)
from searchkit.search.answer import HitRecord
from searchkit.search.statement_text import StatementInWords, in_words, matched_cells
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import RECORD_VERSION, Document, Quote
from searchkit.statements.text import redacted

COLUMNS: Mapping[Record, tuple[str, ...]] = {
    "quote": (
        *("id", "text", "speaker", "role", "affiliation", "verb", "about", "kind"),
        *("date", "date_precision", "date_source", "date_confidence"),
        *("resolved_by", "speaker_confidence", "rule", "confidence"),
        *("document", "revision", "title", "outlet", "wire", "published", "published_confidence", "url", "uri"),
        *("page", "start", "end", "watchlist", "copies", "gone_at", "fetched_at", "extractor_version"),
        *("negated", "statement", "sentence", "via", "time", "mark", "correction", "tags", "note", "marked_by"),
        "struck",
        "host",
    ),
    "document": (
        *("id", "revision", "title", "outlet", "wire", "byline", "published", "published_confidence", "updated"),
        *("language", "url", "uri", "statement_count", "watchlist", "copies", "gone_at", "first_seen", "fetched_at"),
        *("source", "digest", "raw_digest", "extractor_version", "host"),
    ),
}


class ArticleRecord(Struct, frozen=True, kw_only=True):
    """The article of a statement."""

    revision: Annotated[Version, Meta(description="Revision of the document.")]
    title: str | None
    outlet: Annotated[str | None, Meta(description="The publisher, as the text names it.")]
    host: Host
    wire: Annotated[str | None, Meta(description="The news agency credited.")]
    byline: Annotated[tuple[str, ...], Meta(description="The authors.")]
    published: PartialDate | None
    language: str | None
    url: Annotated[str, Meta(description="The same as `uri`.")]
    uri: Annotated[str, Meta(description="Where it was read: a web address, or that of a file and a part of it.")]


class ProvenanceRecord(ArticleRecord, frozen=True, kw_only=True):
    """The article of a statement, and how it came into the archive."""

    source: Annotated[str, Meta(description="Name of the source in searchkit.toml; empty if added manually.")]
    fetched_at: Annotated[str | None, Meta(description="When its bytes were read, ISO 8601 UTC.")]
    first_seen: Annotated[str | None, Meta(description="When the archive first saw it.")]
    gone_at: Annotated[str | None, Meta(description="Since when its source no longer has it.")]
    copies: CopiesRecord
    extractor_version: Annotated[str, Meta(description="Version of the rules that found the statement.")]
    record_version: Version


DocumentStatement = joined(
    "DocumentStatement", "A statement in its document.", StatementRecord, StatementInWords, NoteFields
)


class DocumentExport(DocumentRecord, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.document/1"):
    """The complete record of a document."""

    # DocumentStatement is a type that only the run knows.
    quotes: Annotated[tuple[DocumentStatement, ...], Meta(description="The statements in it.")]  # type: ignore[valid-type]


StatementExport = joined(
    "StatementExport",
    "A statement with its article.",
    StatementRecord,
    StatementInWords,
    ProvenanceRecord,
    NoteFields,
    tag="searchkit.export/1",
)


class _Source(Struct):
    gone_at: str


ShownStatement = joined(
    "ShownStatement",
    "A statement.",
    StatementRecord,
    _Source,
    StatementInWords,
    NoteFields,
    tag="searchkit.statement/1",
)


def article_record(document: Document) -> ArticleRecord:
    """Return what an article says of itself, and its address."""
    return ArticleRecord(
        revision=document.revision,
        title=document.title,
        outlet=document.outlet,
        host=document.host,
        wire=document.wire,
        byline=document.byline,
        published=document.published,
        language=document.language,
        url=redacted(document.uri),
        uri=redacted(document.uri),
    )


def copies_of(found: HitRecord) -> CopiesRecord:
    """Return the duplicates of a hit."""
    return CopiesRecord(group=found.document.copies, number=found.hit.copies, ids=tuple(found.hit.copy_ids))


def provenance(document: Document, copies: CopiesRecord) -> ProvenanceRecord:
    """Return the article of a statement, its address, and how it came into the archive."""
    return ProvenanceRecord(
        **asdict(article_record(document)),
        source=document.source,
        fetched_at=document.fetched_at or None,
        first_seen=document.first_seen or None,
        gone_at=document.gone_at or None,
        copies=copies,
        extractor_version=document.extractor_version,
        record_version=RECORD_VERSION,
    )


def shown_record(document: Document) -> DocumentRecord:
    """Return the complete record as the store has it, without the secrets of its addresses."""
    record = document_record(document)
    return replace(
        record,
        uri=redacted(record.uri),
        canonical_url=record.canonical_url and redacted(record.canonical_url),
        origin=redacted(record.origin),
    )


def shown_document(document: Document, note_on: Callable[[str], NoteFields]) -> Struct:
    """Return the record of a document for programs; `note_on` gives the user's note on the statement with an id."""
    record = shown_record(document)
    quotes = tuple(
        DocumentStatement(**asdict(stored), **asdict(in_words(quote, document)), **asdict(note_on(quote.id)))
        for stored, quote in zip(record.quotes, document.quotes, strict=True)
    )
    return DocumentExport(**asdict(record) | {"quotes": quotes})


def shown_statement(quote: Quote, document: Document, note: NoteFields) -> Struct:
    """Return the record of a statement, with the user's note on it, for programs."""
    return ShownStatement(
        **asdict(statement_record(quote, document)),
        **asdict(in_words(quote, document)),
        **asdict(note),
        gone_at=document.gone_at,
    )


def export_record(found: HitRecord) -> Struct:
    """Return a statement with the provenance of its article, or the complete record of a document."""
    if found.quote is None:
        return shown_document(found.document, found.opened.note)
    opened = found.opened
    article = provenance(found.document, copies_of(found))
    statement = statement_record(found.quote, found.document, opened.names, opened.matched)
    words = in_words(found.quote, found.document)
    return StatementExport(
        **asdict(statement),
        **asdict(words),
        **asdict(article),
        **asdict(found.note),
    )


def as_row(found: HitRecord) -> dict[str, Any]:
    """Return a row by COLUMNS. The caller guards the cells."""
    document = found.document
    row: dict[str, Any] = {
        **asdict(provenance(found.document, copies_of(found))),
        "published": _value(document.published),
        "published_confidence": document.published and document.published.confidence,
        "updated": _value(document.updated),
        "copies": found.hit.copies,
    }
    if found.quote is None:
        return row | {
            "id": document.id,
            "statement_count": len(document.statements),
            "watchlist": matched_cells(document.matches),
            "digest": document.digest,
            "raw_digest": document.raw_digest,
        }
    return row | _statement_row(found, found.quote)


def _statement_row(found: HitRecord, quote: Quote) -> dict[str, Any]:
    opened = found.opened
    date = quote.date
    statement = asdict(statement_record(quote, found.document, opened.names, opened.matched))
    words = asdict(in_words(quote, found.document))
    dated = {
        "date": _value(date),
        "date_precision": date and date.precision,
        "date_source": date and date.source,
        "date_confidence": date and date.confidence,
    }
    start = quote.content.start
    placed = {"page": found.document.page_of(start), "time": found.document.time_of(start)}
    note = asdict(found.note)
    return statement | words | dated | placed | note | {"watchlist": matched_cells(opened.matched.get(quote.id, ()))}


def _value(date: PartialDate | None) -> str | None:
    """Return a date for a table: the day that the outlet shows, where it differs from the day in UTC."""
    if date is None:
        return None
    return date.local_day or date.value
