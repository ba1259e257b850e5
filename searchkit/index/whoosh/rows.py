"""Sets of rows, either of one segment or of all segments with global row numbers, as Python sets.

`kernels.rows` has the same functions for numpy masks. Queries share these sets, so never change one.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Protocol, TypeAlias

RowSet: TypeAlias = Set[int]
MakeRows: TypeAlias = Callable[[Iterable[Iterable[int]]], RowSet]
"""Makes one set of the rows in several lists."""


class RowOperations(Protocol):
    """The functions of this module and of `kernels.rows`."""

    def row_maker(self, row_count: int) -> MakeRows: ...

    def to_global(self, found: Sequence[RowSet], offsets: Sequence[int]) -> RowSet: ...

    def to_local(self, rows: RowSet, offsets: Sequence[int]) -> list[RowSet]: ...

    def offset(self, found: Iterable[Iterable[int]], offsets: Sequence[int]) -> Sequence[Sequence[int]]: ...

    def among(self, found: RowSet, rows: Sequence[int], first: int) -> Sequence[int]: ...


def row_maker(row_count: int) -> MakeRows:
    """Return the function that makes sets for a segment of so many rows."""
    del row_count
    return set_of_rows


def set_of_rows(lists: Iterable[Iterable[int]]) -> set[int]:
    """Return one set of the rows in all lists."""
    return set().union(*lists)


def to_global(found: Sequence[RowSet], offsets: Sequence[int]) -> set[int]:
    """Return one set for the sets of all segments, whose global row numbers begin at `offsets`."""
    return set().union(*(map(first.__add__, rows) for first, rows in zip(offsets, found, strict=True)))


def to_local(rows: Iterable[int], offsets: Sequence[int]) -> list[RowSet]:
    """Return, for each segment, which of these global rows it contains, with its own row numbers."""
    found: list[set[int]] = [set() for _ in offsets]
    for row in rows:
        number = bisect_right(offsets, row) - 1
        found[number].add(row - offsets[number])
    return [*found]


def offset(found: Iterable[Iterable[int]], offsets: Sequence[int]) -> list[Sequence[int]]:
    """Return one list per segment as global rows, without the empty ones."""
    lists = ([*map(first.__add__, rows)] for first, rows in zip(offsets, found, strict=True))
    return [rows for rows in lists if rows]


def among(found: RowSet, rows: Sequence[int], first: int) -> list[int]:
    """Return which rows of a segment that begins at `first` are in a global set."""
    return [row for row in map(first.__add__, rows) if row in found]
