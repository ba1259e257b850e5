import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.errors import ArchiveError, NewerArchive, StorageFull, TryAgain
from searchkit.sqlite import SqliteConnection
from searchkit.statements.document import Document, LogPosition
from searchkit.store.encoding import encode
from searchkit.store.sources import Failure
from searchkit.store.store import Store, open_store
from searchkit.store.tables import STORE_VERSION
from tests.archive.damage import change_rows
from tests.samples import document, present


def _put(store: Store, wanted: Document, digest: str = "d1") -> str:
    status = store.put(wanted, resource=wanted.uri, digest=digest).status
    store.commit()
    return status


def test_a_document_comes_back_as_it_went_in(store: Store) -> None:
    assert _put(store, document()) == "added"
    assert store.get(document().id) == document()
    assert store.get("nothing") is None


def test_a_record_that_a_worker_made_is_stored_as_it_is(store: Store) -> None:
    made = document()
    record = encode(made)
    store.put(made, resource=made.uri, digest="d1", record=record)
    assert store.connection.scalar("SELECT record FROM documents") == record
    changed = document(title="Corrected")
    store.put(changed, resource=changed.uri, digest="d2", record=encode(changed))
    current = present(store.get(made.id))
    assert (current.title, current.revision) == ("Corrected", 2), "the record of a first revision is not of this one"


def test_an_unchanged_document_keeps_its_first_seen(store: Store) -> None:
    _put(store, document())
    later = document(last_seen="2024-01-01T00:00:00+00:00", first_seen="2024-01-01T00:00:00+00:00")
    assert _put(store, later, "d2") == "unchanged"
    stored = present(store.get(later.id))
    assert stored.first_seen.startswith("2023")
    assert store.sequence == 1


def test_another_version_that_makes_the_same_of_it_changes_nothing(store: Store) -> None:
    _put(store, document(parsed_at="2023-01-01", parsed_by="0.1", annotated_at="2023-01-01", annotated_by="0.1"))
    later = document(parsed_at="2024-01-01", parsed_by="0.2", annotated_at="2024-01-01", annotated_by="0.2")
    assert _put(store, later) == "unchanged"
    # Annotated again, it is still the text that the earlier version parsed.
    assert store.replace_annotations(later)
    stored = present(store.get(later.id))
    assert (stored.revision, stored.parsed_at, stored.parsed_by) == (1, "2023-01-01", "0.1")
    assert (stored.annotated_at, stored.annotated_by) == ("2024-01-01", "0.2")


def test_a_change_makes_a_revision(store: Store) -> None:
    _put(store, document())
    assert _put(store, document(title="Corrected")) == "updated"
    current, old = store.get(document().id), store.revision(document().id, 1)
    assert current is not None
    assert old is not None
    assert (current.title, current.revision) == ("Corrected", 2)
    assert (old.title, old.revision) == ("Optics maker fined", 1)
    assert store.revision(document().id, 2) == current
    assert store.revision(document().id, 3) is None
    assert store.revision("nothing", 1) is None


def test_resources_are_remembered_by_digest(store: Store) -> None:
    assert store.known(document().uri) is None
    _put(store, document(), "d1")
    known = present(store.known(document().uri))
    assert (known.digest, known.document) == ("d1", document().id)
    store.touch(document().uri, "2024-05-05T00:00:00+00:00")
    store.commit()
    assert store.known(document().uri) == known


def test_changes_name_each_document_once_in_order(store: Store) -> None:
    first, second = document(), document(uri="file:///b.txt")
    _put(store, first)
    _put(store, second)
    _put(store, replace(first, title="Corrected"))
    assert [(change.position.sequence, change.document_id) for change in store.changes(0)] == [
        (2, second.id),
        (3, first.id),
    ]
    assert [change.document_id for change in store.changes(2)] == [first.id]
    assert list(store.changes(3)) == []


def test_positions_beyond_those_of_a_database_are_unknown(store: Store) -> None:
    assert store.has(LogPosition(0))
    assert not store.has(LogPosition(2**63 - 1))
    assert not store.has(LogPosition(2**70, "3f"))


def test_readers_see_committed_batches_only(store: Store, path: Path) -> None:
    _put(store, document())
    store.put(document(uri="file:///b.txt"), resource="file:///b.txt", digest="x")
    reader = open_store(path, writable=False)
    assert reader.counts("test").documents == 1
    store.rollback()
    store.commit()
    assert reader.counts("test").documents == 1
    with closing(open_store(path, writable=True)) as other:
        other.put(document(uri="file:///b.txt"), resource="file:///b.txt", digest="x")
    assert reader.counts("test").documents == 1, "closing discards pending changes"
    reader.close()


def test_counts(store: Store) -> None:
    _put(store, document())
    _put(store, document(title="Corrected"))
    counts = store.counts("another")
    assert (counts.documents, counts.statements, counts.revisions, counts.outdated) == (1, 2, 1, 1)
    assert store.counts("test").outdated == 0


def test_lone_surrogates_do_not_break_the_store(store: Store) -> None:
    odd = document(uri="file:///a\udcff", extra={"key": "\ud800"})
    _put(store, odd)
    assert store.get(odd.id) == odd
    assert store.known("file:///a\udcff") is not None


def test_missing_foreign_and_newer_files(path: Path) -> None:
    with pytest.raises(ArchiveError, match="missing"):
        open_store(path, writable=False)
    path.write_bytes(b"this is no database, and long enough to be looked at" * 50)
    for writable in (True, False):
        with pytest.raises(ArchiveError, match="damaged or not a searchkit store"):
            open_store(path, writable=writable)
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={STORE_VERSION + 1}")
    connection.close()
    with pytest.raises(NewerArchive, match="Upgrade"):
        open_store(path, writable=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={STORE_VERSION - 1}")
    with pytest.raises(ArchiveError, match="was made by an earlier searchkit"):
        open_store(path, writable=False)


def test_a_damaged_record_is_reported(store: Store, path: Path) -> None:
    _put(store, document())
    change_rows(path, "UPDATE documents SET record = compressed('{}')")
    with pytest.raises(ArchiveError, match="cannot be read"):
        store.get(document().id)


def test_several_documents_are_read_by_one_statement(store: Store, path: Path) -> None:
    documents = [document(uri=f"/a/{number}.txt") for number in range(12)]
    for wanted in documents:
        _put(store, wanted)
    store.mark_gone("/a/3.txt", "2026-01-01T00:00:00Z")
    store.commit()
    ids = [wanted.id for wanted in documents]
    statements: list[str] = []
    _sqlite(store).set_trace_callback(statements.append)
    read = store.get_several([*ids, "0" * 12])
    assert len(statements) == 1
    assert {document_id: record.document() for document_id, record in read.items()} == {
        known: store.get(known) for known in ids
    }


def test_a_damaged_record_among_several_is_reported_where_it_is_used(store: Store, path: Path) -> None:
    for uri in ("/a/1.txt", "/a/2.txt"):
        _put(store, document(uri=uri))
    first, second = store.ids()
    change_rows(path, "UPDATE documents SET record = compressed('{}') WHERE id = (SELECT max(id) FROM documents)")
    read = store.get_several([first, second])
    assert read[first].document() == store.get(first)
    with pytest.raises(ArchiveError, match=f"document {second} cannot be read"):
        read[second].document()


def test_an_outline_has_what_excerpts_are_cut_from(store: Store) -> None:
    _put(store, document())
    stored = present(store.get(document().id))
    outline = store.get_several([stored.id])[stored.id].outline()
    assert (outline.id, outline.title, outline.text) == (stored.id, stored.title, stored.text)
    assert outline.paragraphs == stored.paragraphs
    assert [(quote.id, quote.content) for quote in outline.quotes] == [(q.id, q.content) for q in stored.quotes]
    assert outline.quotes


def test_a_reader_asks_again_only_after_a_commit_of_another(store: Store, path: Path) -> None:
    _put(store, document())
    with closing(open_store(path, writable=False)) as reader:
        assert (reader.sequence, reader.extractors()) == (1, frozenset({document().extractor_version}))
        statements: list[str] = []
        _sqlite(reader).set_trace_callback(statements.append)
        assert (reader.sequence, len(reader.extractors())) == (1, 1)
        assert set(statements) == {"PRAGMA data_version"}
        store.put(document(uri="/b.txt", extractor_version="2"), resource="/b.txt", digest="d")
        assert (store.sequence, reader.sequence) == (2, 1), "pending changes count for the writer alone"
        store.commit()
        assert (reader.sequence, reader.extractors()) == (2, frozenset({document().extractor_version, "2"}))


def test_a_full_disk_is_named_and_keeps_what_was_committed(store: Store, path: Path) -> None:
    _put(store, document())
    pages = store._connection.scalar("PRAGMA page_count")
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageFull, match="No space left"):
        for number in range(200):
            _put(store, document(uri=f"file:///{number}.txt", notes=("x" * 5000,)))
    store.rollback()
    assert store.get(document().id) == document()


def test_a_busy_store_asks_to_try_again(path: Path, store: Store) -> None:
    other = sqlite3.connect(path, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    store._connection.execute("PRAGMA busy_timeout=0")
    with pytest.raises(TryAgain, match="busy"):
        _put(store, document())
    other.close()


def test_a_read_only_file_still_answers(path: Path) -> None:
    store = open_store(path, writable=True)
    _put(store, document())
    store.close()
    path.chmod(stat.S_IREAD)
    reader = open_store(path, writable=False)
    assert reader.get(document().id) == document()
    reader.close()


def test_new_annotations_are_a_change_but_no_revision(store: Store) -> None:
    _put(store, document())
    again = document(quotes=(), extractor_version="test+2", first_seen="", last_seen="", revision=7)
    assert store.replace_annotations(again)
    store.commit()
    stored = present(store.get(again.id))
    assert (stored.quotes, stored.extractor_version, stored.revision) == ((), "test+2", 1)
    assert (stored.first_seen, stored.last_seen) == (document().first_seen, document().last_seen)
    assert [(change.position.sequence, change.document_id) for change in store.changes(1)] == [(2, again.id)]
    assert store.counts("test+2").revisions == 0


def test_annotations_of_another_text_are_refused(store: Store) -> None:
    assert not store.replace_annotations(document())
    _put(store, document())
    assert not store.replace_annotations(document(digest="1" * 64))
    store.commit()
    assert store.sequence == 1


def test_a_new_page_with_the_same_article_is_no_revision(store: Store) -> None:
    _put(store, document())
    assert _put(store, document(extractor_version="test+2"), "d2") == "updated"
    assert store.counts("test+2").revisions == 0
    current = present(store.get(document().id))
    assert current.revision == 1


def test_outdated_documents_can_be_replaced_while_they_are_read(store: Store) -> None:
    for number in range(5):
        _put(store, document(uri=f"file:///{number}.txt"))
    done = 0
    for found in store.outdated("new"):
        assert store.replace_annotations(replace(found, extractor_version="new"))
        done += 1
    store.commit()
    assert done == 5
    assert list(store.outdated("new")) == []
    assert store.extractor_versions() == {"new": 5}
    assert store.extractors() == {"new"}


# --- gone ------------------------------------------------------------------------------------------------------------

LATER = "2024-02-03T04:05:06+00:00"


def _sqlite(store: Store) -> sqlite3.Connection:
    assert isinstance(store.connection, SqliteConnection)
    return store.connection._connection


def _gone_at(store: Store, wanted: Document) -> str | None:
    found = store.get(wanted.id)
    return found.gone_at if found else None


def test_a_document_is_gone_when_no_address_has_it(store: Store) -> None:
    made = document()
    for resource in ("test:a", "test:b"):
        store.put(made, resource=resource, digest="d")
    store.commit()
    before = store.sequence
    assert store.mark_gone("test:a", LATER) == made.id
    assert (_gone_at(store, made), store.sequence) == ("", before)
    assert store.mark_gone("test:b", LATER) == made.id
    assert _gone_at(store, made) == LATER
    assert [change.document_id for change in store.changes(before)] == [made.id]
    assert store.counts("test").gone == 1
    assert store.mark_gone("test:b", "2025") is None, "it is gone already"
    assert store.mark_gone("test:never", LATER) is None
    assert store.counts("test").revisions == 0


def test_documents_become_available_again(store: Store) -> None:
    made = document()
    for back in (
        lambda: store.touch(made.uri, LATER),
        lambda: store.put(made, resource=made.uri, digest="other bytes"),
        lambda: store.put(document(title="Corrected"), resource="test:elsewhere", digest="d"),
    ):
        _put(store, made)
        store.mark_gone(made.uri, LATER)
        assert _gone_at(store, made) == LATER
        before = store.sequence
        back()
        assert _gone_at(store, made) == ""
        assert store.sequence > before
    assert not store.touch(made.uri, LATER) or store.known(made.uri)
    assert not store.touch(made.uri, LATER)


def test_new_annotations_keep_the_marks(store: Store) -> None:
    _put(store, document())
    store.mark_gone(document().uri, LATER)
    assert store.replace_annotations(document(quotes=()))
    assert _gone_at(store, document()) == LATER


def test_changes_have_current_marks(store: Store) -> None:
    _put(store, document())
    store.mark_gone(document().uri, LATER)
    (change,) = store.changes(0, {document().id: document()})
    assert change.document == document(gone_at=LATER)


def test_unseen_resources_of_a_location(store: Store, path: Path) -> None:
    inside = ["file:///a", "file:///a#1", "file:///a/b/c.txt", "file:///a/b#x\udcff"]
    outside = ["file:///", "file:///a!", "file:///a-b", "file:///a0", "file:///ab/c", "file:///a%23"]
    for uri in (*inside, *outside):
        store.put(document(uri=uri), resource=uri, digest="d")
    assert len(store.unseen("file:///a", set())) == len(store.unseen("file:///a/", set())) == 4
    assert len(store.unseen("file:///", set())) == len(inside) + len(outside)
    assert store.unseen("file:///a", set(inside)) == []
    assert store.unseen("file:///a", set(inside[1:])) == inside[:1]
    store.mark_gone(inside[0], LATER)
    assert store.unseen("file:///a", set(inside[1:])) == []
    plan = " ".join(
        str(row)
        for row in store._connection.execute(
            "EXPLAIN QUERY PLAN SELECT uri FROM resources WHERE gone_at = '' AND uri >= ? AND uri < ?", "a", "b"
        )
    )
    assert "SEARCH resources USING PRIMARY KEY" in plan


# --- removed ---------------------------------------------------------------------------------------------------------


def test_prunable_documents_are_gone_and_known_only_there(store: Store) -> None:
    for name in ("there", "gone", "kept-elsewhere", "gone-elsewhere"):
        store.put(document(uri=f"test:{name}"), resource=f"file:///a/{name}", digest="d")
    store.put(document(uri="test:gone"), resource="file:///a/again", digest="d")
    for name in ("kept-elsewhere", "gone-elsewhere"):
        store.put(document(uri=f"test:{name}"), resource=f"file:///b/{name}", digest="d")
    for uri in ("a/gone", "a/again", "a/kept-elsewhere", "a/gone-elsewhere", "b/gone-elsewhere"):
        store.mark_gone(f"file:///{uri}", LATER)
    here = store.prunable(["file:///a", "file:///a/gone"])
    assert (here.documents, here.known) == ((document(uri="test:gone").id,), 4)
    both = store.prunable(["file:///a", "file:///b"])
    expected = sorted(document(uri=f"test:{name}").id for name in ("gone", "gone-elsewhere"))
    assert (list(both.documents), both.known) == (expected, 4)


def test_deleting_a_document_removes_all_its_rows(store: Store, path: Path) -> None:
    _put(store, document(uri="file:///secret.txt", title="Whisper"))
    _put(store, document(uri="file:///secret.txt", title="Murmur"))
    _put(store, document())
    gone = document(uri="file:///secret.txt").id
    store.failures.note(Failure(uri="file:///secret.txt", digest="", source="", reason="?", at=LATER, version="1"))
    store.delete(gone, LATER)
    store.commit()
    assert store.get(gone) is None
    assert store.revision(gone, 1) is None
    assert store.known("file:///secret.txt") is None
    assert store.counts("test").documents == 1
    last = list(store.changes(0))[-1]
    assert (last.document_id, last.document) == (gone, None)
    with sqlite3.connect(path) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert "Whisper" not in dump
    assert "secret" not in dump
