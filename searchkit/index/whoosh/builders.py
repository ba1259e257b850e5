"""Build the file of a new segment: collect rows, then write them column by column and word by word. Merge several
segments, section by section and list by list, with little memory.

A merged file is the one that would have been built for the rows that are not deleted, in their order. Lists are sorted
in each segment, so they only have to be merged.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import compress, count, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from searchkit.index.analysis import name_words, stems, words
from searchkit.index.rows import Row
from searchkit.index.values import value_key
from searchkit.index.whoosh import columns as stored
from searchkit.index.whoosh.coding import Vector, coded_lists, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.fields import Words
from searchkit.index.whoosh.segment_file import Numbers, Sections, SectionWriter, Terms, encoded
from searchkit.index.whoosh.segments import SOURCES, SegmentEntry, SegmentView, new_entry

WordLists = Sequence[Sequence[str]]
# Texts up to this length are cached: a title is analyzed for each of its statements, a statement twice.
MAX_CACHED_LENGTH = 1_000


def grouped(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the places of each code in turn, ascending. numpy sorts numbers of 16 bits much faster than others."""
    order = np.argsort(codes.astype(np.uint16), kind="stable")
    high = (codes >> 16).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


class ColumnBuilder:
    def __init__(self, column: stored.ListColumn) -> None:
        self._column = column
        self._code_of: defaultdict[bytes, int] = defaultdict(count().__next__)
        self.codes = array("I")
        self.ends = array("I", [0])

    @property
    def values(self) -> list[bytes]:
        """The distinct values, by code."""
        return [*self._code_of]

    def add(self, row: int, values: Iterable[bytes]) -> None:
        """Add the values of `row`; rows come in order, and rows without values may be left out."""
        if row >= len(self.ends):
            self._fill(row)
        self.codes.extend(map(self._code_of.__getitem__, values))
        self.ends.append(len(self.codes))

    def _fill(self, row: int) -> None:
        missing = row + 1 - len(self.ends)
        if missing > 0:
            self.ends.extend([len(self.codes)] * missing)

    def save(self, out: Sections, name: str, row_count: int) -> None:
        """Write the column of `row_count` rows under `name`."""
        self._fill(row_count)
        if self.codes:
            save_column(out, name, self._column, self.values, self.codes, self.ends)


def save_column(
    out: Sections,
    name: str,
    column: stored.ListColumn,
    values: Sequence[bytes],
    codes: Sequence[int] | Vector,
    ends: Sequence[int] | Vector,
) -> None:
    """Write a column under `name`: distinct `values` in any order, the `codes` of all rows, and where each row ends."""
    kind = column.kind
    has_keys = kind in stored.HAVE_KEYS
    keyed = sorted(
        (stored.column_key(kind, value) if has_keys else "", value, code) for code, value in enumerate(values)
    )
    final = np.empty(len(keyed), np.uint32)
    final[[code for _, _, code in keyed]] = np.arange(len(keyed))
    new_codes = final[np.asarray(codes)]
    rows = np.repeat(np.arange(len(ends) - 1), np.diff(ends))[grouped(new_codes)]
    sizes = np.bincount(new_codes, minlength=len(keyed))
    out.add(f"{name}/values", b"".join(value for _, value, _ in keyed))
    save_ints(out, f"{name}/value-ends", ends_of([len(value) for _, value, _ in keyed]))
    save_ints(out, f"{name}/codes", new_codes)
    save_ints(out, f"{name}/ends", ends)
    save_ints(out, f"{name}/rows", rows)
    save_ints(out, f"{name}/row-ends", ends_of(sizes))
    if column.counted:
        keys = [key if has_keys else stored.column_key(kind, value) for key, value, _ in keyed]
        save_ints(out, f"{name}/doubled", _doubled(keys, rows, sizes))
        _save_hashes(out, f"{name}/key", keys)
    if kind == "name":
        _save_hashes(out, f"{name}/name", [value_key(stored.name_parts(value)[1]) for _, value, _ in keyed])


def _save_hashes(out: Sections, name: str, keys: Sequence[str]) -> None:
    """Write the hashes of keys by code, and the codes in order of their hashes."""
    numbers = np.array([*map(stored.key_hash, keys)], "Q")
    out.add(f"{name}-hashes", numbers.data, "Q")
    save_ints(out, f"{name}-order", np.argsort(numbers, kind="stable"))


def _doubled(keys: Sequence[str], rows: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that have several values of one key; values with equal keys are adjacent."""
    key_of = np.append(0, np.cumsum([one != other for one, other in pairwise(keys)], dtype=np.int64))
    distinct, times = np.unique(rows * len(keys) + np.repeat(key_of, sizes), return_counts=True)
    return np.unique(distinct[times > 1] // len(keys))


class PostingsBuilder:
    """Collects the words of one field of a new segment, in text order, as numbers. They are sorted into lists when the
    segment is saved: appending each word to its own list at once takes twice as long."""

    def __init__(self) -> None:
        # Not numbered by its own length: such a dictionary would be a reference cycle.
        self._ids: defaultdict[str, int] = defaultdict(count().__next__)
        self.text = array("I")
        self.starts = array("I")
        self.rows = array("I")
        self.places = array("I")

    @property
    def terms(self) -> list[str]:
        """The distinct words, by the numbers in `text`."""
        return [*self._ids]

    def add(self, row: int, passages: WordLists) -> None:
        """Add the words of `row`; rows come in order."""
        text, id_of = self.text, self._ids.__getitem__
        for passage in passages:
            self.starts.append(len(text))
            self.rows.append(row)
            text.extend(map(id_of, passage))

    def add_names(self, row: int, values: Iterable[WordLists]) -> None:
        """Add the names of `row`: the words of all spellings of each."""
        for place, spellings in enumerate(values):
            self.add(row, spellings)
            self.places.extend([place] * len(spellings))

    def save(self, out: Sections, name: str) -> None:
        """Write the words and their positions under `name`."""
        self._save(out, name, self.terms, None)
        save_ints(out, f"{name}/passage-starts", [*self.starts, len(self.text)])
        save_ints(out, f"{name}/passage-rows", self.rows)
        if self.places:
            save_ints(out, f"{name}/passage-places", self.places)

    def save_stems(self, out: Sections, name: str) -> None:
        """Write the rows of each stem under `name`, one per occurrence."""
        sizes = np.diff([*self.starts, len(self.text)])
        self._save(out, name, stems(self._ids), np.repeat(np.asarray(self.rows), sizes))

    def _save(self, out: Sections, name: str, terms: list[str], numbers: NDArray[np.uint32] | None) -> None:
        """Write for each term (by word id) the numbers of its places in the text; by default, the places."""
        ordered = sorted({*terms})
        code_of = dict(zip(ordered, count(), strict=False))
        codes = np.array([code_of[term] for term in terms], np.uint32)[np.asarray(self.text)]
        places = grouped(codes)
        sizes = np.bincount(codes, minlength=len(ordered))
        coded, lengths = coded_lists(places if numbers is None else numbers[places], sizes)
        out.add(f"{name}/postings", coded.data)
        save_ints(out, f"{name}/posting-ends", ends_of(lengths))
        lines = [encoded(term) + b"\n" for term in ordered]
        out.add(f"{name}/terms", b"".join(lines))
        save_ints(out, f"{name}/term-ends", ends_of([*map(len, lines)]))


class SegmentBuilder:
    """Collects the rows of a segment. They do not pass through Whoosh's `add_document`, which took a third of all
    indexing time."""

    def __init__(self, index_name: str, schema: Schema) -> None:
        self.entry = new_entry(index_name)
        self._schema = schema
        self._sources = bytearray()
        self.words: defaultdict[str, PostingsBuilder] = defaultdict(PostingsBuilder)
        self.columns: dict[str, ColumnBuilder] = {}
        self._lengths: defaultdict[str, Numbers] = defaultdict(partial(array, "I"))
        self.rows: dict[str, range] = {}  # of each document

    def add(self, document_id: str, rows: Iterable[Row], source: str) -> None:
        """Add the rows of a document with the checksum `source`."""
        first = self.entry.row_count
        for row in rows:
            self._add(row, source)
        self.rows[document_id] = range(first, self.entry.row_count)

    def remove(self, document_id: str) -> None:
        """Delete the rows of a document, if there are any."""
        self.entry.deleted.update(self.rows.pop(document_id, ()))

    def _add(self, row: Row, source: str) -> None:
        number = self.entry.row_count
        self._sources += bytes.fromhex(source)
        for name, texts in row.texts.items():
            passages = [*map(_words, texts)]
            self.words[f"{name}.words"].add(number, passages)
            lengths = self._lengths[name]
            lengths.extend([0] * (number - len(lengths)))
            lengths.append(sum(map(len, passages)))
        for name, names in row.names.items():
            self.words[name].add_names(
                number, [[_spelling(value.name), *map(_spelling, value.surfaces)] for value in names]
            )
            self._column(name).add(number, [stored.name_bytes(value) for value in names])
        for name, keywords in row.keywords.items():
            self._column(name).add(number, map(encoded, keywords))
        for name, dates in row.dates.items():
            self._column(name).add(number, map(stored.date_bytes, dates))
        self._column(stored.DOCUMENT_ID).add(number, (encoded(row.document),))
        self._column(stored.ROW_ID).add(number, (encoded(row.id),))
        if row.precedence is not None:
            self._column(stored.COPIES).add(number, (encoded(row.copies),))
            self._column(stored.PRECEDENCE).add(number, (encoded(row.precedence.packed()),))
        self.entry.row_count = number + 1

    def save(self, folder: Path) -> None:
        """Write the segment, field by field; nothing if all its rows are deleted."""
        if not self.entry.live_count:
            return
        with SectionWriter(self.entry.path(folder)) as out:
            out.add(SOURCES, array("Q", bytes(self._sources)), "Q")
            for name, field in self._schema.items():
                if isinstance(field, Words):
                    self._save_words(out, name, positional=field.positional)
                if name in self.columns:
                    self.columns.pop(name).save(out, name, self.entry.row_count)

    def _save_words(self, out: Sections, name: str, *, positional: bool) -> None:
        if positional:
            if name in self.words:
                self.words.pop(name).save(out, name)
        elif name in self._lengths:
            lengths = self._lengths.pop(name)
            save_ints(out, f"{name}/lengths", lengths)
            self.entry.lengths[name] = sum(lengths)
            # Stems are made from the words, which the schema lists after them.
            self.words[f"{name}.words"].save_stems(out, name)

    def _column(self, name: str) -> ColumnBuilder:
        if name not in self.columns:
            self.columns[name] = ColumnBuilder(self._schema[name].column_type)
        return self.columns[name]


def _words(text: str) -> Sequence[str]:
    return _words_cached(text) if len(text) <= MAX_CACHED_LENGTH else words(text)


_words_cached = lru_cache(maxsize=256)(words)
_spelling = lru_cache(maxsize=8192)(name_words)


# --- merging ----------------------------------------------------------------------------------------------------------

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
            if isinstance(column, stored.ListColumn):
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

    def column(self, name: str, kept: stored.ListColumn) -> None:
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
