"""Count facets: the cluster counts records by value, and what it cannot answer in one step is asked in the next.

Each facet is a generator of steps; the steps of all facets over the same records are one request. Of records that are
copies, each value counts once in their group, but the cluster counts records. So the records of groups of which several
match are read, and what they add is subtracted.
"""

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from msgspec import Struct

from searchkit.cluster.opensearch.mapping import UNPLACED, part
from searchkit.cluster.opensearch.queries import EVERY, TIES, Query, prefix_pattern
from searchkit.cluster.opensearch.records import label_of, parts_of, safe, unsafe
from searchkit.cluster.opensearch.snapshot import MAX_BUCKETS, Snapshot, TooManyValues
from searchkit.index.base import Facet, FacetRequest, SearchRequest
from searchkit.index.facets import counted_query, date_facet, facet_fields, pair_facet, value_facet
from searchkit.index.ranking import Precedence
from searchkit.index.values import Label, Pair
from searchkit.query import ast
from searchkit.query.fields import Field, Record

Aggregations = dict[str, Any]
Steps = Generator[Aggregations, Mapping[str, Any], Facet]
"""Yields aggregations over the counted records, receives their results, and returns the facet."""

# The most frequent values, which the first step asks for. If there are no others, it is the only step.
FIRST_VALUES = 200
# Values of a field that are fetched if the most frequent ones do not decide which are shown.
_MANY_VALUES = MAX_BUCKETS // 4
# Labels of some values, and values in one pattern.
_MAX_LABELS, _MAX_PREFIXES = 5_000, 50
# Ends the names of results that only other aggregations use.
UNSENT = "_unsent"
# So many distinct values are counted one by one, which takes two milliseconds for a thousand. The number of more is
# estimated.
_MOST_COUNTED = 40_000


class Member(Struct, frozen=True):
    """A matching record of a group of copies, with values by form."""

    id: str
    document: str
    group: str
    precedence: Precedence
    values: Mapping[str, Sequence[str]]


class Counted:
    """The records of one kind that match a query, and the groups of copies of which several match."""

    def __init__(self, snapshot: Snapshot, record: Record, tree: ast.Node, *, copies: bool) -> None:
        """With `copies`, every copy counts."""
        self.snapshot = snapshot
        self.record: Record = record
        self.query: Query = snapshot.translator(record).query(tree)
        self.groups: Mapping[str, int] = {}
        # The forms whose values of copies are compared; all are read at once.
        self.forms: set[str] = set()
        self._is_known = copies
        self._members: dict[str, list[Member]] | None = None

    def aggregations(self) -> Aggregations:
        """Return what finds the groups, until they are known."""
        if self._is_known:
            return {}
        return {"groups": {"terms": {"field": "copies", "size": MAX_BUCKETS, "min_doc_count": 2}}}

    def take(self, results: Mapping[str, Any]) -> None:
        """Take the results of `aggregations`."""
        if self._is_known:
            return
        buckets = _buckets(results.get("groups"))
        self.groups = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
        if len(buckets) == MAX_BUCKETS:
            every = self.snapshot.combinations(self.record, self.query, "copies")
            self.groups = {group: count for (group,), count in every if count > 1}
        self._is_known = True

    @property
    def hidden(self) -> int:
        """How many records are copies of others that match as well."""
        return sum(self.groups.values()) - len(self.groups)

    def members(self, groups: Collection[str], *forms: str) -> Iterator[Member]:
        """Yield the matching records of these groups, with the values of these forms."""
        query = {"bool": {"filter": [self.query, {"terms": {"copies": sorted(groups)}}]}}
        for hit in self.snapshot.rows(self.record, query, TIES, ("id", "document", "copies", "precedence", *forms)):
            own = hit["fields"]
            yield Member(
                unsafe(own["id"][0]),
                unsafe(own["document"][0]),
                own["copies"][0],
                Precedence.unpacked(unsafe(own["precedence"][0])),
                {form: own.get(form, ()) for form in forms},
            )

    def known_members(self, groups: Collection[str]) -> Iterator[Member]:
        """Yield the matching records of these groups, which are read only once."""
        if self._members is None:
            return self.members(groups)
        return (member for group in groups for member in self._members.get(group, ()))

    def by_group(self) -> list[list[Member]]:
        """Return the matching records of each of the groups, with the values of `forms`."""
        if self._members is None:
            self._members = {}
            if self.groups:
                for member in self.members(self.groups, *sorted(self.forms)):
                    self._members.setdefault(member.group, []).append(member)
        return [*self._members.values()]

    def ask(self, aggregations: Aggregations) -> Mapping[str, Any]:
        """Return the results of aggregations over the records, without those whose names end with UNSENT."""
        body = {"query": self.query, "size": 0, "aggs": aggregations}
        try:
            answer = self.snapshot.search(self.record, body, unsent=f"aggregations.*{UNSENT}")
        except TooManyValues:
            # Those of a facet stay together.
            facets = sorted({name.partition("_")[0] for name in aggregations})
            if len(facets) == 1:
                raise
            halves = (facets[: len(facets) // 2], facets[len(facets) // 2 :])
            parts = [
                {name: how for name, how in aggregations.items() if name.partition("_")[0] in half} for half in halves
            ]
            return {**self.ask(parts[0]), **self.ask(parts[1])}
        results: Mapping[str, Any] = answer.get("aggregations", {})
        return results


class FacetRun:
    """The facets of a search, step by step. The first step of those over the hits is part of the search."""

    def __init__(self, request: SearchRequest, hits: Counted) -> None:
        self._hits = hits
        self._count = len(request.facets)
        self._counted: dict[ast.Node, Counted] = {request.query: hits}
        self._steps: list[tuple[Counted, Steps]] = []
        for wanted in request.facets:
            own = facet_fields(wanted, request.record)
            tree = counted_query(request.query, own, all_values=wanted.all_values)
            if tree not in self._counted:
                self._counted[tree] = Counted(hits.snapshot, request.record, tree, copies=request.copies)
            counted = self._counted[tree]
            self._steps.append((counted, _steps(wanted, own, counted)))
        self._waiting = {number: next(steps) for number, (_, steps) in enumerate(self._steps)}

    def aggregations(self, counted: Counted | None = None) -> Aggregations:
        """Return the next aggregations over records, by default over the hits."""
        counted = counted or self._hits
        found = counted.aggregations()
        for number, wanted in self._waiting.items():
            if self._steps[number][0] is counted:
                found.update({f"{number}_{name}": _prefixed_path(how, number) for name, how in wanted.items()})
        return found

    def facets(self, results: Mapping[str, Any]) -> tuple[Facet, ...]:
        """Return the facets, given the results over the hits."""
        finished: dict[int, Facet] = {}
        answers = {id(self._hits): results}
        self._hits.take(results)
        while self._waiting:
            for counted in {id(each): each for number in self._waiting for each in (self._steps[number][0],)}.values():
                if id(counted) not in answers:
                    answers[id(counted)] = counted.ask(self.aggregations(counted))
                    counted.take(answers[id(counted)])
            for number in [*self._waiting]:
                counted, steps = self._steps[number]
                own = {
                    name.partition("_")[2]: result
                    for name, result in answers[id(counted)].items()
                    if name.partition("_")[0] == str(number)
                }
                try:
                    self._waiting[number] = steps.send(own)
                except StopIteration as stop:
                    finished[number] = stop.value
                    del self._waiting[number]
            answers = {}
        return tuple(finished[number] for number in range(self._count))


def _steps(request: FacetRequest, counted_fields: tuple[Field, ...], counted: Counted) -> Steps:
    if len(counted_fields) == 2:
        return _pair_steps(request, counted_fields[0], counted_fields[1], counted)
    (field,) = counted_fields
    return (_date_steps if field.kind == "date" else _value_steps)(request, field, counted)


def _prefixed_path(aggregation: Aggregations, number: int) -> Aggregations:
    """Return an aggregation; one over the buckets of another names it with the number of its facet."""
    if "stats_bucket" not in aggregation:
        return aggregation
    return {"stats_bucket": {"buckets_path": f"{number}_{aggregation['stats_bucket']['buckets_path']}"}}


def _buckets(result: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    return result.get("buckets", ()) if result else ()


def _counts(result: Mapping[str, Any] | None) -> dict[str, int]:
    return {str(bucket["key"]): bucket["doc_count"] for bucket in _buckets(result)}


def _is_complete(result: Mapping[str, Any] | None) -> bool:
    return not (result or {}).get("sum_other_doc_count", 0)


def _terms(form: str, size: int, **more: Any) -> Aggregations:
    return {"terms": {"field": form, "size": size, **more}}


def _missing(*forms: str) -> Aggregations:
    """Return what counts the records without values in one of these forms."""
    if len(forms) == 1:
        return {"missing": {"field": forms[0]}}
    present = [{"exists": {"field": form}} for form in forms]
    return {"filter": {"bool": {"must_not": [{"bool": {"filter": present}}]}}}


def _number(result: Mapping[str, Any] | None) -> int:
    return int((result or {}).get("doc_count", 0))


# --- values -----------------------------------------------------------------------------------------------------------


def _value_steps(request: FacetRequest, field: Field, counted: Counted) -> Steps:
    key, label = part(field.name, "key"), part(field.name, "label")
    chosen = sorted({safe(own) for choice in request.chosen for own in choice.keys})
    first = {"keys": _terms(key, FIRST_VALUES), "labels": _terms(label, FIRST_VALUES), "missing": _missing(key)}
    if chosen:
        first["chosen"] = _terms(key, len(chosen), include=chosen)
    if field.name != "copies":  # a group counted once would say nothing
        counted.forms.add(key)
    results = yield first
    keys, labels = _counts(results.get("keys")), _counts(results.get("labels"))
    groups = [] if field.name == "copies" else counted.by_group()
    excess = _excess([[member.values[key] for member in group] for group in groups])
    missing = _number(results.get("missing")) - _hidden_without([[m.values[key] for m in group] for group in groups])
    if not (_is_complete(results.get("keys")) and _is_complete(results.get("labels"))):
        totals = _corrected({**_counts(results.get("chosen")), **keys}, excess)
        candidates = _candidates(request, totals, min(keys.values()), {*chosen})
        if candidates is not None:
            # Others are less frequent than these labels.
            least = 0 if _is_complete(results.get("labels")) else min(labels.values())
            frequent = {kept: count for kept, count in labels.items() if count > least}
            most = len(keys) + results["keys"]["sum_other_doc_count"]
            return (yield from _first_values(request, field, candidates, missing, frequent, most))
        results = yield {"keys": _terms(key, _MANY_VALUES), "labels": _terms(label, _MANY_VALUES)}
        keys, labels = _counts(results.get("keys")), _counts(results.get("labels"))
        if not (_is_complete(results.get("keys")) and _is_complete(results.get("labels"))):
            keys = counted.snapshot.values(counted.record, counted.query, key)
            labels = counted.snapshot.values(counted.record, counted.query, label)
    totals = _corrected(keys, excess)
    return value_facet(
        request,
        [(label_of(kept), count) for kept, count in labels.items()],
        {unsafe(own): count for own, count in totals.items()},
        missing,
    )


def _corrected(counts: Mapping[str, int], excess: Mapping[str, int]) -> dict[str, int]:
    return {key: count - excess.get(key, 0) for key, count in counts.items()}


def _excess(groups: Sequence[Sequence[Collection[Any]]]) -> Counter[Any]:
    """Return how much too often each value is counted in groups of copies, given the values of each record."""
    excess: Counter[Any] = Counter()
    for group in groups:
        having = Counter(value for values in group for value in set(values))
        excess.update({value: count - 1 for value, count in having.items() if count > 1})
    return excess


def _hidden_without(groups: Sequence[Sequence[Collection[Any]]]) -> int:
    return sum(max(sum(not values for values in group) - 1, 0) for group in groups)


def _candidates(
    request: FacetRequest, totals: Mapping[str, int], least: int, chosen: Collection[str]
) -> dict[str, int] | None:
    """Return the values of which the facet shows some; None if one that is not in `totals`, which has all with more
    than `least` records, may be among them."""
    in_order = sorted(totals.values(), reverse=True)
    if request.sort != "count" or not 0 < request.size <= len(in_order) or in_order[request.size - 1] <= least:
        return None
    cut = in_order[request.size - 1]
    return {key: count for key, count in totals.items() if count >= cut or key in chosen}


def _first_values(
    request: FacetRequest,
    field: Field,
    candidates: Mapping[str, int],
    missing: int,
    frequent: Mapping[str, int],
    most: int,
) -> Steps:
    """Count a field with more values than are looked at, but no more than `most`: fetch the labels of the candidates,
    which come with their counts, except those whose most frequent ones are known, and what has the same names."""
    key, label, named = part(field.name, "key"), part(field.name, "label"), part(field.name, "named")
    every_label = {label_of(kept): count for kept, count in frequent.items()}
    labels = {own: count for own, count in every_label.items() if safe(own.key) in candidates}
    unknown = candidates.keys() - {safe(own.key) for own in labels}
    every = f"keys{UNSENT}"
    counting = {
        every: _terms(key, MAX_BUCKETS, order={"_key": "asc"}),
        "number": {"stats_bucket": {"buckets_path": f"{every}>_count"}},
    }
    estimating = {"estimate": {"cardinality": {"field": key, "precision_threshold": _MOST_COUNTED}}}
    results: Mapping[str, Any] = {}
    if unknown:
        results = yield _with_prefixes(label, unknown)
        labels.update((label_of(kept), count) for kept, count in _prefixed(results).items())
    name_keys = {safe(own.name_key) for own in labels}
    wanted = _with_prefixes(label, {*candidates, *name_keys})
    if field.kind == "name":
        wanted.update({f"named{number}": how for number, how in _with_prefixes(named, name_keys).items()})
    results = yield {**(counting if most <= _MOST_COUNTED else estimating), **wanted}
    rivals = [label_of(kept) for kept in _prefixed(results)]
    for name, result in results.items():
        if name.startswith("named"):
            rivals += [Label(own, "", "", name_key) for name_key, own in map(parts_of, _counts(result))]
    distinct = int(results.get("estimate", {}).get("value", 0))
    if distinct <= _MOST_COUNTED:
        results = results if "number" in results else (yield counting)
        distinct = int(results["number"]["count"])
    return value_facet(
        request,
        [*labels.items()],
        {unsafe(own): count for own, count in candidates.items()},
        missing,
        distinct=distinct,
        rivals=lambda _: rivals,
    )


def _with_prefixes(form: str, beginnings: Collection[str]) -> Aggregations:
    """Return what lists the values that begin with one of these parts."""
    ordered = sorted(beginnings)
    return {
        f"prefixes{start}": _terms(form, _MAX_LABELS, include=prefix_pattern(ordered[start : start + _MAX_PREFIXES]))
        for start in range(0, len(ordered), _MAX_PREFIXES)
    }


def _prefixed(results: Mapping[str, Any]) -> dict[str, int]:
    return {
        kept: count
        for name, result in results.items()
        if name.startswith("prefixes")
        for kept, count in _counts(result).items()
    }


# --- dates ------------------------------------------------------------------------------------------------------------


def _date_steps(request: FacetRequest, field: Field, counted: Counted) -> Steps:
    form = part(field.name, request.interval or "month")
    counted.forms.add(form)
    results = yield {"keys": _terms(form, MAX_BUCKETS // 4), "missing": _missing(form)}
    totals = _counts(results.get("keys"))
    if not _is_complete(results.get("keys")):
        totals = counted.snapshot.values(counted.record, counted.query, form)
    groups = [[member.values[form] for member in group] for group in counted.by_group()]
    totals = _corrected(totals, _excess(groups))
    unknown = totals.pop(UNPLACED, 0)
    return date_facet(
        request, totals, missing=_number(results.get("missing")) - _hidden_without(groups), unknown=unknown
    )


# --- pairs ------------------------------------------------------------------------------------------------------------


def _pair_steps(request: FacetRequest, first: Field, second: Field, counted: Counted) -> Steps:
    forms = part(first.name, "label"), part(second.name, "label")
    if counted.record == "quote":
        counted.forms.update(forms)
    results = yield {"missing": _missing(*forms)}
    if counted.record == "document":
        return _pairs_of_documents(request, forms, counted)
    snapshot = counted.snapshot
    labels = {_pair(*kept): count for kept, count in snapshot.combinations(counted.record, counted.query, *forms)}
    totals = Counter[tuple[str, str]]()
    for pair, count in labels.items():
        totals[pair.key] += count
    if len(totals) < len(labels):  # a statement may have several names of a value
        keys = snapshot.combinations(counted.record, counted.query, part(first.name, "key"), part(second.name, "key"))
        totals = Counter({(unsafe(one), unsafe(other)): count for (one, other), count in keys})
    groups = [
        [{_pair(*kept).key for kept in product(*(member.values[form] for form in forms))} for member in group]
        for group in counted.by_group()
    ]
    missing = _number(results.get("missing")) - _hidden_without(groups)
    return pair_facet(request, [*labels.items()], totals - _excess(groups), missing)


def _pair(one: str, other: str) -> Pair:
    return Pair(label_of(one), label_of(other))


def _pairs_of_documents(request: FacetRequest, forms: tuple[str, str], counted: Counted) -> Facet:
    """Count documents by the pairs of their statements, which are in the other index."""
    snapshot = counted.snapshot
    group_of = {member.document: member.group for group in counted.by_group() for member in group}
    found: dict[str, set[Pair]] = {}
    query = EVERY
    if counted.query != EVERY:
        query = {"terms": {"document": [*snapshot.values("document", counted.query, "document")]}}
    for (document, *kept), _ in snapshot.combinations("quote", query, "document", *forms):
        found.setdefault(unsafe(document), set()).add(_pair(*kept))
    labels = Counter(pair for pairs in found.values() for pair in pairs)
    groups: dict[str, list[set[tuple[str, str]]]] = {}
    for document, group in group_of.items():
        groups.setdefault(group, []).append({pair.key for pair in found.get(document, ())})
    totals = Counter(key for pairs in found.values() for key in {pair.key for pair in pairs})
    documents = snapshot.search("document", {"query": counted.query, "size": 0, "track_total_hits": True})
    missing = documents["hits"]["total"]["value"] - len(found) - _hidden_without([*groups.values()])
    return pair_facet(request, [*labels.items()], totals - _excess([*groups.values()]), missing)
