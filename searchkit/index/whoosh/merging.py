"""Merge several segments of one kind of record, section by section and list by list, with little memory.

The result is the file that builders.py would have written for the rows that are not deleted, in their order. Lists are
sorted in each segment, so they only have to be merged; hashes of keys are copied.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import compress, count, islice
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from msgspec import Struct
from whoosh.fields import Schema

from searchkit.index.whoosh.builders import grouped, save_hashes
from searchkit.index.whoosh.coding import Vector, coded_lists, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.columns import HAVE_KEYS, ListColumn, ValueColumn, column_key
from searchkit.index.whoosh.fields import Words
from searchkit.index.whoosh.segment_file import Ints, SectionWriter, Terms
from searchkit.index.whoosh.segments import SOURCES, SegmentEntry, SegmentView, new_entry

# Pages of segments are released after reading this many bytes.
MAX_PAGE_BYTES = 32_000_000
# Number of lists of a segment read at once.
LISTS_PER_READ = 2_048
_DELETED = 0xFFFF_FFFF

_Key = TypeVar("_Key", bytes, tuple[str, bytes])


def renumbered(live: Vector, first: int) -> Vector:
    """Return new numbers for the rows or positions of a segment: from `first` on for live ones, else _DELETED."""
    return np.where(live, np.cumsum(live) + (first - 1), _DELETED).astype(np.uint32)


def merged(folder: Path, index_name: str, schema: Schema, views: Sequence[SegmentView]) -> SegmentEntry:
    """Write a new segment in `folder` with the live rows of `views`, in order."""
    segment = new_entry(index_name)
    with SectionWriter(segment.path(folder)) as out:
        sections = _Merge(out, views)
        segment.row_count = sections.row_count
        sections.sources()
        for name, field in schema.items():
            column = field.column_type
            if isinstance(field, Words) and field.positional:
                sections.placed(name)
            elif isinstance(field, Words):
                sections.postings(name, [view.terms(name) for view in views], sections.rows)
                segment.lengths[name] = sections.lengths(name)
            if isinstance(column, ListColumn):
                sections.column(name, column)
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

    def sources(self) -> None:
        """Copy the checksums of the documents of which the rows were made."""
        numbers = (np.asarray(view.file.ints(SOURCES), np.uint64) for view in self._views)
        live = [own[lives] for own, lives in zip(numbers, self.live, strict=True)]
        self._out.add(SOURCES, np.concatenate(live).data, "Q")

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
            _pieces(len(terms), terms.terms_between, partial(_postings, terms), moved)
            for terms, moved in zip(every, moves, strict=True)
        ]

        def lists() -> Iterator[memoryview]:
            for found in _in_order(sources):
                words.extend(word + b"\n" for word in found.keys)
                content, own_lengths = coded_lists(found.numbers, found.sizes)
                lengths.append(own_lengths)
                yield content.data

        self._out.add(f"{name}/postings", self._releasing(lists()))
        save_ints(self._out, f"{name}/posting-ends", ends_of(_joined(lengths)))
        self._out.add(f"{name}/terms", words)
        save_ints(self._out, f"{name}/term-ends", ends_of([*map(len, words)]))

    def column(self, name: str, kept: ListColumn) -> None:
        columns = [view.column(name) for view in self._views]
        if not any(map(len, columns)):
            return
        code_of = [np.zeros(len(column), np.uint32) for column in columns]
        rows: list[Vector] = []
        row_sizes: list[Vector] = []
        value_sizes = array("I")
        key_hashes: list[Vector] = []
        name_hashes: list[Vector] = []
        sources = [
            _pieces(len(column), partial(_keyed, column), partial(_value_rows, column), moved)
            for column, moved in zip(columns, self.rows, strict=True)
        ]

        def values() -> Iterator[bytes]:
            for found in _in_order(sources):
                for number, lists, places in found.origins:
                    code_of[number][lists] = len(value_sizes) + places
                if kept.counted:
                    key_hashes.append(found.gathered([column.key_hashes for column in columns]))
                if kept.kind == "name":
                    name_hashes.append(found.gathered([column.name_hashes for column in columns]))
                rows.append(found.numbers)
                row_sizes.append(found.sizes)
                value_sizes.extend(len(value) for _, value in found.keys)
                yield b"".join(value for _, value in found.keys)

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
        save_ints(self._out, f"{name}/rows", _joined(rows))
        save_ints(self._out, f"{name}/row-ends", ends_of(_joined(row_sizes)))
        if kept.counted:
            doubled = [moved[vector(own.doubled)] for own, moved in zip(columns, self.rows, strict=True)]
            every = np.concatenate(doubled)
            save_ints(self._out, f"{name}/doubled", every[every != _DELETED])
            save_hashes(self._out, f"{name}/key", _joined(key_hashes))
        if kept.kind == "name":
            save_hashes(self._out, f"{name}/name", _joined(name_hashes))
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


def _postings(terms: Terms, first: int, after: int) -> tuple[Vector, Vector]:
    """Return the numbers of some words, and how many each has."""
    ends = vector(terms.coded_ends)[first : after + 1].astype(np.int64)
    return list_numbers(terms.coded[int(ends[0]) : int(ends[-1])], ends - ends[0])


def _value_rows(column: ValueColumn, first: int, after: int) -> tuple[Vector, Vector]:
    """Return the rows of some values, and how many each has."""
    ends = vector(column.row_ends)[first : after + 1]
    return vector(column.rows[int(ends[0]) : int(ends[-1])]), np.diff(ends)


class _Piece(Struct, Generic[_Key], frozen=True):
    """Some lists of a segment: their sort keys, their numbers there, their lengths, and what they list."""

    keys: list[_Key]
    lists: Vector
    sizes: Vector
    numbers: Vector

    def cut(self, place: int) -> "tuple[_Piece[_Key], _Piece[_Key]]":
        """Return the first lists, and the others."""
        end = int(self.sizes[:place].sum())
        return (
            _Piece(self.keys[:place], self.lists[:place], self.sizes[:place], self.numbers[:end]),
            _Piece(self.keys[place:], self.lists[place:], self.sizes[place:], self.numbers[end:]),
        )


class _Merged(Struct, Generic[_Key], frozen=True):
    """Lists of all segments with the same keys as one: keys, lengths and what they list. `origins` has, for each
    segment with any, its number, its lists, and their places among `keys`."""

    keys: list[_Key]
    sizes: Vector
    numbers: Vector
    origins: list[tuple[int, Vector, Vector]]

    def gathered(self, hashes: Sequence[Ints]) -> Vector:
        """Return the hash of each key, of which each segment has those of its lists."""
        found = np.empty(len(self.keys), np.uint64)
        for number, lists, places in self.origins:
            found[places] = np.asarray(hashes[number])[lists]
        return found


def _pieces(
    total: int,
    keys: Callable[[int, int], Iterable[_Key]],
    lists: Callable[[int, int], tuple[Vector, Vector]],
    moves: Vector,
) -> Iterator[_Piece[_Key]]:
    """Yield the `total` lists of a segment in pieces, with new numbers. Lists that become empty are dropped, so that no
    name or word of a deleted record remains."""
    for first in range(0, total, LISTS_PER_READ):
        after = min(first + LISTS_PER_READ, total)
        numbers, sizes = lists(first, after)
        moved = moves[numbers]
        live = moved != _DELETED
        left = np.diff(ends_of(live)[ends_of(sizes)])
        kept = left > 0
        if kept.any():
            own = list(compress(keys(first, after), kept))
            yield _Piece(own, first + np.flatnonzero(kept), left[kept], moved[live])


def _in_order(sources: Sequence[Iterator[_Piece[_Key]]]) -> Iterator[_Merged[_Key]]:
    """Merge sorted sources, many lists at once: up to the first key behind which a source may have more."""
    waiting = {number: piece for number, source in enumerate(sources) for piece in islice(source, 1)}
    while waiting:
        last = min(piece.keys[-1] for piece in waiting.values())
        ready: dict[int, _Piece[_Key]] = {}
        for number, piece in list(waiting.items()):
            first, rest = piece.cut(bisect_right(piece.keys, last))
            if first.keys:
                ready[number] = first
            waiting[number] = rest if rest.keys else next(sources[number], rest)
            if not waiting[number].keys:
                del waiting[number]
        keys = sorted(set().union(*(piece.keys for piece in ready.values())))
        place_of = dict(zip(keys, count(), strict=False))
        origins = [(number, piece.lists, _places(piece.keys, place_of)) for number, piece in ready.items()]
        places = [np.repeat(own, piece.sizes) for (*_, own), piece in zip(origins, ready.values(), strict=True)]
        together = np.concatenate(places)
        numbers = np.concatenate([piece.numbers for piece in ready.values()])[grouped(together)]
        yield _Merged(keys, np.bincount(together, minlength=len(keys)), numbers, origins)


def _places(keys: list[_Key], place_of: dict[_Key, int]) -> Vector:
    return np.array([*map(place_of.__getitem__, keys)], np.uint32)


def _joined(parts: Sequence[Vector]) -> Vector:
    return np.concatenate(parts) if parts else np.empty(0, np.uint32)
