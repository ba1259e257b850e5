"""The hits to list, in their order.

takes:    a request; what is open; the copies among the rows that match
gives:    hits from `offset` on; equal ones in order of their ids
does not: count
traps:    tantivy breaks ties by where a row happens to stand: what ties with the last row taken must be looked at too
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappush, heappushpop, nsmallest
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from searchkit.index.analysis import stem
from searchkit.index.base import Hit, SearchRequest
from searchkit.index.duplicate_collapsing import hit
from searchkit.index.scoring import LOOKED_AT, MOST_CLOSE, closest, rarity
from searchkit.index.tantivy.copies import Copies, Others
from searchkit.index.tantivy.fields import BY_ID, NEWEST, OLDEST, places_of, record_of
from searchkit.index.tantivy.opened import Address, Query, Rows
from searchkit.index.tantivy.translate import Translation, constant_score

# Rows taken beyond those wanted, for copies that will not be listed; if these do not do, more are.
_SPARE = 8
# So many rows with one score are put in order by their ids one by one; of more, all ids are read at once.
_FEW = 1_000


class _Candidate(Struct, frozen=True, kw_only=True):
    """A row that may be listed."""

    score: float
    id: str
    document: str
    stored: Any  # what tantivy keeps of it


class Ranking:
    """Lists the rows that match one request."""

    def __init__(self, rows: Rows, translation: Translation, request: SearchRequest, copies: Copies) -> None:
        self._rows = rows
        self._translation = translation
        self._request = request
        self._copies = copies
        self._others: Others = {}

    def hits(self, query: Query) -> tuple[Hit, ...]:
        """The hits asked for, of the rows that match `query`."""
        request = self._request
        wanted = request.offset + request.limit
        if request.limit <= 0:
            return ()
        if request.sort != "relevance":
            found = self._taken(self._listed(query, NEWEST if request.sort == "newest" else OLDEST, 0.0), wanted)
        else:
            same = constant_score(request.query)
            found = self._best(wanted) if same is None else self._taken(self._listed(query, BY_ID, same), wanted)
        return tuple(hit(one.id, one.document, one.score, self._others) for one in found[request.offset : wanted])

    def _taken(self, candidates: Iterator[_Candidate], wanted: int) -> list[_Candidate]:
        """The first rows that do not stand behind a copy of theirs."""
        found: list[_Candidate] = []
        for one in candidates:
            found.append(one)
            if len(found) == wanted:
                break
        return found

    def _candidate(self, score: float, address: Address) -> _Candidate | None:
        """The row at `address`, if it is one to be listed."""
        stored = self._rows.document(address)
        row_id, document, group, _ = record_of(stored)
        others = {} if group is None else self._copies.others(group)
        if others and row_id not in others:
            return None
        self._others.update(others)
        return _Candidate(score=score, id=row_id, document=document, stored=stored)

    def _listed(self, query: Query, order: str, score: float) -> Iterator[_Candidate]:
        """The rows to list in the order of a column."""
        limit = self._request.offset + self._request.limit + _SPARE
        seen = 0
        while True:
            found = self._rows.first(query, limit, order)
            for _, address in found[seen:]:
                one = self._candidate(score, address)
                if one is not None:
                    yield one
            if len(found) < limit:
                return
            seen, limit = limit, limit * 4

    def _best(self, wanted: int) -> list[_Candidate]:
        """The rows with the highest scores; of the best, those first whose words stand close together."""
        worths = self._worths()
        if not worths:
            return self._taken(self._scored(wanted), wanted)
        candidates = self._scored(max(wanted, LOOKED_AT))
        found = self._closer(islice(candidates, LOOKED_AT), worths, wanted)
        return found + self._taken(candidates, wanted - len(found)) if wanted > len(found) else found

    def _closer(
        self, candidates: Iterator[_Candidate], asked: Mapping[tuple[str, ...], Mapping[str, float]], wanted: int
    ) -> list[_Candidate]:
        """Rows in order of their scores and of how close their words stand: the first `wanted` of them are right. Once
        even all words in one place would not bring a row among these, the rest need not be read."""
        most = sum(sum(worths.values()) for worths in asked.values())
        best: list[float] = []
        closer: list[tuple[float, str, _Candidate]] = []
        for one in candidates:
            if len(best) == wanted and one.score + most < best[0]:
                break
            score = one.score + self._closeness(one, asked)
            closer.append((-score, one.id, one))
            (heappush if len(best) < wanted else heappushpop)(best, score)
        return [replace(one, score=-score) for score, _, one in nsmallest(wanted, closer)]

    def _scored(self, wanted: int) -> Iterator[_Candidate]:
        query = self._translation.scoring(self._request.query)
        limit, seen = wanted + _SPARE, 0
        while True:
            found = self._rows.best(query, limit + 1)
            more = len(found) > limit
            if more:  # rows that tie with the one after the last are left for the next round
                least = found[limit][0]
                end = next(number for number, (score, _) in enumerate(found) if score == least)
                if not end or (end <= seen and limit > _FEW):
                    yield from self._tied(query, seen)
                    return
                found = found[:end]
            yield from self._in_order(found[seen:])
            if not more:
                return
            seen, limit = max(seen, len(found)), limit * 4

    def _tied(self, query: Query, seen: int) -> Iterator[_Candidate]:
        """The rows after the first `seen` where very many score the same: all rows that match are put in order."""
        everything = self._rows.best(query, self._rows.count(query))
        ids = {
            (address.segment_ord, address.doc): row_id
            for row_id, address in self._rows.first(query, len(everything), BY_ID)
        }
        ordered = sorted(everything, key=lambda pair: (-pair[0], ids[pair[1].segment_ord, pair[1].doc]))
        for score, address in ordered[seen:]:
            one = self._candidate(score, address)
            if one is not None:
                yield one

    def _in_order(self, found: Sequence[tuple[float, Address]]) -> Iterator[_Candidate]:
        """The rows to list of those found, best first, each read when it is asked for; equal ones by their ids."""
        for _, alike in groupby(found, key=itemgetter(0)):
            candidates = [one for score, address in alike if (one := self._candidate(score, address)) is not None]
            yield from sorted(candidates, key=attrgetter("id"))

    def _worths(self) -> dict[tuple[str, ...], dict[str, float]]:
        """What the words asked for are worth, by the fields they may stand in, where there are several to be close."""
        every = len(self._rows)
        found = {}
        for parts, wanted in self._translation.words_asked(self._request.query).items():
            if 1 < len(wanted) <= MOST_CLOSE:
                name = self._translation.stems_asked(parts)
                having = (self._rows.searcher.doc_freq(name, stem(word)) for word in wanted)
                found[parts] = {
                    word: rarity(min(count, every), every) for word, count in zip(wanted, having, strict=True)
                }
        return found

    def _closeness(self, one: _Candidate, asked: Mapping[tuple[str, ...], Mapping[str, float]]) -> float:
        return sum(
            max(closest(places_of(one.stored, part, worths), worths) for part in parts)
            for parts, worths in asked.items()
        )
