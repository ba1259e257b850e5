"""Compute facets of pairs: two values in the same statement."""

from collections import Counter
from collections.abc import Sequence

from searchkit.index.base import Facet, FacetRequest
from searchkit.index.facets import Pair, pair_facet
from searchkit.index.whoosh.column_types import DOCUMENT_ID, ROW_ID
from searchkit.index.whoosh.kernels.copies import Groups
from searchkit.index.whoosh.kernels.facets import FieldFacets
from searchkit.index.whoosh.rows import RowSet
from searchkit.index.whoosh.segments import Segments, SegmentsByKind
from searchkit.query.fields import Field, Record

Owners = Sequence[Sequence[int]]
"""By segment and row of the statements: the row that a statement counts for, -1 for deleted ones."""


def _owners(segments: SegmentsByKind, record: Record) -> Owners:
    """Return the statements themselves, or their documents."""
    quotes, documents = segments["quote"], segments["document"]
    if record == "quote":
        return [range(first, first + view.row_count) for first, view in zip(quotes.row_offsets, quotes, strict=True)]
    return quotes.cached("owners", lambda: _documents_of(quotes, documents))


def _documents_of(quotes: Segments, documents: Segments) -> Owners:
    numbers: dict[bytes, int] = {}
    for first, view in zip(documents.row_offsets, documents, strict=True):
        column = view.column(ROW_ID)
        for row in view.make_rows([range(view.row_count)]) - view.deleted:
            numbers[column.value(column.codes[row])] = first + row
    found = []
    for view in quotes:
        column = view.column(DOCUMENT_ID)
        of_code = [numbers.get(value, -1) for value in column.values()]
        found.append([-1 if row in view.deleted else of_code[column.codes[row]] for row in range(view.row_count)])
    return found


def facet(
    request: FacetRequest,
    fields: Sequence[Field],
    rows: RowSet,
    groups: Groups,
    segments: SegmentsByKind,
    record: Record,
) -> Facet:
    """Count the values of a field, or the pairs of two fields, over some rows; a group of copies counts once."""
    if len(fields) == 1:
        own, field = segments[record], fields[0]
        return own.cached(("facets", field.name), lambda: FieldFacets(own, field)).facet(request, rows, groups)
    quotes, owner = segments["quote"], _owners(segments, record)
    every = set(rows)
    # One of the copies of a row counts for all.
    unit = {row: group[0] for group in groups for row in group}
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
