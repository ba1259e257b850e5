"""Test proximity."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from searchkit.index.base import SearchRequest
from searchkit.index.ranking import PROXIMITY_WINDOW, RERANK_DEPTH
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.index.whoosh.segments import Segments
from searchkit.query import ast
from tests.index.engines import ENGINES, opened
from tests.index.records import document, fill

FILLER = "and so it went on "
WORTHS = {"crane": 3.0, "harbor": 2.0, "gray": 1.0}


def _closeness(tmp_path: Path, text: str, title: str = "", **worths: float) -> float:
    index = WhooshIndex(tmp_path / "index")
    fill(index, document({"id": "d1", "title": title or None, "text": text}))
    segments = open_snapshot(index.folder).segments["document"]
    return _of_first(segments, {("title", "body"): worths or WORTHS})


def _of_first(segments: Segments, asked: Mapping[tuple[str, ...], Mapping[str, float]]) -> float:
    """Return the proximity of the first row, by both backends, for few rows and for many."""
    found: set[float] = set()
    for rows in ([0], [0] * 100):
        found.update(pure.proximity(segments, asked, rows), kernels.proximity(segments, asked, rows))
    assert len(found) == 1
    return found.pop()


def _apart(words: int) -> str:
    return " ".join(["on"] * words)


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("The gray crane of the harbor.", 6.0),
        ("A harbor, a harbor, a harbor.", 2.0),
        (f"crane {_apart(PROXIMITY_WINDOW - 2)} harbor", 5.0),
        (f"crane {_apart(PROXIMITY_WINDOW - 1)} harbor", 3.0),
        (f"gray harbor {_apart(PROXIMITY_WINDOW)} crane", 3.0),
        (f"gray harbor {_apart(PROXIMITY_WINDOW)} crane harbor", 5.0),
        ("Cranes of other harbors.", 0.0),
    ],
)
def test_best_window_counts(text: str, worth: float, tmp_path: Path) -> None:
    assert _closeness(tmp_path, text) == worth


def test_proximity_does_not_join_title_and_text(tmp_path: Path) -> None:
    assert _closeness(tmp_path, "Gray it was, the harbor.", title="A crane") == 3.0
    assert _closeness(tmp_path, "Nothing of that.", title="Gray crane, old harbor") == 6.0


def test_proximity_does_not_cross_statements(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    text = "The crane is old. The harbor is gray."
    quotes = [{"words": words} for words in ("The crane is old", "The harbor is gray")]
    fill(index, document({"id": "d1", "text": text, "quotes": quotes}))
    segments = open_snapshot(index.folder).segments["document"]
    assert _of_first(segments, {("quote",): WORTHS}) == 3.0
    assert _of_first(segments, {("body",): WORTHS}) == 6.0


def test_proximity_adds_up_over_fields(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    fill(index, document({"id": "d1", "title": "Old crane", "text": "A gray harbor."}))
    segments = open_snapshot(index.folder).segments["document"]
    asked = {("title",): {"old": 1.0, "crane": 2.0}, ("title", "body"): {"gray": 4.0, "harbor": 8.0}}
    assert _of_first(segments, asked) == 15.0


@pytest.mark.parametrize("engine", ENGINES)
def test_proximity_orders_equal_hits(engine: str, tmp_path: Path) -> None:
    index = opened(engine, tmp_path / "index")
    far = f"crane {FILLER * 6}harbor"
    near = f"{FILLER * 6}crane harbor"
    fill(index, document({"id": "a", "text": far}), document({"id": "b", "text": near}))
    query = ast.And(children=(ast.Term(text="crane"), ast.Term(text="harbor")))
    assert [hit.id for hit in index.search(SearchRequest(query=query)).hits] == ["b", "a"]


@pytest.mark.parametrize("engine", ENGINES)
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
