"""Test scoring."""

import pytest

from searchkit.index.ranking import PROXIMITY_WINDOW, closest, idf, scored_leaves
from searchkit.query import ast

WORD, OTHER, NAME = ast.Term(text="ferry"), ast.Phrase(text="old harbor"), ast.Equals(text="Nadia Korbel")


def test_scored_leaves() -> None:
    tree = ast.And(
        children=(
            WORD,
            ast.Or(children=(ast.Field(name="title", value=OTHER), ast.Field(name="speaker", value=NAME))),
            ast.Not(child=ast.Term(text="tunnel")),
            ast.Scope(inner=ast.Term(text="bridge")),
            ast.All(),
        )
    )
    assert list(scored_leaves(tree)) == [("text", WORD), ("title", OTHER), ("speaker", NAME)]


def test_idf() -> None:
    assert idf(1, 100) > idf(50, 100) > idf(100, 100) > 0


WORTHS = {"ferry": 2.0, "quay": 3.0, "mayor": 5.0}


@pytest.mark.parametrize(
    ("passage", "worth"),
    [
        (["ferry", "x", "quay"], 5.0),
        (["ferry", *["x"] * (PROXIMITY_WINDOW - 2), "quay"], 5.0),
        (["ferry", *["x"] * (PROXIMITY_WINDOW - 1), "quay"], 3.0),
        (["ferry", "ferry"], 2.0),
        (["ferry", *["x"] * PROXIMITY_WINDOW, "quay", "mayor"], 8.0),
        (["x"], 0.0),
        ([], 0.0),
    ],
)
def test_closest_words_count(passage: list[str], worth: float) -> None:
    places = [(position, word) for position, word in enumerate(passage) if word in WORTHS]
    assert closest(places, WORTHS) == worth
