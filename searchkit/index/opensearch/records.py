"""Rows as records of the two indexes, and the strings in which values are kept."""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from searchkit.document import Document
from searchkit.index.analysis import name_words, stems, words
from searchkit.index.facets import Label, label
from searchkit.index.opensearch.mapping import UNITS, UNPLACED, part
from searchkit.index.ranking import day_fields, text_fields, weight
from searchkit.index.rows import DateValue, NameValue, Row, document_row, quote_rows
from searchkit.index.values import interval_key, value_key
from searchkit.query.fields import Record

# Between the parts of a string; `safe` writes it otherwise where a value contains it.
SEPARATOR = "\x1f"
# Begins what JSON or the index cannot hold as it is: a lone surrogate, SEPARATOR, the mark itself.
_MARK = "\U0010ffff"
_UNSAFE = re.compile(f"[\ud800-\udfff{SEPARATOR}{_MARK}]")
_ESCAPED = re.compile(f"{_MARK}([0-9a-f]{{6}})")
# The index takes terms of 32,766 bytes, and a label has three parts. Longer values keep their beginning and a digest.
_MAX_LENGTH, _KEPT = 2_500, 2_400
_MAX_ID_BYTES = 500


def safe(text: str) -> str:
    """Return a string that the index can hold, another one for every other text."""
    if len(text) > _MAX_LENGTH:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        text = f"{text[:_KEPT]}…{digest}"
    return _UNSAFE.sub(lambda found: f"{_MARK}{ord(found[0]):06x}", text)


def unsafe(kept: str) -> str:
    """Return the text of which `safe` made a string."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), kept) if _MARK in kept else kept


def joined(*parts: str) -> str:
    """Return one string of several."""
    return SEPARATOR.join(map(safe, parts))


def parts_of(kept: str) -> list[str]:
    """Return the strings of which `joined` made one."""
    return list(map(unsafe, kept.split(SEPARATOR)))


def label_of(kept: str) -> Label:
    """Return the label that a value of the form `label` stands for."""
    key, value_id, name = parts_of(kept)
    return Label(key, value_id, name, value_key(name))


def key_of(record_id: str) -> str:
    """Return the `_id` of a record."""
    key = safe(record_id)
    if key and len(key.encode()) <= _MAX_ID_BYTES:
        return key
    return f"{_MARK}{blake2b(key.encode(), digest_size=16).hexdigest()}"


def source_checksum(document: Document) -> str:
    """Return a checksum of all that a document contains."""
    try:
        content = msgspec.json.encode(document, order="deterministic")
    except UnicodeEncodeError:  # an address with lone surrogates
        content = repr(document).encode()
    return blake2b(content, digest_size=8).hexdigest()


def records_of(document: Document) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Yield the records of a document and its statements."""
    source = source_checksum(document)
    yield "document", _record(document_row(document), 0, source)
    for place, row in enumerate(quote_rows(document)):
        yield "quote", _record(row, place, source)


def _record(row: Row, place: int, source: str) -> dict[str, Any]:
    record: dict[str, Any] = {"id": safe(row.id), "document": safe(row.document), "place": place, "source": source}
    if row.precedence is not None:
        record.update(copies=safe(row.copies), precedence=safe(row.precedence.packed()))
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    if days:
        record["day"] = days[0]
    for name, passages in row.texts.items():
        written = [words(passage) for passage in passages]
        record[part(name, "words")] = _tokens(written)
        record[part(name, "stems")] = _tokens(map(stems, written))
    if row.record == "document":
        record[part("text", "stems")] = [
            tokens
            for name in text_fields("text", "document")
            for tokens in record.get(part(name, "stems"), ()) * weight(name)
        ]
    for name, values in row.names.items():
        record.update({part(name, form): found for form, found in _name_forms(values)})
    for name, keywords in row.keywords.items():
        record[part(name, "key")] = [safe(value_key(keyword)) for keyword in keywords]
        record[part(name, "label")] = [joined(*label(keyword, keyword)[:3]) for keyword in keywords]
    for name, dates in row.dates.items():
        record.update({part(name, form): found for form, found in _date_forms(dates)})
    return record


def _tokens(passages: Iterable[Sequence[str]]) -> list[str]:
    return [" ".join(passage) for passage in passages]


def _name_forms(values: Sequence[NameValue]) -> Iterator[tuple[str, list[str]]]:
    labels = [label(value.id, value.name) for value in values]
    yield "key", [safe(own.key) for own in labels]
    yield "label", [joined(own.key, own.id, own.name) for own in labels]
    yield "named", [joined(own.name_key, own.key) for own in labels]
    spellings = [
        (value.id, name_words(spelling))
        for value in values
        for spelling in dict.fromkeys((value.name, *value.surfaces))
    ]
    yield "spelling", _tokens(spelled for _, spelled in spellings)
    yield "spelled", [joined(value_id, " ".join(spelled)) for value_id, spelled in spellings]


def _date_forms(dates: Sequence[DateValue]) -> Iterator[tuple[str, list[Any]]]:
    yield "days", [{"gte": span.first, "lte": span.last} for span in dates]
    yield "first", [span.first for span in dates]
    yield "last", [span.last for span in dates]
    for unit in UNITS:
        yield unit, list(dict.fromkeys(interval_key(span.first, span.last, unit) or UNPLACED for span in dates))
