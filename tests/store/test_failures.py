"""What could not be read, part by part."""

from msgspec.structs import replace

from searchkit.store.base import Failure
from searchkit.store.sqlite import SqliteStore
from tests.samples import document

AT = "2024-02-03T04:05:06+00:00"
LINE = Failure(uri="file:///a.jsonl", digest="d1", source="harbor", reason="line 3 is not JSON", at=AT, version="1")
PAGE = replace(LINE, uri="https://ledger.example/x", container="file:///b/c.warc", digest="", reason="is cut off")


def test_an_address_may_have_several_failures(store: SqliteStore) -> None:
    other = replace(LINE, reason="line 4 is not JSON")
    for failure in (LINE, other, replace(other, digest="d2"), PAGE, LINE):
        store.failures.note(failure)
    assert store.counts("x").failures == 4
    assert store.failures.of_resource(LINE.uri) == (LINE, other, replace(other, digest="d2"))
    assert (store.failures.of_resource(PAGE.uri), store.failures.of_resource(PAGE.uri, PAGE.container)) == ((), (PAGE,))
    store.failures.forget(other)
    assert [store.failures.is_known(failure) for failure in (LINE, other, PAGE)] == [True, False, True]


def test_failures_of_another_version_are_new(store: SqliteStore) -> None:
    store.failures.note(LINE)
    newer = replace(LINE, version="2", at="2024-03-04T04:05:06+00:00")
    assert not store.failures.is_known(newer)
    store.failures.note(newer)
    assert store.failures.is_known(newer)
    assert store.failures.of_resource(LINE.uri) == (replace(newer, at=AT),), "the time of the first report stays"


def test_by_place_and_by_source(store: SqliteStore) -> None:
    mine = replace(LINE, source="", uri="file:///z.txt")
    for failure in (LINE, PAGE, mine):
        store.failures.note(failure)
    assert list(store.failures.within("file:///b")) == [PAGE]
    assert list(store.failures.within("file:///")) == [LINE, mine, PAGE]
    assert list(store.failures.within("file:///a")) == []
    assert (store.failures.of_source("harbor"), store.failures.of_source("")) == ((LINE, PAGE), (mine,))
    for failure in store.failures.within("file:///"):
        store.failures.forget(failure)
    assert store.counts("x").failures == 0


def test_lone_surrogates(store: SqliteStore) -> None:
    odd = replace(LINE, uri="https://x/\udcff", reason="\ud800?")
    store.failures.note(odd)
    assert store.failures.is_known(odd)
    (held,) = store.failures.of_resource(odd.uri)
    assert held.key == odd.key
    store.failures.forget(held)
    assert store.failures.of_resource(odd.uri) == ()


def test_failures_are_deleted_with_their_document(store: SqliteStore) -> None:
    made = document()
    failure = replace(LINE, uri=made.uri)
    store.failures.note(failure)
    store.put(made, resource=made.uri, digest="d2")
    store.touch(made.uri, AT)
    store.mark_gone(made.uri, AT)
    assert store.failures.of_resource(made.uri) == (failure,)
    store.delete(made.id, AT)
    assert store.failures.of_resource(made.uri) == ()
