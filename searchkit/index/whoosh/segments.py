"""Segments: the entry of a segment in the manifest, a segment opened for reading, and all of them together."""

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec import Struct, field

from searchkit.index.ranking import Precedence, day_fields, in_order, weight
from searchkit.index.whoosh.columns import (
    PRECEDENCE,
    ROW_ID,
    ColumnKind,
    MakeRows,
    RowSet,
    TextColumn,
    ValueColumn,
    decoded,
    set_of_rows,
)
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segment_file import Ints, Numbers, SectionFile
from searchkit.query.fields import Record

_T = TypeVar("_T")

EXTENSION = ".arrays"
# Number of stems whose rows are kept while their query is answered.
CACHE_SIZE = 8
# Number of groups of copies kept with their order, about 5 MB.
MAX_CACHED_GROUPS = 10_000


class RowOperations(Protocol):
    """What a backend does with sets of rows. Offsets are the first global row of each segment."""

    def row_maker(self, row_count: int) -> MakeRows:
        """Return the function that makes sets for so many rows."""

    def to_global(self, found: Sequence[RowSet], offsets: Sequence[int]) -> RowSet:
        """Return one set for the sets of all segments."""

    def to_local(self, rows: RowSet, offsets: Sequence[int]) -> list[RowSet]:
        """Return, for each segment, which of these rows it contains, with its own row numbers."""

    def offset(self, found: Iterable[Iterable[int]], offsets: Sequence[int]) -> Sequence[Sequence[int]]:
        """Return one list per segment as global rows, without the empty ones."""

    def among(self, found: RowSet, rows: Sequence[int], first: int) -> Sequence[int]:
        """Return which rows of a segment that begins at `first` are in a global set."""


class SegmentEntry(Struct, kw_only=True):
    """A segment in the manifest of a generation: the name of its file, its rows, the deleted rows, and word counts by
    field."""

    name: str
    row_count: int = 0
    deleted: set[int] = field(default_factory=set)
    lengths: dict[str, int] = field(default_factory=dict)

    @property
    def live_count(self) -> int:
        return self.row_count - len(self.deleted)

    def path(self, folder: Path) -> Path:
        return folder / f"{self.name}{EXTENSION}"


def new_entry(index_name: str) -> SegmentEntry:
    return SegmentEntry(name=f"{index_name}_{os.urandom(8).hex()}")


class SegmentView:
    """One segment opened for reading; each part is opened when first used. `kinds` are the kinds of its columns."""

    def __init__(
        self,
        folder: Path,
        segment: SegmentEntry,
        kinds: Mapping[str, ColumnKind],
        rows: RowOperations | None = None,
    ) -> None:
        self.row_count = segment.row_count
        self.make_rows = rows.row_maker(segment.row_count) if rows else set_of_rows
        self.deleted = self.make_rows([sorted(segment.deleted)])
        self.lengths = segment.lengths
        self.file = SectionFile(segment.path(folder))
        self._kinds = kinds
        self._columns: dict[str, ValueColumn] = {}
        self._terms: dict[str, Terms] = {}
        self.spelled: dict[object, Sequence[int]] = {}  # the latest answers of vocabulary.py

    @property
    def live_count(self) -> int:
        return self.row_count - len(self.deleted)

    def column(self, name: str) -> ValueColumn:
        if name not in self._columns:
            self._columns[name] = ValueColumn(self.file, name, self._kinds[name], self.make_rows)
        return self._columns[name]

    def terms(self, name: str) -> Terms:
        if name not in self._terms:
            self._terms[name] = Terms(self.file, name)
        return self._terms[name]

    def texts(self, name: str) -> TextColumn:
        return TextColumn(self.file, name)

    def row_lengths(self, name: str) -> Ints:
        """Return the word counts of a stemmed field by row, without rows at the end that lack the field."""
        return self.file.ints(f"{name}/lengths")


class Segments:
    """All segments of one kind of record. Row numbers are global: they continue from segment to segment."""

    def __init__(self, views: Iterable[SegmentView], record: Record, rows: RowOperations) -> None:
        self.views = tuple(views)
        self._rows = rows
        self.row_offsets = [*accumulate((view.row_count for view in self.views), initial=0)]
        self.row_count = self.row_offsets.pop()
        self.make_rows = rows.row_maker(self.row_count)
        self._cache: dict[object, Any] = {}
        self._day_fields = day_fields(record)
        self._stem_rows: dict[tuple[str, str], Sequence[Sequence[int]]] = {}
        self._copies: dict[tuple[int, ...], list[int]] = {}

    def __len__(self) -> int:
        return len(self.views)

    def __iter__(self) -> Iterator[SegmentView]:
        return iter(self.views)

    def cached(self, key: object, make: Callable[[], _T]) -> _T:
        """Return what a backend has computed from the segments, or compute it now."""
        if key not in self._cache:
            self._cache[key] = make()
        found: _T = self._cache[key]
        return found

    @cached_property
    def every_row(self) -> RowSet:
        """All rows, deleted ones included."""
        return self.make_rows([range(self.row_count)])

    @cached_property
    def deleted(self) -> RowSet:
        return self.to_global([view.deleted for view in self])

    def length(self, parts: Iterable[str]) -> int:
        """Return the weighted word count of some text fields."""
        return sum(weight(part) * sum(view.lengths.get(part, 0) for view in self) for part in parts)

    def to_global(self, found: Sequence[RowSet]) -> RowSet:
        return self._rows.to_global(found, self.row_offsets)

    def to_local(self, rows: RowSet) -> list[RowSet]:
        return self._rows.to_local(rows, self.row_offsets)

    def offset(self, found: Iterable[Iterable[int]]) -> Sequence[Sequence[int]]:
        return self._rows.offset(found, self.row_offsets)

    def stem_rows(self, field: str, stem: str) -> Sequence[Sequence[int]]:
        """Return the rows with a stem, each as often as the stem occurs there, in lists."""
        key = field, stem
        if key not in self._stem_rows:
            if len(self._stem_rows) >= CACHE_SIZE:
                self._stem_rows.clear()
            self._stem_rows[key] = self.offset([view.terms(field).numbers(stem) for view in self])
        return self._stem_rows[key]

    def place(self, row: int) -> tuple[int, int]:
        """Return the segment of a row, and its number there."""
        number = bisect_right(self.row_offsets, row) - 1
        return number, row - self.row_offsets[number]

    def one_value(self, name: str, row: int) -> str:
        """Return the single value of a row in a column of ids."""
        number, own = self.place(row)
        column = self.views[number].column(name)
        return decoded(column.value(column.codes[column.ends[own]]))

    def order_of(self, name: str) -> Callable[[int], Any]:
        """Return a sort key for rows by their single value in a column of ids; in one segment, its code."""
        if len(self.views) == 1:
            column = self.views[0].column(name)
            codes, ends = column.codes, column.ends
            return lambda row: codes[ends[row]]
        return partial(self.one_value, name)

    def copies_in_order(self, rows: Iterable[int]) -> list[int]:
        """Return copies of each other that match a query, the listed one first."""
        group = tuple(sorted(rows))
        cached = self._copies.get(group)
        if cached is None:
            by_id = {self.one_value(ROW_ID, row): row for row in group}
            copies = {row_id: Precedence.unpacked(self.one_value(PRECEDENCE, row)) for row_id, row in by_id.items()}
            if len(self._copies) >= MAX_CACHED_GROUPS:
                self._copies.clear()
            cached = self._copies[group] = [by_id[row_id] for row_id in in_order(copies)]
        return cached

    @cached_property
    def days(self) -> Numbers:
        """The day by which each row is ordered, as an ordinal; 0 for none."""
        found = array("I", bytes(4 * self.row_count))
        for name in reversed(self._day_fields):
            for start, view in zip(self.row_offsets, self, strict=True):
                column = view.column(name)
                if len(column):
                    firsts = [first for first, _ in column.spans()]
                    codes, ends = array("I", column.codes.tobytes()), column.ends.tolist()
                    for row in column.valued_rows:
                        found[start + row] = firsts[codes[ends[row]]]
        return found


SegmentsByKind = Mapping[Record, Segments]
