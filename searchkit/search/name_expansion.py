"""Names asked for in another order or spelling than the archive has them.

takes:    a query tree; an index
gives:    the tree, its names widened to the same names in other order or spelling; a note for each that was
does not: narrow anything, or take one name for another: "Schaefer" is Schäfer only where a name says so
traps:    an order counts for whole names only: "John Paul" is no part of "Paul John Smith"
"""

from msgspec import Struct
from msgspec.structs import replace

from searchkit.index.analysis import name_words
from searchkit.index.base import Index, ValueCount, ValuesRequest
from searchkit.query import ast
from searchkit.query.fields import Record, find

# No name has more words, and none is that of more entities.
_MOST_WORDS = 8
_MOST_SAME = 20
# So many names in one query are a list: looking for other spellings of all would take longer than the answer.
_MOST_NAMES = 64


class _Other(Struct, frozen=True, kw_only=True):
    """Another value that means the same name: `shown` to a user, `asked` of the index."""

    shown: ast.Node
    asked: ast.Node


class SameNames:
    """The names of one query, looked up once each."""

    def __init__(self, index: Index, record: Record) -> None:
        self.index = index
        self._record: Record = record
        self._known: dict[tuple[str, ast.Node], list[_Other]] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was widened, in the user's words."""
        told = []
        for (name, value), others in self._known.items():
            if others:
                shown = ", ".join(str(ast.Field(name=name, value=other.shown)) for other in others)
                asked = ast.Field(name=name, value=value)
                told.append(f"{asked} stands for {shown} too: the same name in another order or spelling.")
        return tuple(told)

    def wide(self, tree: ast.Node) -> ast.Node:
        """`tree` with names in their other orders and spellings as well."""
        return ast.replaced(tree, self._wide_field)

    def _wide_field(self, node: ast.Node) -> ast.Node:
        # Entries of watchlists are found by their ids and topics too, which are no names in another order.
        if (
            not isinstance(node, ast.Field)
            or getattr(find(node.name), "kind", "") != "name"
            or node.name == "watchlist"
        ):
            return node
        return replace(node, value=ast.replaced(node.value, lambda value: self.wide_value(node.name, value)))

    def wide_value(self, field: str, value: ast.Node) -> ast.Node:
        """`value` of the name field, or any of what it means."""
        if not isinstance(value, ast.Term | ast.Phrase) or (isinstance(value, ast.Phrase) and value.slop):
            return value
        key = field, value
        if key not in self._known and len(self._known) < _MOST_NAMES:
            self._known[key] = self._others(field, value.text)
        return ast.disjunction(value, *(other.asked for other in self._known.get(key, ())))

    def _others(self, field: str, text: str) -> list[_Other]:
        from searchkit.search.name_variants import contracted, has_words, spelled_out, stands_in, turned, variants

        spellings = (text, *variants(text))
        ways = [text, *(variant for variant in spellings[1:] if self._having(field, variant))]
        others = [_Other(shown=written(way), asked=written(way)) for way in ways[1:]]
        turns = 1 < len(name_words(text)) <= _MOST_WORDS
        same: dict[str, str] = {}
        for way in spellings if turns else ():
            same |= {one.id: one.name for one in self._having(field, way, any_order=True)}
        # Only a name that is written with its umlauts says that two letters stand for them.
        for guess in contracted(spelled_out(text)):
            found = self._having(field, guess)
            same |= {one.id: one.name for one in found if _is_dotted(one.name) and stands_in(text, one.name)}
            if turns:
                found = self._having(field, guess, any_order=True)
                same |= {one.id: one.name for one in found if _is_dotted(one.name) and turned(text, one.name)}
        same = {value_id: name for value_id, name in same.items() if not any(has_words(name, own) for own in ways)}
        for value_id, name in [*same.items()][:_MOST_SAME]:
            others.append(_Other(shown=ast.Equals(text=name), asked=ast.Equals(text=value_id)))
        return others

    def _having(self, field: str, text: str, *, any_order: bool = False) -> tuple[ValueCount, ...]:
        return self.index.values(
            ValuesRequest(field=field, value=written(text), any_order=any_order, record=self._record, copies=True)
        )


def _is_dotted(name: str) -> bool:
    from searchkit.search.name_variants import spelled_out

    return spelled_out(name) != name


def written(text: str) -> ast.Node:
    """The value that asks for the words of `text` in a row."""
    return ast.Phrase(text=text) if len(name_words(text)) > 1 else ast.Term(text=text)
