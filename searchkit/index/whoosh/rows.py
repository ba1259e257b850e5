"""Sets of rows of one segment, or of all, whose rows are numbered through.

takes:    lists of row numbers
gives:    sets that know `&`, `|`, `-`, their size and their members
does not: say how a set is kept: `set_of_rows` makes Python's own, vectors/rows.py makes masks
traps:    sets are shared between questions and must not be changed
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence, Set
from typing import TypeAlias

Rows: TypeAlias = Set[int]
MakeRows: TypeAlias = Callable[[Iterable[Iterable[int]]], Rows]
"""Makes one set of the rows in all lists given."""


def set_of_rows(lists: Iterable[Iterable[int]]) -> set[int]:
    """Python's own set."""
    found: set[int] = set()
    for rows in lists:
        found.update(rows)
    return found


def joined(found: Sequence[Set[int]], firsts: Sequence[int]) -> set[int]:
    """One set of those of all segments, whose rows begin at `firsts` when they are numbered through."""
    every: set[int] = set()
    for first, rows in zip(firsts, found, strict=True):
        every.update(map(first.__add__, rows))
    return every


def parted(rows: Iterable[int], firsts: Sequence[int]) -> list[Set[int]]:
    """What `joined` joined, by segment."""
    found: list[set[int]] = [set() for _ in firsts]
    for row in rows:
        number = bisect_right(firsts, row) - 1
        found[number].add(row - firsts[number])
    return [*found]


def shifted(found: Iterable[Iterable[int]], firsts: Sequence[int]) -> list[Sequence[int]]:
    """Lists of rows of segments as rows of all; those that hold none are left out."""
    lists = ([*map(first.__add__, rows)] for first, rows in zip(firsts, found, strict=True))
    return [rows for rows in lists if rows]


def among(found: Rows, rows: Sequence[int], first: int) -> list[int]:
    """Those of the rows of a segment that begins at `first` that are in a set."""
    return [row for row in map(first.__add__, rows) if row in found]
