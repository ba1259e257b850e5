"""Where words stand together, with lists and bisection.

takes:    positions of words, ascending
gives:    see reckoning.Places
does not: look words up
traps:    positions run through all passages of a field: a place must not reach from one into the next
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import merge

from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.reckoning import Positions
from searchkit.index.whoosh.rows import Rows


def merged(lists: Sequence[Positions]) -> Positions:
    """The positions of all lists in one."""
    return lists[0] if len(lists) == 1 else list(merge(*lists))


def starts(terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
    """The first positions of places that have one of each list, in order."""
    if not lists or not all(len(positions) for positions in lists):
        return ()
    if len(lists) == 1:
        return lists[0]
    if slop:
        return _with_gaps(terms, lists, slop)
    last = len(lists) - 1
    return [start for start in _in_a_row(lists) if start + last < terms.passage_end(start)]


def _in_a_row(lists: Sequence[Positions]) -> list[int]:
    # From the rarest word, so that common ones are only looked up.
    order = sorted(range(len(lists)), key=lambda number: len(lists[number]))
    found = {position - order[0] for position in lists[order[0]]}
    for number in order[1:]:
        positions = lists[number]
        # Looking a place up takes as long as reading some ten positions.
        if len(found) * 10 < len(positions):
            found = {start for start in found if _holds(positions, start + number)}
        else:
            found &= {position - number for position in positions}
    return sorted(found)


def _holds(positions: Positions, wanted: int) -> bool:
    place = bisect_left(positions, wanted)
    return place < len(positions) and positions[place] == wanted


def _with_gaps(terms: Terms, lists: Sequence[Positions], slop: int) -> list[int]:
    found = []
    for start in lists[0]:
        limit = min(start + len(lists) + slop, terms.passage_end(start))
        place = start
        for positions in lists[1:]:
            # The nearest is best: whatever a later one reaches, it reaches too.
            following = bisect_right(positions, place)
            place = positions[following] if following < len(positions) else limit
            if place >= limit:
                break
        else:
            found.append(start)
    return found


def followed(terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
    """Those positions that one of `starts` follows nearby."""
    found = []
    for position in positions:
        following = bisect_right(starts, position)
        # Only the next one can decide: if it is in another passage, so are all after it.
        near = following < len(starts) and starts[following] - position - 1 <= distance
        if near and starts[following] < terms.passage_end(position):
            found.append(position)
    return found


def passages_at(terms: Terms, positions: Positions) -> Iterable[int]:
    """The passages in which these positions lie."""
    # A list is searched faster than a mapped file, but has to be made first.
    starts = terms.start_list if len(positions) * 16 > len(terms.starts) else terms.starts
    return {bisect_right(starts, position) - 1 for position in positions}


def rows_at(terms: Terms, positions: Positions) -> Iterable[int]:
    """The rows in which these positions lie."""
    rows = terms.rows
    return [rows[passage] for passage in passages_at(terms, positions)]


def passages_of(terms: Terms, words: Sequence[str]) -> Iterable[int]:
    """The passages that consist of exactly these words, in any order."""
    found: set[int] | None = None
    for word, times in Counter(words).items():
        having = Counter(map(terms.passage_of, terms.numbers(word)))
        fitting = {passage for passage, count in having.items() if count == times}
        found = fitting if found is None else found & fitting
    return {passage for passage in found or () if terms.passage_length(passage) == len(words)}


def names_at(terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: Rows) -> Sequence[int]:
    """The codes of the names that these passages spell."""
    places = {(terms.rows[passage], terms.places[passage]) for passage in passages}
    return sorted({column.codes_of(row)[place] for row, place in places if row not in deleted})
