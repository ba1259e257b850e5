"""Test the oracle by hand."""

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from tests.index.records import SCENARIOS, documents, fill
from tests.oracle.memory import MemoryIndex


def test_rare_words_weigh_more() -> None:
    index = MemoryIndex()
    fill(index, *documents(SCENARIOS / "statements"))
    query = ast.Or(children=(ast.Term(text="standard"), ast.Term(text="watch")))
    first, *rest = index.search(SearchRequest(query=query)).hits
    assert first.id == "b2"
    assert all(hit.score < first.score for hit in rest)


def test_a_bad_pattern() -> None:
    index = MemoryIndex()
    fill(index, *documents(SCENARIOS / "statements"))
    with pytest.raises(UsageError):
        index.search(SearchRequest(query=ast.Field(name="speaker", value=ast.Regex(pattern="("))))
