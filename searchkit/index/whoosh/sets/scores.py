"""Scores of rows in a dictionary.

takes:    the rows found in one segment; words and what they are worth
gives:    see reckoning.Scores
does not: know queries
traps:    numbers are added in the order of the oracle, so that not even rounding orders hits differently
"""

import math
from collections import Counter
from collections.abc import Sequence
from heapq import nlargest, nsmallest

from searchkit.index.scoring import weight
from searchkit.index.whoosh.reckoning import Ranked
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import SegmentView


def frequencies(view: SegmentView, parts: tuple[str, ...], stem: str) -> Counter[int]:
    """How often a stem stands in each row that has it."""
    found: Counter[int] = Counter()
    for part in parts:
        times = weight(part)
        if not found and times == 1:
            found = Counter(view.terms(part).numbers(stem))
        else:
            for row in view.terms(part).numbers(stem):
                found[row] += times
    return found


class SetScores:
    """The scores of the rows found in one segment."""

    def __init__(self, view: SegmentView, found: Rows) -> None:
        self._view = view
        self._scores = dict.fromkeys(found, 0.0)

    def add(self, rows: Rows) -> None:
        """One more for those among these rows."""
        for row in self._scores.keys() & rows:
            self._scores[row] += 1.0

    def add_word(
        self, frequencies: Counter[int], parts: tuple[str, ...], best: float, saturation: tuple[float, float]
    ) -> None:
        """BM25 of one word for those that have it."""
        flat, slope = saturation
        scores, lengths = self._scores, [(weight(part), self._view.row_lengths(part)) for part in parts]
        for row in scores.keys() & frequencies.keys():
            count = frequencies[row]
            length = sum([times * counts[row] for times, counts in lengths if row < len(counts)])
            scores[row] += best * count / (count + flat + slope * length)

    def leading(self, most: int, ids: Sequence[int]) -> list[Ranked]:
        """The first `most` by score."""
        scores = self._scores
        rows = list(scores)
        if len(rows) > most:
            least = nlargest(most, scores.values())[-1]
            rows = [row for row, score in scores.items() if score >= least]
        return _first([(-scores[row], row) for row in rows], most, ids)


def by_day(rows: Rows, days: Sequence[int], newest: bool, most: int, ids: Sequence[int]) -> list[Ranked]:
    """The first `most` of `rows` by their `days`, those without one (0) last."""
    turn = -1.0 if newest else 1.0
    return _first([(turn * days[row] if days[row] else math.inf, row) for row in rows], most, ids)


def _first(ranked: list[Ranked], most: int, ids: Sequence[int]) -> list[Ranked]:
    return nsmallest(most, ranked, key=lambda pair: (pair[0], ids[pair[1]]))
