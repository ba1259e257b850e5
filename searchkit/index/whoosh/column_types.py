"""The columns of each kind of record, without importing Whoosh."""

from searchkit.index.whoosh.columns import ColumnKind
from searchkit.query.fields import FIELDS, Record

# Ids of a row and of its document, its group of copies and its order there. The dot avoids clashes with fields of the
# query language.
ROW_ID = "row.id"
DOCUMENT_ID = "row.document"
COPIES = "row.copies"
PRECEDENCE = "row.precedence"


def column_kinds(record: Record) -> dict[str, ColumnKind]:
    """Return the kind of each column by name; text fields have none."""
    kinds: dict[str, ColumnKind] = dict.fromkeys((DOCUMENT_ID, ROW_ID, COPIES, PRECEDENCE), "id")
    for field in FIELDS:
        if record in field.records and field.kind != "text":
            kinds[field.name] = field.kind
    return kinds
