"""The Whoosh index as an Index: opens the current generation, answers, and follows new commits.

takes:    a folder, which need not exist; SearchRequests
gives:    exact totals and facets, ordered hits
does not: write (writer.py does)
traps:    a snapshot stays as it was while it is used; each call begins by looking for a newer one
"""

import time
from bisect import insort
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import chain, compress, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import MissingExtra
from searchkit.index.base import (
    COPY_IDS,
    Facet,
    FacetRequest,
    Hit,
    SearchRequest,
    SearchResult,
    ValueCount,
    ValuesRequest,
)
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.generations import DamagedFile, check_current, drop_others, mark
from searchkit.index.scoring import LOOKED_AT
from searchkit.index.values import valued_field
from searchkit.index.whoosh.column_types import COPIES, DOCUMENT_ID, ROW_ID, column_kinds
from searchkit.index.whoosh.copies import Order
from searchkit.index.whoosh.facets import Counted, FieldFacets, days
from searchkit.index.whoosh.matched import matched
from searchkit.index.whoosh.pair_facets import Owners, own_rows, owners, pairs
from searchkit.index.whoosh.reckoning import Groups, Ranked, Reckoning, sets, vectors
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segment_file import pages_of_files
from searchkit.index.whoosh.segments import Segments, SegmentView
from searchkit.index.whoosh.storage import INDEX_NAMES, State, read_state, reported, table_of
from searchkit.index.whoosh.tables import segments_of
from searchkit.index.whoosh.translate import Matching
from searchkit.query import ast
from searchkit.query.fields import Field, Record

if TYPE_CHECKING:  # a search should not load what writes
    from searchkit.index.whoosh.roles import Closeness, Copies
    from searchkit.index.whoosh.writer import WhooshWriter

# Two commits between reading the state and opening its files take them away; then the next state is tried.
_ATTEMPTS = 10

# From so many bytes of files in memory on, what a search has read is let go: over 200,000 articles two hundred searches
# would gather 250 MB. Programs and libraries are 25 MB of it; where other files are most of it, letting go of ours at
# every question would only make it slower, so half as much again may come to what was left the last time.
_MOST_PAGES = 60_000_000

# Loading numpy takes about as long as this: as soon as searches without it have taken longer, it pays.
_NUMPY_SECONDS = 0.07


class Snapshot(Struct, frozen=True, kw_only=True, dict=True):  # a dict, for what it remembers
    """The segments of one state of the index, and what questions have made of them."""

    state: State
    segments: dict[Record, Segments]

    @cached_property
    def _copies(self) -> "dict[Record, Copies]":
        return {
            record: own.reckoning.copies(own, [view.column(COPIES) for view in own], Order(own))
            for record, own in self.segments.items()
        }

    @cached_property
    def _facets(self) -> dict[tuple[Record, str], FieldFacets]:
        return {}

    def copies(self, record: Record) -> "Copies":
        """What knows the copies among records of this kind."""
        return self._copies[record]

    def facets(self, record: Record, field: Field) -> FieldFacets:
        """What counts the values of a field."""
        key = record, field.name
        if key not in self._facets:
            self._facets[key] = FieldFacets(self.segments[record], field)
        return self._facets[key]

    @cached_property
    def _days(self) -> dict[Record, Sequence[int]]:
        return {}

    @cached_property
    def _matchings(self) -> dict[Record, Matching]:
        return {record: Matching(self.segments, record) for record in self.segments}

    def let_go(self) -> None:
        """Give the pages read back to the system."""
        for view in chain.from_iterable(self.segments.values()):
            view.file.let_go()

    def matching(self, record: Record) -> Matching:
        """What finds rows of this kind of record."""
        return self._matchings[record]

    def days(self, record: Record) -> Sequence[int]:
        """The day of each row; read when first sorted by."""
        if record not in self._days:
            self._days[record] = days(self.segments[record], record)
        return self._days[record]

    @cached_property
    def owners(self) -> Owners:
        """The documents of all statements; read when pairs are first counted over documents."""
        return owners(self.segments["document"], self.segments["quote"])


def open_snapshot(folder: Path, reckoning: Reckoning | None = None) -> Snapshot:
    """The index in `folder` as it is now; an empty one when there is none."""
    way = reckoning or sets()
    for _ in range(_ATTEMPTS):
        try:
            state = read_state(folder)
            return Snapshot(state=state, segments={record: _segments(state, record, way) for record in INDEX_NAMES})
        except FileNotFoundError as error:
            missing = Path(error.filename).name
    raise DamagedFile(f"{missing} is missing")


def _segments(state: State, record: Record, reckoning: Reckoning) -> Segments:
    name = INDEX_NAMES[record]
    if state.folder is None or name not in state.tables:
        return Segments((), reckoning)
    listed = segments_of(table_of(state, name), state.tables[name])
    views = [SegmentView(state.folder, segment, column_kinds(record), reckoning) for segment in listed]
    return Segments(views, reckoning)


class WhooshIndex:
    """An Index in a folder."""

    def __init__(self, folder: Path, reckoning: Reckoning | None = None) -> None:
        """`reckoning`: the one to use always; by default numpy's as soon as it pays."""
        self.folder = folder
        self._reckoning = reckoning or sets()
        self._may_change = reckoning is None
        self._seconds = 0.0
        self._pages_left = 0  # bytes of files in memory after ours were let go
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int] | None = None
        self._closed = False

    @property
    def applied(self) -> int:
        """Store sequence number of the last change this index contains; 0 when new or of another version."""
        return self._current().state.applied

    def counts(self) -> dict[Record, int]:
        """How many records of each kind it holds."""
        every = self._current().segments
        return {record: sum(view.live_count for view in segments) for record, segments in every.items()}

    def writer(self) -> "WhooshWriter":
        """Open a batch. MissingExtra when the whoosh package cannot be loaded, for example because two distributions
        were installed over each other."""
        self._check_open()
        try:
            from searchkit.index.whoosh.writer import WhooshWriter
        except (ImportError, AttributeError, SyntaxError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise MissingExtra(
                f"The package whoosh cannot be loaded: {reason}.",
                hint="Reinstall it: pip uninstall whoosh whoosh3 whoosh-reloaded; pip install whoosh3",
            ) from error
        return WhooshWriter(self.folder, after_commit=self._forget)

    def close(self) -> None:
        """Release files."""
        self._forget()
        self._closed = True

    def verify(self) -> None:
        """Read every file whole. ArchiveError when one is damaged."""
        self._check_open()
        with reported(self.folder):
            check_current(lambda: self._current().state.folder)

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

    def gather(self) -> None:
        """Make one segment of all. The generation before goes: it would take as much room again."""
        applied = self.applied
        if applied:
            with self.writer() as writer:
                writer.gather(applied)
            with reported(self.folder):
                drop_others(self.folder)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. ArchiveError when the index is damaged."""
        started = time.perf_counter()
        snapshot = self._current()
        with reported(self.folder):
            found, groups = _found(snapshot, request, request.query)
            facets = _facets(snapshot, request, found, groups)
            hits = _hits(snapshot, request, found, groups)
        took = time.perf_counter() - started
        self._spent(took)
        if pages_of_files() > max(_MOST_PAGES, self._pages_left + _MOST_PAGES // 2):
            snapshot.let_go()
            self._pages_left = pages_of_files()
        return SearchResult(hits=hits, total=len(found) - groups.hidden, facets=facets, took=took)

    def matched(
        self, conditions: Sequence[ast.Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of the records of these documents that match it."""
        snapshot = self._current()
        with reported(self.folder):
            return matched(conditions, document_ids, record, snapshot.segments[record], snapshot.matching(record))

    @property
    def reckoning(self) -> Reckoning:
        """How the next question will be reckoned."""
        return self._reckoning

    def _spent(self, seconds: float) -> None:
        """Once searches without numpy have taken as long as loading it would, the next ones use it, if it is there."""
        self._seconds += seconds
        if self._may_change and self._seconds > _NUMPY_SECONDS:
            self._may_change = False
            self._reckoning = vectors() or self._reckoning
            self._forget()

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        """The values asked for, with counts."""
        from searchkit.index.whoosh import vocabulary as lookups

        snapshot = self._current()
        segments = snapshot.segments[request.record]
        with reported(self.folder):
            matched = snapshot.matching(request.record).rows(request.query)
            keys = snapshot.facets(request.record, valued_field(request.field, request.record)).keys
            copies = snapshot.copies(request.record)
            return lookups.values(request, segments, matched - segments.deleted, keys, copies)

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        """Words within `distance` edits of `word`."""
        from searchkit.index.whoosh import vocabulary as lookups

        views = self._current().segments[record].views
        with reported(self.folder):
            return lookups.spellings(field, word, distance=distance, record=record, views=views)

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        """First and last day of a date field."""
        from searchkit.index.whoosh import vocabulary as lookups

        views = self._current().segments[record].views
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
            newest = mark(self.folder)
            if self._snapshot is None or newest != self._seen:
                self._snapshot = open_snapshot(self.folder, self._reckoning)
                self._seen = newest
            return self._snapshot


def _found(snapshot: Snapshot, request: SearchRequest, query: ast.Node) -> tuple[Rows, Groups]:
    """The rows that match `query` and are not deleted, and unless all copies are wanted, which of them are one
    another's."""
    found = snapshot.matching(request.record).rows(query) - snapshot.segments[request.record].deleted
    copies = snapshot.copies(request.record)
    return found, copies.nothing if request.copies else copies.groups(found)


def _facets(snapshot: Snapshot, request: SearchRequest, found: Rows, groups: Groups) -> tuple[Facet, ...]:
    """The facets asked for; where one leaves out a condition of the query, the rows found without it are counted."""
    known = {request.query: Counted(rows=found, groups=groups)}

    def counted(wanted: FacetRequest) -> Facet:
        fields = facet_fields(wanted, request.record)
        query = counted_query(request.query, fields)
        if query not in known:
            rows, copies = _found(snapshot, request, query)
            known[query] = Counted(rows=rows, groups=copies)
        rows_counted = known[query]
        if wanted.field == "copies":  # a group counted as one would say nothing
            rows_counted = replace(rows_counted, groups=snapshot.copies(request.record).nothing)
        if len(fields) == 1:
            return snapshot.facets(request.record, fields[0]).facet(wanted, rows_counted)
        quotes = snapshot.segments["quote"]
        owner = snapshot.owners if request.record == "document" else own_rows(quotes)
        return pairs(wanted, (fields[0], fields[1]), rows_counted, quotes, owner)

    return tuple(map(counted, request.facets))


def _hits(snapshot: Snapshot, request: SearchRequest, found: Rows, groups: Groups) -> tuple[Hit, ...]:
    """The hits asked for, equal ones in order of their ids."""
    if request.limit <= 0:
        return ()
    segments, copies = snapshot.segments[request.record], snapshot.copies(request.record)
    wanted = most = request.offset + request.limit
    closeness = None
    by_score = request.sort == "relevance"
    if by_score:
        matching = snapshot.matching(request.record)
        leading = matching.scores(request.query, found).leading
        closeness = matching.closeness()
        most = max(wanted, LOOKED_AT if closeness else 0)
    else:
        by_day, days_of = segments.reckoning.by_day, snapshot.days(request.record)
        leading = partial(by_day, segments, found, days_of, request.sort == "newest")
    first = _listed(segments, copies, groups, leading, most)
    if closeness:
        first = _closer(segments, first[:LOOKED_AT], *closeness, wanted) + first[LOOKED_AT:]
    shown = first[request.offset : wanted]
    hits = []
    for rank, row in shown:
        together = copies.together(row, groups)
        row_id, *behind = (segments.one_value(ROW_ID, copy) for copy in together[: COPY_IDS + 1])
        hits.append(
            Hit(
                id=row_id,
                document=row_id if request.record == "document" else segments.one_value(DOCUMENT_ID, row),
                score=-rank if by_score else 0.0,
                copies=len(together) - 1,
                copy_ids=tuple(behind),
            )
        )
    return tuple(hits)


def _listed(
    segments: Segments, copies: "Copies", groups: Groups, leading: Callable[[int], list[Ranked]], most: int
) -> list[Ranked]:
    """The first `most` that stand behind no copy, in order; of those after them nobody asks."""
    looked_at = 2 * most if groups else most
    while True:
        ranked = _in_order(segments, leading(looked_at))[:looked_at]
        is_listed = copies.listed([row for _, row in ranked], groups)
        listed = [*compress(ranked, is_listed)]
        if len(listed) >= most or len(ranked) < looked_at:
            return listed[:most]
        looked_at *= 2


def _in_order(segments: Segments, ranked: Iterable[Ranked]) -> list[Ranked]:
    """Hits by rank, equal ones by id; of others no id is read."""
    found: list[Ranked] = []
    by_id = segments.order_of(ROW_ID)
    for rank, equal in groupby(sorted(ranked), key=itemgetter(0)):
        rows = [row for _, row in equal]
        if len(rows) > 1:
            rows.sort(key=by_id)
        found += [(rank, row) for row in rows]
    return found


def _closer(
    segments: Segments, ranked: list[Ranked], closeness: "Closeness", most_close: float, wanted: int
) -> list[Ranked]:
    """Hits in order of score and closeness, which none has more of than `most_close`; of those that it cannot bring
    among the first `wanted`, it is not asked."""
    found: list[Ranked] = []
    best: list[float] = []
    for place, ((rank, row), near) in enumerate(zip(ranked, closeness.of([row for _, row in ranked]), strict=True)):
        if len(best) >= wanted and rank - most_close > best[wanted - 1]:
            return _in_order(segments, found) + ranked[place:]
        insort(best, rank - near)
        found.append((rank - near, row))
    return _in_order(segments, found)
