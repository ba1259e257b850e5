"""A batch of changes: written as at most one new segment a kind of record, in a new generation.

takes:    Documents; ids to delete
gives:    a committed index: both kinds of record change together or not at all
does not: lock the archive
traps:    until `commit` nothing is visible; a crash at any moment leaves the last state, and the batch can be applied
          again (a document put twice replaces itself)
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
from searchkit.index.whoosh.codec import ArrayCodec, SegmentBuilder
from searchkit.index.whoosh.column_types import DOCUMENT_ID, column_kinds
from searchkit.index.whoosh.columns import encoded
from searchkit.index.whoosh.fields import schema
from searchkit.index.whoosh.files import GenerationStorage
from searchkit.index.whoosh.segments import ArraySegment, SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, check_tables, publish, read_state, reported
from searchkit.query.fields import Record

# Segments of like size are merged when there are this many: each row is rewritten once every factor of eight that the
# index grows. Thirty updates of 100 articles on top of 4,000 took 0.12 s of processor time in the middle and 0.8 s at
# worst, and left 20 segments.
_FAN_IN = 8
# Below this number of rows a segment's size does not matter: opening it costs more than reading it.
_SMALL = 64
# No merge that a commit makes by itself makes a segment of more bytes than this, so that none takes more than some
# seconds, however large the index: a batch of news makes 12 MB, of which eight are merged once.
_MOST_BYTES = 128_000_000
# Nor makes any a segment of more: it holds four bytes a word in memory, and numbers in sections have 32 bits.
_MOST_GATHERED = 1_500_000_000


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
            records["document"].add(document.id, (document_row(document),))
            records["quote"].add(document.id, quote_rows(document))

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

    def gather(self, sequence: int) -> None:
        """Make one segment of all, so that questions look into one."""
        scattered = [writer for writer in self._open().values() if len(writer.segments) > 1]
        for writer in scattered:
            writer.gathers = True
        if scattered:
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
        self._removed: set[bytes] = set()
        self.expunges = False  # what holds deleted rows is written anew
        self.gathers = False  # everything is written anew, as one segment
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

    def add(self, document_id: str, rows: Sequence[Row]) -> None:
        """Add the rows of one document."""
        first = self._writer.docnum
        for row in rows:
            self._builder.add(row, self._schema)
        self._grow(len(rows))
        self._own[document_id] = range(first, self._writer.docnum)

    def _grow(self, rows: int) -> None:
        """Tell Whoosh's writer of rows that it has not added itself, as its own `add_reader` does."""
        self._writer.docnum += rows
        self._writer._added = self._writer._added or rows > 0

    def remove(self, document_id: str) -> None:
        """Delete the rows of one document, in older segments and in this batch."""
        self._removed.add(encoded(document_id))
        for row in self._own.pop(document_id, ()):
            self._writer.newsegment.delete_document(row)

    def _remove_from_older(self) -> None:
        for segment, view in self._views:
            column = view.column(DOCUMENT_ID)
            segment.deleted.update(column.rows_of(column.codes_among(self._removed)))

    def commit(self) -> int:
        """Write segment and table of contents; returns the new generation."""
        self._remove_from_older()
        self._writer.commit(mergetype=self._merge)
        generation: int = self._writer.generation
        return generation

    def cancel(self) -> None:
        """Give the batch up."""
        if not self._writer.is_closed:
            self._writer.cancel()

    def _merge(self, writer: Any, segments: list[ArraySegment]) -> list[ArraySegment]:
        """Whoosh's merge policy: takes some segments into the new one and returns the others."""
        live = [segment.doc_count() for segment in segments]
        fresh = writer.docnum - writer.newsegment.deleted_count()
        together = set() if self.gathers else set(to_merge(live, fresh, self._most_rows(_MOST_BYTES)))
        alone: list[int] = []
        rows = fresh + sum(live[number] for number in together)
        most = self._most_rows(_MOST_GATHERED)
        for number in sorted(set(range(len(segments))) - together, key=live.__getitem__):
            deleted = segments[number].deleted_count()
            # Mostly deleted: half of what is read there is read in vain.
            worn = deleted > live[number] or (self.expunges and deleted)
            if (self.gathers or worn) and rows + live[number] <= most:
                together.add(number)
                rows += live[number]
            elif worn:
                alone.append(number)
        if self.gathers and len(together) == 1 and not fresh:
            together.clear()  # it would be written as it is
        left = [segment for number, segment in enumerate(segments) if number not in together.union(alone)]
        views = {number: self._view(segments[number]) for number in sorted(together.union(alone)) if live[number]}
        first = [view for number, view in views.items() if number in together]
        if first and fresh:
            first.append(self._view(self._written(writer)))
        return left + [
            merging.merged(self._folder, writer.indexname, self._schema, merged)
            for merged in (first, *([views[number]] for number in alone))
            if merged
        ]

    def _written(self, writer: Any) -> ArraySegment:
        """The segment of this batch, written at once, so that Whoosh has none to add."""
        writer._flush_segment()
        writer._added = False
        segment: ArraySegment = writer.get_segment()
        return segment

    def _most_rows(self, most_bytes: int) -> int:
        """How many rows a merge may make that makes no more than so many bytes, by the size of those there are."""
        rows = sum(view.row_count for _, view in self._views)
        size = sum(len(view.file.map) for _, view in self._views)
        return most_bytes * rows // size if size else 0


def _tier(rows: int) -> int:
    tier = 0
    while rows > _SMALL:
        rows //= _FAN_IN
        tier += 1
    return tier


def to_merge(sizes: list[int], fresh: int, most: int) -> list[int]:
    """Which segments (of these numbers of rows) to merge with `fresh` new rows: whole tiers, while one is full, if that
    makes no more than `most` rows."""
    chosen: list[int] = []
    total = fresh
    while True:
        tier = _tier(total)
        alike = [number for number, size in enumerate(sizes) if number not in chosen and _tier(size) <= tier]
        total += sum(sizes[number] for number in alike)
        if len([number for number in alike if _tier(sizes[number]) == tier]) < _FAN_IN - 1 or total > most:
            return chosen
        chosen += alike
