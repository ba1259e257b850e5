"""Whoosh's codec interface over our segment files: Whoosh keeps their list and commits it, this writes what they hold.

takes:    rows of schema.py; from a merge: older segments
gives:    one file a segment (sections.py)
does not: offer Whoosh's matchers or stored fields; searcher.py reads segments by itself
traps:    Whoosh thinks it has three writers; they are one, and nothing is on disk before `add_postings`. Rows do not
          come through Whoosh's `add_document`: a tuple a word, and a dozen calls a field, took a third of all time
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec
from whoosh.fields import Schema

from searchkit.index.analysis import exact_key, name_words, words
from searchkit.index.schema import NameValue, Row
from searchkit.index.whoosh.columns import (
    ColumnBuilder,
    LengthBuilder,
    ListColumn,
    TextBuilder,
    date_bytes,
    encoded,
    name_bytes,
)
from searchkit.index.whoosh.fields import COPIES, DOCUMENT_ID, PRECEDENCE, ROW_ID, StoredText, Words
from searchkit.index.whoosh.postings import FieldPostings, PlacedWords, Stems
from searchkit.index.whoosh.sections import Ints, SectionWriter
from searchkit.index.whoosh.segments import EXTENSION, ArraySegment, SegmentView

# Texts up to this length are remembered for a while: a title is read for each of its statements, a statement twice.
_SHORT = 1_000


class SegmentBuilder:
    """Collects a whole segment, and is what Whoosh takes for its per-document writer, posting pool and field writer."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._path = folder / segment.make_filename(EXTENSION)
        self._segment = segment
        self._placed: dict[str, PlacedWords] = {}
        self._stemmed: dict[str, Stems] = {}
        self._columns: dict[str, ColumnBuilder] = {}
        self._lengths: dict[str, LengthBuilder] = {}
        self._texts: dict[str, TextBuilder] = {}
        self._rows = 0
        self.is_closed = False

    def add(self, row: Row, schema: Schema) -> None:
        """Take in one row of the record that has this schema, behind all others."""
        number = self._rows
        for name, texts in row.texts.items():
            passages, keys = zip(*map(_read, texts), strict=True)
            self._stems(name)  # which are made of the words in the end
            self._words(f"{name}.words").add(number, passages)
            self._text(f"{name}.stored").add(number, keys)
            length = sum(map(len, passages))
            if length:
                self._length(name).add(number, length)
                self._segment.lengths[name] = self._segment.lengths.get(name, 0) + length
        for name, names in row.names.items():
            self._words(name).add_names(number, [_spelled(value) for value in names])
            self._column(name, schema).add(number, [name_bytes(value) for value in names])
        for name, keywords in row.keywords.items():
            self._column(name, schema).add(number, map(encoded, keywords))
        for name, dates in row.dates.items():
            self._column(name, schema).add(number, map(date_bytes, dates))
        self._column(DOCUMENT_ID, schema).add(number, (encoded(row.document),))
        self._column(ROW_ID, schema).add(number, (encoded(row.id),))
        if row.precedence is not None:
            self._column(COPIES, schema).add(number, (encoded(row.copies),))
            self._column(PRECEDENCE, schema).add(number, (encoded(row.precedence.packed()),))
        self._rows = number + 1

    # What Whoosh's writer calls.

    def iter_postings(self) -> Iterator[tuple[str, FieldPostings]]:
        """The posting lists by field."""
        return iter(sorted({**self._placed, **self._stemmed}.items()))

    def cleanup(self) -> None:
        """Nothing lies on disk before the segment is saved."""

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
                postings = self._words(name) if field.positional else self._stems(name)
                postings.absorb(first_row, view.terms(name), rows)
                if field.scorable:
                    self._absorb_lengths(name, first_row, view.row_lengths(name), rows)
            elif isinstance(field.column_type, StoredText):
                texts, builder = view.texts(name), self._text(name)
                for number, row in enumerate(range(view.row_count) if rows is None else rows, first_row):
                    builder.add_stored(number, texts.stored(row))
            if isinstance(field.column_type, ListColumn) and len(view.column(name)):
                self._column(name, schema).absorb(first_row, view.column(name), rows)
        self._rows = first_row + count
        return count

    def _absorb_lengths(self, name: str, first_row: int, lengths: Ints, rows: Sequence[int] | None) -> None:
        self._length(name).absorb(first_row, lengths, rows)
        total = sum(lengths) if rows is None else sum(lengths[row] for row in rows if row < len(lengths))
        self._segment.lengths[name] = self._segment.lengths.get(name, 0) + total

    def _words(self, name: str) -> PlacedWords:
        if name not in self._placed:
            self._placed[name] = PlacedWords()
        return self._placed[name]

    def _stems(self, name: str) -> Stems:
        if name not in self._stemmed:
            self._stemmed[name] = Stems(self._words(f"{name}.words"))
        return self._stemmed[name]

    def _column(self, name: str, schema: Schema) -> ColumnBuilder:
        if name not in self._columns:
            column: ListColumn = schema[name].column_type
            self._columns[name] = ColumnBuilder(column.kind)
        return self._columns[name]

    def _length(self, name: str) -> LengthBuilder:
        if name not in self._lengths:
            self._lengths[name] = LengthBuilder()
        return self._lengths[name]

    def _text(self, name: str) -> TextBuilder:
        if name not in self._texts:
            self._texts[name] = TextBuilder()
        return self._texts[name]


def _read(text: str) -> tuple[Sequence[str], str]:
    """The words of a text, and its key for `exact:`."""
    return _read_again(text) if len(text) <= _SHORT else (words(text), exact_key(text))


@lru_cache(maxsize=256)
def _read_again(text: str) -> tuple[Sequence[str], str]:
    return words(text), exact_key(text)


def _spelled(value: NameValue) -> list[Sequence[str]]:
    """The words of all spellings of a name."""
    return [_spelling(value.name), *map(_spelling, value.surfaces)]


@lru_cache(maxsize=8192)
def _spelling(name: str) -> Sequence[str]:
    return name_words(name)


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
