"""Counts in portions: all of them, however many there are."""

from pathlib import Path

import pytest

from searchkit.index.tantivy import opened
from searchkit.index.tantivy.searcher import TantivyIndex
from tests.index.records import document, fill


@pytest.mark.parametrize("most", [60_000, 2])
def test_more_values_than_one_answer_holds(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "_MOST_COUNTS", most)
    index = TantivyIndex(tmp_path / "index")
    sources = ["harbor"] * 3 + ["quay"] * 2 + ["pier", "Pier", "mole"]
    for start in (0, 4):
        made = [
            document({"id": f"d{number}", "text": "x", "source": sources[number]}) for number in range(start, start + 4)
        ]
        fill(index, *made, sequence=start + 1)
    rows = index._current().rows["document"]
    counts = {"harbor": 3, "quay": 2, "pier": 1, "Pier": 1, "mole": 1}
    assert dict(rows.counts(rows.has("source"), "source_label")) == counts
    assert dict(rows.counts(rows.has("source"), "source_label", least=2)) == {"harbor": 3, "quay": 2}
    pairs = dict(rows.combinations(rows.has("source"), ("row_number", "source_label")))
    assert pairs == dict.fromkeys(enumerate(sources), 1)
    assert rows.numbers(rows.has("source")) == list(range(8))
    assert rows.bounds(rows.has("source"), "date_days") is None
    index.close()
