"""What of a row goes where: Whoosh field types, the schema of each kind of record, and rows as Whoosh documents.

takes:    rows of schema.py
gives:    a Whoosh schema; keyword arguments of `add_document`
does not: write
traps:    a text field becomes three: its stems (scored), `.words` (as written, placed), `.stored` (for `exact:`)
"""

from collections.abc import Iterator
from typing import Any

from whoosh.columns import Column
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence

from searchkit.index.analysis import exact_key, name_words, words
from searchkit.index.schema import Row
from searchkit.index.whoosh.columns import ListColumn, date_bytes, encoded, name_bytes
from searchkit.index.whoosh.kinds import COPIES, DOCUMENT_ID, PRECEDENCE, ROW_ID
from searchkit.query.fields import FIELDS, Record


class StoredText(Column):
    """Column of passages kept as they are."""


class Words(FieldType):
    """A field of words. Its value is a list of passages, each a list of words.

    Whoosh expects one posting a word. That many tuples are what makes it slow, so the whole value travels as a single
    posting, whose "term" only says of which kind the field is, and SegmentBuilder takes it apart.
    """

    POSITIONAL, STEMMED, NAMES = b"positions", b"stems", b"names"

    def __init__(self, *, positional: bool) -> None:
        super().__init__(Existence(), None, scorable=not positional)
        self.positional = positional

    def index(self, value: Any, **kwargs: Any) -> Iterator[tuple[bytes, int, float, Any]]:
        """The one posting."""
        del kwargs
        kind = self.POSITIONAL if self.positional else self.STEMMED
        yield kind, sum(map(len, value)), 1, value


class Values(FieldType):
    """A field with a column and no words."""

    indexed = False

    def __init__(self, column: Column) -> None:
        super().__init__(Existence(), None)
        self.column_type = column

    def to_column_value(self, value: Any) -> Any:
        """Values are encoded by `row_document`."""
        return value


class Names(Words):
    """A field with a column of names and, for each of them, the words of all its spellings. Its value is a pair of the
    words and the column's values."""

    def __init__(self) -> None:
        super().__init__(positional=True)
        self.column_type = ListColumn("name")

    def index(self, value: Any, **kwargs: Any) -> Iterator[tuple[bytes, int, float, Any]]:
        """The one posting: the words."""
        del kwargs
        yield self.NAMES, sum(map(len, value[0])), 1, value[0]

    def to_column_value(self, value: Any) -> Any:
        """The names."""
        return value[1]


def schema(record: Record) -> Schema:
    """The Whoosh schema of one kind of record."""
    types: dict[str, FieldType] = {name: Values(ListColumn("id")) for name in (DOCUMENT_ID, ROW_ID, COPIES, PRECEDENCE)}
    for field in FIELDS:
        if record not in field.records or field.name == "text":  # `text` is read from title, body and quote
            continue
        if field.kind == "text":
            types[field.name] = Words(positional=False)
            types[f"{field.name}.words"] = Words(positional=True)
            types[f"{field.name}.stored"] = Values(StoredText())
        elif field.kind == "name":
            types[field.name] = Names()
        else:
            types[field.name] = Values(ListColumn(field.kind))
    return Schema(**types)


def row_document(row: Row) -> dict[str, Any]:
    """The row as Whoosh's `add_document` takes it."""
    found: dict[str, Any] = {DOCUMENT_ID: [encoded(row.document)], ROW_ID: [encoded(row.id)]}
    if row.precedence is not None:
        found |= {COPIES: [encoded(row.copies)], PRECEDENCE: [encoded(row.precedence.packed())]}
    for name, texts in row.texts.items():
        passages = [words(text) for text in texts]
        found[name] = found[f"{name}.words"] = passages
        found[f"{name}.stored"] = [exact_key(text) for text in texts]
    for name, names in row.names.items():
        spellings = [[name_words(spelling) for spelling in (value.name, *value.surfaces)] for value in names]
        found[name] = spellings, [name_bytes(value) for value in names]
    for name, keywords in row.keywords.items():
        found[name] = [encoded(value) for value in keywords]
    for name, dates in row.dates.items():
        found[name] = [date_bytes(value) for value in dates]
    return found
