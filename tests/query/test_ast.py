"""Trees: equal by meaning, joined flat, and whether they ask for words."""

import pytest

from searchkit.query.ast import (
    All,
    And,
    Equals,
    Exists,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Scope,
    Term,
    disjunction,
)
from searchkit.query.walk import has_words, transform, walk
from searchkit.statements.text import Span

A, B, C = Term(text="a"), Term(text="b"), Term(text="c")


def test_the_place_does_not_count() -> None:
    assert Term(text="a", span=Span(3, 4)) == A
    assert hash(Term(text="a", span=Span(3, 4))) == hash(A)
    assert Term(text="A") != A
    assert disjunction(Phrase(text="a")) != A


SPEAKER = Field(name="speaker", value=A)


@pytest.mark.parametrize(
    ("node", "asks"),
    [
        (A, True),
        (Near(left=A, right=B), True),
        (All(), False),
        (SPEAKER, False),
        (Field(name="outlet", value=Equals(text="x")), False),
        (Field(name="speaker", value=Exists()), False),
        (Field(name="title", value=A), True),
        (Field(name="quote", value=A), True),
        (Not(child=A), False),
        (Scope(inner=SPEAKER), False),
        (Scope(inner=And(children=(SPEAKER, A))), True),
        (And(children=(SPEAKER, Not(child=A))), False),
        (And(children=(SPEAKER, A)), True),
        (Or(children=(SPEAKER, A)), True),
    ],
)
def test_asking_for_words(node: Node, asks: bool) -> None:
    assert has_words(node) is asks


def test_a_tree_prints_as_a_query() -> None:
    assert str(And(children=(Or(children=(A, B)), Not(child=C)))) == "(a OR b) AND NOT c"


def test_a_node_replaced_by_several_is_joined_flat() -> None:
    tree = Or(children=(A, B))
    assert transform(tree, lambda node, _: disjunction(node, C) if isinstance(node, Term) else node) == Or(
        children=(A, C, B, C)
    )


def test_walk_yields_parents_first_and_stops_where_reported() -> None:
    tree = And(children=(Field(name="verb", value=A), Not(child=B), C))
    assert list(walk(tree)) == [tree, tree.children[0], A, tree.children[1], B, C]
    assert list(walk(tree, stop=(Field, Not))) == [tree, *tree.children]
