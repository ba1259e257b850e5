"""When an index that follows a store is committed."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from searchkit.archive import following
from searchkit.archive.following import Follower
from searchkit.document import Document
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.index.whoosh.searcher import WhooshIndex
from tests.index.records import document

_DOCUMENTS = [document({"id": f"d{number}", "text": "The ferry left the quay. " * 40}) for number in range(12)]


def _sequences(index: TantivyIndex | WhooshIndex, documents: Iterable[Document]) -> list[int]:
    """What the index contains after each of these documents, and at the end."""
    seen = []
    with Follower(index) as follower:
        for sequence, one in enumerate(documents, index.applied + 1):
            follower.put((one,), sequence)
            seen.append(index.applied)
        follower.commit()
    return [*seen, index.applied]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four documents are many, and three much."""
    monkeypatch.setattr(following, "_INDEX_COMMIT_DOCUMENTS", 4)
    monkeypatch.setattr(following, "_INDEX_COMMIT_SIZE", 3_000)


@pytest.mark.usefixtures("small")
def test_what_takes_memory_until_it_is_committed_is_committed_often(tmp_path: Path) -> None:
    assert _sequences(WhooshIndex(tmp_path), _DOCUMENTS)[-2] > 0


@pytest.mark.usefixtures("small")
def test_what_bounds_its_memory_is_committed_once(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    assert _sequences(index, _DOCUMENTS) == [0] * 12 + [12]
    assert _sequences(index, _DOCUMENTS) == [12] * 12 + [24]
    assert index.counts()["document"] == 12


def test_a_first_index_may_take_its_time_and_one_that_answers_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_INDEX_COMMIT_SECONDS", -1.0)
    index = TantivyIndex(tmp_path)
    assert _sequences(index, _DOCUMENTS[:3]) == [0, 0, 0, 3]
    assert _sequences(index, _DOCUMENTS[3:6]) == [4, 5, 6, 6]
