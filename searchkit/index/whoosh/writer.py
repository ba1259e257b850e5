"""Write a batch of changes as a new generation, with at most one new segment per kind of record.

Nothing is visible before `commit`. A crash leaves the last state, and the batch can be applied again.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from searchkit.document import Document
from searchkit.index.generations import NewGeneration
from searchkit.index.rows import Row, document_row, quote_rows
from searchkit.index.whoosh import merging
from searchkit.index.whoosh.codec import ArrayCodec, GenerationStorage, SegmentBuilder, WhooshSegment
from searchkit.index.whoosh.columns import DOCUMENT_ID, column_kinds, encoded
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, publish, read_state, reported, table_of
from searchkit.query.fields import Record

# This many segments of similar size are merged: each row is rewritten once for every factor of eight by which the index
# grows. Thirty updates of 100 articles on top of 4,000 took a median of 0.12 s of processor time and at most 0.8 s.
MERGE_FACTOR = 8
# Segments with fewer rows are all of one size: opening them costs more than reading them.
MIN_TIER_ROWS = 64
# Largest segment that a commit merges by itself, so that no merge takes more than some seconds.
MAX_MERGED_BYTES = 128_000_000
# Largest segment at all: merging takes four bytes of memory per word, and numbers in sections have 32 bits.
MAX_SEGMENT_BYTES = 1_500_000_000


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
            records["document"].add(document.id, (document_row(document),))
            records["quote"].add(document.id, quote_rows(document))

    def delete(self, document_ids: Iterable[str]) -> None:
        for document_id in document_ids:
            self._open()
            with reported(self._folder):
                self._remove(document_id)

    def commit(self, sequence: int) -> None:
        records = self._open()
        with reported(self._folder):
            try:
                tables = {INDEX_NAMES[record]: writer.commit() for record, writer in records.items()}
                if self._generation is not None:
                    publish(self._generation, sequence, tables)
            finally:
                self._cancel()
        self._after_commit()

    def expunge(self, sequence: int) -> None:
        """Rewrite every segment with deleted rows, so that nothing of them stays in the next generation."""
        records = self._open().values()
        if any(segment.deleted_count() for writer in records for segment in writer.segments):
            for writer in records:
                writer.expunges = True
            self.commit(sequence)

    def optimize(self, sequence: int) -> None:
        writers = [writer for writer in self._open().values() if len(writer.segments) > 1]
        for writer in writers:
            writer.optimizes = True
        if writers:
            self.commit(sequence)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._cancel()

    def _cancel(self) -> None:
        for writer in self._records.values():
            writer.cancel()
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
                for name in state.tables:
                    table_of(state, name)  # before anything is written
                self._generation = NewGeneration(self._folder, state.folder)
                storage = GenerationStorage(self._generation.path)
                try:
                    for record, name in INDEX_NAMES.items():
                        self._records[record] = _RecordWriter(storage, record, new=name not in state.tables)
                except BaseException:
                    self._cancel()
                    raise
        return self._records


class _RecordWriter:
    """Whoosh's writer for one kind of record."""

    def __init__(self, storage: GenerationStorage, record: Record, *, new: bool) -> None:
        self._folder = Path(storage.folder)
        self._schema = schema(record)
        self._kinds = column_kinds(record)
        index_name = INDEX_NAMES[record]
        index = (FileIndex.create if new else FileIndex)(storage, self._schema, index_name)
        codec = ArrayCodec()
        self._writer = SegmentWriter(index, codec=codec, compound=False)
        self._builder: SegmentBuilder = self._writer.perdocwriter
        self._writer.pool = self._builder
        self._own: dict[str, range] = {}
        self._removed: set[bytes] = set()
        self.expunges = False  # rewrites every segment with deleted rows
        self.optimizes = False  # merges everything into one segment
        try:
            self._views = [(segment, self._view(segment)) for segment in self._writer.segments]
        except BaseException:
            self.cancel()  # or Whoosh's lock would stay until garbage collection
            raise

    def _view(self, segment: WhooshSegment) -> SegmentView:
        return SegmentView(self._folder, segment, self._kinds)

    @property
    def segments(self) -> list[WhooshSegment]:
        return [segment for segment, _ in self._views]

    def add(self, document_id: str, rows: Sequence[Row]) -> None:
        first = self._writer.docnum
        for row in rows:
            self._builder.add(row, self._schema)
        # Rows bypass Whoosh's writer: count them as its own `add_reader` does.
        self._writer.docnum += len(rows)
        self._writer._added = self._writer._added or bool(rows)
        self._own[document_id] = range(first, self._writer.docnum)

    def remove(self, document_id: str) -> None:
        """Delete the rows of one document, in older segments and in this batch."""
        self._removed.add(encoded(document_id))
        for row in self._own.pop(document_id, ()):
            self._writer.newsegment.delete_document(row)

    def commit(self) -> int:
        for segment, view in self._views:
            column = view.column(DOCUMENT_ID)
            segment.deleted.update(column.rows_of(column.codes_among(self._removed)))
        self._writer.commit(mergetype=self._merge)
        generation: int = self._writer.generation
        return generation

    def cancel(self) -> None:
        if not self._writer.is_closed:
            self._writer.cancel()

    def _merge(self, writer: Any, segments: list[WhooshSegment]) -> list[WhooshSegment]:
        """Merge some segments into the new one and return the others (Whoosh's merge policy)."""
        live = [segment.doc_count() for segment in segments]
        fresh = writer.docnum - writer.newsegment.deleted_count()
        together = set() if self.optimizes else set(to_merge(live, fresh, self._most_rows(MAX_MERGED_BYTES)))
        alone: list[int] = []
        rows = fresh + sum(live[number] for number in together)
        most = self._most_rows(MAX_SEGMENT_BYTES)
        for number in sorted(set(range(len(segments))) - together, key=live.__getitem__):
            deleted = segments[number].deleted_count()
            # Mostly deleted: half of what is read there is useless.
            worn = deleted > live[number] or (self.expunges and deleted)
            if (self.optimizes or worn) and rows + live[number] <= most:
                together.add(number)
                rows += live[number]
            elif worn:
                alone.append(number)
        if self.optimizes and len(together) == 1 and not fresh:
            together.clear()  # it would not change
        left = [segment for number, segment in enumerate(segments) if number not in together.union(alone)]
        views = {number: self._view(segments[number]) for number in sorted(together.union(alone)) if live[number]}
        first = [view for number, view in views.items() if number in together]
        if first and fresh:
            writer._flush_segment()  # now, so that Whoosh has none to add
            writer._added = False
            first.append(self._view(writer.get_segment()))
        return left + [
            merging.merged(self._folder, writer.indexname, self._schema, merged)
            for merged in (first, *([views[number]] for number in alone))
            if merged
        ]

    def _most_rows(self, most_bytes: int) -> int:
        """Return how many rows make so many bytes, by the size of the existing rows."""
        rows = sum(view.row_count for _, view in self._views)
        size = sum(len(view.file.map) for _, view in self._views)
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
