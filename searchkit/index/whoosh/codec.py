"""Whoosh's codec interface over our segment files: Whoosh numbers rows and commits, this writes what they hold.

takes:    from Whoosh's SegmentWriter: field values, row by row; from a merge: older segments
gives:    one file a segment (sections.py)
does not: offer Whoosh's matchers or stored fields; searcher.py reads segments by itself
traps:    ArraySegment is pickled into Whoosh's table of contents and is the only class storage.py lets back in
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec, Segment
from whoosh.fields import FieldType, Schema

from searchkit.index.whoosh.columns import (
    ColumnBuilder,
    LengthBuilder,
    ListColumn,
    TextBuilder,
    TextColumn,
    ValueColumn,
)
from searchkit.index.whoosh.fields import StoredText, Words
from searchkit.index.whoosh.postings import FieldPostings, Passages, Terms
from searchkit.index.whoosh.sections import Ints, SectionFile, SectionWriter

EXTENSION = ".arrays"


class ArraySegment(Segment):
    """What the table of contents keeps of a segment: its name, its rows, those deleted, and words by field."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self.row_count = 0
        self.deleted: set[int] = set()
        self.lengths: dict[str, int] = {}

    def codec(self) -> "ArrayCodec":
        """The codec that reads this segment."""
        return ArrayCodec()

    def set_doc_count(self, doccount: int) -> None:
        """How many rows it has."""
        self.row_count = doccount

    def doc_count_all(self) -> int:
        """Rows, deleted ones included."""
        return self.row_count

    def deleted_count(self) -> int:
        """Deleted rows."""
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The deleted rows."""
        return iter(self.deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Mark a row as deleted, or as not."""
        if delete:
            self.deleted.add(docnum)
        else:
            self.deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether the row is deleted."""
        return docnum in self.deleted

    def should_assemble(self) -> bool:
        """A segment is one file already."""
        return False


class SegmentView:
    """One segment opened for reading; each part is opened when first asked for."""

    def __init__(self, folder: Path, segment: ArraySegment, schema: Schema) -> None:
        self.row_count = segment.row_count
        self.deleted = frozenset(segment.deleted)
        self.lengths = segment.lengths
        self.file = SectionFile(folder / segment.make_filename(EXTENSION))
        self._schema = schema
        self._columns: dict[str, ValueColumn] = {}
        self._terms: dict[str, Terms] = {}

    @property
    def live_count(self) -> int:
        """Rows that are not deleted."""
        return self.row_count - len(self.deleted)

    def column(self, name: str) -> ValueColumn:
        """The column of a field."""
        if name not in self._columns:
            self._columns[name] = ValueColumn(self.file, name, self._schema[name].column_type.kind)
        return self._columns[name]

    def terms(self, name: str) -> Terms:
        """The posting lists of a field."""
        if name not in self._terms:
            self._terms[name] = Terms(self.file, name)
        return self._terms[name]

    def texts(self, name: str) -> TextColumn:
        """The stored passages of a field."""
        return TextColumn(self.file, name)

    def row_lengths(self, name: str) -> Ints:
        """Words by row of a stemmed field; rows at the end without the field are left out."""
        return self.file.ints(f"{name}/lengths")

    @cached_property
    def every_row(self) -> set[int]:
        """All rows, deleted ones included."""
        return set(range(self.row_count))


class SegmentBuilder:
    """Collects a whole segment; plays the parts of Whoosh's per-document writer, posting pool and field writer."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._path = folder / segment.make_filename(EXTENSION)
        self._segment = segment
        self._postings: dict[str, FieldPostings] = {}
        self._columns: dict[str, ColumnBuilder] = {}
        self._lengths: dict[str, LengthBuilder] = {}
        self._texts: dict[str, TextBuilder] = {}
        self._row = 0
        self._rows = 0
        self.is_closed = False

    # Per-document writer.

    def start_doc(self, docnum: int) -> None:
        """Rows come in order."""
        self._row = docnum

    def add_field(self, fieldname: str, fieldobj: FieldType, value: object, length: int) -> None:
        """Length of a scored field; Whoosh's stored value is not used."""
        del fieldobj, value
        if length:
            self._length(fieldname).add(self._row, length)
            self._segment.lengths[fieldname] = self._segment.lengths.get(fieldname, 0) + length

    def add_column_value(self, fieldname: str, column: ListColumn | StoredText, value: Any) -> None:
        """Values of a column, or passages to store."""
        if isinstance(column, StoredText):
            self._text(fieldname).add(self._row, value)
        else:
            self._column(fieldname, column).add(self._row, value)

    def finish_doc(self) -> None:
        """The row is complete."""
        self._rows = self._row + 1

    def cancel_doc(self) -> None:
        """Whoosh calls this for a value it cannot take; ours are made by fields.py and always fit."""

    # Posting pool.

    def add(self, posting: tuple[str, bytes, int, float, Passages]) -> None:
        """All words of one field of one row: see fields.Words.index."""
        fieldname, kind, docnum, _, passages = posting
        self._field(fieldname, positional=kind == Words.POSITIONAL).add(docnum, passages)

    def iter_postings(self) -> Iterator[tuple[str, FieldPostings]]:
        """The posting lists by field."""
        return iter(sorted(self._postings.items()))

    def cleanup(self) -> None:
        """Nothing lies on disk before the segment is saved."""

    # Field writer.

    def add_postings(self, schema: Schema, lengths: object, items: Iterable[tuple[str, FieldPostings]]) -> None:
        """Save the segment."""
        del schema, lengths
        with SectionWriter(self._path) as out:
            for name, postings in items:
                postings.save(out, name)
            for name, column in sorted(self._columns.items()):
                column.save(out, name, self._rows)
            for name, row_lengths in sorted(self._lengths.items()):
                row_lengths.save(out, name)
            for name, texts in sorted(self._texts.items()):
                texts.save(out, name)

    def close(self) -> None:
        """Whoosh closes its three writers; none of them holds a file."""
        self.is_closed = True

    # Merging.

    def absorb(self, first_row: int, view: SegmentView, schema: Schema) -> int:
        """Take in the live rows of `view` as rows from `first_row` on; returns their number.

        `view` must stay open until the segment is saved.
        """
        rows = [row for row in range(view.row_count) if row not in view.deleted] if view.deleted else None
        count = view.live_count
        present = {name.rpartition("/")[0] for name in view.file.names()}
        for name, field in schema.items():
            if name not in present:
                continue
            if isinstance(field, Words):
                self._field(name, positional=field.positional).absorb(first_row, view.terms(name), rows)
                if field.scorable:
                    self._absorb_lengths(name, first_row, view.row_lengths(name), rows)
            elif isinstance(field.column_type, StoredText):
                texts, builder = view.texts(name), self._text(name)
                for number, row in enumerate(range(view.row_count) if rows is None else rows, first_row):
                    builder.add_stored(number, texts.stored(row))
            if isinstance(field.column_type, ListColumn) and len(view.column(name)):
                self._column(name, field.column_type).absorb(first_row, view.column(name), rows)
        self._rows = first_row + count
        return count

    def _absorb_lengths(self, name: str, first_row: int, lengths: Ints, rows: Sequence[int] | None) -> None:
        self._length(name).absorb(first_row, lengths, rows)
        total = sum(lengths) if rows is None else sum(lengths[row] for row in rows if row < len(lengths))
        self._segment.lengths[name] = self._segment.lengths.get(name, 0) + total

    def _field(self, name: str, *, positional: bool) -> FieldPostings:
        return self._postings.setdefault(name, FieldPostings(positional=positional))

    def _column(self, name: str, column: ListColumn) -> ColumnBuilder:
        return self._columns.setdefault(name, ColumnBuilder(column.kind))

    def _length(self, name: str) -> LengthBuilder:
        return self._lengths.setdefault(name, LengthBuilder())

    def _text(self, name: str) -> TextBuilder:
        return self._texts.setdefault(name, TextBuilder())


class ArrayCodec(Codec):
    """Gives Whoosh's SegmentWriter one SegmentBuilder in all its roles."""

    # Lengths are collected with the rows; Whoosh need not read them back to write postings.
    length_stats = False

    def __init__(self) -> None:
        self.builder: SegmentBuilder | None = None

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        """A segment with a fresh name."""
        segment = ArraySegment(indexname)
        self.builder = SegmentBuilder(Path(storage.folder), segment)
        return segment

    def per_document_writer(self, storage: Any, segment: ArraySegment) -> SegmentBuilder | None:
        """The builder of the segment last made."""
        del storage, segment
        return self.builder

    def field_writer(self, storage: Any, segment: ArraySegment) -> SegmentBuilder | None:
        """The builder of the segment last made."""
        del storage, segment
        return self.builder
