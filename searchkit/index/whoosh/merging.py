"""Merge several segments of one kind of record, section by section and list by list, with little memory.

The result is the file that builders.py would have written for the rows that are not deleted, in their order. Lists are
sorted in each segment, so they only have to be merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count
from pathlib import Path

import numpy as np
from whoosh.fields import Schema

from searchkit.index.whoosh.builders import grouped, save_column
from searchkit.index.whoosh.coding import Vector, coded_lists, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.columns import ListColumn
from searchkit.index.whoosh.fields import Words
from searchkit.index.whoosh.segment_file import SectionWriter, Terms
from searchkit.index.whoosh.segments import SOURCES, SegmentEntry, SegmentView, new_entry

# Pages of segments are released after reading this many bytes.
MAX_PAGE_BYTES = 32_000_000
# Number of lists of a segment read at once.
LISTS_PER_READ = 2_048
_DELETED = 0xFFFF_FFFF
_NONE = np.empty(0, np.uint32)


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

        def lists() -> Iterator[memoryview]:
            for some, sizes, numbers in _merged_lists(every, moves):
                words.extend(word + b"\n" for word in some)
                content, own_lengths = coded_lists(numbers, sizes)
                lengths.append(own_lengths)
                yield content.data

        self._out.add(f"{name}/postings", self._releasing(lists()))
        save_ints(self._out, f"{name}/posting-ends", ends_of(np.concatenate([_NONE, *lengths])))
        self._out.add(f"{name}/terms", words)
        save_ints(self._out, f"{name}/term-ends", ends_of([*map(len, words)]))

    def column(self, name: str, kept: ListColumn) -> None:
        columns = [view.column(name) for view in self._views]
        code_of: defaultdict[bytes, int] = defaultdict(count().__next__)
        codes: list[Vector] = []
        sizes: list[Vector] = []
        for column, live in zip(columns, self.live, strict=True):
            own_sizes = _padded(np.diff(vector(column.ends)), len(live)).astype(np.int64)
            own_codes = vector(column.codes)[np.repeat(live, own_sizes)]
            used = np.zeros(len(column), bool)  # no value of a deleted row remains
            used[own_codes] = True
            new_codes = np.zeros(len(column), np.uint32)
            new_codes[used] = [*map(code_of.__getitem__, compress(column.values(), used))]
            codes.append(new_codes[own_codes])
            sizes.append(own_sizes[live])
        if code_of:
            save_column(self._out, name, kept, [*code_of], np.concatenate(codes), ends_of(np.concatenate(sizes)))
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


def _padded(numbers: Vector, length: int) -> Vector:
    return np.pad(numbers, (0, length - len(numbers)))


def _merged_lists(every: Sequence[Terms], moves: Sequence[Vector]) -> Iterator[tuple[Sequence[bytes], Vector, Vector]]:
    """Yield words, how many new numbers each has, and these numbers: many words at once, as the segment with most words
    lists them. Words without numbers are dropped, so that no word of a deleted record remains."""
    largest = max(every, key=len)
    bounds = [largest.term(slot) for slot in range(LISTS_PER_READ, len(largest), LISTS_PER_READ)]
    cuts = [[0, *map(terms.slot, bounds), len(terms)] for terms in every]
    for place in range(len(bounds) + 1):
        words: list[bytes] = []
        sizes: list[Vector] = []
        numbers: list[Vector] = [_NONE]
        for terms, moved, own_cuts in zip(every, moves, cuts, strict=True):
            first, after = own_cuts[place : place + 2]
            if first < after:
                own_numbers, own_sizes = list_numbers(*terms.coded_between(first, after))
                new = moved[own_numbers]
                live = new != _DELETED
                words += terms.terms_between(first, after)
                sizes.append(np.diff(ends_of(live)[ends_of(own_sizes)]))
                numbers.append(new[live])
        left = np.concatenate([_NONE, *sizes])
        kept = sorted({*compress(words, left)})
        code_of = dict(zip(kept, count(), strict=False))
        codes = np.repeat(np.array([code_of.get(word, 0) for word in words], np.uint32), left)
        yield kept, np.bincount(codes, minlength=len(kept)), np.concatenate(numbers)[grouped(codes)]
