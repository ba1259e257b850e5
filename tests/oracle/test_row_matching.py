"""Test the matching of rows by hand."""

import pytest

from searchkit.query import ast
from tests.oracle.row_matching import occurrences

PASSAGE = "a b c a d b".split()


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (ast.Term(text="b"), [(1, 1), (5, 5)]),
        (ast.Term(text="a-b"), [(0, 1)]),
        (ast.Term(text="…"), []),
        (ast.Phrase(text="a b"), [(0, 1)]),
        (ast.Phrase(text="a b", slop=1), [(0, 1), (3, 5)]),
        (ast.Phrase(text="a c b", slop=3), [(0, 5)]),
        (ast.Phrase(text="a a", slop=2), [(0, 3)]),
        (ast.Prefix(text="a-"), [(0, 0), (3, 3)]),
        (ast.Near(left=ast.Term(text="d"), right=ast.Term(text="c"), distance=1), [(2, 4)]),
        (ast.Near(left=ast.Term(text="d"), right=ast.Term(text="c"), distance=1, ordered=True), []),
        (ast.Near(left=ast.Term(text="c"), right=ast.Term(text="d"), distance=0), []),
        (ast.Near(left=ast.Term(text="a"), right=ast.Term(text="a"), distance=2), [(0, 3), (0, 3)]),
        (ast.Exists(), []),
    ],
)
def test_occurrences(node: ast.Node, expected: list[tuple[int, int]]) -> None:
    assert occurrences(node, PASSAGE) == expected
