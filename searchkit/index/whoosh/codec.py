"""Whoosh's codec interface over our segment files: Whoosh numbers rows and commits, this writes what they hold.

takes:    from Whoosh's SegmentWriter: field values, row by row; from a merge: older segments
gives:    one file a segment (sections.py)
does not: offer Whoosh's matchers or stored fields; searcher.py reads segments by itself
traps:    Whoosh thinks it has three writers; they are one, and nothing is on disk before `add_postings`
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec
from whoosh.fields import FieldType, Schema

from searchkit.index.whoosh.columns import (
    ColumnBuilder,
    LengthBuilder,
    ListColumn,
    TextBuilder,
)
from searchkit.index.whoosh.fields import StoredText, Words
from searchkit.index.whoosh.postings import FieldPostings
from searchkit.index.whoosh.sections import Ints, SectionWriter
from searchkit.index.whoosh.segments import EXTENSION, ArraySegment, SegmentView


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

    def add(self, posting: tuple[str, bytes, int, float, Any]) -> None:
        """All words of one field of one row: see fields.Words.index and fields.Names.index."""
        fieldname, kind, docnum, _, words = posting
        field = self._field(fieldname, positional=kind != Words.STEMMED)
        if kind == Words.NAMES:
            field.add_names(docnum, words)
        else:
            field.add(docnum, words)

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
        if name not in self._postings:
            self._postings[name] = FieldPostings(positional=positional)
        return self._postings[name]

    def _column(self, name: str, column: ListColumn) -> ColumnBuilder:
        if name not in self._columns:
            self._columns[name] = ColumnBuilder(column.kind, counted=column.counted)
        return self._columns[name]

    def _length(self, name: str) -> LengthBuilder:
        if name not in self._lengths:
            self._lengths[name] = LengthBuilder()
        return self._lengths[name]

    def _text(self, name: str) -> TextBuilder:
        if name not in self._texts:
            self._texts[name] = TextBuilder()
        return self._texts[name]


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
