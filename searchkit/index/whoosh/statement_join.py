"""From statements to the documents that own them, by the id that both have in a column.

takes:    rows of statements with their columns of document ids; the columns of the documents
gives:    by column of the documents, the codes of those that own any of these statements
does not: know queries
traps:    a document has its row in any segment of documents: nothing says in which
"""

from collections.abc import Iterable, Sequence

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import Rows

Stated = Sequence[tuple[ValueColumn, Rows]]
"""By segment of the statements: their column of document ids, and rows of it."""


def owning(stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    """The codes, by column of the documents."""
    documents: set[bytes] = set()
    for column, rows in stated:
        codes = column.codes
        documents.update(column.value(code) for code in {codes[row] for row in rows})
    return [column.codes_among(documents) for column in columns]
