"""Whoosh's reading interface over our segment files: stock Whoosh opens and searches an index through it.

Our own searcher reads the same files by itself and is much faster. This is for other programs, and for the tests that
compare both. Positions count through the passages of a row, with a gap between them, so that no phrase matches across.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct
from whoosh.codec.base import FieldCursor, PerDocumentReader, TermsReader
from whoosh.columns import ColumnReader
from whoosh.formats import Format
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from searchkit.index.analysis import stems
from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, ValueColumn, column_kinds, decoded, encoded, span_of
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segments import ArraySegment, SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES
from searchkit.query.fields import Record, find

PASSAGE_GAP = 1_000


class Posting(Struct, frozen=True):
    """The rows of a term in ascending order, how often each has it, and its positions in each, if they are kept."""

    rows: Sequence[int]
    frequencies: Sequence[int]
    positions: Sequence[Sequence[int]] | None = None


class WordLexicon:
    """Words as written, with positions."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    @cached_property
    def terms(self) -> list[bytes]:
        return [encoded(word) for word in self._terms.words()]

    def posting(self, term: bytes) -> Posting:
        return _positioned(self.positions([decoded(term)]))

    def positions(self, words: Iterable[str]) -> dict[int, list[int]]:
        terms = self._terms
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in sorted(number for word in words for number in terms.numbers(word)):
            passage = terms.passage_of(number)
            row = terms.rows[passage]
            first = bisect_left(terms.rows, row)
            found[row].append(number - terms.starts[first] + (passage - first) * PASSAGE_GAP)
        return found


class StemLexicon:
    """Stems, with the positions of the words that have them."""

    def __init__(self, stemmed: Terms, written: Terms) -> None:
        self._stemmed = stemmed
        self._written = written

    @cached_property
    def terms(self) -> list[bytes]:
        return [encoded(word) for word in self._stemmed.words()]

    def posting(self, term: bytes) -> Posting:
        return _positioned(WordLexicon(self._written).positions(self._words_of[decoded(term)]))

    @cached_property
    def _words_of(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        words = self._written.words()
        for word, stem in zip(words, stems(words), strict=True):
            found[stem].append(word)
        return found


class ValueLexicon:
    """The keys of keywords, or the days of a date field."""

    def __init__(self, column: ValueColumn) -> None:
        self._column = column

    @cached_property
    def terms(self) -> list[bytes]:
        return sorted(self._codes)

    def posting(self, term: bytes) -> Posting:
        rows = sorted({row for code in self._codes[term] for row in self._column.own_rows(code)})
        return Posting(rows, [1] * len(rows))

    @cached_property
    def _codes(self) -> dict[bytes, list[int]]:
        found: defaultdict[bytes, list[int]] = defaultdict(list)
        for code in range(len(self._column)):
            found[encoded(_key(self._column, code))].append(code)
        return found


Lexicon: TypeAlias = WordLexicon | StemLexicon | ValueLexicon
"""The terms of one field of one segment, in order of their bytes, and their rows."""


def _positioned(positions: dict[int, list[int]]) -> Posting:
    rows = sorted(positions)
    return Posting(rows, [len(positions[row]) for row in rows], [positions[row] for row in rows])


def _key(column: ValueColumn, code: int) -> str:
    if column.kind != "date":
        return column.key(code)
    first, last = (date.fromordinal(day).isoformat() for day in span_of(column.value(code)))
    return first if first == last else f"{first}/{last}"


class EncodedPositions(Sequence[bytes]):
    """Positions in Whoosh's form, encoded row by row when a matcher asks for them."""

    def __init__(self, positions: Sequence[Sequence[int]], form: Format) -> None:
        self._positions = positions
        self._form = form

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, place: Any) -> Any:
        return self._form.encode(self._positions[place])


class PostingMatcher(ListMatcher):
    """Whoosh's matcher of one term, which finds a row by bisection."""

    _i: int

    def skip_to(self, id: int) -> None:  # noqa: A002  # Whoosh's name
        """Move to the first row from `id` on."""
        self._i = bisect_left(self._ids, id, lo=self._i)


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
        self._fields = _indexed_fields(record)
        self._lexicons: dict[str, Lexicon] = {}

    def _lexicon(self, fieldname: str) -> Lexicon:
        if fieldname not in self._lexicons:
            view = self._view
            match self._fields.get(fieldname):
                case "words":
                    self._lexicons[fieldname] = WordLexicon(view.terms(fieldname))
                case "stems":
                    self._lexicons[fieldname] = StemLexicon(view.terms(fieldname), view.terms(f"{fieldname}.words"))
                case "values":
                    self._lexicons[fieldname] = ValueLexicon(view.column(fieldname))
                case _:
                    raise TermNotFound(f"No field {fieldname!r}")
        return self._lexicons[fieldname]

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        fieldname, text = term
        return fieldname in self._fields and self._has(fieldname, text)

    def _has(self, fieldname: str, text: bytes) -> bool:
        terms = self._lexicon(fieldname).terms
        place = bisect_left(terms, text)
        return place < len(terms) and terms[place] == text

    def indexed_field_names(self) -> Iterable[str]:
        return [name for name in sorted(self._fields) if self._lexicon(name).terms]

    def cursor(self, fieldname: str, fieldobj: object) -> ArrayCursor:
        del fieldobj
        return ArrayCursor(self._lexicon(fieldname).terms)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                terms = self._lexicon(name).terms
                start = bisect_left(terms, prefix) if name == fieldname else 0
                yield from ((name, term) for term in terms[start:])

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return self._info(fieldname, self._posting(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> int:
        return sum(self._posting(fieldname, text).frequencies) if self._has(fieldname, text) else 0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._posting(fieldname, text).rows) if self._has(fieldname, text) else 0

    def matcher(self, fieldname: str, text: bytes, format_: Format, scorer: Any = None) -> PostingMatcher:
        posting = self._posting(fieldname, text)
        positions = posting.positions
        return PostingMatcher(
            posting.rows,
            weights=list(map(float, posting.frequencies)),
            values=None if positions is None else EncodedPositions(positions, format_),
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self._info(fieldname, posting),
        )

    def _posting(self, fieldname: str, text: bytes) -> Posting:
        if not self._has(fieldname, text):
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return self._lexicon(fieldname).posting(text)

    def _info(self, fieldname: str, posting: Posting) -> TermInfo:
        lengths = self._view.row_lengths(fieldname) if self._fields[fieldname] == "stems" else None
        of_rows = [lengths[row] for row in posting.rows] if lengths is not None else [1]
        return TermInfo(
            weight=sum(posting.frequencies),
            df=len(posting.rows),
            minlength=min(of_rows, default=0),
            maxlength=max(of_rows, default=0),
            maxweight=max(posting.frequencies, default=0),
            minid=posting.rows[0],
            maxid=posting.rows[-1],
        )


def _indexed_fields(record: Record) -> dict[str, str]:
    """How the terms of each field are kept, by its name."""
    found: dict[str, str] = {}
    for name in column_kinds(record):
        field = find(name)
        if field is not None:
            found[name] = "words" if field.kind == "name" else "values"
    for name in ("title", "body", "quote"):
        field = find(name)
        if field is not None and record in field.records:
            found[name] = "stems"
            found[f"{name}.words"] = "words"
    return found


class FirstValueReader(ColumnReader):
    """The first value of each row of a column, to sort and group by; empty for rows without a value."""

    def __init__(self, column: ValueColumn, row_count: int) -> None:
        super().__init__(None, 0, 0, row_count)
        self._column = column

    def __getitem__(self, docnum: int) -> bytes:
        start, end = self._column.ends[docnum : docnum + 2]
        if start == end:
            return b""
        code = self._column.codes[start]
        return encoded(self._column.name(code) if self._column.kind == "name" else _key(self._column, code))


class ArrayPerDocumentReader(PerDocumentReader):
    """The deletions, lengths, columns and ids of a segment, as Whoosh's PerDocumentReader."""

    def __init__(self, view: SegmentView, segment: ArraySegment, record: Record) -> None:
        self._view = view
        self._segment = segment
        self._kinds = column_kinds(record)

    def doc_count(self) -> int:
        return self._segment.doc_count()

    def doc_count_all(self) -> int:
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        return self._segment.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._kinds and len(self._view.column(fieldname)) > 0

    def list_columns(self) -> Iterable[str]:
        return filter(self.has_column, self._kinds)

    def column_reader(self, fieldname: str, column: object) -> FirstValueReader:
        del column
        return FirstValueReader(self._view.column(fieldname), self._segment.doc_count_all())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._view.row_lengths(fieldname)
        return lengths[docnum] if docnum < len(lengths) else default

    def field_length(self, fieldname: str) -> int:
        return self._segment.lengths.get(fieldname, 0)

    def min_field_length(self, fieldname: str) -> int:
        return min(filter(None, self._view.row_lengths(fieldname)), default=0)

    def max_field_length(self, fieldname: str) -> int:
        return max(self._view.row_lengths(fieldname), default=0)

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {"id": self._id(ROW_ID, docnum), DOCUMENT_ID: self._id(DOCUMENT_ID, docnum)}

    def _id(self, name: str, docnum: int) -> str:
        column = self._view.column(name)
        return decoded(column.value(column.codes[column.ends[docnum]]))


def record_of(segment: ArraySegment) -> Record:
    """Return which kind of record a segment holds, by the name of its index."""
    index_name = segment.name.rpartition("_")[0]
    return next(record for record, name in INDEX_NAMES.items() if name == index_name)


def open_segment(folder: str, segment: ArraySegment) -> SegmentView:
    return SegmentView(Path(folder), segment, column_kinds(record_of(segment)))
