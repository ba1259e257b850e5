"""Whoosh's reading interface over our segment files: stock Whoosh opens and searches an index through it.

Our own searcher reads the same files by itself and is much faster. This is for other programs, and for the tests that
compare both. Positions count through the passages of a row, with a gap between them, so that no phrase matches across.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec, FieldCursor, PerDocumentReader, TermsReader
from whoosh.codec.whoosh3 import W3Segment
from whoosh.columns import ColumnReader
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Format
from whoosh.index import TOC
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from searchkit.index.analysis import stems
from searchkit.index.ranking import text_fields
from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, ValueColumn, column_kinds, span_of
from searchkit.index.whoosh.segment_file import decoded, encoded
from searchkit.index.whoosh.segments import INDEX_NAMES, SegmentEntry, SegmentView
from searchkit.query.fields import Record

PASSAGE_GAP = 1_000


class ArrayCodec(Codec):
    """Reads our segments for Whoosh, which cannot write them: documents come from the store only."""

    def terms_reader(self, storage: Any, segment: W3Segment) -> "ArrayTermsReader":
        return ArrayTermsReader(_view(storage, segment), _record(segment))

    def per_document_reader(self, storage: Any, segment: W3Segment) -> "ArrayPerDocumentReader":
        return ArrayPerDocumentReader(_view(storage, segment), segment)


def write_table(folder: Path, record: Record, schema: Schema, entries: Iterable[SegmentEntry]) -> None:
    """Write the table of contents from which Whoosh reads the schema and the segments."""
    name = INDEX_NAMES[record]
    segments = [
        W3Segment(ArrayCodec(), name, entry.row_count, entry.name.removeprefix(f"{name}_"), entry.deleted)
        for entry in entries
    ]
    table = TOC(schema, segments, 1)
    with suppress(FileNotFoundError):
        (folder / table._filename(name, 1)).unlink()
    table.write(FileStorage(str(folder)), name)


def _record(segment: W3Segment) -> Record:
    return next(record for record, name in INDEX_NAMES.items() if name == segment.index_name())


def _view(storage: Any, segment: W3Segment) -> SegmentView:
    entry = SegmentEntry(name=segment.segment_id(), row_count=segment.doc_count_all())
    return SegmentView(Path(storage.folder), entry, column_kinds(_record(segment)))


def _key(column: ValueColumn, code: int) -> str:
    if column.kind != "date":
        return column.key(code)
    first, last = (date.fromordinal(day).isoformat() for day in span_of(column.value(code)))
    return first if first == last else f"{first}/{last}"


class ArrayCursor(FieldCursor):
    """Walks through the terms of one field, as Whoosh's FieldCursor."""

    def __init__(self, terms: Sequence[bytes]) -> None:
        self._terms = terms
        self._place = 0

    def first(self) -> str | None:
        self._place = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        self._place = bisect_left(self._terms, term if isinstance(term, bytes) else encoded(term))
        return self.text()

    def next(self) -> str | None:
        self._place += 1
        return self.text()

    def text(self) -> str | None:
        return decoded(self._terms[self._place]) if self.is_valid() else None

    def is_valid(self) -> bool:
        return self._place < len(self._terms)


class ArrayTermsReader(TermsReader):
    """The terms of all fields of one segment, as Whoosh's TermsReader."""

    def __init__(self, view: SegmentView, record: Record) -> None:
        self._view = view
        # Whether the terms of a field are words as written, stems or values.
        columns = column_kinds(record).items()
        self._kinds = {name: "words" if kind == "name" else "values" for name, kind in columns if kind != "id"}
        for name in {"title", "quote", *text_fields("text", record)}:
            self._kinds.update({name: "stems", f"{name}.words": "words"})
        self._fields: dict[str, Mapping[bytes, Sequence[Any]]] = {}

    def _terms(self, name: str) -> Mapping[bytes, Sequence[Any]]:
        """Return the terms of a field in order of their bytes, each with its words or the codes of its values."""
        if name not in self._fields:
            found: defaultdict[bytes, list[Any]] = defaultdict(list)
            kind = self._kinds.get(name)
            if kind == "words":
                found.update((encoded(word), [word]) for word in self._view.terms(name).words())
            elif kind == "stems":
                words = self._view.terms(f"{name}.words").words()
                for word, stem in zip(words, stems(words), strict=True):
                    found[encoded(stem)].append(word)
            elif kind == "values":
                column = self._view.column(name)
                for code in range(len(column)):
                    found[encoded(_key(column, code))].append(code)
            self._fields[name] = dict(sorted(found.items()))
        return self._fields[name]

    def _positions(self, name: str, text: bytes) -> Mapping[int, Sequence[int]]:
        """Return the rows of a term in ascending order with its positions in each; empty if there is no such term."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        sources = self._terms(name).get(text, ())
        if self._kinds.get(name) == "values":
            column = self._view.column(name)
            return dict.fromkeys(sorted({row for code in sources for row in column.own_rows(code)}), (0,))
        terms = self._view.terms(f"{name}.words" if self._kinds.get(name) == "stems" else name)
        for number in sorted(number for word in sources for number in terms.numbers(word)):
            passage = terms.passage_of(number)
            row = terms.rows[passage]
            found[row].append(
                number - terms.starts[bisect_left(terms.rows, row)] + PASSAGE_GAP * terms.passage_number(passage)
            )
        return found

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        fieldname, text = term
        return text in self._terms(fieldname)

    def indexed_field_names(self) -> Iterable[str]:
        return [name for name in sorted(self._kinds) if self._terms(name)]

    def cursor(self, fieldname: str, fieldobj: object) -> ArrayCursor:
        del fieldobj
        return ArrayCursor([*self._terms(fieldname)])

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                yield from ((name, term) for term in self._terms(name) if name > fieldname or term >= prefix)

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def frequency(self, fieldname: str, text: bytes) -> int:
        return sum(map(len, self._positions(fieldname, text).values()))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._positions(fieldname, text))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        found = self._positions(fieldname, text)
        if not found:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        rows, frequencies = [*found], [*map(len, found.values())]
        lengths = self._view.row_lengths(fieldname) if self._kinds[fieldname] == "stems" else None
        of_rows = [lengths[row] for row in rows] if lengths is not None else [1]
        return TermInfo(
            weight=sum(frequencies),
            df=len(rows),
            minlength=min(of_rows),
            maxlength=max(of_rows),
            maxweight=max(frequencies),
            minid=rows[0],
            maxid=rows[-1],
        )

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> ListMatcher:
        information, found = self.term_info(fieldname, text), self._positions(fieldname, text)
        has_positions = self._kinds[fieldname] != "values"
        return ListMatcher(
            [*found],
            weights=[float(len(positions)) for positions in found.values()],
            values=[*map(format_.encode, found.values())] if has_positions else None,
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=information,
        )


class FirstValueReader(ColumnReader):
    """The first value of each row of a column, to sort and group by; empty for rows without a value."""

    def __init__(self, column: ValueColumn, row_count: int) -> None:
        super().__init__(None, 0, 0, row_count)
        self._column = column

    def __getitem__(self, docnum: int) -> bytes:
        column = self._column
        for code in column.codes_of(docnum)[:1]:
            return encoded(column.name(code) if column.kind == "name" else _key(column, code))
        return b""


class ArrayPerDocumentReader(PerDocumentReader):
    """The deletions, lengths, columns and ids of a segment, as Whoosh's PerDocumentReader."""

    def __init__(self, view: SegmentView, segment: W3Segment) -> None:
        self._view = view
        self._kinds = column_kinds(_record(segment))
        self.doc_count = segment.doc_count
        self.doc_count_all = segment.doc_count_all
        self.has_deletions = segment.has_deletions
        self.is_deleted = segment.is_deleted
        self.deleted_docs = segment.deleted_docs

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._kinds and len(self._view.column(fieldname)) > 0

    def list_columns(self) -> Iterable[str]:
        return filter(self.has_column, self._kinds)

    def column_reader(self, fieldname: str, column: object) -> FirstValueReader:
        del column
        return FirstValueReader(self._view.column(fieldname), self._view.row_count)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._view.row_lengths(fieldname)
        return lengths[docnum] if docnum < len(lengths) else default

    def field_length(self, fieldname: str) -> int:
        return sum(self._view.row_lengths(fieldname))

    def min_field_length(self, fieldname: str) -> int:
        return min(filter(None, self._view.row_lengths(fieldname)), default=0)

    def max_field_length(self, fieldname: str) -> int:
        return max(self._view.row_lengths(fieldname), default=0)

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {"id": self._id(ROW_ID, docnum), DOCUMENT_ID: self._id(DOCUMENT_ID, docnum)}

    def _id(self, name: str, docnum: int) -> str:
        column = self._view.column(name)
        return column.name(column.codes[column.ends[docnum]])
