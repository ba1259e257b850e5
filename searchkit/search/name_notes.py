"""Notes on the names and keywords of a query: whom a name matches, and what a value without a match may have meant.

The query itself is not changed. A query without names and keywords costs nothing, one with names a lookup or two each.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import ENTITY_KINDS, find
from searchkit.query.walk import Clause, clauses, replace_clause
from searchkit.search.rewrite import NameExpander, has_words, rewrite_query

# Facets list all names.
_NAMES_SHOWN = 5
# A query with more names is a list, and its user knows whom it means.
_MAX_CLAUSES = 12
# Keywords whose spelling in the archive a user may not know. Ids and addresses are copied, not typed.
_TYPED_KEYWORDS = frozenset({"kind", "verb", "lang", "source"})

# What a value in another field is; the more specific fields first.
_DESCRIPTIONS = {
    "outlet": "an outlet",
    "wire": "a news agency credited",
    "agency": "an official body",
    "speaker": "a speaker",
    "about": "the target of statements",
    **{f"entity.{kind}": f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in ENTITY_KINDS},
    "entity": "named",
    "watchlist": "on a watchlist",
    "source": "a source",
}
_MAX_ELSEWHERE = 3


def names_notes(shown: ast.Node, request: SearchRequest, names: NameExpander) -> tuple[str, ...]:
    """Return notes for the answer to `request`; `shown` is the query as users see it."""
    typed = [clause for clause in clauses(shown, request.record) if _is_typed(clause)][:_MAX_CLAUSES]
    return tuple(dict.fromkeys(note for clause in typed for note in _notes(clause, request, names)))


def _is_typed(clause: Clause) -> bool:
    if clause.field in _TYPED_KEYWORDS or (clause.kind == "name" and clause.field != "watchlist"):
        return isinstance(clause.value, ast.Term | ast.Phrase | ast.Equals) and not getattr(clause.value, "slop", 0)
    return False


def _notes(clause: Clause, request: SearchRequest, names: NameExpander) -> Iterator[str]:
    value = clause.value
    if clause.kind == "name":
        value = names.expand_value(clause.field, clause.value)
        query = clause.with_value(value) if clause.excludes else rewrite_query(clause.query, names).executed
        matching = names.index.values(
            ValuesRequest(field=clause.field, value=value, query=query, record=clause.record, copies=request.copies)
        )
        if len(matching) > 1:
            counted = _with_all_records(clause, value, query, matching, request, names.index)
            yield _names_note(clause, counted, len(matching))
        if matching:
            return
    if is_absent(clause, value, names.index):
        yield from absence_notes(clause, names.index)


def _with_all_records(
    clause: Clause,
    value: ast.Node,
    query: ast.Node,
    matching: Sequence[ValueCount],
    request: SearchRequest,
    index: Index,
) -> Sequence[ValueCount]:
    """Return the first names, each counted in all its records, including those that spell it in another way."""
    shown = matching[:_NAMES_SHOWN]
    text = getattr(value, "text", "")
    if clause.excludes or isinstance(value, ast.Equals) or all(has_words(name.name, text) for name in shown):
        return shown
    wide = ast.disjunction(value, *(ast.Equals(text=name.id) for name in shown))
    wide_query = replace_clause(query, replace(clause, value=value), wide)
    counted = index.values(
        ValuesRequest(field=clause.field, value=wide, query=wide_query, record=clause.record, copies=request.copies)
    )
    wanted = {name.id for name in shown}
    return [name for name in counted if name.id in wanted]


def is_absent(clause: Clause, value: ast.Node, index: Index) -> bool:
    """Return whether no record has `value` in the field of `clause`."""
    return not index.values(ValuesRequest(field=clause.field, value=value, record=clause.record, copies=True))


def _names_note(clause: Clause, shown: Sequence[ValueCount], total: int) -> str:
    kind = "document" if clause.record == "document" else "statement"
    listed: list[str] = []
    for name in shown:
        exact = ast.Equals(text=name.name if name.alone else name.id)
        unit = "" if listed else f" {kind}{'' if name.count == 1 else 's'}"
        listed.append(f"{clause.with_value(exact)} ({name.count:,}{unit})")
    more = f" and {total - len(shown):,} more" if total > len(shown) else ""
    return f"{clause.node} {'excludes' if clause.excludes else 'matches'} {total:,} names: {', '.join(listed)}{more}."


def absence_notes(clause: Clause, index: Index) -> Iterator[str]:
    """Yield what may have been meant by a clause whose value no record has."""
    from searchkit.search.did_you_mean import near_names, near_values  # most values exist

    text = getattr(clause.value, "text", "")
    if clause.kind == "keyword":
        listed = ", ".join(f"{node} ({count:,})" for node, count in near_values(clause, index))
        yield f'There is no {clause.field} "{text}" here{": " if listed else ""}{listed}.'
        return
    if clause.field == "watchlist" and isinstance(clause.value, ast.Exists):
        yield "No watchlist entry is named here. To add a watchlist: searchkit watchlist add FILE"
    if clause.field == "watchlist" and isinstance(clause.value, ast.Equals) and any(map(str.isdecimal, text)):
        yield f'No document here names a watchlist entry with the id "{text}".'
        return  # ids differ in few characters, so each is near to all others
    if not text:
        return
    elsewhere = [*_elsewhere(clause, index)]
    if elsewhere:
        described = " and ".join(dict.fromkeys(_DESCRIPTIONS[field] for field, _, _ in elsewhere))
        tries = " or ".join(f"{node} ({hits:,})" for _, node, hits in elsewhere)
        yield f"{text} is {described} here: try {tries}."
    near = near_names(clause, index)
    if near:
        yield f"Did you mean {', '.join(f'{node} ({count:,})' for node, count in near)}?"


def _elsewhere(clause: Clause, index: Index) -> Iterator[tuple[str, ast.Node, int]]:
    """Yield other fields that have the value, with the clause for that field and its hits."""
    found: set[str] = set()
    for name in _DESCRIPTIONS:
        field = find(name)
        # Every speaker, body and person is also named.
        is_implied = name.startswith("entity") and bool(found - {"outlet", "wire"})
        if field is None or name == clause.field or is_implied or len(found) == _MAX_ELSEWHERE:
            continue
        if index.values(ValuesRequest(field=name, value=clause.value, record=clause.record, copies=True)):
            found.add(name)
            node = ast.Field(name=name, value=clause.value)
            yield name, node, index.search(SearchRequest(query=node, record=clause.record, limit=0)).total
