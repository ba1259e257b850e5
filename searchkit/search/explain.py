"""How a query was read: its tree, line by line.

takes:    a query tree; the names of an index
gives:    a line for each node: what it asks for, in words, and how many records fulfil it by itself
does not: say how an engine does it (Index.explain)
traps:    inside a scope over documents the counts are of statements
"""

import time
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record, find
from searchkit.query.walk import interpreted
from searchkit.search.name_expansion import NameExpander
from searchkit.search.name_notes import names_notes
from searchkit.search.rewrite import rewrite_query

# A list of more clauses is not read; each costs a search.
MOST_LINES = 200


class Line(Struct, frozen=True, kw_only=True):
    """One node of a query: `depth` below the root, `node` its kind, `query` the node as a query of its own, `read` how
    it was read, `hits` how many records of the kind `over` fulfil it, copies of one as one."""

    depth: int
    node: str
    query: str
    read: str
    over: Record
    hits: int


class Explanation(Struct, frozen=True, kw_only=True):
    """A query as it was read and asked. `engine` is what the engine looks for, in its own words; `seconds` are those
    spent by stage: names (looked up), engine (searching). `complete`: whether all nodes are there (MOST_LINES)."""

    interpreted_as: str
    over: Record
    total: int
    lines: tuple[Line, ...]
    engine: str
    notes: tuple[str, ...]
    seconds: dict[str, float]
    complete: bool


def explain(request: SearchRequest, names: NameExpander) -> Explanation:
    """How the query of `request` is read, and what the index of `names` is asked for it."""
    started = time.perf_counter()
    rewritten = rewrite_query(request.query, names)
    looked_up = time.perf_counter() - started
    search = replace(request, query=rewritten.executed, copies=request.copies or rewritten.copies)
    result = names.index.search(search)
    started = time.perf_counter()
    told = names_notes(rewritten.shown, search, names)
    looked_up += time.perf_counter() - started
    lines = _lines(rewritten.shown, 0, "text", request.record, request, names)
    shown = tuple(islice(lines, MOST_LINES))
    return Explanation(
        interpreted_as=interpreted(rewritten.shown),
        over=request.record,
        total=result.total,
        lines=shown,
        engine=names.index.explain(search),
        notes=(*rewritten.notes, *names.notes, *told),
        seconds={"names": looked_up, "engine": result.took},
        complete=next(lines, None) is None,
    )


def _lines(
    node: ast.Node, depth: int, field: str, record: Record, request: SearchRequest, names: NameExpander
) -> Iterator[Line]:
    alone = node if field == "text" else ast.Field(name=field, value=node)
    rewritten = rewrite_query(alone, names)
    search = SearchRequest(query=rewritten.executed, record=record, limit=0, copies=request.copies or rewritten.copies)
    hits = names.index.search(search).total
    if isinstance(node, ast.Field):
        # Its value says it all; a field with several values is told by them.
        yield from _lines(node.value, depth, node.name, record, request, names)
        return
    read = reading(node, field, record)
    yield Line(depth=depth, node=type(node).__name__, query=interpreted(alone), read=read, over=record, hits=hits)
    children: tuple[ast.Node, ...] = ()
    match node:
        case ast.And(children=parts) | ast.Or(children=parts):
            children = parts
        case ast.Not(child=child):
            children = (child,)
        case ast.Scope(inner=inner):
            record, children = "quote", (inner,)
        case ast.Near(left=left, right=right):
            children = (left, right)
    for child in children:
        yield from _lines(child, depth + 1, field, record, request, names)


def reading(node: ast.Node, field: str, record: Record) -> str:
    """How a node in `field` was read, in a few words."""
    match node:
        case ast.And():
            return "all of"
        case ast.Or():
            return "any of"
        case ast.Not():
            return "without"
        case ast.Scope():
            return "true of one and the same statement"
        case ast.All():
            return "everything"
        case ast.Range(start=start, end=end):
            return f"{field} from {start or 'the first'} to {end or 'the last'}"
        case ast.Exists():
            return f"any {field} at all"
        case ast.Regex():
            return f"{field} fits the pattern"
    kind = getattr(find(field), "kind", "")
    if kind == "keyword":
        return f"{field} {_WHOLE.get(type(node), 'is')}"
    where = _WHERE.get((field, record), field)
    does = _NAMED if kind == "name" else _WORDS
    return f"{does.get(type(node), 'has it')}, in {where}"


_WHERE = {
    ("text", "document"): "title or body",
    ("text", "quote"): "the statement",
    ("quote", "document"): "some statement",
    ("quote", "quote"): "the statement",
    ("title", "quote"): "the title of the article",
}
_WHOLE: dict[type[ast.Node], str] = {ast.Prefix: "begins so", ast.Fuzzy: "is nearly so"}
_WORDS: dict[type[ast.Node], str] = {
    ast.Term: "the word in any form",
    ast.Phrase: "these words in this order",
    ast.Near: "near each other",
    ast.Prefix: "a word that begins so",
    ast.Fuzzy: "a word written nearly so",
    ast.Exact: "letter by letter",
}
_NAMED: dict[type[ast.Node], str] = {
    **_WORDS,
    ast.Term: "a name with this word",
    ast.Phrase: "a name with these words in a row",
    ast.Equals: "the whole name or its id",
    ast.Exact: "a name with these words in a row",
}
