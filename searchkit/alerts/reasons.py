"""Why a record is told: which conditions of the query it meets, and which watchlist entries stand behind them.

takes:    a document, a query tree
gives:    for its statements or itself: the conditions met, the entries matched, whether only weak names did it
does not: search the archive
traps:    all is asked of the oracle, over this one document, so that the answers cannot differ from the search
"""

from collections.abc import Iterator
from functools import cached_property

from msgspec.structs import replace

from searchkit.document import Document, WatchlistMatch
from searchkit.index.base import SearchRequest
from searchkit.index.memory import MemoryIndex
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.name_expansion import SameNames
from searchkit.search.rewrite import asked
from searchkit.text import Span


class Reasons:
    """What speaks for the records of one document; `record` is the kind the query `tree` asks for."""

    def __init__(self, document: Document, tree: ast.Node, record: Record) -> None:
        self._document = document
        self._tree = ast.expanded(tree)
        self._record: Record = record
        self._conditions = tuple(dict.fromkeys(_conditions(self._tree)))
        self._watched = [condition for condition in self._conditions if _asks_watchlist(condition)]
        self._asked_for: dict[WatchlistMatch, bool] = {}

    def met(self, record_id: str) -> tuple[str, ...]:
        """The conditions that the record meets, in canonical form."""
        return tuple(str(condition) for condition, records in self._meeting.items() if record_id in records)

    def entries(self, record_id: str) -> tuple[WatchlistMatch, ...]:
        """The watchlist entries matched in the record, strong matches first; those that the query asks for alone, where
        it asks for any."""
        document = self._document
        if self._record == "quote":
            found = list(self._matched.get(record_id, ()))
        else:
            strong_first = sorted(document.matches, key=lambda match: match.weak)
            found = list({(match.watchlist, match.entry_id): match for match in reversed(strong_first)}.values())[::-1]
        if self._watched:
            found = [match for match in found if self._is_asked(match)] or found
        return tuple(sorted(found, key=lambda match: match.weak))

    def only_weak(self, record_id: str) -> bool:
        """Whether the record would not be found without the weak matches of watchlists."""
        if not self._watched or not any(match.weak for match in self._document.matches):
            return False
        return record_id not in self._without_weak

    @cached_property
    def _matched(self) -> dict[str, tuple[WatchlistMatch, ...]]:
        return self._document.matched()

    @cached_property
    def names(self) -> dict[str, str]:
        """Canonical names of the document, by entity id."""
        return self._document.names()

    # Asked once for all records: a long transcript has thousands of statements.

    @cached_property
    def _meeting(self) -> dict[ast.Node, set[str]]:
        index = MemoryIndex(of=self._document)
        return {condition: _found(index, condition, self._record) for condition in self._conditions}

    @cached_property
    def _without_weak(self) -> set[str]:
        strong = tuple(match for match in self._document.matches if not match.weak)
        return _found(MemoryIndex(of=replace(self._document, matches=strong)), self._tree, self._record)

    def _is_asked(self, match: WatchlistMatch) -> bool:
        known = self._asked_for.get(match)
        if known is None:
            known = self._asked_for[match] = any(_answers(match, condition) for condition in self._watched)
        return known


def _found(index: MemoryIndex, node: ast.Node, record: Record) -> set[str]:
    """The records that match."""
    query = asked(node, SameNames(index, record)).query
    request = SearchRequest(query=query, record=record, limit=1_000_000, sort="newest", copies=True)
    return {hit.id for hit in index.search(request).hits}


def _conditions(node: ast.Node) -> Iterator[ast.Node]:
    """The parts of a query that speak for a record when they hold; what it excludes does not."""
    match node:
        case ast.And(children=children) | ast.Or(children=children):
            for child in children:
                yield from _conditions(child)
        case ast.Not() | ast.All():
            return
        case _:
            yield node


def _asks_watchlist(node: ast.Node) -> bool:
    match node:
        case ast.Field(name=name):
            return name == "watchlist"
        case ast.Scope(inner=inner):
            return any(map(_asks_watchlist, _conditions(inner)))
    return False


def _answers(match: WatchlistMatch, condition: ast.Node) -> bool:
    """Whether this match alone meets a condition on watchlists."""
    if isinstance(condition, ast.Scope):
        return any(_answers(match, inner) for inner in _conditions(condition.inner) if _asks_watchlist(inner))
    whole = Span(0, len(match.surface))
    alone = Document(
        uri="", id="0", digest="", extractor_version="", text=match.surface, paragraphs=(whole,),
        matches=(replace(match, span=whole),),
    )  # fmt: skip
    index = MemoryIndex(of=alone)
    query = asked(condition, SameNames(index, "document")).query
    return bool(index.search(SearchRequest(query=query, record="document", limit=0)).total)
