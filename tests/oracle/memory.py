"""The oracle: an Index in memory that compares every record with the query.

The engine must give the same answers. This is written to be obviously right, so nothing here may become clever.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self, TypeGuard

from searchkit.index.analysis import name_words, stem, words
from searchkit.index.base import (
    COPY_IDS,
    Facet,
    FacetRequest,
    Hit,
    Index,
    RankedValue,
    RankedValues,
    RankedValuesRequest,
    SearchRequest,
    SearchResult,
    ValueCount,
    ValuesRequest,
)
from searchkit.index.facets import counted_query, date_facet, facet_fields, pair_facet, value_facet
from searchkit.index.ranking import (
    K1,
    MAX_PROXIMITY_TERMS,
    PROXIMITY_WINDOW,
    RERANK_DEPTH,
    Precedence,
    day_fields,
    idf,
    in_order,
    scored_leaves,
    text_fields,
    tf_norm,
    weight,
)
from searchkit.index.rows import NameValue, Row, document_row, quote_rows, source_checksum
from searchkit.index.values import Label, Pair, interval_key, label, value_counts, valued_field, within_edits
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.statements.document import BEGINNING, Document, LogPosition
from tests.oracle.row_matching import WordedRow, keyword_matches, kind_of, name_matches, row_matches

_RECORDS: tuple[Record, ...] = ("document", "quote")


def _records(document: Document, record: Record) -> dict[str, WordedRow]:
    rows = (document_row(document),) if record == "document" else quote_rows(document)
    source = source_checksum(document)
    return {row.id: WordedRow(row, source) for row in rows}


class MemoryIndex:
    """An Index without files."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.position = BEGINNING
        self._set_rows({record: {} for record in _RECORDS})

    def _set_rows(self, rows: dict[Record, dict[str, WordedRow]]) -> None:
        self._rows = rows
        self._statements: dict[str, list[WordedRow]] = {}  # by document
        for worded in rows["quote"].values():
            self._statements.setdefault(worded.row.document, []).append(worded)
        self._known: dict[tuple[ast.Node, Record], list[WordedRow]] = {}

    @property
    def applied(self) -> int:
        return self.position.sequence

    def source_checksums(self, document_ids: Collection[str], record: Record) -> dict[str, str]:
        rows = self._rows[record].items()
        return {known: worded.source for known, worded in rows if worded.row.document in document_ids}

    def counts(self) -> dict[Record, int]:
        return {record: len(self._rows[record]) for record in _RECORDS}

    def writer(self) -> "MemoryWriter":
        return MemoryWriter(self)

    def verify(self) -> None: ...

    def optimize(self) -> None: ...

    def expunge(self) -> None: ...

    def size(self) -> int:
        return 0

    def replace(self, fill: Callable[[Index], None]) -> None:
        new = MemoryIndex(self.folder)
        fill(new)
        self._set_rows(new._rows)
        self.position = new.position

    def drop(self) -> None:
        self._set_rows({record: {} for record in _RECORDS})
        self.position = BEGINNING

    def close(self) -> None: ...

    def apply(self, put: Mapping[str, Document], deleted: Collection[str], position: LogPosition) -> None:
        rows: dict[Record, dict[str, WordedRow]] = {}
        for record in _RECORDS:
            own = self._rows[record].items()
            rows[record] = {
                key: found for key, found in own if found.row.document not in deleted and found.row.document not in put
            }
            for document in put.values():
                rows[record].update(_records(document, record))
        self._set_rows(rows)
        self.position = position

    def search(self, request: SearchRequest) -> SearchResult:
        started = time.perf_counter()
        facets = tuple(self._facet(facet, request) for facet in request.facets)
        found = self._found(request.query, request.record)
        others: dict[str, list[str]] = {}
        for group in [] if request.copies else _groups(found):
            if len(group) > 1:
                first, *behind = in_order(_precedences(group))
                others[first] = behind
        hidden = {record_id for copies in others.values() for record_id in copies}
        found = [record for record in found if record.row.id not in hidden]
        place = {row_id: number for number, row_id in enumerate(self._rows[request.record])}  # statements in text order

        def score_order(record: WordedRow) -> tuple[float, str, int]:
            return -scores[record.row.id], record.row.document, place[record.row.id]

        if request.sort == "relevance":
            scores = self._scores(request, found)
            hits = sorted(found, key=score_order)
            for record in hits[:RERANK_DEPTH]:
                scores[record.row.id] += self._proximity(request, record)
            hits.sort(key=score_order)
        else:
            scores = {}
            hits = sorted(
                found,
                key=lambda record: (_date_order(record.row, newest=request.sort == "newest"), place[record.row.id]),
            )
        listed = hits[request.offset : request.offset + request.limit]
        return SearchResult(
            hits=tuple(
                Hit(
                    id=record.row.id,
                    document=record.row.document,
                    score=scores.get(record.row.id, 0.0),
                    copies=len(others.get(record.row.id, ())),
                    copy_ids=tuple(others.get(record.row.id, ())[:COPY_IDS]),
                )
                for record in listed
            ),
            total=len(found),
            duplicates=sum(map(len, others.values())),
            facets=facets,
            took=time.perf_counter() - started,
        )

    def _found(self, query: ast.Node, record: Record) -> "list[WordedRow]":
        if (query, record) not in self._known:
            self._known[query, record] = [one for one in self._rows[record].values() if self._matches(query, one)]
        return self._known[query, record]

    def matched(
        self, conditions: Sequence[ast.Node], document_ids: Collection[str], record: Record = "quote"
    ) -> tuple[frozenset[str], ...]:
        wanted = set(document_ids)
        own = [worded for worded in self._rows[record].values() if worded.row.document in wanted]
        return tuple(
            frozenset(worded.row.id for worded in own if self._matches(condition, worded)) for condition in conditions
        )

    # --- counting -----------------------------------------------------------------------------------------------------

    def _facet(self, request: FacetRequest, search: SearchRequest) -> Facet:
        counted = facet_fields(request, search.record)
        query = counted_query(search.query, counted, all_values=request.all_values)
        found = self._found(query, search.record)
        # Copies of each other are counted as one.
        each_counts = search.copies or request.field == "copies"
        groups = [[record] for record in found] if each_counts else _groups(found)
        if len(counted) == 2:
            return self._pair_facet(request, counted[0], counted[1], groups)
        (field,) = counted
        if field.kind == "date":
            return _date_facet(request, field, groups)
        labels = Counter(one for record in found for one in _labels(record, field))
        totals = Counter(
            key for group in groups for key in {one.key for record in group for one in _labels(record, field)}
        )
        missing = sum(any(not _labels(record, field) for record in group) for group in groups)
        return value_facet(request, labels.items(), totals, missing)

    def _pair_facet(
        self, request: FacetRequest, first: fields.Field, second: fields.Field, groups: "list[list[WordedRow]]"
    ) -> Facet:
        def pairs(record: WordedRow) -> set[Pair]:
            statements = [record]
            if record.row.record == "document":
                statements = self._statements.get(record.row.id, [])
            return {
                Pair(one, other)
                for part in statements
                for one in _labels(part, first)
                for other in _labels(part, second)
            }

        grouped = [[pairs(record) for record in group] for group in groups]
        labels = Counter(pair for group in grouped for own in group for pair in own)
        totals = Counter(key for group in grouped for key in {pair.key for own in group for pair in own})
        missing = sum(any(not own for own in group) for group in grouped)
        return pair_facet(request, labels.items(), totals, missing)

    # --- looking up ---------------------------------------------------------------------------------------------------

    def values(self, request: ValuesRequest) -> tuple[ValueCount, ...]:
        field = valued_field(request.field, request.record)
        found = [record for record in self._rows[request.record].values() if self._matches(request.query, record)]
        every = [record.row for record in self._rows[request.record].values()]
        names = [value for row in every for value in row.names.get(field.name, ())]
        ids = {value.id for value in names if _is_value(value, request)}
        having: dict[str, set[str]] = {}  # by id; what has copies is known by their group
        tally: Counter[tuple[str, str]] = Counter()
        for record in found:
            row = record.row
            known_by = row.id if request.copies or row.precedence is None else f"copies of {row.copies}"
            if field.kind == "name":
                own = {(value.id, value.name) for value in row.names.get(field.name, ()) if value.id in ids}
            else:
                keywords = row.keywords.get(field.name, ())
                leaves = _leaves(request.value)
                own = {(word, word) for word in keywords if any(keyword_matches(leaf, word) for leaf in leaves)}
            tally.update(own)
            for value_id, _ in own:
                having.setdefault(value_id, set()).add(known_by)
        return value_counts({value_id: len(records) for value_id, records in having.items()}, tally)

    def ranked_values(self, request: RankedValuesRequest) -> RankedValues:
        counts: dict[str, Counter[tuple[Record, str]]] = {}
        names: dict[str, str] = {}
        for record, field in request.fields:
            facet = self.search(
                SearchRequest(
                    query=ast.All(), record=record, facets=(FacetRequest(field=field, size=10**9),), copies=True
                )
            ).facets[0]
            for value in facet.counts:
                kind = value.id.partition(":")[0]
                if kind not in request.without and (not request.kinds or kind in request.kinds):
                    counts.setdefault(value.id, Counter())[record, field] = value.count
                    names.setdefault(value.id, value.value)
        found = [
            RankedValue(id=id_, name=names[id_], counts=tuple(own[field] for field in request.fields))
            for id_, own in counts.items()
        ]
        found.sort(key=RankedValue.order)
        return RankedValues(total=len(found), values=tuple(found[: request.size]))

    def spellings(self, field: str, word: str, *, distance: int, record: Record) -> tuple[ValueCount, ...]:
        found = fields.find(field)
        wanted = name_words(word) if kind_of(field) == "name" else words(word)
        if found is None or found.kind not in {"text", "name"} or len(wanted) != 1:
            return ()
        names = text_fields(found.name, record) if found.kind == "text" else (found.name,)
        counts: Counter[str] = Counter()
        for row in self._rows[record].values():
            own = {one for name in names for passage in row.passages(name) for one in passage}
            counts.update(one for one in own if within_edits(one, wanted[0], distance))
        return value_counts(counts, {(one, one): count for one, count in counts.items()})

    def days(self, field: str, record: Record) -> tuple[date, date] | None:
        known = fields.find(field)
        name = known.name if known else ""
        spans = [span for found in self._rows[record].values() for span in found.row.dates.get(name, ())]
        if not spans:
            return None
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        return date.fromordinal(first), date.fromordinal(last)

    # --- matching -----------------------------------------------------------------------------------------------------

    def _matches(self, node: ast.Node, record: WordedRow) -> bool:
        match node:
            case ast.Ids(ids=ids):
                return record.row.id in ids
            case ast.All():
                return True
            case ast.And():
                return all(self._matches(child, record) for child in node.children)
            case ast.Or():
                return any(self._matches(child, record) for child in node.children)
            case ast.Not():
                return not self._matches(node.child, record)
            case ast.Scope():
                if record.row.record == "quote":
                    return self._matches(node.inner, record)
                quotes = self._statements.get(record.row.id, [])
                return any(self._matches(node.inner, quote) for quote in quotes)
            case ast.Field():
                return row_matches(node.name, node.value, record)
            case _:
                return row_matches("text", node, record)

    # --- scoring ------------------------------------------------------------------------------------------------------

    def _scores(self, request: SearchRequest, found: list[WordedRow]) -> dict[str, float]:
        every = self._rows[request.record].values()
        scores = dict.fromkeys((record.row.id for record in found), 0.0)
        for name, leaf in scored_leaves(request.query):
            if not _is_words(leaf, name):
                for record in found:
                    scores[record.row.id] += float(row_matches(name, leaf, record))
        for parts, worths in self._worths(request).items():
            flat, slope = tf_norm(sum(_length(record, parts) for record in every), len(every))
            for word, worth in worths.items():
                for record in found:
                    count, length = _count(record, parts, stem(word)), _length(record, parts)
                    if count:
                        scores[record.row.id] += worth * (K1 + 1) * count / (count + flat + slope * length)
        return scores

    def _worths(self, request: SearchRequest) -> dict[tuple[str, ...], dict[str, float]]:
        """Return the worth of each word of the query, by the fields in which it may occur."""
        found: dict[tuple[str, ...], dict[str, float]] = {}
        for name, leaf in scored_leaves(request.query):
            if _is_words(leaf, name):
                parts = text_fields(name, request.record)
                worths = {word: self._worth(request.record, parts, stem(word)) for word in words(leaf.text)}
                found.setdefault(parts, {}).update(worths)
        return found

    def _worth(self, record: Record, parts: Sequence[str], stem: str) -> float:
        every = self._rows[record].values()
        return idf(sum(1 for one in every if _count(one, parts, stem)), len(every))

    def _proximity(self, request: SearchRequest, record: WordedRow) -> float:
        proximity = 0.0
        for parts, worths in self._worths(request).items():
            if 1 < len(worths) <= MAX_PROXIMITY_TERMS:
                passages = [passage for part in parts for passage in record.passages(part)]
                stretches = [passage[at : at + PROXIMITY_WINDOW] for passage in passages for at in range(len(passage))]
                proximity += max(
                    (sum(worth for word, worth in worths.items() if word in stretch) for stretch in stretches),
                    default=0.0,
                )
        return proximity


def _is_words(leaf: ast.Node, name: str) -> TypeGuard[ast.Term | ast.Phrase]:
    return isinstance(leaf, ast.Term | ast.Phrase) and kind_of(name) == "text"


def _count(record: WordedRow, parts: Sequence[str], stem: str) -> int:
    return sum(weight(part) * record.frequencies[part][stem] for part in parts if part in record.frequencies)


def _length(record: WordedRow, parts: Sequence[str]) -> int:
    return sum(weight(part) * record.frequencies[part].total() for part in parts if part in record.frequencies)


def _is_value(value: NameValue, request: ValuesRequest) -> bool:
    spellings = [name_words(spelling) for spelling in (value.name, *value.surfaces)]

    def fits(leaf: ast.Node) -> bool:
        if not request.any_order:
            return name_matches(leaf, (value,), spellings)
        wanted = name_words(leaf.text) if isinstance(leaf, ast.Term | ast.Phrase) else []
        return any(sorted(spelling) == sorted(wanted) for spelling in spellings if spelling)

    return any(map(fits, _leaves(request.value)))


def _leaves(value: ast.Node) -> tuple[ast.Node, ...]:
    return value.children if isinstance(value, ast.Or) else (value,)


# --- counting and ordering --------------------------------------------------------------------------------------------


def _labels(record: WordedRow, field: fields.Field) -> set[Label]:
    if field.kind == "name":
        return {label(value.id, value.name) for value in record.row.names.get(field.name, ())}
    return {label(value, value) for value in record.row.keywords.get(field.name, ())}


def _date_facet(request: FacetRequest, field: fields.Field, groups: list[list[WordedRow]]) -> Facet:
    totals: Counter[str] = Counter()
    missing = unknown = 0
    for group in groups:
        dates = [record.row.dates.get(field.name, ()) for record in group]
        keys = {interval_key(one.first, one.last, request.interval or "month") for own in dates for one in own}
        totals.update(key for key in keys if key is not None)
        unknown += None in keys
        missing += any(not own for own in dates)
    return date_facet(request, totals, missing=missing, unknown=unknown)


def _groups(found: list[WordedRow]) -> list[list[WordedRow]]:
    groups: dict[tuple[str, str], list[WordedRow]] = {}
    for record in found:
        key = ("", record.row.id) if record.row.precedence is None else ("copies", record.row.copies)
        groups.setdefault(key, []).append(record)
    return list(groups.values())


def _precedences(group: list[WordedRow]) -> dict[str, Precedence]:
    return {record.row.id: record.row.precedence for record in group if record.row.precedence is not None}


def _date_order(row: Row, *, newest: bool) -> tuple[bool, int, str]:
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    if not days:
        return True, 0, row.document
    return False, -days[0] if newest else days[0], row.document


class MemoryWriter:
    """One open batch of a MemoryIndex."""

    def __init__(self, index: MemoryIndex) -> None:
        self._index = index
        self._put: dict[str, Document] = {}
        self._deleted: set[str] = set()

    def put(self, documents: Iterable[Document]) -> None:
        self._put.update((document.id, document) for document in documents)

    def work(self, documents: Sequence[bytes], read: Callable[[bytes], Document]) -> Callable[[], Any]:
        return lambda: list(map(read, documents))

    def adopt(self, segments: Any) -> None:
        self.put(segments)

    def delete(self, document_ids: Iterable[str]) -> None:
        for document_id in document_ids:
            self._put.pop(document_id, None)
            self._deleted.add(document_id)

    def commit(self, sequence: int, *, mark: str = "", last: bool = True) -> None:
        del last
        self._index.apply(self._put, self._deleted, LogPosition(sequence, mark))
        self._put, self._deleted = {}, set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._put, self._deleted = {}, set()
