"""Segments: what Whoosh's table of contents keeps of one, one opened for reading, and all of them.

takes:    a segment file and its entry in the table of contents
gives:    its posting lists, columns, lengths and texts, each opened when first asked for; rows numbered through all
does not: write
traps:    ArraySegment is pickled as codec.WhooshSegment; tables.py reads nothing else back
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from searchkit.index.whoosh import reckoning
from searchkit.index.whoosh.columns import ColumnKind, TextColumn, ValueColumn, decoded
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.reckoning import Place, Positions, Reckoning
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segment_file import Ints, SectionFile

EXTENSION = ".arrays"
# The lists of so many stems are remembered while their question is answered.
_REMEMBERED = 8


class ArraySegment:
    """What the table of contents keeps of a segment: its name, its rows, those deleted, and words by field.

    It has the methods of Whoosh's Segment that Whoosh calls, but is none: loading that class would cost every search
    3 ms for reading files we do not have.
    """

    def __init__(self, indexname: str) -> None:
        self.name = f"{indexname}_{os.urandom(8).hex()}"
        self.row_count = 0
        self.deleted: set[int] = set()
        self.lengths: dict[str, int] = {}

    def segment_id(self) -> str:
        """The name with which its files begin."""
        return self.name

    def make_filename(self, extension: str) -> str:
        """The name of one of its files."""
        return self.name + extension

    def set_doc_count(self, doccount: int) -> None:
        """How many rows it has."""
        self.row_count = doccount

    def doc_count_all(self) -> int:
        """Rows, deleted ones included."""
        return self.row_count

    def doc_count(self) -> int:
        """Rows that are not deleted."""
        return self.row_count - len(self.deleted)

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

    def is_compound(self) -> bool:
        """Return False: a segment is one file already."""
        return False

    def should_assemble(self) -> bool:
        """A segment is one file already."""
        return False


class SegmentView:
    """One segment opened for reading; each part is opened when first asked for. `kinds` are those of its columns."""

    def __init__(
        self,
        folder: Path,
        segment: ArraySegment,
        kinds: Mapping[str, ColumnKind],
        reckoning_: Reckoning | None = None,
    ) -> None:
        self.row_count = segment.row_count
        self.reckoning = reckoning_ or reckoning.sets()
        self.make_rows = self.reckoning.rows(segment.row_count)
        self.deleted = self.make_rows([sorted(segment.deleted)])
        self.lengths = segment.lengths
        self.file = SectionFile(folder / segment.make_filename(EXTENSION))
        self._kinds = kinds
        self._columns: dict[str, ValueColumn] = {}
        self._terms: dict[str, Terms] = {}
        self.spelled: dict[object, Sequence[int]] = {}  # what lookups.py was asked for last

    @property
    def live_count(self) -> int:
        """Rows that are not deleted."""
        return self.row_count - len(self.deleted)

    def column(self, name: str) -> ValueColumn:
        """The column of a field."""
        if name not in self._columns:
            self._columns[name] = ValueColumn(self.file, name, self._kinds[name], self.make_rows)
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
    def every_row(self) -> Rows:
        """All rows, deleted ones included."""
        return self.make_rows([range(self.row_count)])

    def rows_at(self, terms: Terms, positions: Positions) -> Rows:
        """The rows in which these positions of a field lie."""
        return self.make_rows([self.reckoning.places.rows_at(terms, positions)])


class Segments:
    """All segments of one kind of record. Their rows are numbered through: those of each follow those of the one
    before. Whatever is done with rows is done once, not once a segment."""

    def __init__(self, views: Iterable[SegmentView], reckoning_: Reckoning) -> None:
        self.views = tuple(views)
        self.reckoning = reckoning_
        self.firsts = [*accumulate((view.row_count for view in self.views), initial=0)]
        self.row_count = self.firsts.pop()
        self.make_rows = reckoning_.rows(self.row_count)
        self.kept: dict[object, Any] = {}  # what the reckoning has made of sections, to be asked again
        self._stem_rows: dict[tuple[str, str], Sequence[Sequence[int]]] = {}

    def __len__(self) -> int:
        return len(self.views)

    def __iter__(self) -> Iterator[SegmentView]:
        return iter(self.views)

    @cached_property
    def every_row(self) -> Rows:
        """All rows, deleted ones included."""
        return self.make_rows([range(self.row_count)])

    @cached_property
    def deleted(self) -> Rows:
        """The deleted rows."""
        return self.joined([view.deleted for view in self])

    @cached_property
    def lengths(self) -> dict[str, int]:
        """Words by field."""
        return {name: sum(view.lengths.get(name, 0) for view in self) for view in self for name in view.lengths}

    def joined(self, found: Sequence[Rows]) -> Rows:
        """One set of what was found in each segment."""
        return self.reckoning.joined(found, self.firsts)

    def parted(self, rows: Rows) -> list[Rows]:
        """What of `rows` lies in each segment, as it numbers them."""
        return self.reckoning.parted(rows, self.firsts)

    def shifted(self, found: Iterable[Iterable[int]]) -> Sequence[Sequence[int]]:
        """Lists of rows, one a segment, as rows of all; those that hold none are left out."""
        return self.reckoning.shifted(found, self.firsts)

    def stem_rows(self, field: str, stem: str) -> Sequence[Sequence[int]]:
        """The rows in which a stem stands, as often as it does, in lists; remembered for its score."""
        key = field, stem
        if key not in self._stem_rows:
            if len(self._stem_rows) >= _REMEMBERED:
                self._stem_rows.clear()
            self._stem_rows[key] = self.shifted([view.terms(field).numbers(stem) for view in self])
        return self._stem_rows[key]

    def place(self, row: int) -> Place:
        """The segment of a row, and its number there."""
        number = bisect_right(self.firsts, row) - 1
        return number, row - self.firsts[number]

    def one_value(self, name: str, row: int) -> str:
        """The one value that a row has in a column of ids."""
        return decoded(self._one_value(name, row))

    def _one_value(self, name: str, row: int) -> bytes:
        number, own = self.place(row)
        column = self.views[number].column(name)
        return column.value(column.codes[column.ends[own]])

    def order_of(self, name: str) -> Callable[[int], Any]:
        """What puts rows in order of the one value that each has in a column of ids. In one segment codes do."""
        if len(self.views) == 1:
            column = self.views[0].column(name)
            codes, ends = column.codes, column.ends
            return lambda row: codes[ends[row]]
        return partial(self._one_value, name)
