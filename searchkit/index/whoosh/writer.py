"""A batch of changes: written as at most one new segment a kind of record, in a new generation.

takes:    Documents; ids to delete
gives:    a committed index: both kinds of record change together or not at all
does not: lock the archive
traps:    until `commit` nothing is visible; a crash at any moment leaves the last state, and the batch can be applied
          again (a document put twice replaces itself)
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from searchkit.document import Document
from searchkit.index.generations import NewGeneration
from searchkit.index.schema import document_row, quote_rows
from searchkit.index.whoosh.codec import ArrayCodec, SegmentBuilder
from searchkit.index.whoosh.columns import encoded
from searchkit.index.whoosh.fields import row_document, schema
from searchkit.index.whoosh.files import GenerationStorage
from searchkit.index.whoosh.kinds import DOCUMENT_ID, column_kinds
from searchkit.index.whoosh.segments import ArraySegment, SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, check_tables, publish, read_state, reported
from searchkit.query.fields import Record

# Segments of like size are merged when there are this many: each row is rewritten once every factor of eight that the
# index grows. On 19,000 articles: 6 segments a kind after batches of 1,000; at most 16 during sixty updates of 100,
# whose median was 0.1 s and whose worst, a merge of a third of the index, 2 s.
_FAN_IN = 8
# Below this number of rows a segment's size does not matter: opening it costs more than reading it.
_SMALL = 64


class WhooshWriter:
    """One open batch of a WhooshIndex."""

    def __init__(self, folder: Path, after_commit: Callable[[], None]) -> None:
        self._folder = folder
        self._after_commit = after_commit
        self._generation: NewGeneration | None = None
        self._records: dict[Record, _RecordWriter] = {}

    def put(self, documents: Iterable[Document]) -> None:
        """Add or replace documents (by id) with all their statements."""
        for document in documents:
            records = self._open()
            with reported(self._folder):
                self._remove(document.id)
            records["document"].add(document.id, [row_document(document_row(document))])
            records["quote"].add(document.id, map(row_document, quote_rows(document)))

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents and their statements; unknown ids are fine."""
        for document_id in document_ids:
            self._open()
            with reported(self._folder):
                self._remove(document_id)

    def commit(self, sequence: int) -> None:
        """Make the batch durable and visible."""
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
        """Write anew every segment that holds removed rows, so that nothing of them stays in the next generation."""
        records = self._open().values()
        if any(segment.deleted_count() for writer in records for segment in writer.segments):
            for writer in records:
                writer.expunges = True
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
        """The two writers, opened with the first change in a new generation."""
        if not self._records:
            with reported(self._folder):
                state = read_state(self._folder)
                check_tables(state)
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
        self.expunges = False
        try:
            self._views = [(segment, self._view(segment)) for segment in self._writer.segments]
        except BaseException:
            self.cancel()  # or Whoosh's lock stays until the garbage is collected
            raise

    def _view(self, segment: ArraySegment) -> SegmentView:
        return SegmentView(self._folder, segment, self._kinds)

    @property
    def segments(self) -> list[ArraySegment]:
        """The segments that were there before this batch."""
        return [segment for segment, _ in self._views]

    def add(self, document_id: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add the rows of one document."""
        first = self._writer.docnum
        for row in rows:
            self._writer.add_document(**row)
        self._own[document_id] = range(first, self._writer.docnum)

    def remove(self, document_id: str) -> None:
        """Delete the rows of one document, in older segments and in this batch."""
        value = encoded(document_id)
        for segment, view in self._views:
            column = view.column(DOCUMENT_ID)
            code = column.code_of(value)
            if code is not None:
                segment.deleted |= column.rows_of((code,))
        for row in self._own.pop(document_id, ()):
            self._writer.newsegment.delete_document(row)

    def commit(self) -> int:
        """Write segment and table of contents; returns the new generation."""
        self._writer.commit(mergetype=self._merge)
        generation: int = self._writer.generation
        return generation

    def cancel(self) -> None:
        """Give the batch up."""
        if not self._writer.is_closed:
            self._writer.cancel()

    def _merge(self, writer: Any, segments: list[ArraySegment]) -> list[ArraySegment]:
        """Whoosh's merge policy: takes some segments into the new one and returns the others."""
        live = {segment.segment_id(): segment.doc_count() for segment in segments}
        fresh = writer.docnum - writer.newsegment.deleted_count()
        merged = {segments[number].segment_id() for number in to_merge([*live.values()], fresh)}
        for segment in segments:
            # Mostly deleted: half of what is read there is read in vain.
            if segment.deleted_count() > (0 if self.expunges else segment.doc_count()):
                merged.add(segment.segment_id())
        for segment in segments:
            if segment.segment_id() in merged and live[segment.segment_id()]:
                writer.docnum += self._builder.absorb(writer.docnum, self._view(segment), self._schema)
                writer._added = True  # Whoosh's own add_reader does the same
        return [segment for segment in segments if segment.segment_id() not in merged]


def _tier(rows: int) -> int:
    tier = 0
    while rows > _SMALL:
        rows //= _FAN_IN
        tier += 1
    return tier


def to_merge(sizes: list[int], fresh: int) -> list[int]:
    """Which segments (of these numbers of rows) to merge with `fresh` new rows: whole tiers, while one is full."""
    chosen: list[int] = []
    total = fresh
    while True:
        tier = _tier(total)
        alike = [number for number, size in enumerate(sizes) if number not in chosen and _tier(size) <= tier]
        if len([number for number in alike if _tier(sizes[number]) == tier]) < _FAN_IN - 1:
            return chosen
        chosen += alike
        total += sum(sizes[number] for number in alike)
