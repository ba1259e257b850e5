"""The two indexes: their names, their settings, and the fields in which rows are stored.

    id, document, place, day    ids of the record and its document, its place there, its day: for the order of hits
    copies, precedence          of records with copies
    source                      the checksum of the document of which it was made
    F__words, F__stems          text fields: words as written with positions, and stems
    F__key, F__label            values: the key by which they are counted; key, id and name together
    F__named, F__spelling       names: key of the name and key; the words of each spelling
    F__spelled                  names: id and the words of a spelling together
    F__days, F__first, F__last  dates: spans of days, and their ends
    F__day, F__week ...         dates: the interval that contains them, or UNPLACED

`text` of a document has stems only: they are title and body as one text, which scores hits.
"""

from collections.abc import Mapping
from typing import Any, get_args

from searchkit.index.analysis import ANALYSIS_VERSION, MAX_LENGTH
from searchkit.index.ranking import K1, B
from searchkit.index.rows import SCHEMA_VERSION
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Field, Record

# Increase with every change of the indexes that the other versions do not cover.
ENGINE_VERSION = 1
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
_STEMS: Mapping[str, Any] = {"type": "text", "analyzer": "tokens", "position_increment_gap": PASSAGE_GAP}
_WORDS: Mapping[str, Any] = {**_STEMS, "norms": False}


def part(field: str, form: str) -> str:
    """Return the name of a form of a field in the indexes."""
    return f"{field.replace('.', '_')}__{form}"


def fields_of(record: Record) -> list[Field]:
    """Return the fields of the query language that the index of a record has."""
    return [field for field in FIELDS if field.indexed and record in field.records]


def settings(*, copies: bool = True) -> dict[str, Any]:
    """Return the settings of a new index, with `copies` if there are other nodes. One shard counts exactly."""
    return {
        "index": {
            "number_of_shards": 1,
            **({"auto_expand_replicas": COPIES} if copies else {"number_of_replicas": 0}),
            "refresh_interval": "-1",  # a commit makes its changes visible
            "max_terms_count": _MAX_TERMS,
            "max_regex_length": _MAX_REGEX,
            "max_docvalue_fields_search": 200,
            "mapping.total_fields.limit": 2_000,
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
        **{name: {"type": "integer", "index": False} for name in ("place", "day")},
    }
    for field in fields_of(record):
        forms: Mapping[str, Mapping[str, Any]]
        match field.kind:
            case "text" if field.name == "text" and record == "document":
                forms = {"stems": _STEMS}
            case "text":
                forms = {"words": _WORDS, "stems": _STEMS}
            case "date":
                number = {"type": "integer"}
                forms = {"days": {"type": "integer_range"}, "first": number, "last": number}
                forms = {**forms, **dict.fromkeys(UNITS, _KEYWORD)}
            case "name":
                forms = {"key": _KEYWORD, "label": _KEYWORD, "named": _KEYWORD, "spelled": _STORED, "spelling": _WORDS}
            case _:
                forms = {"key": _KEYWORD, "label": _KEYWORD}
        properties.update({part(field.name, form): how for form, how in forms.items()})
    return {
        "dynamic": "strict",
        # The store has the texts; of the rest, doc values answer what is asked.
        "_source": {"enabled": False},
        "_meta": {META: dict(meta)},
        "properties": properties,
    }
