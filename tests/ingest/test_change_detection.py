"""What becomes of resources over time: gone, back again, failed before, copied; on a real store."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from searchkit.crawl.base import (
    FORGOTTEN,
    CrawlResult,
    Gone,
    Postponed,
    Recovered,
    Refused,
    Unmodified,
    Withheld,
    new_resource,
)
from searchkit.ingest import Batch, IngestOptions, ingest
from searchkit.statements.document import Resource, document_id
from searchkit.statements.register import register
from searchkit.store.store import Store
from tests.ingest.hostile import NOW, STORY
from tests.samples import present

TOP = "test://harbor/news"


def story(name: str, text: str = STORY, **changes: Any) -> Resource:
    made = new_resource(f"{TOP}/{name}", text.format(name).encode(), media_type="text/plain", now=NOW)
    return replace(made, **changes)


def broken(name: str, body: bytes = b"  \n") -> Resource:
    return new_resource(f"{TOP}/{name}", body, media_type="text/plain", now=NOW)


def run(
    store: Store, *found: CrawlResult, complete: Iterable[str] = (), days: int = 0, **options: Any
) -> dict[str, tuple[str, str]]:
    """Status and reason by the last part of the address."""
    messages: dict[str, tuple[str, str]] = {}
    for batch in batches(store, *found, complete=complete, days=days, **options):
        messages |= {outcome.uri.rpartition("/")[2]: (outcome.status, outcome.reason) for outcome in batch.outcomes}
    return messages


def batches(
    store: Store, *found: CrawlResult, complete: Iterable[str] = (), days: int = 0, **options: Any
) -> list[Batch]:
    wanted = IngestOptions(**{"workers": 1, "batch_seconds": 60.0} | options)
    return list(
        ingest(found, store, options=wanted, now=NOW + timedelta(days=days), complete_locations=tuple(complete))
    )


def gone(store: Store, *names: str) -> list[str]:
    """The day since when each is gone."""
    documents = [store.get(document_id(f"{TOP}/{name}")) for name in names]
    return [document.gone_at[:10] if document else "not there" for document in documents]


# --- what a source says ----------------------------------------------------------------------------------------------


def test_outcomes_of_crawl_results(store: Store) -> None:
    run(store, *map(story, "abc"))
    messages = run(
        store,
        Unmodified(uri=f"{TOP}/a"),
        Gone(uri=f"{TOP}/b", reason="HTTP 410"),
        Gone(uri=f"{TOP}/never", reason="HTTP 404"),
        Postponed(uri=f"{TOP}/c", reason="HTTP 503"),
        days=1,
    )
    assert messages == {
        "a": ("unchanged", ""),
        "b": ("gone", "HTTP 410"),
        "never": ("unchanged", ""),
        "c": ("skipped", "HTTP 503"),
    }
    assert gone(store, *"abc") == ["", "2026-03-05", ""]
    assert run(store, Gone(uri=f"{TOP}/b", reason="HTTP 410"), days=2) == {"b": ("unchanged", "")}
    assert gone(store, "b") == ["2026-03-05"]


def test_a_page_comes_back(store: Store) -> None:
    back = "available again"
    for found in (story("a"), Unmodified(uri=f"{TOP}/a")):
        run(store, story("a"))
        run(store, Gone(uri=f"{TOP}/a", reason="HTTP 404"))
        (batch,) = batches(store, found)
        (outcome,) = batch.outcomes
        assert (outcome.status, outcome.reason) == ("unchanged", back)
        assert [(document.uri, document.gone_at, document.revision) for document in batch.changed] == [
            (f"{TOP}/a", "", 1)
        ]
        assert gone(store, "a") == [""]
    run(store, Gone(uri=f"{TOP}/a", reason="HTTP 404"))
    assert run(store, story("a", STORY + " It rained.")) == {"a": ("updated", "")}
    assert gone(store, "a") == [""]


def test_unmodified_but_missing_is_lost(store: Store) -> None:
    (batch,) = batches(store, Unmodified(uri=f"{TOP}/a"))
    (outcome,) = batch.outcomes
    assert (outcome.status, outcome.lost, outcome.id) == ("skipped", True, None)
    assert store.counts("").failures == 0


def test_a_reported_failure_is_skipped(store: Store) -> None:
    for messages, expected in ((False, ("failed", False)), (True, ("skipped", True)), (False, ("failed", False))):
        (batch,) = batches(store, Refused(uri=f"{TOP}/a", reason="HTTP 403", reported=messages))
        (outcome,) = batch.outcomes
        assert (outcome.status, outcome.known) == expected
    assert store.counts("").failures == 1


def test_withheld_and_recovered_resources_are_no_failures(store: Store) -> None:
    refused = Refused(uri=f"{TOP}/a", reason="HTTP 403", reported=False)
    for found, count in (
        (Withheld(uri=f"{TOP}/a", reason="asks not to be taken up"), 1),
        (Recovered(uri=f"{TOP}/a"), 0),
    ):
        run(store, refused)
        (batch,) = batches(store, found)
        assert [(outcome.status, outcome.withheld) for outcome in batch.outcomes] == [("skipped", True)] * count
        assert store.counts("").failures == 0


def test_an_article_that_has_moved_keeps_its_document(store: Store) -> None:
    old, new = "https://ledger.example/a", "https://ledger.example/new/a"
    for text, final, expected in (
        (STORY, old, ("added", "", 1)),
        (STORY + " ", new, ("updated", f"moved to {new}", 1)),
        (STORY + " It rained.", new, ("updated", "", 2)),
    ):
        (batch,) = batches(store, story("a", text, uri=old, final_uri=final))
        (outcome,) = batch.outcomes
        document = present(store.get(document_id(old)))
        assert (outcome.id, document.uri, document.gone_at) == (document.id, final, "")
        assert (outcome.status, outcome.reason, document.revision) == expected


def test_a_newer_source_of_the_same_words_is_noted(store: Store) -> None:
    run(store, story("a"))
    later = replace(story("a", STORY + "\n\n"), source="harbor", fetched_at=NOW + timedelta(days=1))
    assert run(store, later)["a"][0] == "unchanged"
    assert [(found.source, found.documents) for found in store.runs.counts()] == [("harbor", 1)]


# --- complete locations ----------------------------------------------------------------------------------------------


def test_missing_resources_of_a_complete_location_are_gone(store: Store) -> None:
    run(store, *map(story, ["a", "b", "deep/c", "lines#1", "lines#2"]), story("x", uri="test://elsewhere/x"))
    messages = run(store, story("a"), story("lines#2"), complete=[TOP], days=1)
    reason = "is no longer available"
    assert messages == {
        "a": ("unchanged", ""),
        "lines#2": ("unchanged", ""),
        "b": ("gone", reason),
        "c": ("gone", reason),
        "lines#1": ("gone", reason),
    }
    assert gone(store, "a", "b", "deep/c", "lines#1", "lines#2") == ["", *["2026-03-05"] * 3, ""]
    assert run(store, story("a"), story("lines#2"), complete=[TOP], days=2).keys() == {"a", "lines#2"}
    assert run(store, story("a"), days=2) == {"a": ("unchanged", "")}, "a place that is not read complete"
    elsewhere = present(store.get(document_id("test://elsewhere/x")))
    assert elsewhere.gone_at == ""


def test_contents_of_refused_folders_are_not_gone(store: Store) -> None:
    run(store, *map(story, ["a", "b", "closed/c", "closed/deep/d", "lines#1", "file"]))
    refused = [Refused(uri=f"{TOP}/{name}", reason="permission denied") for name in ("closed", "lines", "file")]
    messages = run(store, story("a"), *refused, complete=[TOP])
    assert {name for name, (status, _) in messages.items() if status == "gone"} == {"b"}
    assert run(store, Refused(uri=TOP, reason="permission denied"), complete=[TOP]).keys() == {"news"}
    assert gone(store, "a", "closed/c", "closed/deep/d", "lines#1", "file") == [""] * 5


def test_postponed_and_failed_resources_are_not_gone(store: Store) -> None:
    run(store, *map(story, "abc"))
    messages = run(
        store, Postponed(uri=f"{TOP}/a", reason="503"), broken("b"), Unmodified(uri=f"{TOP}/c"), complete=[TOP]
    )
    assert {status for status, _ in messages.values()} == {"skipped", "failed", "unchanged"}
    assert gone(store, *"abc") == ["", "", ""]


def test_an_empty_location_marks_nothing_as_gone(store: Store) -> None:
    run(store, *map(story, "ab"), story("x", uri="test://elsewhere/x"))
    (batch,) = batches(store, story("x", uri="test://elsewhere/x"), complete=[TOP, "test://elsewhere", "test://never"])
    assert batch.notes == (f"Nothing was found at {TOP}, where 2 resources were; none of them was marked as gone.",)
    assert [outcome.status for outcome in batch.outcomes] == ["unchanged"]
    assert gone(store, *"ab") == ["", ""]


def test_a_location_of_forgotten_resources_is_not_empty(store: Store) -> None:
    """A dropped file stayed if the user had forgotten all others in its folder."""
    run(store, *map(story, "ab"))
    forgotten = f"{TOP}/b".__eq__
    messages = run(store, story("b"), complete=[TOP], is_forgotten=forgotten)
    assert messages == {"b": ("skipped", FORGOTTEN), "a": ("gone", "is no longer available")}
    assert run(store, complete=[TOP], is_forgotten=forgotten) == {}


def test_gone_resources_are_marked_in_batches(store: Store) -> None:
    names = [f"{number:02}" for number in range(10)]
    run(store, *map(story, names))
    options = IngestOptions(workers=1, batch_size=4, batch_seconds=60.0)
    stopped = ingest([story("00")], store, options=options, now=NOW, complete_locations=(TOP,))
    assert len(next(stopped).outcomes) == 4
    stopped.close()  # this is what a kill does to it
    assert store.counts("x").gone == 3
    rest = batches(store, story("00"), complete=[TOP], batch_size=4)
    assert [len(batch.outcomes) for batch in rest] == [4, 3]
    assert store.counts("x").gone == 9


# --- failures --------------------------------------------------------------------------------------------------------


def test_the_same_bytes_are_not_tried_again(store: Store) -> None:
    assert run(store, broken("a")) == {"a": ("failed", "has no text")}
    again = "failed before and unchanged: has no text (--retry-failed tries again)"
    (batch,) = batches(store, broken("a"))
    (outcome,) = batch.outcomes
    assert (outcome.status, outcome.reason, outcome.known) == ("skipped", again, True)
    assert run(store, Unmodified(uri=f"{TOP}/a")) == {"a": ("skipped", again)}
    assert run(store, broken("a"), retry_failed=True) == {"a": ("failed", "has no text")}
    assert run(store, broken("a", b"\t\n"))["a"][0] == "failed", "other bytes"
    assert run(store, story("a"))["a"][0] == "added"
    assert store.counts("x").failures == 0


def test_another_version_tries_again(store: Store) -> None:
    run(store, broken("a"))
    other = register(version="cranes")
    assert run(store, broken("a"), register=other)["a"][0] == "failed"


def test_a_failure_is_reported_once_per_reason(store: Store) -> None:
    def harbor(_uri: str) -> str:
        return "harbor"

    refused = Refused(uri=f"{TOP}/a", reason="HTTP 403")
    assert run(store, refused, source_of=harbor) == {"a": ("failed", "HTTP 403")}
    for days in (1, 2):
        messages = run(store, refused, source_of=harbor, days=days)
        assert messages == {"a": ("skipped", "failed before and unchanged: HTTP 403 (--retry-failed tries again)")}
    assert run(store, refused, source_of=harbor, retry_failed=True) == {"a": ("failed", "HTTP 403")}
    other = replace(refused, reason="HTTP 451")
    assert run(store, other, source_of=harbor) == {"a": ("failed", "HTTP 451")}
    assert [(found.source, found.failures) for found in store.runs.counts()] == [("harbor", 1)]
    failing = replace(broken("b"), source="wire")
    run(store, failing, source_of=harbor)
    assert [(found.source, found.failures) for found in store.runs.counts()] == [("harbor", 1), ("wire", 1)]
    run(store, Unmodified(uri=f"{TOP}/a"), complete=[TOP])
    assert store.counts("x").failures == 0, "b was not given, and a is read again"


def test_a_mistyped_path_is_not_remembered(store: Store) -> None:
    run(store, Refused(uri="artcles/", reason="no such file or folder"))
    assert store.counts("x").failures == 0


def test_failures_of_gone_resources_are_forgotten(store: Store) -> None:
    run(store, broken("a"), broken("b"), story("c"))
    run(store, broken("a"), story("c"), complete=[TOP])
    assert (store.failures.of_resource(f"{TOP}/b"), store.counts("x").failures) == ((), 1)
    run(store, Gone(uri=f"{TOP}/a", reason="404"))
    assert store.counts("x").failures == 0


# --- captures --------------------------------------------------------------------------------------------------------


def test_captures_of_a_page_are_ordered_by_time(store: Store) -> None:
    captures = [
        replace(story("a", f"Crane {{0}} stood still on day {day}.\n"), fetched_at=NOW - timedelta(days=30 - day))
        for day in (1, 2, 3)
    ]
    first, second, third = captures
    messages = [outcome.status for batch in batches(store, first, third, second) for outcome in batch.outcomes]
    assert sorted(messages) == [
        "added",
        "skipped",
        "updated",
    ]  # what is older than what came before it is no newer state
    document = present(store.get(document_id(first.uri)))
    assert (document.revision, "on day 3" in document.text) == (2, True)
    for again in (captures, [second], [first]):
        found = [outcome.status for batch in batches(store, *again, days=1) for outcome in batch.outcomes]
        assert set(found) == {"unchanged"}
    now = replace(story("a", "Crane {0} was taken away.\n"), fetched_at=NOW + timedelta(days=2))
    assert run(store, now, days=2) == {"a": ("updated", "")}
