"""Count facets: the facets over the same records are one request.

Of a field with more than MAX_VALUES values, the cluster returns the most frequent ones; only if these do not decide
which values are shown, all are read. Of records that are copies, each value counts once in their group, but the cluster
counts records. So the records of groups of which several match are read, and what they add is subtracted.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from heapq import nlargest
from itertools import product
from typing import Any

from searchkit.cluster.opensearch.queries import EVERY, Query
from searchkit.cluster.opensearch.records import UNPLACED, label_of, part, safe, unsafe
from searchkit.cluster.opensearch.snapshot import MAX_BUCKETS, Snapshot
from searchkit.index.base import Facet, FacetRequest, SearchRequest
from searchkit.index.facets import counted_query, date_facet, facet_fields, pair_facet, value_facet
from searchkit.index.values import Pair
from searchkit.query import ast
from searchkit.query.fields import Field, Record

Aggregations = dict[str, Any]
Results = Mapping[str, Any]
Fields = Mapping[str, Sequence[str]]
"""The values of a record by form."""

# The values of a facet in a request.
MAX_VALUES = 1_000
# The most groups of copies in a request, and the most values of all its facets together.
_MAX_GROUPS, _MAX_TOGETHER = MAX_BUCKETS // 2, MAX_BUCKETS // 2
# Up to so many distinct values, their number is nearly exact.
_PRECISION = 40_000


class Counted:
    """The records of one kind that match a query, the groups of copies of which several match, and the `facets` that
    are counted over them, by number."""

    def __init__(self, snapshot: Snapshot, record: Record, tree: ast.Node, *, copies: bool) -> None:
        """With `copies`, every copy counts."""
        self.snapshot = snapshot
        self.record: Record = record
        self.query: Query = snapshot.translator(record).query(tree)
        self.groups: Mapping[str, int] = {}
        self.facets: dict[int, tuple[FacetRequest, tuple[Field, ...]]] = {}
        # The forms whose values of copies are compared; all are read at once.
        self.forms: set[str] = set()
        self.results: Results | None = None
        self._copies = copies
        self._members: dict[str, list[Fields]] = {}

    def aggregations(self) -> Aggregations:
        """Return what finds the groups and counts the facets."""
        found: Aggregations = {}
        if not self._copies:
            found["groups"] = {"terms": {"field": "copies", "size": _MAX_GROUPS, "min_doc_count": 2}}
        size = min(MAX_VALUES, _MAX_TOGETHER // max(2 * len(self.facets), 1))
        for number, (request, fields) in self.facets.items():
            found[str(number)] = {"filter": EVERY, "aggs": _aggregations(request, fields, size)}
        return found

    def take(self, results: Results | None = None) -> None:
        """Take the results of `aggregations`, or ask for them."""
        self.results = results = self.ask(self.aggregations()) if results is None else results
        self.groups = _counts(results.get("groups"))
        if len(self.groups) == _MAX_GROUPS:
            every = self.snapshot.combinations(self.record, self.query, "copies")
            self.groups = {group: count for (group,), count in every if count > 1}

    @property
    def hidden(self) -> int:
        """How many records are copies of others that match as well."""
        return sum(self.groups.values()) - len(self.groups)

    def members(self, groups: Collection[str]) -> dict[str, list[Fields]]:
        """Return the matching records of these groups, which are read once, with `forms` and what orders copies."""
        unread = sorted(set(groups).difference(self._members))
        if unread:
            query = {"bool": {"filter": [self.query, {"terms": {"copies": unread}}]}}
            forms = ("id", "document", "copies", "precedence", *sorted(self.forms))
            for hit in self.snapshot.rows(self.record, query, forms):
                self._members.setdefault(hit["fields"]["copies"][0], []).append(hit["fields"])
        return {group: self._members[group] for group in groups}

    def values_by_group(self, form: str) -> list[list[Sequence[str]]]:
        """Return the values of one of the `forms` in the matching records of each group."""
        return [[own.get(form, ()) for own in group] for group in self.members(self.groups).values()]

    def ask(self, aggregations: Aggregations) -> Results:
        """Return the results of aggregations over the records."""
        answer = self.snapshot.search(self.record, {"query": self.query, "size": 0, "aggs": aggregations})
        results: Results = answer.get("aggregations", {})
        return results


def plan_facets(request: SearchRequest, hits: Counted) -> list[Counted]:
    """Add the facets of a request to the records over which each is counted, usually the hits; return these records."""
    known = {request.query: hits}
    for number, wanted in enumerate(request.facets):
        fields = facet_fields(wanted, request.record)
        tree = counted_query(request.query, fields, all_values=wanted.all_values)
        if tree not in known:
            known[tree] = Counted(hits.snapshot, request.record, tree, copies=request.copies)
        known[tree].facets[number] = (wanted, fields)
        known[tree].forms.update(_compared_forms(wanted, fields, request.record))
    return [*known.values()]


def count_facets(planned: Sequence[Counted]) -> tuple[Facet, ...]:
    """Return the planned facets."""
    found: dict[int, Facet] = {}
    for counted in planned:
        if counted.results is None:
            counted.take()
        results: Results = counted.results or {}
        for number, (request, fields) in counted.facets.items():
            found[number] = _facet(request, fields, counted, results.get(str(number), {}))
    return tuple(found[number] for number in sorted(found))


def _aggregations(request: FacetRequest, fields: tuple[Field, ...], size: int) -> Aggregations:
    if len(fields) == 2:
        present = [{"exists": {"field": part(field.name, "label")}} for field in fields]
        return {"missing": {"filter": {"bool": {"must_not": [{"bool": {"filter": present}}]}}}}
    (field,) = fields
    forms = {"keys": _date_form(request, field)}
    if field.kind != "date":
        forms = {"keys": part(field.name, "key"), "labels": part(field.name, "label")}
    counts = {name: {"terms": {"field": form, "size": size}} for name, form in forms.items()}
    return {**counts, "missing": {"missing": {"field": forms["keys"]}}}


def _compared_forms(request: FacetRequest, fields: tuple[Field, ...], record: Record) -> list[str]:
    """Return the forms that copies are compared by."""
    if len(fields) == 2:
        return [part(field.name, "label") for field in fields] if record == "quote" else []
    (field,) = fields
    if field.name == "copies":  # a group counted once would say nothing
        return []
    return [_date_form(request, field) if field.kind == "date" else part(field.name, "key")]


def _facet(request: FacetRequest, fields: tuple[Field, ...], counted: Counted, results: Results) -> Facet:
    missing = int(results.get("missing", {}).get("doc_count", 0))
    if len(fields) == 2:
        count = _pairs if counted.record == "quote" else _pairs_of_documents
        return count(request, (part(fields[0].name, "label"), part(fields[1].name, "label")), counted, missing)
    return (_dates if fields[0].kind == "date" else _values)(request, fields[0], counted, results, missing)


def _date_form(request: FacetRequest, field: Field) -> str:
    return part(field.name, request.interval or "month")


def _counts(result: Mapping[str, Any] | None) -> dict[str, int]:
    return {str(bucket["key"]): bucket["doc_count"] for bucket in (result or {}).get("buckets", ())}


def _is_complete(result: Mapping[str, Any] | None) -> bool:
    return not (result or {}).get("sum_other_doc_count", 0)


def _excess(groups: Sequence[Sequence[Collection[Any]]]) -> Counter[Any]:
    """Return how much too often each value is counted in groups of copies, given the values of each record."""
    excess: Counter[Any] = Counter()
    for group in groups:
        having = Counter(value for values in group for value in set(values))
        excess.update({value: count - 1 for value, count in having.items() if count > 1})
    return excess


def _corrected(counts: Mapping[str, int], groups: Sequence[Sequence[Collection[str]]]) -> dict[str, int]:
    """Return counts of records by value as counts in which each group of copies counts once."""
    excess = _excess(groups)
    return {key: count - excess.get(key, 0) for key, count in counts.items()}


def _hidden_without(groups: Sequence[Sequence[Collection[Any]]]) -> int:
    return sum(max(sum(not values for values in group) - 1, 0) for group in groups)


# --- values -----------------------------------------------------------------------------------------------------------


def _values(request: FacetRequest, field: Field, counted: Counted, results: Results, missing: int) -> Facet:
    key, label = part(field.name, "key"), part(field.name, "label")
    groups = counted.values_by_group(key) if key in counted.forms else []
    keys, labels, distinct = _counts(results.get("keys")), _counts(results.get("labels")), None
    if not (_is_complete(results.get("keys")) and _is_complete(results.get("labels"))):
        least = min(labels.values())  # another label may be as frequent
        labels = {kept: count for kept, count in labels.items() if count > least}
        shown = _first_keys(request, _corrected(keys, groups), min(keys.values()))
        if shown and shown <= {safe(label_of(kept).key) for kept in labels}:
            number = counted.ask({"all": {"cardinality": {"field": key, "precision_threshold": _PRECISION}}})
            distinct = int(number["all"]["value"])
        else:
            keys = counted.snapshot.values(counted.record, counted.query, key)
            labels = counted.snapshot.values(counted.record, counted.query, label)
    return value_facet(
        request,
        [(label_of(kept), count) for kept, count in labels.items()],
        {unsafe(own): count for own, count in _corrected(keys, groups).items()},
        missing - _hidden_without(groups),
        distinct=distinct,
    )


def _first_keys(request: FacetRequest, totals: Mapping[str, int], least: int) -> set[str]:
    """Return the keys of the values of which the facet shows some, given the `totals` of all with more than `least`
    records; nothing if these do not decide it."""
    first = nlargest(request.size, totals.values())
    if request.sort != "count" or not 0 < request.size <= len(first) or first[-1] <= least:
        return set()
    return {key for key, count in totals.items() if count >= first[-1]}


# --- dates ------------------------------------------------------------------------------------------------------------


def _dates(request: FacetRequest, field: Field, counted: Counted, results: Results, missing: int) -> Facet:
    form = _date_form(request, field)
    totals = _counts(results.get("keys"))
    if not _is_complete(results.get("keys")):
        totals = counted.snapshot.values(counted.record, counted.query, form)
    groups = counted.values_by_group(form)
    totals = _corrected(totals, groups)
    unknown = totals.pop(UNPLACED, 0)
    return date_facet(request, totals, missing=missing - _hidden_without(groups), unknown=unknown)


# --- pairs ------------------------------------------------------------------------------------------------------------


def _pairs(request: FacetRequest, forms: tuple[str, str], counted: Counted, missing: int) -> Facet:
    found = counted.snapshot.combinations(counted.record, counted.query, *forms)
    labels = {_pair(*kept): count for kept, count in found}
    totals = Counter[tuple[str, str]]()
    for pair, count in labels.items():
        totals[pair.key] += count
    if len(totals) < len(labels):  # a statement may have several names of a value
        keys = [form.replace("__label", "__key") for form in forms]
        found = counted.snapshot.combinations(counted.record, counted.query, *keys)
        totals = Counter({(unsafe(one), unsafe(other)): count for (one, other), count in found})
    groups = [
        [{_pair(*kept).key for kept in product(*both)} for both in zip(*sides, strict=True)]
        for sides in zip(*map(counted.values_by_group, forms), strict=True)
    ]
    return pair_facet(request, [*labels.items()], totals - _excess(groups), missing - _hidden_without(groups))


def _pair(one: str, other: str) -> Pair:
    return Pair(label_of(one), label_of(other))


def _pairs_of_documents(request: FacetRequest, forms: tuple[str, str], counted: Counted, missing: int) -> Facet:
    """Count documents by the pairs of their statements, which are in the other index."""
    snapshot = counted.snapshot
    found: dict[str, set[Pair]] = {}
    query = EVERY
    if counted.query != EVERY:
        query = {"terms": {"document": [*snapshot.values("document", counted.query, "document")]}}
    for (document, *kept), _ in snapshot.combinations("quote", query, "document", *forms):
        found.setdefault(unsafe(document), set()).add(_pair(*kept))
    labels = Counter(pair for pairs in found.values() for pair in pairs)
    keys = {document: {pair.key for pair in pairs} for document, pairs in found.items()}
    groups = [
        [keys.get(unsafe(own["document"][0]), set()) for own in group]
        for group in counted.members(counted.groups).values()
    ]
    totals = Counter(key for own in keys.values() for key in own)
    documents = snapshot.search("document", {"query": counted.query, "size": 0, "track_total_hits": True})
    missing = documents["hits"]["total"]["value"] - len(found) - _hidden_without(groups)
    return pair_facet(request, [*labels.items()], totals - _excess(groups), missing)
