"""The tantivy index as an Index: opens the current generation, answers, and follows new commits.

takes:    a folder, which need not exist; SearchRequests
gives:    exact totals and facets, ordered hits
does not: write (writer.py does)
traps:    a snapshot stays as it was while it is used; each call begins by looking for a newer one
"""

import time
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit.index.abilities import EVERY_KIND
from searchkit.index.base import Facet, FacetRequest, SearchRequest, SearchResult, ValueCount, ValuesRequest
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.generations import DamagedFile, check_current, mark
from searchkit.index.tantivy.copies import Matching
from searchkit.index.tantivy.opened import Rows
from searchkit.index.tantivy.ranking import Ranking
from searchkit.index.tantivy.storage import INDEX_NAMES, State, read_state, reported
from searchkit.index.tantivy.translate import Translation
from searchkit.query import ast
from searchkit.query.fields import Record

if TYPE_CHECKING:  # a search should not load what writes
    from searchkit.index.tantivy.writer import TantivyWriter

# Two commits between reading the state and opening its files take them away; then the next state is tried.
_ATTEMPTS = 10


class Snapshot:
    """One state of the index, opened."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.rows: dict[Record, Rows] = {record: Rows(state.folder, record) for record in INDEX_NAMES}


def open_snapshot(folder: Path) -> Snapshot:
    """The index in `folder` as it is now; an empty one when there is none."""
    for _ in range(_ATTEMPTS):
        generation = None
        try:
            state = read_state(folder)
            generation = state.folder
            return Snapshot(state)
        except (FileNotFoundError, DamagedFile, ValueError):
            # Taken away by a later commit, if there is one: else it is not as it should be.
            if generation is None or generation.exists():
                raise
    raise DamagedFile("its files go away while they are read")


class TantivyIndex:
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
        rows = self._current().rows
        return {record: len(rows[record]) for record in INDEX_NAMES}

    def writer(self) -> "TantivyWriter":
        """Open a batch."""
        from searchkit.index.tantivy.writer import TantivyWriter

        self._check_open()
        return TantivyWriter(self.folder, after_commit=self._forget)

    def close(self) -> None:
        """Release files."""
        self._forget()
        self._closed = True

    def verify(self) -> None:
        """Read every file whole. ArchiveError when one is damaged."""
        self._check_open()
        with reported(self.folder):
            check_current(lambda: self._current().state.folder)

    def gather(self) -> None:
        """Nothing: tantivy merges by itself."""

    def expunge(self) -> bool:
        """tantivy keeps removed rows until it happens to merge them, and cannot be told to."""
        return False

    def matched(
        self, conditions: Sequence[ast.Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of the records of these documents that match it."""
        if not document_ids:
            return tuple(frozenset() for _ in conditions)
        own = ast.Field(name="id", value=ast.disjunction(*(ast.Equals(text=one) for one in document_ids)))
        requests = (
            SearchRequest(query=ast.conjunction(node, own), record=record, limit=1_000_000, sort="newest", copies=True)
            for node in conditions
        )
        hits = [self.search(request).hits for request in requests]
        return tuple(frozenset(hit.id for hit in own if hit.document in document_ids) for own in hits)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. ArchiveError when the index is damaged."""
        started = time.perf_counter()
        snapshot = self._current()
        with reported(self.folder):
            rows, translation = snapshot.rows[request.record], Translation(snapshot.rows, request.record)
            found = Matching.of(rows, translation.matching(request.query), folded=not request.copies)
            facets = _facets(snapshot, translation, request, found)
            hits = Ranking(rows, translation, request, found.copies).hits(found.query) if found.number else ()
            return SearchResult(
                hits=hits,
                total=found.number - found.copies.hidden,
                facets=facets,
                took=time.perf_counter() - started,
            )

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        """The values asked for, with counts."""
        from searchkit.index.tantivy import lookups

        snapshot = self._current()
        with reported(self.folder):
            return lookups.values(request, snapshot.rows[request.record], Translation(snapshot.rows, request.record))

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        """Words within `distance` edits of `word`."""
        from searchkit.index.tantivy import lookups

        rows = self._current().rows
        with reported(self.folder):
            return lookups.spellings(field, word, distance=distance, record=record, all_rows=rows)

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        """First and last day of a date field."""
        from searchkit.index.tantivy import lookups

        rows = self._current().rows
        with reported(self.folder):
            return lookups.days(field, record, rows[record])

    def explain(self, request: SearchRequest) -> str:
        """The query as tantivy has it."""
        snapshot = self._current()
        with reported(self.folder):
            return repr(Translation(snapshot.rows, request.record).matching(request.query))

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
                self._snapshot = open_snapshot(self.folder)
                self._seen = newest
            return self._snapshot


def _facets(snapshot: Snapshot, translation: Translation, request: SearchRequest, found: Matching) -> tuple[Facet, ...]:
    """The facets asked for; where one leaves out a condition of the query, the rows found without it are counted."""
    if not request.facets:
        return ()
    from searchkit.index.tantivy.facets import facet, pairs

    known: dict[tuple[ast.Node, bool], Matching] = {(request.query, not request.copies): found}

    def counted(wanted: FacetRequest) -> Facet:
        fields = facet_fields(wanted, request.record)
        # A group counted as one would say nothing of groups.
        tree, folded = counted_query(request.query, fields), not request.copies and wanted.field != "copies"
        if (tree, folded) not in known:
            known[tree, folded] = Matching.of(found.rows, translation.matching(tree), folded=folded)
        rows = known[tree, folded]
        return (
            facet(wanted, fields[0], rows)
            if len(fields) == 1
            else pairs(wanted, (fields[0], fields[1]), rows, snapshot.rows)
        )

    return tuple(map(counted, request.facets))
