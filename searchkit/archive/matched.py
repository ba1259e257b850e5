"""Which statements made a document a hit: those that by themselves meet a part of the query which the document meets.

takes:    a document; the query it was found by
gives:    the part of the query it meets; the statements that meet a condition; the statements that matched, with what
          each of them meets
does not: approximate: the oracle (index/memory.py) answers, over rows of this document alone
traps:    two conditions may be met by two statements; only a scope binds them to one

A condition is a scope `quote:{...}`, or what is asked of a field that a statement has of its own: its words, its
speaker, whom it is about and names, its verb, kind and day. Words asked of title and body count where they stand in
the words of a statement. What is asked of the article (its title, outlet, date...) is met by no statement, and nothing
is met by being excluded. An id counts when it is the statement's own.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from searchkit.asked import asked
from searchkit.document import Document, Quote
from searchkit.index.base import SearchRequest
from searchkit.index.memory import MemoryIndex
from searchkit.query import ast
from searchkit.query.render import interpreted
from searchkit.text import Span

# Fields of the article: every statement has their values from it, so that none can be told from another by them.
OF_THE_ARTICLE = frozenset("title outlet wire date seen gone source copies lang url".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A statement that matched. `meets` are the conditions that it meets, in canonical form."""

    quote: Quote
    meets: tuple[str, ...]


class Reading:
    """One document, asked what of a query it and its statements meet."""

    def __init__(self, document: Document, query: ast.Node) -> None:
        self.document = document
        self._query = query
        self._index: MemoryIndex | None = None
        self._meeting: dict[ast.Node, frozenset[str]] = {}

    def met(self) -> ast.Node:
        """The query without what it excludes, and without the branches of an OR that the document does not meet."""
        return _met(self, self._query) or ast.All()

    def meeting(self, condition: ast.Node) -> tuple[Span, ...]:
        """The statements that meet a condition, as spans of the text, in order."""
        ids = self._ids(condition)
        return tuple(quote.content for quote in self.document.quotes if quote.id in ids)

    def statements(self) -> tuple[Matched, ...]:
        """The statements that matched: first those that meet most, equal ones as they stand in the text."""
        if not self.document.quotes:
            return ()
        meets: dict[str, list[str]] = {}
        for condition in dict.fromkeys(_conditions(self.met())):
            for quote_id in self._ids(condition):
                meets.setdefault(quote_id, []).append(interpreted(condition))
        found = [
            Matched(quote=quote, meets=tuple(meets[quote.id])) for quote in self.document.quotes if quote.id in meets
        ]
        return tuple(sorted(found, key=lambda one: (-len(one.meets), one.quote.content)))

    def holds(self, node: ast.Node) -> bool:
        """Whether the document meets `node`."""
        request = SearchRequest(query=asked(node).query, limit=0, sort="oldest", copies=True)
        return self._opened().search(request).total > 0

    def _ids(self, condition: ast.Node) -> frozenset[str]:
        if condition not in self._meeting:
            every = len(self.document.quotes)
            if every and not self._is_its_own_id(condition):
                query = asked(condition).query
                request = SearchRequest(query=query, record="quote", limit=every, sort="oldest", copies=True)
                found = self._opened().search(request).hits
            else:
                found = ()
            self._meeting[condition] = frozenset(hit.id for hit in found)
        return self._meeting[condition]

    def _is_its_own_id(self, condition: ast.Node) -> bool:
        """Whether it is the document's id that is asked for, which all its statements carry."""
        if not isinstance(condition, ast.Field) or condition.name != "id":
            return False
        return Reading(replace(self.document, quotes=()), condition).holds(condition)

    def _opened(self) -> MemoryIndex:
        if self._index is None:
            self._index = MemoryIndex()
            with self._index.writer() as writer:
                writer.put([self.document])
                writer.commit(1)
        return self._index


def _met(reading: Reading, node: ast.Node, field: str = "") -> ast.Node | None:
    """What of `node` (the value of `field`, if it is one) the document meets; None where nothing is asked for."""
    match node:
        case ast.Not() | ast.All():
            return None
        case ast.And(children=children):
            return _joined(ast.conjunction, (_met(reading, child, field) for child in children))
        case ast.Or(children=children):
            met = (child for child in children if reading.holds(_of(field, child)))
            return _joined(ast.disjunction, (_met(reading, child, field) for child in met))
        case ast.Field(name=name, value=value):
            inner = _met(reading, value, name)
            return None if inner is None else ast.Field(name=name, value=inner)
    return node


def _joined(join: Callable[..., ast.Node], parts: Iterable[ast.Node | None]) -> ast.Node | None:
    found = [part for part in parts if part is not None]
    return join(*found) if found else None


def _of(field: str, value: ast.Node) -> ast.Node:
    return ast.Field(name=field, value=value) if field else value


def _conditions(node: ast.Node, field: str = "") -> Iterator[ast.Node]:
    """What a statement can meet by itself, one word or value at a time: each can be asked of statements as it is."""
    match node:
        case ast.And(children=children) | ast.Or(children=children):
            for child in children:
                yield from _conditions(child, field)
        case ast.Field(name="text" | "body", value=value):
            yield from _conditions(value)
        case ast.Field(name=name, value=value):
            if name not in OF_THE_ARTICLE:
                yield from _conditions(value, name)
        case ast.Exists() if not field:
            return  # of the text: every document has one
        case ast.All():
            return
        case _:
            yield _of(field, node)
