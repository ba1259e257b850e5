"""The Whoosh index as an Index: opens what the state names, answers, and follows new commits.

takes:    a folder, which need not exist; SearchRequests
gives:    exact totals and facets, ordered hits
does not: write (writer.py does)
traps:    a snapshot stays as it was while it is used; each call begins by looking for a newer one
"""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from whoosh.index import TOC

from searchkit.index.base import Hit, SearchRequest, SearchResult, ValueCount, ValuesRequest
from searchkit.index.copies import hit
from searchkit.index.whoosh.columns import decoded
from searchkit.index.whoosh.copies import Others, without_copies
from searchkit.index.whoosh.facets import days, facet
from searchkit.index.whoosh.fields import DOCUMENT_ID, ROW_ID, schema
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, STATE, State, SyncedStorage, check_tables, read_state, reported
from searchkit.index.whoosh.translate import Matching
from searchkit.query import ast
from searchkit.query.fields import Record

if TYPE_CHECKING:  # a search should not load what writes
    from searchkit.index.whoosh.writer import WhooshWriter

# A commit between reading the state and opening its files takes them away; then the next state is tried.
_ATTEMPTS = 10

Rank = tuple[bool, float]  # what orders a hit, least first: whether it has no day, and its day or score turned around


@dataclass(frozen=True, kw_only=True)  # without slots, for the days it remembers
class Snapshot:
    """The segments of one state of the index."""

    state: State
    views: dict[Record, tuple[SegmentView, ...]]

    @cached_property
    def _days(self) -> dict[Record, list[Sequence[int]]]:
        return {}

    @cached_property
    def _matchings(self) -> dict[Record, Matching]:
        return {record: Matching(self.views, record) for record in self.views}

    def matching(self, record: Record) -> Matching:
        """What finds rows of this kind of record."""
        return self._matchings[record]

    def days(self, record: Record) -> list[Sequence[int]]:
        """The day of each row, by segment; read when first sorted by."""
        if record not in self._days:
            self._days[record] = [days(view, record) for view in self.views[record]]
        return self._days[record]


def open_snapshot(folder: Path) -> Snapshot:
    """The index in `folder` as it is now; an empty one when there is none."""
    for attempt in range(_ATTEMPTS):
        state = read_state(folder)
        try:
            check_tables(folder, state)
            return Snapshot(state=state, views={record: _views(folder, state, record) for record in INDEX_NAMES})
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1 or read_state(folder) == state:
                raise
    raise AssertionError("unreachable")


def _views(folder: Path, state: State, record: Record) -> tuple[SegmentView, ...]:
    name = INDEX_NAMES[record]
    if name not in state.generations:
        return ()
    fields = schema(record)
    table = TOC.read(SyncedStorage(folder), name, gen=state.generations[name], schema=fields)
    return tuple(SegmentView(folder, segment, fields) for segment in table.segments)


class WhooshIndex:
    """An Index in a folder."""

    capabilities = frozenset(kind.__name__ for kind in ast.Node.__subclasses__())

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int] | None = None
        self._closed = False

    @property
    def applied(self) -> int:
        """Store sequence number of the last change this index contains; 0 when new or of another version."""
        return self._current().state.applied

    def counts(self) -> dict[Record, int]:
        """How many records of each kind it holds."""
        views = self._current().views
        return {record: sum(view.live_count for view in segments) for record, segments in views.items()}

    def writer(self) -> "WhooshWriter":
        """Open a batch."""
        from searchkit.index.whoosh.writer import WhooshWriter

        self._check_open()
        return WhooshWriter(self.folder, after_commit=self._forget)

    def close(self) -> None:
        """Release files."""
        self._forget()
        self._closed = True

    def verify(self) -> None:
        """Read every file whole. ArchiveError when one is damaged."""
        snapshot = self._current()
        with reported(self.folder):
            for views in snapshot.views.values():
                for view in views:
                    view.file.verify()

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. ArchiveError when the index is damaged."""
        started = time.perf_counter()
        snapshot = self._current()
        views = snapshot.views[request.record]
        with reported(self.folder):
            matching = snapshot.matching(request.record)
            found, others = _found(matching, views, request)
            facets = tuple(facet(wanted, request.record, views, found) for wanted in request.facets)
            hits = _hits(snapshot, matching, request, found, others)
        return SearchResult(
            hits=hits,
            total=sum(map(len, found)),
            facets=facets,
            took=time.perf_counter() - started,
        )

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        """The values asked for, with counts."""
        from searchkit.index.whoosh import lookups

        snapshot = self._current()
        views = snapshot.views[request.record]
        with reported(self.folder):
            matched = snapshot.matching(request.record).rows(request.query)
            return lookups.values(
                request, views, [rows - view.deleted for view, rows in zip(views, matched, strict=True)]
            )

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        """Words within `distance` edits of `word`."""
        from searchkit.index.whoosh import lookups

        views = self._current().views[record]
        with reported(self.folder):
            return lookups.spellings(field, word, distance=distance, record=record, views=views)

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        """First and last day of a date field."""
        from searchkit.index.whoosh import lookups

        views = self._current().views[record]
        with reported(self.folder):
            return lookups.days(field, record, views)

    def explain(self, request: SearchRequest) -> str:
        """The posting lists and columns that are looked into."""
        from searchkit.index.whoosh.explaining import form

        return form(request.query, request.record)

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("This index is closed.")

    def _forget(self) -> None:
        self._snapshot = self._seen = None

    def _current(self) -> Snapshot:
        self._check_open()
        with reported(self.folder):
            try:
                stat = (self.folder / STATE).stat()
                newest = (stat.st_mtime_ns, stat.st_ino)
            except FileNotFoundError:
                newest = (0, 0)
            if self._snapshot is None or newest != self._seen:
                self._snapshot = open_snapshot(self.folder)
                self._seen = newest
            return self._snapshot


def _found(matching: Matching, views: Sequence[SegmentView], request: SearchRequest) -> tuple[list[set[int]], Others]:
    """The live rows that match, copies of one as one unless all are asked for; and the copies left out."""
    matched = matching.rows(request.query)
    found = [rows - view.deleted if view.deleted else rows for view, rows in zip(views, matched, strict=True)]
    return (found, {}) if request.copies else without_copies(views, found)


def _hits(
    snapshot: Snapshot, matching: Matching, request: SearchRequest, found: list[set[int]], others: Others
) -> tuple[Hit, ...]:
    """The hits asked for, equal ones in order of their ids."""
    wanted = request.offset + request.limit
    if request.limit <= 0:
        return ()
    ranked: list[tuple[Rank, str, str]] = []
    if request.sort == "relevance":
        for number, scores in enumerate(matching.scores(request.query, found)):
            view, rows = snapshot.views[request.record][number], list(scores)
            if len(rows) > wanted:
                least = heapq.nlargest(wanted, scores.values())[-1]
                rows = [row for row, score in scores.items() if score >= least]
            ranked += _best(view, [((False, -scores[row]), row) for row in rows], wanted)
    else:
        turn = -1 if request.sort == "newest" else 1
        for number, days_of in enumerate(snapshot.days(request.record)):
            view = snapshot.views[request.record][number]
            ranked += _best(view, [((not days_of[row], turn * days_of[row]), row) for row in found[number]], wanted)
    ranked.sort()
    scored = request.sort == "relevance"
    return tuple(
        hit(row_id, document, -rank[1] if scored else 0.0, others)
        for rank, row_id, document in ranked[request.offset : wanted]
    )


def _best(view: SegmentView, ranked: list[tuple[Rank, int]], wanted: int) -> Iterator[tuple[Rank, str, str]]:
    """The first `wanted` of the rows of a segment, with their ids and those of their documents."""
    ids, documents = view.column(ROW_ID), view.column(DOCUMENT_ID)
    # Each row has one id, and codes are in order of ids.
    codes = ids.codes
    for rank, row in heapq.nsmallest(wanted, ranked, key=lambda pair: (pair[0], codes[pair[1]])):
        yield rank, decoded(ids.value(codes[row])), decoded(documents.value(documents.codes[row]))
