"""Evaluate a query tree: the rows that match, deleted ones included, and their scores.

Sets of rows are shared between nodes and cached, so never change one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial, reduce
from itertools import chain
from operator import or_
from sys import getsizeof

from searchkit.index.analysis import (
    contains_exact,
    exact_key,
    name_words,
    prefix_words,
    stem,
    stems,
    words,
    written_alike,
)
from searchkit.index.base import ReadDocument
from searchkit.index.ranking import MAX_PROXIMITY_TERMS, scored_leaves, text_fields
from searchkit.index.values import searched_fields, span_test, value_key, value_pattern, within_edits
from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, RowSet, ValueColumn
from searchkit.index.whoosh.segment_file import Positions, Terms, encoded
from searchkit.index.whoosh.segments import Backend, Scores, SegmentsByKind, SegmentView
from searchkit.loading import load
from searchkit.query import ast, fields
from searchkit.query.fields import Record

Codes = range | Sequence[int]
Proximity = Callable[[Sequence[int]], Iterable[float]]
"""Returns for each row the worth of words that stand close together in it."""
Split = Callable[[str], list[str]]
"""Splits a text into the words of a field."""

# Above every character, so that a prefix with it is above every key with the prefix.
_LAST_CHARACTER = "\U0010ffff"
# Limits of the cache of leaves. It serves the questions that follow a query: its scores, its names, its clauses.
MAX_CACHED_LEAVES = 64
MAX_CACHED_BYTES = 12_000_000


class QueryEvaluator:
    """Evaluates queries over one kind of record; caches the latest leaves."""

    def __init__(self, segments: SegmentsByKind, record: Record, read: ReadDocument) -> None:
        self._segments_by_kind = segments
        self._read = read
        self._segments = segments[record]
        self._record: Record = record
        self._backend = self._segments.backend
        self._cache: dict[tuple[str, ast.Node], RowSet] = {}
        self._cached_bytes = 0
        self._of_quotes: QueryEvaluator | None = None
        self._texts_of: tuple[str, str] | None = None  # the document and field of `_texts`
        self._texts: Mapping[str, Sequence[str]] = {}
        self._worths: dict[tuple[str, ...], dict[str, float]] = {}  # by the fields in which a word may occur

    def rows(self, node: ast.Node, field: str = "text") -> RowSet:
        """Return the rows that match `node`, whose bare words belong to `field`."""
        match node:
            case ast.All():
                return self._segments.every_row
            case ast.And():
                return self._intersection(node.children, field)
            case ast.Or():
                return reduce(or_, [self.rows(child, field) for child in dict.fromkeys(node.children)])
            case ast.Not():
                return self._segments.every_row - self.rows(node.child, field)
            case ast.Field():
                return self.rows(node.value, node.name)
            case ast.Scope():
                return self._scope(node.inner)
        found = self._cache.get((field, node))
        if found is None:
            found = self._leaf(field, node)
            size = getsizeof(found)
            if len(self._cache) >= MAX_CACHED_LEAVES or self._cached_bytes + size > MAX_CACHED_BYTES:
                self._cache.clear()
                self._cached_bytes = 0
            self._cached_bytes += size
            self._cache[field, node] = found
        return found

    def _intersection(self, children: Iterable[ast.Node], field: str) -> RowSet:
        found: RowSet | None = None
        for child in dict.fromkeys(children):
            rows = self.rows(child, field)
            found = rows if found is None else found & rows
            if not found:
                break
        return self._segments.make_rows([]) if found is None else found

    def _scope(self, inner: ast.Node) -> RowSet:
        if self._record == "quote":
            return self.rows(inner)
        quotes = self._segments_by_kind["quote"]
        if self._of_quotes is None:
            self._of_quotes = QueryEvaluator(self._segments_by_kind, "quote", self._read)
        found = quotes.to_local(self._of_quotes.rows(inner) - quotes.deleted)
        stated = [(view.column(DOCUMENT_ID), rows) for view, rows in zip(quotes, found, strict=True)]
        columns = [view.column(DOCUMENT_ID) for view in self._segments]
        owners = self._backend.join_documents(stated, columns)
        return self._segments.to_global([column.rows_of(codes) for column, codes in zip(columns, owners, strict=True)])

    def _leaf(self, name: str, node: ast.Node) -> RowSet:
        field, segments = fields.find(name), self._segments
        if isinstance(node, ast.Ids):
            return self._with_ids(ROW_ID, node.ids)
        if field is None or not field.indexed or self._record not in field.records:
            return segments.make_rows([])
        match field.kind:
            case "text":
                return segments.make_rows(chain.from_iterable(self._text(field.name, node)))
            case "name":
                found = [
                    segments.to_global([self._name_rows(view, own.name, node) for view in segments])
                    for own in searched_fields(field, node)
                ]
                return reduce(or_, found)
            case "keyword":
                codes = keyword_codes
            case "date":
                codes = date_codes
        return segments.to_global([_value_rows(view.column(field.name), node, codes) for view in segments])

    def _text(self, field: str, node: ast.Node) -> Iterator[Sequence[Iterable[int]]]:
        """Yield lists of the rows that match a leaf, by text field."""
        parts = stems(words(node.text)) if isinstance(node, ast.Term) else ()
        for name in text_fields(field, self._record):
            if len(parts) == 1:
                yield self._segments.stem_rows(name, parts[0])
            else:
                yield self._segments.offset([self._text_rows(view, name, node) for view in self._segments])

    def _text_rows(self, view: SegmentView, field: str, node: ast.Node) -> Iterable[int]:
        terms = view.terms(f"{field}.words")
        match node:
            case ast.Exists():
                return terms.rows
            case ast.Exact():
                return self._exact_rows(view, field, terms, node.text)
        starts = written_at(self._backend, terms, node)
        return self._backend.rows_at(terms, starts) if len(starts) else ()

    def _exact_rows(self, view: SegmentView, field: str, terms: Terms, text: str) -> Iterable[int]:
        if parts := words(text):
            lists = [self._backend.merged([*map(terms.numbers, written_alike(word))]) for word in parts]
            starts = self._backend.starts(terms, lists, 0)
            found: Iterable[int] = self._backend.passages_at(terms, starts)
        else:
            found = range(len(terms.rows))
        wanted = exact_key(text)
        return [
            terms.rows[passage]
            for passage in sorted(found)
            if contains_exact(exact_key(self._passage(view, terms, field, passage)), wanted)
        ]

    def _passage(self, view: SegmentView, terms: Terms, field: str, passage: int) -> str:
        """Return the text of a passage from the store; "" if the store has another version of the document."""
        row, number = terms.rows[passage], terms.passage_number(passage)
        row_id, document_id = view.one_value(ROW_ID, row), view.one_value(DOCUMENT_ID, row)
        if self._texts_of != (document_id, field):
            document = self._read(document_id)
            self._texts = load("searchkit.index.rows:passages")(document, self._record, field) if document else {}
            self._texts_of = document_id, field
        texts = self._texts.get(row_id, ())
        return texts[number] if number < len(texts) else ""

    def _name_rows(self, view: SegmentView, field: str, node: ast.Node) -> RowSet:
        if isinstance(node, ast.Exists | ast.Equals | ast.Regex):
            return _value_rows(view.column(field), node, name_codes)
        terms = view.terms(field)
        written = ast.Phrase(text=node.text) if isinstance(node, ast.Exact) else node
        return view.make_rows([self._backend.rows_at(terms, written_at(self._backend, terms, written, name_words))])

    def matched(self, conditions: Sequence[ast.Node], document_ids: Collection[str]) -> tuple[frozenset[str], ...]:
        """Return, for each condition, the ids of the live records of these documents that match it."""
        segments, wanted = self._segments, {*map(encoded, document_ids)}
        own: list[int] = []
        for first, view in zip(segments.row_offsets, segments, strict=True):
            column = view.column(DOCUMENT_ID)
            for code in self._backend.codes_among(column, wanted):
                own += map(first.__add__, column.own_rows(code))
        if segments.deleted:
            own = [row for row in own if row not in segments.deleted]
        found = [map(int, self._backend.among(self.rows(condition), own, 0)) for condition in conditions]
        return tuple(frozenset(map(partial(segments.one_value, ROW_ID), rows)) for rows in found)

    def _with_ids(self, column: str, ids: Collection[str]) -> RowSet:
        """Return the rows with any of these ids in a column of ids."""
        wanted = {encoded(known) for known in ids}
        columns = [view.column(column) for view in self._segments]
        return self._segments.to_global(
            [column.rows_of(sorted(self._backend.codes_among(column, wanted))) for column in columns]
        )

    # --- scores -------------------------------------------------------------------------------------------------------

    def scores(self, query: ast.Node, found: RowSet) -> Scores:
        """Score the rows `found`: BM25 for the words of the query, plus one for every other leaf that a row matches."""
        scores = self._backend.scores(self._segments, found)
        self._worths = {}
        for name, leaf in scored_leaves(query):
            field = fields.find(name)
            if field and field.kind == "text" and isinstance(leaf, ast.Term | ast.Phrase):
                worths = self._worths.setdefault(text_fields(field.name, self._record), {})
                worths.update(dict.fromkeys(words(leaf.text), 0.0))
            else:
                scores.add(self.rows(leaf, name))
        for parts, worths in self._worths.items():
            for word in worths:
                worths[word] = scores.add_word(parts, stem(word))
        return scores

    def proximity(self) -> Proximity | None:
        """Return what scores rows for words of `scores` that stand close together; None if the query has too few or too
        many words."""
        worths = {parts: own for parts, own in self._worths.items() if 1 < len(own) <= MAX_PROXIMITY_TERMS}
        return partial(self._backend.proximity, self._segments, worths) if worths else None


def _value_rows(column: ValueColumn, node: ast.Node, codes: Callable[[ValueColumn, ast.Node], Codes]) -> RowSet:
    return column.valued_rows if isinstance(node, ast.Exists) else rows_of(column, codes(column, node))


# --- words as written -------------------------------------------------------------------------------------------------


def written_at(backend: Backend, terms: Terms, node: ast.Node, split: Split = words) -> Positions:
    """Return positions where `node` begins, at least one in each passage that contains it."""
    match node:
        case ast.Near():
            starts = _near_starts(backend, terms, node.left, node.right, node.distance, split)
            if node.ordered:
                return starts
            return backend.merged([starts, _near_starts(backend, terms, node.right, node.left, node.distance, split)])
        case ast.Term() | ast.Phrase() | ast.Prefix() | ast.Fuzzy():
            return backend.starts(terms, _positions(backend, terms, node, split), _slop(node))
    return ()


def _near_starts(
    backend: Backend, terms: Terms, left: ast.Node, right: ast.Node, distance: int, split: Split
) -> Positions:
    """Return where `left` begins if `right` follows in the same passage, at most `distance` words later."""
    lists = _positions(backend, terms, left, split)
    if not lists:
        return ()
    following = backend.starts(terms, _positions(backend, terms, right, split), _slop(right))
    last = backend.followed(terms, lists[-1], following, distance)
    return backend.starts(terms, [*lists[:-1], last], _slop(left))


def _positions(backend: Backend, terms: Terms, node: ast.Node, split: Split) -> list[Positions]:
    """Return the positions of each word of `node`; `*` or `~` applies to the last."""
    if not isinstance(node, ast.Term | ast.Phrase | ast.Prefix | ast.Fuzzy):
        return []
    wanted = prefix_words(node.text) if isinstance(node, ast.Prefix) and split is words else split(node.text)
    lists: list[Positions] = [terms.numbers(word) for word in wanted[:-1]]
    for last in wanted[-1:]:
        if isinstance(node, ast.Prefix):
            lists.append(backend.beginning(terms, last))
        elif isinstance(node, ast.Fuzzy):
            lists.append(backend.merged([terms.numbers(word) for word in terms.close_to(last, node.distance)]))
        else:
            lists.append(terms.numbers(last))
    return lists


def _slop(node: ast.Node) -> int:
    return node.slop if isinstance(node, ast.Phrase) else 0


# --- values of a column; adjacent codes are returned as a range -------------------------------------------------------


def rows_of(column: ValueColumn, codes: Codes) -> RowSet:
    """Return the rows that have any of these values."""
    return column.rows_between(codes.start, codes.stop) if isinstance(codes, range) else column.rows_of(codes)


def name_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the names that match `node`, if it is a condition on complete names."""
    match node:
        case ast.Exists():
            return range(len(column))
        case ast.Equals():
            return sorted(column.equal(value_key(node.text)))
        case ast.Regex():
            return _matching(column, node.pattern)
    return ()


def keyword_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the keywords that match `node`."""
    match node:
        case ast.Exists():
            return range(len(column))
        case ast.Term() | ast.Phrase() | ast.Equals() | ast.Exact():
            key = value_key(node.text)
            return range(*column.key_range(key, key + "\0"))
        case ast.Prefix():
            key = value_key(node.text)
            return range(*column.key_range(key, key + _LAST_CHARACTER))
        case ast.Fuzzy():
            key = value_key(node.text)
            return _codes(column, lambda value: within_edits(value_key(value), key, node.distance))
        case ast.Regex():
            return _matching(column, node.pattern)
    return ()


def date_codes(column: ValueColumn, node: ast.Node) -> Codes:
    """Return the spans of days that match `node`."""
    if isinstance(node, ast.Exists):
        return range(len(column))
    fits = span_test(node)
    if not isinstance(node, ast.Range):
        return [code for code, (first, last) in enumerate(column.spans()) if fits(first, last)]
    # Single days are in order; only longer spans have to be compared.
    days = range(
        column.first_from(node.start.toordinal() if node.start else 0),
        column.first_from((node.end or date.max).toordinal() + 1),
    )
    long = column.long_spans
    if not long:
        return days
    return sorted(set(days).difference(code for code, *_ in long).union(code for code, *span in long if fits(*span)))


def _codes(column: ValueColumn, fits: Callable[[str], bool]) -> Sequence[int]:
    return [code for code in range(len(column)) if fits(column.name(code))]


def _matching(column: ValueColumn, pattern: str) -> Sequence[int]:
    compiled = value_pattern(pattern)
    return _codes(column, lambda value: compiled.fullmatch(value) is not None)
