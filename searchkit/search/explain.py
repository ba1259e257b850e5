"""Explain how a query was read: its tree, line by line, with the hits of each node.

Inside a scope over documents the hits are statements.
"""

import time
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record, find
from searchkit.query.parser import SYNTAX
from searchkit.query.walk import children, interpreted
from searchkit.records import Count, Version
from searchkit.search.did_you_mean import names_notes
from searchkit.search.rewrite import NameExpander, rewrite_query

# Each line costs a search.
MAX_LINES = 200


class ExplainedNode(Struct, frozen=True, kw_only=True):
    """A node of a query: `depth` below the root, `node` its kind, `query` the node as a query of its own, `read` how it
    was read, `hits` how many records of the kind `over` match it, duplicates collapsed."""

    depth: int
    node: str
    query: str
    read: str
    over: Record
    hits: int


class ExplanationRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.explain/1"):
    """How a query was read, and the hits of each clause."""

    query: Annotated[str, Meta(description="As typed.")]
    syntax: Version = SYNTAX
    interpreted_as: Annotated[str, Meta(description="As read.")]
    over: Record
    total: Count
    lines: Annotated[tuple[ExplainedNode, ...], Meta(description="A line for each node, from the root down.")]
    notes: tuple[str, ...]
    seconds: Annotated[dict[str, float], Meta(description="Time spent, by stage.")]
    complete: Annotated[bool, Meta(description="Whether all nodes are listed.")]


def explain(query: str, request: SearchRequest, names: NameExpander) -> ExplanationRecord:
    """Explain how a query is read and executed on the index of `names`. `query` is its text, `request` what was read.
    The stages are names (lookups) and engine (search)."""
    started = time.perf_counter()
    rewritten = rewrite_query(request.query, names)
    names_seconds = time.perf_counter() - started
    search = replace(request, query=rewritten.executed, copies=request.copies or rewritten.copies)
    result = names.index.search(search)
    started = time.perf_counter()
    notes = (*rewritten.notes, *names.notes, *names_notes(rewritten.shown, search, names))
    names_seconds += time.perf_counter() - started
    lines = _lines(rewritten.shown, 0, "text", request.record, request, names)
    listed = tuple(islice(lines, MAX_LINES))
    return ExplanationRecord(
        query=query,
        interpreted_as=interpreted(rewritten.shown),
        over=request.record,
        total=result.total,
        lines=listed,
        notes=notes,
        seconds={"names": names_seconds, "engine": result.took},
        complete=next(lines, None) is None,
    )


def _lines(
    node: ast.Node, depth: int, field: str, record: Record, request: SearchRequest, names: NameExpander
) -> Iterator[ExplainedNode]:
    if isinstance(node, ast.Field):  # its value is explained in its place
        yield from _lines(node.value, depth, node.name, record, request, names)
        return
    query = node if field == "text" else ast.Field(name=field, value=node)
    rewritten = rewrite_query(query, names, record)
    search = SearchRequest(query=rewritten.executed, record=record, limit=0, copies=request.copies or rewritten.copies)
    yield ExplainedNode(
        depth=depth,
        node=type(node).__name__,
        query=interpreted(query),
        read=reading(node, field, record),
        over=record,
        hits=names.index.search(search).total,
    )
    below = (node.left, node.right) if isinstance(node, ast.Near) else children(node)
    for child in below:
        yield from _lines(child, depth + 1, field, "quote" if isinstance(node, ast.Scope) else record, request, names)


def reading(node: ast.Node, field: str, record: Record) -> str:
    """Return how a node in `field` was read, in a few words."""
    match node:
        case ast.Range(start=start, end=end):
            return f"{field} from {start or 'the first'} to {end or 'the last'}"
        case ast.NumberRange():
            return f"{field} is {node}"
        case ast.Exists():
            return f"any {field} at all"
        case ast.Regex():
            return f"{field} matches the pattern"
    if type(node) in _JOINTS:
        return _JOINTS[type(node)]
    kind = getattr(find(field), "kind", "")
    word, name, keyword = _READINGS.get(type(node), ("the value", "the value", "is this"))
    if kind == "keyword":
        return f"{field} {keyword}"
    return f"{name if kind == 'name' else word}, in {_PLACES.get((field, record), field)}"


_JOINTS: dict[type[ast.Node], str] = {
    ast.And: "all of",
    ast.Or: "any of",
    ast.Not: "without",
    ast.Scope: "all in the same statement",
    ast.All: "everything",
}
_PLACES = {
    ("text", "document"): "title or body",
    ("text", "quote"): "the sentence of the statement or its names",
    ("quote", "document"): "some statement",
    ("quote", "quote"): "the statement",
    ("title", "quote"): "the title of the article",
}
# In texts, names and keywords.
_READINGS: dict[type[ast.Node], tuple[str, str, str]] = {
    ast.Term: ("the word in any form", "a name with this word", "is this"),
    ast.Phrase: ("these words in this order", "a name with these words in a row", "is this"),
    ast.Near: ("near each other", "near each other", "is this"),
    ast.Prefix: ("a word with this beginning", "a word with this beginning", "begins with this"),
    ast.Fuzzy: ("a similar word", "a similar word", "is similar"),
    ast.Exact: ("letter by letter", "a name with these words in a row", "is this"),
    ast.Equals: ("the value", "the complete name or its id", "is this"),
}
