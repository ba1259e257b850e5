"""Sets of rows of one segment.

takes:    lists of row numbers
gives:    sets that know `&`, `|`, `-`, their size and their members
does not: say how a set is kept: `set_of_rows` makes Python's own, vectors/rows.py makes masks
traps:    sets are shared between questions and must not be changed
"""

from collections.abc import Callable, Iterable, Set
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
