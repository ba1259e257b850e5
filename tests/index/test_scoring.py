"""What scores, and how much."""

from searchkit.index.scoring import rarity, scored_leaves
from searchkit.query import ast

WORD, OTHER, NAME = ast.Term(text="ferry"), ast.Phrase(text="old harbor"), ast.Equals(text="Nadia Korbel")


def test_only_what_speaks_for_a_record_scores() -> None:
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


def test_rarity() -> None:
    assert rarity(1, 100) > rarity(50, 100) > rarity(100, 100) > 0
