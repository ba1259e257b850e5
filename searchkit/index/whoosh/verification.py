"""Verify the contents of an index: its sections against each other and against the checksums of its rows, and its rows
against the documents of the store.

Everything is read once, list by list, without sorting. The rows of the store's documents are not computed again: each
row has the checksum of its contents, and the checksum of the document of which it was made (checksums.py).
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from searchkit.index.analysis import stems
from searchkit.index.generations import DamagedFile
from searchkit.index.whoosh.builders import save_column
from searchkit.index.whoosh.checksums import CHECKSUMS, SOURCES, Passages, add_values, hashes, mixed, source_checksum
from searchkit.index.whoosh.coding import Vector, ends_of, list_numbers, save_ints, vector
from searchkit.index.whoosh.columns import ROW_ID, ListColumn, encoded
from searchkit.index.whoosh.fields import Words, schema
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.searcher import open_snapshot
from searchkit.index.whoosh.segment_file import BYTES, Parts, SectionFile
from searchkit.index.whoosh.segments import INDEX_NAMES, Segments, SegmentView, reported
from searchkit.query.fields import Record
from searchkit.statements.document import Document

# Bytes of posting lists read at once; a longer list is read alone.
BYTES_PER_READ = 1_000_000
# Ends of the names of sections of numbers that no column compares.
_NUMBERS = ("-ends", "-starts", "-rows", "-places", "/lengths", "/ends")
_KINDS: dict[Record, str] = {"document": "document", "quote": "statement"}
_Expected = tuple[str, str, int]
"""A row: the ids of its document and its own, and the checksum of the document."""


class WhooshVerifier:
    """An IndexVerifier for the current generation of a WhooshIndex; base.py describes its methods."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with reported(folder):
            snapshot = open_snapshot(folder)
        self.applied = snapshot.position.sequence
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
        rows: dict[Record, list[_Expected]] = {record: [] for record in INDEX_NAMES}
        for document in documents:
            source = source_checksum(document)
            rows["document"].append((document.id, document.id, source))
            rows["quote"] += [(document.id, quote.id, source) for quote in document.statements]
        with reported(self._folder):
            for record, expected in rows.items():
                yield from self._rows[record].differences(expected, record)


class _IndexedRows:
    """The live rows of all segments of one kind of record, by the hash of their ids."""

    def __init__(self, segments: Segments, checks: Sequence["_SegmentCheck"]) -> None:
        keys, numbers, sources = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
        for view, offset, check in zip(segments, segments.row_offsets, checks, strict=True):
            live = np.ones(view.row_count, bool)
            live[[*view.deleted]] = False
            keys.append(check.row_keys[live])
            numbers.append(np.flatnonzero(live) + offset)
            sources.append(check.sources[live])
        found = np.concatenate(keys)
        order = np.argsort(found)
        self._keys = found[order]
        self._numbers = np.concatenate(numbers)[order]
        self._sources = np.concatenate(sources)[order]

    def differences(self, rows: Sequence["_Expected"], record: Record) -> Iterator[str]:
        """Yield what differs from the `rows` that the store's documents have, a line for each row."""
        if not rows:
            return
        keys = hashes(row_id for _, row_id, _ in rows)
        places = np.searchsorted(self._keys, keys)
        found = places < len(self._keys)
        found[found] = self._keys[places[found]] == keys[found]
        for number in np.flatnonzero(~found).tolist():
            yield f"lacks {_KINDS[record]} {rows[number][1]}"
        places[~found] = 0
        if not found.any():
            return
        sources = np.array([source for _, _, source in rows], np.uint64)
        for number in np.flatnonzero((self._sources[places] != sources) & found).tolist():
            yield f"has another version of {_KINDS[record]} {rows[number][1]} than the store"
        moved = (np.diff(self._numbers[places]) != 1) & found[1:] & found[:-1]
        for number in np.flatnonzero(moved).tolist():
            if record == "quote" and rows[number][0] == rows[number + 1][0]:
                yield f"has the statements of document {rows[number][0]} in another order than the store"
                return


class _SegmentCheck:
    """The contents of a segment: what contradicts itself, and the checksums of all rows once `faults` has ended."""

    def __init__(self, view: SegmentView, record: Record) -> None:
        self.name = view.file.path.name
        self.sources = np.asarray(view.file.ints(SOURCES), np.uint64)
        self._sums = np.zeros(view.row_count, np.uint64)
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
        written = np.asarray(self._view.file.ints(CHECKSUMS), np.uint64)
        if len(self.sources) != self._view.row_count or len(written) != self._view.row_count:
            raise DamagedFile("checksums of rows are missing")
        for row in np.flatnonzero(written != self._sums)[:1].tolist():
            yield f"{self._view.one_value(ROW_ID, row)} does not have the words and values that were written"

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
        passages = Passages(terms.starts, terms.rows, terms.places, name)
        word_hashes = hashes(words)
        field = name.removesuffix(".words")
        stem_hashes = hashes(stems(words)) if field != name else None
        stem_sums, lengths = np.zeros((2, self._view.row_count), np.uint64)
        is_ordered, count = True, 0
        for slots, positions, continues in _postings(terms):
            count += len(positions)
            is_ordered &= bool((np.diff(positions.astype(np.int64))[continues] > 0).all())
            rows = passages.add(self._sums, word_hashes[slots], positions)
            if stem_hashes is not None:
                np.add.at(stem_sums, rows, mixed(stem_hashes[slots]))
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
        terms, word_hashes = self._view.terms(name), hashes(self._vocabulary(name))
        sums, is_ordered = np.zeros_like(expected), True
        for slots, rows, continues in _postings(terms):
            is_ordered &= bool((np.diff(rows.astype(np.int64))[continues] >= 0).all())
            np.add.at(sums, rows, mixed(word_hashes[slots]))
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
        save_column(comparer, name, kept, values, column.codes, column.ends)
        for section in comparer.differing:
            yield f"the section {section} differs from the values of {name}"
        value_hashes, codes, ends = hashes(values), vector(column.codes), vector(column.ends)
        add_values(self._sums, value_hashes, codes, ends, name)
        if name == ROW_ID:
            self.row_keys[:] = value_hashes[codes[ends[:-1]]]


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
