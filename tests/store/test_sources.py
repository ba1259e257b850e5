"""What came of each source."""

from typing import Any

from searchkit.statements.dates import PartialDate
from searchkit.store.failures import Failure
from searchkit.store.sources import NEWEST, Coverage, SourceCounts
from searchkit.store.store import Store
from tests.samples import document

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


def test_each_run_leaves_a_row_per_field(store: Store) -> None:
    put(store, 1, "harbor", byline=())
    store.runs.note("harbor", "2024-01-01T00:00:01+00:00", ok=True)
    store.runs.note("harbor", "2024-01-02T00:00:00+00:00", ok=True)  # nothing new
    assert [(row.at[:10], row.field, row.documents, row.present) for row in store.runs.coverage("harbor")] == [
        ("2024-01-01", "byline", 1, 0),
        ("2024-01-01", "date", 1, 1),
        ("2024-01-01", "statement", 1, 1),
    ]
