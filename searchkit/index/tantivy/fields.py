"""What of a row goes where: the fields of each kind of record in tantivy, and the terms by which rows are found.

takes:    names of fields of the language, values
gives:    tantivy schemas; names of fields; terms; what is stored of a row
does not: write (rendering.py makes documents of rows)
traps:    words and stems are made by us and joined by spaces: tantivy only parts them again. Statements stand in their
          own index only: what asks for their words over documents is joined. The stems of a body are those of the whole
          text, where a title's stand twice
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import tantivy

from searchkit.index.rows import text_fields
from searchkit.index.tantivy.labels import whole
from searchkit.query.ast import Unit
from searchkit.query.fields import FIELDS, Record

# Fields beside those of the language; none of these names is one of its own.
ROW = "row_number"  # of the row, once in the index
OWNER = "owner_number"  # the row number of its document
TERMS = "terms"  # all that a row is found by and that is no word: see labels.py, and the terms below
NAMES = "names"  # the words of all names, each behind the code of its field
GROUP = "copy_group"  # a column: what stands for the group of copies
BY_ID, NEWEST, OLDEST = "by_id", "by_newest", "by_oldest"  # strings in whose order rows are listed
RECORD = "record"  # stored: see packed_record
UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")

SPLIT, COLUMN = "split", "column"  # how tantivy reads text: at spaces, or for its column only
HAS_GROUP = "has:row.group"
# In columns: a row without a value; a date that lies in several intervals; those of dates are counted from 2.
MISSING, UNPLACED, FIRST_INTERVAL = 0, 1, 2


@cache
def field(name: str, part: str) -> str:
    """The tantivy field that holds one part (`words`, `stems`, `key`, `days`...) of a field of the language."""
    return f"{name.replace('.', '-')}_{part}"


@cache
def has_term(name: str) -> str:
    """Of rows with a value in the field."""
    return f"has:{name}"


def document_term(document_id: str) -> str:
    """Of the rows of one document."""
    return f"doc:{whole(document_id)}"


def group_term(group: int) -> str:
    """Of the rows of one group of copies."""
    return f"group:{group}"


def unplaced_term(name: str, unit: Unit) -> str:
    """Of rows with a date that lies in several such intervals."""
    return f"unplaced:{name}.{unit}"


def span_term(name: str, first: int | str = "", last: int | str = "") -> str:
    """Of rows with a date that may be any day from `first` to `last`; without them, how all these begin."""
    return f"span:{name}.{first}-{last}" if first else f"span:{name}."


def span_of(found: str) -> tuple[int, int]:
    """First and last day of a term from `span_term`."""
    first, _, last = found.rpartition(".")[2].partition("-")
    return int(first), int(last)


def interval_at(found: int) -> int:
    """The number, as intervals.py has it, of an interval from a column."""
    return found - FIRST_INTERVAL


@cache
def stems_field(part: str, record: Record) -> str:
    """The field with the stems of a text field, or of the text that it is part of."""
    whole_text = text_fields("text", record)
    return field("text" if len(whole_text) > 1 and part in whole_text and part != "title" else part, "stems")


@cache
def indexed_texts(record: Record) -> tuple[str, ...]:
    """The text fields whose words a kind of record has by itself; those of statements stand in their own index."""
    names = (one.name for one in FIELDS if one.kind == "text" and record in one.records and one.name != "text")
    return tuple(name for name in names if record == "quote" or name != "quote")


@cache
def is_counted(name: str) -> bool:
    """Whether a keyword field has a column to be counted by."""
    return any(one.name == name and one.facet for one in FIELDS)


@cache
def schema(record: Record) -> Any:
    """The tantivy schema of one kind of record."""
    made = tantivy.SchemaBuilder()

    def text(name: str, tokenizer: str = SPLIT, *, fast: bool = False, option: str = "basic") -> None:
        made.add_text_field(name, tokenizer_name=tokenizer, fast=fast, index_option=option)

    def column(name: str) -> None:
        made.add_unsigned_field(name, fast=True)

    for one in (ROW, OWNER):
        made.add_unsigned_field(one, indexed=True, fast=True)
    made.add_bytes_field(RECORD, stored=True)
    for order in (BY_ID, NEWEST, OLDEST):
        text(order, COLUMN, fast=True)
    text(TERMS)
    text(NAMES, option="position")
    column(GROUP)
    for stemmed in sorted({stems_field(name, record) for name in indexed_texts(record)}):
        text(stemmed, option="freq")
    for name in indexed_texts(record):
        text(field(name, "words"), option="position")
        for stored in ("read", "exact"):
            made.add_bytes_field(field(name, stored), stored=True)
    for known in FIELDS:
        if record not in known.records or known.kind == "text":
            continue
        parts = {"date": ("days", *UNITS), "name": ("key", "spelled"), "keyword": ("key",)}[known.kind]
        for part in parts if known.facet else ():
            column(field(known.name, part))
    return made.build()


def register(index: Any) -> None:
    """Tell an open tantivy index how to read what fields.py gives it."""

    def analyzer(tokenizer: Any, *filters: Any) -> Any:
        made = tantivy.TextAnalyzerBuilder(tokenizer)
        for one in filters:
            made = made.filter(one)
        return made.build()

    raw = tantivy.Tokenizer.raw
    index.register_tokenizer(SPLIT, analyzer(tantivy.Tokenizer.whitespace()))
    # Terms of no length are none: the field is not indexed, only its column is written.
    index.register_tokenizer(COLUMN, analyzer(raw(), tantivy.Filter.remove_long(1)))
    index.register_fast_field_tokenizer(COLUMN, analyzer(raw()))


def packed_record(row_id: str, document_id: str, group: int | None, precedence: str) -> bytes:
    """What is stored of a row beside its texts; the lengths of its ids divide them, since they may hold any sign."""
    told = "" if group is None else group
    packed = f"{len(row_id)} {len(document_id)} {told} {row_id}{document_id}{precedence}"
    return packed.encode("utf-8", "surrogatepass")


def record_of(document: Any) -> tuple[str, str, int | None, str]:
    """Of a document from tantivy the ids of the row and of its document, its group and its packed precedence."""
    length, others_length, group, rest = document.get_first(RECORD).decode("utf-8", "surrogatepass").split(" ", 3)
    first = int(length)
    second = first + int(others_length)
    return rest[:first], rest[first:second], int(group) if group else None, rest[second:]


def words_of(document: Any, name: str) -> list[str]:
    """The words of a text field of a document from tantivy, of which each has one passage; none where it has none."""
    stored = document.get_first(field(name, "read"))
    return stored.decode().split(" ") if stored else []


def places_of(document: Any, name: str, wanted: Iterable[str]) -> list[tuple[int, str]]:
    """Where words of a text field stand that are `wanted`, in order."""
    stored = document.get_first(field(name, "read"))
    text = f" {stored.decode()} " if stored else ""
    found = []
    for word in wanted:
        sought = f" {word} "
        position = before = 0
        place = text.find(sought)
        while place >= 0:
            position += text.count(" ", before, place)
            found.append((position, word))
            before, place = place, text.find(sought, place + 1)
    return sorted(found)


def exact_of(document: Any, name: str) -> str:
    """A text field as `exact:` compares it."""
    stored = document.get_first(field(name, "exact"))
    return stored.decode("utf-8", "surrogatepass") if stored else ""
