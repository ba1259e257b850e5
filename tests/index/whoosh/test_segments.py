"""Test segments and their entries in the table of contents."""

from searchkit.index.whoosh.segments import EXTENSION, ArraySegment


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
