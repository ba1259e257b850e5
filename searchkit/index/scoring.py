"""What speaks for a record: which parts of a query score it, and the numbers of BM25.

takes:    query trees; frequencies and lengths
gives:    the leaves that score; the worth of a word; what a frequency is worth in a text of some length
does not: find records
traps:    scores order the hits of one answer and compare to nothing else. Engines compute them by the same steps, so
          that not even rounding orders their hits differently

A record scores by BM25 over all fields that a word may stand in, taken as one text. Of the records that score best,
those come first in which the words stand close together: whoever remembers several words has read them in one place.
On known items (scripts/eval ranking) this puts 93 of 100 first; fields scored one by one 81, as one text 88.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from searchkit.query import ast

# BM25 with the values everybody uses: how fast repetition stops to count, and how much length does.
K1, B = 1.2, 0.75
# A title says what an article is about: its words count as if it stood there twice.
TITLE_WEIGHT = 2
# Words this close together, the first and the last included, count their worth once more: a sentence of news has some
# twenty. Ten and forty do worse on known items.
PROXIMITY_WINDOW = 20
# So many of the best hits are looked at for it. Two hundred do no better.
RERANK_DEPTH = 100
# A question with more words than this remembers no one place.
MAX_PROXIMITY_TERMS = 50


def weight(field_name: str) -> int:
    """How often the words of a text field count."""
    return TITLE_WEIGHT if field_name == "title" else 1


def tf_norm(total: int, every: int) -> tuple[float, float]:
    """(flat, slope) where `every` texts have `total` words: a word that stands `n` times in one of `length` words is
    worth (K1 + 1) * n / (n + flat + slope * length) times its idf."""
    return K1 * (1 - B), K1 * B * every / max(total, 1)


def idf(having: int, every: int) -> float:
    """What it means that `having` of `every` records hold a word; never negative."""
    return math.log(1 + (every - having + 0.5) / (having + 0.5))


def closest(places: Sequence[tuple[int, str]], worths: Mapping[str, float]) -> float:
    """Return the greatest worth of words within PROXIMITY_WINDOW words of each other, each counted once.

    `places` are the positions of words in one passage, in order."""
    best, after = 0.0, 0
    for number, (place, _) in enumerate(places):
        while after < len(places) and places[after][0] < place + PROXIMITY_WINDOW:
            after += 1
        near = {word for _, word in places[number:after]}
        best = max(best, sum(worth for word, worth in worths.items() if word in near))
    return best


def scored_leaves(node: ast.Node) -> tuple[tuple[str, ast.Node], ...]:
    """The leaves that speak for a record, with their fields: none under Not, none inside a Scope, each once."""
    return tuple(dict.fromkeys(_leaves(node, "text")))


def _leaves(node: ast.Node, field_name: str) -> Iterator[tuple[str, ast.Node]]:
    match node:
        case ast.And() | ast.Or():
            for child in node.children:
                yield from _leaves(child, field_name)
        case ast.Saved():
            yield from _leaves(node.inner, field_name)
        case ast.Field():
            yield from _leaves(node.value, node.name)
        case ast.Not() | ast.Scope() | ast.All():
            return
        case _:
            yield field_name, node
