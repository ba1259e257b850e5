"""Rewrite the query a user sees into the query that the engine executes.

Reporting verbs become their lemmas, acts their names, names gain their other orders and spellings, and watchlist
entries their weak matches. Values that are not in the index, such as marks, become the ids of the statements that have
them. Users see verbs and acts as rewritten, but not the added names, weak matches and ids.

Names never match more than the same name: "Schaefer" matches Schäfer only where an indexed name proves it, and another
order counts for complete names only: "John Paul" is not part of "Paul John Smith".
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from msgspec import Struct

from searchkit.index.analysis import name_words
from searchkit.index.base import Index, ValueCount, ValuesRequest
from searchkit.index.values import (
    STRONG,
    WEAK,
    act_of,
    acts,
    shared_id,
    value_key,
    value_pattern,
    weak_name,
    within_edits,
)
from searchkit.loading import load
from searchkit.notes import MARK_VALUES
from searchkit.query import ast
from searchkit.query.fields import Record, find
from searchkit.query.walk import clauses, transform, walk, without_excluded_genres
from searchkit.statements.text import fold

# No name has more words, and no name belongs to more entities.
_MAX_WORDS = 8
_MAX_SAME = 20
# A query with more names is a list; expanding all of them would take longer than answering it.
_MAX_NAMES = 64
# How German, Danish, Norwegian and Swedish names are spelled where these letters are missing.
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
_DIGRAPHS = ("ae", "oe", "ue", "aa")
_MAX_DIGRAPHS = 4


class Owner(Protocol):
    """A statement that has a value, and its document."""

    @property
    def id(self) -> str: ...

    @property
    def document(self) -> str: ...


ValuesOutside = Callable[[str], Mapping[str, Sequence[Owner]]]
"""Returns the statements by their values in a field that is not in the index."""


def no_values(_field: str) -> Mapping[str, Sequence[Owner]]:
    """Return that no statement has a value outside the index."""
    return {}


# --- names ------------------------------------------------------------------------------------------------------------


class NameExpander:
    """Expands the names of a query; looks up each name once. `outside` has the values that are not in the index."""

    def __init__(self, index: Index, record: Record, outside: ValuesOutside = no_values) -> None:
        self.index = index
        self.record: Record = record
        self.outside = outside
        self._known: dict[tuple[str, ast.Node], dict[ast.Node, ast.Node]] = {}  # the variants as shown and executed

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each name that was expanded."""
        notes = []
        for (name, value), variants in self._known.items():
            if variants:
                shown = ", ".join(str(ast.Field(name=name, value=variant)) for variant in variants)
                clause = ast.Field(name=name, value=value)
                notes.append(f"{clause} also matches {shown} (same name in a different order or spelling).")
        return tuple(notes)

    def expand(self, tree: ast.Node) -> ast.Node:
        """Return `tree` with its names expanded."""
        return transform(tree, lambda node, field: self.expand_value(field, node))

    def expand_value(self, field: str, value: ast.Node) -> ast.Node:
        """Return `value` of a field or, if it is a name, any of its variants."""
        if not isinstance(value, ast.Term | ast.Phrase) or (isinstance(value, ast.Phrase) and value.slop):
            return value
        # Watchlist entries are found by their ids and topics too, which are not names.
        if getattr(find(field), "kind", "") != "name" or field == "watchlist":
            return value
        key = field, value
        if key not in self._known and len(self._known) < _MAX_NAMES:
            self._known[key] = self._variants(field, value.text)
        return ast.disjunction(value, *self._known.get(key, {}).values())

    def _variants(self, field: str, text: str) -> dict[ast.Node, ast.Node]:
        spellings = (text, *variants(text))
        known = [text, *(spelling for spelling in spellings[1:] if self._values(field, spelling))]
        others = {name_value(spelling): name_value(spelling) for spelling in known[1:]}
        reorder = 1 < len(name_words(text)) <= _MAX_WORDS
        same: dict[str, str] = {}
        for spelling in spellings if reorder else ():
            same |= {value.id: value.name for value in self._values(field, spelling, any_order=True)}
        # Only a name that is written with umlauts proves that two letters stand for one.
        for guess in contracted(spelled_out(text)):
            found = self._values(field, guess)
            same |= {value.id: value.name for value in found if _has_umlaut(value.name) and stands_in(text, value.name)}
            found = self._values(field, guess, any_order=True) if reorder else ()
            same |= {value.id: value.name for value in found if _has_umlaut(value.name) and turned(text, value.name)}
        same = {value_id: name for value_id, name in same.items() if not any(has_words(name, own) for own in known)}
        for value_id, name in [*same.items()][:_MAX_SAME]:
            others[ast.Equals(text=name)] = ast.Equals(text=value_id)
        return others

    def _values(self, field: str, text: str, *, any_order: bool = False) -> tuple[ValueCount, ...]:
        return self.index.values(
            ValuesRequest(field=field, value=name_value(text), any_order=any_order, record=self.record, copies=True)
        )


def name_value(text: str) -> ast.Node:
    """Return the value that matches the words of `text` in a row."""
    return ast.Phrase(text=text) if len(name_words(text)) > 1 else ast.Term(text=text)


def _has_umlaut(name: str) -> bool:
    return spelled_out(name) != name


def spelled_out(name: str) -> str:
    """Return `name` with umlauts and similar letters as two letters: Schäfer -> Schaefer."""
    return unicodedata.normalize("NFC", name).translate(_SPELLED_OUT)


def variants(name: str) -> tuple[str, ...]:
    """Return other ways to type `name` that surely mean the same: without hyphens (Gui-xiang -> Guixiang), umlauts as
    two letters. Variants with the same words are left out."""
    closed = name.replace("-", "")
    found = {tuple(name_words(name)): name}
    for other in (closed, spelled_out(name), spelled_out(closed)):
        found.setdefault(tuple(name_words(other)), other)
    return tuple(other for words, other in found.items() if other != name and words)


def contracted(name: str) -> tuple[str, ...]:
    """Return guesses at `name` with umlauts in place of two letters, without their dots: Schaefer -> schafer."""
    low = " ".join(name_words(name))
    places = [place for place in range(len(low) - 1) if low[place : place + 2] in _DIGRAPHS]
    if not places or len(places) > _MAX_DIGRAPHS:
        return ()
    chosen = [some for count in range(1, len(places) + 1) for some in combinations(places, count)]
    return tuple(dict.fromkeys("".join(low[i] for i in range(len(low)) if i - 1 not in some) for some in chosen))


def has_words(whole: str, name: str) -> bool:
    """Return whether the words of `name` stand in a row in those of `whole`."""
    wanted, words = name_words(name), name_words(whole)
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def stands_in(name: str, whole: str) -> bool:
    """Return the same as `has_words`, with umlauts equal to two letters."""
    return has_words(spelled_out(whole), spelled_out(name))


def turned(name: str, whole: str) -> bool:
    """Return whether both names have the same words in any order, with umlauts equal to two letters."""
    return sorted(name_words(spelled_out(name))) == sorted(name_words(spelled_out(whole)))


# --- queries ----------------------------------------------------------------------------------------------------------


_LINKS = frozenset({"disputed", "spread"})


class RewrittenQuery(Struct, frozen=True, kw_only=True):
    """A query as it is shown to the user and as the engine executes it. `notes` are for the user.

    `copies`: the query asks for a group of duplicates, so that duplicates must not be collapsed.
    """

    shown: ast.Node
    executed: ast.Node
    notes: tuple[str, ...]
    copies: bool


def rewrite_query(query: ast.Node, names: NameExpander, record: Record | None = None) -> RewrittenQuery:
    """Rewrite `query` over records of this kind, by default that of `names`, for the index of `names`."""
    if not any(isinstance(node, ast.Field) for node in walk(query)):  # most queries are words alone
        return RewrittenQuery(shown=query, executed=query, notes=(), copies=False)
    shown, notes = _with_lemmas(query)
    executed = transform(names.expand(shown), lambda value, field: _with_all_matches(value, field, names.index))
    if any(isinstance(node, ast.Field) and is_outside(node.name) for node in walk(shown)):
        executed = _with_ids(executed, record or names.record, names.outside)
        if any(clause.field in _LINKS and not clause.excludes for clause in clauses(shown, "document")):
            executed = without_excluded_genres(executed)
    copies = any(
        clause.field == "copies" and not clause.excludes and not isinstance(clause.value, ast.Exists)
        for clause in clauses(shown, "document")
    )
    return RewrittenQuery(shown=shown, executed=executed, notes=notes, copies=copies)


def shown_query(query: ast.Node) -> ast.Node:
    """Return `query` as users see it: verbs as lemmas, acts by name."""
    return _with_lemmas(query)[0]


def _with_lemmas(query: ast.Node) -> tuple[ast.Node, tuple[str, ...]]:
    unknown_verbs: list[str] = []
    unknown_acts: list[str] = []

    def rewritten(node: ast.Node, field: str) -> ast.Node:
        if field == "verb":
            return _by_lemma(node, unknown_verbs)
        return _by_act(node, unknown_acts) if field == "act" else node

    shown = transform(query, rewritten)
    notes = [f'"{form}" is not a known reporting verb.' for form in dict.fromkeys(unknown_verbs)]
    notes += dict.fromkeys(_unknown_values(shown))
    notes += [
        f'Unknown act "{act}". Acts: {", ".join(act for act in acts() if not act.startswith("not-"))}.'
        for act in dict.fromkeys(unknown_acts)
    ]
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
    found: tuple[str, ...] = load("searchkit.statements:lemmas")(form)  # few queries name a verb
    return found


def _with_all_matches(value: ast.Node, field: str, index: Index) -> ast.Node:
    """Add the other rows of the list with the id of a watchlist entry, and the weak matches of each. These are values
    of their own in the index; `ID/strong` and `ID/weak` choose."""
    if field != "watchlist" or not isinstance(value, ast.Equals):
        return value
    entry = value.text.removesuffix(STRONG).removesuffix(WEAK)
    strength = value.text[len(entry) :]
    found: list[str] = []
    for row in (entry, *_rows_with_id(entry, index)):
        found += [row] if strength == STRONG else [row + WEAK] if strength == WEAK else [row, row + WEAK]
    found += [] if strength else [weak_name(entry)]
    return ast.disjunction(*(ast.Equals(text=text) for text in found))


def _rows_with_id(entry: str, index: Index) -> tuple[str, ...]:
    """Return the ids of rows that share the id `entry` in their list."""
    if not name_words(entry):
        return ()
    request = ValuesRequest(field="watchlist", value=name_value(entry), copies=True)
    rows = (value.id.removesuffix(WEAK) for value in index.values(request))
    key = value_key(entry)
    return tuple(dict.fromkeys(row for row in rows if value_key(row) != key == value_key(shared_id(row))))


# --- values outside the index -----------------------------------------------------------------------------------------


def is_outside(name: str) -> bool:
    """Return whether the values of a field are not in the index."""
    field = find(name)
    return field is not None and not field.indexed


def _with_ids(node: ast.Node, record: Record, outside: ValuesOutside) -> ast.Node:
    """Return `node` with the ids of the records that have a value, in place of each condition on a value outside."""
    match node:
        case ast.And(children=children):
            return ast.conjunction(*(_with_ids(child, record, outside) for child in children))
        case ast.Or(children=children):
            return ast.disjunction(*(_with_ids(child, record, outside) for child in children))
        case ast.Not(child=child):
            return ast.Not(child=_with_ids(child, record, outside))
        case ast.Scope(inner=inner):
            return ast.Scope(inner=_with_ids(inner, "quote", outside))
        case ast.Field(name=name, value=value) if is_outside(name):
            values = outside(name)
            return transform(value, lambda leaf, _: _ids(leaf, values, record))
    return node


def _ids(leaf: ast.Node, values: Mapping[str, Sequence[Owner]], record: Record) -> ast.Node:
    """Return the records with a value that matches `leaf`; a document has the values of its statements."""
    if isinstance(leaf, ast.And | ast.Or | ast.Not):  # their leaves are replaced already
        return leaf
    fits = value_test(leaf)
    found = [owner for value in values if fits(value_key(value)) for owner in values[value]]
    return ast.Ids(ids=frozenset(owner.document if record == "document" else owner.id for owner in found))


def value_test(leaf: ast.Node) -> Callable[[str], bool]:
    """Return the test of whether the key of a value matches `leaf`."""
    match leaf:
        case ast.NumberRange(least=least, most=most):
            return lambda key: (least or 0) <= int(key) and (most is None or int(key) <= most)
        case ast.Exists():
            return lambda _: True
        case ast.Term(text=text) | ast.Phrase(text=text) | ast.Equals(text=text) | ast.Exact(text=text):
            return value_key(text).__eq__
        case ast.Prefix(text=text):
            return lambda key: key.startswith(value_key(text))
        case ast.Fuzzy(text=text, distance=distance):
            return lambda key: within_edits(key, value_key(text), distance)
        case ast.Regex(pattern=pattern):
            compiled = value_pattern(pattern)
            return lambda key: compiled.fullmatch(key) is not None
    return lambda _: False


def _unknown_values(shown: ast.Node) -> Iterator[str]:
    """Yield a note for each value that a field outside the index never has."""
    for clause in clauses(shown, "quote"):
        value = clause.value
        known = MARK_VALUES if clause.field == "mark" else getattr(find(clause.field), "counts", ())
        if known and isinstance(value, ast.Term | ast.Phrase | ast.Equals) and value_key(value.text) not in known:
            yield f'Unknown value "{value.text}" of {clause.field}. Values: {", ".join(known)}.'
