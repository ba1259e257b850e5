"""Find where words stand together, with sorted arrays. Positions are unsigned: never subtract a larger number."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from searchkit.index.ranking import PROXIMITY_WINDOW
from searchkit.index.whoosh import pure
from searchkit.index.whoosh.coding import Vector, list_numbers, vector
from searchkit.index.whoosh.columns import RowSet, ValueColumn
from searchkit.index.whoosh.kernels.rows import mask
from searchkit.index.whoosh.segment_file import Positions, Terms
from searchkit.index.whoosh.segments import Segments, Worths

# Up to this number of lists, reading them one by one is faster.
MAX_SINGLE_LISTS = 16
# Below this number of rows, scoring them one by one is faster.
MIN_ROWS = 16


def beginning(terms: Terms, prefix: str) -> Positions:
    slots = terms.slots(prefix)
    if len(slots) <= MAX_SINGLE_LISTS:
        return merged([*map(terms.numbers_at, slots)])
    numbers, _ = list_numbers(*terms.coded_between(slots.start, slots.stop))
    return cast(Positions, np.sort(numbers))


def merged(lists: Sequence[Positions]) -> Positions:
    if len(lists) == 1:
        return lists[0]
    if not lists:
        return ()
    return cast(Positions, np.sort(np.concatenate([vector(positions) for positions in lists])))


def starts(terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
    if not lists or not all(len(positions) for positions in lists):
        return ()
    if len(lists) == 1:
        return lists[0]
    arrays = [vector(positions) for positions in lists]
    return cast(Positions, _with_gaps(terms, arrays, slop) if slop else _adjacent(terms, arrays))


def _passage_ends(terms: Terms, positions: Vector) -> Vector:
    begins = vector(terms.starts)
    return begins[np.searchsorted(begins, positions, "right")]


def _adjacent(terms: Terms, lists: Sequence[Vector]) -> Vector:
    # From the rarest word, so that common words are only looked up.
    order = sorted(range(len(lists)), key=lambda number: len(lists[number]))
    found = lists[order[0]]
    found = found[found >= order[0]] - np.uint32(order[0])
    for number in order[1:]:
        positions = lists[number]
        wanted = found + np.uint32(number)
        places = np.searchsorted(positions, wanted)
        places[places == len(positions)] = 0
        found = found[positions[places] == wanted]
    return found[found + np.uint32(len(lists) - 1) < _passage_ends(terms, found)]


def _with_gaps(terms: Terms, lists: Sequence[Vector], slop: int) -> Vector:
    found = place = lists[0]
    limit = np.minimum(found + np.uint32(len(lists) + slop), _passage_ends(terms, found))
    for positions in lists[1:]:
        # The nearest is best: it reaches whatever a later one reaches.
        following = np.searchsorted(positions, place, "right")
        there = following < len(positions)
        found, limit, place = found[there], limit[there], positions[following[there]]
        near = place < limit
        found, limit, place = found[near], limit[near], place[near]
    return found


def followed(terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
    if not len(positions) or not len(starts):
        return ()
    found, behind = vector(positions), vector(starts)
    following = np.searchsorted(behind, found, "right")
    there = following < len(behind)
    found, following = found[there], behind[following[there]]
    # Only the next start can decide: if it is in another passage, so are all after it.
    near = (following - found <= distance + 1) & (following < _passage_ends(terms, found))
    return cast(Positions, found[near])


def passages_at(terms: Terms, positions: Positions) -> Vector:
    if not len(positions):
        return np.empty(0, np.intp)
    begins, found = vector(terms.starts), vector(positions)
    if len(found) < len(begins):
        return _distinct(np.searchsorted(begins, found, "right") - 1)
    bounds = np.searchsorted(found, begins)
    return np.flatnonzero(bounds[1:] > bounds[:-1])


def _distinct(ascending: Vector) -> Vector:
    # Ten times as fast as np.unique, which sorts again.
    return ascending[np.diff(ascending, prepend=-1) > 0]


def rows_at(terms: Terms, positions: Positions) -> Iterable[int]:
    return vector(terms.rows)[passages_at(terms, positions)]


def passages_of(terms: Terms, words: Sequence[str]) -> Iterable[int]:
    begins, found = vector(terms.starts), None
    # From the rarest word, so that for common words only the passages left are compared.
    counted = sorted(Counter(words).items(), key=lambda one: len(terms.numbers(one[0])))
    for word, times in counted:
        positions = vector(terms.numbers(word))
        if found is None:
            found = _distinct(np.searchsorted(begins, positions, "right") - 1)
            found = found[begins[found + 1] - begins[found] == len(words)]
        bounds = np.searchsorted(positions, begins[[found, found + 1]])
        found = found[bounds[1] - bounds[0] == times]
    return np.empty(0, np.intp) if found is None else found


def names_at(terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: RowSet) -> Sequence[int]:
    chosen = vector(passages)
    if not len(chosen):
        return ()
    rows, places = vector(terms.rows)[chosen], vector(terms.places)[chosen]
    if deleted:
        live = ~mask(deleted).bits[rows]
        rows, places = rows[live], places[live]
    spelled = np.zeros(len(column), bool)
    spelled[vector(column.codes)[vector(column.ends)[rows] + places]] = True
    return np.flatnonzero(spelled).tolist()


# --- proximity: worths are added in the order of `ranking.closest` ----------------------------------------------------


def proximity(segments: Segments, worths: Worths, rows: Sequence[int]) -> Iterable[float]:
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
