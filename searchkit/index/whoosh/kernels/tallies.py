"""Count the rows with each key, in arrays. Rows with several codes of one key, and groups of copies, count once."""

from collections.abc import Mapping, Sequence

import numpy as np

from searchkit.index.whoosh.columns import RowSet, ValueColumn
from searchkit.index.whoosh.kernels.copies import Groups
from searchkit.index.whoosh.kernels.rows import Vector, mask, vector
from searchkit.index.whoosh.segments import Segments

# Up to this fraction of all keys, sorting the values is faster than counting in a table of all keys.
SPARSE_FRACTION = 8


class Tallies:
    """Counts the keys of one field: `of_code` has the keys by segment and code; `doubled` rows may have several
    values of one key."""

    def __init__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        of_code: Sequence[Sequence[int]],
        doubled: Sequence[Sequence[int]],
    ) -> None:
        self.columns, self.row_offsets = columns, segments.row_offsets
        none = np.empty(0, np.uint32)
        numbers = [np.asarray(keys, np.uint32) for keys in of_code]
        self.keys = np.concatenate(
            [none, *(keys[vector(column.codes)] for keys, column in zip(numbers, columns, strict=True))]
        )
        self.key_count = max((int(np.max(keys)) + 1 for keys in numbers if len(keys)), default=0)
        sizes = [
            np.diff(vector(column.ends)) if len(column) else np.zeros(view.row_count, np.uint32)
            for view, column in zip(segments, columns, strict=True)
        ]
        self._ends = np.cumsum(np.concatenate([np.zeros(1, np.uint32), *sizes]), dtype=np.uint32)
        self.doubled = np.concatenate(
            [none, *(vector(rows) + first for rows, first in zip(doubled, segments.row_offsets, strict=True))]
        ).astype(np.int64)

    def over(self, rows: RowSet, groups: Groups) -> "Tally":
        """Return the counts over these rows. In each group, and in each doubled row, a key counts once."""
        return Tally(self, rows, groups)

    def of(self, rows: Vector) -> tuple[Vector, Vector]:
        """Return the keys of all these rows, row by row, and how many each row has."""
        starts = self._ends[rows].astype(np.int64)
        sizes = self._ends[rows + 1] - starts
        after = np.cumsum(sizes)
        places = np.arange(after[-1] if len(after) else 0)
        # For each row, the places from its start on.
        places += np.repeat(starts - after + sizes, sizes)
        return self.keys[places], sizes


class Tally:
    """The number of rows with each key. `missing` rows have none; `distinct` counts the keys."""

    def __init__(self, values: Tallies, rows: RowSet, groups: Groups) -> None:
        self._values, self._bits = values, mask(rows).bits
        chosen = mask(rows).numbers
        keys, sizes = values.of(chosen)
        self.missing = len(chosen) - int(np.count_nonzero(sizes))
        if len(keys) * SPARSE_FRACTION < values.key_count:
            self._keys: Vector
            self._keys, self._counts = np.unique(keys, return_counts=True)
        else:
            table = np.bincount(keys)
            self._keys = np.flatnonzero(table)
            self._counts = table[self._keys]
        if groups or len(values.doubled):
            self._count_once(values, groups, values.doubled[self._bits[values.doubled]])
        self.distinct = len(self._keys)

    def _count_once(self, values: Tallies, groups: Groups, doubled: Vector) -> None:
        """Count each key once per group of rows, and once per doubled row."""
        chosen, unit_of = groups.rows, groups.units
        if len(doubled):
            alone = np.setdiff1d(doubled, chosen, assume_unique=True)
            following = int(unit_of.max()) + 1 if len(unit_of) else 0
            chosen = np.append(chosen, alone)
            unit_of = np.append(unit_of, np.arange(following, following + len(alone)))
        keys, sizes = values.of(chosen)
        # Unit and key in one number.
        distinct, times = np.unique(np.repeat(unit_of, sizes) * values.key_count + keys, return_counts=True)
        several = times > 1
        again = distinct[several] % max(values.key_count, 1)
        np.subtract.at(self._counts, np.searchsorted(self._keys, again), times[several] - 1)
        empty = unit_of[sizes == 0]
        if len(empty):
            self.missing -= len(empty) - len(np.unique(empty))

    def most(self, size: int | None) -> Mapping[int, int]:
        """Return the counts of the `size` most frequent keys, with those equal to the last; by default of all."""
        keys, counts = self._keys, self._counts
        if size is not None and size < len(keys):
            shown = counts >= np.partition(counts, -size)[-size] if size > 0 else slice(0)
            keys, counts = keys[shown], counts[shown]
        return dict(zip(keys.tolist(), counts.tolist(), strict=True))

    def total(self, key: int) -> int:
        place = int(np.searchsorted(self._keys, key))
        return int(self._counts[place]) if place < len(self._keys) and self._keys[place] == key else 0

    def having(self, number: int, code: int) -> int:
        """Return how many of the counted rows have a code of one segment."""
        rows = vector(self._values.columns[number].own_rows(code)) + np.uint32(self._values.row_offsets[number])
        return int(np.count_nonzero(self._bits[rows]))
