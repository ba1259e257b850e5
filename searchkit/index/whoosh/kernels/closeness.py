"""How close together the words of a question stand, in all rows at once.

takes:    words with their worth, by the fields they may stand in; rows
gives:    see roles.Closeness
does not: decide for which rows that is asked (searcher.py does, for the best ones)
traps:    worths are added as scoring.closest adds them, so that not even rounding orders hits differently
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from searchkit.index.scoring import CLOSE
from searchkit.index.whoosh.kernels.rows import Vector, vector
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.sets.closeness import SetCloseness

# Fewer rows are looked at sooner one by one.
_MANY = 16


class VectorCloseness(SetCloseness):
    """Of the words of one question, by the fields they may stand in."""

    def of(self, rows: Sequence[int]) -> Iterator[float]:
        """The worth of the words that stand close together, row by row."""
        return super().of(rows) if len(rows) < _MANY else iter(self._of_all(rows))

    def _of_all(self, rows: Sequence[int]) -> list[float]:
        every = np.asarray(rows, np.int64)
        numbers = np.searchsorted(self._segments.firsts, every, "right") - 1
        found: list[list[float]] = []
        for parts, worths in self._asked.items():
            best = np.zeros(len(rows))
            for number in np.unique(numbers).tolist():
                own = np.flatnonzero(numbers == number)
                own_rows = (every[own] - self._segments.firsts[number]).astype(np.uint32)
                for part in parts:
                    terms = self._segments.views[number].terms(f"{part}.words")
                    best[own] = np.maximum(best[own], _best(terms, worths, own_rows))
            found.append(best.tolist())
        return [*map(sum, zip(*found, strict=True))]


def _best(terms: Terms, worths: Mapping[str, float], rows: Vector) -> Vector:
    """By row the greatest worth of words that stand close together in one of its passages."""
    best = np.zeros(len(rows))
    passages, owner = _between(vector(terms.rows), rows, rows + np.uint32(1))
    starts, ends = vector(terms.starts)[passages], vector(terms.starts)[passages + 1]
    positions, inside = [], []
    for word in worths:
        own = vector(terms.numbers(word))
        places, passage = _between(own, starts, ends)
        positions.append(own[places])
        inside.append(passage)
    position, passage = np.concatenate(positions), np.concatenate(inside)
    if not len(position):
        return best
    word_of = np.repeat(np.arange(len(worths)), [*map(len, positions)])
    order = np.argsort(position)
    position, passage, word_of = position[order], passage[order], word_of[order]
    # Of each word those up to the end of what is close.
    after = np.searchsorted(position, np.minimum(position + np.uint32(CLOSE), ends[passage]))
    near = np.zeros(len(position), np.int64)
    for number in range(len(worths)):
        before = np.append(0, np.cumsum(word_of == number))
        near |= (before[after] > before[:-1]).astype(np.int64) << number
    sets, which = np.unique(near, return_inverse=True)
    values = [sum(worth for number, worth in enumerate(worths.values()) if one >> number & 1) for one in sets.tolist()]
    np.maximum.at(best, owner[passage], np.array(values)[which])
    return best


def _between(numbers: Vector, starts: Vector, ends: Vector) -> tuple[Vector, Vector]:
    """The places of those numbers that lie from one of `starts` to below the end beside it, and which one that is."""
    first = np.searchsorted(numbers, starts)
    sizes = np.searchsorted(numbers, ends) - first
    after = np.cumsum(sizes)
    places = np.arange(after[-1] if len(after) else 0) + np.repeat(first - after + sizes, sizes)
    return places, np.repeat(np.arange(len(sizes)), sizes)
