"""Counts over copies, which tantivy makes at first and which are read from what is remembered later."""

from pathlib import Path

from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.index.memory import MemoryIndex
from searchkit.index.tantivy.fields import HAS_GROUP, ROW, field
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.query import ast
from tests.index.records import document, fill

NAMES = ("Korbel", "Marek", "Xu")


def test_counts_are_the_same_however_often_they_are_asked_for(tmp_path: Path) -> None:
    made = [
        document(
            {
                "id": f"d{number:02}",
                "text": f"ferry {NAMES[number % 3]} and {NAMES[number % 2]} " + ("quay" if number % 4 else "mayor"),
                "source": "Pier" if number % 7 else "pier",
                "outlet": f"Gazette {number % 5}",
                "copies": f"d0{number % 4}" if number % 3 else "",
                "names": [{"surface": name, "name": name, "kind": "person"} for name in NAMES[: 1 + number % 3]],
                **({"published": f"2024-0{1 + number % 8}"} if number % 5 else {}),
            }
        )
        for number in range(40)
    ]
    index, oracle = TantivyIndex(tmp_path / "index"), MemoryIndex()
    fill(index, *made[:25], sequence=1)
    fill(index, *made[25:], sequence=2)
    fill(oracle, *made, sequence=2)
    facets = tuple(FacetRequest(field=name) for name in ("entity", "outlet", "source", "date"))
    rows = index._current().rows["document"]
    key = "groups", field("entity", "key")
    for again in (False, True, True):
        assert (key in rows.known) == again
        for query in (ast.Term(text="ferry"), ast.Term(text="quay"), ast.Term(text="mayor"), ast.Term(text="nothing")):
            request = SearchRequest(query=query, facets=facets)
            assert index.search(request).facets == oracle.search(request).facets
    numbers = rows.numbers(rows.found_by(HAS_GROUP), ROW)
    assert sorted(rows.known[key][0]) == numbers
