"""Counts of values in arrays.

takes:    the rows found, segment by segment; columns; by code, a number that stands for its key
gives:    see reckoning.Keys and reckoning.Tally
does not: know what a key means
traps:    a row that has several codes of one key, and copies of each other, were counted too often and are corrected
"""

from collections.abc import Mapping, Sequence

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.vectors.copies import VectorGroups
from searchkit.index.whoosh.vectors.rows import Vector, mask, vector

# Fewer values than a fraction of all keys are sorted; more are counted in a table of all keys.
_SPARSE = 8


class VectorTally:
    """How many rows have each key."""

    def __init__(
        self,
        columns: Sequence[ValueColumn],
        of_code: Sequence[Sequence[int]],
        rows: Sequence[Rows],
        groups: VectorGroups,
        doubled: Sequence[Sequence[int]],
    ) -> None:
        self._columns, self._rows = columns, rows
        numbers = [np.asarray(keys, np.uint32) for keys in of_code]
        self.missing = 0
        found = [np.empty(0, np.uint32)]
        for column, keys, own in zip(columns, numbers, rows, strict=True):
            chosen = mask(own).numbers
            codes, sizes = _all_codes(column) if len(chosen) + 1 == len(column.ends) else _codes_of(column, chosen)
            found.append(keys[codes])
            self.missing += len(chosen) - int(np.count_nonzero(sizes))
        values = np.concatenate(found)
        if len(values) * _SPARSE < sum(map(len, numbers)):
            self._keys: Vector
            self._keys, self._counts = np.unique(values, return_counts=True)
        else:
            table = np.bincount(values)
            self._keys = np.flatnonzero(table)
            self._counts = table[self._keys]
        if groups or any(len(own) for own in doubled):
            self._count_once(numbers, groups, doubled)
        self.distinct = len(self._keys)

    def _count_once(self, numbers: Sequence[Vector], groups: VectorGroups, doubled: Sequence[Sequence[int]]) -> None:
        """Of the rows of a group, and of a doubled row by itself, each key counts once."""
        pairs = [np.empty(0, np.int64)]  # unit and key in one number
        every = int(self._keys[-1]) + 1 if len(self._keys) else 1
        unit_of_empty = [np.empty(0, np.int64)]
        following = int(groups.distinct[-1]) + 1 if groups else 0
        for place, (column, keys, several) in enumerate(zip(self._columns, numbers, doubled, strict=True)):
            chosen, unit_of = np.empty(0, np.int64), np.empty(0, np.int64)
            if groups:
                chosen, unit_of = groups.rows[place], groups.units[place].astype(np.int64)
            if len(several):
                rows = vector(several)
                alone = np.setdiff1d(rows[mask(self._rows[place]).bits[rows]], chosen, assume_unique=True)
                unit_of = np.append(unit_of, np.arange(following, following + len(alone)))
                chosen = np.append(chosen, alone)
                following += len(alone)
            codes, sizes = _codes_of(column, chosen)
            pairs.append(np.repeat(unit_of, sizes) * every + keys[codes])
            unit_of_empty.append(unit_of[sizes == 0])
        distinct, times = np.unique(np.concatenate(pairs), return_counts=True)
        np.subtract.at(self._counts, np.searchsorted(self._keys, distinct % every), times - 1)
        empty = np.concatenate(unit_of_empty)
        if len(empty):
            self.missing -= len(empty) - len(np.unique(empty))

    def most(self, size: int | None) -> Mapping[int, int]:
        """The greatest counts."""
        keys, counts = self._keys, self._counts
        if size is not None and size < len(keys):
            shown = counts >= np.partition(counts, -size)[-size] if size > 0 else slice(0)
            keys, counts = keys[shown], counts[shown]
        return dict(zip(keys.tolist(), counts.tolist(), strict=True))

    def total(self, key: int) -> int:
        """The count of one key."""
        return int(self._counts[self._keys == key].sum())

    def having(self, number: int, code: int) -> int:
        """How many of the rows counted have a code."""
        return int(np.count_nonzero(mask(self._rows[number]).bits[vector(self._columns[number].own_rows(code))]))


def _all_codes(column: ValueColumn) -> tuple[Vector, Vector]:
    """The codes of every row, and how many each has."""
    return vector(column.codes), np.diff(vector(column.ends))


def _codes_of(column: ValueColumn, rows: Vector) -> tuple[Vector, Vector]:
    """The codes of all these rows, one row after another, and how many each has."""
    if not len(column):
        return np.empty(0, np.uint32), np.zeros(len(rows), np.int64)
    codes, ends = vector(column.codes), vector(column.ends)
    starts = ends[rows].astype(np.int64)
    sizes = ends[rows + 1] - starts
    # Places of the codes: for each row those from its start on.
    shifts = starts - np.cumsum(sizes) + sizes
    return codes[np.repeat(shifts, sizes) + np.arange(sizes.sum())], sizes
