"""Expand the names in a query to the same names in another order or spelling.

Nothing is narrowed and no name is taken for another: "Schaefer" matches Schäfer only where an indexed name proves it.
Another order counts for complete names only: "John Paul" is not part of "Paul John Smith".
"""

import unicodedata
from itertools import combinations

from msgspec import Struct

from searchkit.index.analysis import name_words
from searchkit.index.base import Index, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import Record, find
from searchkit.query.walk import transform

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


class _Variant(Struct, frozen=True, kw_only=True):
    """Another value for the same name, as users see it and as the index knows it."""

    shown: ast.Node
    executed: ast.Node


class NameExpander:
    """Expands the names of a query; looks up each name once."""

    def __init__(self, index: Index, record: Record) -> None:
        self.index = index
        self._record: Record = record
        self._known: dict[tuple[str, ast.Node], list[_Variant]] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each name that was expanded."""
        notes = []
        for (name, value), variants in self._known.items():
            if variants:
                shown = ", ".join(str(ast.Field(name=name, value=variant.shown)) for variant in variants)
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
        return ast.disjunction(value, *(variant.executed for variant in self._known.get(key, ())))

    def _variants(self, field: str, text: str) -> list[_Variant]:
        spellings = (text, *variants(text))
        known = [text, *(spelling for spelling in spellings[1:] if self._values(field, spelling))]
        others = [_Variant(shown=name_value(spelling), executed=name_value(spelling)) for spelling in known[1:]]
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
            others.append(_Variant(shown=ast.Equals(text=name), executed=ast.Equals(text=value_id)))
        return others

    def _values(self, field: str, text: str, *, any_order: bool = False) -> tuple[ValueCount, ...]:
        return self.index.values(
            ValuesRequest(field=field, value=name_value(text), any_order=any_order, record=self._record, copies=True)
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
