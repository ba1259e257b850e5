"""Notes on the names and keywords of a query: whom a name matches, where it lacks its quotation marks, and what a value
without a match may have meant.

The query itself is not changed. A query without names and keywords costs nothing, one with names a lookup or two each.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.walk import Clause, clauses
from searchkit.search.did_you_mean import near_names, near_values
from searchkit.search.rewrite import NameExpander, rewrite_query

# Facets list all names.
_NAMES_SHOWN = 5
# A query with more names is a list, and its user knows whom it means.
_MAX_CLAUSES = 12
_MAX_WORDS = 8  # of a name
# Keywords whose spelling in the archive a user may not know, and those that are ids. Addresses are copied, not typed.
_ID_KEYWORDS = frozenset({"id", "copies"})
_TYPED_KEYWORDS = frozenset({"kind", "verb", "lang", "source"}) | _ID_KEYWORDS
# The fields in which a value may stand instead, the more specific ones first.
_OTHER_FIELDS = ("outlet", "wire", "agency", "speaker", "about", "entity", "watchlist", "source")
_MAX_ELSEWHERE = 3


def names_notes(shown: ast.Node, request: SearchRequest, names: NameExpander) -> tuple[str, ...]:
    """Return notes for the answer to `request`; `shown` is the query as users see it."""
    written = list(clauses(shown, request.record))
    typed = [clause for clause in written if _is_typed(clause)][:_MAX_CLAUSES]
    notes = [note for clause in typed for note in _notes(clause, request, names)]
    return tuple(dict.fromkeys((*notes, *_unquoted_names(written, names.index))))


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
            action = "excludes" if clause.excludes else "matches"
            yield f"{clause.node} {action} {len(matching):,} names: {_listed(clause, matching)}."
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


def is_absent(clause: Clause, value: ast.Node, index: Index) -> bool:
    """Return whether no record has `value` in the field of `clause`."""
    return not index.values(ValuesRequest(field=clause.field, value=value, record=clause.record, copies=True))


def _listed(clause: Clause, names: Sequence[ValueCount]) -> str:
    """Return the queries for the first of `names` with their counts, and how many follow."""
    kind = "document" if clause.record == "document" else "statement"
    shown = names[:_NAMES_SHOWN]
    listed: list[str] = []
    for name in shown:
        exact = ast.Equals(text=name.name if name.alone else name.id)
        unit = "" if listed else f" {kind}{'' if name.count == 1 else 's'}"
        listed.append(f"{clause.with_value(exact)} ({name.count:,}{unit})")
    more = len(names) - len(shown)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")


def absence_notes(clause: Clause, index: Index) -> Iterator[str]:
    """Yield what may have been meant by a clause whose value no record has."""
    text = getattr(clause.value, "text", "")
    if clause.kind == "keyword":
        near = [] if clause.field in _ID_KEYWORDS else near_values(clause, index)  # ids differ in few characters
        listed = ", ".join(f"{node} ({count:,})" for node, count in near)
        yield f'There is no {clause.field} "{text}" here{": " if listed else ""}{listed}.'
        return
    if clause.field == "watchlist":
        called = f'No watchlist, entry or topic is called "{text}".' if text else "No watchlist entry is named here."
        yield f"{called} To list watchlists: searchkit watchlist list"
    if not text:
        return
    elsewhere = [f"{node} ({hits:,})" for node, hits in islice(_elsewhere(clause, index), _MAX_ELSEWHERE)]
    if elsewhere:
        yield f"Other fields have {text}: try {' or '.join(elsewhere)}."
    near = near_names(clause, index)
    if near:
        yield f"Did you mean {', '.join(f'{node} ({count:,})' for node, count in near)}?"


def _elsewhere(clause: Clause, index: Index) -> Iterator[tuple[ast.Node, int]]:
    """Yield conditions on other fields that have the value, and their hits."""
    found: set[str] = set()
    for name in _OTHER_FIELDS:
        # Every speaker, body and person is also named; an outlet or a wire need not be.
        if name == clause.field or (name == "entity" and found - {"outlet", "wire"}):
            continue
        node = ast.Field(name=name, value=clause.value)
        if hits := index.search(SearchRequest(query=node, record=clause.record, limit=0)).total:
            found.add(name)
            yield node, hits
