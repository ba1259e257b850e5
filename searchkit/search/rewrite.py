"""From the query a user puts to the query an index is asked.

takes:    a query tree; the names of an index
gives:    the tree with saved searches as what they stand for, reporting verbs by their lemmas, acts by their names,
          names in their other orders and spellings, and entries of watchlists with their weak matches; notes on it
does not: parse, search
traps:    what a user is shown as read has the lemmas, but neither the other spellings nor the values by which an index
          tells weak matches apart
"""

from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from searchkit.index.rows import STRONG, WEAK, weak_name
from searchkit.index.verb_classes import act_of, acts
from searchkit.query import ast
from searchkit.search.name_expansion import SameNames
from searchkit.text import fold


class Asked(Struct, frozen=True, kw_only=True):
    """`read` is what the query was read as, `query` what the index is asked; `notes` are for the user.

    `copies`: whether a group of copies is asked for by name, so that each of them is wanted."""

    read: ast.Node
    query: ast.Node
    notes: tuple[str, ...]
    copies: bool


def asked(query: ast.Node, names: SameNames) -> Asked:
    """What `query` means to the index of `names`."""
    read, notes = _with_lemmas(query)
    wide = ast.replaced(names.wide(read), _entries_with_weak)
    return Asked(read=read, query=wide, notes=notes, copies=_names_copies(read))


def as_read(query: ast.Node) -> ast.Node:
    """`query` as it is read: saved searches as what they stand for, verbs by their lemmas, acts by their names."""
    return _with_lemmas(query)[0]


def _with_lemmas(query: ast.Node) -> tuple[ast.Node, tuple[str, ...]]:
    unknown: list[str] = []
    strange: list[str] = []
    read = ast.replaced(ast.replaced(query, partial(_verbs_by_lemma, unknown)), partial(_acts_by_name, strange))
    notes = [f'No language pack knows "{form}" as a reporting verb.' for form in dict.fromkeys(unknown)]
    notes += [f'There is no act "{act}". There are: {", ".join(acts())}.' for act in dict.fromkeys(strange)]
    return read, tuple(notes)


def _names_copies(node: ast.Node) -> bool:
    match node:
        case ast.Field(name="copies", value=value):
            return not isinstance(value, ast.Exists)
        case ast.And(children=children) | ast.Or(children=children):
            return any(map(_names_copies, children))
        case ast.Scope(inner=inner):
            return _names_copies(inner)
    return False


def _verbs_by_lemma(unknown: list[str], node: ast.Node) -> ast.Node:
    """A part of a query; reporting verbs asked for in one of their forms ("denied") are asked for by their lemma.

    What is no form of any is put to `unknown`."""
    if isinstance(node, ast.Field) and node.name == "verb":
        return replace(node, value=ast.replaced(node.value, partial(_by_lemma, unknown)))
    return node


def _by_lemma(unknown: list[str], verb: ast.Node) -> ast.Node:
    from searchkit.extract.verbs import lemmas

    match verb:
        case ast.Term(text=form) | ast.Phrase(text=form, slop=0):
            found = [ast.Phrase(text=one) if " " in one else ast.Term(text=one) for one in lemmas(form)]
            if not found:
                unknown.append(form)
                return verb
            return ast.disjunction(*found)
    return verb


def _acts_by_name(strange: list[str], node: ast.Node) -> ast.Node:
    """A part of a query; acts asked for by one of their verbs ("denied") are asked for by their names ("deny").

    What is neither act nor verb is put to `strange`."""
    if isinstance(node, ast.Field) and node.name == "act":
        return replace(node, value=ast.replaced(node.value, partial(_by_act, strange)))
    return node


def _by_act(strange: list[str], act: ast.Node) -> ast.Node:
    match act:
        case ast.Term(text=word) | ast.Phrase(text=word, slop=0) if fold(word) not in acts():
            from searchkit.extract.verbs import lemmas

            found = sorted({name for lemma in lemmas(word) if (name := act_of(lemma))})
            if found:
                return ast.disjunction(*(ast.Term(text=name) for name in found))
            strange.append(word)
        case ast.Equals(text=word) if fold(word) not in acts():
            strange.append(word)
    return act


def _entries_with_weak(node: ast.Node) -> ast.Node:
    """A part of a query; an entry of a watchlist asked for by id or name is found where only a weak name matches too.

    Weak matches are values of their own (index/rows.py); `ID/strong` asks for the others alone, as `ID/weak` does."""
    if isinstance(node, ast.Field) and node.name == "watchlist":
        return replace(node, value=ast.replaced(node.value, _with_weak))
    return node


def _with_weak(value: ast.Node) -> ast.Node:
    if not isinstance(value, ast.Equals) or value.text.endswith(WEAK):
        return value
    entry = value.text.removesuffix(STRONG)
    if entry != value.text:
        return ast.Equals(text=entry)
    weak = (entry + WEAK, weak_name(entry))
    return ast.disjunction(value, *(ast.Equals(text=one) for one in weak))
