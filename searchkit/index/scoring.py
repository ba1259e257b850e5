"""What speaks for a record: which parts of a query score it, and the numbers of BM25.

takes:    query trees; frequencies and lengths
gives:    the leaves that score; the worth of a word
does not: find records
traps:    scores order the hits of one answer and compare to nothing else
"""

import math
from collections.abc import Iterator

from searchkit.query import ast

# BM25 with the values everybody uses: how fast repetition stops to count, and how much length does.
K1, B = 1.2, 0.75
# A title says what an article is about, so its words count double.
TITLE_WEIGHT = 2.0


def rarity(having: int, every: int) -> float:
    """What it means that `having` of `every` records hold a word; never negative."""
    return math.log(1 + (every - having + 0.5) / (having + 0.5))


def scored_leaves(node: ast.Node, field_name: str = "text") -> Iterator[tuple[str, ast.Node]]:
    """The leaves that speak for a record, with their fields: none under Not, none inside a Scope."""
    match node:
        case ast.And() | ast.Or():
            for child in node.children:
                yield from scored_leaves(child, field_name)
        case ast.Saved():
            yield from scored_leaves(node.inner, field_name)
        case ast.Field():
            yield from scored_leaves(node.value, node.name)
        case ast.Not() | ast.Scope() | ast.All():
            return
        case _:
            yield field_name, node
