"""Notes on the names, keywords and ids of a query: whom a name matches, where it lacks its quotation marks, and what a
value without a match may have meant.

The query itself is not changed. A query without names and keywords costs nothing, one with names a lookup or two each.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import ENTITY_KINDS, find
from searchkit.query.walk import Clause, clauses, replace_clause
from searchkit.search.did_you_mean import near_names, near_values
from searchkit.search.rewrite import NameExpander, has_words, rewrite_query

# Facets list all names.
_NAMES_SHOWN = 5
# A query with more names is a list, and its user knows whom it means.
_MAX_CLAUSES = 12
_MAX_WORDS = 8  # of a name
# Keywords whose spelling in the archive a user may not know, and those that are ids. Addresses are copied, not typed.
_ID_KEYWORDS = frozenset({"id", "copies"})
_TYPED_KEYWORDS = frozenset({"kind", "verb", "lang", "source"}) | _ID_KEYWORDS
_ID = re.compile(r"[0-9a-f]{12}(?P<statement>-[0-9a-f]{8}(?:-[0-9]{1,9})?)?", re.IGNORECASE)

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
    written = list(clauses(shown, request.record))
    typed = [clause for clause in written if _is_typed(clause)][:_MAX_CLAUSES]
    notes = [note for clause in typed for note in _notes(clause, request, names)]
    notes += _unquoted_names(written, names.index)
    notes += _bare_ids(written, names.index)
    return tuple(dict.fromkeys(notes))


def _is_typed(clause: Clause) -> bool:
    if clause.field in _TYPED_KEYWORDS or (clause.kind == "name" and clause.field != "watchlist"):
        return isinstance(clause.value, ast.Term | ast.Phrase | ast.Equals) and not getattr(clause.value, "slop", 0)
    return False


def _notes(clause: Clause, request: SearchRequest, names: NameExpander) -> Iterator[str]:
    value = clause.value
    if clause.kind == "name":
        value = names.expand_value(clause.field, clause.value)
        query = (
            clause.with_value(value) if clause.excludes else rewrite_query(clause.query, names, clause.record).executed
        )
        matching = names.index.values(
            ValuesRequest(field=clause.field, value=value, query=query, record=clause.record, copies=request.copies)
        )
        if len(matching) > 1:
            counted = _with_all_records(clause, value, query, matching, request, names.index)
            action, total = "excludes" if clause.excludes else "matches", len(matching)
            yield f"{clause.node} {action} {total:,} names: {_listed(clause, counted, total)}."
        if matching:
            return
    if is_absent(clause, value, names.index):
        yield from absence_notes(clause, names.index)


def _unquoted_names(written: Sequence[Clause], index: Index) -> Iterator[str]:
    """Yield a note for each name of the archive whose end stands behind its field: `speaker:Nadia Korbel`."""
    for place, clause in enumerate(written[:_MAX_CLAUSES]):
        if clause.kind != "name" or not isinstance(clause.value, ast.Term | ast.Equals):
            continue
        name = clause.value.text
        matching: Sequence[ValueCount] = ()
        for word in _bare_words_after(clause, written[place + 1 : place + _MAX_WORDS]):
            longer = f"{name} {word}"
            request = ValuesRequest(field=clause.field, value=ast.Phrase(text=longer), record=clause.record)
            found = index.values(request) or index.values(replace(request, any_order=True))
            if not found:
                break
            name, matching = longer, found
        if matching:
            yield (
                f'{clause.node} does not include "{name.removeprefix(clause.value.text).strip()}". For the complete '
                f"name, write {clause.with_value(ast.Phrase(text=name))}: it matches {_listed(clause, matching)}."
            )


def _bare_words_after(clause: Clause, following: Sequence[Clause]) -> Iterator[str]:
    """Yield the bare words behind `clause`, up to the first operator or bracket."""
    last = clause.value
    for word in following:
        start, end = word.value.span, last.span
        is_next = start is not None and end is not None and start.start - end.end == 1
        if not is_next or word.field != "text" or not isinstance(word.value, ast.Term):
            return
        yield word.value.text
        last = word.value


def _bare_ids(written: Sequence[Clause], index: Index) -> Iterator[str]:
    """Yield a note for each bare word that is an id of the archive: the text of an article does not contain it."""
    for clause in written[:_MAX_CLAUSES]:
        found = _ID.fullmatch(clause.value.text) if isinstance(clause.value, ast.Term) else None
        if clause.field == "text" and found and _with_id(found[0], index):
            kind = "statement" if found["statement"] else "document"
            yield f"{found[0]} is the id of a {kind} here. To print it: searchkit show {found[0]}"


def _with_id(text: str, index: Index) -> bool:
    return bool(index.values(ValuesRequest(field="id", value=ast.Equals(text=text), copies=True)))


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


def _listed(clause: Clause, names: Sequence[ValueCount], total: int = 0) -> str:
    """Return the queries for the first of `names` with their counts, and how many of `total` follow."""
    kind = "document" if clause.record == "document" else "statement"
    shown = names[:_NAMES_SHOWN]
    listed: list[str] = []
    for name in shown:
        exact = ast.Equals(text=name.name if name.alone else name.id)
        unit = "" if listed else f" {kind}{'' if name.count == 1 else 's'}"
        listed.append(f"{clause.with_value(exact)} ({name.count:,}{unit})")
    more = max(total, len(names)) - len(shown)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")


def absence_notes(clause: Clause, index: Index) -> Iterator[str]:
    """Yield what may have been meant by a clause whose value no record has."""
    text = getattr(clause.value, "text", "")
    if clause.field == "copies":
        yield _no_duplicates_note(text, clause, index)
        return
    if clause.kind == "keyword":
        near = [] if clause.field in _ID_KEYWORDS else near_values(clause, index)  # ids differ in few characters
        listed = ", ".join(f"{node} ({count:,})" for node, count in near)
        yield f'There is no {clause.field} "{text}" here{": " if listed else ""}{listed}.'
        return
    if clause.field == "watchlist" and isinstance(clause.value, ast.Exists):
        yield "No watchlist entry is named here. To add a watchlist: searchkit watchlist add FILE"
    if clause.field == "watchlist" and isinstance(clause.value, ast.Equals) and any(map(str.isdecimal, text)):
        yield f'No watchlist has an entry with the id "{text}". To list entries: searchkit watchlist list NAME'
        return
    if not text:
        return
    elsewhere = [*_elsewhere(clause, index)]
    if clause.field == "watchlist":
        yield (
            f'No watchlist is called "{text}", and none has an entry or topic with this name. '
            "To list them: searchkit watchlist list"
        )
    if elsewhere:
        described = " and ".join(dict.fromkeys(_DESCRIPTIONS[field] for field, _, _ in elsewhere))
        tries = " or ".join(f"{node} ({hits:,})" for _, node, hits in elsewhere)
        yield f"{text} is {described} here: try {tries}."
    near = near_names(clause, index)
    if near:
        yield f"Did you mean {', '.join(f'{node} ({count:,})' for node, count in near)}?"


def _no_duplicates_note(text: str, clause: Clause, index: Index) -> str:
    """Return what `copies:` could have asked instead of `text`: a group is named after one of its documents."""
    known = ast.Field(name="id", value=ast.Equals(text=text))
    groups = index.values(ValuesRequest(field="copies", query=known, record=clause.record, copies=True))
    if groups:
        return f"{text} is in another group of duplicates: {clause.with_value(ast.Term(text=groups[0].id))}."
    if _with_id(text, index):
        return f"{text} has no duplicates here. To print it: searchkit show {text}"
    return f'There is no group of duplicates "{text}" here. To list documents that have duplicates, write copies:*.'


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
