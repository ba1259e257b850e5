"""Merge several segments of one kind of record, section by section and list by list, with little memory.

The result is the file that writer.py would have written for the rows that are not deleted, in their order. Lists are
sorted in each segment, so they only have to be merged; hashes of keys are copied.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

from whoosh.fields import Schema

from searchkit.index.whoosh.columns import (
    HAVE_KEYS,
    ColumnKind,
    ListColumn,
    TextColumn,
    ValueColumn,
    column_key,
    save_hashes,
)
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


class Renumbering:
    """Maps rows or positions below `end` of a segment to the new segment: the ranges in `kept` get new numbers from
    `first` on, others are deleted."""

    def __init__(self, kept: Sequence[range], first: int, end: int) -> None:
        self.kept = [own for own in kept if own]
        self.first = self.after = first
        self._new: Numbers | None = None
        if sum(map(len, self.kept)) < end:
            self._new = array("I", [_DELETED]) * end
            for own in self.kept:
                self._new[own.start : own.stop] = array("I", range(self.after, self.after + len(own)))
                self.after += len(own)
        else:
            self.after += end

    def __call__(self, numbers: Ints) -> Numbers:
        return _kept(self.each(numbers))

    def each(self, numbers: Ints) -> Numbers:
        """Return all new numbers, including _DELETED."""
        if self._new is not None:
            return array("I", map(self._new.__getitem__, numbers))
        first = self.first
        return array("I", [number + first for number in numbers])


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
    """Writes the sections of several segments as one."""

    def __init__(self, out: SectionWriter, views: Sequence[SegmentView]) -> None:
        self._out = out
        self._views = views
        self.rows: list[Renumbering] = []
        self.row_count = 0
        for view in views:
            bounds = [-1, *sorted(view.deleted), view.row_count]
            live = [range(before + 1, row) for before, row in pairwise(bounds)]
            self.rows.append(Renumbering(live, self.row_count, view.row_count))
            self.row_count = self.rows[-1].after

    def placed(self, name: str) -> None:
        every = [view.terms(name) for view in self._views]
        starts, rows, places = array("I"), array("I"), array("I")
        moves: list[Renumbering] = []
        end = 0
        for terms, moved in zip(every, self.rows, strict=True):
            kept = [range(bisect_left(terms.rows, own.start), bisect_left(terms.rows, own.stop)) for own in moved.kept]
            begins = terms.starts
            kept = [own for own in kept if own]
            positions = [range(begins[own.start], begins[own.stop]) for own in kept]
            moves.append(Renumbering(positions, end, begins[-1] if len(begins) else 0))
            for own in kept:
                offset = end - begins[own.start]
                starts.extend([begin + offset for begin in begins[own.start : own.stop]])
                rows.extend(moved(terms.rows[own.start : own.stop]))
                places.extend(terms.places[own.start : own.stop])
                end += begins[own.stop] - begins[own.start]
        if not starts:
            return
        starts.append(end)
        self.postings(name, every, moves)
        self._out.add(f"{name}/passage-starts", starts)
        self._out.add(f"{name}/passage-rows", rows)
        if places:
            self._out.add(f"{name}/passage-places", places)

    def postings(self, name: str, every: Sequence[Terms], moves: Sequence[Renumbering]) -> None:
        words: list[bytes] = []
        ends, word_ends = array("Q", [0]), array("I", [0])
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
                    word_ends.append(word_ends[-1] + len(word) + 1)
                    ends.append(ends[-1])
                ends[-1] += len(numbers)
                together.extend(numbers)
                if len(together) > NUMBERS_PER_WRITE:
                    yield together
                    together = array("I")
            yield together

        self._out.add(f"{name}/postings", self._releasing(lists()))
        self._out.add(f"{name}/posting-ends", ends)
        self._out.add(f"{name}/terms", words)
        self._out.add(f"{name}/term-ends", word_ends)

    def column(self, name: str, kind: ColumnKind, *, counted: bool) -> None:
        columns = [view.column(name) for view in self._views]
        if not any(map(len, columns)):
            return
        code_of = [array("I", bytes(4 * len(column))) for column in columns]
        rows, row_ends, value_ends = array("I"), array("I", [0]), array("I", [0])
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
                    row_ends.append(row_ends[-1])
                    value_ends.append(value_ends[-1] + len(keyed[1]))
                    if counted:
                        key_hashes.append(columns[number].key_hashes[code])
                    if kind == "name":
                        name_hashes.append(columns[number].name_hashes[code])
                    yield keyed[1]
                rows.extend(found)
                row_ends[-1] += len(found)
                code_of[number][code] = len(value_ends) - 2

        self._out.add(f"{name}/values", values())
        self._out.add(f"{name}/value-ends", value_ends)
        self._out.add(f"{name}/codes", self._codes(columns, code_of))
        self._out.add(f"{name}/ends", self._ends(columns))
        self._out.add(f"{name}/rows", rows)
        self._out.add(f"{name}/row-ends", row_ends)
        if counted:
            doubled = (moved(column.doubled) for column, moved in zip(columns, self.rows, strict=True))
            self._out.add(f"{name}/doubled", doubled)
            save_hashes(self._out, f"{name}/key", key_hashes)
        if kind == "name":
            save_hashes(self._out, f"{name}/name", name_hashes)
        self._release_pages()

    def _codes(self, columns: Sequence[ValueColumn], code_of: Sequence[Numbers]) -> Iterator[Numbers]:
        for column, new, moved in zip(columns, code_of, self.rows, strict=True):
            for own in moved.kept if len(column) else ():
                codes = column.codes[column.ends[own.start] : column.ends[own.stop]]
                yield array("I", map(new.__getitem__, codes))

    def _ends(self, columns: Sequence[ValueColumn]) -> Numbers:
        ends = array("I", [0])
        for column, moved in zip(columns, self.rows, strict=True):
            for own in moved.kept:
                if len(column):
                    offset = ends[-1] - column.ends[own.start]
                    ends.extend([end + offset for end in column.ends[own.start + 1 : own.stop + 1]])
                else:
                    ends.extend([ends[-1]] * len(own))
        return ends

    def lengths(self, name: str) -> int:
        """Write the word counts of a field; return the total."""
        lengths = array("I")
        for view, moved in zip(self._views, self.rows, strict=True):
            own_lengths = view.row_lengths(name)
            if len(own_lengths):
                lengths.extend([0] * (moved.first - len(lengths)))
            for own in moved.kept:
                lengths.extend(own_lengths[own.start : own.stop])
        if lengths:
            self._out.add(f"{name}/lengths", lengths)
        return sum(lengths)

    def texts(self, name: str) -> None:
        """Write the stored passages of a field."""
        every = [view.texts(name) for view in self._views]
        ends = array("Q", [0])
        for texts, moved in zip(every, self.rows, strict=True):
            if len(texts):
                ends.extend([ends[-1]] * (moved.first + 1 - len(ends)))
            for own in _within(moved.kept, texts):
                offset = ends[-1] - texts.ends[own.start]
                ends.extend([end + offset for end in texts.ends[own.start + 1 : own.stop + 1]])
        if len(ends) > 1:
            stored = self._releasing(
                texts.texts[texts.ends[own.start] : texts.ends[own.stop]]
                for texts, moved in zip(every, self.rows, strict=True)
                for own in _within(moved.kept, texts)
            )
            self._out.add(f"{name}/texts", stored)
            self._out.add(f"{name}/text-ends", ends)

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


def _keyed(column: ValueColumn, first: int, after: int) -> Iterator[tuple[str, bytes]]:
    values = column.values_between(first, after)
    if column.kind in HAVE_KEYS:
        return ((column_key(column.kind, value), value) for value in values)
    return (("", value) for value in values)


def _kept(numbers: Numbers) -> Numbers:
    return array("I", [number for number in numbers if number != _DELETED]) if _DELETED in numbers else numbers


def _pieces(
    number: int, keys: Callable[[int, int], Iterable[_Key]], numbers: Ints, ends: Ints, moves: Renumbering
) -> Iterator[list[tuple[_Key, int, int, Numbers]]]:
    """Yield the lists of a segment in pieces: sort key, segment number, list number, and new numbers. Lists that become
    empty are dropped, so that no name or word of a deleted record remains."""
    for first in range(0, len(ends) - 1, LISTS_PER_READ):
        own_ends = ends[first : first + LISTS_PER_READ + 1].tolist()
        start, after = own_ends[0], first + len(own_ends) - 1
        moved = moves.each(numbers[start : own_ends[-1]])
        found = [
            (key, number, first + place, left)
            for place, (key, (begin, end)) in enumerate(zip(keys(first, after), pairwise(own_ends), strict=True))
            if (left := _kept(moved[begin - start : end - start]))
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


def _within(kept: Iterable[range], texts: TextColumn) -> Iterator[range]:
    return (range(own.start, min(own.stop, len(texts))) for own in kept if own.start < len(texts))
