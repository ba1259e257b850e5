"""Resources that crash workers are counted and then skipped."""

from searchkit.store.failures import TRIES
from searchkit.store.sqlite import SqliteStore
from tests.samples import document


def fail(store: SqliteStore, uri: str, *, times: int = TRIES, digest: str = "d1") -> None:
    for number in range(times):
        store.quarantine.note(uri, digest, reason=f"reason {number}", at=f"day {number}")
    store.commit()


def test_the_third_crash_quarantines_it(store: SqliteStore) -> None:
    fail(store, "file:///a", times=TRIES - 1)
    assert store.quarantine.holds("file:///a", "d1") is None
    fail(store, "file:///a", times=1)
    held = store.quarantine.holds("file:///a", "d1")
    assert held is not None
    assert (held.uri, held.tries, held.since, held.reason) == ("file:///a", TRIES, "day 0", "reason 0")
    assert store.quarantine.quarantined() == (held,)


def test_changed_bytes_restart_the_count(store: SqliteStore) -> None:
    fail(store, "file:///a")
    assert store.quarantine.holds("file:///a", "d2") is None
    fail(store, "file:///a", times=1, digest="d2")
    assert store.quarantine.quarantined() == ()


def test_quarantine_is_forgotten_by_address_location_and_document(store: SqliteStore) -> None:
    for name in ("a", "b", "b/c", "d", "\udcff"):
        fail(store, f"file:///{name}")
    store.quarantine.forget("file:///a")
    store.quarantine.forget_within("file:///b", lambda one: one.uri != "file:///b/c")
    store.quarantine.forget_within("file:///d", lambda _one: False)
    assert [crashing.uri for crashing in store.quarantine.quarantined()] == [
        "file:///\\udcff",
        "file:///b/c",
        "file:///d",
    ]
    made = document(uri="file:///d")
    store.put(made, resource="file:///d", digest="d0")
    store.delete(made.id, "day 9")
    store.quarantine.forget_within("file:///", lambda one: one.uri != "file:///\\udcff")
    assert [crashing.uri for crashing in store.quarantine.quarantined()] == ["file:///\\udcff"]


def test_a_member_belongs_to_its_last_container(store: SqliteStore) -> None:
    page = "https://ledger.example/a"
    for number in range(TRIES):
        store.quarantine.note(page, "d1", reason="", at="", container=f"file:///{number}.warc")
    assert [crashing.container for crashing in store.quarantine.quarantined()] == [f"file:///{TRIES - 1}.warc"]
    for elsewhere in ("https://ledger.example", "file:///0.warc"):
        store.quarantine.forget_within(elsewhere, lambda _one: True)
    assert [crashing.uri for crashing in store.quarantine.quarantined()] == [page]
    store.quarantine.forget_within(f"file:///{TRIES - 1}.warc", lambda _one: True)
    assert store.quarantine.quarantined() == ()


def test_uncommitted_crashes_are_discarded(store: SqliteStore) -> None:
    for _ in range(TRIES):
        store.quarantine.note("file:///a", "d1", reason="", at="")
    store.rollback()
    assert store.quarantine.quarantined() == ()
