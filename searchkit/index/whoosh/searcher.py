"""The Whoosh index as an Index: opens the current generation, answers, and follows new commits.

takes:    a folder, which need not exist; SearchRequests
gives:    exact totals and facets, ordered hits
does not: write (writer.py does)
traps:    a snapshot stays as it was while it is used; each call begins by looking for a newer one
"""

import heapq
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit.index.abilities import EVERY_KIND
from searchkit.index.base import Facet, FacetRequest, Hit, SearchRequest, SearchResult, ValueCount, ValuesRequest
from searchkit.index.copies import hit
from searchkit.index.generations import CURRENT, DamagedFile, check, drop_others
from searchkit.index.scoring import LOOKED_AT
from searchkit.index.tallies import counted_query, facet_fields
from searchkit.index.whoosh.columns import decoded
from searchkit.index.whoosh.copies import Groups, Others, copy_groups, without_copies
from searchkit.index.whoosh.facets import Counted, days, facet
from searchkit.index.whoosh.kinds import DOCUMENT_ID, ROW_ID, column_kinds
from searchkit.index.whoosh.pairs import Owners, own_rows, owners, pairs
from searchkit.index.whoosh.segments import SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, State, read_state, reported, table_of
from searchkit.index.whoosh.tables import segments_of
from searchkit.index.whoosh.translate import Matching
from searchkit.query import ast
from searchkit.query.fields import Record

if TYPE_CHECKING:  # a search should not load what writes
    from searchkit.index.whoosh.writer import WhooshWriter

# Two commits between reading the state and opening its files take them away; then the next state is tried.
_ATTEMPTS = 10

Rank = tuple[bool, float]  # what orders a hit, least first: whether it has no day, and its day or score turned around
_Ranked = tuple[Rank, str, str, int, int]  # with its id, its document's, its segment and row


@dataclass(frozen=True, kw_only=True)  # without slots, for what it remembers
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

    @cached_property
    def owners(self) -> Owners:
        """The documents of all statements; read when pairs are first counted over documents."""
        return owners(self.views["document"], self.views["quote"])


def open_snapshot(folder: Path) -> Snapshot:
    """The index in `folder` as it is now; an empty one when there is none."""
    for _ in range(_ATTEMPTS):
        try:
            state = read_state(folder)
            return Snapshot(state=state, views={record: _views(state, record) for record in INDEX_NAMES})
        except FileNotFoundError as error:
            missing = Path(error.filename).name
    raise DamagedFile(f"{missing} is missing")


def _views(state: State, record: Record) -> tuple[SegmentView, ...]:
    name = INDEX_NAMES[record]
    if state.folder is None or name not in state.tables:
        return ()
    segments = segments_of(table_of(state, name), state.tables[name])
    return tuple(SegmentView(state.folder, segment, column_kinds(record)) for segment in segments)


class WhooshIndex:
    """An Index in a folder."""

    capabilities = EVERY_KIND

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
        """Open a batch. MissingExtra when Whoosh, by which segments are written, cannot be loaded."""
        self._check_open()
        try:
            from searchkit.index.whoosh.writer import WhooshWriter
        except (ImportError, AttributeError, SyntaxError) as error:
            from searchkit.index import packages

            raise packages.unloadable("whoosh", error, packages.installed("whoosh")) from error
        return WhooshWriter(self.folder, after_commit=self._forget)

    def close(self) -> None:
        """Release files."""
        self._forget()
        self._closed = True

    def verify(self) -> None:
        """Read every file whole. ArchiveError when one is damaged."""
        folder = self._current().state.folder
        while folder is not None:
            with reported(self.folder):
                try:
                    return check(folder, full=True)
                except (DamagedFile, FileNotFoundError):
                    # It may have been swept meanwhile: then there is a newer one.
                    checked, folder = folder, self._current().state.folder
                    if folder == checked:
                        raise
        return None

    def expunge(self) -> bool:
        """Leave nothing of removed records in any file: rows are written anew without them, other generations go."""
        applied = self.applied
        if applied:
            with self.writer() as writer:
                writer.expunge(applied)
        with reported(self.folder):
            drop_others(self.folder)
        self._forget()
        return True

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. ArchiveError when the index is damaged."""
        started = time.perf_counter()
        snapshot = self._current()
        views = snapshot.views[request.record]
        with reported(self.folder):
            matching = snapshot.matching(request.record)
            found, groups = _found(views, matching, request.query, copies=request.copies)
            facets = _facets(snapshot, matching, request, found, groups)
            found, others = without_copies(views, found, groups)
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
                stat = (self.folder / CURRENT).stat()
                newest = (stat.st_mtime_ns, stat.st_ino)
            except FileNotFoundError:
                newest = (0, 0)
            if self._snapshot is None or newest != self._seen:
                self._snapshot = open_snapshot(self.folder)
                self._seen = newest
            return self._snapshot


def _found(
    views: Sequence[SegmentView], matching: Matching, query: ast.Node, *, copies: bool
) -> tuple[list[set[int]], Groups]:
    """The rows that match and are not deleted, and unless all `copies` are wanted, which of them are one another's."""
    found = [rows - view.deleted for view, rows in zip(views, matching.rows(query), strict=True)]
    return found, [] if copies else copy_groups(views, found)


def _facets(
    snapshot: Snapshot, matching: Matching, request: SearchRequest, found: list[set[int]], groups: Groups
) -> tuple[Facet, ...]:
    """The facets asked for; where one leaves out a condition of the query, the rows found without it are counted."""
    views = snapshot.views[request.record]
    known = {request.query: Counted(views=views, rows=found, groups=groups)}

    def counted(wanted: FacetRequest) -> Facet:
        fields = facet_fields(wanted, request.record)
        query = counted_query(request.query, fields)
        if query not in known:
            rows, copies = _found(views, matching, query, copies=request.copies)
            known[query] = Counted(views=views, rows=rows, groups=copies)
        rows_counted = known[query]
        if wanted.field == "copies":  # a group counted as one would say nothing
            rows_counted = replace(rows_counted, groups=[])
        if len(fields) == 1:
            return facet(wanted, fields[0], rows_counted)
        quotes = snapshot.views["quote"]
        owner = snapshot.owners if request.record == "document" else own_rows(quotes)
        return pairs(wanted, (fields[0], fields[1]), rows_counted, quotes, owner)

    return tuple(map(counted, request.facets))


def _hits(
    snapshot: Snapshot, matching: Matching, request: SearchRequest, found: list[set[int]], others: Others
) -> tuple[Hit, ...]:
    """The hits asked for, equal ones in order of their ids."""
    wanted = request.offset + request.limit
    if request.limit <= 0:
        return ()
    ranked: list[_Ranked] = []
    if request.sort == "relevance":
        scored = matching.scores(request.query, found)
        closeness = matching.closeness()
        looked_at = LOOKED_AT if closeness else 0
        most = max(wanted, looked_at)
        for number, scores in enumerate(scored):
            rows = list(scores)
            if len(rows) > most:
                least = heapq.nlargest(most, scores.values())[-1]
                rows = [row for row, score in scores.items() if score >= least]
            view = snapshot.views[request.record][number]
            ranked += _best(number, view, [((False, -scores[row]), row) for row in rows], most)
        ranked.sort()
        if closeness:
            closer = [
                ((False, rank[1] - closeness.of(number, row)), row_id, document, number, row)
                for rank, row_id, document, number, row in ranked[:looked_at]
            ]
            ranked[:looked_at] = sorted(closer)
    else:
        turn = -1 if request.sort == "newest" else 1
        for number, days_of in enumerate(snapshot.days(request.record)):
            view = snapshot.views[request.record][number]
            ranked += _best(
                number, view, [((not days_of[row], turn * days_of[row]), row) for row in found[number]], wanted
            )
        ranked.sort()
    by_score = request.sort == "relevance"
    return tuple(
        hit(row_id, document, -rank[1] if by_score else 0.0, others)
        for rank, row_id, document, _, _ in ranked[request.offset : wanted]
    )


def _best(number: int, view: SegmentView, ranked: list[tuple[Rank, int]], wanted: int) -> Iterator[_Ranked]:
    """The first `wanted` of the rows of a segment, with their ids and those of their documents."""
    ids, documents = view.column(ROW_ID), view.column(DOCUMENT_ID)
    # Each row has one id, and codes are in order of ids.
    codes = ids.codes
    for rank, row in heapq.nsmallest(wanted, ranked, key=lambda pair: (pair[0], codes[pair[1]])):
        yield rank, decoded(ids.value(codes[row])), decoded(documents.value(documents.codes[row])), number, row
