"""What the columns of each kind of record are: all that reading needs of the schema, without Whoosh."""

from searchkit.index.whoosh.columns import ColumnKind
from searchkit.query.fields import FIELDS, Record

# The ids of a row and of its document, and what is known of it as a copy; a dot keeps them apart from the language's
# fields.
ROW_ID = "row.id"
DOCUMENT_ID = "row.document"
COPIES = "row.copies"
PRECEDENCE = "row.precedence"


def column_kinds(record: Record) -> dict[str, ColumnKind]:
    """The kind of each column by its name; text fields have none."""
    kinds: dict[str, ColumnKind] = dict.fromkeys((DOCUMENT_ID, ROW_ID, COPIES, PRECEDENCE), "id")
    for field in FIELDS:
        if record in field.records and field.kind != "text":
            kinds[field.name] = field.kind
    return kinds
