"""Erasure in the store: rows that name a document beyond its own, and a file without free pages."""

import sqlite3
from pathlib import Path

import pytest

from searchkit import sqlite
from searchkit.errors import TryAgain
from searchkit.store.alerts import AlertRecord
from searchkit.store.sources import TRIES, Failure
from searchkit.store.store import Store
from tests.samples import document, present

AT = "2024-03-04T05:06:07+00:00"
URI = "file:///articles/fine.txt"
OTHER = "file:///articles/other.txt"


@pytest.fixture(autouse=True)
def two_documents(store: Store) -> None:
    for number, uri in enumerate((URI, OTHER)):
        made = document(uri=uri, raw_digest=str(number) * 64)
        store.put(made, resource=uri, digest=str(number) * 64)
    store.commit()


def record(name: str, uri: str) -> AlertRecord:
    one = document(uri=uri)
    return AlertRecord(alert="port", record=name, document=one.id, words="a", run=1, item=f"{{{name}}}")


def test_matches_of_alerts_are_removed(store: Store) -> None:
    ledger = store.alerts
    run = ledger.begin_run(AT)
    ledger.note(run, [f"not found: {URI}"])
    found = [record("r1", URI), record("r2", OTHER)]
    ledger.add(found)
    ledger.add_deliveries(found, ["atom:a.xml"])
    store.erasure.remove_mentions([document(uri=URI).id], [URI], [URI])
    store.commit()
    assert ledger.items(run) == ["{r2}"]
    assert [delivery.record for delivery in ledger.pending("atom:a.xml")] == ["r2"]
    reported = present(ledger.run(run))
    assert reported.notes == ()


def test_failures_and_reasons_with_its_address_are_removed(store: Store) -> None:
    for uri in (URI, OTHER):
        failure = Failure(uri=uri, digest="", source="", reason="?", at=AT, version="1")
        store.failures.note(failure)
    store.runs.note("ledger", AT, ok=False, reason=f"{URI} is not there")
    store.runs.note("courier", AT, ok=False, reason=f"{OTHER} is not there")
    for uri in (URI, OTHER):
        for _ in range(TRIES):
            store.quarantine.note(uri, "d", reason="too long", at=AT)
    store.erasure.remove_mentions([], [URI], [URI])
    store.commit()
    assert [crashing.uri for crashing in store.quarantine.quarantined()] == [OTHER]
    assert [failure.uri for failure in store.failures.of_source("")] == [OTHER]
    reasons = {counts.source: counts.last_reason for counts in store.runs.counts() if counts.source}
    assert reasons == {"ledger": "(removed: named an erased document)", "courier": f"{OTHER} is not there"}


def test_the_change_log_forgets_which_document_changed(store: Store) -> None:
    gone = document(uri=OTHER).id
    store.delete(gone, AT)
    store.commit()
    before = store.sequence
    store.erasure.compact([gone])
    assert store.sequence == before
    assert [(change.document_id, change.document is None) for change in store.changes(0)] == [
        (document(uri=URI).id, False),
        ("", True),
    ]
    store.put(document(uri=URI, title="Another"), resource=URI, digest="d")
    assert store.sequence == before + 1
    store.erasure.compact([gone])
    assert [change.document_id for change in store.changes(0)] == [document(uri=URI).id]


def test_bytes_and_addresses_of_documents(store: Store) -> None:
    one, other = document(uri=URI).id, document(uri=OTHER).id
    erasure = store.erasure
    assert erasure.addresses(one) == [URI]
    store.put(document(uri=URI, text="Changed.", raw_digest="2" * 64), resource=URI, digest="2" * 64)
    assert erasure.bytes_held() == {(one, "0" * 64), (one, "2" * 64), (other, "1" * 64)}


def test_compacting_removes_deleted_content(store: Store, path: Path) -> None:
    store.put(document(uri=URI, text="The quagglebridge. " * 4000), resource=URI, digest="2")
    store.commit()
    (record,) = store.connection.column("SELECT record FROM documents WHERE id = ?", document(uri=URI).id)
    store.delete(document(uri=URI).id, AT)
    store.commit()
    files = [path, path.with_name("store.sqlite-wal")]
    assert any(record in file.read_bytes() for file in files)
    store.erasure.compact([])
    assert not any(record[start : start + 16] in file.read_bytes() for file in files for start in range(0, 200, 16))
    assert files[1].stat().st_size == 0


@pytest.mark.slow
def test_compacting_reports_a_long_reader(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE_MILLISECONDS", 100)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM documents").fetchone()
    store.delete(document(uri=URI).id, AT)
    store.commit()
    with pytest.raises(TryAgain, match="is reading the store"):
        store.erasure.compact([])
    reader.close()
    store.erasure.compact([])


def test_members_of_messages(store: Store) -> None:
    letter, box = "file:///letter.eml", "file:///desk.mbox"
    attached = (f"{letter}#list.txt", f"{letter}#inner.eml!/list.txt", f"{box}#1!/list.txt")
    others = (
        "file:///letter.eml2",
        "file:///letter.eml/list.txt",
        f"{box}#1",
        f"{box}#10!/list.txt",
        f"{box}#1/x",
        f"{box}#2",
    )
    made = {uri: document(uri=uri) for uri in (*attached, *others)}
    for uri, one in made.items():
        store.put(one, resource=uri, digest=uri)
    store.failures.note(Failure(uri=f"{box}#1!/a.pdf", digest="d", source="", reason="no PDF", at=AT, version="1"))
    store.commit()
    assert store.erasure.members(letter) == {uri: made[uri].id for uri in attached[:2]}
    assert store.erasure.members(f"{box}#1") == {f"{box}#1!/list.txt": made[attached[2]].id, f"{box}#1!/a.pdf": ""}
    assert store.erasure.members(f"{box}#2") == {}
