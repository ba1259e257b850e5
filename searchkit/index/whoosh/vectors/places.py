"""Where words stand together, with sorted arrays.

takes:    positions of words, ascending
gives:    see reckoning.Places
does not: look words up
traps:    positions are unsigned: nothing may be taken from one that is smaller
"""

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.reckoning import Positions
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.vectors.rows import Vector, mask, vector


def merged(lists: Sequence[Positions]) -> Positions:
    """The positions of all lists in one."""
    if len(lists) == 1:
        return lists[0]
    if not lists:
        return ()
    return cast(Positions, np.sort(np.concatenate([vector(positions) for positions in lists])))


def starts(terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
    """The first positions of places that have one of each list, in order."""
    if not lists or not all(len(positions) for positions in lists):
        return ()
    if len(lists) == 1:
        return lists[0]
    arrays = [vector(positions) for positions in lists]
    return cast(Positions, _with_gaps(terms, arrays, slop) if slop else _in_a_row(terms, arrays))


def _passage_ends(terms: Terms, positions: Vector) -> Vector:
    begins = vector(terms.starts)
    return begins[np.searchsorted(begins, positions, "right")]


def _in_a_row(terms: Terms, lists: Sequence[Vector]) -> Vector:
    # From the rarest word, so that common ones are only looked up.
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
        # The nearest is best: whatever a later one reaches, it reaches too.
        following = np.searchsorted(positions, place, "right")
        there = following < len(positions)
        found, limit, place = found[there], limit[there], positions[following[there]]
        near = place < limit
        found, limit, place = found[near], limit[near], place[near]
    return found


def followed(terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
    """Those positions that one of `starts` follows nearby."""
    if not len(positions) or not len(starts):
        return ()
    found, behind = vector(positions), vector(starts)
    following = np.searchsorted(behind, found, "right")
    there = following < len(behind)
    found, following = found[there], behind[following[there]]
    # Only the next one can decide: if it is in another passage, so are all after it.
    near = (following - found <= distance + 1) & (following < _passage_ends(terms, found))
    return cast(Positions, found[near])


def passages_at(terms: Terms, positions: Positions) -> Iterable[int]:
    """The passages in which these positions lie."""
    return _passages_at(terms, positions).tolist()


def _passages_at(terms: Terms, positions: Positions) -> Vector:
    if not len(positions):
        return np.empty(0, np.intp)
    begins, found = vector(terms.starts), vector(positions)
    if len(found) < len(begins):
        return np.unique(np.searchsorted(begins, found, "right") - 1)
    bounds = np.searchsorted(found, begins)
    return np.flatnonzero(bounds[1:] > bounds[:-1])


def rows_at(terms: Terms, positions: Positions) -> Iterable[int]:
    """The rows in which these positions lie."""
    return vector(terms.rows)[_passages_at(terms, positions)]


def codes_at(column: ValueColumn, terms: Terms, passages: Iterable[int], deleted: Rows) -> list[int]:
    """The values whose spellings these passages are, where their rows are not deleted."""
    own = vector(passages)
    rows = vector(terms.rows)[own]
    lives = ~mask(deleted).bits[rows]
    places = vector(column.ends)[rows[lives]] + vector(terms.places)[own[lives]]
    codes: list[int] = np.unique(vector(column.codes)[places]).tolist()
    return codes
