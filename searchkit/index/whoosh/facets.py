"""Facets and order from columns.

takes:    the rows found, and which of them are copies of each other
gives:    facets over them; the day of each row
does not: find rows; count (the reckoning's tallies do) or count pairs (pairs.py does)
traps:    codes mean something within one segment only; a row may have two codes of one key (`en` and `EN`)
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from searchkit.index.base import MOST_CHOSEN, Facet, FacetRequest, Interval
from searchkit.index.facets import Label, date_facet, value_facet
from searchkit.index.intervals import interval_key
from searchkit.index.rows import day_fields
from searchkit.index.whoosh.columns import key_hash
from searchkit.index.whoosh.reckoning import Groups
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segment_file import Numbers
from searchkit.index.whoosh.segments import Segments
from searchkit.query.fields import Field, Record

if TYPE_CHECKING:
    from searchkit.index.whoosh.roles import Keys, Tallies

# So many keys are remembered with their labels, and so many labels with those that share a key or name with them, some
# 3 MB: facets show the same values again and again.
_KEPT = 3_000

_Labeled = tuple[Label, list[tuple[int, int]]]  # with the segments and codes that have it
_Bearer = tuple[Label, int, list[tuple[int, int]]]  # with its key, and the codes if the key has other labels too


class Counted(Struct, frozen=True, kw_only=True):
    """The rows to count; of each of the `groups` a value counts once, whichever rows of it have it."""

    rows: Rows
    groups: Groups


class FieldFacets:
    """Facets of one field over the segments of a snapshot; keeps what every question about the field needs."""

    def __init__(self, segments: Segments, field: Field) -> None:
        self._segments = segments
        self._is_date = field.kind == "date"
        self._columns = [view.column(field.name) for view in segments]
        self._by_key: dict[int, list[_Labeled]] = {}
        self._bearers: dict[Label, list[_Bearer] | None] = {}
        self._intervals: dict[Interval, tuple[list[str], Tallies]] = {}

    def facet(self, request: FacetRequest, counted: Counted) -> Facet:
        """Counts of the values over these rows."""
        return (self._dates if self._is_date else self._values)(request, counted)

    # --- names and keywords -------------------------------------------------------------------------------------------

    @cached_property
    def keys(self) -> "Keys":
        """The values of the field by key."""
        return self._segments.reckoning.keys(self._columns)

    @cached_property
    def _tallies(self) -> "Tallies":
        doubled = [column.doubled for column in self._columns]
        return self._segments.reckoning.tallies(self._segments, self._columns, self.keys.of_code, doubled)

    def _values(self, request: FacetRequest, counted: Counted) -> Facet:
        tally = self._tallies.over(counted.rows, counted.groups)
        labels: list[tuple[Label, int]] = []
        totals: dict[str, int] = {}
        shown = dict(tally.most(request.size if request.sort == "count" else None))
        for key in self._chosen(request):
            if total := tally.total(key):
                shown[key] = total
        for key, total in shown.items():
            own = self._labels_of(key)
            totals[own[0][0].key] = total
            if len(own) == 1:
                labels.append((own[0][0], total))
            else:
                counts = ((label, sum(tally.having(*code) for code in codes)) for label, codes in own)
                labels += [(label, count) for label, count in counts if count]

        def rivals(shown: Collection[Label]) -> Iterator[Label]:
            for label in shown:
                bearers = self._bearers_of(label)
                if bearers is None:
                    yield label
                else:
                    yield from (
                        other
                        for other, key, codes in bearers
                        if tally.total(key) and (not codes or any(tally.having(*code) for code in codes))
                    )

        return value_facet(request, labels, totals, tally.missing, distinct=tally.distinct, rivals=rivals)

    def _labels_of(self, key: int) -> list[_Labeled]:
        """The labels of a key in all segments."""
        known = self._by_key.get(key)
        if known is None:
            if len(self._by_key) >= _KEPT:
                self._by_key.clear()
            known = self._by_key[key] = self._labeled(self.keys.codes(key))
        return known

    def _bearers_of(self, label: Label) -> list[_Bearer] | None:
        """The labels that go by the key or the name of this one, as key or as name; None when all of them are the value
        that it shows."""
        if label not in self._bearers:
            if len(self._bearers) >= _KEPT:
                self._bearers.clear()
            codes = {
                (number, code)
                for number, column in enumerate(self._columns)
                for text in {label.key, label.name_key}
                for code in column.equal(text)
            }
            found: list[_Bearer] = []
            for other, own in self._labeled(codes):
                number, code = own[0]
                key = int(self.keys.of_code[number][code])
                found.append((other, key, own if len(self._labels_of(key)) > 1 else []))
            same = all((other.key, other.name_key) == (label.key, label.name_key) for other, *_ in found)
            self._bearers[label] = None if same else found
        return self._bearers[label]

    def _labeled(self, codes: Iterable[tuple[int, int]]) -> list[_Labeled]:
        found: dict[Label, list[tuple[int, int]]] = {}
        for number, code in codes:
            found.setdefault(self._columns[number].label(code), []).append((number, code))
        return [*found.items()]

    def _chosen(self, request: FacetRequest) -> set[int]:
        """The keys of values that are shown whatever their counts."""
        wanted = {key for choice in request.chosen for key in choice.keys[:MOST_CHOSEN]}
        return {
            int(of_code[code])
            for column, of_code in zip(self._columns, self.keys.of_code, strict=True)
            for key in wanted
            for code in column.with_key(key_hash(key))
        }

    # --- dates --------------------------------------------------------------------------------------------------------

    def _dates(self, request: FacetRequest, counted: Counted) -> Facet:
        names, tallies = self._by_interval(request.interval or "month")
        tally = tallies.over(counted.rows, counted.groups)
        totals = {names[key]: count for key, count in tally.most(None).items()}
        unknown = totals.pop("", 0)
        return date_facet(request, totals, missing=tally.missing, unknown=unknown)

    def _by_interval(self, interval: Interval) -> "tuple[list[str], Tallies]":
        """The intervals there are, the empty one for dates that lie in no single one; what counts them by number."""
        if interval not in self._intervals:
            numbers = {"": 0}
            of_span: dict[tuple[int, int], int] = {}
            of_code = []
            for column in self._columns:
                own = array("I")
                for span in column.spans():
                    number = of_span.get(span)
                    if number is None:
                        key = interval_key(*span, interval) or ""
                        number = of_span[span] = numbers.setdefault(key, len(numbers))
                    own.append(number)
                of_code.append(own)
            doubled = [column.rows_with_several for column in self._columns]
            tallies = self._segments.reckoning.tallies(self._segments, self._columns, of_code, doubled)
            self._intervals[interval] = [*numbers], tallies
        return self._intervals[interval]


def days(segments: Segments, record: Record) -> Numbers:
    """The day by which each row is ordered, as an ordinal; 0 where it has none."""
    found = array("I", bytes(4 * segments.row_count))
    for name in reversed(day_fields(record)):
        for start, view in zip(segments.firsts, segments, strict=True):
            column = view.column(name)
            if not len(column):
                continue
            firsts = [first for first, _ in column.spans()]
            codes, ends = column.quick_codes, column.quick_ends
            for row in column.valued_rows:
                found[start + row] = firsts[codes[ends[row]]]
    return found
