"""When the index is committed and when its segments are merged."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from searchkit.archive import index_sync as following
from searchkit.archive.index_sync import IndexSync
from searchkit.errors import StorageFull
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.statements.document import Document, LogPosition
from tests.index.records import document
from tests.oracle.memory import MemoryIndex

_DOCUMENTS = [document({"id": f"d{number}", "text": "The ferry left the quay. " * 40}) for number in range(12)]


def _sequences(index: WhooshIndex, documents: Iterable[Document]) -> list[int]:
    """What the index contains after each of these documents, and at the end."""
    seen = []
    with IndexSync(index) as follower:
        for sequence, one in enumerate(documents, index.applied + 1):
            follower.put((one,), LogPosition(sequence))
            seen.append(index.applied)
        follower.commit()
    return [*seen, index.applied]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four documents are many, and three much."""
    monkeypatch.setattr(following, "_COMMIT_DOCUMENTS", 4)
    monkeypatch.setattr(following, "_COMMIT_SIZE", 3_000)


@pytest.mark.usefixtures("small")
def test_large_documents_are_committed_early(tmp_path: Path) -> None:
    assert _sequences(WhooshIndex(tmp_path), _DOCUMENTS)[-2] > 0


class Gathering(MemoryIndex):
    """Tells how often it was gathered."""

    times = 0

    def optimize(self) -> None:
        self.times += 1


def _put(follower: IndexSync, numbers: range) -> None:
    for number in numbers:
        follower.put([document({"id": f"d{number:03}", "text": f"Ferry {number}."})], LogPosition(number + 1))
    follower.commit()


def test_segments_are_merged_after_large_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_COMMIT_DOCUMENTS", 4)
    index = Gathering()
    with IndexSync(index) as follower:
        _put(follower, range(30))
        assert index.times == 1
        _put(follower, range(30, 36))
        assert index.times == 1, "these are few of all"
        _put(follower, range(36, 50))
        assert index.times == 2
        follower.commit()
        assert index.times == 2, "nothing was put since"
    index = Gathering()
    with IndexSync(index) as follower:
        _put(follower, range(3))
    assert index.times == 0, "one commit leaves nothing to gather"


class Full(MemoryIndex):
    """Has no room for a second copy of what it holds."""

    def optimize(self) -> None:
        raise StorageFull("No space is left.")


def test_a_failed_merge_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_COMMIT_DOCUMENTS", 4)
    index = Full()
    with IndexSync(index) as follower:
        _put(follower, range(10))
    assert (index.applied, index.counts()["document"]) == (10, 10)


def test_a_rebuilt_index_has_one_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_COMMIT_DOCUMENTS", 4)
    with IndexSync(WhooshIndex(tmp_path)) as follower:
        _put(follower, range(21))
    assert [len(segments) for segments in open_snapshot(tmp_path).segments.values()] == [1, 0]
    assert WhooshIndex(tmp_path).applied == 21
