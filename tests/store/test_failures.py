"""What could not be read, part by part."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.store.base import Failure
from searchkit.store.sqlite import SqliteStore
from tests.samples import document

AT = "2024-02-03T04:05:06+00:00"
LINE = Failure(uri="file:///a.jsonl", digest="d1", source="harbor", reason="line 3 is not JSON", at=AT, version="1")
PAGE = replace(LINE, uri="https://ledger.example/x", container="file:///b/c.warc", digest="", reason="is cut off")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.sqlite", writable=True)
    yield opened
    opened.close()


def test_one_address_has_several(store: SqliteStore) -> None:
    other = replace(LINE, reason="line 4 is not JSON")
    for failure in (LINE, other, replace(other, digest="d2"), PAGE, LINE):
        store.note_failure(failure)
    assert store.counts("x").failures == 4
    assert store.failures(LINE.uri) == (LINE, other, replace(other, digest="d2"))
    assert (store.failures(PAGE.uri), store.failures(PAGE.uri, PAGE.container)) == ((), (PAGE,))
    store.forget_failure(other)
    assert [store.is_known_failure(one) for one in (LINE, other, PAGE)] == [True, False, True]


def test_another_version_has_reported_nothing(store: SqliteStore) -> None:
    store.note_failure(LINE)
    newer = replace(LINE, version="2", at="2024-03-04T04:05:06+00:00")
    assert not store.is_known_failure(newer)
    store.note_failure(newer)
    assert store.is_known_failure(newer)
    assert store.failures(LINE.uri) == (replace(newer, at=AT),), "it was told first then"


def test_by_place_and_by_source(store: SqliteStore) -> None:
    mine = replace(LINE, source="", uri="file:///z.txt")
    for failure in (LINE, PAGE, mine):
        store.note_failure(failure)
    assert list(store.failures_within("file:///b")) == [PAGE]
    assert list(store.failures_within("file:///")) == [LINE, mine, PAGE]
    assert list(store.failures_within("file:///a")) == []
    assert (store.failures_of("harbor"), store.failures_of("")) == ((LINE, PAGE), (mine,))
    for failure in store.failures_within("file:///"):
        store.forget_failure(failure)
    assert store.counts("x").failures == 0


def test_names_that_sqlite_cannot_hold(store: SqliteStore) -> None:
    odd = replace(LINE, uri="https://x/\udcff", reason="\ud800?")
    store.note_failure(odd)
    assert store.is_known_failure(odd)
    (held,) = store.failures(odd.uri)
    assert held.key == odd.key
    store.forget_failure(held)
    assert store.failures(odd.uri) == ()


def test_they_stay_until_they_are_forgotten_or_the_document_removed(store: SqliteStore) -> None:
    made = document()
    failure = replace(LINE, uri=made.uri)
    store.note_failure(failure)
    store.put(made, resource=made.uri, digest="d2")
    store.touch(made.uri, AT)
    store.mark_gone(made.uri, AT)
    assert store.failures(made.uri) == (failure,)
    store.delete(made.id, AT)
    assert store.failures(made.uri) == ()
