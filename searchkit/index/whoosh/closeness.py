"""How close together the words of a question stand in a row.

takes:    words with their worth, by the fields they may stand in; rows
gives:    the greatest worth of the words within scoring.CLOSE words of each other
does not: decide for which rows that is asked (searcher.py does, for the best ones)
traps:    words count as written, not by their stems: of those only rows are kept
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from searchkit.index.scoring import closest
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.sections import Ints
from searchkit.index.whoosh.segments import Segments


class Closeness:
    """Of the words of one question. `asked` holds the worth of each word, by the fields it may stand in; no row can
    have more than `most`."""

    def __init__(self, segments: Segments, asked: Mapping[tuple[str, ...], Mapping[str, float]]) -> None:
        self._segments = segments
        self._asked = asked
        self.most = sum(sum(worths.values()) for worths in asked.values())
        self._known: dict[tuple[int, str, str], Ints] = {}

    def of(self, row: int) -> float:
        """The worth of the words that stand close together in a row."""
        number, own = self._segments.place(row)
        return sum(
            max(self._best(number, own, part, worths) for part in parts) for parts, worths in self._asked.items()
        )

    def _best(self, number: int, row: int, part: str, worths: Mapping[str, float]) -> float:
        terms = self._segments.views[number].terms(f"{part}.words")
        best = 0.0
        for passage in range(bisect_left(terms.rows, row), bisect_right(terms.rows, row)):
            start, end = terms.starts[passage], terms.starts[passage + 1]
            places: list[tuple[int, str]] = []
            for word in worths:
                positions = self._positions(number, part, word, terms)
                first = bisect_left(positions, start)
                places += [(place, word) for place in positions[first : bisect_left(positions, end, lo=first)]]
            best = max(best, closest(sorted(places), worths))
        return best

    def _positions(self, number: int, part: str, word: str, terms: Terms) -> Ints:
        key = number, part, word
        if key not in self._known:
            self._known[key] = terms.numbers(word)
        return self._known[key]
