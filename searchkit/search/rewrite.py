"""Rewrite the query a user sees into the query that the engine executes.

Reporting verbs become their lemmas, acts their names, names gain their other orders and spellings, and watchlist
entries their weak matches. Users see verbs and acts as rewritten, but not the added names and weak matches.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from searchkit.index.base import Choice, FacetRequest, ValuesRequest
from searchkit.index.facets import counted_query, facet_fields
from searchkit.index.rows import STRONG, WEAK, weak_name
from searchkit.index.values import value_key
from searchkit.index.verb_classes import act_of, acts
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import alternatives, clauses, expanded, split_selection, transform, walk
from searchkit.search.name_expansion import NameExpander
from searchkit.text import fold

_MAX_CONDITIONS = 64


class RewrittenQuery(Struct, frozen=True, kw_only=True):
    """A query as it is shown to the user and as the engine executes it. `notes` are for the user.

    `copies`: the query asks for a group of duplicates, so that duplicates must not be collapsed.
    """

    shown: ast.Node
    executed: ast.Node
    notes: tuple[str, ...]
    copies: bool


def rewrite_query(query: ast.Node, names: NameExpander) -> RewrittenQuery:
    """Rewrite `query` for the index of `names`."""
    if not any(isinstance(node, ast.Field | ast.Saved) for node in walk(query)):  # most queries are words alone
        return RewrittenQuery(shown=query, executed=query, notes=(), copies=False)
    shown, notes = _with_lemmas(query)
    executed = transform(names.expand(shown), _with_weak)
    copies = any(
        clause.field == "copies" and not clause.excludes and not isinstance(clause.value, ast.Exists)
        for clause in clauses(shown, "document")
    )
    return RewrittenQuery(shown=shown, executed=executed, notes=notes, copies=copies)


def shown_query(query: ast.Node) -> ast.Node:
    """Return `query` as users see it: saved searches written out, verbs as lemmas, acts by name."""
    return _with_lemmas(query)[0]


def _with_lemmas(query: ast.Node) -> tuple[ast.Node, tuple[str, ...]]:
    unknown_verbs: list[str] = []
    unknown_acts: list[str] = []

    def rewritten(node: ast.Node, field: str) -> ast.Node:
        if field == "verb":
            return _by_lemma(node, unknown_verbs)
        return _by_act(node, unknown_acts) if field == "act" else node

    shown = transform(expanded(query), rewritten)
    notes = [f'No language pack knows "{form}" as a reporting verb.' for form in dict.fromkeys(unknown_verbs)]
    notes += [f'There is no act "{act}". There are: {", ".join(acts())}.' for act in dict.fromkeys(unknown_acts)]
    return shown, tuple(notes)


def _by_lemma(verb: ast.Node, unknown: list[str]) -> ast.Node:
    """Replace any form of a reporting verb ("denied") by its lemmas; add a form of no known verb to `unknown`."""
    match verb:
        case ast.Term(text=form) | ast.Phrase(text=form, slop=0):
            found = [ast.Phrase(text=lemma) if " " in lemma else ast.Term(text=lemma) for lemma in _lemmas(form)]
            if found:
                return ast.disjunction(*found)
            unknown.append(form)
    return verb


def _by_act(act: ast.Node, unknown: list[str]) -> ast.Node:
    """Replace one of the verbs of an act ("denied") by the act ("deny"); add what is neither to `unknown`."""
    match act:
        case ast.Term(text=word) | ast.Phrase(text=word, slop=0) if fold(word) not in acts():
            found = sorted({name for lemma in _lemmas(word) if (name := act_of(lemma))})
            if found:
                return ast.disjunction(*(ast.Term(text=name) for name in found))
            unknown.append(word)
        case ast.Equals(text=word) if fold(word) not in acts():
            unknown.append(word)
    return act


def _lemmas(form: str) -> tuple[str, ...]:
    from searchkit.extract.verbs import lemmas  # few queries name a verb

    return lemmas(form)


def _with_weak(value: ast.Node, field: str) -> ast.Node:
    """Add the weak matches of a watchlist entry, which are values of their own in the index; `ID/strong` excludes
    them."""
    if field != "watchlist" or not isinstance(value, ast.Equals) or value.text.endswith(WEAK):
        return value
    entry = value.text.removesuffix(STRONG)
    if entry != value.text:
        return ast.Equals(text=entry)
    return ast.disjunction(value, ast.Equals(text=entry + WEAK), ast.Equals(text=weak_name(entry)))


def facets_with_choices(
    facets: Iterable[FacetRequest], shown: ast.Node, names: NameExpander, record: Record
) -> tuple[FacetRequest, ...]:
    """Return the facets, each with the values of its field that the query `shown` selects.

    UsageError for a facet that cannot be counted.
    """
    return tuple(replace(facet, chosen=tuple(_choices(facet, shown, names, record))) for facet in facets)


def _choices(facet: FacetRequest, shown: ast.Node, names: NameExpander, record: Record) -> Iterator[Choice]:
    fields = facet_fields(facet, record)
    base = counted_query(shown, fields)
    if base == shown:
        return
    within = rewrite_query(base, names).executed
    for choice in split_selection(shown, fields[0].name)[1]:
        conditions = alternatives(choice)
        # Longer lists are looked up in one go.
        for condition in conditions if len(conditions) <= _MAX_CONDITIONS else (choice,):
            yield Choice(condition=condition, keys=tuple(_keys(condition, fields[0].name, within, names, record)))


def _keys(condition: ast.Node, field: str, within: ast.Node, names: NameExpander, record: Record) -> dict[str, None]:
    """Return the keys of the values that a condition matches in the records that `within` finds."""
    values = [field.value for field in alternatives(rewrite_query(condition, names).executed)]
    if any(isinstance(value, ast.And) for value in values):  # a single value never matches several at once
        return {}
    request = ValuesRequest(field=field, value=ast.disjunction(*values), query=within, record=record, copies=True)
    return dict.fromkeys(value_key(value.id) for value in names.index.values(request))
