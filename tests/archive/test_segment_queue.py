"""Documents whose segments other processes write, and documents that are added directly, make the same index."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.archive import index_sync
from searchkit.archive.index_sync import IndexSync, SegmentQueue
from searchkit.index.base import Index, SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.ingest import Background
from searchkit.query import ast
from searchkit.statements.document import Document, LogPosition
from tests.samples import TEXT, document

DOCUMENTS = [document(f"{TEXT} Number {number}.", uri=f"test:{number}") for number in range(7)]
CHANGED = [*DOCUMENTS, *(replace(made, title="Another title") for made in DOCUMENTS[1:6:2]), DOCUMENTS[0]]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_sync, "_SEGMENT_DOCUMENTS", 3)


class Lender(Background):
    """Computes at once, as another process would; each function that `fails` names by number has no result."""

    def __init__(self, *fails: int) -> None:
        super().__init__()
        self.count = 0
        self._fails = fails
        self.submit = self._compute

    def _compute(self, function: Callable[[], Any]) -> Callable[[], Any]:
        self.count += 1
        if self.count in self._fails:
            return lambda: None
        result = _copied(_copied(function)())
        return lambda: result


def _copied(value: Any) -> Any:
    (copy,) = map(pickle.loads, [pickle.dumps(value)])
    return copy


def _filled(folder: Path, queue: SegmentQueue | None, documents: list[Document]) -> Index:
    index = WhooshIndex(folder)
    with IndexSync(index, queue) as sync:
        for number, made in enumerate(documents, 1):
            sync.put([made], LogPosition(number))
        sync.commit()
    return index


def _essence(index: Index) -> Iterator[Any]:
    yield index.counts(), index.applied
    for query in (ast.All(), ast.Term(text="another"), ast.Term(text="said"), ast.Term(text="6")):
        for record in ("document", "quote"):
            found = index.search(SearchRequest(query=query, record=record, limit=100))
            yield {hit.id for hit in found.hits}  # scores count deleted rows until a merge


@pytest.mark.parametrize("fails", [(), (1,), (2,), (1, 2, 3)])
def test_segments_of_workers_make_the_same_index(tmp_path: Path, fails: tuple[int, ...]) -> None:
    lender = Lender(*fails)
    made = _filled(tmp_path / "made", SegmentQueue(lender), CHANGED)
    assert lender.count == len(CHANGED) // 3
    assert [*_essence(made)] == [*_essence(_filled(tmp_path / "direct", None, CHANGED))]


def test_a_later_batch_replaces_documents_in_older_segments(tmp_path: Path) -> None:
    queue = SegmentQueue(Lender())
    index = _filled(tmp_path / "made", queue, DOCUMENTS)
    without = [replace(made, quotes=()) for made in DOCUMENTS]
    index = _filled(tmp_path / "made", queue, without)
    assert index.counts() == {"document": len(DOCUMENTS), "quote": 0}


def test_documents_are_added_at_once_where_no_process_helps(tmp_path: Path) -> None:
    background = Background()
    queue = SegmentQueue(background)
    assert not queue.put(DOCUMENTS[0], 1, WhooshIndex(tmp_path).writer)
    background.submit = Lender().submit
    assert queue.put(DOCUMENTS[0], 1, WhooshIndex(tmp_path).writer)
    background.submit = None
    assert queue.put(DOCUMENTS[1], 1, WhooshIndex(tmp_path).writer), "the order stays the same"
