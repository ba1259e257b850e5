"""Rows that are copies of each other, in dictionaries.

takes:    the rows found
gives:    see roles.Copies
does not: decide which of several is listed (whoosh/copies.py does)
traps:    rows without copies are never looked at, so that they cost nothing
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.copies import Order
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments


class SetGroups:
    """Groups of copies, by the hash of what names each."""

    def __init__(self, by_key: dict[int, list[int]]) -> None:
        self.by_key = by_key

    def __bool__(self) -> bool:
        return bool(self.by_key)

    @property
    def hidden(self) -> int:
        """How many rows stand behind others."""
        return sum(map(len, self.by_key.values())) - len(self.by_key)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.by_key.values())


class SetCopies:
    """The copies among the rows of one kind of record."""

    def __init__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        order: Order,
    ) -> None:
        self._segments, self._columns, self._order = segments, columns, order
        self.nothing = SetGroups({})

    @cached_property
    def _grouped(self) -> Rows:
        """All rows that have copies."""
        return self._segments.joined([column.valued_rows for column in self._columns])

    def _key(self, row: int) -> int:
        number, own = self._segments.place(row)
        column = self._columns[number]
        return column.key_hashes[column.codes[column.ends[own]]]

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        """How many records these rows are, copies of each other as one."""
        rows = set(chain.from_iterable(lists))
        grouped = rows & self._grouped
        return len(rows) - len(grouped) + len(set(map(self._key, grouped)))

    def groups(self, found: Rows) -> SetGroups:
        """Those of the rows `found` that are copies of others of them."""
        groups: dict[int, list[int]] = {}
        for row in found & self._grouped:
            groups.setdefault(self._key(row), []).append(row)
        return SetGroups({key: rows for key, rows in groups.items() if len(rows) > 1})

    def listed(self, rows: Sequence[int], groups: SetGroups) -> list[bool]:
        """Row by row: whether it stands behind no copy of it."""
        return [self.together(row, groups)[0] == row for row in rows]

    def together(self, row: int, groups: SetGroups) -> Sequence[int]:
        """The copies of a row and itself in order."""
        copies = groups.by_key.get(self._key(row)) if groups and row in self._grouped else None
        return self._order.of(copies) if copies else [row]
