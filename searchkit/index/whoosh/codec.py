"""Whoosh's codec and storage over our files: Whoosh lists and commits segments, this module writes them.

Whoosh expects three writers for a segment; `SegmentBuilder` is all of them, and writes the file in `add_postings`. Rows
do not pass through Whoosh's `add_document`, which took a third of all indexing time.
"""

import io
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh.codec.base import Codec
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.filedb.structfile import StructFile

from searchkit.index.analysis import exact_key, name_words, words
from searchkit.index.rows import Row
from searchkit.index.whoosh.codec_reader import ArrayPerDocumentReader, ArrayTermsReader, open_segment, record_of
from searchkit.index.whoosh.columns import (
    COPIES,
    DOCUMENT_ID,
    PRECEDENCE,
    ROW_ID,
    ColumnBuilder,
    ListColumn,
    TextBuilder,
    date_bytes,
    encoded,
    name_bytes,
)
from searchkit.index.whoosh.fields import Words
from searchkit.index.whoosh.postings import PostingsBuilder
from searchkit.index.whoosh.segment_file import Numbers, SectionWriter
from searchkit.index.whoosh.segments import EXTENSION, ArraySegment
from searchkit.index.whoosh.storage import unpickled

# Texts up to this length are cached: a title is analyzed for each of its statements, a statement twice.
MAX_CACHED_LENGTH = 1_000


class SegmentBuilder:
    """Collects a segment. Whoosh uses it as per-document writer, posting pool and field writer."""

    def __init__(self, folder: Path, segment: ArraySegment) -> None:
        self._path = folder / f"{segment.name}{EXTENSION}"
        self._segment = segment
        self._words: defaultdict[str, PostingsBuilder] = defaultdict(PostingsBuilder)
        self._columns: dict[str, ColumnBuilder] = {}
        self._lengths: defaultdict[str, Numbers] = defaultdict(partial(array, "I"))
        self._texts: defaultdict[str, TextBuilder] = defaultdict(TextBuilder)
        self._rows = 0
        self.is_closed = False

    def add(self, row: Row, schema: Schema) -> None:
        """Append one row of the record that has this schema."""
        number = self._rows
        for name, texts in row.texts.items():
            passages, keys = zip(*map(_read, texts), strict=True)
            self._words[f"{name}.words"].add(number, passages)
            self._texts[f"{name}.stored"].add(number, keys)
            lengths = self._lengths[name]
            lengths.extend([0] * (number - len(lengths)))
            lengths.append(sum(map(len, passages)))
        for name, names in row.names.items():
            self._words[name].add_names(
                number, [[_spelling(value.name), *map(_spelling, value.surfaces)] for value in names]
            )
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

    def iter_postings(self) -> Iterator[object]:
        """Yield nothing: `add_postings` saves the postings that this builder collected."""
        return iter(())

    def cleanup(self) -> None:
        """Do nothing: no file exists before the segment is saved."""

    def add_postings(self, schema: Schema, lengths: object, items: object) -> None:
        """Save the segment, field by field."""
        del lengths, items
        with SectionWriter(self._path) as out:
            for name, field in schema.items():
                if isinstance(field, Words):
                    self._save_words(out, name, positional=field.positional)
                if name in self._texts:
                    self._texts.pop(name).save(out, name)
                if name in self._columns:
                    self._columns.pop(name).save(out, name, self._rows)

    def close(self) -> None:
        self.is_closed = True

    def _save_words(self, out: SectionWriter, name: str, *, positional: bool) -> None:
        if positional:
            if name in self._words:
                self._words.pop(name).save(out, name)
        elif name in self._lengths:
            lengths = self._lengths.pop(name)
            out.add(f"{name}/lengths", lengths)
            self._segment.lengths[name] = sum(lengths)
            # Stems are made from the words, which the schema lists after them.
            self._words[f"{name}.words"].save_stems(out, name)

    def _column(self, name: str, schema: Schema) -> ColumnBuilder:
        if name not in self._columns:
            column: ListColumn = schema[name].column_type
            self._columns[name] = ColumnBuilder(column.kind, counted=column.counted)
        return self._columns[name]


def _read(text: str) -> tuple[Sequence[str], str]:
    return _read_cached(text) if len(text) <= MAX_CACHED_LENGTH else (words(text), exact_key(text))


@lru_cache(maxsize=256)
def _read_cached(text: str) -> tuple[Sequence[str], str]:
    return words(text), exact_key(text)


@lru_cache(maxsize=8192)
def _spelling(name: str) -> Sequence[str]:
    return name_words(name)


class ArrayCodec(Codec):
    """Gives Whoosh's SegmentWriter one SegmentBuilder in all its roles."""

    # The builder collects lengths, so Whoosh need not read them back.
    length_stats = False

    def __init__(self) -> None:
        self.builder: SegmentBuilder | None = None

    def new_segment(self, storage: Any, indexname: str) -> "WhooshSegment":
        segment = WhooshSegment(indexname)
        self.builder = SegmentBuilder(Path(storage.folder), segment)
        return segment

    def per_document_writer(self, storage: Any, segment: ArraySegment) -> SegmentBuilder | None:
        del storage, segment
        return self.builder

    field_writer = per_document_writer

    def terms_reader(self, storage: Any, segment: ArraySegment) -> ArrayTermsReader:
        return ArrayTermsReader(open_segment(storage.folder, segment), record_of(segment))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> ArrayPerDocumentReader:
        return ArrayPerDocumentReader(open_segment(storage.folder, segment), segment, record_of(segment))


class WhooshSegment(ArraySegment):
    """A segment in Whoosh's table of contents; our own searcher reads it as an ArraySegment."""

    def codec(self) -> ArrayCodec:
        return ArrayCodec()


class _TableFile(StructFile):
    def read_pickle(self) -> Any:
        return unpickled(self.file, WhooshSegment)


class GenerationStorage(FileStorage):
    """Whoosh's folder storage, except that tables of contents are unpickled by an allow-list, and nothing is locked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self._path = folder

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Open a table of contents; Whoosh opens no other files."""
        return _TableFile(io.BytesIO((self._path / name).read_bytes()), name=name, **kwargs)

    def lock(self, name: str) -> Lock:
        """Return a lock without a file: a generation has a single writer from its beginning."""
        del name
        return Lock()

    def temp_storage(self, name: str | None = None) -> RamStorage:
        """Return a storage in memory; Whoosh writes nothing temporary with our codec."""
        del name
        return RamStorage()
