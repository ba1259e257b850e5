"""What the store remembers of resources that end worker processes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.store.checking import STORE, faults, new
from searchkit.store.quarantine import TRIES
from searchkit.store.sqlite import SqliteStore
from tests.samples import document


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()


def fail(store: SqliteStore, uri: str, *, times: int = TRIES, digest: str = "d1") -> None:
    for number in range(times):
        store.quarantine.note(uri, digest, reason=f"reason {number}", at=f"day {number}")
    store.commit()


def test_the_third_time_it_is_held(store: SqliteStore) -> None:
    fail(store, "file:///a", times=TRIES - 1)
    assert store.quarantine.holds("file:///a", "d1") is None
    fail(store, "file:///a", times=1)
    held = store.quarantine.holds("file:///a", "d1")
    assert held is not None
    assert (held.uri, held.tries, held.since, held.reason) == ("file:///a", TRIES, "day 0", "reason 0")
    assert store.quarantine.quarantined() == (held,)


def test_other_bytes_are_another_thing(store: SqliteStore) -> None:
    fail(store, "file:///a")
    assert store.quarantine.holds("file:///a", "d2") is None
    fail(store, "file:///a", times=1, digest="d2")
    assert store.quarantine.quarantined() == (), "and the count begins anew"


def test_it_is_forgotten_by_name_by_place_and_with_its_document(store: SqliteStore) -> None:
    for name in ("a", "b", "b/c", "d", "\udcff"):
        fail(store, f"file:///{name}")
    store.quarantine.forget("file:///a")
    store.quarantine.forget_within("file:///b", lambda one: one.uri != "file:///b/c")
    store.quarantine.forget_within("file:///d", lambda _one: False)
    assert [one.uri for one in store.quarantine.quarantined()] == ["file:///\\udcff", "file:///b/c", "file:///d"]
    made = document(uri="file:///d")
    store.put(made, resource="file:///d", digest="d0")
    store.delete(made.id, "day 9")
    store.quarantine.forget_within("file:///", lambda one: one.uri != "file:///\\udcff")
    assert [one.uri for one in store.quarantine.quarantined()] == ["file:///\\udcff"]


def test_what_has_an_address_of_its_own_lies_where_the_file_does_that_held_it_last(store: SqliteStore) -> None:
    page = "https://ledger.example/a"
    for number in range(TRIES):
        store.quarantine.note(page, "d1", reason="", at="", container=f"file:///{number}.warc")
    assert [one.container for one in store.quarantine.quarantined()] == [f"file:///{TRIES - 1}.warc"]
    for elsewhere in ("https://ledger.example", "file:///0.warc"):
        store.quarantine.forget_within(elsewhere, lambda _one: True)
    assert [one.uri for one in store.quarantine.quarantined()] == [page]
    store.quarantine.forget_within(f"file:///{TRIES - 1}.warc", lambda _one: True)
    assert store.quarantine.quarantined() == ()


def test_a_store_of_version_7_may_be_read_and_is_renewed(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with closing(new(STORE, 7, path)) as old:
        old.execute("INSERT INTO deadly (uri, digest, reason, since, tries) VALUES ('file:///a', 'd1', '?', '', 3)")
    for writable in (False, True, False):
        with closing(SqliteStore(path, writable=writable)) as store:
            assert [(one.uri, one.container) for one in store.quarantine.quarantined()] == [("file:///a", "")]
    assert list(faults(path)) == []


def test_what_is_not_committed_is_forgotten(store: SqliteStore) -> None:
    for _ in range(TRIES):
        store.quarantine.note("file:///a", "d1", reason="", at="")
    store.rollback()
    assert store.quarantine.quarantined() == ()


def test_an_older_store_that_may_only_be_read_has_nobody_in_quarantine(tmp_path: Path, store: SqliteStore) -> None:
    del store
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        connection.executescript("DROP TABLE deadly; PRAGMA user_version=4;")
    connection.close()
    older = SqliteStore(tmp_path / "store.sqlite", writable=False)
    assert older.quarantine.quarantined() == ()
    older.close()
