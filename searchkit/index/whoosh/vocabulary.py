"""Look up values, near spellings and the range of dates in columns and posting lists."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from searchkit.index.analysis import name_words, words
from searchkit.index.base import ValueCount, ValuesRequest
from searchkit.index.ranking import text_fields
from searchkit.index.values import value_counts, valued_field
from searchkit.index.whoosh.columns import RowSet, ValueColumn
from searchkit.index.whoosh.evaluator import Codes, keyword_codes, name_codes, written_at
from searchkit.index.whoosh.segments import Backend, Segments, SegmentView
from searchkit.query import ast, fields
from searchkit.query.fields import Record

# Number of looked-up names kept per segment: the notes of an answer look up each name several times.
CACHED_NAMES = 16


def values(request: ValuesRequest, segments: Segments, found: RowSet) -> tuple[ValueCount, ...]:
    """Return the values that `request` asks for, counted over the rows `found`.

    UsageError for a field without values."""
    field = valued_field(request.field, request.record)
    leaves = request.value.children if isinstance(request.value, ast.Or) else (request.value,)
    columns = [view.column(field.name) for view in segments]
    matching = {
        (number, code)
        for number, view in enumerate(segments)
        for leaf in leaves
        for code in (
            _spelled(segments.backend, view, field.name, leaf, any_order=request.any_order)
            if field.kind == "name"
            else keyword_codes(columns[number], leaf)
        )
    }
    wanted = _every_spelling(matching, columns) if field.kind == "name" else matching
    names: Counter[tuple[str, str]] = Counter()
    rows: defaultdict[str, list[Sequence[int]]] = defaultdict(list)
    for number, code in wanted:
        having = segments.backend.among(found, columns[number].own_rows(code), segments.row_offsets[number])
        if len(having):
            label = columns[number].label(code)
            names[label.id, label.name] += len(having)
            rows[label.id].append(having)
    count = segments.backend.copies(segments).count if not request.copies else lambda lists: sum(map(len, lists))
    return value_counts({value_id: count(lists) for value_id, lists in rows.items()}, names)


def _every_spelling(matching: Collection[tuple[int, int]], columns: Sequence[ValueColumn]) -> Iterable[tuple[int, int]]:
    """Return these names, as segment and code, with all others that have one of their ids."""
    if len(matching) == sum(map(len, columns)):
        return matching
    ids = {columns[number].label(code).id for number, code in matching}
    hashes = {columns[number].key_hashes[code] for number, code in matching}
    return [
        (number, code)
        for number, column in enumerate(columns)
        for key in hashes
        for code in column.with_key(key)
        if column.label(code).id in ids
    ]


def _spelled(backend: Backend, view: SegmentView, name: str, node: ast.Node, *, any_order: bool) -> Codes:
    """Return the codes of the names that match `node` as live rows spell them."""
    column = view.column(name)
    if isinstance(node, ast.Exists) and not any_order:
        return range(len(column))
    if isinstance(node, ast.Equals | ast.Regex) and not any_order:
        return [code for code in name_codes(column, node) if _lives(view, column, code)]
    key = name, node, any_order
    if key not in view.spelled:
        if len(view.spelled) >= CACHED_NAMES:
            view.spelled.clear()
        terms = view.terms(name)
        if any_order:
            name_parts = name_words(node.text) if isinstance(node, ast.Term | ast.Phrase) else []
            passages = backend.passages_of(terms, name_parts)
        else:
            written = ast.Phrase(text=node.text) if isinstance(node, ast.Exact) else node
            passages = backend.passages_at(terms, written_at(backend, terms, written, name_words))
        view.spelled[key] = backend.names_at(terms, passages, column, view.deleted)
    return view.spelled[key]


def _lives(view: SegmentView, column: ValueColumn, code: int) -> bool:
    return any(row not in view.deleted for row in column.own_rows(code))


def spellings(name: str, word: str, *, distance: int, record: Record, segments: Segments) -> tuple[ValueCount, ...]:
    field = fields.find(name)
    wanted = name_words(word) if field is not None and field.kind == "name" else words(word)
    if field is None or record not in field.records or field.kind not in {"text", "name"} or len(wanted) != 1:
        return ()
    parts = [f"{part}.words" for part in text_fields(field.name, record)] if field.kind == "text" else [field.name]
    counts: Counter[str] = Counter()
    for view in segments:
        rows: dict[str, RowSet] = {}
        for part in parts:
            terms = view.terms(part)
            for near in terms.close_to(wanted[0], distance):
                having = view.make_rows([segments.backend.rows_at(terms, terms.numbers(near))])
                rows[near] = rows[near] | having if near in rows else having
        counts.update({near: len(having - view.deleted) for near, having in rows.items()})
    return value_counts(+counts, {(near, near): count for near, count in counts.items() if count})


def days(name: str, record: Record, segments: Segments) -> tuple[date, date] | None:
    field = fields.find(name)
    if field is None or record not in field.records or field.kind != "date":
        return None
    spans = [
        span
        for view in segments
        for code, span in enumerate(view.column(field.name).spans())
        if _lives(view, view.column(field.name), code)
    ]
    if not spans:
        return None
    return date.fromordinal(min(first for first, _ in spans)), date.fromordinal(max(last for _, last in spans))
