"""Score how close together the words of a query stand. Worths are added in the order of `scoring.closest`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from searchkit.index.scoring import PROXIMITY_WINDOW
from searchkit.index.whoosh import pure
from searchkit.index.whoosh.kernels.rows import Vector, vector
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segments import Segments

if TYPE_CHECKING:
    from searchkit.index.whoosh.backend import Worths

# Below this number of rows, scoring them one by one is faster.
MIN_ROWS = 16


def proximity(segments: Segments, worths: "Worths", rows: Sequence[int]) -> Iterable[float]:
    if len(rows) < MIN_ROWS:
        return pure.proximity(segments, worths, rows)
    every = np.asarray(rows, np.int64)
    numbers = np.searchsorted(segments.row_offsets, every, "right") - 1
    found: list[list[float]] = []
    for parts, by_word in worths.items():
        best = np.zeros(len(rows))
        for number in np.unique(numbers).tolist():
            own = np.flatnonzero(numbers == number)
            own_rows = (every[own] - segments.row_offsets[number]).astype(np.uint32)
            for part in parts:
                terms = segments.views[number].terms(f"{part}.words")
                best[own] = np.maximum(best[own], _best(terms, by_word, own_rows))
        found.append(best.tolist())
    return [*map(sum, zip(*found, strict=True))]


def _best(terms: Terms, worths: Mapping[str, float], rows: Vector) -> Vector:
    """Return by row the greatest worth of words that stand close together in one of its passages."""
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
    # By word, whether it occurs up to the end of the window.
    after = np.searchsorted(position, np.minimum(position + np.uint32(PROXIMITY_WINDOW), ends[passage]))
    near = np.zeros(len(position), np.int64)
    for number in range(len(worths)):
        before = np.append(0, np.cumsum(word_of == number))
        near |= (before[after] > before[:-1]).astype(np.int64) << number
    sets, which = np.unique(near, return_inverse=True)
    values = [
        sum(worth for number, worth in enumerate(worths.values()) if bits >> number & 1) for bits in sets.tolist()
    ]
    np.maximum.at(best, owner[passage], np.array(values)[which])
    return best


def _between(numbers: Vector, starts: Vector, ends: Vector) -> tuple[Vector, Vector]:
    """Return the places of the numbers from each of `starts` to below its end, and the interval of each."""
    first = np.searchsorted(numbers, starts)
    sizes = np.searchsorted(numbers, ends) - first
    after = np.cumsum(sizes)
    places = np.arange(after[-1] if len(after) else 0) + np.repeat(first - after + sizes, sizes)
    return places, np.repeat(np.arange(len(sizes)), sizes)
