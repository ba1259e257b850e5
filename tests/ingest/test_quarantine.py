"""What kills the process that reads it is tried in three runs, and then left alone until somebody names it."""

from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.crawl.base import Refused
from searchkit.ingest import IngestOptions, Outcome, ingest, reannotate
from searchkit.ingest.limits import Limits
from searchkit.statements.document import Resource
from searchkit.statements.register import Alias, register
from searchkit.store.store import Store
from tests.ingest.hostile import NOW, Killed, Leaving, Looping, bad, story

pytestmark = pytest.mark.long

ENDS = "crashed the parser process"


def risky(resource: Resource) -> Resource:
    """Read in a process of its own, whatever it holds."""
    return replace(resource, media_type="text/html")


def run(store: Store, *resources: Resource, **options: Any) -> list[Outcome]:
    wanted = IngestOptions(workers=1, limits=Limits(seconds=1.0), **options)
    return [outcome for batch in ingest(resources, store, options=wanted, now=NOW) for outcome in batch.outcomes]


def test_a_resource_is_quarantined_after_three_runs(store: Store) -> None:
    killer, good = risky(bad(1, Leaving())), story(2)
    assert [one.reason for one in run(store, killer, good)] == [ENDS, ""]
    assert run(store, killer)[0].reason == f"failed before and unchanged: {ENDS} (--retry-failed tries again)"
    assert run(store, killer, retry_failed=True)[0].reason == ENDS
    assert run(store, killer, retry_failed=True)[0].reason == f"{ENDS}, in 3 runs: in quarantine"
    left = run(store, killer, good, retry_failed=True)
    assert [(outcome.status, outcome.known) for outcome in left] == [("skipped", True), ("unchanged", False)]
    assert left[0].reason == f"in quarantine: {ENDS} (name it with --retry-failed to try again)"
    assert run(store, killer, named=("test:1",))[0].status == "skipped", "without --retry-failed"
    assert run(store, killer, retry_failed=True, named=("test:9",))[0].status == "skipped"
    assert run(store, killer, retry_failed=True, named=("test:1",))[0].reason == f"{ENDS}, in 4 runs: in quarantine"


@pytest.mark.parametrize("does", [Killed(), Looping()], ids=["killed", "too long"])
def test_kills_and_timeouts_count(store: Store, does: dict[str, Any]) -> None:
    for _ in range(3):
        run(store, risky(bad(1, does)), retry_failed=True)
    (held,) = store.quarantine.quarantined()
    assert (held.uri, held.tries) == ("test:1", 3)


def test_a_part_of_a_container_is_named_with_it(store: Store) -> None:
    part = replace(risky(bad(1, Leaving())), uri="file:///a.mbox#1")
    for _ in range(3):
        run(store, part, retry_failed=True)
    assert run(store, part, retry_failed=True, named=("file:///b",))[0].status == "skipped"
    assert run(store, part, retry_failed=True, named=("file:///a.mbox",))[0].status == "failed"


def test_ordinary_failures_do_not_count(store: Store) -> None:
    empty = replace(story(1), body=b"", digest="d0")
    for _ in range(5):
        assert run(store, empty, retry_failed=True)[0].status == "failed"
    assert store.quarantine.quarantined() == ()


def test_readable_and_gone_resources_leave_quarantine(store: Store) -> None:
    for number in (1, 2):
        for _ in range(3):
            run(store, risky(bad(number, Leaving())), retry_failed=True)
    mended = replace(story(1), digest="d9")
    assert run(store, mended)[0].status == "added"
    assert [crashing.uri for crashing in store.quarantine.quarantined()] == ["test:2"]
    there = replace(story(3), uri="test:2/a")
    list(ingest([there], store, options=IngestOptions(workers=1), now=NOW, complete_locations=["test:2"]))
    assert store.quarantine.quarantined() == ()


def test_members_leave_quarantine_with_their_container(store: Store) -> None:
    """A file that cannot be read says nothing of what it holds."""
    page = replace(risky(bad(1, Leaving())), uri="file:///w/a.warc#https://ledger.example/a")
    other = replace(risky(bad(2, Leaving())), uri="file:///w/b.warc#https://ledger.example/b")
    for _ in range(3):
        run(store, page, other, retry_failed=True)
    beside = replace(story(3), uri="file:///w/c.txt")

    def held(*found: Resource | Refused, place: str = "file:///w") -> list[str]:
        list(ingest(found, store, options=IngestOptions(workers=1), now=NOW, complete_locations=[place]))
        return [crashing.uri for crashing in store.quarantine.quarantined()]

    assert held(beside, page, other) == [page.uri, other.uri]
    assert held(beside, page, other, place="https://ledger.example") == [page.uri, other.uri]
    assert held(beside, page, Refused(uri="file:///w/b.warc", reason="no permission")) == [page.uri, other.uri]
    assert held(beside, page) == [page.uri]
    assert held(beside, replace(story(4), uri="file:///w/a.warc#https://ledger.example/c")) == []


def test_reannotation_quarantines_too(store: Store) -> None:
    """A text that is read once, and with other names or by another version takes a process to its limit."""
    text = "The crane of the harbor stood still on Monday. " * 60_000
    list(ingest([story(1, text)], store, options=IngestOptions(workers=1), now=NOW))
    other = register(version="v2", rules=[Alias(entity_id="person:x", name="X Y", kind="person", names=("X Y",))])
    strict = IngestOptions(workers=1, register=other, limits=Limits(seconds=1.0, memory_mb=40))
    reported = [
        [outcome.status for batch in reannotate(store, options=strict, now=NOW) for outcome in batch.outcomes]
        for _ in range(4)
    ]
    assert reported == [["failed"], ["failed"], ["failed"], []]
