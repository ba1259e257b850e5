"""What of a row goes where: Whoosh field types, and the schema of each kind of record.

takes:    the fields of the language
gives:    a Whoosh schema
does not: write
traps:    a text field becomes three: its stems (scored), `.words` (as written, placed), `.stored` (for `exact:`)
"""

from whoosh.columns import Column
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence

from searchkit.index.whoosh.column_types import COPIES, DOCUMENT_ID, PRECEDENCE, ROW_ID
from searchkit.index.whoosh.columns import ListColumn
from searchkit.query.fields import FIELDS, Record


class StoredText(Column):
    """Column of passages kept as they are."""


class Words(FieldType):
    """A field of words: placed as written (`positional`), or stems, which are scored."""

    def __init__(self, *, positional: bool) -> None:
        super().__init__(Existence(), None, scorable=not positional)
        self.positional = positional


class Values(FieldType):
    """A field with a column and no words."""

    indexed = False

    def __init__(self, column: Column) -> None:
        super().__init__(Existence(), None)
        self.column_type = column


class Names(Words):
    """A field with a column of names and, for each of them, the words of all its spellings."""

    def __init__(self) -> None:
        super().__init__(positional=True)
        self.column_type = ListColumn("name")


def schema(record: Record) -> Schema:
    """The Whoosh schema of one kind of record."""
    types: dict[str, FieldType] = {name: Values(ListColumn("id")) for name in (DOCUMENT_ID, ROW_ID, PRECEDENCE)}
    types[COPIES] = Values(ListColumn("id", counted=True))
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
            types[field.name] = Values(ListColumn(field.kind, counted=field.facet and field.kind != "date"))
    return Schema(**types)
