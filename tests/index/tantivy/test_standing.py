"""Where parts of a query stand in a passage: as the oracle says."""

import random

from searchkit.index.meeting import occurrences
from searchkit.index.tantivy.standing import stands
from searchkit.query import ast


def _random_node(rng: random.Random) -> ast.Node:
    def phrase() -> ast.Phrase:
        return ast.Phrase(text=" ".join(rng.choices("abcd", k=rng.randint(1, 4))), slop=rng.randint(0, 3))

    match rng.randint(0, 3):
        case 0:
            return phrase()
        case 1:
            return ast.Near(left=phrase(), right=phrase(), distance=rng.randint(0, 4), ordered=rng.random() < 0.5)
        case 2:
            return ast.Prefix(text="a b")
    return ast.Fuzzy(text="c d", distance=1)


def test_as_the_oracle() -> None:
    rng = random.Random(11)
    for _ in range(800):
        passage = rng.choices("abcd", k=rng.randint(1, 9))
        node = _random_node(rng)
        assert stands(node, passage) == bool(occurrences(node, passage)), (node, passage)


def test_what_has_no_words_stands_nowhere() -> None:
    assert not stands(ast.Term(text="—"), ["a"])
    assert not stands(ast.Exists(), ["a"])
