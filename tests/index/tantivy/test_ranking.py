"""The order of hits where many score the same, and where copies stand between them."""

from pathlib import Path

import pytest

from searchkit.index.base import SearchRequest
from searchkit.index.memory import MemoryIndex
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.query import ast
from tests.index.records import document, fill

COUNT = 1_300


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    """Documents of the same words, in two batches, their ids in no order."""
    index = TantivyIndex(tmp_path_factory.mktemp("alike"))
    made = [
        document(
            {
                "id": f"d{number * 7919 % COUNT:04}",
                "text": "ferry quay" if number % 2 else "ferry mayor",
                "copies": "d0000" if number % 5 == 0 else "",
                "first_seen": f"2026-01-{number % 28 + 1:02}T00:00:00+00:00",
            }
        )
        for number in range(COUNT)
    ]
    fill(index, *made[:900], sequence=1)
    fill(index, *made[900:], sequence=2)
    return index


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("query", [ast.Term(text="ferry"), ast.Exists(), ast.All()])
def test_what_scores_the_same_comes_by_id(alike: TantivyIndex, query: ast.Node, copies: bool) -> None:
    pages = [
        alike.search(SearchRequest(query=query, limit=limit, offset=offset, copies=copies))
        for offset, limit in ((0, 10), (10, 300), (310, 2_000))
    ]
    ids = [hit.id for page in pages for hit in page.hits]
    assert ids == sorted(set(ids))
    assert {page.total for page in pages} == {len(ids)} == {COUNT if copies else COUNT - COUNT // 5 + 1}


def test_a_few_that_score_more_come_first(alike: TantivyIndex) -> None:
    query = ast.Or(children=(ast.Term(text="ferry"), ast.Field(name="id", value=ast.Equals(text="d0777"))))
    hits = alike.search(SearchRequest(query=query, limit=3, copies=True)).hits
    assert [hit.id for hit in hits] == ["d0777", "d0000", "d0001"]


def test_words_that_stand_close_together_come_first(tmp_path: Path) -> None:
    far = "ferry " + "harbor " * 40 + "quay"
    near = "harbor " * 40 + "ferry quay"
    index, oracle = TantivyIndex(tmp_path / "index"), MemoryIndex()
    for one in (index, oracle):
        fill(one, document({"id": "a", "text": far}), document({"id": "b", "text": near}))
    request = SearchRequest(query=ast.And(children=(ast.Term(text="ferry"), ast.Term(text="quay"))))
    assert [hit.id for hit in index.search(request).hits] == ["b", "a"]
    assert [hit.id for hit in oracle.search(request).hits] == ["b", "a"]
