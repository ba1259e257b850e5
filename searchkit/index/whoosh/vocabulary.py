"""What the archive holds, value by value and word by word, from columns and posting lists.

takes:    the open segments; the rows found
gives:    values with counts; words near another; the days a date field spans
does not: find rows
traps:    a name is found by its spellings, which only posting lists hold; `Terms.places` leads from there to its code
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from searchkit.index.analysis import name_words, words
from searchkit.index.base import ValueCount, ValuesRequest
from searchkit.index.rows import text_fields
from searchkit.index.values import value_counts, valued_field
from searchkit.index.whoosh.columns import ValueColumn
from searchkit.index.whoosh.rows import Rows
from searchkit.index.whoosh.segments import Segments, SegmentView
from searchkit.index.whoosh.translate import written_at
from searchkit.index.whoosh.value_matching import Codes, keyword_codes, name_codes
from searchkit.query import ast, fields
from searchkit.query.fields import Record

if TYPE_CHECKING:
    from searchkit.index.whoosh.roles import Copies, Keys

# What an answer tells of its names asks for each of them several times.
_REMEMBERED = 16


def values(
    request: ValuesRequest, segments: Segments, found: Rows, keys: "Keys", copies: "Copies"
) -> tuple[ValueCount, ...]:
    """The values that `request` asks for, counted over the rows `found`; `keys` are those of the field. UsageError for
    a field without values."""
    field = valued_field(request.field, request.record)
    leaves = request.value.children if isinstance(request.value, ast.Or) else (request.value,)
    columns = [view.column(field.name) for view in segments]
    wanted: Iterable[tuple[int, int]]
    if field.kind == "name":
        spelled = {
            (number, code)
            for number, view in enumerate(segments)
            for leaf in leaves
            for code in _spelled(view, field.name, leaf, any_order=request.any_order)
        }
        ids = {columns[number].label(code).id for number, code in spelled}
        own_keys = {int(keys.of_code[number][code]) for number, code in spelled}
        every = (place for key in own_keys for place in keys.codes(key))
        wanted = [(number, code) for number, code in every if columns[number].label(code).id in ids]
    else:
        wanted = {
            (number, code)
            for number, column in enumerate(columns)
            for leaf in leaves
            for code in keyword_codes(column, leaf)
        }
    names: Counter[tuple[str, str]] = Counter()
    rows: defaultdict[str, list[Sequence[int]]] = defaultdict(list)
    for number, code in wanted:
        having = segments.reckoning.among(found, columns[number].own_rows(code), segments.firsts[number])
        if len(having):
            label = columns[number].label(code)
            names[label.id, label.name] += len(having)
            rows[label.id].append(having)
    count = copies.count if not request.copies else lambda lists: sum(map(len, lists))
    return value_counts({value_id: count(lists) for value_id, lists in rows.items()}, names)


def _spelled(view: SegmentView, name: str, node: ast.Node, *, any_order: bool) -> Codes:
    """The codes of the names that `node` asks for, as live rows spell them."""
    column = view.column(name)
    if isinstance(node, ast.Exists) and not any_order:
        return range(len(column))
    if isinstance(node, ast.Equals | ast.Regex) and not any_order:
        return [code for code in name_codes(column, node) if _lives(view, column, code)]
    asked = name, node, any_order
    if asked not in view.spelled:
        if len(view.spelled) >= _REMEMBERED:
            view.spelled.clear()
        view.spelled[asked] = _spelled_in_words(view, name, node, any_order=any_order)
    return view.spelled[asked]


def _spelled_in_words(view: SegmentView, name: str, node: ast.Node, *, any_order: bool) -> Codes:
    terms, places = view.terms(name), view.reckoning.places
    if any_order:
        passages = places.passages_of(terms, name_words(node.text) if isinstance(node, ast.Term | ast.Phrase) else [])
    else:
        written = ast.Phrase(text=node.text) if isinstance(node, ast.Exact) else node
        passages = places.passages_at(terms, written_at(view, terms, written))
    return places.names_at(terms, passages, view.column(name), view.deleted)


def _lives(view: SegmentView, column: ValueColumn, code: int) -> bool:
    """Whether a live row has the value: a merge keeps values whose rows are gone."""
    return any(row not in view.deleted for row in column.own_rows(code))


def spellings(
    name: str, word: str, *, distance: int, record: Record, views: Sequence[SegmentView]
) -> tuple[ValueCount, ...]:
    """The words of a text or name field within `distance` edits of `word`, with how many live rows have each."""
    field = fields.find(name)
    wanted = words(word)
    if field is None or record not in field.records or field.kind not in {"text", "name"} or len(wanted) != 1:
        return ()
    parts = [f"{part}.words" for part in text_fields(field.name, record)] if field.kind == "text" else [field.name]
    counts: Counter[str] = Counter()
    for view in views:
        rows: dict[str, Rows] = {}
        for part in parts:
            terms = view.terms(part)
            for near in terms.close_to(wanted[0], distance):
                having = view.rows_at(terms, terms.numbers(near))
                rows[near] = rows[near] | having if near in rows else having
        counts.update({near: len(having - view.deleted) for near, having in rows.items()})
    return value_counts(+counts, {(near, near): count for near, count in counts.items() if count})


def days(name: str, record: Record, views: Sequence[SegmentView]) -> tuple[date, date] | None:
    """The first and last day that a live row has in a date field."""
    field = fields.find(name)
    if field is None or record not in field.records or field.kind != "date":
        return None
    spans = [
        span
        for view in views
        for code, span in enumerate(view.column(field.name).spans())
        if _lives(view, view.column(field.name), code)
    ]
    if not spans:
        return None
    return date.fromordinal(min(first for first, _ in spans)), date.fromordinal(max(last for _, last in spans))
