"""Rows that are copies of each other, in arrays.

takes:    the rows found, segment by segment
gives:    see reckoning.Copies
does not: decide which of several is listed (whoosh/copies.py does)
traps:    a group found whole is put in order once and remembered; one found in part is put in order each time
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.reckoning import Place
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.vectors.keys import NumberedKeys
from searchkit.index.whoosh.vectors.rows import Mask, Vector, mask, vector


class VectorGroups:
    """By segment, the rows that stand in a group, and the number of each one's group."""

    def __init__(self, rows: Sequence[Vector], units: Sequence[Vector]) -> None:
        self.rows, self.units = rows, units
        self._every = np.concatenate([np.empty(0, np.uint32), *units])

    def __bool__(self) -> bool:
        return len(self._every) > 0

    def __iter__(self) -> Iterator[list[Place]]:
        return map(self.members, range(len(self.distinct)))

    @cached_property
    def distinct(self) -> Vector:
        """The numbers of the groups."""
        return np.flatnonzero(np.bincount(self._every))

    @cached_property
    def _by_unit(self) -> tuple[Vector, Vector, Vector]:
        """Segments and rows, group by group, and where in them each of `distinct` begins and the last one ends."""
        order = np.argsort(self._every, kind="stable")
        rows = np.concatenate(self.rows)
        segments = np.repeat(np.arange(len(self.rows)), [len(own) for own in self.rows])
        starts = np.searchsorted(self._every[order], self.distinct)
        return segments[order], rows[order], np.append(starts, len(order))

    @property
    def sizes(self) -> Vector:
        """How many rows each of `distinct` has."""
        return np.diff(self._by_unit[2])

    def members(self, place: int) -> list[Place]:
        """The rows of the group that has this place in `distinct`."""
        segments, rows, starts = self._by_unit
        own = slice(starts[place], starts[place + 1])
        return list(zip(segments[own].tolist(), rows[own].tolist(), strict=True))


class VectorCopies:
    """The copies among the rows of one kind of record."""

    def __init__(
        self,
        views: Sequence[SegmentView],
        columns: Sequence[ValueColumn],
        ordered: Callable[[Iterable[Place]], list[Place]],
    ) -> None:
        self._views, self._columns, self._ordered = views, columns, ordered
        self._firsts = np.cumsum([0, *(view.row_count for view in views)])
        self.nothing = VectorGroups([], [])

    @cached_property
    def _keys(self) -> NumberedKeys:
        return NumberedKeys(self._columns)

    @cached_property
    def _whole(self) -> Vector:
        """How many rows, of those not deleted, each group has."""
        return np.bincount(
            np.concatenate(
                [np.empty(0, np.uint32), *self._units_of([view.every_row - view.deleted for view in self._views])[1]]
            ),
            minlength=len(self._keys),
        )

    @cached_property
    def _listed(self) -> Vector:
        """The row that is listed of each group found whole, numbered through all segments; -1 where not yet known."""
        return np.full(len(self._keys), -1)

    def _units_of(self, found: Sequence[Rows]) -> tuple[list[Vector], list[Vector]]:
        every_row, every_unit = [], []
        for column, of_code, rows in zip(self._columns, self._keys.of_code, found, strict=True):
            numbers = (rows & column.valued_rows) if len(column) else Mask(np.empty(0, bool))
            every_row.append(mask(numbers).numbers)
            every_unit.append(of_code[vector(column.codes)[vector(column.ends)[every_row[-1]]]])
        return every_row, every_unit

    def groups(self, found: Sequence[Rows]) -> VectorGroups:
        """Those of the rows `found` that are copies of others of them."""
        if not any(len(column) for column in self._columns):
            return self.nothing
        rows, units = self._units_of(found)
        several = np.bincount(np.concatenate(units)) > 1
        kept = [several[own] for own in units]
        return VectorGroups(
            [own[keep] for own, keep in zip(rows, kept, strict=True)],
            [own[keep] for own, keep in zip(units, kept, strict=True)],
        )

    def without(self, found: Sequence[Rows], groups: VectorGroups) -> Sequence[Rows]:
        """The rows `found` without those that stand behind a copy of them."""
        if not groups:
            return found
        units = groups.distinct
        listed = self._listed[units]
        whole = self._whole[units] == groups.sizes
        for place in np.flatnonzero(~whole | (listed < 0)).tolist():
            number, row = self._ordered(groups.members(place))[0]
            listed[place] = self._firsts[number] + row
        self._listed[units[whole]] = listed[whole]
        left = []
        for first, rows, own, unit_of in zip(self._firsts, found, groups.rows, groups.units, strict=False):
            bits = mask(rows).bits.copy()
            bits[own] = own + first == listed[np.searchsorted(units, unit_of)]
            left.append(Mask(bits))
        return left

    def behind(self, place: Place, groups: VectorGroups) -> list[Place]:
        """The copies that stand behind a row that is listed, in order."""
        number, row = place
        if not groups or not len(codes := self._columns[number].codes_of(row)):
            return []
        unit = self._keys.of_code[number][codes[0]]
        at = int(np.searchsorted(groups.distinct, unit))
        alone = at == len(groups.distinct) or groups.distinct[at] != unit
        return [] if alone else self._ordered(groups.members(at))[1:]
