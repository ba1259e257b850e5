"""Sets of rows as numpy masks, one byte per row, and their scores and order.

Numbers are added in the order of the oracle, so that scores are exactly equal. Functions without a docstring implement
`Backend` of index/whoosh/segments.py, which documents them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from searchkit.index.ranking import K1, idf, tf_norm, weight
from searchkit.index.whoosh.coding import Vector, vector
from searchkit.index.whoosh.columns import DOCUMENT_ID, MakeRows, RowSet
from searchkit.index.whoosh.segments import Ranked, Segments

# Looking up a row in a posting list takes as long as counting this many of its rows.
LOOKUP_COST = 8
# Number of stems whose document counts are kept, about 2 MB.
CACHE_SIZE = 10_000
# Preselection of the best rows uses this many blocks for each row wanted.
BLOCKS_PER_ROW = 4


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


# --- scores and order -------------------------------------------------------------------------------------------------


class _Frequencies:
    """How often a stem occurs in rows. Its length is the number of rows with the stem."""

    def __init__(self, segments: Segments, parts: tuple[str, ...], stem: str) -> None:
        self._row_count = segments.row_count
        self._lists = [(vector(rows), weight(part)) for part in parts for rows in segments.stem_rows(part, stem)]
        self._counts_of: dict[object, int] = segments.cached(_Frequencies, dict)
        self._key = parts, stem

    @cached_property
    def _every(self) -> Vector:
        counts = np.zeros(self._row_count, np.uint32)
        for rows, times in self._lists:
            np.add.at(counts, rows, np.uint32(times))
        return counts

    def __len__(self) -> int:
        if self._key not in self._counts_of:
            if len(self._counts_of) >= CACHE_SIZE:
                self._counts_of.clear()
            self._counts_of[self._key] = int(np.count_nonzero(self._every))
        return self._counts_of[self._key]

    def of(self, rows: Vector) -> Vector:
        if "_every" in self.__dict__ or len(rows) * LOOKUP_COST > sum(len(own) for own, _ in self._lists):
            return self._every[rows]
        asked = rows.astype(np.uint32)
        counts = np.zeros(len(rows), np.uint32)
        for own, times in self._lists:
            counts += ((np.searchsorted(own, asked, "right") - np.searchsorted(own, asked)) * times).astype(np.uint32)
        return counts


class Scores:
    """Implements `Scores` of a backend."""

    def __init__(self, segments: Segments, found: RowSet) -> None:
        self._segments = segments
        self._rows = mask(found).numbers
        self._scores = np.zeros(len(self._rows))
        self._lengths: dict[tuple[str, ...], Vector] = {}

    def add(self, rows: RowSet) -> None:
        self._scores += mask(rows).bits[self._rows]

    def add_word(self, parts: tuple[str, ...], stem: str) -> float:
        segments = self._segments
        frequencies = _Frequencies(segments, parts, stem)
        worth = idf(len(frequencies), segments.row_count)
        flat, slope = tf_norm(segments.length(parts), segments.row_count)
        if parts not in self._lengths:
            self._lengths[parts] = segments.cached(parts, lambda: _lengths(segments, parts))[self._rows]
        count = frequencies.of(self._rows)
        self._scores += worth * (K1 + 1) * count / (count + flat + slope * self._lengths[parts])
        return worth

    def best(self, count: int) -> list[Ranked]:
        return _first(self._segments, -self._scores, self._rows, count)


def _lengths(segments: Segments, parts: tuple[str, ...]) -> Vector:
    lengths = np.zeros(segments.row_count, np.uint32)
    for first, view in zip(segments.row_offsets, segments, strict=True):
        for part in parts:
            own = vector(view.row_lengths(part))
            lengths[first : first + len(own)] += np.uint32(weight(part)) * own
    return lengths


def by_day(segments: Segments, rows: RowSet, newest: bool, count: int) -> list[Ranked]:
    numbers = mask(rows).numbers
    ranks = vector(segments.days)[numbers].astype(float)
    return _first(segments, np.where(ranks == 0, math.inf, -ranks if newest else ranks), numbers, count)


def _first(segments: Segments, ranks: Vector, rows: Vector, most: int) -> list[Ranked]:
    if len(ranks) > most:
        ranks, rows = _near_first(ranks, rows, most)
        last = np.partition(ranks, most - 1)[most - 1]
        sure, equal = np.flatnonzero(ranks < last), np.flatnonzero(ranks == last)
        ranks = np.append(ranks[sure], np.full(len(equal), last))
        rows = np.append(rows[sure], rows[equal])
        # Of many that equal the last, keep those that come first, from each segment as many as may be needed.
        missing = most - len(sure)
        if len(equal) > missing:
            kept = [
                _least(segments, number, own, missing)
                for number, own in enumerate(np.split(rows[len(sure) :], _bounds(segments, rows[len(sure) :])))
            ]
            rows = np.concatenate([rows[: len(sure)], *kept])
            ranks = ranks[: len(rows)]
    return list(zip(ranks.tolist(), rows.tolist(), strict=True))


def _near_first(ranks: Vector, rows: Vector, most: int) -> tuple[Vector, Vector]:
    """Return some of these rows, among them the first `most`: all that are no worse than the best of `most` blocks."""
    size = len(ranks) // (BLOCKS_PER_ROW * most)
    if size < BLOCKS_PER_ROW:
        return ranks, rows
    blocks = ranks[: len(ranks) // size * size].reshape(-1, size).min(axis=1)
    near = np.flatnonzero(ranks <= np.partition(blocks, most - 1)[most - 1])
    return ranks[near], rows[near]


def _bounds(segments: Segments, rows: Vector) -> Vector:
    """Return where in `rows` those of the second and each further segment begin."""
    return np.searchsorted(rows, segments.row_offsets[1:])


def _least(segments: Segments, number: int, rows: Vector, most: int) -> Vector:
    """Return the `most` rows of one segment that come first by document, then in text order; codes are in the order of
    ids."""
    if len(rows) <= most:
        return rows
    codes = vector(segments.views[number].column(DOCUMENT_ID).codes)[rows - segments.row_offsets[number]]
    return rows[np.argpartition(codes * np.int64(segments.row_count) + rows, most - 1)[:most]]


scores = Scores  # Backend.scores
