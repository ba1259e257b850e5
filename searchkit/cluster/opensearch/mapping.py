"""The two indexes: their names, their settings, and the fields in which rows are stored.

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

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from searchkit.index.analysis import ANALYSIS_VERSION, MAX_LENGTH
from searchkit.index.base import SCHEMA_VERSION
from searchkit.index.ranking import K1, B
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Field, Record

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
