"""Scores of rows in arrays.

takes:    the rows found in one segment; words and what they are worth
gives:    see reckoning.Scores
does not: know queries
traps:    numbers are added in the order of the oracle, so that not even rounding orders hits differently
"""

import math
from collections.abc import Sequence

import numpy as np

from searchkit.index.scoring import weight
from searchkit.index.whoosh.reckoning import Ranked
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.vectors.rows import Vector, mask, vector


class Frequencies:
    """How often a stem stands in each row."""

    def __init__(self, view: SegmentView, parts: tuple[str, ...], stem: str) -> None:
        self.counts = np.zeros(view.row_count, np.uint32)
        for part in parts:
            np.add.at(self.counts, vector(view.terms(part).numbers(stem)), np.uint32(weight(part)))

    def __len__(self) -> int:
        return int(np.count_nonzero(self.counts))


class VectorScores:
    """The scores of the rows found in one segment."""

    def __init__(self, view: SegmentView, found: Rows) -> None:
        self._view = view
        self._rows = mask(found).numbers
        self._scores = np.zeros(len(self._rows))

    def add(self, rows: Rows) -> None:
        """One more for those among these rows."""
        self._scores += mask(rows).bits[self._rows]

    def add_word(
        self, frequencies: Frequencies, parts: tuple[str, ...], best: float, saturation: tuple[float, float]
    ) -> None:
        """BM25 of one word for those that have it."""
        flat, slope = saturation
        counts = frequencies.counts[self._rows]
        having = np.flatnonzero(counts)
        count, length = counts[having], _lengths(self._view, parts)[self._rows[having]]
        self._scores[having] += best * count / (count + flat + slope * length)

    def leading(self, most: int, ids: Sequence[int]) -> list[Ranked]:
        """The first `most` by score."""
        return _first(-self._scores, self._rows, most, ids)


def _lengths(view: SegmentView, parts: tuple[str, ...]) -> Vector:
    """How many words each row has in these fields."""
    if parts not in view.kept:
        lengths = np.zeros(view.row_count, np.uint32)
        for part in parts:
            own = vector(view.row_lengths(part))
            lengths[: len(own)] += np.uint32(weight(part)) * own
        view.kept[parts] = lengths
    return view.kept[parts]


def by_day(rows: Rows, days: Sequence[int], newest: bool, most: int, ids: Sequence[int]) -> list[Ranked]:
    """The first `most` of `rows` by their `days`, those without one (0) last."""
    numbers = mask(rows).numbers
    ranks = vector(days)[numbers].astype(float)
    return _first(np.where(ranks == 0, math.inf, -ranks if newest else ranks), numbers, most, ids)


def _first(ranks: Vector, rows: Vector, most: int, ids: Sequence[int]) -> list[Ranked]:
    if len(ranks) > most:
        last = np.partition(ranks, most - 1)[most - 1]
        sure, equal = ranks < last, np.flatnonzero(ranks == last)
        # Of many that equal the last, those with the least ids stay.
        missing = most - int(np.count_nonzero(sure))
        if len(equal) > missing:
            equal = equal[np.argpartition(vector(ids)[rows[equal]], missing - 1)[:missing]]
        kept = np.concatenate((np.flatnonzero(sure), equal))
        ranks, rows = ranks[kept], rows[kept]
    order = np.lexsort((vector(ids)[rows], ranks))
    return list(zip(ranks[order].tolist(), rows[order].tolist(), strict=True))
