"""Evaluate queries without numpy: importing numpy takes longer than the first query of a process.

This module is a `Backend`, like the package `kernels`. Both give the same answers, to the last bit of a score.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge, nlargest, nsmallest
from itertools import chain

from searchkit.index.ranking import K1, closest, idf, tf_norm, weight
from searchkit.index.whoosh.columns import COPIES, DOCUMENT_ID, MakeRows, RowSet, ValueColumn, set_of_rows
from searchkit.index.whoosh.segment_file import Positions, Terms
from searchkit.index.whoosh.segment_file import numbers_of as decoded_list
from searchkit.index.whoosh.segments import Ranked, Segments, Stated, Worths

numbers_of = decoded_list


def row_maker(row_count: int) -> MakeRows:
    del row_count
    return set_of_rows


def to_global(found: Sequence[RowSet], offsets: Sequence[int]) -> set[int]:
    every: set[int] = set()
    for first, rows in zip(offsets, found, strict=True):
        every.update(map(first.__add__, rows))
    return every


def to_local(rows: Iterable[int], offsets: Sequence[int]) -> list[RowSet]:
    found: list[set[int]] = [set() for _ in offsets]
    for row in rows:
        number = bisect_right(offsets, row) - 1
        found[number].add(row - offsets[number])
    return [*found]


def offset(found: Iterable[Iterable[int]], offsets: Sequence[int]) -> list[Sequence[int]]:
    lists: list[Sequence[int]] = []
    for first, rows in zip(offsets, found, strict=True):
        own = [*map(first.__add__, rows)]
        if own:
            lists.append(own)
    return lists


def among(found: RowSet, rows: Sequence[int], first: int) -> list[int]:
    return [row for row in map(first.__add__, rows) if row in found]


def beginning(terms: Terms, prefix: str) -> Positions:
    return merged([*map(terms.numbers_at, terms.slots(prefix))])


def merged(lists: Sequence[Positions]) -> Positions:
    return lists[0] if len(lists) == 1 else list(merge(*lists))


def starts(terms: Terms, lists: Sequence[Positions], slop: int) -> Positions:
    if not lists or not all(len(positions) for positions in lists):
        return ()
    if len(lists) == 1:
        return lists[0]
    if slop:
        return _with_gaps(terms, lists, slop)
    return [start for start in _adjacent(lists) if start + len(lists) <= terms.passage_end(start)]


def _adjacent(lists: Sequence[Positions]) -> list[int]:
    # From the rarest word, so that common words are only looked up.
    order = sorted(range(len(lists)), key=lambda number: len(lists[number]))
    found = {position - order[0] for position in lists[order[0]]}
    for number in order[1:]:
        positions = lists[number]
        # Looking up a position takes as long as reading some ten.
        if len(found) * 10 < len(positions):
            found = {start for start in found if _contains(positions, start + number)}
        else:
            found &= {position - number for position in positions}
    return sorted(found)


def _contains(positions: Positions, wanted: int) -> bool:
    place = bisect_left(positions, wanted)
    return place < len(positions) and positions[place] == wanted


def _with_gaps(terms: Terms, lists: Sequence[Positions], slop: int) -> list[int]:
    found = []
    for start in lists[0]:
        limit = min(start + len(lists) + slop, terms.passage_end(start))
        place = start
        for positions in lists[1:]:
            following = bisect_right(positions, place)  # the nearest reaches whatever a later one reaches
            place = positions[following] if following < len(positions) else limit
            if place >= limit:
                break
        else:
            found.append(start)
    return found


def followed(terms: Terms, positions: Positions, starts: Positions, distance: int) -> Positions:
    found = []
    for position in positions:
        # Only the next start can decide: if it is in another passage, so are all after it.
        following = bisect_right(starts, position)
        near = following < len(starts) and starts[following] - position - 1 <= distance
        if near and starts[following] < terms.passage_end(position):
            found.append(position)
    return found


def passages_at(terms: Terms, positions: Positions) -> Iterable[int]:
    # A list is searched faster than a mapped file, but has to be made first.
    begins = terms.start_list if len(positions) * 16 > len(terms.starts) else terms.starts
    return {bisect_right(begins, position) - 1 for position in positions}


def rows_at(terms: Terms, positions: Positions) -> Iterable[int]:
    return [terms.rows[passage] for passage in passages_at(terms, positions)]


def passages_of(terms: Terms, words: Sequence[str]) -> Iterable[int]:
    found: set[int] | None = None
    for word, times in Counter(words).items():
        counts = Counter(map(terms.passage_of, terms.numbers(word)))
        fitting = {passage for passage, count in counts.items() if count == times}
        found = fitting if found is None else found & fitting
    return {passage for passage in found or () if terms.starts[passage + 1] - terms.starts[passage] == len(words)}


def names_at(terms: Terms, passages: Iterable[int], column: ValueColumn, deleted: RowSet) -> Sequence[int]:
    places = {(terms.rows[passage], terms.places[passage]) for passage in passages}
    return sorted({column.codes_of(row)[place] for row, place in places if row not in deleted})


codes_among = ValueColumn.codes_among


def join_documents(stated: Stated, columns: Sequence[ValueColumn]) -> Iterable[Iterable[int]]:
    documents = {column.value(code) for column, own in stated for code in {column.codes[row] for row in own}}
    return [column.codes_among(documents) for column in columns]


class _Scores:
    def __init__(self, segments: Segments, found: RowSet) -> None:
        self._segments = segments
        self._scores = dict.fromkeys(found, 0.0)

    def add(self, rows: RowSet) -> None:
        for row in self._scores.keys() & rows:
            self._scores[row] += 1.0

    def add_word(self, parts: tuple[str, ...], stem: str) -> float:
        frequencies: Counter[int] = Counter()
        for part in parts:
            for _ in range(weight(part)):
                frequencies.update(chain.from_iterable(self._segments.stem_rows(part, stem)))
        segments, scores = self._segments, self._scores
        worth = idf(len(frequencies), segments.row_count)
        flat, slope = tf_norm(segments.length(parts), segments.row_count)
        for row in scores.keys() & frequencies.keys():
            number, own = segments.place(row)
            length = 0
            for part in parts:
                lengths = segments.views[number].row_lengths(part)
                length += weight(part) * lengths[own] if own < len(lengths) else 0
            count = frequencies[row]
            scores[row] += worth * (K1 + 1) * count / (count + flat + slope * length)
        return worth

    def best(self, count: int) -> list[Ranked]:
        scores = self._scores
        least = nlargest(count, scores.values())[-1] if len(scores) > count else -math.inf
        return _first(self._segments, [(-score, row) for row, score in scores.items() if score >= least], count)


scores = _Scores


def by_day(segments: Segments, rows: RowSet, newest: bool, count: int) -> list[Ranked]:
    sign, days = -1.0 if newest else 1.0, segments.days
    return _first(segments, [(sign * days[row] if days[row] else math.inf, row) for row in rows], count)


def _first(segments: Segments, ranked: list[Ranked], count: int) -> list[Ranked]:
    if len(ranked) <= count:
        return ranked
    last = nsmallest(count, [rank for rank, _ in ranked])[-1]
    found = [pair for pair in ranked if pair[0] < last]
    equal: list[list[int]] = [[] for _ in segments]
    for rank, row in ranked:
        if rank == last:
            equal[segments.place(row)[0]].append(row)
    # Of many that equal the last, keep those that come first, from each segment as many as may be needed.
    missing = count - len(found)
    for first, view, own in zip(segments.row_offsets, segments, equal, strict=True):
        codes = view.column(DOCUMENT_ID).codes
        found += [(last, row) for _, row in nsmallest(missing, [(codes[row - first], row) for row in own])]
    return found


def proximity(segments: Segments, worths: Worths, rows: Sequence[int]) -> Iterator[float]:
    for row in rows:
        number, own = segments.place(row)
        terms = segments.views[number].terms
        yield sum(
            max(_closest(terms(f"{part}.words"), own, by_word) for part in parts) for parts, by_word in worths.items()
        )


def _closest(terms: Terms, row: int, worths: Mapping[str, float]) -> float:
    lists = [(word, terms.numbers(word)) for word in worths]
    best, passage = 0.0, bisect_left(terms.rows, row)
    while passage < len(terms.rows) and terms.rows[passage] == row:
        start, end = terms.starts[passage], terms.starts[passage + 1]
        places = [
            (position, word)
            for word, positions in lists
            for position in positions[bisect_left(positions, start) : bisect_left(positions, end)]
        ]
        best = max(best, closest(sorted(places), worths))
        passage += 1
    return best


class _Groups(dict[int, list[int]]):
    @property
    def hidden(self) -> int:
        return sum(map(len, self.values())) - len(self)


class _Copies:
    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._columns = [view.column(COPIES) for view in segments]
        self._grouped = segments.to_global([column.valued_rows for column in self._columns])

    def _key(self, row: int) -> int:
        number, own = self._segments.place(row)
        column = self._columns[number]
        return column.key_hashes[column.codes[column.ends[own]]]

    def groups(self, found: RowSet) -> _Groups:
        groups: dict[int, list[int]] = {}
        for row in found & self._grouped:
            groups.setdefault(self._key(row), []).append(row)
        return _Groups({key: rows for key, rows in groups.items() if len(rows) > 1})

    def count(self, lists: Sequence[Sequence[int]]) -> int:
        every = set(chain.from_iterable(lists))
        grouped = every & self._grouped
        return len(every) - len(grouped) + len(set(map(self._key, grouped)))

    def listed(self, rows: Sequence[int], groups: _Groups) -> list[bool]:
        return [self.together(row, groups)[0] == row for row in rows]

    def together(self, row: int, groups: _Groups) -> Sequence[int]:
        copies = groups.get(self._key(row)) if groups and row in self._grouped else None
        return self._segments.copies_in_order(copies) if copies else [row]


def copies(segments: Segments) -> _Copies:
    return segments.cached("copies", lambda: _Copies(segments))
