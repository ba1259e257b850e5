"""Where a resource is: at its own address, in files, or nowhere any more."""

import pytest

from searchkit.document import Document
from searchkit.store.sqlite import SqliteStore
from tests.samples import document

AT = "2024-02-03T04:05:06+00:00"
A, B = "file:///news/a.warc", "file:///news/deep/b.zip#in.rss"
PAGE = "https://ledger.example/fine"


@pytest.fixture
def made() -> Document:
    return document(uri=PAGE)


def is_gone(store: SqliteStore, made: Document) -> bool:
    found = store.get(made.id)
    known = store.known(PAGE)
    assert found is not None
    assert known is not None
    assert bool(found.gone_at) == bool(known.gone_at)
    return bool(found.gone_at)


def test_a_resource_is_gone_when_no_file_contains_it(store: SqliteStore, made: Document) -> None:
    store.put(made, resource=PAGE, digest="d", container=A)
    store.touch(PAGE, AT, container=B)
    assert store.mark_gone(PAGE, AT, container=A) is None
    assert not is_gone(store, made)
    assert store.mark_gone(PAGE, AT, container=A) is None, "it left that before"
    assert store.mark_gone(PAGE, AT, container=B) == made.id
    assert is_gone(store, made)
    assert store.mark_gone(PAGE, AT, container=B) is None
    assert store.touch(PAGE, AT, container=A)
    assert not is_gone(store, made)


def test_its_own_address_counts_too(store: SqliteStore, made: Document) -> None:
    store.put(made, resource=PAGE, digest="d")
    store.put(made, resource=PAGE, digest="d", container=A)
    assert store.mark_gone(PAGE, AT, container=A) is None
    assert store.mark_gone(PAGE, AT) == made.id
    store.note_member(PAGE, A)
    store.touch(PAGE, AT)
    assert not is_gone(store, made)
    assert store.mark_gone(PAGE, AT) is None, "the file has it"
    assert store.mark_gone(PAGE, AT, container=A) == made.id


def test_a_file_does_not_restore_the_address(store: SqliteStore, made: Document) -> None:
    store.put(made, resource=PAGE, digest="d")
    store.mark_gone(PAGE, AT)
    assert store.touch(PAGE, AT, container=A)
    assert store.mark_gone(PAGE, AT, container=A) == made.id


def test_missing_members(store: SqliteStore) -> None:
    for name in ("p", "q", "\udcff"):
        uri = f"https://x/{name}"
        store.put(document(uri=uri), resource=uri, digest="d", container=A)
    store.note_member("https://x/p", B)
    assert store.missing_members("file:///news", {}) == [
        (A, "https://x/\\udcff"), (A, "https://x/p"), (A, "https://x/q"), (B, "https://x/p"),
    ]  # fmt: skip
    assert store.missing_members("file:///news/deep/b.zip", {}) == [(B, "https://x/p")]
    assert store.missing_members("file:///new", {}) == []
    met = {A: {"https://x/p", "https://x/q", "https://x/\udcff"}}
    assert store.missing_members("file:///news/", met) == [(B, "https://x/p")]
    assert store.missing_members("file:///news/", {**met, B: {"https://x/p"}}) == []
    store.mark_gone("https://x/q", AT, container=A)
    assert store.missing_members(A, {}) == [(A, "https://x/\\udcff"), (A, "https://x/p")]


def test_members_are_not_missed_at_their_own_address(store: SqliteStore) -> None:
    uri = "file:///other/named.txt"
    store.put(document(uri=uri), resource=uri, digest="d", container=A)
    assert store.unseen("file:///other", set()) == []
    store.touch(uri, AT)
    assert store.unseen("file:///other", set()) == [uri]
    store.mark_gone(uri, AT)
    assert store.unseen("file:///other", set()) == []


def test_membership_may_precede_the_document(store: SqliteStore, made: Document) -> None:
    store.note_member(PAGE, A)  # it came twice in one run, and the first is still read
    store.put(made, resource=PAGE, digest="d", container=B)
    assert store.mark_gone(PAGE, AT, container=B) is None
    assert store.mark_gone(PAGE, AT, container=A) == made.id
    store.note_member("https://x/never", A)
    assert store.mark_gone("https://x/never", AT, container=A) is None
    assert store._connection.scalar("SELECT count(*) FROM container_members WHERE uri = 'https://x/never'") == 0


def test_prunable_members_were_known_only_there(store: SqliteStore, made: Document) -> None:
    store.put(made, resource=PAGE, digest="d", container=A)
    store.mark_gone(PAGE, AT, container=A)
    for location in ("file:///news", A):
        found = store.prunable([location])
        assert (found.documents, found.known) == ((made.id,), 1)
    assert store.prunable(["file:///news/deep"]).known == 0
    store.note_member(PAGE, B)
    store.mark_gone(PAGE, AT, container=B)
    assert store.prunable([A]).documents == ()
    assert store.prunable([A, "file:///news/deep"]).documents == (made.id,)
    store.touch(PAGE, AT)
    store.mark_gone(PAGE, AT)
    found = store.prunable(["file:///news"])
    assert (found.documents, found.known) == ((), 1), "a crawl knew it too"


def test_ranges_are_searched_by_their_index(store: SqliteStore) -> None:
    plan = store._connection.execute(
        "EXPLAIN QUERY PLAN SELECT container, uri FROM container_members "
        "WHERE NOT gone AND container >= ? AND container < ?",
        "a",
        "b",
    )
    assert "container_members_container (container>? AND container<?)" in " ".join(str(row) for row in plan)
