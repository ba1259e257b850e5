"""Rows as records of the two indexes, and the strings in which values are kept."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

from searchkit.cluster.opensearch.mapping import UNITS, UNPLACED, part
from searchkit.index.analysis import name_words, stems, words
from searchkit.index.ranking import day_fields, text_fields, weight
from searchkit.index.rows import DateValue, NameValue, Row, document_row, quote_rows, source_checksum
from searchkit.index.values import Label, interval_key, label, value_key
from searchkit.query.fields import Record
from searchkit.statements.document import Document

# Between the parts of a string; `safe` writes it otherwise where a value contains it.
SEPARATOR = "\x7f"
# Begins what JSON or the index cannot hold as it is: a lone surrogate, SEPARATOR, the mark itself.
_MARK = "\U0010ffff"
_UNSAFE = re.compile(f"[\ud800-\udfff{SEPARATOR}{_MARK}]")
_ESCAPED = re.compile(f"{_MARK}([0-9a-f]{{6}})")
# The index takes terms of 32,766 bytes, and a label has three parts. Longer values keep their beginning and a digest.
_MAX_LENGTH, _KEPT = 2_500, 2_400
_MAX_ID_BYTES = 500
# Values whose forms are kept: the same names, keywords and days are in many records.
_CACHE_SIZE = 20_000


def safe(text: str) -> str:
    """Return a string that the index can hold, another one for every other text."""
    if len(text) <= _MAX_LENGTH and text.isascii() and text.isprintable():  # most texts, at half of the time
        return text
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


def written_label(own: Label) -> str:
    """Return the value of the form `label` for a label: its key, with id and name only where they differ from it."""
    if own.id != own.key:
        return joined(own.key, own.id, own.name)
    return safe(own.key) if own.name == own.key else joined(own.key, own.name)


def label_of(kept: str) -> Label:
    """Return the label of which `written_label` made a string."""
    key, *others = parts_of(kept)
    value_id, name = (key, *others)[-2:] if others else (key, key)
    return Label(key, value_id, name, value_key(name))


def key_of(record_id: str) -> str:
    """Return the `_id` of a record."""
    key = safe(record_id)
    if key and len(key.encode()) <= _MAX_ID_BYTES:
        return key
    return f"{_MARK}{blake2b(key.encode(), digest_size=16).hexdigest()}"


def records_of(document: Document) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Yield the records of a document and its statements."""
    source, passages = source_checksum(document), _Passages()
    yield "document", _record(document_row(document), 0, source, passages)
    for place, row in enumerate(quote_rows(document)):
        yield "quote", _record(row, place, source, passages)


class _Passages(dict[str, tuple[str, str, Sequence[str]]]):
    """Maps the passages of a document, which its records share, to their words, their stems, and those stems that
    differ from the word."""

    def __missing__(self, passage: str) -> tuple[str, str, Sequence[str]]:
        written = words(passage)
        own = stems(written)
        differing = [stem for stem, word in zip(own, written, strict=True) if stem != word]
        self[passage] = tokens = " ".join(written), " ".join(own), differing
        return tokens


def _record(row: Row, place: int, source: str, tokens: _Passages) -> dict[str, Any]:
    record: dict[str, Any] = {"id": safe(row.id), "document": safe(row.document), "place": place, "source": source}
    if row.precedence is not None:
        record.update(copies=safe(row.copies), precedence=safe(row.precedence.packed()))
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    if days:
        record["day"] = days[0]
    for name, passages in row.texts.items():
        record[part(name, "words")] = [tokens[passage][0] for passage in passages]
        if name != "text":
            record[part(name, "stems")] = [*dict.fromkeys(chain.from_iterable(tokens[each][2] for each in passages))]
    record[part("text", "stems")] = [
        tokens[passage][1]
        for name in text_fields("text", row.record)
        for passage in row.texts.get(name, ()) * weight(name)
    ]
    for name, values in row.names.items():
        record.update(_names(name, values))
    for name, keywords in row.keywords.items():
        record.update(_keywords(name, keywords))
    for name, dates in row.dates.items():
        record.update(_dates(name, dates))
    return record


@lru_cache(_CACHE_SIZE)
def _names(field: str, values: tuple[NameValue, ...]) -> dict[str, list[str]]:
    """Return the forms of a name field."""
    forms: dict[str, list[str]] = {}
    for value in values:
        for form, strings in _name_strings(value):
            forms.setdefault(part(field, form), []).extend(strings)
    return forms


@lru_cache(_CACHE_SIZE)
def _name_strings(value: NameValue) -> list[tuple[str, list[str]]]:
    own = label(value.id, value.name)
    spellings = [*dict.fromkeys(" ".join(name_words(spelling)) for spelling in (value.name, *value.surfaces))]
    forms = [
        ("key", [safe(own.key)]),
        ("label", [written_label(own)]),
        ("named", [] if own.name_key == own.key else [joined(own.name_key, own.key)]),
        ("spelling", spellings),
        ("spelled", [joined(value.id, spelling) for spelling in spellings[1:]]),
    ]
    return [(form, strings) for form, strings in forms if strings]


@lru_cache(_CACHE_SIZE)
def _keywords(field: str, keywords: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the forms of a keyword field."""
    labels = [label(keyword, keyword) for keyword in keywords]
    return {
        part(field, "key"): [safe(own.key) for own in labels],
        part(field, "label"): [written_label(own) for own in labels],
    }


@lru_cache(_CACHE_SIZE)
def _dates(field: str, dates: tuple[DateValue, ...]) -> dict[str, list[Any]]:
    """Return the forms of a date field."""
    forms: dict[str, list[Any]] = {"days": [{"gte": span.first, "lte": span.last} for span in dates]}
    if several := [span for span in dates if span.last > span.first]:
        forms.update(first=[span.first for span in several], last=[span.last for span in several])
    for unit in UNITS:
        forms[unit] = [*dict.fromkeys(interval_key(span.first, span.last, unit) or UNPLACED for span in dates)]
    if unplaced := [unit for unit in UNITS if UNPLACED in forms[unit]]:
        forms["unplaced"] = unplaced
    return {part(field, form): values for form, values in forms.items()}
