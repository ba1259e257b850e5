"""Sets of rows as masks: one byte a row.

takes:    lists of row numbers
gives:    sets (rows.py)
does not: change a mask once it is made
traps:    reading members one by one is slow; `numbers` has them all
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from searchkit.index.whoosh.rows import MakeRows, Rows

Vector: TypeAlias = NDArray[Any]


def vector(numbers: Iterable[int]) -> Vector:
    """Row numbers, positions or codes as an array; sections of a file are not copied."""
    return np.asarray(numbers if hasattr(numbers, "__getitem__") else list(numbers), dtype=np.uint32)


class Mask(Set[int]):
    """The rows for which `bits` is true."""

    __slots__ = ("_numbers", "bits")

    def __init__(self, bits: NDArray[np.bool_]) -> None:
        self.bits = bits
        self._numbers: Vector | None = None

    @property
    def numbers(self) -> Vector:
        """The rows, ascending."""
        if self._numbers is None:
            self._numbers = np.flatnonzero(self.bits)
        return self._numbers

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and 0 <= row < len(self.bits) and bool(self.bits[row])

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers.tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self.bits))

    def __bool__(self) -> bool:
        return bool(self.bits.any())

    def __sizeof__(self) -> int:
        return object.__sizeof__(self) + self.bits.nbytes

    def _other(self, other: Rows) -> NDArray[np.bool_]:
        if isinstance(other, Mask):
            return other.bits
        bits = np.zeros(len(self.bits), bool)
        bits[vector(other)] = True
        return bits

    def __and__(self, other: Set[Any]) -> "Mask":
        return Mask(self.bits & self._other(other))

    def __or__(self, other: Set[Any]) -> "Mask":
        return Mask(self.bits | self._other(other))

    def __sub__(self, other: Set[Any]) -> "Mask":
        # Always another mask: what is found and then read keeps its numbers no longer than it is needed.
        return Mask(self.bits & ~self._other(other) if other else self.bits)

    __hash__ = None  # type: ignore[assignment]  # like every set that is no frozenset


def mask_maker(row_count: int) -> MakeRows:
    """Makes masks for a segment of `row_count` rows."""

    def make(lists: Iterable[Iterable[int]]) -> Mask:
        bits = np.zeros(row_count, bool)
        for rows in lists:
            if isinstance(rows, range):
                bits[rows.start : rows.stop] = True
            else:
                bits[vector(rows)] = True
        return Mask(bits)

    return make


def mask(rows: Rows) -> Mask:
    """Rows that were made by `mask_maker`."""
    if not isinstance(rows, Mask):
        raise TypeError("these rows were not made for numpy")
    return rows


def joined(found: Sequence[Rows], _firsts: Sequence[int]) -> Mask:
    """One mask of those of all segments, whose rows are numbered through."""
    return Mask(np.concatenate([np.empty(0, bool), *(mask(rows).bits for rows in found)]))


def parted(rows: Rows, firsts: Sequence[int]) -> list[Rows]:
    """What `joined` joined, by segment."""
    return [*map(Mask, np.split(mask(rows).bits, firsts[1:]))] if firsts else []


def shifted(found: Iterable[Iterable[int]], firsts: Sequence[int]) -> list[Sequence[int]]:
    """Lists of rows of segments as rows of all; those that hold none are left out."""
    lists = zip(firsts, map(vector, found), strict=True)
    return [cast(Sequence[int], rows + np.uint32(first) if first else rows) for first, rows in lists if len(rows)]


def among(found: Rows, rows: Sequence[int], first: int) -> Sequence[int]:
    """Those of the rows of a segment that begins at `first` that are in a set."""
    own = vector(rows) + np.uint32(first)
    return cast(Sequence[int], own[mask(found).bits[own]])
