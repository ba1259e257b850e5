"""Scores of rows in a dictionary.

takes:    the rows found; words and what they are worth
gives:    see roles.Scores
does not: know queries
traps:    numbers are added in the order of the oracle, so that not even rounding orders hits differently
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from heapq import nlargest, nsmallest

from searchkit.index.scoring import weight
from searchkit.index.whoosh.column_types import ROW_ID
from searchkit.index.whoosh.reckoning import Ranked
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments


def frequencies(segments: Segments, parts: tuple[str, ...], stem: str) -> Counter[int]:
    """How often a stem stands in each row that has it."""
    found: Counter[int] = Counter()
    for part in parts:
        times = weight(part)
        for rows in segments.stem_rows(part, stem):
            if times == 1:
                found.update(rows)
            else:
                for row in rows:
                    found[row] += times
    return found


class SetScores:
    """The scores of the rows found."""

    def __init__(self, segments: Segments, found: Rows) -> None:
        self._segments = segments
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
        scores = self._scores
        rows = sorted(scores.keys() & frequencies.keys())
        for first, view in zip(self._segments.firsts, self._segments, strict=True):
            lengths = [(weight(part), view.row_lengths(part)) for part in parts]
            start = bisect_left(rows, first)
            for row in rows[start : bisect_left(rows, first + view.row_count, lo=start)]:
                count = frequencies[row]
                length = sum([times * counts[row - first] for times, counts in lengths if row - first < len(counts)])
                scores[row] += best * count / (count + flat + slope * length)

    def leading(self, most: int) -> list[Ranked]:
        """The first `most` by score."""
        scores = self._scores
        least = nlargest(most, scores.values())[-1] if len(scores) > most else -math.inf
        return _first(self._segments, [(-score, row) for row, score in scores.items() if score >= least], most)


def by_day(segments: Segments, rows: Rows, days: Sequence[int], newest: bool, most: int) -> list[Ranked]:
    """The first `most` of `rows` by their `days`, those without one (0) last."""
    turn = -1.0 if newest else 1.0
    return _first(segments, [(turn * days[row] if days[row] else math.inf, row) for row in rows], most)


def _first(segments: Segments, ranked: list[Ranked], most: int) -> list[Ranked]:
    if len(ranked) <= most:
        return ranked
    last = nsmallest(most, [rank for rank, _ in ranked])[-1]
    found = [pair for pair in ranked if pair[0] < last]
    missing = most - len(found)
    equal: list[list[int]] = [[] for _ in segments]
    for rank, row in ranked:
        if rank == last:
            equal[segments.place(row)[0]].append(row)
    # Of many that equal the last, those with the least ids stay, of each segment so many as may be needed.
    for first, view, rows in zip(segments.firsts, segments, equal, strict=True):
        codes = view.column(ROW_ID).codes
        kept = nsmallest(missing, [(codes[row - first], row) for row in rows])
        found += [(last, row) for _, row in kept]
    return found
