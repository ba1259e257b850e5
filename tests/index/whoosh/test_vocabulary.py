"""Values, words and days looked up where it is done in several ways; tests/index/test_oracle.py compares the rest."""

from pathlib import Path

import pytest

from searchkit.document import Document
from searchkit.errors import UsageError
from searchkit.index.base import Index, ValuesRequest
from searchkit.index.whoosh import kernels, pure
from searchkit.index.whoosh.backend import Backend
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.index.records import document, fill
from tests.oracle.memory import MemoryIndex


def test_ids_that_differ_in_case_only_are_counted_once(tmp_path: Path) -> None:
    engine = WhooshIndex(tmp_path / "index")
    outlets = ["Harbor Gazette", "harbor gazette", "harbor gazette"]
    given = [document({"id": f"d{n}", "text": "x", "outlet": outlet}) for n, outlet in enumerate(outlets)]
    fill(engine, *given)
    counts = {one.id: one.count for one in engine.values(ValuesRequest(field="outlet"))}
    assert counts == {"harbor gazette": 2, "Harbor Gazette": 1}
    engine.close()


@pytest.mark.parametrize("index", [MemoryIndex(), WhooshIndex(Path("/nonexistent"))], ids=["memory", "whoosh"])
def test_an_empty_index_has_nothing(index: Index) -> None:
    assert index.values(ValuesRequest(field="speaker")) == ()
    assert index.spellings("text", "crane", distance=2, record="quote") == ()
    assert index.days("date", "document") is None
    with pytest.raises(UsageError, match="no values"):
        index.values(ValuesRequest(field="title"))
    with pytest.raises(UsageError, match="no values"):
        index.values(ValuesRequest(field="date"))


def test_many_names_are_counted_over_segments(tmp_path: Path) -> None:
    given = [
        document(
            {
                "id": f"d{number}",
                "text": f"Korbel{number} spoke.",
                "names": [{"surface": f"Korbel{number}", "name": f"Korbel K{number}", "kind": "person"}],
            }
        )
        for number in range(90)
    ]
    oracle, engine = MemoryIndex(), WhooshIndex(tmp_path / "index")
    for index in (oracle, engine):
        fill(index, *given[:50], sequence=1)
        fill(index, *given[50:], sequence=2)
    request = ValuesRequest(field="entity", value=ast.Term(text="korbel"))
    assert len(engine.values(request)) == 90
    assert engine.values(request) == oracle.values(request)
    engine.close()


@pytest.mark.parametrize("backend", [pure, kernels], ids=["pure", "numpy"])
def test_names_in_any_order_have_each_word_as_often(backend: Backend, tmp_path: Path) -> None:
    names = ["Baden Korbel", "Korbel Baden", "Baden Baden", "Baden Baden Korbel", "Baden"]
    given = [
        document(
            {"id": f"d{n}", "text": f"{name} it is.", "names": [{"surface": name, "name": name, "kind": "person"}]}
        )
        for n, name in enumerate(names)
    ]
    index = WhooshIndex(tmp_path / "index", backend)
    fill(index, *given[:3], sequence=1)
    fill(index, *given[3:], sequence=2)

    def named(words: str) -> list[str]:
        value = ast.Phrase(text=words)
        return sorted(one.name for one in index.values(ValuesRequest(field="entity", value=value, any_order=True)))

    assert named("Korbel Baden") == ["Baden Korbel", "Korbel Baden"]
    assert named("Baden Baden") == ["Baden Baden"]
    assert named("Baden Korbel Baden") == ["Baden Baden Korbel"]
    assert named("Baden Korbel Korbel") == named("Baden Nowhere") == named("") == []
    index.close()


@pytest.mark.parametrize("backend", [pure, kernels], ids=["pure", "numpy"])
def test_copies_are_counted_as_one_record(backend: Backend, tmp_path: Path) -> None:
    def said(number: int, group: str, name: str) -> Document:
        named = [{"surface": name, "name": name, "kind": "person"}]
        return document({"id": f"d{number}", "text": f"{name} spoke.", "names": named, "copies": group})

    index = WhooshIndex(tmp_path / "index", backend)
    fill(index, said(1, "g1", "Petr Korbel"), said(2, "", "Petr Korbel"), sequence=1)
    fill(index, said(3, "g1", "Petr Korbel"), said(4, "g2", "Petr Korbel"), said(5, "g1", "Ilse Brandt"), sequence=2)
    for copies, counts in ((False, {"Petr Korbel": 3, "Ilse Brandt": 1}), (True, {"Petr Korbel": 4, "Ilse Brandt": 1})):
        found = index.values(ValuesRequest(field="entity", copies=copies))
        assert {one.name: one.count for one in found} == counts
    index.close()
