"""Merge several segments of one kind of record, section by section and list by list, with little memory.

The result is the file that builders.py would have written for the rows that are not deleted, in their order. Lists are
sorted in each segment, so they only have to be merged; hashes of keys are copied.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from whoosh.fields import Schema

from searchkit.index.whoosh.builders import save_hashes
from searchkit.index.whoosh.checksums import CHECKSUMS, SOURCES
from searchkit.index.whoosh.coding import Vector, coded_lists, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.columns import HAVE_KEYS, ColumnKind, ListColumn, ValueColumn, column_key
from searchkit.index.whoosh.fields import Words
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segment_file import Ints, Numbers, SectionWriter
from searchkit.index.whoosh.segments import SegmentEntry, SegmentView, new_entry

# Pages of segments are released after reading this many bytes.
MAX_PAGE_BYTES = 32_000_000
# Number of lists of a segment read at once, and of numbers written at once.
LISTS_PER_READ = 256
NUMBERS_PER_WRITE = 250_000
_DELETED = 0xFFFF_FFFF

_Key = TypeVar("_Key", bytes, tuple[str, bytes])
_Entry = TypeVar("_Entry", bound=tuple[Any, ...])


def renumbered(live: Vector, first: int) -> Vector:
    """Return new numbers for the rows or positions of a segment: from `first` on for live ones, else _DELETED."""
    return np.where(live, np.cumsum(live) + (first - 1), _DELETED).astype(np.uint32)


def merged(folder: Path, index_name: str, schema: Schema, views: Sequence[SegmentView]) -> SegmentEntry:
    """Write a new segment in `folder` with the live rows of `views`, in order."""
    segment = new_entry(index_name)
    with SectionWriter(segment.path(folder)) as out:
        sections = _Merge(out, views)
        segment.row_count = sections.row_count
        sections.checksums()
        for name, field in schema.items():
            column = field.column_type
            if isinstance(field, Words) and field.positional:
                sections.placed(name)
            elif isinstance(field, Words):
                sections.postings(name, [view.terms(name) for view in views], sections.rows)
                segment.lengths[name] = sections.lengths(name)
            if isinstance(column, ListColumn):
                sections.column(name, column.kind, counted=column.counted)
    return segment


class _Merge:
    """Writes the sections of several segments as one. By segment, `live` says which rows are not deleted, and `rows`
    has the new numbers of all."""

    def __init__(self, out: SectionWriter, views: Sequence[SegmentView]) -> None:
        self._out = out
        self._views = views
        self.live: list[Vector] = []
        self.rows: list[Vector] = []
        self.row_count = 0
        for view in views:
            live = np.ones(view.row_count, bool)
            live[[*view.deleted]] = False
            self.live.append(live)
            self.rows.append(renumbered(live, self.row_count))
            self.row_count += int(np.count_nonzero(live))

    def checksums(self) -> None:
        """Copy the checksums of rows."""
        for name in (CHECKSUMS, SOURCES):
            numbers = (np.asarray(view.file.ints(name), np.uint64) for view in self._views)
            live = [own[lives] for own, lives in zip(numbers, self.live, strict=True)]
            self._out.add(name, np.concatenate(live).data, "Q")

    def placed(self, name: str) -> None:
        """Write the positions of a field, and its passages."""
        every = [view.terms(name) for view in self._views]
        sizes: list[Vector] = []
        rows: list[Vector] = []
        places: list[Vector] = []
        moves: list[Vector] = []
        end = 0
        for terms, moved in zip(every, self.rows, strict=True):
            new_rows = moved[vector(terms.rows)]
            live, own_sizes = new_rows != _DELETED, np.diff(vector(terms.starts))
            moves.append(renumbered(np.repeat(live, own_sizes), end))
            sizes.append(own_sizes[live])
            rows.append(new_rows[live])
            places.append(vector(terms.places)[live[: len(terms.places)]])
            end += int(np.sum(sizes[-1]))
        if not any(map(len, rows)):
            return
        self.postings(name, every, moves)
        save_ints(self._out, f"{name}/passage-starts", ends_of(np.concatenate(sizes)))
        save_ints(self._out, f"{name}/passage-rows", np.concatenate(rows))
        if any(map(len, places)):
            save_ints(self._out, f"{name}/passage-places", np.concatenate(places))

    def postings(self, name: str, every: Sequence[Terms], moves: Sequence[Vector]) -> None:
        words: list[bytes] = []
        lengths: list[Vector] = []
        sources = [
            _pieces(number, len(terms), terms.terms_between, partial(_postings, terms), moved)
            for number, (terms, moved) in enumerate(zip(every, moves, strict=True))
        ]

        def lists() -> Iterator[memoryview]:
            last, sizes, together = b"", array("I"), array("I")
            for word, _, _, numbers in _in_order(sources):
                if word != last:
                    if len(together) > NUMBERS_PER_WRITE:
                        yield coded(together, sizes)
                        sizes, together = array("I"), array("I")
                    last = word
                    words.append(word + b"\n")
                    sizes.append(0)
                sizes[-1] += len(numbers)
                together.extend(numbers)
            yield coded(together, sizes)

        def coded(numbers: Numbers, sizes: Numbers) -> memoryview:
            content, own_lengths = coded_lists(np.asarray(numbers), np.asarray(sizes))
            lengths.append(own_lengths)
            return content.data

        self._out.add(f"{name}/postings", self._releasing(lists()))
        save_ints(self._out, f"{name}/posting-ends", ends_of(np.concatenate(lengths)))
        self._out.add(f"{name}/terms", words)
        save_ints(self._out, f"{name}/term-ends", ends_of([*map(len, words)]))

    def column(self, name: str, kind: ColumnKind, *, counted: bool) -> None:
        columns = [view.column(name) for view in self._views]
        if not any(map(len, columns)):
            return
        code_of = [np.zeros(len(column), np.uint32) for column in columns]
        rows, row_sizes, value_sizes = array("I"), array("I"), array("I")
        key_hashes, name_hashes = array("Q"), array("Q")
        sources = [
            _pieces(number, len(column), partial(_keyed, column), partial(_value_rows, column), moved)
            for number, (column, moved) in enumerate(zip(columns, self.rows, strict=True))
        ]

        def values() -> Iterator[bytes]:
            last: tuple[str, bytes] | None = None
            for keyed, number, code, found in _in_order(sources):
                if keyed != last:
                    last = keyed
                    row_sizes.append(0)
                    value_sizes.append(len(keyed[1]))
                    if counted:
                        key_hashes.append(columns[number].key_hashes[code])
                    if kind == "name":
                        name_hashes.append(columns[number].name_hashes[code])
                    yield keyed[1]
                rows.extend(found)
                row_sizes[-1] += len(found)
                code_of[number][code] = len(value_sizes) - 1

        self._out.add(f"{name}/values", values())
        save_ints(self._out, f"{name}/value-ends", ends_of(value_sizes))
        codes: list[Vector] = []
        sizes: list[Vector] = []
        for column, new_codes, live in zip(columns, code_of, self.live, strict=True):
            own_sizes = _sizes(column.ends, len(live))
            codes.append(new_codes[vector(column.codes)[np.repeat(live, own_sizes)]])
            sizes.append(own_sizes[live])
        save_ints(self._out, f"{name}/codes", np.concatenate(codes))
        save_ints(self._out, f"{name}/ends", ends_of(np.concatenate(sizes)))
        save_ints(self._out, f"{name}/rows", rows)
        save_ints(self._out, f"{name}/row-ends", ends_of(row_sizes))
        if counted:
            doubled = [moved[vector(own.doubled)] for own, moved in zip(columns, self.rows, strict=True)]
            save_ints(self._out, f"{name}/doubled", _kept(np.concatenate(doubled)))
            save_hashes(self._out, f"{name}/key", key_hashes)
        if kind == "name":
            save_hashes(self._out, f"{name}/name", name_hashes)
        self._release_pages()

    def lengths(self, name: str) -> int:
        """Write the word counts of a field; return the total."""
        lengths = [vector(view.row_lengths(name)) for view in self._views]
        if not any(map(len, lengths)):
            return 0
        found = np.concatenate([_padded(own, len(live))[live] for own, live in zip(lengths, self.live, strict=True)])
        save_ints(self._out, f"{name}/lengths", found)
        return int(np.sum(found))

    def _releasing(self, buffers: Iterable[memoryview]) -> Iterator[memoryview]:
        """Yield the buffers, and release pages of the segments from time to time."""
        read = 0
        for buffer in buffers:
            yield buffer
            read += buffer.nbytes
            if read > MAX_PAGE_BYTES:
                self._release_pages()
                read = 0
        self._release_pages()

    def _release_pages(self) -> None:
        for view in self._views:
            view.file.release_pages()


def _sizes(ends: Ints, row_count: int) -> Vector:
    """Return how many entries each row has; rows at the end without any may be left out."""
    return _padded(np.diff(vector(ends)), row_count).astype(np.int64)


def _padded(numbers: Vector, length: int) -> Vector:
    return np.pad(numbers, (0, length - len(numbers)))


def _keyed(column: ValueColumn, first: int, after: int) -> Iterator[tuple[str, bytes]]:
    values = column.values_between(first, after)
    if column.kind in HAVE_KEYS:
        return ((column_key(column.kind, value), value) for value in values)
    return (("", value) for value in values)


def _kept(numbers: Vector) -> Numbers:
    return array("I", numbers[numbers != _DELETED].tobytes())


def _postings(terms: Terms, first: int, after: int) -> tuple[Vector, Vector]:
    """Return the numbers of some words, and how many each has."""
    return list_numbers(*terms.coded_between(first, after))


def _value_rows(column: ValueColumn, first: int, after: int) -> tuple[Vector, Vector]:
    """Return the rows of some values, and how many each has."""
    ends = vector(column.row_ends[first : after + 1])
    return vector(column.rows[int(ends[0]) : int(ends[-1])]), np.diff(ends)


def _pieces(
    number: int,
    count: int,
    keys: Callable[[int, int], Iterable[_Key]],
    lists: Callable[[int, int], tuple[Vector, Vector]],
    moves: Vector,
) -> Iterator[list[tuple[_Key, int, int, Numbers]]]:
    """Yield the `count` lists of a segment in pieces: sort key, segment number, list number, and new numbers. Lists
    that become empty are dropped, so that no name or word of a deleted record remains."""
    for first in range(0, count, LISTS_PER_READ):
        after = min(first + LISTS_PER_READ, count)
        numbers, sizes = lists(first, after)
        moved = moves[numbers]
        new_ends = ends_of(moved != _DELETED)[ends_of(sizes)].tolist()
        left = _kept(moved)
        found = [
            (key, number, first + place, left[begin:end])
            for place, (key, (begin, end)) in enumerate(zip(keys(first, after), pairwise(new_ends), strict=True))
            if begin < end
        ]
        if found:
            yield found


def _in_order(sources: Iterable[Iterator[list[_Entry]]]) -> Iterator[_Entry]:
    """Merge sorted sources. Sorting them piece by piece takes a third of the time of heapq.merge."""
    waiting = [(piece, source) for source in sources for piece in islice(source, 1)]
    while waiting:
        last = min(piece[-1] for piece, _ in waiting)  # no source can yield more up to here
        ready: list[_Entry] = []
        left = []
        for piece, source in waiting:
            place = bisect_right(piece, last)
            ready += piece[:place]
            if piece := piece[place:] or next(source, []):
                left.append((piece, source))
        ready.sort()
        yield from ready
        waiting = left
