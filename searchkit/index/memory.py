"""The oracle: an index that looks at every record, in memory. What it answers is what every engine must answer.

takes:    Documents; query trees
gives:    the whole Index protocol, nothing kept on disk
does not: scale: each question reads every record
traps:    written to be obviously right, so nothing here may become clever
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from searchkit.document import Document
from searchkit.index.analysis import contains_exact, exact_key, stems, words
from searchkit.index.base import Facet, FacetRequest, SearchRequest, SearchResult
from searchkit.index.copies import Precedence, collapsed, hit
from searchkit.index.schema import NameValue, Row, day_fields, document_row, quote_rows, text_fields
from searchkit.index.scoring import K1, TITLE_WEIGHT, B, rarity, scored_leaves
from searchkit.index.values import (
    date_facet,
    facet_field,
    interval_key,
    value_facet,
    value_key,
    value_pattern,
    within_edits,
)
from searchkit.query import ast, fields
from searchkit.query.fields import Record

Words = list[str]
Occurrence = tuple[int, int]  # first and last position of a match within one passage


class _Record:
    """A row with its words."""

    def __init__(self, row: Row) -> None:
        self.row = row

    @cached_property
    def passages(self) -> dict[str, list[Words]]:
        """Words of every passage of text fields, and of every spelling of every value of name fields."""
        found = {name: [words(passage) for passage in passages] for name, passages in self.row.texts.items()}
        for name, values in self.row.names.items():
            found[name] = [words(spelling) for value in values for spelling in (value.name, *value.surfaces)]
        return found

    @cached_property
    def frequencies(self) -> dict[str, Counter[str]]:
        """How often each stem stands in each text field."""
        return {
            name: Counter(stem for passage in self.passages[name] for stem in stems(passage)) for name in self.row.texts
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    put: dict[str, Document]
    deleted: set[str]


class MemoryIndex:
    """An Index without files; `folder` is not looked at."""

    capabilities = frozenset(kind.__name__ for kind in ast.Node.__subclasses__())

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.applied = 0
        self._rows: dict[Record, dict[str, _Record]] = {"document": {}, "quote": {}}

    def counts(self) -> dict[Record, int]:
        """How many records of each kind it holds."""
        return {record: len(rows) for record, rows in self._rows.items()}

    def writer(self) -> "MemoryWriter":
        """Open a batch."""
        return MemoryWriter(self)

    def close(self) -> None:
        """Nothing to release."""

    def apply(self, batch: _Batch, sequence: int) -> None:
        """Make `batch` visible."""
        gone = batch.deleted | set(batch.put)
        for record, rows in self._rows.items():
            self._rows[record] = {key: found for key, found in rows.items() if found.row.document not in gone}
        for document in batch.put.values():
            self._rows["document"][document.id] = _Record(document_row(document))
            self._rows["quote"].update((row.id, _Record(row)) for row in quote_rows(document))
        self.applied = sequence

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question. UsageError for a facet or pattern that cannot be."""
        started = time.perf_counter()
        asked = [(facet, facet_field(facet, request.record)) for facet in request.facets]
        found = [record for record in self._rows[request.record].values() if self._matches(request.query, record)]
        others = {} if request.copies else collapsed(_groups(found))
        hidden = {record_id for copies in others.values() for record_id in copies}
        found = [record for record in found if record.row.id not in hidden]
        facets = tuple(_facet(facet, field, found) for facet, field in asked)
        if request.sort == "relevance":
            scores = self._scores(request, found)
            hits = sorted(found, key=lambda record: (-scores[record.row.id], record.row.id))
        else:
            scores = {}
            hits = sorted(found, key=lambda record: _date_order(record.row, newest=request.sort == "newest"))
        listed = hits[request.offset : request.offset + request.limit]
        return SearchResult(
            hits=tuple(
                hit(record.row.id, record.row.document, scores.get(record.row.id, 0.0), others) for record in listed
            ),
            total=len(found),
            facets=facets,
            took=time.perf_counter() - started,
        )

    # --- matching -----------------------------------------------------------------------------------------------------

    def _matches(self, node: ast.Node, record: _Record) -> bool:
        match node:
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
                quotes = self._rows["quote"].values()
                return any(quote.row.document == record.row.id and self._matches(node.inner, quote) for quote in quotes)
            case ast.Saved():
                return self._matches(node.inner, record)
            case ast.Field():
                return _matches_field(node.name, node.value, record)
            case _:
                return _matches_field("text", node, record)

    # --- scoring ------------------------------------------------------------------------------------------------------

    def _scores(self, request: SearchRequest, found: list[_Record]) -> dict[str, float]:
        every = self._rows[request.record].values()
        scores = dict.fromkeys((record.row.id for record in found), 0.0)
        for name, leaf in scored_leaves(request.query):
            if isinstance(leaf, ast.Term | ast.Phrase) and _kind(name) == "text":
                for field_name in text_fields(name, request.record):
                    weight = TITLE_WEIGHT if field_name == "title" else 1.0
                    for stem in stems(words(leaf.text)):
                        for record_id, score in _bm25(found, every, field_name, stem).items():
                            scores[record_id] += weight * score
            else:
                for record in found:
                    scores[record.row.id] += float(_matches_field(name, leaf, record))
        return scores


def _bm25(found: list[_Record], every: Iterable[_Record], field_name: str, stem: str) -> dict[str, float]:
    frequencies = [record.frequencies.get(field_name, Counter()) for record in every]
    total = sum(frequency.total() for frequency in frequencies)
    if not total:
        return {}
    worth = rarity(sum(1 for frequency in frequencies if stem in frequency), len(frequencies))
    average = total / len(frequencies)
    scores = {}
    for record in found:
        frequency = record.frequencies.get(field_name, Counter())
        share = K1 * (1 - B + B * frequency.total() / average)
        scores[record.row.id] = worth * frequency[stem] * (K1 + 1) / (frequency[stem] + share)
    return scores


def _kind(name: str) -> str:
    field = fields.find(name)
    return field.kind if field else ""


# --- one field of one record ------------------------------------------------------------------------------------------


def _matches_field(name: str, node: ast.Node, record: _Record) -> bool:
    """Whether the field holds; each word or value of And, Or, Not is looked for by itself."""
    match node:
        case ast.And():
            return all(_matches_field(name, child, record) for child in node.children)
        case ast.Or():
            return any(_matches_field(name, child, record) for child in node.children)
        case ast.Not():
            return not _matches_field(name, node.child, record)
        case ast.All():
            return True
    row = record.row
    match _kind(name):
        case "text":
            return any(_matches_text(field_name, node, record) for field_name in text_fields(name, row.record))
        case "name":
            return _matches_name(node, row.names.get(name, ()), record.passages.get(name, []))
        case "keyword":
            return any(_matches_keyword(node, value) for value in row.keywords.get(name, ()))
        case "date":
            spans = row.dates.get(name, ())
            if isinstance(node, ast.Range):
                first = node.start.toordinal() if node.start else 0
                last = node.end.toordinal() if node.end else math.inf
                return any(span.first <= last and span.last >= first for span in spans)
            return isinstance(node, ast.Exists) and bool(spans)
    return False


def _matches_text(name: str, node: ast.Node, record: _Record) -> bool:
    passages = record.passages.get(name, [])
    match node:
        case ast.Exists():
            return bool(passages)
        case ast.Term() if len(words(node.text)) == 1:
            return stems(words(node.text))[0] in record.frequencies.get(name, {})
        case ast.Exact():
            return any(
                contains_exact(exact_key(text), exact_key(node.text))
                and (not words(node.text) or bool(occurrences(ast.Phrase(text=node.text), passage)))
                for text, passage in zip(record.row.texts.get(name, ()), passages, strict=True)
            )
    return any(occurrences(node, passage) for passage in passages)


def _matches_name(node: ast.Node, values: tuple[NameValue, ...], spellings: list[Words]) -> bool:
    match node:
        case ast.Exists():
            return bool(values)
        case ast.Equals():
            wanted = value_key(node.text)
            return any(wanted in (value_key(value.name), value_key(value.id)) for value in values)
        case ast.Regex():
            return any(value_pattern(node.pattern).fullmatch(value.name) for value in values)
        case ast.Exact():
            return any(occurrences(ast.Phrase(text=node.text), spelling) for spelling in spellings)
    return any(occurrences(node, spelling) for spelling in spellings)


def _matches_keyword(node: ast.Node, value: str) -> bool:
    key = value_key(value)
    match node:
        case ast.Exists():
            return True
        case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
            return key == value_key(node.text)
        case ast.Prefix():
            return key.startswith(value_key(node.text))
        case ast.Fuzzy():
            return within_edits(key, value_key(node.text), node.distance)
        case ast.Regex():
            return value_pattern(node.pattern).fullmatch(value) is not None
    return False


# --- one passage ------------------------------------------------------------------------------------------------------


def occurrences(node: ast.Node, passage: Words) -> list[Occurrence]:
    """Every place in `passage` where a word, phrase, prefix, near spelling or pair of these stands, unstemmed.

    A word that analysis splits (`fox-it`) is a phrase; its last part takes the `*` or `~`.
    """
    if isinstance(node, ast.Near):
        pairs = [
            (left, right)
            for left in occurrences(node.left, passage)
            for right in occurrences(node.right, passage)
            if 0 <= right[0] - left[1] - 1 <= node.distance
            or (not node.ordered and 0 <= left[0] - right[1] - 1 <= node.distance)
        ]
        return [(min(left[0], right[0]), max(left[1], right[1])) for left, right in pairs]
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy):
        return []
    wanted = words(node.text)
    if not wanted:
        return []
    tests: list[Callable[[str], bool]] = [word.__eq__ for word in wanted]
    last = wanted[-1]
    if isinstance(node, ast.Prefix):
        tests[-1] = lambda word: word.startswith(last)
    elif isinstance(node, ast.Fuzzy):
        distance = node.distance
        tests[-1] = lambda word: within_edits(word, last, distance)
    slop = node.slop if isinstance(node, ast.Phrase) else 0
    return [
        (start, end)
        for start in range(len(passage))
        for end in range(start, min(len(passage), start + len(tests) + slop))
        if _in_order(tests, passage[start : end + 1])
    ]


def _in_order(tests: list[Callable[[str], bool]], part: Words) -> bool:
    """Whether `part` begins with the first word wanted, ends with the last, and has the others between, in order."""
    if not tests[0](part[0]) or not tests[-1](part[-1]) or (len(tests) == 1) != (len(part) == 1):
        return False
    between = iter(part[1:-1])
    return all(any(test(word) for word in between) for test in tests[1:-1])


# --- counting and ordering --------------------------------------------------------------------------------------------


def _facet(request: FacetRequest, field: fields.Field, found: list[_Record]) -> Facet:
    missing = 0
    if field.kind == "date":
        keys: Counter[str] = Counter()
        for record in found:
            spans = record.row.dates.get(field.name, ())
            own = {interval_key(span.first, span.last, request.interval or "month") for span in spans} - {None}
            keys.update(key for key in own if key)
            missing += not own
        return date_facet(request, keys, missing)
    tally: Counter[tuple[str, str]] = Counter()
    for record in found:
        if field.kind == "name":
            values = {(value.id, value.name) for value in record.row.names.get(field.name, ())}
        else:
            values = {(value, value) for value in record.row.keywords.get(field.name, ())}
        tally.update(values)
        missing += not values
    return value_facet(request, tally, missing)


def _groups(found: list[_Record]) -> list[dict[str, Precedence]]:
    """The records found that are copies of each other, by group."""
    groups: dict[str, dict[str, Precedence]] = {}
    for record in found:
        if record.row.precedence is not None:
            groups.setdefault(record.row.copies, {})[record.row.id] = record.row.precedence
    return list(groups.values())


def _date_order(row: Row, *, newest: bool) -> tuple[bool, int, str]:
    days = [row.dates[name][0].first for name in day_fields(row.record) if row.dates.get(name)]
    if not days:
        return True, 0, row.id
    return False, -days[0] if newest else days[0], row.id


class MemoryWriter:
    """One open batch of a MemoryIndex."""

    def __init__(self, index: MemoryIndex) -> None:
        self._index = index
        self._batch = _Batch(put={}, deleted=set())

    def put(self, documents: Iterable[Document]) -> None:
        """Add or replace documents with all their statements."""
        self._batch.put.update((document.id, document) for document in documents)

    def delete(self, document_ids: Iterable[str]) -> None:
        """Remove documents and their statements."""
        for document_id in document_ids:
            self._batch.put.pop(document_id, None)
            self._batch.deleted.add(document_id)

    def commit(self, sequence: int) -> None:
        """Make the batch visible."""
        self._index.apply(self._batch, sequence)
        self._batch = _Batch(put={}, deleted=set())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._batch = _Batch(put={}, deleted=set())
