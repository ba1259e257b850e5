"""Export records as JSON, lossless except for secrets in addresses, and as rows of a sheet."""

from collections.abc import Mapping
from typing import Any

from searchkit.dates import PartialDate
from searchkit.document import Document, Quote, date_json, quote_json, to_json
from searchkit.query.fields import Record
from searchkit.search.answer import HitRecord
from searchkit.search.statement_text import matched_entries
from searchkit.text import redacted

SCHEMA: Mapping[Record, str] = {"quote": "searchkit.export/1", "document": "searchkit.document/1"}
COLUMNS: Mapping[Record, tuple[str, ...]] = {
    "quote": (
        *("id", "text", "speaker", "role", "affiliation", "verb", "about", "kind"),
        *("date", "date_precision", "date_source", "date_confidence"),
        *("resolved_by", "speaker_confidence", "rule", "confidence"),
        *("document", "revision", "title", "outlet", "wire", "published", "published_confidence", "url", "uri"),
        *("page", "start", "end", "watchlist", "copies", "gone_at", "fetched_at", "extractor_version"),
    ),
    "document": (
        *("id", "revision", "title", "outlet", "wire", "byline", "published", "published_confidence", "updated"),
        *("language", "url", "uri", "statements", "watchlist", "copies", "gone_at", "first_seen", "fetched_at"),
        *("source", "digest", "raw_digest", "extractor_version"),
    ),
}


def provenance(found: HitRecord) -> dict[str, Any]:
    """Return the article of a statement: metadata, addresses, and how it was obtained."""
    document = found.document
    return {
        **article_json(document),
        "source": document.source,
        "fetched_at": document.fetched_at or None,
        "first_seen": document.first_seen or None,
        "gone_at": document.gone_at or None,
        "copies": {"group": document.copies, "number": found.hit.copies, "ids": list(found.hit.copy_ids)},
        "extractor_version": document.extractor_version,
        "record_version": document.record_version,
    }


def article_json(document: Document) -> dict[str, Any]:
    """Return the metadata and addresses of an article."""
    return {
        "revision": document.revision,
        "title": document.title,
        "outlet": document.outlet,
        "wire": document.wire,
        "byline": list(document.byline),
        "published": date_json(document.published),
        "language": document.language,
        "url": redacted(document.canonical_url or document.uri),
        "uri": redacted(document.uri),
    }


def shown_record(document: Document) -> dict[str, Any]:
    """Return the complete stored record without the secrets in its addresses."""
    record = to_json(document)
    addresses = {key: redacted(record[key]) for key in ("uri", "canonical_url") if record.get(key)}
    return {**record, **addresses}


def as_json(found: HitRecord) -> dict[str, Any]:
    """Return a statement with the provenance of its article, or the complete record of a document."""
    if found.quote is None:
        return {"schema": SCHEMA["document"], **shown_record(found.document)}
    opened = found.opened
    said = quote_json(found.quote, found.document, opened.names, opened.matched)
    return {"schema": SCHEMA["quote"], **said, **provenance(found)}


def as_row(found: HitRecord) -> dict[str, Any]:
    """Return a row with COLUMNS. The writer of the sheet must guard the cells."""
    document = found.document
    row: dict[str, Any] = {
        **provenance(found),
        "published": _value(document.published),
        "published_confidence": document.published and document.published.confidence,
        "updated": _value(document.updated),
        "copies": found.hit.copies,
    }
    if found.quote is None:
        return row | {
            "id": document.id,
            "statements": len(document.quotes),
            "watchlist": matched_entries(document.matches),
            "digest": document.digest,
            "raw_digest": document.raw_digest,
        }
    return row | _statement_row(found, found.quote)


def _statement_row(found: HitRecord, quote: Quote) -> dict[str, Any]:
    opened = found.opened
    date = quote.date
    return quote_json(quote, found.document, opened.names, opened.matched) | {
        "date": _value(date),
        "date_precision": date and date.precision,
        "date_source": date and date.source,
        "date_confidence": date and date.confidence,
        "watchlist": matched_entries(opened.matched.get(quote.id, ())),
    }


def _value(date: PartialDate | None) -> str | None:
    """Return a date for a sheet: the day that the outlet shows, which may differ from the day in UTC."""
    if date is None:
        return None
    return date.local_day or date.value
