"""Test batches: merging, replacing, and crashes."""

import gc
from collections import defaultdict
from pathlib import Path

import pytest

from searchkit.errors import ArchiveLocked
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.index.whoosh import pure
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.index.whoosh.writer import to_merge
from searchkit.query import ast
from searchkit.statements.document import Document
from tests.index.records import document, fill, verify
from tests.oracle.memory import MemoryIndex

ALL = SearchRequest(query=ast.All(), limit=1000, facets=(FacetRequest(field="outlet"), FacetRequest(field="speaker")))


def numbered(number: int, text: str = "Nadia Korbel spoke of ferries.") -> Document:
    return document(
        {
            "id": f"n{number:04}",
            "title": f"Ferry {number}",
            "text": text,
            "outlet": f"Gazette {number % 3}",
            "published": f"2022-{number % 12 + 1:02}",
            "names": [{"surface": "Nadia Korbel", "name": "Nadia Korbel", "kind": "person"}],
            "quotes": [{"words": "spoke of ferries", "speaker": "Nadia Korbel"}],
        }
    )


@pytest.mark.slow
def test_small_batches_do_not_pile_up(tmp_path: Path) -> None:
    engine, oracle = WhooshIndex(tmp_path), MemoryIndex()
    for number in range(70):
        for index in (engine, oracle):
            fill(
                index, numbered(number), numbered(number // 2, text="Replaced: she spoke of ferries."), sequence=number
            )
    assert all(len(segments) <= 14 for segments in open_snapshot(tmp_path).segments.values())
    assert len(list(tmp_path.iterdir())) == 3
    assert len({path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}) <= 2 * 2 * 14
    for query in (ast.All(), ast.Term(text="ferries"), ast.Phrase(text="of ferries"), ast.Prefix(text="repl")):
        request = SearchRequest(query=query, limit=1000, sort="newest", facets=ALL.facets)
        ours, theirs = engine.search(request), oracle.search(request)
        assert (ours.hits, ours.total, ours.facets) == (theirs.hits, theirs.total, theirs.facets)
    assert engine.counts() == oracle.counts()


def test_builders_are_freed_without_garbage_collection(tmp_path: Path) -> None:
    def tables() -> int:
        return sum(isinstance(one, defaultdict) for one in gc.get_objects())

    index = WhooshIndex(tmp_path)
    fill(index, numbered(0))
    gc.collect()
    gc.disable()
    try:
        before = tables()
        fill(index, *map(numbered, range(1, 40)))
        assert tables() == before
    finally:
        gc.enable()


def test_mostly_deleted_segments_are_rewritten(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path)
    fill(index, *map(numbered, range(20)))
    with index.writer() as writer:
        writer.delete(f"n{number:04}" for number in range(15))
        writer.commit(2)
    (view,) = open_snapshot(tmp_path).segments["document"]
    assert (view.row_count, view.deleted) == (5, frozenset())
    with index.writer() as writer:
        writer.delete(f"n{number:04}" for number in range(20))
        writer.commit(3)
    assert open_snapshot(tmp_path).segments["document"].views == ()
    assert index.search(ALL).total == 0
    fill(index, numbered(1), sequence=4)
    assert index.search(ALL).total == 1


@pytest.mark.parametrize(
    ("sizes", "fresh", "merged"),
    [
        ([], 10, []),
        ([10] * 6, 10, []),
        ([10] * 7, 10, list(range(7))),
        ([5000, *[10] * 7], 10, list(range(1, 8))),
        ([500] * 7 + [60] * 7, 60, list(range(14))),
        ([60] * 5, 5000, []),
        ([*[4000] * 7, 3, 70], 4000, list(range(9))),
    ],
)
def test_merge_policy(sizes: list[int], fresh: int, merged: list[int]) -> None:
    assert sorted(to_merge(sizes, fresh, 1_000_000)) == merged


def test_merges_are_limited() -> None:
    assert to_merge([10] * 7, 10, 79) == []
    assert sorted(to_merge([500] * 7 + [60] * 7, 60, 3979)) == list(range(7, 14))


def test_segments_too_large_to_merge_are_rewritten_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = WhooshIndex(tmp_path)
    for batch in range(3):
        fill(index, *map(numbered, range(batch * 20, batch * 20 + 20)), sequence=batch + 1)
    with index.writer() as writer:
        writer.delete(f"n{number:04}" for number in range(0, 60, 10))
        writer.commit(4)
    size = max(path.stat().st_size for path in tmp_path.rglob("documents*.arrays"))
    monkeypatch.setattr("searchkit.index.whoosh.writer.MAX_SEGMENT_BYTES", 2 * size)
    before = index.search(ALL)
    index.optimize()

    def rows() -> list[tuple[int, int]]:
        return sorted((view.row_count, len(view.deleted)) for view in open_snapshot(tmp_path).segments["document"])

    assert rows() == [(20, 2), (36, 0)]
    index.optimize()
    assert rows() == [(20, 2), (36, 0)], "there is nothing to gather any more"
    index.expunge()
    assert rows() == [(18, 0), (36, 0)]
    assert index.search(ALL).hits == before.hits


def test_bulk_indexing_rewrites_rows_less_than_three_times() -> None:
    sizes: list[int] = []
    rewritten = 0
    for _ in range(200):
        chosen = to_merge(sizes, 1000, 1_000_000)
        taken = sum(sizes[number] for number in chosen)
        rewritten += taken
        sizes = [size for number, size in enumerate(sizes) if number not in chosen] + [1000 + taken]
    assert rewritten < 3 * sum(sizes)
    assert len(sizes) < 20


def test_second_writer_is_refused(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path)
    with index.writer() as writer:
        writer.put([numbered(1)])
        with pytest.raises(ArchiveLocked), WhooshIndex(tmp_path).writer() as other:
            other.put([numbered(2)])
    fill(index, numbered(2))
    assert index.counts()["document"] == 1


def test_snapshot_survives_later_commits(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path)
    fill(index, numbered(0))
    before = open_snapshot(tmp_path)
    reader = WhooshIndex(tmp_path)
    assert reader.applied == 1
    for number in range(1, 20):
        fill(index, numbered(number), sequence=number + 1)
    (view,) = before.segments["document"]
    assert not view.file.path.exists()
    terms = view.terms("body.words")
    assert pure.rows_at(terms, terms.numbers("ferries")) == [0]
    assert reader.counts()["document"] == index.counts()["document"] == 20
    assert reader.applied == 20


def test_expunge_leaves_nothing_of_deleted_records(tmp_path: Path) -> None:
    """Its words, its names, its ids: in no segment, and in no generation that is kept."""
    index, oracle = WhooshIndex(tmp_path), MemoryIndex()
    odd = document(
        {
            "id": "rowofit",
            "title": "Zwickel",
            "text": "Quagglebridge, said Odd Body of the Wexel Office.",
            "outlet": "Wexel Gazette",
            "names": [{"surface": "Odd Body", "name": "Odd Body", "kind": "person"}],
            "quotes": [{"words": "Quagglebridge", "speaker": "Odd Body"}],
        }
    )
    fill(index, odd, *map(numbered, range(20)), sequence=1)
    fill(index, *map(numbered, range(20, 30)), sequence=2)
    fill(oracle, *map(numbered, range(30)), sequence=3)
    with index.writer() as writer:
        writer.delete(["rowofit"])
        writer.commit(3)
    words = (b"quaggl", b"zwickel", b"wexel", b"odd body", b"odd-body", b"rowofit")

    def left() -> set[bytes]:
        content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).lower()
        return {word for word in words if word in content}

    assert left() == set(words), "deleting marks rows, no more"
    index.expunge()
    assert left() == set()
    assert index.applied == 3
    assert len(list(tmp_path.glob("gen-*"))) == 1
    ours, theirs = index.search(ALL), oracle.search(ALL)
    assert (ours.hits, ours.total, ours.facets) == (theirs.hits, theirs.total, theirs.facets)
    verify(index.folder)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    index.expunge()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before, "nothing to do, nothing done"
    index.close()


def test_expunge_of_a_missing_index(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "none")
    index.expunge()
    assert not (tmp_path / "none").exists()
    index.close()
