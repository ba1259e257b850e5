"""The indexes of a cluster as an Index; base.py describes its methods."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from searchkit.cluster.opensearch import lookups
from searchkit.cluster.opensearch.client import WRITE_PATIENCE, Client, credentials, location, pauses, removed
from searchkit.cluster.opensearch.facets import Counted, count_facets, plan_facets
from searchkit.cluster.opensearch.queries import EVERY, TIES
from searchkit.cluster.opensearch.records import safe, unsafe
from searchkit.cluster.opensearch.snapshot import PAGE, Gone, Snapshot
from searchkit.cluster.opensearch.state import Indexes, State, make_owner
from searchkit.cluster.opensearch.writer import OpenSearchWriter, StreamingWriter
from searchkit.errors import TryAgain
from searchkit.index.base import (
    COPY_IDS,
    Hit,
    Index,
    RankedValues,
    RankedValuesRequest,
    ReadDocument,
    SearchRequest,
    SearchResult,
    ValueCount,
    ValuesRequest,
    without_store,
)
from searchkit.index.ranking import Precedence, in_order
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.statements.document import LogPosition

_Answer = TypeVar("_Answer")
_FORMS = ("id", "document", "copies")
# Readers start again so often while an index is replaced again and again.
_ATTEMPTS = 5


class OpenSearchIndex:
    """The Index of an archive; its folder has only the name that the archive writes into its indexes."""

    def __init__(
        self, folder: Path, read: ReadDocument = without_store, uri: str = "", *, building: State | None = None
    ) -> None:
        """Read texts with `read`. An index under construction has the indexes of `building`, which no alias names."""
        self._uri = uri
        self._folder = folder
        self._read = read
        self._client = Client(location(uri), credentials())
        self._indexes = Indexes(self._client, folder)
        self._building = building
        self._snapshot: Snapshot | None = None
        self._closed = False
        self._had_indexes = False

    @property
    def applied(self) -> int:
        return self.position.sequence

    @property
    def position(self) -> LogPosition:
        state = self._state()
        self._had_indexes = bool(state.names)
        return state.position

    def counts(self) -> dict[Record, int]:
        if self._building is not None:
            self._indexes.refresh(self._building)
            self._forget()
        return self._answered(_counts)

    def search(self, request: SearchRequest) -> SearchResult:
        started = time.perf_counter()
        result = self._answered(lambda snapshot: _search(snapshot, request))
        return replace(result, took=time.perf_counter() - started)

    def matched(
        self, conditions: Sequence[ast.Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        return self._answered(lambda snapshot: _matched(snapshot, conditions, document_ids, record))

    def source_checksums(self, document_ids: Collection[str], record: Record) -> dict[str, str]:
        return self._answered(lambda snapshot: _sources(snapshot, document_ids, record))

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        return self._answered(lambda snapshot: lookups.values(request, snapshot))

    def ranked_values(self, request: RankedValuesRequest) -> RankedValues:
        return self._answered(lambda snapshot: lookups.ranked_values(request, snapshot))

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        return self._answered(
            lambda snapshot: lookups.spellings(field, word, distance=distance, record=record, snapshot=snapshot)
        )

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        return self._answered(lambda snapshot: lookups.days(field, record, snapshot))

    def writer(self) -> OpenSearchWriter:
        self._check_open()
        make_owner(self._folder)
        opened = OpenSearchWriter if self._building is None else StreamingWriter
        return opened(self._client, self._indexes, self._state(), self._follow)

    def verify(self) -> None:
        """Raise TryAgain if a part of the index is not available. The cluster verifies its files by itself."""
        self._indexes.refuse_red(self._state())

    def optimize(self) -> None:
        """Do nothing: the cluster merges by itself, on its own nodes."""

    def expunge(self) -> None:
        """Let the cluster rewrite the files with deleted records, and wait until it has removed them."""
        names = self._state().names
        if not names:
            return
        path = f"/{','.join(names.values())}"
        end = time.monotonic() + WRITE_PATIENCE
        self._forget()
        while True:
            self._client.send("POST", f"{path}/_flush?force=true&wait_if_ongoing=true")
            self._client.send("POST", f"{path}/_forcemerge?only_expunge_deletes=true")
            self._client.send("POST", f"{path}/_refresh")
            found = self._client.send("GET", f"{path}/_stats/docs")
            if not any(index["total"]["docs"]["deleted"] for index in found["indices"].values()):
                return
            if time.monotonic() > end:
                raise TryAgain(
                    f"The search cluster at {self._client.location.servers[0]} still keeps deleted records.",
                    hint="It removes them when all copies of the index are there; run `searchkit forget` again then.",
                )
            time.sleep(1.0)

    def size(self) -> int:
        names = self._state().names
        found = self._client.send("GET", f"/{','.join(names.values())}/_stats/store") if names else {}
        return int(found["_all"]["total"]["store"]["size_in_bytes"]) if found else 0

    def replace(self, fill: Callable[[Index], None]) -> None:
        """Let `fill` write new indexes next to these, then let the aliases name them, in one step."""
        make_owner(self._folder)
        state = self._indexes.create()
        new = OpenSearchIndex(self._folder, self._read, self._uri, building=state)
        try:
            fill(new)
            state = new._state()
            self._indexes.refresh(state)
        finally:
            new.close()
        self._indexes.copy(state)
        self._indexes.point_to(state)
        self._forget()

    def drop(self) -> None:
        """Delete the indexes."""
        self._indexes.drop()
        self._had_indexes = False
        self._forget()

    def close(self) -> None:
        self._forget()
        self._client.close()
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("This index is closed.")

    def _state(self) -> State:
        self._check_open()
        return self._building or self._indexes.current()

    def _follow(self, state: State) -> None:
        if self._building is not None:
            self._building = state
        self._forget()

    def _forget(self) -> None:
        if self._snapshot is not None:
            self._snapshot.close()
        self._snapshot = None

    def _answered(self, answer: Callable[[Snapshot], _Answer]) -> _Answer:
        """Return the answer of the current state; of the next one, if it was replaced by the time it was asked."""
        for pause in islice(pauses(), _ATTEMPTS):
            state = self._state()
            if self._had_indexes and not state.names:  # no answer is better than an empty one
                break
            self._had_indexes = bool(state.names)
            shown = self._snapshot
            if shown is None or (shown.names, shown.position) != (state.names, state.position):
                self._forget()
                shown = self._snapshot = Snapshot(self._client, state.names, state.position, self._read)
            try:
                return answer(shown)
            except Gone:
                self._snapshot = None
                time.sleep(pause)  # a node of the cluster may still name the index that was removed
        raise removed(self._client.location)


def _counts(snapshot: Snapshot) -> dict[Record, int]:
    body = {"query": EVERY, "size": 0, "track_total_hits": True}
    records: tuple[Record, ...] = ("document", "quote")
    return {record: snapshot.search(record, body)["hits"]["total"]["value"] for record in records}


def _search(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    counted = Counted(snapshot, request.record, request.query, copies=request.copies)
    planned = plan_facets(request, counted)
    wanted = request.offset + request.limit if request.limit > 0 else 0
    query, first = counted.query, _by_day("desc" if request.sort == "newest" else "asc")
    if request.sort == "relevance":
        query, first = snapshot.translator(request.record).scored(request.query, query), {"_score": "desc"}
    body = {
        "query": query,
        "sort": [first, *TIES],
        "size": min(wanted + 10, PAGE) if wanted else 0,
        "track_total_hits": True,
        "docvalue_fields": _FORMS,
        "aggs": counted.aggregations(),
    }
    answer = snapshot.search(request.record, body)
    counted.take(answer.get("aggregations", {}))
    facets = count_facets(planned)
    listed = _listed(snapshot, request, counted, body, answer["hits"]["hits"]) if wanted else iter(())
    return SearchResult(
        hits=tuple(islice(listed, request.offset, wanted)),
        total=answer["hits"]["total"]["value"] - counted.hidden,
        duplicates=counted.hidden,
        facets=facets,
    )


def _by_day(direction: str) -> dict[str, Any]:
    return {"day": {"order": direction, "missing": "_last"}}


def _listed(
    snapshot: Snapshot, request: SearchRequest, counted: Counted, body: Mapping[str, Any], first: list[dict[str, Any]]
) -> Iterator[Hit]:
    """Yield the hits in order, the first match of each group of copies. `first` are the rows that `body` found."""
    copies: dict[str, list[str]] = {}  # the matching records of a group, in order
    more: Iterable[list[dict[str, Any]]] = ()
    if first:
        after, size = first[-1]["sort"], 2 * len(first) + 100
        more = snapshot.pages(request.record, body["query"], body["sort"], _FORMS, size=size, after=after)
    for page in chain([first], more):
        groups = {own["copies"][0] for hit in page for own in (hit["fields"],) if "copies" in own}
        for group, members in counted.members(groups & counted.groups.keys()).items():
            precedences = {unsafe(own["id"][0]): unsafe(own["precedence"][0]) for own in members}
            copies[group] = in_order({copy: Precedence.unpacked(kept) for copy, kept in precedences.items()})
        for hit in page:
            own = hit["fields"]
            record_id = unsafe(own["id"][0])
            together = copies.get(own["copies"][0], [record_id]) if "copies" in own else [record_id]
            if together[0] == record_id:
                yield Hit(
                    id=record_id,
                    document=unsafe(own["document"][0]),
                    score=float(hit["sort"][0]) if request.sort == "relevance" else 0.0,
                    copies=len(together) - 1,
                    copy_ids=tuple(together[1 : COPY_IDS + 1]),
                )


def _sources(snapshot: Snapshot, document_ids: Iterable[str], record: Record) -> dict[str, str]:
    query = {"terms": {"document": sorted(map(safe, document_ids))}}
    fields = (hit["fields"] for hit in snapshot.rows(record, query, ("id", "source")))
    return {unsafe(own["id"][0]): own["source"][0] for own in fields}


def _matched(
    snapshot: Snapshot, conditions: Sequence[ast.Node], document_ids: Iterable[str], record: Record
) -> tuple[frozenset[str], ...]:
    found: list[set[str]] = [set() for _ in conditions]
    translator = snapshot.translator(record)
    named = [
        {"bool": {"filter": [translator.query(condition)], "_name": str(number)}}
        for number, condition in enumerate(conditions)
    ]
    own = {"terms": {"document": sorted(set(map(safe, document_ids)))}}
    if named:
        query = {"bool": {"filter": [own], "should": named, "minimum_should_match": 1}}
        for hit in snapshot.rows(record, query, ("id",)):
            for name in hit.get("matched_queries", ()):
                found[int(name)].add(unsafe(hit["fields"]["id"][0]))
    return tuple(map(frozenset, found))
