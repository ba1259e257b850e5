"""Segments: their entries in the manifest of a generation, opened for reading, and all of one kind together.

A generation is also two Whoosh indexes. Their tables of contents, which are pickles, are for other programs only.
"""

import errno
import os
import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec
from msgspec import Struct, field

from searchkit.errors import ArchiveLocked, DamagedIndex, SearchkitError
from searchkit.files import NO_SPACE, storage_error
from searchkit.index.analysis import ANALYSIS_VERSION
from searchkit.index.base import SCHEMA_VERSION
from searchkit.index.generations import SecondWriter, current, read_manifest, refuse_newer
from searchkit.index.ranking import Precedence, day_fields, in_order, weight
from searchkit.index.whoosh.columns import PRECEDENCE, ROW_ID, ColumnKind, MakeRows, RowSet, ValueColumn, set_of_rows
from searchkit.index.whoosh.segment_file import Ints, Numbers, Positions, SectionFile, Terms, decoded, numbers_of
from searchkit.query.fields import Record
from searchkit.statements.document import BEGINNING, LogPosition

_T = TypeVar("_T")

EXTENSION = ".arrays"
# The section with the checksum of the document of which each row was made, as 64 bits.
SOURCES = "row.sources"
# Number of stems whose rows are kept while their query is answered.
CACHE_SIZE = 8
# Number of groups of copies kept with their order, about 5 MB.
MAX_CACHED_GROUPS = 10_000
# Increase with every change of the file format.
FORMAT_VERSION = 8
# All that decides whether this searchkit, on this machine, can read an index.
VERSIONS: Mapping[str, int | str] = {
    "schema": SCHEMA_VERSION,
    "analysis": ANALYSIS_VERSION,
    "format": FORMAT_VERSION,
    "byte_order": sys.byteorder,
}
# Names of the two Whoosh indexes.
INDEX_NAMES: dict[Record, str] = {"document": "documents", "quote": "quotes"}
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

Groups: TypeAlias = Any
"""Groups of copies among some rows: true if there are any; `hidden` counts the rows that are not listed."""
Ranked: TypeAlias = tuple[float, int]
"""The rank of a hit, lowest first, and its global row."""
Worths: TypeAlias = Mapping[tuple[str, ...], Mapping[str, float]]
"""What each word of a query is worth, by the fields in which it may occur."""
Stated: TypeAlias = Sequence[tuple[ValueColumn, RowSet]]
"""For each segment of statements: its column of document ids, and some of its rows."""


class Scores(Protocol):
    def add(self, rows: RowSet) -> None:
        """Add one to the scores of those that are among these rows."""

    def add_word(self, parts: tuple[str, ...], stem: str) -> float:
        """Add BM25 of a stem in the fields `parts`; return its idf."""

    def best(self, count: int) -> list[Ranked]:
        """Return the `count` best, in any order, with those equal to the last that come first."""


class Copies(Protocol):
    """Which rows of one kind of record are copies of each other."""

    def groups(self, found: RowSet) -> Groups:
        """Return the groups of copies among the rows `found`."""

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        """Return how many records these rows are, counting copies of each other once."""

    def listed(self, rows: Sequence[int], groups: Groups) -> Sequence[bool]:
        """Return for each row whether it comes first in its group."""

    def together(self, row: int, groups: Groups) -> Sequence[int]:
        """Return a row and its copies in order; the first is listed."""


class Backend(Protocol):
    """The functions of the two backends, `pure` and the package `kernels`.

    Offsets are the first global row of each segment. Positions are those of words in the text of a field, ascending.
    """

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

    def numbers_of(self, coded: memoryview) -> Positions:
        """Return the numbers of one list; see coding.py."""

    def beginning(self, terms: Terms, prefix: str) -> Positions:
        """Return the positions of all words that begin with `prefix`."""

    def merged(self, lists: Sequence[Positions]) -> Positions: ...

    def starts(self, terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
        """Return the first position of each place in a passage that has a position of each list, in order, with at
        most `slop` other words in between."""

    def followed(self, terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
        """Return the positions that one of `starts` follows in the same passage, at most `distance` words away."""

    def passages_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """Return the passages of these positions, each once."""

    def rows_at(self, terms: Terms, positions: Positions) -> Iterable[int]:
        """Return the rows of these positions."""

    def passages_of(self, terms: Terms, words: Sequence[str]) -> Iterable[int]:
        """Return the passages that consist of exactly these words, in any order."""

    def names_at(self, terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: RowSet) -> Sequence[int]:
        """Return the codes of the names that these passages spell in live rows."""

    def codes_among(self, column: ValueColumn, wanted: Collection[bytes]) -> Sequence[int]:
        """Return the codes of the `wanted` values in a column of ids."""

    def join_documents(self, stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
        """Return, by column of document ids, the codes of the documents that own any of these statements."""

    def scores(self, segments: "Segments", found: RowSet) -> Scores: ...

    def proximity(self, segments: "Segments", worths: Worths, rows: Sequence[int]) -> Iterable[float]:
        """Return for each row the greatest worth of words that stand close together in a passage."""

    def by_day(self, segments: "Segments", rows: RowSet, newest: bool, count: int) -> list[Ranked]:
        """Return the first `count` rows by day, rows without a day last; see Scores.best."""

    def copies(self, segments: "Segments") -> Copies: ...


# --- the state of an index --------------------------------------------------------------------------------------------


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


class reported:  # noqa: N801  # used as a function; a generator takes four times as long
    """Turn every exception inside into one of our errors: a corrupt file may raise anything."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, (SearchkitError, MemoryError, RecursionError)):
            return
        if isinstance(error, SecondWriter):
            raise ArchiveLocked(str(error)) from error
        if isinstance(error, OSError) and error.errno in NO_SPACE | _NO_ACCESS:
            raise storage_error(self._folder, error) from error
        if isinstance(error, Exception):
            raise _damaged(self._folder, error) from error


def _damaged(folder: Path, error: Exception) -> DamagedIndex:
    reason = str(error) or type(error).__name__
    return DamagedIndex(f"The index in {folder} is corrupt ({reason}).", hint="Run `searchkit rebuild`.")


class State(Struct, frozen=True, kw_only=True):
    """One generation of an index: its last change of the store, and its segments. `folder` is None for an empty
    index."""

    folder: Path | None = None
    position: LogPosition = BEGINNING
    segments: Mapping[Record, Sequence[SegmentEntry]] = field(default_factory=dict)


def read_state(folder: Path) -> State:
    """Return the state of the index in `folder`; an empty state if there is none or an older version wrote it.

    DamagedFile if it is corrupt, FileNotFoundError if a newer generation replaced it while it was read, NewerArchive if
    a newer version wrote it.
    """
    generation = current(folder)
    if generation is None:
        return State()
    manifest = read_manifest(generation)
    refuse_newer(folder, manifest.versions, VERSIONS)
    if manifest.versions != VERSIONS:
        return State()
    segments = msgspec.convert(manifest.engine, dict[Record, tuple[SegmentEntry, ...]])
    return State(folder=generation, position=LogPosition(manifest.applied, manifest.mark), segments=segments)


# --- segments opened for reading --------------------------------------------------------------------------------------


class SegmentView:
    """One segment opened for reading; each part is opened when first used. `kinds` are the kinds of its columns."""

    def __init__(
        self, folder: Path, segment: SegmentEntry, kinds: Mapping[str, ColumnKind], backend: Backend | None = None
    ) -> None:
        self.row_count = segment.row_count
        self.make_rows = backend.row_maker(segment.row_count) if backend else set_of_rows
        self._numbers_of = backend.numbers_of if backend else numbers_of
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
            self._terms[name] = Terms(self.file, name, self._numbers_of)
        return self._terms[name]

    def one_value(self, name: str, row: int) -> str:
        """Return the single value of a row in a column of ids."""
        column = self.column(name)
        return decoded(column.value(column.codes[column.ends[row]]))

    def row_lengths(self, name: str) -> Ints:
        """Return the word counts of a stemmed field by row, without rows at the end that lack the field."""
        return self.file.ints(f"{name}/lengths")


class Segments:
    """All segments of one kind of record. Row numbers are global: they continue from segment to segment."""

    def __init__(self, views: Iterable[SegmentView], record: Record, backend: Backend) -> None:
        self.views = tuple(views)
        self.backend = backend
        self.row_offsets = [*accumulate(map(attrgetter("row_count"), self.views), initial=0)]
        self.row_count = self.row_offsets.pop()
        self.make_rows = backend.row_maker(self.row_count)
        # The same functions of the backend, with the offsets of these segments.
        self.to_global = partial(backend.to_global, offsets=self.row_offsets)
        self.to_local = partial(backend.to_local, offsets=self.row_offsets)
        self.offset = partial(backend.offset, offsets=self.row_offsets)
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
        return self.to_global([*map(attrgetter("deleted"), self)])

    def length(self, parts: Iterable[str]) -> int:
        """Return the weighted word count of some text fields."""
        return sum(weight(part) * view.lengths.get(part, 0) for part in parts for view in self)

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
        return self.views[number].one_value(name, own)

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
                    codes, ends = [*column.codes], [*column.ends]
                    for row in column.valued_rows:
                        found[start + row] = firsts[codes[ends[row]]]
        return found


SegmentsByKind = Mapping[Record, Segments]
