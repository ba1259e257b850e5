"""What came of each source; what could not be read, part by part; and resources that crash workers."""

from typing import Any

from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.store.sources import NEWEST, TRIES, Coverage, Failure, SourceCounts
from searchkit.store.store import Store
from tests.samples import document, present

GUESS = PartialDate(value="2020-01-01", precision="day", source="guess", confidence="low")


def put(store: Store, number: int, source: str, **changes: Any) -> None:
    made = document(uri=f"test:{number}", source=source, first_seen=f"2024-01-01T00:00:{number:02}+00:00", **changes)
    store.put(made, resource=made.uri, digest="d")


def test_an_empty_store_has_no_sources(store: Store) -> None:
    assert store.runs.counts() == ()


def test_newest_and_earlier_documents_are_counted_separately(store: Store) -> None:
    for number in range(NEWEST + 5):
        new = number >= 5
        put(store, number, "harbor", byline=() if new else ("A",), published=GUESS if number == 7 else None)
    put(store, 50, "", quotes=())
    hand, harbor = store.runs.counts()
    assert harbor == SourceCounts(
        source="harbor",
        newest=Coverage(documents=NEWEST, dated=0, signed=0, quoted=NEWEST),
        earlier=Coverage(documents=5, dated=0, signed=5, quoted=5),
    )
    assert (hand.source, hand.documents, hand.newest.quoted, hand.newest.dated) == ("", 1, 0, 1)


def test_a_document_counts_for_each_source_that_has_it(store: Store) -> None:
    put(store, 1, "harbor")
    made = document(uri="test:1", source="wire")
    store.put(made, resource="test:elsewhere", digest="d")
    assert [(found.source, found.documents, found.gone) for found in store.runs.counts()] == [
        ("harbor", 1, 0),
        ("wire", 1, 0),
    ]
    for uri in ("test:1", "test:elsewhere"):
        store.mark_gone(uri, "2024-02-01T00:00:00+00:00")
    assert [found.gone for found in store.runs.counts()] == [1, 1]


def test_failures_and_runs(store: Store) -> None:
    store.failures.note(Failure(uri="test:9", digest="", source="harbor", reason="404", at="", version="1"))
    store.runs.note("harbor", "2024-01-01T00:00:00+00:00", ok=True)
    store.runs.note("harbor", "2024-01-02T00:00:00+00:00", ok=False, reason="no answer")
    store.runs.note("new", "2024-01-03T00:00:00+00:00", ok=False, reason="403")
    harbor, new = store.runs.counts()
    assert harbor == SourceCounts(
        source="harbor",
        failures=1,
        last_run="2024-01-02T00:00:00+00:00",
        last_success="2024-01-01T00:00:00+00:00",
        last_reason="no answer",
    )
    assert (new.last_run, new.last_success, new.last_reason) == ("2024-01-03T00:00:00+00:00", "", "403")
    store.runs.note("harbor", "2024-01-04T00:00:00+00:00", ok=True, reason="of no matter")
    harbor, _ = store.runs.counts()
    assert (harbor.last_success, harbor.last_reason) == (harbor.last_run, "")


def test_what_the_documents_of_each_run_have(store: Store) -> None:
    for number in range(3):
        put(store, number, "harbor", byline=("A",) if number else ())
    newest, _ = store.runs.coverage("harbor", 2).items()
    assert newest == ("2024-01-01T00:00:02+00:00", Coverage(documents=1, dated=1, signed=1, quoted=1))


# --- failures ---------------------------------------------------------------------------------------------------------

AT = "2024-02-03T04:05:06+00:00"
LINE = Failure(uri="file:///a.jsonl", digest="d1", source="harbor", reason="line 3 is not JSON", at=AT, version="1")
PAGE = replace(LINE, uri="file:///b/c.warc#https://ledger.example/x", digest="", reason="is cut off")


def test_an_address_may_have_several_failures(store: Store) -> None:
    other = replace(LINE, reason="line 4 is not JSON")
    for failure in (LINE, other, replace(other, digest="d2"), PAGE, LINE):
        store.failures.note(failure)
    assert store.counts("x").failures == 4
    assert store.failures.of_resource(LINE.uri) == (LINE, other, replace(other, digest="d2"))
    assert store.failures.of_resource(PAGE.uri) == (PAGE,)
    store.failures.forget(other)
    assert [store.failures.is_known(failure) for failure in (LINE, other, PAGE)] == [True, False, True]


def test_failures_of_another_version_are_new(store: Store) -> None:
    store.failures.note(LINE)
    newer = replace(LINE, version="2", at="2024-03-04T04:05:06+00:00")
    assert not store.failures.is_known(newer)
    store.failures.note(newer)
    assert store.failures.is_known(newer)
    assert store.failures.of_resource(LINE.uri) == (replace(newer, at=AT),), "the time of the first report stays"


def test_by_place_and_by_source(store: Store) -> None:
    mine = replace(LINE, source="", uri="file:///z.txt")
    for failure in (LINE, PAGE, mine):
        store.failures.note(failure)
    assert list(store.failures.within("file:///b")) == [PAGE]
    assert list(store.failures.within("file:///")) == [LINE, PAGE, mine]
    assert list(store.failures.within("file:///a")) == []
    assert (store.failures.of_source("harbor"), store.failures.of_source("")) == ((LINE, PAGE), (mine,))
    for failure in store.failures.within("file:///"):
        store.failures.forget(failure)
    assert store.counts("x").failures == 0


def test_lone_surrogates(store: Store) -> None:
    odd = replace(LINE, uri="https://x/\udcff", reason="\ud800?")
    store.failures.note(odd)
    assert store.failures.is_known(odd)
    (held,) = store.failures.of_resource(odd.uri)
    assert held.key == odd.key
    store.failures.forget(held)
    assert store.failures.of_resource(odd.uri) == ()


def test_failures_are_deleted_with_their_document(store: Store) -> None:
    made = document()
    failure = replace(LINE, uri=made.uri)
    store.failures.note(failure)
    store.put(made, resource=made.uri, digest="d2")
    store.touch(made.uri, AT)
    store.mark_gone(made.uri, AT)
    assert store.failures.of_resource(made.uri) == (failure,)
    store.delete(made.id, AT)
    assert store.failures.of_resource(made.uri) == ()


# --- resources that crash workers ------------------------------------------------------------------------------------


def fail(store: Store, uri: str, *, times: int = TRIES, digest: str = "d1") -> None:
    for number in range(times):
        store.quarantine.note(uri, digest, reason=f"reason {number}", at=f"day {number}")
    store.commit()


def test_the_third_crash_quarantines_it(store: Store) -> None:
    fail(store, "file:///a", times=TRIES - 1)
    assert store.quarantine.holds("file:///a", "d1") is None
    fail(store, "file:///a", times=1)
    held = present(store.quarantine.holds("file:///a", "d1"))
    assert (held.uri, held.tries, held.since, held.reason) == ("file:///a", TRIES, "day 0", "reason 0")
    assert store.quarantine.quarantined() == (held,)


def test_changed_bytes_restart_the_count(store: Store) -> None:
    fail(store, "file:///a")
    assert store.quarantine.holds("file:///a", "d2") is None
    fail(store, "file:///a", times=1, digest="d2")
    assert store.quarantine.quarantined() == ()


def test_quarantine_is_forgotten_by_address_location_and_document(store: Store) -> None:
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


def test_uncommitted_crashes_are_discarded(store: Store) -> None:
    for _ in range(TRIES):
        store.quarantine.note("file:///a", "d1", reason="", at="")
    store.rollback()
    assert store.quarantine.quarantined() == ()
