"""One kind of record in the current generation, opened: what is asked of tantivy, in the few ways that it is asked.

takes:    tantivy queries
gives:    counts, hits, row numbers, terms, and how many rows have which number, all of them exactly
does not: read query trees (translate.py does)
traps:    tantivy panics at a limit of 0, and aborts beyond 65,000 counts: then they are asked for in portions
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import tantivy

from searchkit.index.tantivy.fields import HAS_GROUP, ROW, TERMS, has_term, schema, span_term
from searchkit.index.tantivy.labels import Labels
from searchkit.index.tantivy.storage import open_index
from searchkit.query.fields import Record

Query = Any  # tantivy's
Address = Any  # of a row in one generation

# tantivy's own bound on the counts of one answer is 65,000.
_MOST_COUNTS = 60_000
_ALL = 1 << 31  # of the counts of one segment, before those of all are summed up
# So many terms are looked up one by one; with more, the whole dictionary is read, which takes 2 ms to 18 ms of 60,000
# statements and, for a term alone, 200 times as long as to look it up.
_FEW_TERMS = 1_000
_ASCENDING = tantivy.Order.Asc
# What is remembered of one generation between questions: leaves that were decided here, what names mean, scopes.
_REMEMBERED = 256

_Found = TypeVar("_Found")


class Rows:
    """The rows of one kind of record."""

    def __init__(self, generation: Path | None, record: Record) -> None:
        self.record: Record = record
        index = tantivy.Index(schema(record)) if generation is None else open_index(generation, record)
        # Nobody changes a generation: there is nothing to watch for.
        index.config_reader("manual")
        self.schema = index.schema
        self.searcher = index.searcher()
        self._labels: dict[str, Labels] = {}
        # What was found out about this generation, for questions that follow; and the ids that names mean.
        self.known: dict[object, Any] = {}
        self.named: dict[object, frozenset[str]] = {}

    def __len__(self) -> int:
        found: int = self.searcher.num_docs
        return found

    def remembered(self, key: object, find: Callable[[], _Found]) -> _Found:
        """What `find` gives, found once for questions that follow."""
        if key not in self.known:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[key] = find()
        found: _Found = self.known[key]
        return found

    # --- queries -----------------------------------------------------------------------------------------------------

    def term(self, name: str, value: str | int) -> Query:
        """Rows with this term."""
        return tantivy.Query.term_query(self.schema, name, value, "basic")

    def found_by(self, term: str) -> Query:
        """Rows with one of the terms that are no words."""
        return self.term(TERMS, term)

    def terms(self, name: str, values: Sequence[str] | Sequence[int]) -> Query:
        """Rows with any of these terms."""
        if not values:
            return tantivy.Query.empty_query()
        if len(values) == 1:
            return self.term(name, values[0])
        if len(values) <= _FEW_TERMS:
            terms = tantivy.Query.boolean_query([(tantivy.Occur.Should, self.term(name, value)) for value in values])
            return tantivy.Query.const_score_query(terms, 1.0)
        return tantivy.Query.term_set_query(self.schema, name, list(values))

    def has(self, name: str) -> Query:
        """Rows with a value in the field."""
        return self.found_by(has_term(name))

    # --- answers -----------------------------------------------------------------------------------------------------

    def count(self, query: Query) -> int:
        """How many rows match."""
        found: int = self.searcher.search(query, 1).count
        return found

    def best(self, query: Query, limit: int) -> list[tuple[float, Address]]:
        """The rows with the highest scores (`limit` at least 1)."""
        found: list[tuple[float, Address]] = self.searcher.search(query, limit, count=False).hits
        return found

    def first(self, query: Query, limit: int, order: str) -> list[tuple[str, Address]]:
        """The first rows in the order of a string column, with its values."""
        found: list[tuple[str, Address]] = self.searcher.search(
            query, limit, count=False, order_by_field=order, order=_ASCENDING
        ).hits
        return found

    def numbers(self, query: Query, name: str = ROW) -> list[int]:
        """A number of each row that matches, in ascending order."""
        return [number for number, _ in self.numbered(query, name)]

    def numbered(self, query: Query, name: str = ROW) -> list[tuple[int, Address]]:
        """The same, with where the row is."""
        limit = self.count(query)
        if not limit:
            return []
        found: list[tuple[int, Address]] = self.searcher.search(
            query, limit, count=False, order_by_field=name, order=_ASCENDING
        ).hits
        return found

    def document(self, address: Address) -> Any:
        """What is stored of a row."""
        return self.searcher.doc(address)

    def terms_of(self, name: str, prefix: str = "") -> list[str]:
        """All terms of a field that begin so, in order; some may be of removed rows only."""
        return [value for value, _ in self.searcher.terms_with_prefix(name, prefix)]

    def terms_among(self, query: Query, name: str, prefix: str) -> list[tuple[str, int]]:
        """The terms of a field that begin so of the rows that match, with how many of these have each."""
        found: list[tuple[str, int]] = self.searcher.terms_with_prefix(name, prefix, query)
        return found

    def labels(self, name: str) -> Labels:
        """What the values of a name or keyword field are called."""
        known = self._labels.get(name)
        if known is None:
            known = self._labels[name] = Labels(
                name,
                listed=lambda prefix: self.terms_of(TERMS, prefix),
                alive=lambda term: bool(self.count(self.found_by(term))),
            )
        return known

    def spans(self, name: str) -> list[str]:
        """The terms of all dates of a field that may be any of several days."""
        return self.remembered(("spans", name), lambda: self.terms_of(TERMS, span_term(name)))

    @cached_property
    def has_groups(self) -> bool:
        """Whether any row has copies."""
        return bool(self.searcher.doc_freq(TERMS, HAS_GROUP))

    # --- counts ------------------------------------------------------------------------------------------------------

    def counts(self, query: Query, name: str, *, least: int = 1) -> dict[int, int]:
        """How many of the rows that match have each number of a column that `least` rows have."""
        terms = {"field": name, "size": _MOST_COUNTS, "min_doc_count": least}
        found = self.searcher.aggregate(query, {"c": {"terms": terms}})["c"]
        if found["sum_other_doc_count"] == found["doc_count_error_upper_bound"] == 0:
            return {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
        pages = self._combined(query, (name,))
        every = {bucket["key"][name]: bucket["doc_count"] for page in pages for bucket in page}
        return every if least <= 1 else {number: count for number, count in every.items() if count >= least}

    def repeated(self, query: Query, name: str) -> tuple[dict[int, int], int]:
        """The same of numbers that several of the rows have, and how many others one row has each: most of many values
        stand in one row, and each that tantivy tells takes longer than counting it."""
        found = self.searcher.aggregate(
            query,
            {
                "c": {"terms": {"field": name, "size": _MOST_COUNTS, "segment_size": _ALL, "min_doc_count": 2}},
                "v": {"value_count": {"field": name}},
            },
        )
        if found["c"]["sum_other_doc_count"]:
            return self.counts(query, name), 0
        told = {bucket["key"]: bucket["doc_count"] for bucket in found["c"]["buckets"]}
        return told, int(found["v"]["value"]) - sum(told.values())

    def combinations(self, query: Query, names: Sequence[str]) -> Iterator[tuple[tuple[int, ...], int]]:
        """How many of the rows that match have each combination of numbers, one of each of these columns."""
        for page in self._combined(query, names):
            for bucket in page:
                yield tuple(bucket["key"][name] for name in names), bucket["doc_count"]

    def _combined(self, query: Query, names: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        sources = [{name: {"terms": {"field": name}}} for name in names]
        composite: dict[str, Any] = {"size": _MOST_COUNTS, "sources": sources}
        while True:
            found = self.searcher.aggregate(query, {"c": {"composite": composite}})["c"]
            yield found["buckets"]
            if len(found["buckets"]) < _MOST_COUNTS:
                return
            composite["after"] = found["after_key"]

    def bounds(self, query: Query, name: str) -> tuple[int, int] | None:
        """The least and the greatest number of a column."""
        found = self.searcher.aggregate(query, {"a": {"min": {"field": name}}, "z": {"max": {"field": name}}})
        least, greatest = found["a"]["value"], found["z"]["value"]
        return None if least is None else (int(least), int(greatest))
