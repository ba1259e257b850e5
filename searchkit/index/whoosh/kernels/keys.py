"""Compare values across segments: number the keys of a field, join statements with their documents, and group copies.

Deleted rows and rows without copies have no group.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from searchkit.index.whoosh import pure
from searchkit.index.whoosh.coding import Vector, vector
from searchkit.index.whoosh.columns import COPIES, RowSet, ValueColumn
from searchkit.index.whoosh.kernels.rows import mask
from searchkit.index.whoosh.segments import Segments, Stated


class Keys:
    """The keys of one field, numbered in order of their `hashes`. `of_code` has the key by segment and code."""

    def __init__(self, columns: Sequence[ValueColumn]) -> None:
        hashes = np.concatenate([np.empty(0, np.uint64), *(np.asarray(column.key_hashes) for column in columns)])
        firsts = np.cumsum([0, *map(len, columns)])
        order = np.argsort(hashes, kind="stable")
        # Segments and codes, by key.
        self._segments = (np.searchsorted(firsts, order, "right") - 1).astype(np.uint16)
        self._codes = (order - firsts[self._segments]).astype(np.uint32)
        ordered = hashes[order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, bool)
        self._starts = np.append(np.flatnonzero(new), len(ordered))
        self.hashes = ordered[new]
        numbers = np.empty(len(hashes), np.uint32)
        numbers[order] = np.cumsum(new) - 1
        self.of_code: Sequence[Any] = np.split(numbers, firsts[1:-1]) if columns else []

    def __len__(self) -> int:
        return len(self._starts) - 1

    def codes(self, key: int) -> list[tuple[int, int]]:
        own = slice(self._starts[key], self._starts[key + 1])
        return list(zip(self._segments[own].tolist(), self._codes[own].tolist(), strict=True))


def keys(segments: Segments, name: str) -> Keys:
    return segments.cached(("keys", name), lambda: Keys([view.column(name) for view in segments]))


def codes_among(column: ValueColumn, wanted: Collection[bytes]) -> Sequence[int]:
    if not isinstance(column.packed_ends, range):  # ids of several lengths
        return column.codes_among(wanted)
    width = column.packed_ends.step
    return _places(
        _ids(column, f"S{width}"), np.array(sorted(known for known in wanted if len(known) == width), f"S{width}")
    )


def join_documents(stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    stated = [(column, rows) for column, rows in stated if rows]
    lengths = {length for column in (*(column for column, _ in stated), *columns) for length in _lengths(column)}
    if len(lengths) != 1:  # numpy ignores zeros at the end of ids, so they must have one length
        return pure.join_documents(stated, columns)
    kind = f"S{lengths.pop()}"
    found = [_ids(column, kind)[np.asarray(column.codes)[mask(rows).numbers]] for column, rows in stated]
    wanted = np.unique(np.concatenate([np.empty(0, kind), *found]))
    return [_places(_ids(column, kind), wanted) for column in columns]


def _lengths(column: ValueColumn) -> set[int]:
    own = np.diff(vector(column.packed_ends))
    return {int(own.min()), int(own.max())} if len(own) else set()


def _ids(column: ValueColumn, kind: str) -> Vector:
    return np.frombuffer(column.packed, kind)


def _places(ids: Vector, wanted: Vector) -> list[int]:
    """Return where the wanted ids are; both lists are sorted."""
    places = np.searchsorted(ids, wanted)
    within = places < len(ids)
    found: list[int] = places[within][ids[places[within]] == wanted[within]].tolist()
    return found


# --- copies -----------------------------------------------------------------------------------------------------------


class Groups:
    """The ascending rows of `found` that belong to a group, and the group of each; `hidden` rows are not listed."""

    def __init__(self, found: Vector, rows: Vector, units: Vector, count: int) -> None:
        self.found, self.rows, self.units = found, rows, units
        self.hidden = len(rows) - count

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    def __iter__(self) -> Iterator[list[int]]:
        order = np.argsort(self.units, kind="stable")
        ends = np.flatnonzero(np.diff(self.units[order])) + 1
        return (rows.tolist() for rows in np.split(self.rows[order], ends)) if self else iter(())


class Copies:
    """Implements `Copies` of a backend."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._columns = [view.column(COPIES) for view in segments]

    @cached_property
    def _grouped(self) -> tuple[Vector, Vector]:
        """The live rows with a group, and the number of the group; a row has at most one."""
        every_row, every_unit = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for first, column, of_code in zip(
            self._segments.row_offsets, self._columns, Keys(self._columns).of_code, strict=True
        ):
            if len(column):
                rows = np.flatnonzero(np.diff(vector(column.ends)))
                every_row.append(rows + first)
                every_unit.append(of_code[vector(column.codes)[vector(column.ends)[rows]]])
        rows, units = np.concatenate(every_row), np.concatenate(every_unit).astype(np.int64)
        lives = ~mask(self._segments.deleted).bits[rows]
        return rows[lives], units[lives]

    @cached_property
    def _by_unit(self) -> tuple[Vector, Vector]:
        """The rows by group, and where those of each group begin."""
        rows, units = self._grouped
        return rows[np.argsort(units, kind="stable")], np.append(0, np.cumsum(np.bincount(units)))

    def _in_order(self, unit: int, groups: Groups) -> Sequence[int]:
        """Return the rows of a group that were found, in order."""
        every, starts = self._by_unit
        copies = every[starts[unit] : starts[unit + 1]]
        return self._segments.copies_in_order(copies[groups.found[copies]].tolist())

    @cached_property
    def _unit_of(self) -> Vector:
        """By row, the number of its group; -1 for none."""
        rows, units = self._grouped
        unit_of = np.full(self._segments.row_count, -1, np.int32)
        unit_of[rows] = units
        return unit_of

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        every = np.concatenate([vector(rows) for rows in lists]).astype(np.int64)
        units = self._unit_of[every]
        # Most values have few rows, which a Python set counts faster.
        return len(set(np.where(units < 0, ~every, units).tolist()))

    def groups(self, found: RowSet) -> Groups:
        numbers = mask(found).numbers
        units = self._unit_of[numbers]
        grouped = np.flatnonzero(units >= 0)
        rows, units = numbers[grouped], units[grouped].astype(np.int64)  # facets.py multiplies them
        counts = np.bincount(units)
        several = counts[units] > 1
        return Groups(mask(found).bits, rows[several], units[several], int(np.count_nonzero(counts > 1)))

    def listed(self, rows: Sequence[int], groups: Groups) -> list[bool]:
        units = self._unit_of[np.asarray(rows, np.int64)].tolist()
        first = {unit: self._in_order(unit, groups)[0] for unit in set(units) if unit >= 0}
        return [first.get(unit, row) == row for row, unit in zip(rows, units, strict=True)]

    def together(self, row: int, groups: Groups) -> Sequence[int]:
        unit = int(self._unit_of[row]) if groups else -1
        return [row] if unit < 0 else self._in_order(unit, groups)


def copies(segments: Segments) -> Copies:
    return segments.cached("copies", lambda: Copies(segments))
