"""Find which statements made a document a hit: those that match a clause of the query by themselves.

Only the engine evaluates clauses (`Index.matched`), for a page of hits at a time. A clause counts if it is a scope
`quote:{...}` or a condition on a field that a statement has of its own: words, speaker, target, verb, kind, date.
Fields of the article (title, outlet, date ...) and excluded clauses do not count. An id counts if it is the id of a
statement.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from heapq import nlargest
from typing import cast

from msgspec import Struct

from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import clauses, interpreted, walk
from searchkit.search.rewrite import NameExpander, rewrite_query
from searchkit.statements.document import Document, DocumentOutline, Quote
from searchkit.statements.text import Span

# All statements of an article share the values of these fields.
ARTICLE_FIELDS = frozenset("title outlet wire date seen gone source copies lang url".split())
_PAGE = 500


class StatementMatch(Struct, frozen=True, kw_only=True):
    """A statement that matched, with the clauses that it matches in canonical form."""

    quote: Quote
    clauses: tuple[str, ...]


def best_statements(found: Sequence[StatementMatch], count: int) -> Sequence[StatementMatch]:
    """Return the `count` best of the statements, in text order: a clause is worth more if few of them match it."""
    if len(found) <= count:
        return found
    matching = Counter(clause for match in found for clause in match.clauses)
    worths = [sum(1 / matching[clause] for clause in match.clauses) for match in found]
    best = nlargest(count, range(len(found)), key=lambda place: (worths[place], -place))
    return [found[place] for place in sorted(best)]


class PagedMatches:
    """Evaluates conditions on records of documents, a page of documents at a time, in the order of `document_ids`."""

    def __init__(
        self, conditions: Iterable[ast.Node], document_ids: Iterable[str], record: Record, names: NameExpander
    ) -> None:
        self.conditions = tuple(dict.fromkeys(conditions))
        self._names = names
        self._record: Record = record
        self._ids = tuple(dict.fromkeys(document_ids))
        self._places = {document_id: place for place, document_id in enumerate(self._ids)}
        self._page = -1
        self._matched: dict[ast.Node, frozenset[str]] = {}

    def of(self, document_id: str) -> Mapping[ast.Node, frozenset[str]]:
        """Return, for each condition, the ids of matching records; those of other documents may be among them."""
        page = self._places[document_id] // _PAGE
        if page != self._page and self.conditions:
            wanted = self._ids[page * _PAGE : (page + 1) * _PAGE]
            executed = [rewrite_query(condition, self._names, self._record).executed for condition in self.conditions]
            found = self._names.index.matched(executed, wanted, self._record)
            self._page, self._matched = page, dict(zip(self.conditions, found, strict=True))
        return self._matched


class DocumentMatcher:
    """Finds the matching clauses of the documents of an answer to the query `tree`, as users see it."""

    def __init__(self, tree: ast.Node, document_ids: Sequence[str], names: NameExpander) -> None:
        self._tree = tree
        self._statements = PagedMatches(_conditions(tree), document_ids, "quote", names)
        self._branches = PagedMatches(_branches(tree), document_ids, "document", names)

    @cached_property
    def _without_branches(self) -> ast.Node:
        return _matching_part(self._tree, "", lambda _: True) or ast.All()

    def of(self, document: Document | DocumentOutline, read: Callable[[], Document] | None = None) -> "DocumentMatches":
        """Return what matches in one of the documents; `read` returns it if only its outline was decoded."""
        query = self._without_branches  # the same for all documents
        if self._branches.conditions:
            branches = self._branches.of(document.id)
            query = _matching_part(self._tree, "", lambda branch: document.id in branches[branch]) or ast.All()
        return DocumentMatches(document, query, partial(self._statements.of, document.id), read)


@lru_cache(maxsize=64)  # one query, many documents
def _written_conditions(query: ast.Node) -> tuple[tuple[ast.Node, str], ...]:
    """Return the conditions that a statement can match by itself, each with its canonical form."""
    return tuple((condition, interpreted(condition)) for condition in dict.fromkeys(_conditions(query)))


class DocumentMatches:
    """The part of a query that a document matches, and its statements that match clauses of it.

    `query` lacks excluded clauses, and those alternatives with several conditions that the document does not match.
    """

    def __init__(
        self,
        document: Document | DocumentOutline,
        query: ast.Node,
        matched: Callable[[], Mapping[ast.Node, frozenset[str]]],
        read: Callable[[], Document] | None,
    ) -> None:
        self.query = query
        self._outline = document
        self._matched = matched
        self._read = read

    @cached_property
    def _document(self) -> Document:
        if isinstance(self._outline, Document) or self._read is None:
            return cast(Document, self._outline)
        return self._read()

    def spans(self, condition: ast.Node, field: str) -> Sequence[Span]:
        """Return the words (for the field `quote`) or the sentences (for `text`) of the statements that match a scope
        or a condition on `quote`, in order."""
        found = self._matched().get(condition, frozenset())
        if not any(quote.id in found for quote in self._outline.quotes):
            return ()
        quotes = [quote for quote in self._document.quotes if quote.id in found]
        parts = [part for quote in quotes for part in self._document.parts_of(quote)]
        return [part.content if field == "quote" else self._document.sentence_of(part) for part in parts]

    def statements(self) -> tuple[StatementMatch, ...]:
        """Return the statements that matched, in text order."""
        if not self._outline.quotes:
            return ()
        matched = self._matched()
        conditions = [(matched[condition], written) for condition, written in _written_conditions(self.query)]
        clauses_of = {
            quote.id: own
            for quote in self._outline.quotes
            if (own := tuple([written for ids, written in conditions if quote.id in ids]))
        }
        if not clauses_of:
            return ()
        return tuple(
            StatementMatch(quote=quote, clauses=clauses_of[quote.id])
            for quote in self._document.quotes
            if quote.id in clauses_of
        )


def _conditions(tree: ast.Node) -> Iterator[ast.Node]:
    """Yield the conditions that a statement can match by itself."""
    for clause in clauses(tree, "document", enter_scopes=False):
        bare = clause.field in ("text", "body")
        if clause.excludes or clause.field in ARTICLE_FIELDS or (bare and isinstance(clause.value, ast.Exists)):
            continue
        # The id of a statement is that of its document, a hyphen and more.
        if clause.field == "id" and "-" not in getattr(clause.value, "text", getattr(clause.value, "pattern", "")):
            continue
        yield clause.value if bare else clause.node


def _branches(tree: ast.Node) -> Iterator[ast.Node]:
    """Yield the alternatives with several conditions, outside of scopes. A leaf that does not match needs no check: it
    marks nothing."""
    for node in walk(tree, stop=(ast.Scope, ast.Not, ast.Field)):
        match node:
            case ast.Field(name=name, value=value):
                for inner in walk(value):
                    if isinstance(inner, ast.Or):
                        yield from (
                            ast.Field(name=name, value=child) for child in inner.children if _is_compound(child)
                        )
            case ast.Or():
                yield from filter(_is_compound, node.children)


def _is_compound(node: ast.Node) -> bool:
    return any(isinstance(part, ast.And) for part in walk(node, stop=(ast.Scope,)))


def _matching_part(node: ast.Node, field: str, matches: Callable[[ast.Node], bool]) -> ast.Node | None:
    """Return the part of `node`, a value of `field` if that is given, which asks for something and matches."""
    match node:
        case ast.Not() | ast.All():
            return None
        case ast.And(children=children) | ast.Or(children=children):
            if isinstance(node, ast.Or):
                children = tuple(
                    child
                    for child in children
                    if not _is_compound(child) or matches(ast.Field(name=field, value=child) if field else child)
                )
            parts = [part for child in children if (part := _matching_part(child, field, matches)) is not None]
            join = ast.conjunction if isinstance(node, ast.And) else ast.disjunction
            return join(*parts) if parts else None
        case ast.Field(name=name, value=value):
            inner = _matching_part(value, name, matches)
            return None if inner is None else ast.Field(name=name, value=inner)
    return node
