"""Translate query trees to OpenSearch's query language.

Some conditions take further requests, which `Lookups` makes: those on a statement of a document, and `exact:`, which
compares texts of the store. Others are refused: patterns over values, and NEAR of anything but words and phrases
without gaps.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, Protocol

from msgspec.structs import replace

from searchkit.cluster.opensearch.records import SEPARATOR, part, safe
from searchkit.errors import UsageError
from searchkit.index.analysis import name_words, prefix_words, stem, stems, words, written_alike
from searchkit.index.passages import Passage
from searchkit.index.ranking import scored_leaves, text_fields
from searchkit.index.values import searched_fields, value_key
from searchkit.query import ast, fields
from searchkit.query.fields import Record

Query = dict[str, Any]
Split = Callable[[str], list[str]]
"""Splits a text into the words of a field."""
NONE: Query = {"match_none": {}}
EVERY: Query = {"match_all": {}}
# The order of hits with equal scores or days: by document, and then in text order.
TIES: tuple[dict[str, Any], ...] = ({"document": "asc"}, {"place": "asc"})
# Words this close score a hit higher.
_PROXIMITY = 20
_MAX_PROXIMITY_WORDS = 50
_MAX_EXPANSIONS = 1_000_000
# Words near another one: the server's default limit is 1,024 conditions.
MAX_NEAR = 500


class Lookups(Protocol):
    """What a translation needs to look up first."""

    def stating(self, inner: ast.Node) -> Collection[str]:
        """Return the ids of the documents with a statement that matches, as the index holds them."""

    def verified(self, record: Record, field: str, text: str, candidates: Query) -> Collection[str]:
        """Return the ids of those candidates that have exactly this text, as the index holds them."""


class Translator:
    """Translates queries over one kind of record."""

    def __init__(self, record: Record, lookups: Lookups) -> None:
        self._record: Record = record
        self._lookups = lookups

    def query(self, node: ast.Node, field: str = "text") -> Query:
        """Return the query for `node`, whose bare words belong to `field`."""
        match node:
            case ast.All():
                return EVERY
            case ast.And(children=children):
                return {"bool": {"filter": [self.query(child, field) for child in children]}}
            case ast.Or(children=children):
                return self._or(children, field)
            case ast.Not(child=child):
                return {"bool": {"must_not": [self.query(child, field)]}}
            case ast.Field(name=name, value=value):
                return self.query(value, name)
            case ast.Scope(inner=inner):
                if self._record == "quote":
                    return self.query(inner)
                return _terms("id", self._lookups.stating(inner))
            case ast.Ids(ids=ids):
                return _terms("id", map(safe, ids))
        return self._leaf(node, field)

    def _or(self, children: Sequence[ast.Node], field: str) -> Query:
        """Join by OR; the words among them are one condition, because the number of conditions is limited."""
        single: dict[str, list[str]] = {}
        others = []
        for child in children:
            inner, name = (child.value, child.name) if isinstance(child, ast.Field) else (child, field)
            known = fields.find(name)
            wanted = words(inner.text) if isinstance(inner, ast.Term) else ()
            if known and known.kind == "text" and self._has(known) and len(wanted) == 1:
                for form, word in _stemmed(known.name, wanted[0]):
                    single.setdefault(form, []).append(word)
            else:
                others.append(self.query(child, field))
        return _any([*(_terms(form, own) for form, own in single.items()), *others])

    def _has(self, field: fields.Field) -> bool:
        return field.indexed and self._record in field.records

    def _leaf(self, node: ast.Node, name: str) -> Query:
        field = fields.find(name)
        if field is None or not self._has(field):
            return NONE
        match field.kind:
            case "text":
                return self._text(field, node)
            case "name":
                return _any([self._name(own, node) for own in searched_fields(field, node)])
            case "keyword":
                return self._keyword(field, node)
            case "date":
                return date_query(field.name, node)
        return NONE

    # --- words --------------------------------------------------------------------------------------------------------

    def _text(self, field: fields.Field, node: ast.Node) -> Query:
        parts = words(node.text) if isinstance(node, ast.Term) else ()
        if len(parts) == 1:
            return _any([{"term": {form: word}} for form, word in _stemmed(field.name, parts[0])])
        return _any([self._written_in(name, node, words) for name in text_fields(field.name, self._record)])

    def _written_in(self, name: str, node: ast.Node, split: Split) -> Query:
        form = part(name, "words")
        match node:
            case ast.Exists():
                return {"exists": {"field": form}}
            case ast.Exact(text=text):
                candidates = [
                    {"bool": {"filter": [{"exists": {"field": form}}]}},
                    *([self._caseless_row(form, words(text))] if words(text) else []),
                ]
                wanted = {"bool": {"filter": candidates}}
                return _terms("id", self._lookups.verified(self._record, name, text, wanted))
        return self._written(form, node, split)

    def _caseless_row(self, form: str, row: Sequence[str]) -> Query:
        """Return the query for words in a row where case does not count."""
        each = [[_interval(word) for word in written_alike(word)] for word in row]
        return _intervals(form, {"all_of": {"ordered": True, "max_gaps": 0, "intervals": list(map(_any_of, each))}})

    def _written(self, form: str, node: ast.Node, split: Split) -> Query:
        """Return the query for words as written."""
        if isinstance(node, ast.Near):
            return _near(form, node, split)
        wanted = wanted_words(node, split)
        if not wanted or isinstance(node, ast.Exact):
            return NONE
        match node:
            case ast.Prefix() if len(wanted) == 1:
                return {"prefix": {form: {"value": wanted[0]}}}
            case ast.Prefix():
                row = {"query": " ".join(wanted), "max_expansions": _MAX_EXPANSIONS}
                return {"match_phrase_prefix": {form: row}}
            case ast.Fuzzy(distance=distance) if len(wanted) == 1:
                return _fuzzy(form, wanted[0], distance)
            case ast.Fuzzy(distance=distance):
                near = {"span_multi": {"match": fuzzy_words(form, wanted[-1], distance)}}
                clauses = [*({"span_term": {form: word}} for word in wanted[:-1]), near]
                return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}
            case ast.Phrase(slop=slop) if slop and len(wanted) > 1:
                return _intervals(form, _interval(" ".join(wanted), slop))
        return _row(form, wanted)

    # --- values -------------------------------------------------------------------------------------------------------

    def _name(self, field: fields.Field, node: ast.Node) -> Query:
        match node:
            case ast.Exists():
                return {"exists": {"field": part(field.name, "key")}}
            case ast.Equals(text=text):
                key = value_key(text)
                by_name = {"prefix": {part(field.name, "named"): {"value": safe(key) + SEPARATOR}}}
                return _any([{"term": {part(field.name, "key"): safe(key)}}, by_name])
            case ast.Regex():
                raise refused("patterns", node)
            case ast.Exact(text=text):
                return self._written(part(field.name, "spelling"), ast.Phrase(text=text), name_words)
        return self._written(part(field.name, "spelling"), node, name_words)

    def _keyword(self, field: fields.Field, node: ast.Node) -> Query:
        form = part(field.name, "key")
        match node:
            case ast.Exists():
                return {"exists": {"field": form}}
            case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
                return {"term": {form: safe(value_key(node.text))}}
            case ast.Prefix():
                return {"prefix": {form: {"value": safe(value_key(node.text))}}}
            case ast.Fuzzy(distance=distance):
                key = value_key(node.text)
                if len(key) <= distance:  # OpenSearch finds nothing if no letter has to stay
                    raise refused("values with no letter in common", node)
                return _fuzzy(form, safe(key), distance)
            case ast.Regex():
                raise refused("patterns", node)
        return NONE

    # --- scores -------------------------------------------------------------------------------------------------------

    def scored(self, tree: ast.Node, found: Query) -> Query:
        """Return the query `found` with scores: BM25 for the words of `tree`, more if they stand close together, and
        one for every other leaf that a record matches."""
        should: list[Query] = []
        together: dict[str, dict[str, None]] = {}
        for name, leaf in scored_leaves(tree):
            field = fields.find(name)
            if field and field.kind == "text" and isinstance(leaf, ast.Term | ast.Phrase):
                if self._has(field):
                    scoring = "text" if field.name == "body" else field.name  # they are one text
                    together.setdefault(scoring, {}).update(dict.fromkeys(words(leaf.text)))
            else:
                should.append({"constant_score": {"filter": self.query(leaf, name)}})
        for name, found_words in together.items():
            should += [{"term": {form: own}} for word in found_words for form, own in _stemmed(name, word)]
            if 1 < len(found_words) <= _MAX_PROXIMITY_WORDS:
                form, near = part(name, "words"), [*found_words]
                if name == "text":
                    form, near = part(name, "stems"), stems(found_words)
                should.append({"match_phrase": {form: {"query": " ".join(near), "slop": _PROXIMITY}}})
        if not should:
            return {"constant_score": {"filter": found, "boost": 0}}
        return {"bool": {"filter": [found], "should": should}}


def _stemmed(name: str, word: str) -> list[tuple[str, str]]:
    """Return the forms of a text field in which the stem of `word` stands, and what it is there."""
    own = stem(word)
    found = [(part(name, "stems"), own)]
    if name != "text" and stem(own) == own:  # these words are their own stems
        found.append((part(name, "words"), own))
    return found


def _any(queries: Sequence[Query]) -> Query:
    found = [query for query in queries if query is not NONE]
    if not found:
        return NONE
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}


def _terms(form: str, values: Iterable[str]) -> Query:
    return {"terms": {form: sorted(set(values))}}


def _row(form: str, wanted: Sequence[str]) -> Query:
    if len(wanted) == 1:
        return {"term": {form: wanted[0]}}
    return {"match_phrase": {form: {"query": " ".join(wanted)}}}


def _near(form: str, node: ast.Near, split: Split) -> Query:
    sides = [wanted_words(side, split) for side in (node.left, node.right)]
    if not all(sides):
        return NONE
    for side, own in zip((node.left, node.right), sides, strict=True):
        # Of several ends of a phrase with gaps, OpenSearch compares only the nearest.
        has_gaps = isinstance(side, ast.Phrase) and side.slop > 0 and len(own) > 1
        if has_gaps or not isinstance(side, ast.Term | ast.Phrase):
            raise refused("NEAR of anything but words and phrases without gaps", node)
    rows = [_interval(" ".join(side)) for side in sides]
    orders = [rows] if node.ordered else [rows, rows[::-1]]
    return _any(
        [
            _intervals(form, {"all_of": {"ordered": True, "max_gaps": node.distance, "intervals": order}})
            for order in orders
        ]
    )


def fuzzy_words(form: str, word: str, distance: int) -> Query:
    """Return the query for the words within so many edits, at most MAX_NEAR of them, the nearest first."""
    how = {"value": word, "fuzziness": distance, "transpositions": False, "max_expansions": MAX_NEAR}
    return {"fuzzy": {form: {**how, "rewrite": f"top_terms_{MAX_NEAR}"}}}


def _fuzzy(form: str, value: str, distance: int) -> Query:
    if not distance:
        return {"term": {form: value}}
    how = {"value": value, "fuzziness": distance, "transpositions": False, "rewrite": "constant_score"}
    return {"fuzzy": {form: {**how, "max_expansions": 1}}}


def _interval(wanted: str, slop: int = 0) -> Query:
    return {"match": {"query": wanted, "ordered": True, "max_gaps": slop}}


def _any_of(intervals: Sequence[Query]) -> Query:
    return intervals[0] if len(intervals) == 1 else {"any_of": {"intervals": intervals}}


def _intervals(form: str, rule: Query) -> Query:
    return {"intervals": {form: rule}}


def date_query(name: str, node: ast.Node) -> Query:
    """Return the query for a condition on a date field."""
    days = part(name, "days")
    match node:
        case ast.Range(start=start, end=end, within=within):
            span: dict[str, Any] = {
                "gte": start.toordinal() if start else 0,
                "lte": end.toordinal() if end else date.max.toordinal() + 1,
            }
            if span["gte"] > span["lte"]:
                if within:
                    return NONE
                # A span that begins before the end and ends after the start contains both.
                return {"range": {days: {"gte": span["lte"], "lte": span["gte"], "relation": "contains"}}}
            return {"range": {days: {**span, "relation": "within" if within else "intersects"}}}
        case ast.Unplaced(unit=unit):
            return {"term": {part(name, "unplaced"): unit}}
        case ast.Exists():
            return {"exists": {"field": days}}
    return NONE


# --- words of conditions ----------------------------------------------------------------------------------------------


def wanted_words(node: ast.Node, split: Split) -> list[str]:
    """Return the words of a leaf; `*` or `~` applies to the last."""
    if isinstance(node, ast.Prefix) and split is words:
        return prefix_words(node.text)
    if isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy | ast.Exact):
        return split(node.text)
    return []


def refused(what: str, node: ast.Node) -> UsageError:
    """Return the error for a condition that OpenSearch cannot look for."""
    return UsageError(
        f"An index in OpenSearch cannot look for {what}: {node}",
        hint="Write the condition without, or switch to the embedded index: searchkit rebuild --engine whoosh:",
    )


def occurs(node: ast.Node, spelling: str) -> bool:
    """Return whether `node`, but not NEAR, stands in a spelling of a name, as written."""
    written = " ".join(wanted_words(node, name_words))
    if isinstance(node, ast.Phrase | ast.Prefix | ast.Fuzzy):
        return bool(Passage(spelling).places(replace(node, text=written)))
    return bool(Passage(spelling).places(ast.Phrase(text=written)))
