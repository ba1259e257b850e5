"""Sets of rows as numpy masks, one byte per row; the functions are those of `whoosh.rows`."""

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from searchkit.index.whoosh.columns import MakeRows, RowSet

Vector: TypeAlias = NDArray[Any]


def vector(numbers: Iterable[int]) -> Vector:
    """Return row numbers, positions or codes as an array; sections of a file are not copied."""
    return np.asarray(numbers if hasattr(numbers, "__getitem__") else list(numbers), dtype=np.uint32)


class Mask(Set[int]):
    """The rows for which `bits` is true."""

    __slots__ = ("_numbers", "bits")

    def __init__(self, bits: NDArray[np.bool_]) -> None:
        self.bits = bits
        self._numbers: Vector | None = None

    @property
    def numbers(self) -> Vector:
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

    def _other(self, other: RowSet) -> NDArray[np.bool_]:
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
        # Always a new mask, so that cached masks do not keep their numbers.
        return Mask(self.bits & ~self._other(other) if other else self.bits)

    __hash__ = None  # type: ignore[assignment]  # like every mutable set


def row_maker(row_count: int) -> MakeRows:
    def make(lists: Iterable[Iterable[int]]) -> Mask:
        bits = np.zeros(row_count, bool)
        for rows in lists:
            if isinstance(rows, range):
                bits[rows.start : rows.stop] = True
            else:
                bits[vector(rows)] = True
        return Mask(bits)

    return make


def mask(rows: RowSet) -> Mask:
    """Return a set made by this module, with its type."""
    if not isinstance(rows, Mask):
        raise TypeError("not a mask")
    return rows


def to_global(found: Sequence[RowSet], offsets: Sequence[int]) -> Mask:
    del offsets
    return Mask(np.concatenate([np.empty(0, bool), *(mask(rows).bits for rows in found)]))


def to_local(rows: RowSet, offsets: Sequence[int]) -> list[RowSet]:
    return [*map(Mask, np.split(mask(rows).bits, offsets[1:]))] if offsets else []


def offset(found: Iterable[Iterable[int]], offsets: Sequence[int]) -> list[Sequence[int]]:
    lists = zip(offsets, map(vector, found), strict=True)
    return [cast(Sequence[int], rows + np.uint32(first) if first else rows) for first, rows in lists if len(rows)]


def among(found: RowSet, rows: Sequence[int], first: int) -> Sequence[int]:
    own = vector(rows) + np.uint32(first)
    return cast(Sequence[int], own[mask(found).bits[own]])
