"""What the archive holds, value by value and word by word.

takes:    the open rows; a query
gives:    values with counts; words near another; the days a date field spans
does not: find rows
traps:    a name is found by its spellings, each of which is a term with the id that it spells
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from searchkit.index.analysis import words
from searchkit.index.base import ValueCount, ValuesRequest
from searchkit.index.facets import Label
from searchkit.index.rows import text_fields
from searchkit.index.tantivy.copies import Copies
from searchkit.index.tantivy.fields import GROUP, NAMES, OWNER, TERMS, field, indexed_texts, span_of, span_term
from searchkit.index.tantivy.labels import code, number, uncounted_term, uncounted_value
from searchkit.index.tantivy.opened import Query, Rows
from searchkit.index.tantivy.standing import stands
from searchkit.index.tantivy.translate import Translation, all_of, any_of
from searchkit.index.values import value_counts, value_key, value_pattern, valued_field, within_edits, words_within
from searchkit.query import ast, fields
from searchkit.query.fields import Field, Record

_Value = tuple[str, str]  # id and name
# So few values are counted one by one: to count all that these rows have would tell of many others.
_FEW = 16
# What so many names mean is remembered: one question asks it several times, and the next asks of them again.
_REMEMBERED = 2_000


def values(request: ValuesRequest, rows: Rows, translation: Translation) -> tuple[ValueCount, ...]:
    """The values that `request` asks for. UsageError for a field without values."""
    one = valued_field(request.field, request.record)
    query = translation.matching(request.query)
    if one.kind == "name":
        query, wanted = _of_ids(one, _ids(one, request, rows, translation), query, rows)
    else:
        query, wanted = _keywords(one, request, query, rows, translation)
    counts: Counter[str] = Counter()
    names: Counter[_Value] = Counter()
    for (value_id, name), count in wanted.items():
        counts[value_id] += count
        names[value_id, name] += count
    if names and not request.copies:
        _fold(counts, one, wanted, Copies(rows, query, folded=True), rows)
    return value_counts(counts, names)


def _leaves(value: ast.Node) -> tuple[ast.Node, ...]:
    return value.children if isinstance(value, ast.Or) else (value,)


def _counted(one: Field, query: Query, rows: Rows, ids: Collection[str] | None = None) -> dict[_Value, int]:
    """How many of the rows that match have each id with each name; of all, or of these ids alone."""
    totals = rows.counts(query, field(one.name, "key"))
    if ids is not None:
        keys = {number(value_key(value_id)) for value_id in ids}
        totals = {key: count for key, count in totals.items() if key in keys}
    found: dict[_Value, int] = {}
    for key, own in rows.labels(one.name).of(totals).items():
        for told, label in own.items():
            count = totals[key] if len(own) == 1 else rows.count(all_of(query, rows.found_by(told)))
            if count and (ids is None or label.id in ids):
                found[label.id, label.name] = count
    return found


def _ids(one: Field, request: ValuesRequest, rows: Rows, translation: Translation) -> set[str] | None:
    """The ids of the names asked for, wherever they stand; None for all."""
    found: set[str] = set()
    for leaf in _leaves(request.value):
        if isinstance(leaf, ast.Exists) and not request.any_order:
            return None
        asked = one.name, leaf, request.any_order
        known = rows.named.get(asked)
        if known is None:
            if len(rows.named) >= _REMEMBERED:
                rows.named.clear()
            told = _spelled(one, leaf, rows, translation, any_order=request.any_order)
            known = rows.named[asked] = frozenset(told)
        found |= known
    return found


def _spelled(one: Field, leaf: ast.Node, rows: Rows, translation: Translation, *, any_order: bool) -> Iterator[str]:
    """The ids of the names that a leaf asks for, as rows spell them."""
    if not any_order and isinstance(leaf, ast.Equals):
        yield from (label.id for label in rows.labels(one.name).equal(value_key(leaf.text)).values())
        return
    if not any_order and isinstance(leaf, ast.Regex):
        query = translation.matching(ast.Field(name=one.name, value=leaf))
        fits = value_pattern(leaf.pattern).fullmatch
        yield from (value_id for value_id, name in _counted(one, query, rows) if fits(name))
        return
    wanted = words(leaf.text) if isinstance(leaf, ast.Term | ast.Phrase | ast.Exact) else []
    made_of = sorted(wanted)
    if any_order:
        if not wanted:
            return
        query = all_of(*(rows.term(NAMES, code(one.name) + word) for word in dict.fromkeys(wanted)))
    else:
        query = translation.matching(ast.Field(name=one.name, value=leaf))

    def is_wanted(spelling: Sequence[str]) -> bool:
        if not all(word in spelling for word in wanted):  # of most names in these rows
            return False
        return sorted(spelling) == made_of if any_order else stands(leaf, spelling)

    labels = rows.labels(one.name)
    for own in labels.of(rows.counts(query, field(one.name, "key"))).values():
        for told, label in own.items():
            if is_wanted(labels.words(label.name)) and (
                len(own) == 1 or rows.count(all_of(query, rows.found_by(told)))
            ):
                yield label.id
    for _, value_id, spelling in labels.spellings(rows.counts(query, field(one.name, "spelled"))):
        if is_wanted(spelling.split(" ")):
            yield value_id


def _of_ids(one: Field, ids: set[str] | None, query: Query, rows: Rows) -> tuple[Query, dict[_Value, int]]:
    """Of the rows that match, those with a name of these ids; these names, with how many rows have each."""
    if ids is None:
        return query, _counted(one, query, rows)
    wanted = _labels(one, ids, rows)
    having = all_of(query, rows.terms(TERMS, list(wanted)))
    if len(wanted) > _FEW:
        return having, _counted(one, having, rows, ids)
    counts = {(label.id, label.name): rows.count(all_of(query, rows.found_by(told))) for told, label in wanted.items()}
    return having, {value: count for value, count in counts.items() if count}


def _labels(one: Field, ids: Collection[str], rows: Rows) -> dict[str, Label]:
    """What these ids are called, by the terms of it."""
    labels = rows.labels(one.name).of({number(value_key(value_id)) for value_id in ids})
    return {told: label for own in labels.values() for told, label in own.items() if label.id in ids}


def _keywords(
    one: Field, request: ValuesRequest, query: Query, rows: Rows, translation: Translation
) -> tuple[Query, dict[_Value, int]]:
    """Of the rows that match, those with a value asked for; these values, with how many rows have each."""
    leaves = _leaves(request.value)
    if not any(isinstance(leaf, ast.Exists) for leaf in leaves):
        query = all_of(query, any_of(translation.matching(ast.Field(name=one.name, value=leaf)) for leaf in leaves))

    def is_wanted(value: str) -> bool:
        return any(_is_keyword(leaf, value) for leaf in leaves)

    if one.facet:
        found = _counted(one, query, rows)
        return query, {value: count for value, count in found.items() if is_wanted(value[0])}
    having = rows.terms_among(query, TERMS, uncounted_term(one.name, ""))
    values = ((uncounted_value(told), count) for told, count in having)
    return query, {(value, value): count for value, count in values if is_wanted(value)}


def _is_keyword(leaf: ast.Node, value: str) -> bool:
    key = value_key(value)
    match leaf:
        case ast.Exists():
            return True
        case ast.Term(text=text) | ast.Phrase(text=text) | ast.Equals(text=text) | ast.Exact(text=text):
            return key == value_key(text)
        case ast.Prefix(text=text):
            return key.startswith(value_key(text))
        case ast.Fuzzy(text=text, distance=distance):
            return within_edits(key, value_key(text), distance)
        case ast.Regex(pattern=pattern):
            return value_pattern(pattern).fullmatch(value) is not None
    return False


def _fold(counts: Counter[str], one: Field, wanted: Collection[_Value], copies: Copies, rows: Rows) -> None:
    """Takes from the counts what copies of one text were counted once more."""
    ids = {value_id for value_id, _ in wanted}
    if not one.facet or len(ids) <= _FEW:
        for value in ids if copies.sizes else ():
            terms = [*_labels(one, [value], rows)] if one.facet else [uncounted_term(one.name, value)]
            counts[value] -= copies.hidden_with(rows.terms(TERMS, terms))
        return
    for groups in copies.portions():
        having: Counter[tuple[int, str]] = Counter()
        combined = dict(rows.combinations(copies.of(groups), (GROUP, field(one.name, "key"))))
        labels = rows.labels(one.name).of({key for _, key in combined})
        for (group, key), count in combined.items():
            own = [(told, label.id) for told, label in labels[key].items()]
            of_group = copies.of([group]) if len(own) > 1 else None
            for told, value_id in own:
                if value_id in ids:
                    times = count if of_group is None else rows.count(all_of(of_group, rows.found_by(told)))
                    having[group, value_id] += times
        for (_, value_id), count in having.items():
            counts[value_id] -= max(count - 1, 0)


# --- words and days ---------------------------------------------------------------------------------------------------


def spellings(
    name: str, word: str, *, distance: int, record: Record, all_rows: Mapping[Record, Rows]
) -> tuple[ValueCount, ...]:
    """The words of a text or name field within `distance` edits of `word`, with how many rows have each."""
    one = fields.find(name)
    wanted = words(word)
    if one is None or record not in one.records or one.kind not in {"text", "name"} or len(wanted) != 1:
        return ()
    parts = text_fields(one.name, record) if one.kind == "text" else (one.name,)
    joined = one.kind == "text" and parts[0] not in indexed_texts(record)
    rows = all_rows["quote" if joined else record]
    mark = code(one.name) if one.kind == "name" else ""
    columns = [field(part, "words") for part in parts] if one.kind == "text" else [NAMES]
    near = {found for column in columns for found in words_within(_text(rows, column, mark), wanted[0], distance)}
    counts = {}
    for found in sorted(near):
        query = any_of(rows.term(column, mark + found) for column in columns)
        counts[found] = len(set(rows.numbers(query, OWNER))) if joined else rows.count(query)
    present = {found: count for found, count in counts.items() if count}
    return value_counts(present, {(found, found): count for found, count in present.items()})


def _text(rows: Rows, column: str, mark: str) -> str:
    """All words of a field, each between two line feeds; `mark` stands before each of them in its terms."""

    def read() -> str:
        return "\n".join(["", *(found[len(mark) :] for found in rows.terms_of(column, mark)), ""])

    return rows.remembered(("words", column, mark), read)


def days(name: str, record: Record, rows: Rows) -> tuple[date, date] | None:
    """The first and last day that a row has in a date field."""
    one = fields.find(name)
    if one is None or record not in one.records or one.kind != "date":
        return None
    known = [rows.bounds(rows.has(one.name), field(one.name, "days"))]
    known += [span_of(told) for told in rows.terms_of(TERMS, span_term(one.name)) if rows.count(rows.found_by(told))]
    bounds = [bound for bound in known if bound is not None]
    if not bounds:
        return None
    return date.fromordinal(min(first for first, _ in bounds)), date.fromordinal(max(last for _, last in bounds))
