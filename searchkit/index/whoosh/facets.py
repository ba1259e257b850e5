"""Facets and order from columns.

takes:    the rows found, segment by segment, and which of them are copies of each other
gives:    facets over them; the day of each row
does not: find rows; count pairs (pairs.py does)
traps:    codes mean something within one segment only; a row may have two codes of one key (`en` and `EN`)
"""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
    labels: list[tuple[Label, int]] = []
    totals: dict[str, int] = {}
    missing = 0
    for column, rows, view in zip(columns, counted.rows, counted.views, strict=True):
        counts, valued = _count_codes(column, rows, view.row_count)
        missing += len(rows) - valued
        known = column.labels
        own = [(known[code] or column.label(code), count) for code, count in counts.items()]
        for label, count in own:
            totals[label.key] = totals.get(label.key, 0) + count
        labels += own

    def keys_of(place: Place) -> list[str]:
        column = columns[place[0]]
        return [column.label(code).key for code in column.codes_of(place[1])]

    over = _overcounted([*counted.groups, *_doubled(columns, counted)], keys_of)
    missing -= over.pop(_MISSING, 0)
    for key, count in over.items():
        totals[key] -= count
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


def _doubled(columns: Sequence[ValueColumn], counted: Counted) -> Iterator[list[Place]]:
    """The rows that have several codes of one key and stand in no group."""
    if any(len(column.doubled) for column in columns):
        grouped = set(chain.from_iterable(counted.groups))
        for number, (column, rows) in enumerate(zip(columns, counted.rows, strict=True)):
            for row in column.doubled:
                if row in rows and (number, row) not in grouped:
                    yield [(number, row)]


def _overcounted(groups: Iterable[Sequence[Place]], keys_of: Callable[[Place], Collection[str]]) -> dict[str, int]:
    """How often each key was counted once more for a group whose rows share it; a row without keys has _MISSING."""
    over: dict[str, int] = {}
    for group in groups:
        seen: set[str] = set()
        for place in group:
            for key in keys_of(place) or (_MISSING,):
                if key in seen:
                    over[key] = over.get(key, 0) + 1
                seen.add(key)
    return over


def _dates(request: FacetRequest, columns: Sequence[ValueColumn], counted: Counted) -> Facet:
    interval = request.interval or "month"
    totals: dict[str, int] = {}
    names = [[interval_key(first, last, interval) or _UNKNOWN for first, last in column.spans()] for column in columns]
    for column, own, rows in zip(columns, names, counted.rows, strict=True):
        # Rows by their codes: there are few different lists of days.
        for codes, count in Counter(bytes(column.codes_of(row)) for row in rows).items():
            for key in {own[code] for code in array("I", codes)} or (_MISSING,):
                totals[key] = totals.get(key, 0) + count

    def keys_of(place: Place) -> set[str]:
        own = names[place[0]]
        return {own[code] for code in columns[place[0]].codes_of(place[1])}

    for key, count in _overcounted(counted.groups, keys_of).items():
        totals[key] -= count
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
