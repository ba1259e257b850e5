"""Scores of rows in arrays.

takes:    the rows found; words and what they are worth
gives:    see roles.Scores
does not: know queries
traps:    numbers are added in the order of the oracle, so that not even rounding orders hits differently
"""

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from searchkit.index.scoring import weight
from searchkit.index.whoosh.column_types import ROW_ID
from searchkit.index.whoosh.kernels.rows import Vector, mask, vector
from searchkit.index.whoosh.reckoning import Ranked
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments

# To look a row up among those that have a stem takes as long as to count some eight of these.
_SPARSE = 8
# Of so many stems it is remembered how many rows have them, in some 2 MB.
_KEPT_LENGTHS = 10_000
# Of so many times as many blocks as rows are wanted, the best ones leave about as many rows as are wanted.
_BLOCKS = 4


class Frequencies:
    """How often a stem stands in rows. Its length is how many rows have it, which is remembered: to count them takes
    all its rows, to score a few takes only those."""

    def __init__(self, segments: Segments, parts: tuple[str, ...], stem: str) -> None:
        self._row_count = segments.row_count
        self._lists = [(vector(rows), weight(part)) for part in parts for rows in segments.stem_rows(part, stem)]
        self._known: dict[object, int] = segments.kept.setdefault(Frequencies, {})
        self._key = parts, stem

    @cached_property
    def _every(self) -> Vector:
        """How often the stem stands in each row there is."""
        counts = np.zeros(self._row_count, np.uint32)
        for rows, times in self._lists:
            np.add.at(counts, rows, np.uint32(times))
        return counts

    def __len__(self) -> int:
        if self._key not in self._known:
            if len(self._known) >= _KEPT_LENGTHS:
                self._known.clear()
            self._known[self._key] = int(np.count_nonzero(self._every))
        return self._known[self._key]

    def of(self, rows: Vector) -> Vector:
        """How often the stem stands in each of these rows, which ascend."""
        if "_every" in self.__dict__ or len(rows) * _SPARSE > sum(len(own) for own, _ in self._lists):
            return self._every[rows]
        asked = rows.astype(np.uint32)
        counts = np.zeros(len(rows), np.uint32)
        for own, times in self._lists:
            counts += ((np.searchsorted(own, asked, "right") - np.searchsorted(own, asked)) * times).astype(np.uint32)
        return counts


class VectorScores:
    """The scores of the rows found."""

    def __init__(self, segments: Segments, found: Rows) -> None:
        self._segments = segments
        self._rows = mask(found).numbers
        self._scores = np.zeros(len(self._rows))
        self._lengths: dict[tuple[str, ...], Vector] = {}

    def add(self, rows: Rows) -> None:
        """One more for those among these rows."""
        self._scores += mask(rows).bits[self._rows]

    def add_word(
        self, frequencies: Frequencies, parts: tuple[str, ...], best: float, saturation: tuple[float, float]
    ) -> None:
        """BM25 of one word for those that have it."""
        flat, slope = saturation
        if parts not in self._lengths:
            self._lengths[parts] = _lengths(self._segments, parts)[self._rows]
        count = frequencies.of(self._rows)
        self._scores += best * count / (count + flat + slope * self._lengths[parts])

    def leading(self, most: int) -> list[Ranked]:
        """The first `most` by score."""
        return _first(self._segments, -self._scores, self._rows, most)


def _lengths(segments: Segments, parts: tuple[str, ...]) -> Vector:
    """How many words each row has in these fields."""
    if parts not in segments.kept:
        lengths = np.zeros(segments.row_count, np.uint32)
        for first, view in zip(segments.firsts, segments, strict=True):
            for part in parts:
                own = vector(view.row_lengths(part))
                lengths[first : first + len(own)] += np.uint32(weight(part)) * own
        segments.kept[parts] = lengths
    return segments.kept[parts]


def by_day(segments: Segments, rows: Rows, days: Sequence[int], newest: bool, most: int) -> list[Ranked]:
    """The first `most` of `rows` by their `days`, those without one (0) last."""
    numbers = mask(rows).numbers
    ranks = vector(days)[numbers].astype(float)
    return _first(segments, np.where(ranks == 0, math.inf, -ranks if newest else ranks), numbers, most)


def _first(segments: Segments, ranks: Vector, rows: Vector, most: int) -> list[Ranked]:
    if len(ranks) > most:
        ranks, rows = _near_first(ranks, rows, most)
        last = np.partition(ranks, most - 1)[most - 1]
        sure, equal = np.flatnonzero(ranks < last), np.flatnonzero(ranks == last)
        ranks = np.append(ranks[sure], np.full(len(equal), last))
        rows = np.append(rows[sure], rows[equal])
        # Of many that equal the last, those with the least ids stay, of each segment so many as may be needed.
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
    """Some of these rows, among them the first `most`: all that are no worse than the best ones of that many blocks."""
    size = len(ranks) // (_BLOCKS * most)
    if size < _BLOCKS:
        return ranks, rows
    blocks = ranks[: len(ranks) // size * size].reshape(-1, size).min(axis=1)
    near = np.flatnonzero(ranks <= np.partition(blocks, most - 1)[most - 1])
    return ranks[near], rows[near]


def _bounds(segments: Segments, rows: Vector) -> Vector:
    """Where in `rows` those of the second segment begin, and of each after it."""
    return np.searchsorted(rows, segments.firsts[1:])


def _least(segments: Segments, number: int, rows: Vector, most: int) -> Vector:
    """The `most` of these rows of one segment that have the least ids; codes are in the order of ids."""
    if len(rows) <= most:
        return rows
    codes = vector(segments.views[number].column(ROW_ID).codes)[rows - segments.firsts[number]]
    return rows[np.argpartition(codes, most - 1)[:most]]
