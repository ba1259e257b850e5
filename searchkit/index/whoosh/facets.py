"""Facets and order from columns.

takes:    the rows found, segment by segment
gives:    facets over them; the day of each row
does not: find rows
traps:    codes mean something within one segment only; across segments values are counted
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from searchkit.index.base import Facet, FacetRequest
from searchkit.index.schema import day_fields
from searchkit.index.values import date_facet, facet_field, interval_key, value_facet
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.sections import Numbers
from searchkit.index.whoosh.segments import SegmentView
from searchkit.query.fields import Record


def facet(request: FacetRequest, record: Record, views: Sequence[SegmentView], found: Sequence[set[int]]) -> Facet:
    """Counts of one field over the rows `found`. UsageError when the field cannot be counted."""
    field = facet_field(request, record)
    missing = 0
    if field.kind == "date":
        keys: Counter[str] = Counter()
        for view, rows in zip(views, found, strict=True):
            missing += _count_dates(keys, view.column(field.name), rows, request)
        return date_facet(request, keys, missing)
    tally: Counter[tuple[str, str]] = Counter()
    for view, rows in zip(views, found, strict=True):
        column = view.column(field.name)
        counts, with_values = _count_codes(column, rows, view.row_count)
        missing += len(rows) - with_values
        for code, count in counts.items():
            tally[column.label(code)] += count
    return value_facet(request, tally, missing)


def _count_codes(column: ValueColumn, rows: set[int], row_count: int) -> tuple[Counter[int], int]:
    """How many of `rows` have each code, and how many have any."""
    if not len(column) or not rows:
        return Counter(), 0
    codes, ends = column.quick_codes, column.quick_ends
    if len(rows) == row_count:
        return Counter(codes), len(column.all_rows())
    parts = [codes[ends[row] : ends[row + 1]] for row in rows]
    return Counter(chain.from_iterable(parts)), sum(map(bool, parts))


def _count_dates(keys: Counter[str], column: ValueColumn, rows: Iterable[int], request: FacetRequest) -> int:
    """Count the intervals in which `rows` lie into `keys`; returns how many rows lie in none."""
    interval = request.interval or "month"
    names = [interval_key(first, last, interval) for first, last in column.spans()]
    missing = 0
    # Rows by their codes: there are few different lists of days.
    for codes, count in Counter(bytes(column.codes_of(row)) for row in rows).items():
        own = {name for code in array("I", codes) if (name := names[code]) is not None}
        for name in own:
            keys[name] += count
        missing += 0 if own else count
    return missing


def days(view: SegmentView, record: Record) -> Numbers:
    """The day by which each row is ordered, as an ordinal; 0 where it has none."""
    found = array("I", bytes(4 * view.row_count))
    for name in reversed(day_fields(record)):
        column = view.column(name)
        if not len(column):
            continue
        firsts = [first for first, _ in column.spans()]
        codes, ends = column.quick_codes, column.quick_ends
        for row in column.all_rows():
            found[row] = firsts[codes[ends[row]]]
    return found
