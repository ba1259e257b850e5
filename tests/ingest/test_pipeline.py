"""The ingest pipeline on a real store, in this process and in real worker processes."""

from collections.abc import Generator, Iterable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit import statements
from searchkit.crawl.base import Gone, Refused, new_resource
from searchkit.ingest import Batch, IngestOptions, Outcome, ingest, reannotate
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.statements.document import Article, Document, Resource, document_id
from searchkit.statements.reader.reports import PatternReader
from searchkit.statements.register import Alias, Register, register
from searchkit.store.store import Store, open_store
from tests import samples
from tests.ingest.hostile import NOW, STORY, Faulty, stories, story
from tests.samples import present


def run(store: Store, resources: Iterable[Resource | Refused | Gone], **options: Any) -> list[Batch]:
    wanted = IngestOptions(**{"workers": 1, "batch_seconds": 60.0} | options)
    return list(ingest(resources, store, options=wanted, now=NOW))


def outcomes(batches: Iterable[Batch]) -> list[Outcome]:
    return [outcome for batch in batches for outcome in batch.outcomes]


def statuses(batches: Iterable[Batch]) -> list[str]:
    return [outcome.status for outcome in outcomes(batches)]


# --- batches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(0, 3, [0]), (2, 3, [2]), (3, 3, [3, 0]), (7, 3, [3, 3, 1]), (3, 1, [1, 1, 1, 0])]
)
def test_a_batch_closes_at_its_number_of_resources(store: Store, count: int, size: int, sizes: list[int]) -> None:
    batches = run(store, stories(count), batch_size=size)
    assert [len(batch.outcomes) for batch in batches] == sizes
    assert [outcome.uri for outcome in outcomes(batches)] == [f"test:{number}" for number in range(1, count + 1)]


def test_a_batch_closes_when_its_time_is_over(store: Store) -> None:
    assert [len(batch.outcomes) for batch in run(store, stories(3), batch_seconds=0.0)] == [1, 1, 1, 0]


def test_large_changed_duplicates_come_in_several_batches(store: Store) -> None:
    books = [
        samples.document("A bolt. " * 150_000, uri=f"test:{name}", mentions=(), dates=(), quotes=()) for name in "abcd"
    ]
    for book in books:
        store.put(book, resource=book.uri, digest=book.uri)
    store.commit()
    before = store.sequence
    found: list[Resource | Gone] = [*(Gone(uri=book.uri, reason="HTTP 404") for book in books[:3]), story(1)]
    batches = run(store, found)
    assert [len(batch.outcomes) for batch in batches] == [0, 4]
    assert [[document.uri for document in batch.changed] for batch in batches] == [
        ["test:a", "test:b"],
        ["test:c", "test:1"],
    ]
    # What follows the store may stop after the first of them, and begins again with all.
    assert [batch.position.sequence for batch in batches] == [before, store.sequence]
    assert all(document.gone_at for batch in batches for document in batch.changed if document.uri != "test:1")


def test_a_batch_is_committed_before_it_is_reported(store: Store, tmp_path: Path) -> None:
    reader = open_store(tmp_path / "store.sqlite", writable=False)
    options = IngestOptions(workers=1, batch_size=2, batch_seconds=60.0)
    reported = 0
    for batch in ingest(stories(5), store, options=options, now=NOW):
        reported += len(batch.changed)
        assert reader.counts(EXTRACTOR_VERSION).documents == reported
        assert reader.sequence == batch.position.sequence
        for document in batch.changed:
            assert reader.get(document.id) == document
    assert reported == 5
    reader.close()


@pytest.mark.slow
def test_an_aborted_run_discards_its_pending_batch(store: Store) -> None:
    def failing() -> Iterator[Resource]:
        yield from stories(300)
        raise ConnectionError("the source has gone")

    options = IngestOptions(workers=1, batch_size=20, batch_seconds=60.0)
    batches = ingest(failing(), store, options=options, now=NOW)
    assert len(next(batches).outcomes) == 20
    reported = 20
    with pytest.raises(ConnectionError):
        for batch in batches:
            reported += len(batch.outcomes)
    assert reported < 300
    assert store.counts(EXTRACTOR_VERSION).documents == reported
    assert active_children() == []


# --- what becomes of a resource --------------------------------------------------------------------------------------


def test_only_changed_resources_are_updated(store: Store) -> None:
    first = run(store, stories(3))
    again = run(store, [story(1), story(2, STORY + " It rained."), story(3), story(4)])
    assert statuses(first) == ["added"] * 3
    assert {outcome.uri: outcome.status for outcome in outcomes(again)} == {
        "test:1": "unchanged",
        "test:2": "updated",
        "test:3": "unchanged",
        "test:4": "added",
    }
    assert {outcome.id for outcome in outcomes(again)} == {document_id(f"test:{number}") for number in range(1, 5)}
    assert [document.uri for document in again[0].changed] == ["test:2", "test:4"]
    updated = present(store.get(document_id("test:2")))
    assert updated.revision == 2


def test_other_bytes_with_the_same_words_are_unchanged(store: Store) -> None:
    run(store, stories(1))
    sequence = store.sequence
    (batch,) = run(store, [story(1, STORY.replace("\n\n", "\r\n\r\n") + "\n\n")])
    assert statuses([batch]) == ["unchanged"]
    assert batch.changed == ()
    assert store.sequence == sequence


def test_a_repeated_address_is_skipped(store: Store) -> None:
    batches = run(store, [story(1), story(1, "Other words stand here."), story(2)])
    assert sorted(statuses(batches)) == ["added", "added", "skipped"]
    kept = present(store.get(document_id("test:1")))
    assert kept.text.startswith("The crane number 1")


@pytest.mark.slow
def test_a_document_that_was_read_in_part_is_reported(store: Store) -> None:
    note = "truncated: only the first 3,000 of 4,000 pages are read"
    [batch, _] = run(store, [replace(story(1), defaults={"notes": (note, "removed: a line")})], batch_size=1)
    assert batch.notes == (f"test:1: {note}",)


@pytest.mark.slow
def test_failures_do_not_end_the_run(store: Store) -> None:
    batches = run(
        store,
        [
            story(1),
            Refused(uri="test:none", reason="no such file or folder"),
            replace(story(2), media_type="image/png"),
            new_resource("test:3", b"   \n", media_type="text/plain", now=NOW),
            replace(story(4), defaults=Faulty(LookupError("x" * 1_000))),
            replace(story(5), defaults=Faulty(MemoryError())),
            story(6),
        ],
    )
    reasons = {outcome.uri: outcome.reason for outcome in outcomes(batches) if outcome.status == "failed"}
    fault = reasons.pop("test:4")
    assert fault.startswith("could not be read: LookupError: xxx")
    assert len(fault) < 330
    assert reasons == {
        "test:none": "no such file or folder",
        "test:2": "unsupported file type (image/png)",
        "test:3": "has no text",
        "test:5": "needs more memory than allowed (300 MB)",
    }
    assert [document.uri for batch in batches for document in batch.changed] == ["test:1", "test:6"]


# --- worker processes ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_workers_find_the_same_in_the_same_order(store: Store, tmp_path: Path) -> None:
    run(store, stories(1))
    given: list[Resource | Refused] = [story(1), *stories(170, first=2)]
    given.insert(30, Refused(uri="test:none", reason="is empty"))
    options = IngestOptions(workers=2, batch_size=40, batch_seconds=60.0)
    batches = []
    for batch in ingest(given, store, options=options, now=NOW):
        batches.append(batch)
        if len(batches) == 1:
            assert active_children()
    assert active_children() == []
    reported = {outcome.uri: outcome.status for outcome in outcomes(batches)}
    assert reported == {"test:1": "unchanged", "test:none": "failed"} | {f"test:{n}": "added" for n in range(2, 172)}
    changed = [document for batch in batches for document in batch.changed]
    assert [document.uri for document in changed] == [f"test:{number}" for number in range(2, 172)]
    alone = open_store(tmp_path / "alone.sqlite", writable=True)
    assert changed == [document for batch in run(alone, stories(170, first=2)) for document in batch.changed]
    alone.close()


# --- annotating again ------------------------------------------------------------------------------------------------


CRANES = register(
    version="cranes",
    rules=[Alias(entity_id="person:korbel", name="N. Korbel", kind="person", names=("N. Korbel", "Nadia Korbel"))],
)


def again(store: Store, known: Register | None, **options: Any) -> Generator[Batch, None, None]:
    wanted = IngestOptions(**{"workers": 1, "batch_seconds": 60.0, "register": known} | options)
    return reannotate(store, options=wanted, now=NOW)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.slow
def test_stored_documents_follow_the_register(store: Store, workers: int) -> None:
    run(store, stories(180))
    first = present(store.get(document_id("test:1")))
    batches = list(again(store, CRANES, workers=workers, batch_size=75))
    assert statuses(batches) == ["updated"] * 180
    assert [len(batch.changed) for batch in batches] == [75, 75, 30]
    made = present(store.get(document_id("test:1")))
    assert made.quotes[0].speaker.name == "N. Korbel"
    assert made.extractor_version == f"{EXTRACTOR_VERSION}+cranes"
    assert (made.revision, made.first_seen, made.text) == (1, first.first_seen, first.text)
    assert list(again(store, CRANES, workers=workers)) == []
    list(again(store, None, workers=workers))
    assert store.get(document_id("test:1")) == first, "without the register all is as before"


def test_the_next_run_continues_a_stopped_one(store: Store) -> None:
    run(store, stories(10))
    stopped = again(store, CRANES, batch_size=3)
    next(stopped)
    next(stopped)
    stopped.close()  # this is what a kill does to it
    assert store.extractor_versions() == {EXTRACTOR_VERSION: 4, f"{EXTRACTOR_VERSION}+cranes": 6}
    assert store.extractors() == set(store.extractor_versions())
    assert len(outcomes(again(store, CRANES))) == 4


def test_failed_sentences_are_noted_and_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a rule costs the statements of a sentence; a later annotation counts again, without a revision."""
    find = PatternReader.find

    def faulty(*context: Any) -> Any:
        raise IndexError

    note = "test:1: extraction: sentences that could not be read: 2"
    monkeypatch.setattr(PatternReader, "find", faulty)
    assert note in run(store, [story(1)])[0].notes
    assert store.counts("").failed_sentences == 2
    (batch,) = again(store, CRANES)
    assert batch.notes == (note,)
    stored = present(store.get(document_id("test:1")))
    assert stored.failed_sentences == store.counts("").failed_sentences == 2
    assert not any("extraction" in remark for remark in stored.notes)
    monkeypatch.setattr(PatternReader, "find", find)
    (batch,) = again(store, None)
    assert (batch.notes, store.counts("").failed_sentences, store.counts("").revisions) == ((), 0, 0)


def test_a_failed_reannotation_keeps_the_document(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run(store, stories(3))
    sound = statements.annotate

    def annotate_some(article: Article, **more: Any) -> Document:
        if article.uri == "test:2":
            raise ArithmeticError("of no account")
        return sound(article, **more)

    monkeypatch.setattr(statements, "annotate", annotate_some)
    found = {outcome.uri: outcome for outcome in outcomes(again(store, CRANES))}
    assert {uri: outcome.status for uri, outcome in found.items()} == {
        "test:1": "updated",
        "test:2": "failed",
        "test:3": "updated",
    }
    assert "of no account" in found["test:2"].reason
    assert [document.uri for document in store.outdated(f"{EXTRACTOR_VERSION}+cranes")] == ["test:2"]
