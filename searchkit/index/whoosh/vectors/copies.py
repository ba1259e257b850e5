"""Rows that are copies of each other, in arrays.

takes:    the rows found
gives:    see roles.Copies
does not: decide which of several is listed (whoosh/copies.py does)
traps:    a group found whole is put in order once and remembered; one found in part is put in order each time
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments
from searchkit.index.whoosh.vectors.keys import NumberedKeys
from searchkit.index.whoosh.vectors.rows import Mask, Vector, mask, vector


class VectorGroups:
    """The rows that stand in a group, ascending, and the number of each one's group."""

    def __init__(self, rows: Vector, units: Vector) -> None:
        self.rows, self.units = rows, units

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    def __iter__(self) -> Iterator[list[int]]:
        return map(self.members, range(len(self.distinct)))

    @cached_property
    def sizes(self) -> Vector:
        """How many rows each group has, by its number."""
        return np.bincount(self.units)

    @cached_property
    def distinct(self) -> Vector:
        """The numbers of the groups, ascending."""
        return np.flatnonzero(self.sizes)

    @cached_property
    def _by_unit(self) -> tuple[Vector, Vector]:
        """The rows group by group, and where in them those of each of `distinct` end."""
        return self.rows[np.argsort(self.units, kind="stable")], np.cumsum(self.sizes[self.distinct])

    def members(self, place: int) -> list[int]:
        """The rows of the group that has this place in `distinct`."""
        rows, ends = self._by_unit
        own: list[int] = rows[ends[place - 1] if place else 0 : ends[place]].tolist()
        return own


class VectorCopies:
    """The copies among the rows of one kind of record."""

    def __init__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        ordered: Callable[[Iterable[int]], list[int]],
    ) -> None:
        self._segments, self._columns, self._ordered = segments, columns, ordered
        self.nothing = VectorGroups(np.empty(0, np.int64), np.empty(0, np.int64))

    @cached_property
    def _grouped(self) -> tuple[Vector, Vector]:
        """All rows with the number of a group, deleted ones included, and these numbers; a row has no more than one."""
        every_row, every_unit = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for first, column, of_code in zip(
            self._segments.firsts, self._columns, NumberedKeys(self._columns).of_code, strict=True
        ):
            if len(column):
                rows = np.flatnonzero(np.diff(vector(column.ends)))
                every_row.append(rows + first)
                every_unit.append(of_code[vector(column.codes)[vector(column.ends)[rows]]])
        return np.concatenate(every_row), np.concatenate(every_unit).astype(np.int64)

    @cached_property
    def _whole(self) -> Vector:
        """How many rows, of those not deleted, each group has."""
        rows, units = self._grouped
        lives = ~mask(self._segments.deleted).bits[rows]
        return np.bincount(units[lives], minlength=int(units.max(initial=-1)) + 1)

    @cached_property
    def _listed(self) -> Vector:
        """The row that is listed of each group found whole; -1 where not yet known."""
        return np.full(len(self._whole), -1)

    @cached_property
    def _unit_of(self) -> Vector:
        """By row, the number of its group; -1 where it has none."""
        rows, units = self._grouped
        unit_of = np.full(self._segments.row_count, -1, np.int32)
        unit_of[rows] = units
        return unit_of

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        """How many records these rows are, copies of each other as one."""
        every = np.concatenate([vector(rows) for rows in lists]).astype(np.int64)
        units = self._unit_of[every]
        # Most values have few rows, which a set of Python counts faster.
        return len(set(np.where(units < 0, ~every, units).tolist()))

    def groups(self, found: Rows) -> VectorGroups:
        """Those of the rows `found` that are copies of others of them."""
        rows, units = self._grouped
        if not len(rows):
            return self.nothing
        matched = mask(found).bits[rows]
        rows, units = rows[matched], units[matched]
        several = np.bincount(units)[units] > 1
        return VectorGroups(rows[several], units[several])

    def without(self, found: Rows, groups: VectorGroups) -> Rows:
        """The rows `found` without those that stand behind a copy of them."""
        if not groups:
            return found
        units = groups.distinct
        listed = self._listed[units]
        whole = self._whole[units] == groups.sizes[units]
        for place in np.flatnonzero(~whole | (listed < 0)).tolist():
            listed[place] = self._ordered(groups.members(place))[0]
        self._listed[units[whole]] = listed[whole]
        bits = mask(found).bits.copy()
        bits[groups.rows] = False
        bits[listed] = True
        return Mask(bits)

    def behind(self, row: int, groups: VectorGroups) -> list[int]:
        """The copies that stand behind a row that is listed, in order."""
        at = int(np.searchsorted(groups.rows, row))
        if at == len(groups.rows) or groups.rows[at] != row:
            return []
        return self._ordered(groups.members(int(np.searchsorted(groups.distinct, groups.units[at]))))[1:]
