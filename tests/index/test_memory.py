"""The oracle's own rules, by hand."""

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import SearchRequest
from searchkit.index.memory import MemoryIndex
from searchkit.query import ast
from tests.index.records import SCENARIOS, documents, fill


def test_rare_words_weigh_more() -> None:
    index = MemoryIndex()
    fill(index, *documents(SCENARIOS / "statements"))
    query = ast.Or(children=(ast.Term(text="standard"), ast.Term(text="watch")))
    first, *rest = index.search(SearchRequest(query=query)).hits
    assert first.id == "b2"
    assert all(hit.score < first.score for hit in rest)


def test_an_index_of_one_document_holds_what_it_would_have_been_filled_with() -> None:
    one, *others = documents(SCENARIOS / "statements")
    index, filled = MemoryIndex(of=one), MemoryIndex()
    fill(filled, one)
    assert index.counts() == filled.counts() == {"document": 1, "quote": len(one.quotes)}
    requests = [SearchRequest(query=ast.All(), record=record) for record in ("document", "quote")]
    assert [index.search(one).hits for one in requests] == [filled.search(one).hits for one in requests]
    fill(index, *others)
    assert index.counts()["document"] == 1 + len(others)


def test_a_bad_pattern() -> None:
    index = MemoryIndex()
    fill(index, *documents(SCENARIOS / "statements"))
    with pytest.raises(UsageError):
        index.search(SearchRequest(query=ast.Field(name="speaker", value=ast.Regex(pattern="("))))
