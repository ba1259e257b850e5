"""Stores of versions 1, 2, 4 and 8, made by hand: read as they lie there, and brought up when written to."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.document import Document, to_json
from searchkit.errors import ArchiveError
from searchkit.store.base import Coverage, Failure
from searchkit.store.checking import STORE, faults, new, orphans
from searchkit.store.near_duplicates import sketch
from searchkit.store.salvaging import salvage
from searchkit.store.sqlite import SqliteStore
from searchkit.store.tables import AS_EMPTY, STEPS, STORE_VERSION
from tests.samples import document

VERSION_1 = """
CREATE TABLE documents (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, sequence INTEGER NOT NULL,
    extractor TEXT NOT NULL, statements INTEGER NOT NULL, text TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE revisions (document TEXT NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (document, revision)) WITHOUT ROWID;
CREATE TABLE resources (uri TEXT PRIMARY KEY, digest TEXT NOT NULL, document TEXT NOT NULL,
    seen_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('put', 'delete')), at TEXT NOT NULL);
PRAGMA user_version = 1;
"""
SINCE = ("source", "raw_digest", "fetched_at", "gone_at", "copies")
GUESSED = {"value": "2020-01-01", "precision": "day", "source": "guess", "confidence": "low"}


def record_of(made: Document) -> dict[str, object]:
    record = to_json(made)
    for key in ("text", *SINCE):
        del record[key]
    return record


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Two documents: one dated, signed, with statements, in its second revision; one with a guess of a date."""
    path = tmp_path / "store.sqlite"
    first = document(revision=2, byline=("Per Lindqvist",))
    second = document("A quiet day.", uri="file:///b.txt")
    guessed = {**record_of(second), "published": GUESSED, "odd": "\\ud800"}
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    for number, (made, record) in enumerate(((first, record_of(first)), (second, guessed)), 1):
        connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
            (made.id, made.revision, number, "2+names", len(made.quotes), made.text, json.dumps(record)),
        )
        connection.execute("INSERT INTO resources VALUES (?, ?, ?, ?)", (made.uri, "d1", made.id, made.last_seen))
        connection.execute("INSERT INTO changes (document, kind, at) VALUES (?, 'put', '')", (made.id,))
    connection.execute("INSERT INTO revisions VALUES (?, 1, ?, ?)", (first.id, "Before.", json.dumps(record_of(first))))
    connection.commit()
    connection.close()
    return path


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(found)


def test_a_reader_leaves_it_as_it_is(old: Path) -> None:
    store = SqliteStore(old, writable=False)
    assert store.get(document().id) == document(revision=2, byline=("Per Lindqvist",))
    known = store.known(document().uri)
    assert known is not None
    assert (known.digest, known.gone_at) == ("d1", "")
    assert [change.document_id for change in store.changes(0)] == [document().id, document(uri="file:///b.txt").id]
    counts = store.counts("2+names")
    assert (counts.documents, counts.revisions, counts.gone, counts.failures, counts.outdated) == (2, 1, 0, 0, 0)
    assert [found.documents for found in store.sources()] == [2]
    store.close()
    assert version(old) == 1


def test_a_writer_brings_it_up(old: Path) -> None:
    store = SqliteStore(old, writable=True)
    assert version(old) == STORE_VERSION
    assert store.get(document().id) == document(revision=2, byline=("Per Lindqvist",))
    before = store.revision(document().id, 1)
    assert before is not None
    assert before.text == "Before."
    (counts,) = store.sources()
    assert (counts.documents, counts.newest) == (2, Coverage(documents=2, dated=1, signed=1, quoted=1))
    store.close()
    again = SqliteStore(old, writable=True)
    assert again.counts("x").documents == 2
    again.close()


def test_its_documents_are_annotated_again_and_so_get_a_sketch(old: Path) -> None:
    store = SqliteStore(old, writable=True)
    assert store.extractor_versions() == {"02+names": 2}, "the names that were applied are still told apart"
    for found in store.outdated("2+names"):
        assert store.replace_annotations(found, sketch(found))
    store.commit()
    assert store._connection.one("SELECT count(*) FROM facts WHERE sketch IS NOT NULL") == 2
    assert store.counts("x").revisions == 1
    store.close()


def test_a_step_that_fails_leaves_the_old_version(old: Path) -> None:
    connection = sqlite3.connect(old)
    connection.execute("UPDATE documents SET record = 'no record' WHERE id = ?", (document().id,))
    connection.commit()
    connection.close()
    shutil.copy(old, old.with_suffix(".before"))
    with pytest.raises(ArchiveError, match="damaged"):
        SqliteStore(old, writable=True)
    assert version(old) == 1
    reader = SqliteStore(old, writable=False)
    assert reader.get(document(uri="file:///b.txt").id) is not None
    reader.close()


# --- version 2 -------------------------------------------------------------------------------------------------------

PAGE = "https://ledger.example/fine"
FAILURE = Failure(uri="file:///bad.pdf", digest="d", source="harbor", reason="is encrypted", at="2024", version="1")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A page, a failure, and a run of a source, as version 2 kept them."""
    path = tmp_path / "store.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("".join(STEPS[:2]) + "PRAGMA user_version = 2;")
    made = document(uri=PAGE)
    connection.execute(
        "INSERT INTO documents VALUES (?, 1, 1, 'test', 2, ?, ?)", (made.id, made.text, json.dumps(record_of(made)))
    )
    connection.execute(
        "INSERT INTO resources (uri, digest, document, seen_at, source) VALUES (?, 'd1', ?, '2024', 'harbor')",
        (PAGE, made.id),
    )
    connection.execute(
        "INSERT INTO facts (document, first_seen, dated, signed, quoted) VALUES (?, '', 1, 0, 1)", (made.id,)
    )
    connection.execute("INSERT INTO failures VALUES ('file:///bad.pdf', 'd', 'harbor', 'is encrypted', '2024', '1')")
    connection.execute("INSERT INTO runs VALUES ('harbor', '2024', '2024', '')")
    connection.commit()
    connection.close()
    return path


def test_a_reader_of_version_2_sees_its_failures(second: Path) -> None:
    store = SqliteStore(second, writable=False)
    (counts,) = store.sources()
    assert (counts.documents, counts.failures, counts.last_run, counts.description) == (1, 1, "2024", "")
    assert (store.failures_of("harbor"), store.counts("test").failures) == ((FAILURE,), 1)
    assert store.known(PAGE) is not None
    store.close()
    assert version(second) == 2


def test_a_writer_of_version_2_keeps_what_is_known(second: Path) -> None:
    store = SqliteStore(second, writable=True)
    assert version(second) == STORE_VERSION
    assert store.failures(FAILURE.uri) == (FAILURE,)
    # Where a page came from was not kept: it counts as known from the web, and so is not lost with a file.
    store.touch(PAGE, "2025", container="file:///a.warc")
    assert store.mark_gone(PAGE, "2025", container="file:///a.warc") is None
    store.close()


def test_each_step_has_what_stands_for_it() -> None:
    assert len(AS_EMPTY) == len(STEPS) == STORE_VERSION


# --- version 4 -------------------------------------------------------------------------------------------------------


def test_sketches_without_names_are_dropped_and_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("".join(STEPS[:4]) + "PRAGMA user_version = 4;")
    made = document()
    connection.execute(
        "INSERT INTO documents VALUES (?, 1, 1, 'test', 2, ?, ?)", (made.id, made.text, json.dumps(record_of(made)))
    )
    connection.execute("INSERT INTO sketches VALUES (1, x'00', x'00')")
    connection.execute("INSERT INTO sketch_hashes VALUES (5, 1)")
    connection.execute("INSERT INTO facts VALUES (?, '', 1, 0, 1, '', ?, 1)", (made.id, made.id))
    connection.commit()
    connection.close()
    store = SqliteStore(path, writable=True)
    kept = store._connection.one("SELECT (SELECT count(*) FROM sketches) + (SELECT count(*) FROM sketch_hashes)")
    assert kept == 0
    (found,) = store.outdated("test")
    assert found.copies == ""
    assert store.replace_annotations(found, sketch(found))
    assert store._connection.one("SELECT count(*) FROM sketches") == 1
    store.close()


# --- version 8 -------------------------------------------------------------------------------------------------------


@pytest.fixture
def eighth(tmp_path: Path) -> Path:
    """Thirty documents, one of them in its second revision, as version 8 kept them."""
    path = tmp_path / "store.sqlite"
    with closing(new(STORE, 8, path)) as connection:
        for number in range(1, 31):
            made = document(f"Day {number}. " * 200, uri=f"file:///{number}.txt")
            row = (made.id, number, made.text, json.dumps(record_of(made)))
            connection.execute(
                "INSERT INTO documents (id, revision, sequence, extractor, statements, text, record) "
                "VALUES (?, 1, ?, 'test', 0, ?, ?)",
                row,
            )
            connection.execute("INSERT INTO changes (document, kind, at) VALUES (?, 'put', '')", (made.id,))
            connection.execute(
                "INSERT INTO facts (document, first_seen, dated, signed, quoted) VALUES (?, '', 0, 0, 0)", (made.id,)
            )
        connection.execute(
            "INSERT INTO revisions (document, revision, text, record) VALUES (?, 0, 'Before.', ?)", (row[0], row[3])
        )
    return path


def test_records_are_moved_and_what_they_took_is_given_back(eighth: Path) -> None:
    with closing(SqliteStore(eighth, writable=False)) as reader:
        names = list(reader.ids())
        before = [reader.get(name) for name in names]
    assert version(eighth) == 8
    size = eighth.stat().st_size
    with closing(SqliteStore(eighth, writable=True)) as store:
        assert list(store.ids()) == names
        assert [store.get(name) for name in names] == before
        assert [past.text for name in names if (past := store.past(name, 0))] == ["Before."]
        assert store._connection.one("PRAGMA freelist_count") == 0
    assert list(faults(eighth)) == list(orphans(eighth)) == []
    assert eighth.stat().st_size < size


def test_a_record_that_was_not_as_written_gets_no_new_seal(eighth: Path) -> None:
    """A flipped bit of a text, which SQLite itself does not see."""
    made = document("Day 7. " * 200, uri="file:///7.txt")
    content = eighth.read_bytes()
    assert content.count(b"Day 7. Day 7. ")
    place = content.index(b"Day 7. Day 7. ")
    eighth.write_bytes(content[:place] + b"d" + content[place + 1 :])
    with closing(SqliteStore(eighth, writable=False)) as reader, pytest.raises(ArchiveError, match="not as it was"):
        reader.get(made.id)
    with closing(SqliteStore(eighth, writable=True)) as store:
        with pytest.raises(ArchiveError, match=f"document {made.id} cannot be read") as caught:
            store.get(made.id)
        assert "searchkit repair" in caught.value.hint
        assert sum(store.get(name) is not None for name in store.ids() if name != made.id) == 29


def test_a_store_that_cannot_be_moved_stays_as_it_is_and_can_be_repaired(eighth: Path, tmp_path: Path) -> None:
    """A text that is no UTF-8 any more: no seal can be reckoned of it."""
    content = eighth.read_bytes()
    place = content.index(b"Day 7. Day 7. ")
    eighth.write_bytes(content[:place] + b"\xe5" + content[place + 1 :])
    with pytest.raises(ArchiveError, match="damaged") as caught:
        SqliteStore(eighth, writable=True)
    assert "searchkit repair" in caught.value.hint
    assert version(eighth) == 8
    done = salvage(eighth, tmp_path / "new.sqlite")
    assert done.lost == {"documents": [document("Day 7. " * 200, uri="file:///7.txt").id]}
    with closing(SqliteStore(tmp_path / "new.sqlite", writable=True)) as store:
        assert len([store.get(name) for name in store.ids()]) == 29
