"""Rows that are copies of each other, in dictionaries.

takes:    the rows found, segment by segment
gives:    see reckoning.Copies
does not: decide which of several is listed (whoosh/copies.py does)
traps:    rows without copies are never looked at, so that they cost nothing
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.reckoning import Place
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import SegmentView


class SetGroups:
    """Groups of copies, by the hash of what names each."""

    def __init__(self, by_key: dict[int, list[Place]]) -> None:
        self.by_key = by_key

    def __bool__(self) -> bool:
        return bool(self.by_key)

    def __iter__(self) -> Iterator[list[Place]]:
        return iter(self.by_key.values())


class SetCopies:
    """The copies among the rows of one kind of record."""

    def __init__(
        self,
        views: Sequence[SegmentView],
        columns: Sequence[ValueColumn],
        ordered: Callable[[Iterable[Place]], list[Place]],
    ) -> None:
        self._views, self._columns, self._ordered = views, columns, ordered
        self.nothing = SetGroups({})

    def groups(self, found: Sequence[Rows]) -> SetGroups:
        """Those of the rows `found` that are copies of others of them."""
        groups: dict[int, list[Place]] = {}
        for number, (column, rows) in enumerate(zip(self._columns, found, strict=True)):
            if len(column):
                codes, ends, keys = column.codes, column.ends, column.key_hashes
                for row in rows & column.valued_rows:
                    groups.setdefault(keys[codes[ends[row]]], []).append((number, row))
        return SetGroups({key: places for key, places in groups.items() if len(places) > 1})

    def without(self, found: Sequence[Rows], groups: SetGroups) -> Sequence[Rows]:
        """The rows `found` without those that stand behind a copy of them."""
        hidden: list[list[int]] = [[] for _ in self._views]
        for places in groups:
            for number, row in self._ordered(places)[1:]:
                hidden[number].append(row)
        return [
            rows - view.make_rows([own]) if own else rows
            for view, rows, own in zip(self._views, found, hidden, strict=True)
        ]

    def behind(self, place: Place, groups: SetGroups) -> list[Place]:
        """The copies that stand behind a row that is listed, in order."""
        number, row = place
        column = self._columns[number]
        if not groups or not len(codes := column.codes_of(row)):
            return []
        return self._ordered(groups.by_key.get(column.key_hashes[codes[0]], [place]))[1:]
