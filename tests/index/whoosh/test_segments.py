"""Test segments and their entries in the table of contents."""

import pickle
from pathlib import Path

from searchkit.index.whoosh.columns import DOCUMENT_ID, ROW_ID, decoded
from searchkit.index.whoosh.searcher import WhooshIndex, open_snapshot
from searchkit.index.whoosh.segments import EXTENSION, ArraySegment, SegmentView
from tests.index.records import document, fill


def test_segment_counts() -> None:
    segment = ArraySegment("documents")
    segment.set_doc_count(5)
    for row in (1, 3, 3):
        segment.delete_document(row)
    assert (segment.doc_count_all(), segment.doc_count(), segment.deleted_count()) == (5, 3, 2)
    assert sorted(segment.deleted_docs()) == [1, 3]
    assert [segment.is_deleted(row) for row in range(5)] == [False, True, False, True, False]
    segment.delete_document(3, delete=False)
    segment.delete_document(4, delete=False)
    assert (segment.doc_count(), segment.is_deleted(3)) == (4, False)


def test_segment_names_are_unique() -> None:
    one, other = ArraySegment("documents"), ArraySegment("documents")
    assert one.segment_id() != other.segment_id()
    assert one.make_filename(EXTENSION) == one.segment_id() + ".arrays"
    assert one.segment_id().startswith("documents_")
    assert not one.should_assemble()


def test_segment_survives_pickling() -> None:
    segment = ArraySegment("quotes")
    segment.set_doc_count(7)
    segment.delete_document(2)
    segment.lengths["body"] = 40
    again = pickle.loads(pickle.dumps(segment))  # noqa: S301  our own bytes
    assert vars(again) == vars(segment)


def _view(index: WhooshIndex) -> SegmentView:
    (view,) = open_snapshot(index.folder).segments["document"]
    return view


def test_segment_view(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    fill(
        index,
        document({"id": "b", "title": "Cranes", "text": "The crane stood still."}),
        document({"id": "a", "text": "Crates and more crates."}),
    )
    view = _view(index)
    assert (view.row_count, view.live_count) == (2, 2)
    ids = view.column(ROW_ID)
    assert [decoded(ids.value(code)) for row in range(2) for code in ids.codes_of(row)] == ["b", "a"]
    assert view.column(DOCUMENT_ID).valued_rows == {0, 1}
    assert view.column(ROW_ID) is ids
    assert list(view.terms("body").numbers("crate")) == [1, 1]
    assert list(view.terms("title").numbers("crate")) == []
    assert list(view.row_lengths("body")) == [4, 4]
    assert list(view.row_lengths("title")) == [1]
    assert view.texts("body.stored").passages(1) == ["crates and more crates."]
    assert view.lengths["body"] == 8


def test_deleted_row_is_marked_in_its_segment(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "index")
    fill(index, *(document({"id": f"d{number}", "text": "A crane."}) for number in range(4)))
    with index.writer() as writer:
        writer.delete(["d1"])
        writer.commit(2)
    view = _view(index)
    assert (view.row_count, view.live_count, set(view.deleted)) == (4, 3, {1})
