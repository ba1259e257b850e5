"""Look up values, words and days."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from searchkit.cluster.opensearch.facets import Counted
from searchkit.cluster.opensearch.queries import EVERY, Query, fuzzy_words, occurs, refused
from searchkit.cluster.opensearch.records import UNPLACED, label_of, part, parts_of, unsafe
from searchkit.cluster.opensearch.snapshot import Snapshot
from searchkit.index.analysis import name_words, words
from searchkit.index.base import FacetRequest, RankedValue, RankedValues, RankedValuesRequest, ValueCount, ValuesRequest
from searchkit.index.facets import value_facet
from searchkit.index.ranking import text_fields
from searchkit.index.values import value_counts, value_key, valued_field, within_edits
from searchkit.query import ast, fields
from searchkit.query.fields import Record


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
