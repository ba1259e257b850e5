"""Test proximity."""

from pathlib import Path

import pytest

from searchkit.index.base import SearchRequest
from searchkit.index.ranking import RERANK_DEPTH
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.query import ast
from tests.cases import cases
from tests.index.engines import EMBEDDED, ORACLE, opened
from tests.index.records import document, fill

FILLER = "and so it went on "
WORTHS = {"crane": 3.0, "harbor": 2.0, "gray": 1.0}


@pytest.mark.parametrize(("text", "worth"), cases(__file__, "test_best_window_counts"))
def test_best_window_counts(text: str, worth: float, tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    fill(index, document({"id": "d1", "text": text}))
    segments = open_snapshot(index.folder).segments["document"]
    for rows in ([0], [0] * 100):  # numpy scores few rows one by one
        for backend in (pure, kernels):
            assert {*backend.proximity(segments, {("title", "body"): WORTHS}, rows)} == {worth}


@pytest.mark.slow
@pytest.mark.parametrize("engine", (ORACLE, *EMBEDDED))
def test_pages_beyond_the_rerank_depth(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    texts = [f"crane {FILLER * (number % 7)} harbor {'crane ' * (number % 3)}" for number in range(RERANK_DEPTH + 20)]
    fill(index, *(document({"id": f"d{number:03}", "text": text}) for number, text in enumerate(texts)))
    query = ast.Or(children=(ast.Term(text="crane"), ast.Term(text="harbor")))
    whole = index.search(SearchRequest(query=query, limit=1000)).hits
    pages = [index.search(SearchRequest(query=query, limit=9, offset=start)).hits for start in range(0, 130, 9)]
    assert [hit for page in pages for hit in page] == list(whole)
    scores = [hit.score for hit in whole]
    assert scores == sorted(scores, reverse=True)
