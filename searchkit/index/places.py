"""Where in a passage of words a part of a query stands: what the oracle spells out place by place, in linear time.

takes:    a passage of text; a leaf of a query, or two joined by NEAR
gives:    first and last position of each match; for NEAR those of both sides, each by itself
does not: know fields, or where the passage comes from; say where Exact stands but by its words (snippets.py does)
traps:    beside NEAR, in phrases, prefixes and near spellings words are as written; only a bare word is stemmed
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from searchkit.index.analysis import contains_exact, exact_key, stem, stems, words
from searchkit.index.values import within_edits
from searchkit.query import ast

Place = tuple[int, int]
"""First and last position of a match."""

# A phrase with gaps can end at many places; beyond so many for one beginning, NEAR looks at the nearest only.
_ENDS = 8


class Passage:
    """A passage of text, its words looked up by word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._at: dict[str, list[int]] = {}
        for position, word in enumerate(words(text)):
            self._at.setdefault(word, []).append(position)

    def holds(self, node: ast.Node) -> bool:
        """Whether `node` stands here; of Exact with its signs and letters as they are."""
        if isinstance(node, ast.Exact):
            return contains_exact(exact_key(self.text), exact_key(node.text)) and (
                not words(node.text) or bool(self.places(node))
            )
        return bool(self.places(node))

    def places(self, node: ast.Node) -> list[Place]:
        """Where `node` (Term, Phrase, Prefix, Fuzzy, Near, Exact by its words) stands, in order; no place twice.

        Of several ends that a phrase with gaps can have from one beginning, the nearest.
        """
        if isinstance(node, ast.Near):
            return self._near(node)
        if isinstance(node, ast.Term):
            wanted = stems(words(node.text))
            if len(wanted) == 1:
                return _single(self._where(lambda word: stem(word) == wanted[0]))
        return self._written(node, ends=1)

    def _where(self, fits: Callable[[str], bool]) -> list[int]:
        return sorted(position for word, positions in self._at.items() if fits(word) for position in positions)

    def _written(self, node: ast.Node, *, ends: int) -> list[Place]:
        if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact):
            return []
        wanted = words(node.text)
        if not wanted:
            return []
        lists = [self._at.get(word, []) for word in wanted]
        last = wanted[-1]
        if isinstance(node, ast.Prefix):
            lists[-1] = self._where(lambda word: word.startswith(last))
        elif isinstance(node, ast.Fuzzy):
            distance = node.distance
            lists[-1] = self._where(lambda word: within_edits(word, last, distance))
        if len(lists) == 1:
            return _single(lists[0])
        return _in_order(lists, node.slop if isinstance(node, ast.Phrase) else 0, ends)

    def _near(self, node: ast.Near) -> list[Place]:
        """The places of both sides, of each those that have the other side near them."""
        left, right = self._written(node.left, ends=_ENDS), self._written(node.right, ends=_ENDS)
        found = _followed(left, right, node.distance)
        if not node.ordered:
            found |= _followed(right, left, node.distance)
        return sorted(found)


def _single(positions: Iterable[int]) -> list[Place]:
    return [(position, position) for position in positions]


def _in_order(lists: Sequence[Sequence[int]], slop: int, ends: int) -> list[Place]:
    """Places with a position of each list, in order, with at most `slop` others in between; at most `ends` a start."""
    if not slop:
        starts = set(lists[0])
        for number, positions in enumerate(lists):
            starts &= {position - number for position in positions}
        return [(start, start + len(lists) - 1) for start in sorted(starts)]
    found: list[Place] = []
    for start in lists[0]:
        limit, place = start + len(lists) - 1 + slop, start
        for positions in lists[1:-1]:
            # The nearest is best: whatever a later one reaches, it reaches too.
            following = bisect_right(positions, place)
            if following == len(positions):
                return found  # nor does a later start reach one
            place = positions[following]
        first = bisect_right(lists[-1], place)
        after = min(bisect_right(lists[-1], limit), first + ends)
        found.extend((start, end) for end in lists[-1][first:after])
    return found


def _followed(first: Sequence[Place], second: Sequence[Place], distance: int) -> set[Place]:
    """Those of `first` that one of `second` follows with at most `distance` words in between, and those that follow."""
    starts = [start for start, _ in second]
    ends = sorted(end for _, end in first)
    found = set()
    for start, end in first:
        following = bisect_left(starts, end + 1)
        if following < len(starts) and starts[following] - end - 1 <= distance:
            found.add((start, end))
    for start, end in second:
        before = bisect_left(ends, start) - 1
        if before >= 0 and start - ends[before] - 1 <= distance:
            found.add((start, end))
    return found
