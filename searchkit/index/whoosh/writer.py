"""Write a batch of changes as a new generation, with at most one new segment per kind of record.

Nothing is visible before `commit`. A crash leaves the last state, and the batch can be applied again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from searchkit.index.generations import NewGeneration
from searchkit.index.rows import Row, document_row, quote_rows, source_checksum
from searchkit.index.whoosh.builders import SegmentBuilder, merged
from searchkit.index.whoosh.codec import write_table
from searchkit.index.whoosh.columns import DOCUMENT_ID, column_kinds
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.segment_file import encoded
from searchkit.index.whoosh.segments import (
    EXTENSION,
    INDEX_NAMES,
    VERSIONS,
    SegmentEntry,
    SegmentView,
    read_state,
    reported,
)
from searchkit.query.fields import Record
from searchkit.statements.document import Document, LogPosition

# This many segments of similar size are merged: each row is rewritten once for every factor of eight by which the index
# grows. Thirty updates of 100 articles on top of 4,000 took a median of 0.12 s of processor time and at most 0.8 s.
MERGE_FACTOR = 8
# Segments with fewer rows are all of one size: opening them costs more than reading them.
MIN_TIER_ROWS = 64
# Largest segment that a commit merges by itself, so that no merge takes more than some seconds.
MAX_MERGED_BYTES = 128_000_000
# Largest segment at all: merging takes four bytes of memory per word, and numbers in sections have 32 bits.
MAX_SEGMENT_BYTES = 1_500_000_000


# By record, a segment and the rows of each document in it.
_Segments = dict[Record, tuple[SegmentEntry, dict[str, range]]]


class WhooshWriter:
    """One open batch of a WhooshIndex."""

    def __init__(self, folder: Path, after_commit: Callable[[], None]) -> None:
        self._folder = folder
        self._after_commit = after_commit
        self._generation: NewGeneration | None = None
        self._records: dict[Record, _RecordWriter] = {}

    def put(self, documents: Iterable[Document]) -> None:
        for document in documents:
            records = self._open()
            with reported(self._folder):
                self._remove(document.id)
            source = source_checksum(document)
            for record, rows in rows_of(document):
                records[record].fresh.add(document.id, rows, source)

    def work(self, documents: Sequence[bytes], read: Callable[[bytes], Document]) -> Callable[[], _Segments]:
        self._open()
        if self._generation is None:
            raise AssertionError("an open batch has a generation")
        return partial(built, self._generation.path, documents, read)

    def adopt(self, segments: _Segments) -> None:
        records = self._open()
        for record, (entry, rows) in segments.items():
            with reported(self._folder):
                for document_id in rows:
                    records[record].remove(document_id)
            records[record].adopted.append((entry, rows))

    def delete(self, document_ids: Iterable[str]) -> None:
        for document_id in document_ids:
            self._open()
            with reported(self._folder):
                self._remove(document_id)

    def commit(self, sequence: int, *, mark: str = "", last: bool = True) -> None:
        records = self._open()
        with reported(self._folder):
            try:
                segments: dict[str, object] = {record: writer.commit(last) for record, writer in records.items()}
                if self._generation is not None:
                    self._generation.publish(applied=sequence, mark=mark, versions=VERSIONS, engine=segments)
            finally:
                self._cancel()
        self._after_commit()

    def expunge(self, position: LogPosition) -> None:
        """Rewrite every segment with deleted rows, so that nothing of them stays in the next generation."""
        records = self._open().values()
        if any(entry.deleted for writer in records for entry, _ in writer.segments):
            for writer in records:
                writer.expunges = True
            self.commit(position.sequence, mark=position.mark)

    def optimize(self, position: LogPosition) -> None:
        writers = [writer for writer in self._open().values() if len(writer.segments) > 1]
        for writer in writers:
            writer.optimizes = True
        if writers:
            self.commit(position.sequence, mark=position.mark)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._cancel()

    def _cancel(self) -> None:
        self._records = {}
        if self._generation is not None:
            self._generation.close()
            self._generation = None

    def _remove(self, document_id: str) -> None:
        for writer in self._records.values():
            writer.remove(document_id)

    def _open(self) -> "dict[Record, _RecordWriter]":
        """Return the two writers; the first change opens them in a new generation."""
        if not self._records:
            with reported(self._folder):
                state = read_state(self._folder)
                self._generation = NewGeneration(self._folder, state.folder)
                try:
                    for record in INDEX_NAMES:
                        entries = state.segments.get(record, ())
                        self._records[record] = _RecordWriter(self._generation, record, entries)
                except BaseException:
                    self._cancel()
                    raise
        return self._records


def rows_of(document: Document) -> Iterator[tuple[Record, Sequence[Row]]]:
    yield "document", (document_row(document),)
    yield "quote", quote_rows(document)


def built(folder: Path, documents: Iterable[bytes], read: Callable[[bytes], Document]) -> _Segments:
    """Write new segments of documents in bytes into the folder of a batch; the last of several with one id counts."""
    fresh = {record: _new_segment(record) for record in INDEX_NAMES}
    for document in map(read, documents):
        source = source_checksum(document)
        for record, rows in rows_of(document):
            fresh[record].remove(document.id)
            fresh[record].add(document.id, rows, source)
    for segment in fresh.values():
        segment.save(folder)
    return {record: (segment.entry, segment.rows) for record, segment in fresh.items()}


def _new_segment(record: Record) -> SegmentBuilder:
    return SegmentBuilder(INDEX_NAMES[record], schema(record))


class _RecordWriter:
    """The segments of one kind of record, and new ones: `fresh` is built here, `adopted` ones by `built`."""

    def __init__(self, generation: NewGeneration, record: Record, entries: Iterable[SegmentEntry]) -> None:
        self._folder = generation.path
        self._verify = generation.verify
        self._record: Record = record
        self._schema = schema(record)
        self._kinds = column_kinds(record)
        self.fresh = _new_segment(record)
        self.adopted: list[tuple[SegmentEntry, dict[str, range]]] = []
        self._removed: set[bytes] = set()
        self.expunges = False  # rewrites every segment with deleted rows
        self.optimizes = False  # merges everything into one segment
        self.segments = [(entry, self._view(entry)) for entry in entries]

    def _view(self, entry: SegmentEntry) -> SegmentView:
        return SegmentView(self._folder, entry, self._kinds)

    def remove(self, document_id: str) -> None:
        """Delete the rows of one document, in older segments and in this batch."""
        self._removed.add(encoded(document_id))
        self.fresh.remove(document_id)
        for entry, rows in self.adopted:
            entry.deleted.update(rows.pop(document_id, ()))

    def commit(self, last: bool) -> list[SegmentEntry]:
        """Write the new segments, merge them with others if this is the `last` commit of a run, and return all segments
        of the new generation."""
        for entry, view in self.segments:
            column = view.column(DOCUMENT_ID)
            entry.deleted.update(column.rows_of(column.codes_among(self._removed)))
        index_name = INDEX_NAMES[self._record]
        self.fresh.save(self._folder)
        new = [entry for entry in (*(entry for entry, _ in self.adopted), self.fresh.entry) if entry.live_count]
        together, alone = self._worn_or_alike(sum(entry.live_count for entry in new)) if last else (set(), set())
        for number in together | alone:
            self._verify(self.segments[number][0].path(self._folder).name)
        entries = [entry for number, (entry, _) in enumerate(self.segments) if number not in together | alone]
        views = {number: self._view(self.segments[number][0]) for number in together | alone}
        groups = [[views[number] for number in sorted(together) if views[number].live_count]]
        groups += [[views[number]] for number in sorted(alone)]
        if groups[0]:
            groups[0] += map(self._view, new)
        else:
            entries += new
        entries += [merged(self._folder, index_name, self._schema, group) for group in groups if group]
        for path in set(self._folder.glob(f"{index_name}_*{EXTENSION}")) - {
            entry.path(self._folder) for entry in entries
        }:
            path.unlink()
        write_table(self._folder, self._record, self._schema, entries)
        return entries

    def _worn_or_alike(self, fresh: int) -> tuple[set[int], set[int]]:
        """Return which segments to merge with the new ones, of `fresh` rows, and which to rewrite alone."""
        entries = [entry for entry, _ in self.segments]
        live = [entry.live_count for entry in entries]
        together = set() if self.optimizes else set(to_merge(live, fresh, self._most_rows(MAX_MERGED_BYTES)))
        alone: set[int] = set()
        rows = fresh + sum(live[number] for number in together)
        most = self._most_rows(MAX_SEGMENT_BYTES)
        for number in sorted(set(range(len(entries))) - together, key=live.__getitem__):
            deleted = len(entries[number].deleted)
            # Mostly deleted: half of what is read there is useless.
            worn = deleted > live[number] or (self.expunges and deleted)
            if (self.optimizes or worn) and rows + live[number] <= most:
                together.add(number)
                rows += live[number]
            elif worn:
                alone.add(number)
        if self.optimizes and len(together) == 1 and not fresh:
            together.clear()  # it would not change
        return together, alone

    def _most_rows(self, most_bytes: int) -> int:
        """Return how many rows make so many bytes, by the size of the existing rows."""
        rows = sum(view.row_count for _, view in self.segments)
        size = sum(len(view.file.map) for _, view in self.segments)
        return most_bytes * rows // size if size else 0


def _tier(rows: int) -> int:
    tier = 0
    while rows > MIN_TIER_ROWS:
        rows //= MERGE_FACTOR
        tier += 1
    return tier


def to_merge(sizes: list[int], fresh: int, most: int) -> list[int]:
    """Return which segments (given by their rows) to merge with `fresh` new rows: complete tiers while one is full, up
    to `most` rows."""
    chosen: list[int] = []
    total = fresh
    while True:
        tier = _tier(total)
        alike = [number for number, size in enumerate(sizes) if number not in chosen and _tier(size) <= tier]
        total += sum(sizes[number] for number in alike)
        if len([number for number in alike if _tier(sizes[number]) == tier]) < MERGE_FACTOR - 1 or total > most:
            return chosen
        chosen += alike
