"""Whom a name in a query can mean, and what a value that the archive does not have may have been rewritten for.

takes:    a query tree, and the request that an index was asked for it
gives:    notes: the names that one clause fits, with counts; other fields that have a value; values near to one
does not: change what is asked: the answer stays all whose name has the words
traps:    a query without names or keywords costs nothing; one with names costs a look-up or two each
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import ENTITY_KINDS, find
from searchkit.query.walk import Clause, clauses, replace_clause
from searchkit.search.name_expansion import NameExpander, has_words
from searchkit.search.rewrite import rewrite_query

# A line of more names is not read to its end; facets list all.
_NAMES_SHOWN = 5
# A query of more names is a list of them, and its user knows whom it means.
_MOST_CLAUSES = 12
# Keywords of which a user may not know how the archive writes them. Ids and addresses are copied, not typed.
_TYPED_KEYWORDS = frozenset({"kind", "verb", "lang", "source"})

# What a value that stands in another field is here; the more telling fields first.
_CALLED = {
    "outlet": "an outlet",
    "wire": "a news agency credited",
    "agency": "an official body",
    "speaker": "a speaker",
    "about": "somebody that statements are about",
    **{f"entity.{kind}": f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in ENTITY_KINDS},
    "entity": "named",
    "watchlist": "on a watchlist",
    "source": "a source",
}
_MOST_ELSEWHERE = 3


def names_notes(read: ast.Node, request: SearchRequest, names: NameExpander) -> tuple[str, ...]:
    """What the answer to `request` should tell of the names and keywords in it; `read` is the query as it is shown."""
    typed = [clause for clause in clauses(read, request.record) if _is_typed(clause)][:_MOST_CLAUSES]
    told = (note for clause in typed for note in _notes(clause, request, names))
    return tuple(dict.fromkeys(told))


def _is_typed(clause: Clause) -> bool:
    if clause.field in _TYPED_KEYWORDS or (clause.kind == "name" and clause.field != "watchlist"):
        return isinstance(clause.value, ast.Term | ast.Phrase | ast.Equals) and not getattr(clause.value, "slop", 0)
    return False


def _notes(clause: Clause, request: SearchRequest, names: NameExpander) -> Iterator[str]:
    value = clause.value
    if clause.kind == "name":
        value = names.expand_value(clause.field, clause.value)
        whole = clause.with_value(value) if clause.excludes else rewrite_query(clause.query, names).executed
        fitting = names.index.values(
            ValuesRequest(field=clause.field, value=value, query=whole, record=clause.record, copies=request.copies)
        )
        if len(fitting) > 1:
            yield _who(clause, _counted_whole(clause, value, whole, fitting, request, names.index), len(fitting))
        if fitting:
            return
    if is_absent(clause, value, names.index):
        yield from absent(clause, names.index)


def _counted_whole(
    clause: Clause,
    value: ast.Node,
    whole: ast.Node,
    fitting: Sequence[ValueCount],
    request: SearchRequest,
    index: Index,
) -> Sequence[ValueCount]:
    """The first of the names `fitting`, each with all the records that have it: some may not spell it as asked."""
    shown = fitting[:_NAMES_SHOWN]
    text = getattr(value, "text", "")
    if clause.excludes or isinstance(value, ast.Equals) or all(has_words(one.name, text) for one in shown):
        return shown
    wide = ast.disjunction(value, *(ast.Equals(text=one.id) for one in shown))
    query = replace_clause(whole, replace(clause, value=value), wide)
    counted = index.values(
        ValuesRequest(field=clause.field, value=wide, query=query, record=clause.record, copies=request.copies)
    )
    wanted = {one.id for one in shown}
    return [one for one in counted if one.id in wanted]


def is_absent(clause: Clause, value: ast.Node, index: Index) -> bool:
    """Whether no record has `value` in the field of `clause`."""
    return not index.values(ValuesRequest(field=clause.field, value=value, record=clause.record, copies=True))


def _who(clause: Clause, shown: Sequence[ValueCount], fitting: int) -> str:
    kind = "document" if clause.record == "document" else "statement"
    named: list[str] = []
    for one in shown:
        exact = ast.Equals(text=one.name if one.alone else one.id)
        unit = "" if named else f" {kind}{'' if one.count == 1 else 's'}"
        named.append(f"{clause.with_value(exact)} ({one.count:,}{unit})")
    more = f" and {fitting - len(shown):,} more" if fitting > len(shown) else ""
    does = "leaves out" if clause.excludes else "fits"
    return f"{clause.node} {does} {fitting:,} names: {', '.join(named)}{more}."


def absent(clause: Clause, index: Index) -> Iterator[str]:
    """What may have been rewritten by a clause whose value no record has in that field."""
    from searchkit.search.did_you_mean import near_names, near_values  # most names are there

    text = getattr(clause.value, "text", "")
    if clause.kind == "keyword":
        listed = ", ".join(f"{node} ({count:,})" for node, count in near_values(clause, index))
        yield f'There is no {clause.field} "{text}" here{": " if listed else ""}{listed}.'
        return
    elsewhere = [*_elsewhere(clause, index)]
    if elsewhere:
        called = " and ".join(dict.fromkeys(_CALLED[field] for field, _, _ in elsewhere))
        tries = " or ".join(f"{node} ({hits:,})" for _, node, hits in elsewhere)
        yield f"{text} is {called} here: try {tries}."
    near = near_names(clause, index)
    if near:
        listed = ", ".join(f"{node} ({count:,})" for node, count in near)
        yield f"Near to {clause.node}: {listed}."


def _elsewhere(clause: Clause, index: Index) -> Iterator[tuple[str, ast.Node, int]]:
    """Other fields that have the value, with the clause that asks for it there and its hits."""
    found: set[str] = set()
    for name in _CALLED:
        field = find(name)
        # Whoever is told to be a speaker, a body or a person need not be told to be named.
        told = name.startswith("entity") and bool(found - {"outlet", "wire"})
        if field is None or name == clause.field or told or len(found) == _MOST_ELSEWHERE:
            continue
        if index.values(ValuesRequest(field=name, value=clause.value, record=clause.record, copies=True)):
            found.add(name)
            node = ast.Field(name=name, value=clause.value)
            yield name, node, index.search(SearchRequest(query=node, record=clause.record, limit=0)).total
