"""Facets and order from columns.

takes:    the rows found, segment by segment, and which of them are copies of each other
gives:    facets over them; the day of each row
does not: find rows; count pairs (pairs.py does)
traps:    codes mean something within one segment only; a row may have two codes of one key (`en` and `EN`)
"""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from searchkit.index.base import Facet, FacetRequest
from searchkit.index.intervals import interval_key
from searchkit.index.schema import day_fields
from searchkit.index.tallies import Label, date_facet, value_facet
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.copies import Groups, Place
from searchkit.index.whoosh.sections import Numbers
from searchkit.index.whoosh.segments import SegmentView
from searchkit.query.fields import Field, Record

# Counted like keys: that a row has no value, and that its date lies in no one interval. No key begins with a line feed.
_MISSING, _UNKNOWN = "\nmissing", "\nunknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The rows to count, by segment; of each of the `groups` a value counts once, whichever rows of it have it."""

    views: Sequence[SegmentView]
    rows: Sequence[set[int]]
    groups: Groups


def facet(request: FacetRequest, field: Field, counted: Counted) -> Facet:
    """Counts of the values of one field over these rows."""
    columns = [view.column(field.name) for view in counted.views]
    return (_dates if field.kind == "date" else _values)(request, columns, counted)


def _values(request: FacetRequest, columns: Sequence[ValueColumn], counted: Counted) -> Facet:
    labels: dict[Label, int] = {}
    totals: Counter[str] = Counter()
    missing = 0
    grouped: list[set[int]] = [set() for _ in columns]
    for number, row in chain.from_iterable(counted.groups):
        grouped[number].add(row)
    for number, (column, rows) in enumerate(zip(columns, counted.rows, strict=True)):
        counts, valued = _count_codes(column, rows, counted.views[number].row_count)
        missing += len(rows) - valued
        own: dict[str, int] = {}
        known = column.labels
        for code, count in counts.items():
            label = known[code] or column.label(code)
            labels[label] = labels.get(label, 0) + count
            own[label.key] = own.get(label.key, 0) + count
        totals.update(own)
        if len(own) < len(counts):
            totals.subtract(_doubled(column, counts, rows - grouped[number]))

    def keys_of(place: Place) -> list[str]:
        column = columns[place[0]]
        return [column.label(code).key for code in column.codes_of(place[1])]

    over = _overcounted(counted.groups, keys_of)
    missing -= over.pop(_MISSING, 0)
    totals.subtract(over)
    return value_facet(request, labels, totals, missing)


def _count_codes(column: ValueColumn, rows: set[int], row_count: int) -> tuple[Counter[int], int]:
    """How many of `rows` have each code, and how many have any."""
    if not len(column) or not rows:
        return Counter(), 0
    codes, ends = column.quick_codes, column.quick_ends
    if len(rows) == row_count:
        return Counter(codes), len(column.all_rows())
    parts = [codes[ends[row] : ends[row + 1]] for row in rows]
    return Counter(chain.from_iterable(parts)), sum(map(bool, parts))


def _doubled(column: ValueColumn, codes: Iterable[int], rows: set[int]) -> Counter[str]:
    """How often keys were counted once more for a row of `rows` that has several codes of them."""
    by_key: dict[str, list[int]] = {}
    for code in codes:
        by_key.setdefault(column.label(code).key, []).append(code)
    extra: Counter[str] = Counter()
    for key, several in by_key.items():
        if len(several) > 1:
            having = Counter(chain.from_iterable(column.rows_of((code,)) & rows for code in several))
            extra[key] = having.total() - len(having)
    return extra


def _overcounted(groups: Groups, keys_of: Callable[[Place], Collection[str]]) -> Counter[str]:
    """How often each key was counted once more for a group whose rows share it; a row without keys has _MISSING."""
    over: Counter[str] = Counter()
    for group in groups:
        shared = Counter(key for place in group for key in keys_of(place) or (_MISSING,))
        over.update({key: count - 1 for key, count in shared.items() if count > 1})
    return over


def _dates(request: FacetRequest, columns: Sequence[ValueColumn], counted: Counted) -> Facet:
    interval = request.interval or "month"
    totals: Counter[str] = Counter()
    names = [[interval_key(first, last, interval) or _UNKNOWN for first, last in column.spans()] for column in columns]
    for column, own, rows in zip(columns, names, counted.rows, strict=True):
        # Rows by their codes: there are few different lists of days.
        for codes, count in Counter(bytes(column.codes_of(row)) for row in rows).items():
            for key in {own[code] for code in array("I", codes)} or (_MISSING,):
                totals[key] += count
    totals.subtract(
        _overcounted(
            counted.groups,
            lambda place: {names[place[0]][code] for code in columns[place[0]].codes_of(place[1])},
        )
    )
    missing, unknown = totals.pop(_MISSING, 0), totals.pop(_UNKNOWN, 0)
    return date_facet(request, totals, missing=missing, unknown=unknown)


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
