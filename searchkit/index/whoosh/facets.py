"""Facets and order from columns.

takes:    the rows found, segment by segment, and which of them are copies of each other
gives:    facets over them; the day of each row
does not: find rows; count (the reckoning's tallies do) or count pairs (pairs.py does)
traps:    codes mean something within one segment only; a row may have two codes of one key (`en` and `EN`)
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from searchkit.index.base import MOST_CHOSEN, Facet, FacetRequest, Interval
from searchkit.index.intervals import interval_key
from searchkit.index.schema import day_fields
from searchkit.index.tallies import Label, date_facet, value_facet
from searchkit.index.whoosh.columns import key_hash
from searchkit.index.whoosh.reckoning import Groups, Reckoning
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.sections import Numbers
from searchkit.index.whoosh.segments import SegmentView
from searchkit.query.fields import Field, Record

if TYPE_CHECKING:
    from searchkit.index.whoosh.roles import Keys, Tally

# So many texts are remembered with the values that go by them.
_KEPT_BEARERS = 10_000

_Bearer = tuple[int, int, Label]  # segment, code and label of a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The rows to count, by segment; of each of the `groups` a value counts once, whichever rows of it have it."""

    views: Sequence[SegmentView]
    rows: Sequence[Rows]
    groups: Groups


class FieldFacets:
    """Facets of one field over the segments of a snapshot; keeps what every question about the field needs."""

    def __init__(self, views: Sequence[SegmentView], field: Field, reckoning: Reckoning) -> None:
        self._reckoning = reckoning
        self._is_date = field.kind == "date"
        self._columns = [view.column(field.name) for view in views]
        self._bearers: dict[str, list[_Bearer]] = {}
        self._intervals: dict[Interval, tuple[list[str], list[Numbers]]] = {}

    def facet(self, request: FacetRequest, counted: Counted) -> Facet:
        """Counts of the values over these rows."""
        return (self._dates if self._is_date else self._values)(request, counted)

    # --- names and keywords -------------------------------------------------------------------------------------------

    @cached_property
    def _keys(self) -> "Keys":
        return self._reckoning.keys(self._columns)

    def _values(self, request: FacetRequest, counted: Counted) -> Facet:
        doubled = [column.doubled for column in self._columns]
        tally = self._reckoning.tally(self._columns, self._keys.of_code, counted.rows, counted.groups, doubled)
        labels: list[tuple[Label, int]] = []
        totals: dict[str, int] = {}
        shown = dict(tally.most(request.size if request.sort == "count" else None))
        for key in self._chosen(request):
            shown[key] = tally.total(key)
        for key, total in shown.items():
            codes = self._keys.codes(key)
            for number, code in codes:
                count = total if len(codes) == 1 else tally.having(number, code)
                if count:
                    labels.append((self._columns[number].label(code), count))
                    totals[labels[-1][0].key] = total

        def rivals(shown: Collection[Label]) -> Iterator[Label]:
            for text in {text for label in shown for text in (label.key, label.name_key)}:
                yield from self._counted_bearers(text, tally)

        return value_facet(request, labels, totals, tally.missing, distinct=tally.distinct, rivals=rivals)

    def _chosen(self, request: FacetRequest) -> set[int]:
        """The keys of values that are shown whatever their counts."""
        wanted = {key for choice in request.chosen for key in choice.keys[:MOST_CHOSEN]}
        return {
            int(of_code[code])
            for column, of_code in zip(self._columns, self._keys.of_code, strict=True)
            for key in wanted
            for code in column.with_key(key_hash(key))
        }

    def _counted_bearers(self, text: str, tally: "Tally") -> Iterator[Label]:
        """The values that were counted and go by `text`, as key or as name."""
        bearers = self._bearers.get(text)
        if bearers is None:
            bearers = [
                (number, code, column.label(code))
                for number, column in enumerate(self._columns)
                for code in column.equal(text)
            ]
            if len(self._bearers) >= _KEPT_BEARERS:
                self._bearers.clear()
            self._bearers[text] = bearers
        if not bearers:
            return
        first = bearers[0][2]
        if all(label.key == first.key and label.name_key == first.name_key for _, _, label in bearers):
            # All of them are the value that is shown.
            yield first
        else:
            yield from (label for number, code, label in bearers if tally.having(number, code))

    # --- dates --------------------------------------------------------------------------------------------------------

    def _dates(self, request: FacetRequest, counted: Counted) -> Facet:
        names, of_code = self._interval_numbers(request.interval or "month")
        doubled = [column.rows_with_several for column in self._columns]
        tally = self._reckoning.tally(self._columns, of_code, counted.rows, counted.groups, doubled)
        totals = {names[key]: count for key, count in tally.most(None).items()}
        unknown = totals.pop("", 0)
        return date_facet(request, totals, missing=tally.missing, unknown=unknown)

    def _interval_numbers(self, interval: Interval) -> tuple[list[str], list[Numbers]]:
        """The intervals there are, the empty one for dates that lie in no single one; by segment and code, which."""
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
            self._intervals[interval] = [*numbers], of_code
        return self._intervals[interval]


def days(view: SegmentView, record: Record) -> Numbers:
    """The day by which each row is ordered, as an ordinal; 0 where it has none."""
    found = array("I", bytes(4 * view.row_count))
    for name in reversed(day_fields(record)):
        column = view.column(name)
        if not len(column):
            continue
        firsts = [first for first, _ in column.spans()]
        codes, ends = column.quick_codes, column.quick_ends
        for row in column.valued_rows:
            found[row] = firsts[codes[ends[row]]]
    return found
