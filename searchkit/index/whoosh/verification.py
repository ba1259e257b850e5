"""Verify the contents of an index: its sections against each other, and its rows against the documents of the store.

Each row has two checksums: of its words with their places, and of its values. Those of a segment come from its posting
lists and columns, list by list and without sorting. Those of a document come from the rows that indexing would write
now. A checksum is a sum of hashes, so the order in which they are added is irrelevant.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from searchkit.document import Document
from searchkit.index.analysis import stems
from searchkit.index.generations import DamagedFile
from searchkit.index.rows import Row, document_row, quote_rows
from searchkit.index.whoosh.builders import SegmentBuilder, save_column
from searchkit.index.whoosh.coding import Vector, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.columns import ROW_ID, ListColumn, encoded
from searchkit.index.whoosh.fields import Words, schema
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.searcher import open_snapshot
from searchkit.index.whoosh.segment_file import BYTES, Parts, SectionFile
from searchkit.index.whoosh.segments import INDEX_NAMES, Segments, SegmentView, reported
from searchkit.query.fields import Record

# Bytes of posting lists read at once; a longer list is read alone.
BYTES_PER_READ = 1_000_000
# Ends of the names of sections of numbers that no column compares.
_NUMBERS = ("-ends", "-starts", "-rows", "-places", "/lengths", "/ends")
_WORDS, _VALUES = range(2)
_PARTS = ("words", "values")
_KINDS: dict[Record, str] = {"document": "document", "quote": "statement"}
# Odd constants that spread small numbers over 64 bits.
_PLACE, _PASSAGE, _NAME = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)


class WhooshVerifier:
    """An IndexVerifier for the current generation of a WhooshIndex; base.py describes its methods."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with reported(folder):
            snapshot = open_snapshot(folder)
        self.applied = snapshot.applied
        self._segments = snapshot.segments
        self._rows: dict[Record, _IndexedRows] = {}

    def faults(self) -> Iterator[str]:
        with reported(self._folder):
            for record, segments in self._segments.items():
                checks = [_SegmentCheck(view, record) for view in segments]
                for check in checks:
                    for fault in check.faults():
                        yield f"{check.name}: {fault}"
                self._rows[record] = _IndexedRows(segments, checks)

    def differences(self, documents: Iterable[Document]) -> Iterator[str]:
        rows: dict[Record, list[Row]] = {record: [] for record in INDEX_NAMES}
        for document in documents:
            rows["document"].append(document_row(document))
            rows["quote"] += quote_rows(document)
        with reported(self._folder):
            for record, expected in rows.items():
                yield from self._rows[record].differences(expected, record)


class _IndexedRows:
    """The live rows of all segments of one kind of record, by the hash of their ids."""

    def __init__(self, segments: Segments, checks: Sequence["_SegmentCheck"]) -> None:
        keys, numbers, sums = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros((2, 0), np.uint64)]
        for view, offset, check in zip(segments, segments.row_offsets, checks, strict=True):
            live = np.ones(view.row_count, bool)
            live[[*view.deleted]] = False
            keys.append(check.row_keys[live])
            numbers.append(np.flatnonzero(live) + offset)
            sums.append(check.sums[:, live])
        found = np.concatenate(keys)
        order = np.argsort(found)
        self._keys = found[order]
        self._numbers = np.concatenate(numbers)[order]
        self._sums = np.concatenate(sums, axis=1)[:, order]

    def differences(self, rows: Sequence[Row], record: Record) -> Iterator[str]:
        """Yield what differs from the `rows` that the store's documents have, a line for each row."""
        if not rows:
            return
        builder = SegmentBuilder(INDEX_NAMES[record], schema(record))
        for row in rows:
            builder.add(row)
        sums = _sums_of(builder)
        row_ids = builder.columns[ROW_ID]
        keys = _hashes(row_ids.values)[np.asarray(row_ids.codes)]
        places = np.searchsorted(self._keys, keys)
        found = places < len(self._keys)
        found[found] = self._keys[places[found]] == keys[found]
        for number in np.flatnonzero(~found).tolist():
            yield f"lacks {_KINDS[record]} {rows[number].id}"
        places[~found] = 0
        if not found.any():
            return
        differing = (self._sums[:, places] != sums) & found
        for number in np.flatnonzero(differing.any(axis=0)).tolist():
            parts = " and ".join(part for part, wrong in zip(_PARTS, differing[:, number], strict=True) if wrong)
            yield f"has other {parts} than the store for {_KINDS[record]} {rows[number].id}"
        moved = (np.diff(self._numbers[places]) != 1) & found[1:] & found[:-1]
        for number in np.flatnonzero(moved).tolist():
            if rows[number].document == rows[number + 1].document:
                yield f"has the statements of document {rows[number].document} in another order than the store"
                return


class _SegmentCheck:
    """The contents of a segment: what contradicts itself, and the checksums of all rows once `faults` has ended."""

    def __init__(self, view: SegmentView, record: Record) -> None:
        self.name = view.file.path.name
        self.sums = np.zeros((2, view.row_count), np.uint64)
        self.row_keys = np.zeros(view.row_count, np.uint64)
        self._view = view
        self._schema = schema(record)

    def faults(self) -> Iterator[str]:
        """Yield the sections that contradict others."""
        yield from self._forms()
        for name, field in self._schema.items():
            column = field.column_type
            if isinstance(field, Words) and field.positional:
                yield from self._words(name)
            if isinstance(column, ListColumn):
                yield from self._column(name, column)
            self._view.file.release_pages()

    def _forms(self) -> Iterator[str]:
        """Yield the sections of numbers that are not in their smallest form: numbers have no other."""
        file = self._view.file
        comparer = _SectionComparer(file)
        for name in file.names():
            if name.endswith(_NUMBERS):
                save_ints(comparer, name, vector(file.ints(name)))
        for section in comparer.differing:
            yield f"the section {section} has numbers in another form"

    def _words(self, name: str) -> Iterator[str]:
        terms, words = self._view.terms(name), self._vocabulary(name)
        _refuse_disorder(terms.starts, terms.starts[-1] if len(terms.starts) else 0, name)
        passages = _Passages(terms.starts, terms.rows, terms.places, name)
        hashes = _hashes(words)
        field = name.removesuffix(".words")
        stem_hashes = _hashes(stems(words)) if field != name else None
        stem_sums, lengths = np.zeros((2, self._view.row_count), np.uint64)
        is_ordered, count = True, 0
        for slots, positions, continues in _postings(terms):
            count += len(positions)
            is_ordered &= bool((np.diff(positions.astype(np.int64))[continues] > 0).all())
            rows = passages.add(self.sums[_WORDS], hashes[slots], positions)
            if stem_hashes is not None:
                np.add.at(stem_sums, rows, _mixed(stem_hashes[slots]))
                np.add.at(lengths, rows, np.uint64(1))
        if not is_ordered or [*terms.starts[-1:]] != [count][: len(terms.starts)]:
            yield f"the positions of {name} are not in order"
        if stem_hashes is not None:
            yield from self._stems(field, stem_sums, lengths)

    def _vocabulary(self, name: str) -> list[str]:
        """Return the words of a field. DamagedFile if they are not in order, or not where their ends say."""
        words = self._view.terms(name).words()
        lines = [encoded(word) + b"\n" for word in words]
        ends = self._view.file.ints(f"{name}/term-ends")
        is_written = self._view.file.view(f"{name}/terms") == b"".join(lines)
        is_written &= not lines or np.array_equal(vector(ends), ends_of([*map(len, lines)]))
        if not is_written or words != sorted(set(words)):
            raise DamagedFile(f"the words of {name} are not in order")
        return words

    def _stems(self, name: str, expected: Vector, lengths: Vector) -> Iterator[str]:
        terms, hashes = self._view.terms(name), _hashes(self._vocabulary(name))
        sums, is_ordered = np.zeros_like(expected), True
        for slots, rows, continues in _postings(terms):
            is_ordered &= bool((np.diff(rows.astype(np.int64))[continues] >= 0).all())
            np.add.at(sums, rows, _mixed(hashes[slots]))
        if not is_ordered or not np.array_equal(sums, expected):
            yield f"the stems of {name} differ from its words"
        own = vector(self._view.row_lengths(name))
        if not np.array_equal(np.pad(own, (0, len(lengths) - len(own))), lengths):
            yield f"the word counts of {name} differ from its words"
        if self._view.lengths.get(name, 0) != int(np.sum(lengths)):
            yield f"the total word count of {name} differs from its words"

    def _column(self, name: str, kept: ListColumn) -> Iterator[str]:
        column = self._view.column(name)
        if not len(column):
            return
        _refuse_disorder(column.packed_ends, len(column.packed), name)
        _refuse_disorder(column.ends, len(column.codes), name)
        values = [*column.values()]
        comparer = _SectionComparer(self._view.file)
        save_column(comparer, name, kept.kind, values, column.codes, column.ends, counted=kept.counted)
        for section in comparer.differing:
            yield f"the section {section} differs from the values of {name}"
        hashes, codes, ends = _hashes(values), vector(column.codes), vector(column.ends)
        _add_values(self.sums[_VALUES], hashes, codes, ends, name)
        if name == ROW_ID:
            self.row_keys[:] = hashes[codes[ends[:-1]]]


class _SectionComparer:
    """Compares sections with those of a file."""

    def __init__(self, file: SectionFile) -> None:
        self._file = file
        self.differing: list[str] = []

    def add(self, name: str, parts: Parts, form: str = BYTES) -> None:
        """Note the section `name` if its content is not that of the file."""
        every = (parts,) if isinstance(parts, bytes | memoryview | array) else parts
        if form != self._file.form(name) or b"".join(bytes(part) for part in every) != self._file.view(name):
            self.differing.append(name)


class _Passages:
    """The passages of a field: where each begins, its row, its number there, and the name that it spells."""

    def __init__(self, starts: Sequence[int], rows: Sequence[int], names: Sequence[int], field: str) -> None:
        self._rows = vector(rows)
        self._starts = vector(starts)[: len(self._rows)]
        numbers = np.arange(len(self._rows)) - np.searchsorted(self._rows, self._rows)
        self._hashes = numbers.astype(np.uint64) * _PASSAGE + _seed(field)
        if len(names):
            self._hashes += vector(names).astype(np.uint64) * _NAME

    def add(self, sums: Vector, hashes: Vector, positions: Vector) -> Vector:
        """Add words to the checksums of their rows, given their hashes and positions; return the rows."""
        passages = np.searchsorted(self._starts, positions, "right") - 1
        places = (positions - self._starts[passages]).astype(np.uint64)
        rows: Vector = self._rows[passages]
        np.add.at(sums, rows, _mixed(hashes + self._hashes[passages] + places * _PLACE))
        return rows


def _sums_of(builder: SegmentBuilder) -> Vector:
    """Return the checksums of the rows of a segment that is not written yet."""
    sums = np.zeros((2, builder.entry.row_count), np.uint64)
    for name, words in builder.words.items():
        passages = _Passages(words.starts, words.rows, words.places, name)
        text = np.asarray(words.text)
        passages.add(sums[_WORDS], _hashes(words.terms)[text], np.arange(len(text), dtype=np.uint32))
    for name, column in builder.columns.items():
        codes, ends = np.asarray(column.codes), np.asarray(column.ends)
        _add_values(sums[_VALUES], _hashes(column.values), codes, ends, name)
    return sums


def _add_values(sums: Vector, hashes: Vector, codes: Vector, ends: Vector, name: str) -> None:
    """Add the values of a column to the checksums of their rows, in order."""
    sizes = ends[1:] - ends[:-1]
    places = (np.arange(len(codes)) - np.repeat(ends[:-1], sizes)).astype(np.uint64)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    np.add.at(sums, rows, _mixed(hashes[codes] + places * _PLACE + _seed(name)))


def _postings(terms: Terms) -> Iterator[tuple[Vector, Vector, Vector]]:
    """Yield the posting lists of a field in pieces: for each posting the number of its word and its own number, and for
    each but the last whether the next belongs to the same word."""
    _refuse_disorder(terms.coded_ends, len(terms.coded), "posting lists")
    ends = vector(terms.coded_ends)
    first = 0
    while first < len(terms):
        after = max(int(np.searchsorted(ends, ends[first] + np.uint32(BYTES_PER_READ))), first + 1)
        after = min(after, len(terms))
        numbers, sizes = list_numbers(*terms.coded_between(first, after))
        slots = np.repeat(np.arange(first, after), sizes)
        yield slots, numbers, slots[1:] == slots[:-1]
        first = after


def _refuse_disorder(ends: Sequence[int], length: int, name: str) -> None:
    """Raise DamagedFile if these are not the ends of lists of this length altogether, after a 0."""
    found = vector(ends)
    if len(found) and (found[0] != 0 or found[-1] != length or (found[1:] < found[:-1]).any()):
        raise DamagedFile(f"the lists of {name} do not end in order")


def _mixed(numbers: Vector) -> Vector:
    """Return numbers with their bits mixed (the last step of SplitMix64), so that sums of them do not cancel out."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _hashes(values: Iterable[str | bytes]) -> Vector:
    """Return 64 bits for each value, which are comparable in this process only."""
    return np.fromiter(map(hash, values), np.int64).view(np.uint64)


def _seed(name: str) -> np.uint64:
    return np.uint64(hash(name) & 0xFFFF_FFFF_FFFF_FFFF)
