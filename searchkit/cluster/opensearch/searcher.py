"""The indexes of a cluster as an Index; base.py describes its methods."""

import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from searchkit.cluster.opensearch.client import WRITE_PATIENCE, Client, credentials, location, pauses, removed
from searchkit.cluster.opensearch.facets import Counted, count_facets, plan_facets
from searchkit.cluster.opensearch.queries import EVERY, TIES, Query, fuzzy_words, occurs, refused
from searchkit.cluster.opensearch.records import UNPLACED, label_of, part, parts_of, safe, unsafe
from searchkit.cluster.opensearch.snapshot import PAGE, Gone, Snapshot
from searchkit.cluster.opensearch.state import Indexes, State, make_owner
from searchkit.cluster.opensearch.writer import OpenSearchWriter, StreamingWriter
from searchkit.errors import TryAgain
from searchkit.index.analysis import name_words, words
from searchkit.index.base import (
    COPY_IDS,
    FacetRequest,
    Hit,
    Index,
    RankedValue,
    RankedValues,
    RankedValuesRequest,
    ReadDocument,
    SearchRequest,
    SearchResult,
    ValueCount,
    ValuesRequest,
    without_store,
)
from searchkit.index.facets import value_facet
from searchkit.index.ranking import Precedence, in_order, text_fields
from searchkit.index.values import value_counts, value_key, valued_field, within_edits
from searchkit.query import ast, fields
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
        return self._answered(lambda snapshot: values(request, snapshot))

    def ranked_values(self, request: RankedValuesRequest) -> RankedValues:
        return self._answered(lambda snapshot: ranked_values(request, snapshot))

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        return self._answered(
            lambda snapshot: spellings(field, word, distance=distance, record=record, snapshot=snapshot)
        )

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        return self._answered(lambda snapshot: days(field, record, snapshot))

    def writer(self) -> OpenSearchWriter:
        state = self._state()
        make_owner(self._folder)
        opened = OpenSearchWriter if self._building is None else StreamingWriter
        return opened(self._client, self._indexes, state, self._follow)

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

    def _state(self) -> State:
        if self._closed:
            raise ValueError("This index is closed.")
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
    query, order = counted.query, "desc" if request.sort == "newest" else "asc"
    first: dict[str, Any] = {"day": {"order": order, "missing": "_last"}}
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


# --- values, words and days -------------------------------------------------------------------------------------------


def values(request: ValuesRequest, snapshot: Snapshot) -> tuple[ValueCount, ...]:
    """Return the matching values, most frequent first. UsageError for a field without values."""
    field = valued_field(request.field, request.record)
    leaves = request.value.children if isinstance(request.value, ast.Or) else (request.value,)
    counted = Counted(snapshot, request.record, request.query, copies=request.copies)
    form = part(field.name, "label")
    counts = snapshot.values(request.record, counted.query, form)
    counted.take({} if request.copies else None)
    labels = {kept: label_of(kept) for kept in counts}
    if field.kind == "name":
        ids = _matching_ids(request, field, leaves, snapshot)
        labels = {kept: own for kept, own in labels.items() if ids is None or own.id in ids}
    else:
        labels = {kept: own for kept, own in labels.items() if any(_keyword_matches(leaf, own.id) for leaf in leaves)}
    names = {(own.id, own.name): counts[kept] for kept, own in labels.items()}
    totals: Counter[str] = Counter()
    for (value_id, _), count in names.items():
        totals[value_id] += count
    counted.forms.add(form)
    for group in counted.values_by_group(form):
        having = Counter(labels[kept].id for own in group for kept in own if kept in labels)
        totals.subtract({value_id: count - 1 for value_id, count in having.items()})
    return value_counts(totals, names)


def _matching_ids(
    request: ValuesRequest, field: fields.Field, leaves: Sequence[ast.Node], snapshot: Snapshot
) -> set[str] | None:
    """Return the ids of the names that any record spells as wanted; None for all."""
    if any(isinstance(leaf, ast.Exists) for leaf in leaves) and not request.any_order:
        return None
    found: set[str] = set()
    record, translator = request.record, snapshot.translator(request.record)
    for leaf in leaves:
        if request.any_order:
            wanted = sorted(name_words(leaf.text)) if isinstance(leaf, ast.Term | ast.Phrase) else []
            each = [translator.query(ast.Term(text=word), field.name) for word in wanted]
            spelled = _spellings(field, record, {"bool": {"filter": each}}, snapshot) if wanted else ()
            found |= {own for own, spelling in spelled if sorted(spelling.split()) == wanted}
            continue
        query = translator.query(leaf, field.name)
        if isinstance(leaf, ast.Equals):
            key, labels = value_key(leaf.text), snapshot.values(record, query, part(field.name, "label"))
            found |= {own.id for own in map(label_of, labels) if key in (own.name_key, value_key(own.id))}
        else:
            found |= {own for own, spelling in _spellings(field, record, query, snapshot) if occurs(leaf, spelling)}
    return found


def _spellings(field: fields.Field, record: Record, query: Query, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield the ids of the names that matching records have, each with the words of one of its spellings."""
    for own in map(label_of, snapshot.values(record, query, part(field.name, "label"))):
        yield own.id, " ".join(name_words(own.name))
    for kept in snapshot.values(record, query, part(field.name, "spelled")):
        value_id, spelling = parts_of(kept)
        yield value_id, spelling


def _keyword_matches(leaf: ast.Node, value: str) -> bool:
    key = value_key(value)
    match leaf:
        case ast.Exists():
            return True
        case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
            return key == value_key(leaf.text)
        case ast.Prefix(text=text):
            return key.startswith(value_key(text))
        case ast.Fuzzy(text=text, distance=distance):
            return within_edits(key, value_key(text), distance)
        case ast.Regex():
            raise refused("patterns", leaf)
    return False


def ranked_values(request: RankedValuesRequest, snapshot: Snapshot) -> RankedValues:
    """Return the first values of several fields. UsageError for a field without values."""
    counts: dict[str, Counter[tuple[Record, str]]] = {}
    names: dict[str, str] = {}
    for record, name in request.fields:
        field = valued_field(name, record)
        labels = {
            label_of(kept): own for kept, own in snapshot.values(record, EVERY, part(field.name, "label")).items()
        }
        keys = snapshot.values(record, EVERY, part(field.name, "key"))
        totals = {unsafe(key): count for key, count in keys.items()}
        facet = value_facet(FacetRequest(field=name, size=len(totals) + 1), [*labels.items()], totals, 0)
        for value in facet.counts:
            kind = value.id.partition(":")[0]
            if kind not in request.without and (not request.kinds or kind in request.kinds):
                counts.setdefault(value.id, Counter())[record, name] = value.count
                names.setdefault(value.id, value.value)
    found = [
        RankedValue(id=own, name=names[own], counts=tuple(having[field] for field in request.fields))
        for own, having in counts.items()
    ]
    found.sort(key=RankedValue.order)
    return RankedValues(total=len(found), values=tuple(found[: request.size]))


def spellings(name: str, word: str, *, distance: int, record: Record, snapshot: Snapshot) -> tuple[ValueCount, ...]:
    """Return the words of a field within `distance` edits of `word`, most frequent first."""
    field = fields.find(name)
    wanted = name_words(word) if field is not None and field.kind == "name" else words(word)
    if field is None or record not in field.records or field.kind not in {"text", "name"} or len(wanted) != 1:
        return ()
    if field.kind == "text":
        forms = [part(own, "words") for own in text_fields(field.name, record)]
    else:
        forms = [part(field.name, "spelling")]
    near = {other for form in forms for other in _words_near(snapshot, record, form, wanted[0], distance)}
    if not near:
        return ()
    filters = {other: {"bool": {"should": [{"term": {form: other}} for form in forms]}} for other in near}
    body: dict[str, Any] = {"query": EVERY, "size": 0, "aggs": {"near": {"filters": {"filters": filters}}}}
    found = snapshot.search(record, body)["aggregations"].get("near", {}).get("buckets", {})
    counts = {other: bucket["doc_count"] for other, bucket in found.items() if bucket["doc_count"]}
    return value_counts(counts, {(other, other): count for other, count in counts.items()})


def _words_near(snapshot: Snapshot, record: Record, form: str, word: str, distance: int) -> Collection[str]:
    """Return the words of a form of a field within so many edits, at most MAX_NEAR of them.

    No request lists words, but the cluster explains a query by the words that it looks for."""
    query = fuzzy_words(form, word, distance) if distance else {"term": {form: word}}
    found = re.findall(rf"{re.escape(form)}:([^\s()^]{{1,2000}})", snapshot.explanation(record, query))
    return [other for other in found if within_edits(other, word, distance)]


def days(name: str, record: Record, snapshot: Snapshot) -> tuple[date, date] | None:
    """Return the first and last day of a date field; None if no record has a date."""
    field = fields.find(name)
    if field is None or record not in field.records or field.kind != "date":
        return None
    single = {"field": part(field.name, "day"), "size": 2}  # one of them may be UNPLACED
    wanted = {
        "first": {"min": {"field": part(field.name, "first")}},
        "last": {"max": {"field": part(field.name, "last")}},
        "earliest": {"terms": {**single, "order": {"_key": "asc"}}},
        "latest": {"terms": {**single, "order": {"_key": "desc"}}},
    }
    found = snapshot.search(record, {"query": EVERY, "size": 0, "aggs": wanted})["aggregations"]
    ends = [found.get(end, {}).get("value") for end in ("first", "last")]
    keys = [bucket["key"] for end in ("earliest", "latest") for bucket in found.get(end, {}).get("buckets", ())]
    known = [date.fromordinal(int(end)) for end in ends if end is not None]
    known += [date.fromisoformat(key) for key in keys if key != UNPLACED]
    return (min(known), max(known)) if known else None
