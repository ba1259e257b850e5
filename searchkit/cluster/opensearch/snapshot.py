"""One state of the two indexes, which later commits do not change: a point in time for each.

A point in time ends when nothing was asked for some minutes, or with the node that holds it; then `Gone` is raised.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any

from searchkit.cluster.opensearch.client import Client, Refused, unexpected
from searchkit.cluster.opensearch.queries import TIES, Query, Translator
from searchkit.cluster.opensearch.records import safe, unsafe
from searchkit.index.analysis import contains_exact, exact_key
from searchkit.index.base import ReadDocument
from searchkit.index.rows import passages
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.statements.document import LogPosition

KEEP_ALIVE = "5m"
# Hits and combinations of values in an answer: the server's default limits are 10,000 hits and 65,535 values.
PAGE = 10_000
MAX_BUCKETS = 50_000
_NO_ANSWER: Mapping[str, Any] = {"hits": {"total": {"value": 0}, "hits": []}, "aggregations": {}}
_MAX_CACHED = 64
_SEARCH = "/_search?allow_partial_search_results=false"


class Gone(Exception):
    """The indexes were replaced, or the cluster has forgotten the point in time: open a new snapshot."""


class Snapshot:
    """The indexes called `names`, with the changes up to `position`; without names, an index that does not exist."""

    def __init__(self, client: Client, names: Mapping[Record, str], position: LogPosition, read: ReadDocument) -> None:
        self.position = position
        self.names = names
        self._client = client
        self._read = read
        self._points: dict[Record, str] = {}
        self._looked_up: dict[tuple[object, ...], Collection[str]] = {}

    def close(self) -> None:
        """Let the cluster forget the points in time."""
        points, self._points = [*self._points.values()], {}
        if points:
            try:
                self._client.request("DELETE", "/_search/point_in_time", {"pit_id": points}, patience=0)
            except Exception:  # noqa: BLE001  # the cluster forgets them after some minutes anyway
                return

    def search(self, record: Record, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the answer to a request for records of one kind."""
        if record not in self.names:
            return _NO_ANSWER
        if record not in self._points:
            # A node that has a copy of the index answers without another one.
            path = f"/{self.names[record]}/_search/point_in_time?keep_alive={KEEP_ALIVE}&preference=_local"
            self._points[record] = str(self._post(path)["pit_id"])
        answer = self._post(_SEARCH, {**body, "pit": {"id": self._points[record], "keep_alive": KEEP_ALIVE}})
        self._points[record] = answer.get("pit_id", self._points[record])
        return answer

    def _post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._client.request("POST", path, body)
        except Refused as error:
            is_gone = error.status == 404 or "no node found" in error.reason  # the point was on a node that died
            raise (Gone() if is_gone else unexpected(self._client.location, error)) from error
        return answer

    def explanation(self, record: Record, query: Query) -> str:
        """Return how the cluster rewrites a query, with the words that it looks for."""
        if record not in self.names:
            return ""
        answer = self._post(f"/{self.names[record]}/_validate/query?rewrite=true", {"query": query})
        return " ".join(str(each.get("explanation", "")) for each in answer["explanations"])

    def translator(self, record: Record) -> Translator:
        """Return what translates queries over one kind of record."""
        return Translator(record, self)

    # --- requests for everything ---

    def rows(self, record: Record, query: Query, forms: Collection[str]) -> Iterator[dict[str, Any]]:
        """Yield all hits by document and in text order, with the values of these forms."""
        return chain.from_iterable(self.pages(record, query, TIES, forms))

    def pages(
        self,
        record: Record,
        query: Query,
        sort: Sequence[Mapping[str, Any]],
        forms: Collection[str],
        *,
        size: int = PAGE,
        after: Sequence[Any] = (),
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the hits `after` a place in the order, page by page, with the values of these forms; the first page has
        `size` hits, the next ones more."""
        while True:
            body = {"query": query, "sort": sort, "docvalue_fields": [*forms], "size": min(size, PAGE)}
            hits = self.search(record, {**body, "search_after": after} if after else body)["hits"]["hits"]
            yield hits
            if len(hits) < min(size, PAGE):
                return
            after = hits[-1]["sort"]
            size *= 2

    def combinations(self, record: Record, query: Query, *forms: str) -> list[tuple[tuple[str, ...], int]]:
        """Return every combination of values of the forms, and how many records have it."""
        sources = [{str(number): {"terms": {"field": form}}} for number, form in enumerate(forms)]
        found: list[tuple[tuple[str, ...], int]] = []
        after: Mapping[str, Any] | None = None
        while True:
            composite = {"size": PAGE, "sources": sources, **({"after": after} if after else {})}
            answer = self.search(record, {"query": query, "size": 0, "aggs": {"all": {"composite": composite}}})
            page = answer["aggregations"].get("all", {}).get("buckets", ())
            found += [(tuple(bucket["key"].values()), bucket["doc_count"]) for bucket in page]
            if len(page) < PAGE:
                return found
            after = answer["aggregations"]["all"]["after_key"]

    def values(self, record: Record, query: Query, form: str) -> dict[str, int]:
        """Return every value of a form, and how many records have it."""
        terms = {"field": form, "size": MAX_BUCKETS}
        answer = self.search(record, {"query": query, "size": 0, "aggs": {"all": {"terms": terms}}})["aggregations"]
        buckets = answer.get("all", {}).get("buckets", ())
        if len(buckets) < MAX_BUCKETS:
            return {str(bucket["key"]): bucket["doc_count"] for bucket in buckets}
        return {value: count for (value,), count in self.combinations(record, query, form)}

    # --- lookups of queries.py ---

    def stating(self, inner: ast.Node) -> Collection[str]:
        """Return the ids of the documents with a statement that matches."""
        return self._once(
            ("stating", inner), lambda: self.values("quote", self.translator("quote").query(inner), "document").keys()
        )

    def verified(self, record: Record, field: str, text: str, candidates: Query) -> Collection[str]:
        """Return the ids of the candidates that have exactly this text in a field."""
        wanted = exact_key(text)

        def look_up() -> Iterator[str]:
            hits = self.rows(record, candidates, ("id", "document"))
            for owner, own in groupby(hits, lambda hit: unsafe(hit["fields"]["document"][0])):
                document = self._read(owner)
                texts = passages(document, record, field) if document is not None else {}
                keys = {each: map(exact_key, found) for each, found in texts.items()}
                ids = {safe(each) for each, own in keys.items() if any(contains_exact(key, wanted) for key in own)}
                yield from (row_id for hit in own if (row_id := hit["fields"]["id"][0]) in ids)

        return self._once(("verified", record, field, text), lambda: [*look_up()])

    def _once(self, key: tuple[object, ...], look_up: Callable[[], Collection[str]]) -> Collection[str]:
        if key not in self._looked_up:
            if len(self._looked_up) >= _MAX_CACHED:
                self._looked_up.clear()
            self._looked_up[key] = look_up()
        return self._looked_up[key]
