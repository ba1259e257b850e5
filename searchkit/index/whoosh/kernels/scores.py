"""Score and order rows in arrays. Numbers are added in the order of the oracle, so that scores are exactly equal."""

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from searchkit.index.ranking import K1, idf, tf_norm, weight
from searchkit.index.whoosh.columns import ROW_ID, RowSet
from searchkit.index.whoosh.kernels.rows import Vector, mask, vector
from searchkit.index.whoosh.segments import Segments

if TYPE_CHECKING:
    from searchkit.index.whoosh.backend import Ranked

# Looking up a row in a posting list takes as long as counting this many of its rows.
LOOKUP_COST = 8
# Number of stems whose document counts are kept, about 2 MB.
CACHE_SIZE = 10_000
# Preselection of the best rows uses this many blocks for each row wanted.
BLOCKS_PER_ROW = 4


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
    """Implements `backend.Scores`."""

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

    def best(self, count: int) -> "list[Ranked]":
        return _first(self._segments, -self._scores, self._rows, count)


def _lengths(segments: Segments, parts: tuple[str, ...]) -> Vector:
    lengths = np.zeros(segments.row_count, np.uint32)
    for first, view in zip(segments.row_offsets, segments, strict=True):
        for part in parts:
            own = vector(view.row_lengths(part))
            lengths[first : first + len(own)] += np.uint32(weight(part)) * own
    return lengths


def by_day(segments: Segments, rows: RowSet, newest: bool, count: int) -> "list[Ranked]":
    numbers = mask(rows).numbers
    ranks = vector(segments.days)[numbers].astype(float)
    return _first(segments, np.where(ranks == 0, math.inf, -ranks if newest else ranks), numbers, count)


def _first(segments: Segments, ranks: Vector, rows: Vector, most: int) -> "list[Ranked]":
    if len(ranks) > most:
        ranks, rows = _near_first(ranks, rows, most)
        last = np.partition(ranks, most - 1)[most - 1]
        sure, equal = np.flatnonzero(ranks < last), np.flatnonzero(ranks == last)
        ranks = np.append(ranks[sure], np.full(len(equal), last))
        rows = np.append(rows[sure], rows[equal])
        # Of many that equal the last, keep those with the lowest ids, from each segment as many as may be needed.
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
    """Return the `most` rows of one segment with the lowest ids; codes are in the order of ids."""
    if len(rows) <= most:
        return rows
    codes = vector(segments.views[number].column(ROW_ID).codes)[rows - segments.row_offsets[number]]
    return rows[np.argpartition(codes, most - 1)[:most]]


scores = Scores
