"""Which statements made a document a hit: those that by themselves meet a part of the query which the document meets.

takes:    a document; the query it was found by
gives:    the part of the query it meets; the statements that meet a condition; the statements that matched, with what
          each of them meets
does not: approximate: names, keywords and days are asked for by the oracle's rules (index/meeting.py), over rows of
          this document alone; words are looked for as index/passages.py does, which is tested against it
traps:    two conditions may be met by two statements; only a scope binds them to one

A condition is a scope `quote:{...}`, or what is asked of a field that a statement has of its own: its words, its
speaker, whom it is about and names, its verb, kind and day. Words asked of title and body count where they stand in
the words of a statement. What is asked of the article (its title, outlet, date...) is met by no statement, and nothing
is met by being excluded. An id counts when it is the statement's own.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import Document, Quote
from searchkit.index.base import Index
from searchkit.index.passages import Passage, Passages
from searchkit.query import ast
from searchkit.query.fields import TEXT_FIELDS, Record, find
from searchkit.query.render import interpreted
from searchkit.search.name_expansion import SameNames
from searchkit.search.rewrite import asked
from searchkit.text import Span

if TYPE_CHECKING:  # words alone do without
    from searchkit.index.meeting import Rows
    from searchkit.index.rows import Row

# Fields of the article: every statement has their values from it, so that none can be told from another by them.
OF_THE_ARTICLE = frozenset("title outlet wire date seen gone source copies lang url".split())


class Matched(Struct, frozen=True, kw_only=True):
    """A statement that matched. `meets` are the conditions that it meets, in canonical form."""

    quote: Quote
    meets: tuple[str, ...]


class Reading:
    """One document, asked what of a query it and its statements meet."""

    def __init__(self, document: Document, query: ast.Node) -> None:
        self.document = document
        self.title = Passage(document.title or "")
        self.body = Passage(document.text)
        self._query = query
        self._rows_of: dict[tuple[Record, str], Rows] = {}
        self._found: dict[tuple[Record, ast.Node], frozenset[str]] = {}

    @cached_property
    def met(self) -> ast.Node:
        """The query without what it excludes, and without the branches of an OR that the document does not meet."""
        return _met(self, self._query) or ast.All()

    def meeting(self, condition: ast.Node) -> tuple[Span, ...]:
        """The statements that meet a condition, as spans of the text, in order."""
        return tuple(self.document.quotes[number].content for number in sorted(self._saying(condition)))

    def statements(self) -> tuple[Matched, ...]:
        """The statements that matched: first those that meet most, equal ones as they stand in the text."""
        if not self.document.quotes:
            return ()
        meets: dict[int, list[str]] = {}
        for condition, written in _conditions_of(self.met):
            if not self._is_its_own_id(condition):
                for number in self._saying(condition):
                    meets.setdefault(number, []).append(written)
        quotes = self.document.quotes
        found = [Matched(quote=quotes[number], meets=tuple(own)) for number, own in sorted(meets.items())]
        if len(found) > 1:
            found.sort(key=lambda one: (-len(one.meets), one.quote.content.start, one.quote.content.end))
        return tuple(found)

    def holds(self, node: ast.Node, field: str = "text") -> bool:
        """Whether the document meets `node`, whose bare words stand in `field`."""
        match node:
            case ast.All():
                return True
            case ast.And(children=children):
                return all(self.holds(child, field) for child in children)
            case ast.Or(children=children):
                return any(self.holds(child, field) for child in children)
            case ast.Not(child=child):
                return not self.holds(child, field)
            case ast.Field(name=name, value=value):
                return self.holds(value, name)
            case ast.Scope(inner=inner):
                return bool(self._saying(inner))
            case _ if field in TEXT_FIELDS and isinstance(node, _WORDS):
                if field == "quote":
                    return bool(self._said(node))
                return (field != "body" and self.title.holds(node)) or (field != "title" and self.body.holds(node))
        return bool(self._searched("document", ast.Field(name=field, value=node)))

    def _saying(self, node: ast.Node, field: str = "text") -> frozenset[int]:
        """The statements that meet `node`, by their numbers."""
        match node:
            case ast.All():
                return self._every
            case ast.And(children=children):
                return frozenset.intersection(*(self._saying(child, field) for child in children))
            case ast.Or(children=children):
                return frozenset.union(*(self._saying(child, field) for child in children))
            case ast.Not(child=child):
                return self._every - self._saying(child, field)
            case ast.Field(name=name, value=value):
                return self._saying(value, name)
            case ast.Scope(inner=inner):
                return self._saying(inner)
            case _ if field in TEXT_FIELDS and isinstance(node, _WORDS):
                if field == "title":
                    return self._every if self.title.holds(node) else frozenset()
                return frozenset() if field == "body" else self._said(node)
        found = self._searched("quote", ast.Field(name=field, value=node))
        return frozenset(number for number, quote in enumerate(self.document.quotes) if quote.id in found)

    def _said(self, node: ast.Node) -> frozenset[int]:
        """The statements in whose words `node` stands."""
        return self._words.holding(node)

    @cached_property
    def _contents(self) -> list[Span]:
        return [quote.content for quote in self.document.quotes]

    @cached_property
    def _every(self) -> frozenset[int]:
        return frozenset(range(len(self.document.quotes)))

    @cached_property
    def _words(self) -> Passages:
        """The words of all statements."""
        return Passages([content.of(self.document.text) for content in self._contents])

    def _searched(self, record: Record, condition: ast.Field) -> frozenset[str]:
        """The ids of the records that meet a condition on one field."""
        if (record, condition) not in self._found:
            query = asked(condition, SameNames(self._index, record)).query
            self._found[record, condition] = self._rows(record, condition.name).meeting(query)
        return self._found[record, condition]

    @cached_property
    def _index(self) -> Index:
        """The oracle over this document alone."""
        from searchkit.index.memory import MemoryIndex  # words alone do without

        return MemoryIndex(of=self.document)

    def _rows(self, record: Record, name: str) -> "Rows":
        """The rows of this document that are such records, as far as the field needs them."""
        field = find(name)
        is_name = record == "quote" and name not in OF_THE_ARTICLE and field is not None and field.kind == "name"
        key = record, name if is_name else ""
        if key not in self._rows_of:
            from searchkit.index.meeting import Rows
            from searchkit.index.rows import document_row, name_rows, quote_rows

            if record == "document":
                made: tuple[Row, ...] = (document_row(self.document),)
            else:
                made = name_rows(self.document, name) if is_name else quote_rows(self.document)
            self._rows_of[key] = Rows(made)
        return self._rows_of[key]

    def _is_its_own_id(self, condition: ast.Node) -> bool:
        """Whether it is the document's id that is asked for, which all its statements carry."""
        if not isinstance(condition, ast.Field) or condition.name != "id":
            return False
        return Reading(replace(self.document, quotes=()), condition).holds(condition)


@lru_cache(maxsize=64)  # a query is that of many documents
def _conditions_of(query: ast.Node) -> tuple[tuple[ast.Node, str], ...]:
    """What a statement can meet by itself, each as it is written; none twice."""
    return tuple((condition, interpreted(condition)) for condition in dict.fromkeys(_conditions(query)))


_WORDS = (ast.Term, ast.Phrase, ast.Near, ast.Prefix, ast.Fuzzy, ast.Exact)


def _met(reading: Reading, node: ast.Node, field: str = "") -> ast.Node | None:
    """What of `node` (the value of `field`, if it is one) the document meets; None where nothing is asked for."""
    match node:
        case ast.Not() | ast.All():
            return None
        case ast.And(children=children):
            return _joined(ast.conjunction, (_met(reading, child, field) for child in children))
        case ast.Or(children=children):
            met = (child for child in children if reading.holds(child, field or "text"))
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
