"""Facets of pairs: two values that stand in one and the same statement.

takes:    the rows counted; all statements, and to which of the rows counted each belongs
gives:    facets of pairs
does not: find rows
traps:    a document's statements lie in one segment
"""

from collections import Counter
from collections.abc import Sequence

from searchkit.index.base import Facet, FacetRequest
from searchkit.index.facets import Pair, pair_facet
from searchkit.index.whoosh.column_types import DOCUMENT_ID, ROW_ID
from searchkit.index.whoosh.facets import Counted
from searchkit.index.whoosh.segments import Segments
from searchkit.query.fields import Field

Owners = Sequence[Sequence[int]]
"""By segment and row of the statements: the number of the document each belongs to, -1 for those deleted."""


def owners(documents: Segments, quotes: Segments) -> Owners:
    """The documents of all statements."""
    numbers: dict[bytes, int] = {}
    for first, view in zip(documents.firsts, documents, strict=True):
        column = view.column(ROW_ID)
        for row in view.every_row - view.deleted:
            numbers[column.value(column.codes[row])] = first + row
    found = []
    for view in quotes:
        column = view.column(DOCUMENT_ID)
        of_code = [numbers.get(value, -1) for value in column.values()]
        found.append([-1 if row in view.deleted else of_code[column.codes[row]] for row in range(view.row_count)])
    return found


def pairs(
    request: FacetRequest, fields: tuple[Field, Field], counted: Counted, quotes: Segments, owner: Owners
) -> Facet:
    """Counts of the pairs of two fields over the rows counted, which own the statements that hold the pairs."""
    every = set(counted.rows)
    # What stands for a row: one of its copies, if it has any.
    unit = {row: group[0] for group in counted.groups for row in group}
    labels: Counter[Pair] = Counter()
    keys: set[tuple[int, tuple[str, str]]] = set()
    paired: set[int] = set()
    for view, owned in zip(quotes, owner, strict=True):
        one, other = (view.column(field.name) for field in fields)
        held = {
            (owned[row], first, second)
            for row in one.valued_rows & other.valued_rows
            if owned[row] in every
            for first in one.codes_of(row)
            for second in other.codes_of(row)
        }
        for number, first, second in held:
            pair = Pair(one.label(first), other.label(second))
            labels[pair] += 1
            keys.add((unit.get(number, number), pair.key))
            paired.add(number)
    totals = Counter(key for _, key in keys)
    missing = len({unit.get(number, number) for number in every - paired})
    return pair_facet(request, labels.items(), totals, missing)


def own_rows(quotes: Segments) -> Owners:
    """Statements that are counted themselves: each belongs to itself."""
    return [range(first, first + view.row_count) for first, view in zip(quotes.firsts, quotes, strict=True)]
