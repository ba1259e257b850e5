"""Counts of values in dictionaries.

takes:    the rows found; columns; by code, a number that stands for its key
gives:    see roles.Keys, roles.Tallies and roles.Tally
does not: know what a key means
traps:    a row that has several codes of one key, and copies of each other, were counted too often and are corrected
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import chain

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import Rows, joined
from searchkit.index.whoosh.segments import Segments
from searchkit.index.whoosh.sets.copies import SetGroups

# Counted like a key: that a row has no value.
_MISSING = -1


class HashKeys:
    """Keys by their hashes."""

    def __init__(self, columns: Sequence[ValueColumn]) -> None:
        self._columns = columns
        self.of_code = [column.key_hashes for column in columns]

    def codes(self, key: int) -> list[tuple[int, int]]:
        """The segments and codes that have this key."""
        return [(number, code) for number, column in enumerate(self._columns) for code in column.with_key(key)]


class SetTallies:
    """What counts the keys of one field."""

    def __init__(
        self,
        segments: Segments,
        columns: Sequence[ValueColumn],
        of_code: Sequence[Sequence[int]],
        doubled: Sequence[Sequence[int]],
    ) -> None:
        self.segments, self.columns, self.of_code = segments, columns, of_code
        self.doubled = joined([set(rows) for rows in doubled], segments.firsts)

    def over(self, rows: Rows, groups: SetGroups) -> "SetTally":
        """Counts over these rows."""
        return SetTally(self, rows, groups)

    def keys_of(self, row: int) -> list[int]:
        """The keys of a row."""
        number, own = self.segments.place(row)
        return [self.of_code[number][code] for code in self.columns[number].codes_of(own)]


class SetTally:
    """How many rows have each key."""

    def __init__(self, values: SetTallies, rows: Rows, groups: SetGroups) -> None:
        self._counts: list[Counter[int]] = []
        self._totals: dict[int, int] = {}
        self.missing = 0
        for column, keys, own in zip(values.columns, values.of_code, values.segments.parted(rows), strict=True):
            counts, valued = _count_codes(column, own)
            self.missing += len(own) - valued
            self._counts.append(counts)
            for code, count in counts.items():
                key = keys[code]
                self._totals[key] = self._totals.get(key, 0) + count
        alone = values.doubled & rows
        if alone:
            alone = alone.difference(chain.from_iterable(groups))
        for group in chain(groups, ([row] for row in alone)):
            self._count_once(map(values.keys_of, group))
        self.distinct = len(self._totals)

    def _count_once(self, keys_by_row: Iterable[Sequence[int]]) -> None:
        seen: set[int] = set()
        for keys in keys_by_row:
            for key in keys or (_MISSING,):
                if key not in seen:
                    seen.add(key)
                elif key == _MISSING:
                    self.missing -= 1
                else:
                    self._totals[key] -= 1

    def most(self, size: int | None) -> Mapping[int, int]:
        """The greatest counts."""
        if size is None or len(self._totals) <= size:
            return self._totals
        least = nlargest(size, self._totals.values())[-1] if size > 0 else len(self._totals)
        return {key: count for key, count in self._totals.items() if count >= least} if size > 0 else {}

    def total(self, key: int) -> int:
        """The count of one key."""
        return self._totals.get(key, 0)

    def having(self, number: int, code: int) -> int:
        """How many of the rows counted have a code."""
        return self._counts[number][code]


def _count_codes(column: ValueColumn, rows: Rows) -> tuple[Counter[int], int]:
    """How many of `rows` have each code, and how many have any."""
    if not len(column) or not rows:
        return Counter(), 0
    codes, ends = column.quick_codes, column.quick_ends
    if len(rows) == len(ends) - 1:
        return Counter(codes), len(column.valued_rows)
    parts = [codes[ends[row] : ends[row + 1]] for row in rows]
    return Counter(chain.from_iterable(parts)), sum(map(bool, parts))
