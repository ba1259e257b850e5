"""Counts in portions: all of them, however many there are."""

from pathlib import Path

import pytest

from searchkit.index.tantivy import opened
from searchkit.index.tantivy.labels import number
from searchkit.index.tantivy.searcher import TantivyIndex
from tests.index.records import document, fill


@pytest.mark.parametrize("most", [60_000, 2])
def test_more_values_than_one_answer_holds(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_MOST_COUNTS", most)
    index = TantivyIndex(tmp_path / "index")
    sources = ["harbor"] * 3 + ["quay"] * 2 + ["pier", "Pier", "mole"]
    for start in (0, 4):
        made = [
            document({"id": f"d{place}", "text": "x", "source": sources[place]}) for place in range(start, start + 4)
        ]
        fill(index, *made, sequence=start + 1)
    rows = index._current().rows["document"]
    counts = {number(name): count for name, count in {"harbor": 3, "quay": 2, "pier": 2, "mole": 1}.items()}
    assert rows.counts(rows.has("source"), "source_key") == counts
    assert set(rows.counts(rows.has("source"), "source_key", least=2)) == set(counts) - {number("mole")}
    pairs = dict(rows.combinations(rows.has("source"), ("row_number", "source_key")))
    assert pairs == {(row, number(source.casefold())): 1 for row, source in enumerate(sources)}
    assert rows.numbers(rows.has("source")) == list(range(8))
    assert rows.bounds(rows.has("source"), "date_days") is None
    index.close()
