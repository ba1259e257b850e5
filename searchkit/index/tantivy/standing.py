"""Whether a part of a query stands in a passage of words: decided here where tantivy finds too much.

takes:    the words of a passage, as they were indexed; a leaf, or two joined by NEAR
gives:    yes or no
does not: stem, look anything up
traps:    index/passages.py finds the same in text, but looks at the nearest ends only where there are many
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence

from searchkit.index.analysis import words
from searchkit.index.values import within_edits
from searchkit.query import ast

Place = tuple[int, int]  # first and last position
Positions = Mapping[str, Sequence[int]]


def stands(node: ast.Node, passage: Sequence[str]) -> bool:
    """Whether `node` (Term, Phrase, Prefix, Fuzzy, Exact by its words, or Near) stands in `passage`, unstemmed."""
    positions: dict[str, list[int]] = {}
    for position, word in enumerate(passage):
        positions.setdefault(word, []).append(position)
    return bool(_places(node, positions))


def _places(node: ast.Node, positions: Positions) -> list[Place]:
    if isinstance(node, ast.Near):
        left, right = _places(node.left, positions), _places(node.right, positions)
        found = _followed(left, right, node.distance)
        return found or ([] if node.ordered else _followed(right, left, node.distance))
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact):
        return []
    wanted = words(node.text)
    if not wanted:
        return []
    lists = [positions.get(word, ()) for word in wanted[:-1]]
    last = wanted[-1]
    if isinstance(node, ast.Prefix):
        lists.append(_where(positions, lambda word: word.startswith(last)))
    elif isinstance(node, ast.Fuzzy):
        distance = node.distance
        lists.append(_where(positions, lambda word: within_edits(word, last, distance)))
    else:
        lists.append(positions.get(last, ()))
    if not all(lists):
        return []
    return _joined(lists, node.slop if isinstance(node, ast.Phrase) else 0)


def _where(positions: Positions, fits: Callable[[str], bool]) -> list[int]:
    return sorted(position for word, own in positions.items() if fits(word) for position in own)


def _joined(lists: Sequence[Sequence[int]], slop: int) -> list[Place]:
    """Places that have a position of each list, in order, with at most `slop` others in between."""
    if len(lists) == 1:
        return [(position, position) for position in lists[0]]
    found = []
    for start in lists[0]:
        limit, place = start + len(lists) - 1 + slop, start
        for positions in lists[1:-1]:
            # The nearest is best: whatever a later one reaches, it reaches too.
            following = bisect_right(positions, place)
            place = positions[following] if following < len(positions) else limit
            if place >= limit:
                break
        ends = lists[-1]
        found += [(start, end) for end in ends[bisect_right(ends, place) : bisect_right(ends, limit)] if end > place]
    return found


def _followed(first: Sequence[Place], second: Sequence[Place], distance: int) -> list[Place]:
    """Those of `first` that one of `second` follows, with at most `distance` words in between."""
    starts = sorted(start for start, _ in second)
    found = []
    for start, end in first:
        following = bisect_left(starts, end + 1)
        if following < len(starts) and starts[following] - end - 1 <= distance:
            found.append((start, end))
    return found
