"""How close together the words of a question stand in a row, place by place.

takes:    words with their worth, by the fields they may stand in; rows
gives:    see roles.Closeness
does not: decide for which rows that is asked (searcher.py does, for the best ones)
traps:    words count as written, not by their stems: of those only rows are kept
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from searchkit.index.scoring import closest
from searchkit.index.whoosh.postings import Terms
from searchkit.index.whoosh.segment_file import Ints
from searchkit.index.whoosh.segments import Segments


class SetCloseness:
    """Of the words of one question, by the fields they may stand in."""

    def __init__(self, segments: Segments, asked: Mapping[tuple[str, ...], Mapping[str, float]]) -> None:
        self._segments = segments
        self._asked = asked
        self._known: dict[tuple[int, str, tuple[str, ...]], tuple[Terms, list[tuple[str, Ints]]]] = {}

    def of(self, rows: Sequence[int]) -> Iterator[float]:
        """The worth of the words that stand close together, row by row; as they are taken."""
        return map(self._of, rows)

    def _of(self, row: int) -> float:
        number, own = self._segments.place(row)
        return sum(
            max(self._best(number, own, part, worths) for part in parts) for parts, worths in self._asked.items()
        )

    def _best(self, number: int, row: int, part: str, worths: Mapping[str, float]) -> float:
        terms, lists = self._positions(number, part, worths)
        best, passage, rows = 0.0, bisect_left(terms.rows, row), terms.rows
        while lists and passage < len(rows) and rows[passage] == row:
            start, end = terms.starts[passage], terms.starts[passage + 1]
            places: list[tuple[int, str]] = []
            for word, positions in lists:
                place = bisect_left(positions, start)
                while place < len(positions) and positions[place] < end:
                    places.append((positions[place], word))
                    place += 1
            best = max(best, closest(sorted(places), worths))
            passage += 1
        return best

    def _positions(self, number: int, part: str, worths: Mapping[str, float]) -> tuple[Terms, list[tuple[str, Ints]]]:
        """The words as written in a field of a segment, and where those of `worths` stand that stand there."""
        key = number, part, tuple(worths)
        if key not in self._known:
            terms = self._segments.views[number].terms(f"{part}.words")
            lists = [(word, terms.numbers(word)) for word in worths]
            self._known[key] = terms, [(word, positions) for word, positions in lists if len(positions)]
        return self._known[key]
