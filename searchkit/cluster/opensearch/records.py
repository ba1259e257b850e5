"""The two indexes: their names, their settings, and the rows as their records.

    id, document, place, day    ids of the record and its document, its place there, its day: for the order of hits
    copies, precedence          of records with copies
    source                      the checksum of the document of which it was made
    F__words                    text fields: words as written, with positions
    F__stems                    text fields: of `text` all stems, with positions; of others those that differ from words
    F__key, F__label            values: the key by which they are counted; key, id and name together
    F__named                    names whose key differs from the value's: this key, and that of the value
    F__spelling, F__spelled     names: the words of each spelling; id and words of those that differ from the name
    F__days                     dates: spans of days
    F__first, F__last           dates: the ends of spans of several days
    F__day, F__week ...         dates: the interval that contains them, or UNPLACED
    F__unplaced                 dates: the units of which no single interval contains them

`text` of a document has stems only: they are title and body as one text, which scores hits. Each form is stored only in
the ways in which requests use it, because writing them takes most of the time of the cluster.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any, get_args

from searchkit.index.analysis import ANALYSIS_VERSION, MAX_LENGTH, name_words, stems, words
from searchkit.index.base import SCHEMA_VERSION
from searchkit.index.ranking import K1, B, day_fields, text_fields, weight
from searchkit.index.rows import DateValue, NameValue, Row, document_row, quote_rows, source_checksum
from searchkit.index.values import Label, interval_key, label, value_key
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Field, Record
from searchkit.statements.document import Document

# Increase with every change of the indexes that the other versions do not cover.
ENGINE_VERSION = 2
VERSIONS: Mapping[str, int] = {"schema": SCHEMA_VERSION, "analysis": ANALYSIS_VERSION, "opensearch": ENGINE_VERSION}
# One copy protects against the loss of a node, if there is another one.
COPIES = "0-1"
INDEX_NAMES: Mapping[Record, str] = {"document": "documents", "quote": "statements"}
# The entry of a mapping's _meta in which our notes are.
META = "searchkit"
UNITS: tuple[Unit, ...] = get_args(Unit)
# The interval of a date that lies in no single one.
UNPLACED = "?"
# Between the passages of a field: no phrase and no NEAR reaches from one to the next.
PASSAGE_GAP = 10_000
# Values in one request, and the text of patterns over values.
_MAX_TERMS, _MAX_REGEX = 10_000_000, 1_000_000
_KEYWORD: Mapping[str, Any] = {"type": "keyword"}
_STORED: Mapping[str, Any] = {"type": "keyword", "index": False}
_UNCOUNTED: Mapping[str, Any] = {"type": "keyword", "doc_values": False}
_NUMBER: Mapping[str, Any] = {"type": "integer", "index": False}
_TEXT: Mapping[str, Any] = {"type": "text", "analyzer": "tokens", "position_increment_gap": PASSAGE_GAP}
_WORDS: Mapping[str, Any] = {**_TEXT, "norms": False}
_FORMS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "text": {"words": _WORDS, "stems": _UNCOUNTED},
    "name": {"key": _KEYWORD, "label": _STORED, "named": _KEYWORD, "spelling": _WORDS, "spelled": _STORED},
    "keyword": {"key": _KEYWORD, "label": _STORED},
    "date": {
        "days": {"type": "integer_range", "doc_values": False},
        **dict.fromkeys(("first", "last"), _NUMBER),
        **dict.fromkeys(UNITS, _STORED),
        "unplaced": _UNCOUNTED,
    },
}


@cache
def part(field: str, form: str) -> str:
    """Return the name of a form of a field in the indexes."""
    return f"{field.replace('.', '_')}__{form}"


def fields_of(record: Record) -> list[Field]:
    """Return the fields of the query language that the index of a record has."""
    return [field for field in FIELDS if field.indexed and record in field.records]


def settings() -> dict[str, Any]:
    """Return the settings of a new index, which is copied when it is complete. One shard counts exactly."""
    return {
        "index": {
            "number_of_shards": 1,
            "number_of_replicas": 0,
            "refresh_interval": "-1",  # a commit makes its changes visible
            "max_terms_count": _MAX_TERMS,
            "max_regex_length": _MAX_REGEX,
            "max_docvalue_fields_search": 200,
            "mapping.total_fields.limit": 2_000,
            "allocation.max_retries": 1_000,  # after 5, a copy that a busy node cannot open yet stays missing
            "gc_deletes": "1h",  # so long, a late write of another machine cannot bring a deleted record back
            "merge.policy.expunge_deletes_allowed": 0,  # `forget` removes every deleted record
            "similarity": {"default": {"type": "BM25", "k1": K1, "b": B}},
        },
        "analysis": {
            "tokenizer": {"tokens": {"type": "whitespace", "max_token_length": 4 * MAX_LENGTH}},
            "analyzer": {"tokens": {"type": "custom", "tokenizer": "tokens"}},
        },
    }


def mappings(record: Record, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping of a new index with our notes."""
    properties: dict[str, Mapping[str, Any]] = {
        **dict.fromkeys(("id", "document", "copies"), _KEYWORD),
        **dict.fromkeys(("precedence", "source"), _STORED),
        **dict.fromkeys(("place", "day"), _NUMBER),
    }
    for field in fields_of(record):
        properties.update({part(field.name, form): how for form, how in _forms(field, record).items()})
    return {
        "dynamic": "strict",
        # The store has the texts; of the rest, doc values answer what is asked.
        "_source": {"enabled": False},
        "_meta": {META: dict(meta)},
        "properties": properties,
    }


def _forms(field: Field, record: Record) -> Mapping[str, Mapping[str, Any]]:
    if field.name == "text":
        return {"stems": _TEXT} if record == "document" else {"words": _WORDS, "stems": _TEXT}
    return _FORMS[field.kind]


# --- records ----------------------------------------------------------------------------------------------------------

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
