"""Test look-ups; test_oracle.py compares the rest."""

from pathlib import Path

import pytest

from searchkit.errors import UsageError
from searchkit.index.base import Index, ValuesRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.index.records import document, fill
from tests.oracle.memory import MemoryIndex


def test_ids_that_differ_only_in_case(tmp_path: Path) -> None:
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
