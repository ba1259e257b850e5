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
from numpy.typing import NDArray
from whoosh.fields import Schema

from searchkit.index.whoosh.builders import ends_of, packed, save_hashes
from searchkit.index.whoosh.columns import HAVE_KEYS, ColumnKind, ListColumn, ValueColumn, column_key
from searchkit.index.whoosh.fields import StoredText, Words
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
_Buffer = TypeVar("_Buffer", bound="Numbers | memoryview")
Vector = NDArray[Any]


def renumbered(live: Vector, first: int) -> Vector:
    """Return new numbers for the rows or positions of a segment: from `first` on for live ones, else _DELETED."""
    return np.where(live, np.cumsum(live) + (first - 1), _DELETED).astype(np.uint32)


def merged(folder: Path, index_name: str, schema: Schema, views: Sequence[SegmentView]) -> SegmentEntry:
    """Write a new segment in `folder` with the live rows of `views`, in order."""
    segment = new_entry(index_name)
    with SectionWriter(segment.path(folder)) as out:
        sections = _Merge(out, views)
        segment.row_count = sections.row_count
        for name, field in schema.items():
            column = field.column_type
            if isinstance(field, Words) and field.positional:
                sections.placed(name)
            elif isinstance(field, Words):
                sections.postings(name, [view.terms(name) for view in views], sections.rows)
                segment.lengths[name] = sections.lengths(name)
            elif isinstance(column, StoredText):
                sections.texts(name)
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

    def placed(self, name: str) -> None:
        """Write the positions of a field, and its passages."""
        every = [view.terms(name) for view in self._views]
        sizes: list[Vector] = []
        rows: list[Vector] = []
        places: list[Vector] = []
        moves: list[Vector] = []
        end = 0
        for terms, moved in zip(every, self.rows, strict=True):
            new_rows = moved[np.asarray(terms.rows)]
            live, own_sizes = new_rows != _DELETED, np.diff(np.asarray(terms.starts))
            moves.append(renumbered(np.repeat(live, own_sizes), end))
            sizes.append(own_sizes[live])
            rows.append(new_rows[live])
            places.append(np.asarray(terms.places)[live[: len(terms.places)]])
            end += int(np.sum(sizes[-1]))
        if not any(map(len, rows)):
            return
        self.postings(name, every, moves)
        self._out.add(f"{name}/passage-starts", packed(ends_of(np.concatenate(sizes))))
        self._out.add(f"{name}/passage-rows", packed(np.concatenate(rows)))
        if any(map(len, places)):
            self._out.add(f"{name}/passage-places", packed(np.concatenate(places)))

    def postings(self, name: str, every: Sequence[Terms], moves: Sequence[Vector]) -> None:
        words: list[bytes] = []
        sizes = array("Q")
        sources = [
            _pieces(number, terms.terms_between, terms.postings, terms.posting_ends, moved)
            for number, (terms, moved) in enumerate(zip(every, moves, strict=True))
        ]

        def lists() -> Iterator[Numbers]:
            last, together = b"", array("I")
            for word, _, _, numbers in _in_order(sources):
                if word != last:
                    last = word
                    words.append(word + b"\n")
                    sizes.append(0)
                sizes[-1] += len(numbers)
                together.extend(numbers)
                if len(together) > NUMBERS_PER_WRITE:
                    yield together
                    together = array("I")
            yield together

        self._out.add(f"{name}/postings", self._releasing(lists()))
        self._out.add(f"{name}/posting-ends", packed(ends_of(sizes), "Q"))
        self._out.add(f"{name}/terms", words)
        self._out.add(f"{name}/term-ends", packed(ends_of([*map(len, words)])))

    def column(self, name: str, kind: ColumnKind, *, counted: bool) -> None:
        columns = [view.column(name) for view in self._views]
        if not any(map(len, columns)):
            return
        code_of = [np.zeros(len(column), np.uint32) for column in columns]
        rows, row_sizes, value_sizes = array("I"), array("I"), array("I")
        key_hashes, name_hashes = array("Q"), array("Q")
        sources = [
            _pieces(number, partial(_keyed, column), column.rows, column.row_ends, moved)
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
        self._out.add(f"{name}/value-ends", packed(ends_of(value_sizes)))
        codes: list[Vector] = []
        sizes: list[Vector] = []
        for column, new_codes, live in zip(columns, code_of, self.live, strict=True):
            own_sizes = _sizes(column.ends, len(live))
            codes.append(new_codes[np.asarray(column.codes)[np.repeat(live, own_sizes)]])
            sizes.append(own_sizes[live])
        self._out.add(f"{name}/codes", packed(np.concatenate(codes)))
        self._out.add(f"{name}/ends", packed(ends_of(np.concatenate(sizes))))
        self._out.add(f"{name}/rows", rows)
        self._out.add(f"{name}/row-ends", packed(ends_of(row_sizes)))
        if counted:
            doubled = (_kept(moved[np.asarray(own.doubled)]) for own, moved in zip(columns, self.rows, strict=True))
            self._out.add(f"{name}/doubled", doubled)
            save_hashes(self._out, f"{name}/key", key_hashes)
        if kind == "name":
            save_hashes(self._out, f"{name}/name", name_hashes)
        self._release_pages()

    def lengths(self, name: str) -> int:
        """Write the word counts of a field; return the total."""
        lengths = [np.asarray(view.row_lengths(name)) for view in self._views]
        if not any(map(len, lengths)):
            return 0
        found = np.concatenate([_padded(own, len(live))[live] for own, live in zip(lengths, self.live, strict=True)])
        self._out.add(f"{name}/lengths", packed(found))
        return int(np.sum(found))

    def texts(self, name: str) -> None:
        """Write the stored passages of a field."""
        every = [view.texts(name) for view in self._views]
        if not any(map(len, every)):
            return
        sizes = [_sizes(texts.ends, len(live))[live] for texts, live in zip(every, self.live, strict=True)]
        stored = self._releasing(
            texts.texts[texts.ends[start] : texts.ends[min(after, len(texts))]]
            for texts, live in zip(every, self.live, strict=True)
            for start, after in np.flatnonzero(np.diff(live, prepend=False, append=False)).reshape(-1, 2).tolist()
            if start < len(texts)
        )
        self._out.add(f"{name}/texts", stored)
        self._out.add(f"{name}/text-ends", packed(ends_of(np.concatenate(sizes)), "Q"))

    def _releasing(self, buffers: Iterable[_Buffer]) -> Iterator[_Buffer]:
        """Yield the buffers, and release pages of the segments from time to time."""
        read = 0
        for buffer in buffers:
            yield buffer
            read += len(buffer) * buffer.itemsize
            if read > MAX_PAGE_BYTES:
                self._release_pages()
                read = 0
        self._release_pages()

    def _release_pages(self) -> None:
        for view in self._views:
            view.file.release_pages()


def _sizes(ends: Ints, row_count: int) -> Vector:
    """Return how many entries each row has; rows at the end without any may be left out."""
    return _padded(np.diff(np.asarray(ends)), row_count).astype(np.int64)


def _padded(numbers: Vector, length: int) -> Vector:
    return np.pad(numbers, (0, length - len(numbers)))


def _keyed(column: ValueColumn, first: int, after: int) -> Iterator[tuple[str, bytes]]:
    values = column.values_between(first, after)
    if column.kind in HAVE_KEYS:
        return ((column_key(column.kind, value), value) for value in values)
    return (("", value) for value in values)


def _kept(numbers: Vector) -> Numbers:
    return array("I", numbers[numbers != _DELETED].tobytes())


def _pieces(
    number: int, keys: Callable[[int, int], Iterable[_Key]], numbers: Ints, ends: Ints, moves: Vector
) -> Iterator[list[tuple[_Key, int, int, Numbers]]]:
    """Yield the lists of a segment in pieces: sort key, segment number, list number, and new numbers. Lists that become
    empty are dropped, so that no name or word of a deleted record remains."""
    for first in range(0, len(ends) - 1, LISTS_PER_READ):
        own_ends = np.asarray(ends[first : first + LISTS_PER_READ + 1]).astype(np.int64)
        moved = moves[np.asarray(numbers[own_ends[0] : own_ends[-1]])]
        after = first + len(own_ends) - 1
        new_ends = ends_of(moved != _DELETED)[own_ends - own_ends[0]].tolist()
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
