"""Find which statements made a document a hit: those that match a clause of the query by themselves.

Only the engine evaluates clauses (`Index.matched`), for a page of hits at a time. A clause counts if it is a scope
`quote:{...}` or a condition on a field that a statement has of its own: words, speaker, target, verb, kind, date.
Fields of the article (title, outlet, date ...) and excluded clauses do not count. An id counts if it is the id of a
statement.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import nlargest

from msgspec import Struct

from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import clauses, interpreted
from searchkit.search.rewrite import NameExpander, rewrite_query
from searchkit.statements.document import Document, DocumentOutline, Quote

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
        self._statements = PagedMatches(_conditions(tree), document_ids, "quote", names)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        return tuple(map(interpreted, self._statements.conditions))

    def of(self, document: Document | DocumentOutline) -> Mapping[ast.Node, tuple[str, frozenset[str]]]:
        """Return, for each clause that a statement can match by itself, its canonical form and the ids of matching
        statements; those of other documents may be among them."""
        found = self._statements.of(document.id) if document.quotes else {}
        return {clause: (written, found[clause]) for clause, written in zip(found, self._written, strict=False)}


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
