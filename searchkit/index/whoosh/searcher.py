"""The Whoosh index as an Index: open the current generation, answer queries, and follow new commits.

A snapshot does not change while it is used; each call first looks for a newer generation.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import partial
from importlib import import_module
from itertools import chain, compress
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit.files import disk_usage, storage_error
from searchkit.index import base
from searchkit.index.generations import CURRENT, REBUILT, DamagedFile, adopt, check, current, drop, drop_others, mark
from searchkit.index.ranking import RERANK_DEPTH
from searchkit.index.whoosh import pure, vocabulary
from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, RowSet, column_kinds
from searchkit.index.whoosh.evaluator import Proximity, QueryEvaluator
from searchkit.index.whoosh.segment_file import encoded, pages_of_files
from searchkit.index.whoosh.segments import (
    INDEX_NAMES,
    SOURCES,
    Backend,
    Copies,
    Groups,
    Ranked,
    Segments,
    SegmentsByKind,
    SegmentView,
    read_state,
    reported,
)
from searchkit.loading import load
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.statements.document import LogPosition

if TYPE_CHECKING:
    from searchkit.index.whoosh.writer import WhooshWriter

# Only numpy counts: importing it takes as long as a cold query.
_KERNELS = "searchkit.index.whoosh.kernels"
# Two commits between reading the state and opening its files remove the files; then the next state is tried.
MAX_ATTEMPTS = 10

# If files take more memory than this after a search, their pages are released: two hundred searches over 200,000
# articles would gather 250 MB. Programs and libraries are 25 MB of it. Where other files take more, half as much again
# may come to what was left after the last release.
MAX_PAGE_BYTES = 60_000_000

# Importing numpy takes about this long. Once searches without numpy have taken longer, the next ones use it.
NUMPY_IMPORT_SECONDS = 0.07


class Snapshot:
    """The segments of one state of the index, and what queries have computed from them."""

    def __init__(self, position: LogPosition, segments: SegmentsByKind, read: base.ReadDocument) -> None:
        self.position = position
        self.segments = segments
        self.evaluators = {record: QueryEvaluator(segments, record, read) for record in segments}

    def found(self, request: base.SearchRequest, query: ast.Node) -> "tuple[RowSet, Groups]":
        """Return the live rows that match `query`, and their groups of copies unless the request lists all copies."""
        segments = self.segments[request.record]
        found = self.evaluators[request.record].rows(query) - segments.deleted
        return found, segments.backend.copies(segments).groups(segments.make_rows([]) if request.copies else found)


def open_snapshot(folder: Path, backend: Backend = pure, read: base.ReadDocument = base.without_store) -> Snapshot:
    """Open the current generation of the index in `folder`; an empty snapshot if there is none."""
    for _ in range(MAX_ATTEMPTS):
        try:
            state = read_state(folder)
            segments: dict[Record, Segments] = {}
            for record in INDEX_NAMES:
                kinds, own = column_kinds(record), state.segments.get(record, ())
                views = [SegmentView(state.folder or folder, entry, kinds, backend) for entry in own]
                segments[record] = Segments(views, record, backend)
            return Snapshot(state.position, segments, read)
        except FileNotFoundError as error:
            missing = Path(error.filename).name
    raise DamagedFile(f"{missing} is missing")


class WhooshIndex:
    """An Index in a folder; base.py describes its methods."""

    def __init__(
        self, folder: Path, read: base.ReadDocument = base.without_store, backend: Backend | None = None
    ) -> None:
        """Read texts with `read`. Use `backend` for queries without facets; by default the pure one at first, and later
        the one with numpy."""
        self.folder = folder
        self._pointer = f"{folder}/{CURRENT}"
        self._read = read
        self._backend = backend or pure
        self._may_switch = backend is None
        self._seconds = 0.0
        self._pages_left = 0  # bytes of files in memory after the last release
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, int] | None = None

    @property
    def applied(self) -> int:
        return self.position.sequence

    @property
    def position(self) -> LogPosition:
        return self._current(removed=True).position

    def counts(self) -> dict[Record, int]:
        segments = self._current().segments
        return {record: sum(view.live_count for view in own) for record, own in segments.items()}

    def writer(self) -> "WhooshWriter":
        # Importing Whoosh takes as long as most answers.
        opened = load("searchkit.index.whoosh.writer:WhooshWriter")
        writer: WhooshWriter = opened(self.folder, after_commit=self.close)
        return writer

    def close(self) -> None:
        self._snapshot = self._seen = None

    def verify(self) -> None:
        """Verify the checksums of all files of the current generation."""
        with reported(self.folder):
            generation = current(self.folder)
            if generation is not None:
                check(generation, full=True)

    def expunge(self) -> None:
        """Rewrite the segments without deleted records, and remove older generations."""
        position = self.position
        if position.sequence:
            with self.writer() as writer:
                writer.expunge(position)
        with reported(self.folder):
            drop_others(self.folder)
        self.close()

    def size(self) -> int:
        return disk_usage(self.folder)

    def replace(self, fill: Callable[[base.Index], None]) -> None:
        """Let `fill` write the first generations of an index in a folder of this one, and adopt the last of them."""
        import shutil  # loads lzma, which a query does not need

        built = self.folder / REBUILT
        shutil.rmtree(built, ignore_errors=True)
        new = type(self)(built)
        try:
            fill(new)
        finally:
            new.close()
        self.close()
        try:
            adopt(self.folder, built)
        except OSError as error:
            raise storage_error(self.folder, error) from error

    def drop(self) -> None:
        self.close()
        drop(self.folder)

    def optimize(self) -> None:
        """Merge all segments into one, and remove the generation before, which would take as much space again."""
        position = self.position
        if position.sequence:
            with self.writer() as writer:
                writer.optimize(position)
            with reported(self.folder):
                drop_others(self.folder)

    def search(self, request: base.SearchRequest) -> base.SearchResult:
        started = time.perf_counter()
        # Only numpy counts. A process that answers one query does not load it, however long the answer took.
        if request.facets or (self._may_switch and self._seconds > NUMPY_IMPORT_SECONDS):
            self._use_numpy()
        snapshot = self._current()
        with reported(self.folder):
            found, groups = snapshot.found(request, request.query)
            facets = _facets(snapshot, request, found, groups)
            hits = _hits(snapshot, request, found, groups)
        took = time.perf_counter() - started
        self._seconds += took
        if pages_of_files() > max(MAX_PAGE_BYTES, self._pages_left + MAX_PAGE_BYTES // 2):
            for view in chain.from_iterable(snapshot.segments.values()):
                view.file.release_pages()
            self._pages_left = pages_of_files()
        return base.SearchResult(
            hits=hits, total=len(found) - groups.hidden, duplicates=groups.hidden, facets=facets, took=took
        )

    def matched(
        self, conditions: Sequence[ast.Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        snapshot = self._current()
        with reported(self.folder):
            return snapshot.evaluators[record].matched(conditions, document_ids)

    def source_checksums(self, document_ids: Collection[str], record: Record) -> dict[str, str]:
        found, wanted = dict[str, str](), {*map(encoded, document_ids)}
        snapshot = self._current()
        with reported(self.folder):
            for view in snapshot.segments[record]:
                owners, sources = view.column(DOCUMENT_ID), view.file.ints(SOURCES)
                for row in owners.rows_of(sorted(owners.codes_among(wanted))) - view.deleted:
                    found[view.one_value(ROW_ID, row)] = sources[row].to_bytes(8, "little").hex()
        return found

    def _use_numpy(self) -> None:
        if self._backend is pure:
            self._backend = import_module(_KERNELS)
            self.close()

    def values(self, request: base.ValuesRequest) -> tuple[base.ValueCount, ...]:
        snapshot, record = self._current(), request.record
        segments = snapshot.segments[record]
        with reported(self.folder):
            found = snapshot.evaluators[record].rows(request.query) - segments.deleted
            return vocabulary.values(request, segments, found)

    def ranked_values(self, request: base.RankedValuesRequest) -> base.RankedValues:
        self._use_numpy()
        snapshot = self._current()
        with reported(self.folder):
            found = {
                record: snapshot.found(base.SearchRequest(query=ast.All(), record=record, copies=True), ast.All())
                for record, _ in request.fields
            }
            ranked: base.RankedValues = load(f"{_KERNELS}:ranked_values")(request, found, snapshot.segments)
            return ranked

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[base.ValueCount, ...]:
        segments = self._current().segments[record]
        with reported(self.folder):
            return vocabulary.spellings(field, word, distance=distance, record=record, segments=segments)

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        segments = self._current().segments[record]
        with reported(self.folder):
            return vocabulary.days(field, record, segments)

    def _current(self, *, removed: bool = False) -> Snapshot:
        """Return the newest state: of an index that was removed the last one, or with `removed` an empty one."""
        with reported(self.folder):
            newest = mark(self._pointer)
            if self._snapshot is None or (newest != self._seen and (removed or newest is not None)):
                self._snapshot, self._seen = open_snapshot(self.folder, self._backend, self._read), newest
            return self._snapshot


def _facets(snapshot: Snapshot, request: base.SearchRequest, found: RowSet, groups: Groups) -> tuple[base.Facet, ...]:
    """Return the requested facets. One for all values counts the rows found without the conditions on its field."""
    known = {request.query: (found, groups)}
    segments = snapshot.segments[request.record]

    def counted(wanted: base.FacetRequest) -> base.Facet:
        fields = load("searchkit.index.facets:facet_fields")(wanted, request.record)
        query: ast.Node = load("searchkit.index.facets:counted_query")(
            request.query, fields, all_values=wanted.all_values
        )
        if query not in known:
            known[query] = snapshot.found(request, query)
        rows, copies = known[query]
        if wanted.field == "copies":  # a group counted once would say nothing
            copies = segments.backend.copies(segments).groups(segments.make_rows([]))
        count: Callable[..., base.Facet] = load(f"{_KERNELS}:facet")
        return count(wanted, fields, rows, copies, snapshot.segments, request.record)

    return tuple(map(counted, request.facets))


def _hits(snapshot: Snapshot, request: base.SearchRequest, found: RowSet, groups: Groups) -> tuple[base.Hit, ...]:
    if request.limit <= 0:
        return ()
    segments = snapshot.segments[request.record]
    copies = segments.backend.copies(segments)
    wanted = count = request.offset + request.limit
    proximity = None
    by_score = request.sort == "relevance"
    best: Callable[[int], list[Ranked]]
    if by_score:
        evaluator = snapshot.evaluators[request.record]
        best = evaluator.scores(request.query, found).best
        proximity = evaluator.proximity()
        count = max(wanted, RERANK_DEPTH if proximity else 0)
    else:
        best = partial(segments.backend.by_day, segments, found, request.sort == "newest")
    first = _listed(segments, copies, groups, best, count)
    if proximity:
        first = _reranked(segments, first[:RERANK_DEPTH], proximity) + first[RERANK_DEPTH:]
    hits = []
    for rank, row in first[request.offset : wanted]:
        together = copies.together(row, groups)
        row_id, *others = (segments.one_value(ROW_ID, copy) for copy in together[: base.COPY_IDS + 1])
        hits.append(
            base.Hit(
                id=row_id,
                document=row_id if request.record == "document" else segments.one_value(DOCUMENT_ID, row),
                score=-rank if by_score else 0.0,
                copies=len(together) - 1,
                copy_ids=tuple(others),
            )
        )
    return tuple(hits)


def _listed(
    segments: Segments, copies: Copies, groups: Groups, best: "Callable[[int], list[Ranked]]", count: int
) -> list[Ranked]:
    """Return the first `count` rows in order, each first in its group of copies."""
    if not groups:
        return _in_order(segments, best(count))[:count]
    examined = 2 * count
    while True:
        ranked = _in_order(segments, best(examined))[:examined]
        is_listed = copies.listed([row for _, row in ranked], groups)
        listed = [*compress(ranked, is_listed)]
        if len(listed) >= count or len(ranked) < examined:
            return listed[:count]
        examined *= 2


def _in_order(segments: Segments, ranked: Iterable[Ranked]) -> list[Ranked]:
    """Sort hits by rank, equal ones by document and then in text order, without reading the ids of others."""
    ordered = sorted(ranked)
    ranks = [rank for rank, _ in ordered]
    if len(set(ranks)) == len(ranks):
        return ordered
    document_of = segments.order_of(DOCUMENT_ID)
    start = 0
    for end, rank in enumerate((*ranks[1:], None), 1):
        if rank != ranks[start]:
            if end - start > 1:  # the rows of a document are in text order
                equal = sorted(ordered[start:end], key=lambda hit: (document_of(hit[1]), hit[1]))
                ordered[start:end] = equal
            start = end
    return ordered


def _reranked(segments: Segments, ranked: list[Ranked], proximity: Proximity) -> list[Ranked]:
    """Add proximity to the scores of hits."""
    nears = proximity([row for _, row in ranked])
    return _in_order(segments, [(rank - near, row) for (rank, row), near in zip(ranked, nears, strict=True)])
