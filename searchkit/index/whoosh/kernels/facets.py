"""Compute facets from columns. Codes are local to a segment; a row may have two codes of one key (`en` and `EN`)."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from searchkit.index.base import Facet, FacetRequest, Interval, RankedValue, RankedValues, RankedValuesRequest
from searchkit.index.facets import date_facet, pair_facet, value_facet
from searchkit.index.values import Label, Pair, interval_key, valued_field
from searchkit.index.whoosh.coding import Vector, vector
from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, RowSet, ValueColumn
from searchkit.index.whoosh.kernels.keys import Groups, Keys, keys
from searchkit.index.whoosh.kernels.rows import mask
from searchkit.index.whoosh.segments import Segments, SegmentsByKind
from searchkit.query.fields import Field, Record

# Up to this fraction of all keys, sorting the values is faster than counting in a table of all keys.
SPARSE_FRACTION = 8
# Number of keys kept with their labels, and of labels with their rivals, about 3 MB.
CACHE_SIZE = 3_000

_Labeled = tuple[Label, list[tuple[int, int]]]  # with its segments and codes
_Namesake = tuple[Label, int, list[tuple[int, int]]]  # with its key, and its codes if the key has other labels


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
        return _field_facets(segments[record], fields[0]).facet(request, rows, groups)
    return _pair_facet(request, fields, rows, groups, segments, record)


def _field_facets(segments: Segments, field: Field) -> "FieldFacets":
    return segments.cached(("facets", field.name), lambda: FieldFacets(segments, field))


def ranked_values(
    request: RankedValuesRequest, found: Mapping[Record, tuple[RowSet, Groups]], segments: SegmentsByKind
) -> RankedValues:
    """Count the values of several fields over the rows `found`. Reads only the names of values that are returned, and
    of those with the same counts as the last."""
    fields: list[tuple[FieldFacets, Tally]] = []
    for record, name in request.fields:
        own = _field_facets(segments[record], valued_field(name, record))
        fields.append((own, own.tally(*found[record])))
    counted = [own.hashes(tally, request.kinds, request.without) for own, tally in fields]
    every = np.unique(np.concatenate([hashes for hashes, _ in counted]))
    table = np.zeros((len(fields), len(every)), np.int64)
    for row, (hashes, counts) in zip(table, counted, strict=True):
        row[np.searchsorted(every, hashes)] = counts
    firsts, others = table[0], table[1:].sum(axis=0)
    order = np.lexsort((-others, -firsts))
    if request.size < len(order):
        last = order[request.size - 1]
        equal = (firsts[order] == firsts[last]) & (others[order] == others[last])
        order = order[: int(np.flatnonzero(equal)[-1]) + 1]
    values = []
    for place in order.tolist():
        label = next(filter(None, (own.label(tally, int(every[place])) for own, tally in fields)))
        values.append(RankedValue(id=label.id, name=label.name, counts=tuple(table[:, place].tolist())))
    values.sort(key=RankedValue.order)
    return RankedValues(total=len(every), values=tuple(values[: request.size]))


class Tallies:
    """Counts the keys of one field: `of_code` has the keys by segment and code; `doubled` rows may have several
    values of one key."""

    def __init__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        of_code: Sequence[Sequence[int]],
        doubled: Sequence[Sequence[int]],
    ) -> None:
        self.columns, self.row_offsets = columns, segments.row_offsets
        none = np.empty(0, np.uint32)
        numbers = [np.asarray(keys, np.uint32) for keys in of_code]
        self.keys = np.concatenate(
            [none, *(keys[vector(column.codes)] for keys, column in zip(numbers, columns, strict=True))]
        )
        self.key_count = max((int(np.max(keys)) + 1 for keys in numbers if len(keys)), default=0)
        sizes = [
            np.diff(vector(column.ends)) if len(column) else np.zeros(view.row_count, np.uint32)
            for view, column in zip(segments, columns, strict=True)
        ]
        self._ends = np.cumsum(np.concatenate([np.zeros(1, np.uint32), *sizes]), dtype=np.uint32)
        self.doubled = np.concatenate(
            [none, *(vector(rows) + first for rows, first in zip(doubled, segments.row_offsets, strict=True))]
        ).astype(np.int64)

    def over(self, rows: RowSet, groups: Groups) -> "Tally":
        """Return the counts over these rows. In each group, and in each doubled row, a key counts once."""
        return Tally(self, rows, groups)

    def of(self, rows: Vector) -> tuple[Vector, Vector]:
        """Return the keys of all these rows, row by row, and how many each row has."""
        starts = self._ends[rows].astype(np.int64)
        sizes = self._ends[rows + 1] - starts
        after = np.cumsum(sizes)
        places = np.arange(after[-1] if len(after) else 0)
        # For each row, the places from its start on.
        places += np.repeat(starts - after + sizes, sizes)
        return self.keys[places], sizes


class Tally:
    """The number of rows with each key. `missing` rows have none; `distinct` counts the keys."""

    def __init__(self, values: Tallies, rows: RowSet, groups: Groups) -> None:
        self._values, self._bits = values, mask(rows).bits
        chosen = mask(rows).numbers
        keys, sizes = values.of(chosen)
        self.missing = len(chosen) - int(np.count_nonzero(sizes))
        if len(keys) * SPARSE_FRACTION < values.key_count:
            self._keys: Vector
            self._keys, self._counts = np.unique(keys, return_counts=True)
        else:
            table = np.bincount(keys)
            self._keys = np.flatnonzero(table)
            self._counts = table[self._keys]
        if groups or len(values.doubled):
            self._count_once(values, groups, values.doubled[self._bits[values.doubled]])
        self.distinct = len(self._keys)

    def _count_once(self, values: Tallies, groups: Groups, doubled: Vector) -> None:
        """Count each key once per group of rows, and once per doubled row."""
        chosen, unit_of = groups.rows, groups.units
        if len(doubled):
            alone = np.setdiff1d(doubled, chosen, assume_unique=True)
            following = int(unit_of.max()) + 1 if len(unit_of) else 0
            chosen = np.append(chosen, alone)
            unit_of = np.append(unit_of, np.arange(following, following + len(alone)))
        keys, sizes = values.of(chosen)
        # Unit and key in one number.
        distinct, times = np.unique(np.repeat(unit_of, sizes) * values.key_count + keys, return_counts=True)
        several = times > 1
        again = distinct[several] % max(values.key_count, 1)
        np.subtract.at(self._counts, np.searchsorted(self._keys, again), times[several] - 1)
        empty = unit_of[sizes == 0]
        if len(empty):
            self.missing -= len(empty) - len(np.unique(empty))

    def most(self, size: int | None) -> Mapping[int, int]:
        """Return the counts of the `size` most frequent keys, with those equal to the last; by default of all."""
        keys, counts = self._keys, self._counts
        if size is not None and size < len(keys):
            shown = counts >= np.partition(counts, -size)[-size] if size > 0 else slice(0)
            keys, counts = keys[shown], counts[shown]
        return dict(zip(keys.tolist(), counts.tolist(), strict=True))

    def total(self, key: int) -> int:
        place = int(np.searchsorted(self._keys, key))
        return int(self._counts[place]) if place < len(self._keys) and self._keys[place] == key else 0

    def counts(self) -> tuple[Vector, Vector]:
        """Return the keys, ascending, and the number of rows with each."""
        return self._keys, self._counts

    def having(self, number: int, code: int) -> int:
        """Return how many of the counted rows have a code of one segment."""
        rows = vector(self._values.columns[number].own_rows(code)) + np.uint32(self._values.row_offsets[number])
        return int(np.count_nonzero(self._bits[rows]))


class FieldFacets:
    """Computes facets of one field; caches what every query of the field needs."""

    def __init__(self, segments: Segments, field: Field) -> None:
        self._segments = segments
        self._name = field.name
        self._is_date = field.kind == "date"
        self._columns = [view.column(field.name) for view in segments]
        self._by_key: dict[int, list[_Labeled]] = {}
        self._namesakes: dict[Label, list[_Namesake] | None] = {}
        self._intervals: dict[Interval, tuple[list[str], Tallies]] = {}

    def facet(self, request: FacetRequest, rows: RowSet, groups: Groups) -> Facet:
        """Count the values over these rows."""
        return (self._dates if self._is_date else self._values)(request, rows, groups)

    # --- names and keywords -------------------------------------------------------------------------------------------

    @cached_property
    def _keys(self) -> Keys:
        return keys(self._segments, self._name)

    @cached_property
    def _tallies(self) -> Tallies:
        doubled = [column.doubled for column in self._columns]
        return Tallies(self._segments, self._columns, self._keys.of_code, doubled)

    def _values(self, request: FacetRequest, rows: RowSet, groups: Groups) -> Facet:
        tally = self._tallies.over(rows, groups)
        labels: list[tuple[Label, int]] = []
        totals: dict[str, int] = {}
        for key, total in tally.most(request.size if request.sort == "count" else None).items():
            own = self._labels_of(key)
            totals[own[0][0].key] = total
            if len(own) == 1:
                labels.append((own[0][0], total))
            else:
                counts = ((label, sum(tally.having(*code) for code in codes)) for label, codes in own)
                labels += [(label, count) for label, count in counts if count]

        def rivals(shown: Collection[Label]) -> Iterator[Label]:
            for label in shown:
                namesakes = self._namesakes_of(label)
                if namesakes is None:
                    yield label
                else:
                    yield from (
                        other
                        for other, key, codes in namesakes
                        if tally.total(key) and (not codes or any(tally.having(*code) for code in codes))
                    )

        return value_facet(request, labels, totals, tally.missing, distinct=tally.distinct, rivals=rivals)

    def tally(self, rows: RowSet, groups: Groups) -> Tally:
        return self._tallies.over(rows, groups)

    def hashes(self, tally: Tally, kinds: Collection[str], without: Collection[str]) -> tuple[Vector, Vector]:
        """Return the hashes of the counted values, ascending, and their counts: those whose ids begin with one of
        `kinds` (default: all) and with none of `without`."""
        wanted = self._of_kinds(kinds) if kinds else np.ones(len(self._keys), bool)
        keys, counts = tally.counts()
        chosen = (wanted & ~self._of_kinds(without))[keys]
        return self._keys.hashes[keys[chosen]], counts[chosen]

    def _of_kinds(self, kinds: Collection[str]) -> Vector:
        found = np.zeros(len(self._keys), bool)
        for column, of_code in zip(self._columns, self._keys.of_code, strict=True):
            for kind in kinds:
                found[of_code[slice(*column.key_range(f"{kind}:", f"{kind};"))]] = True
        return found

    def label(self, tally: Tally, value_hash: int) -> Label | None:
        """Return the most frequent label of a value; None if no counted row has it."""
        key = int(np.searchsorted(self._keys.hashes, np.uint64(value_hash)))
        if key >= len(self._keys) or int(self._keys.hashes[key]) != value_hash or not tally.total(key):
            return None
        own = self._labels_of(key)
        if len(own) == 1:
            return own[0][0]
        return min((-sum(tally.having(*code) for code in codes), label) for label, codes in own)[1]

    def _labels_of(self, key: int) -> list[_Labeled]:
        found = self._by_key.get(key)
        if found is None:
            if len(self._by_key) >= CACHE_SIZE:
                self._by_key.clear()
            found = self._by_key[key] = self._labeled(self._keys.codes(key))
        return found

    def _namesakes_of(self, label: Label) -> list[_Namesake] | None:
        """Return the labels with the key or name of this label as key or name; None if all are the same value."""
        if label not in self._namesakes:
            if len(self._namesakes) >= CACHE_SIZE:
                self._namesakes.clear()
            codes = {
                (number, code)
                for number, column in enumerate(self._columns)
                for text in {label.key, label.name_key}
                for code in column.equal(text)
            }
            found: list[_Namesake] = []
            for other, own in self._labeled(codes):
                number, code = own[0]
                key = int(self._keys.of_code[number][code])
                found.append((other, key, own if len(self._labels_of(key)) > 1 else []))
            same = all((other.key, other.name_key) == (label.key, label.name_key) for other, *_ in found)
            self._namesakes[label] = None if same else found
        return self._namesakes[label]

    def _labeled(self, codes: Iterable[tuple[int, int]]) -> list[_Labeled]:
        found: dict[Label, list[tuple[int, int]]] = {}
        for number, code in codes:
            found.setdefault(self._columns[number].label(code), []).append((number, code))
        return [*found.items()]

    # --- dates --------------------------------------------------------------------------------------------------------

    def _dates(self, request: FacetRequest, rows: RowSet, groups: Groups) -> Facet:
        names, tallies = self._by_interval(request.interval or "month")
        tally = tallies.over(rows, groups)
        totals = {names[key]: count for key, count in tally.most(None).items()}
        unknown = totals.pop("", 0)
        return date_facet(request, totals, missing=tally.missing, unknown=unknown)

    def _by_interval(self, interval: Interval) -> tuple[list[str], Tallies]:
        """Return the intervals, "" for dates in several intervals, and the tallies by interval number."""
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
            tallies = Tallies(self._segments, self._columns, of_code, doubled)
            self._intervals[interval] = [*numbers], tallies
        return self._intervals[interval]


# --- pairs ------------------------------------------------------------------------------------------------------------

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


def _pair_facet(
    request: FacetRequest,
    fields: Sequence[Field],
    rows: RowSet,
    groups: Groups,
    segments: SegmentsByKind,
    record: Record,
) -> Facet:
    quotes, owner = segments["quote"], _owners(segments, record)
    every = set(rows)
    # One of the copies of a row counts for all.
    unit = {row: group[0] for group in groups for row in group}
    labels: Counter[Pair] = Counter()
    keys: set[tuple[int, tuple[str, str]]] = set()
    paired: set[int] = set()
    for view, owned in zip(quotes, owner, strict=True):
        left, right = (view.column(field.name) for field in fields)
        held = {
            (owned[row], first, second)
            for row in left.valued_rows & right.valued_rows
            if owned[row] in every
            for first in left.codes_of(row)
            for second in right.codes_of(row)
        }
        for number, first, second in held:
            pair = Pair(left.label(first), right.label(second))
            labels[pair] += 1
            keys.add((unit.get(number, number), pair.key))
            paired.add(number)
    totals = Counter(key for _, key in keys)
    missing = len({unit.get(number, number) for number in every - paired})
    return pair_facet(request, labels.items(), totals, missing)
