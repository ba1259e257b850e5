"""What the store remembers of resources that end worker processes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    store.quarantine.forget_within("file:///b", {"file:///b/c"}, lambda _uri: True)
    store.quarantine.forget_within("file:///d", (), lambda _uri: False)
    assert [one.uri for one in store.quarantine.quarantined()] == ["file:///\\udcff", "file:///b/c", "file:///d"]
    made = document(uri="file:///d")
    store.put(made, resource="file:///d", digest="d0")
    store.delete(made.id, "day 9")
    store.quarantine.forget_within("file:///", {"file:///\udcff"}, lambda _uri: True)
    assert [one.uri for one in store.quarantine.quarantined()] == ["file:///\\udcff"]


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
