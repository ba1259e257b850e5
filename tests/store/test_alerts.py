"""The ledger of alerts, on a real store."""

from searchkit.store.alerts import AlertRecord, AlertState
from searchkit.store.store import Store
from tests.samples import document

AT = "2026-03-04T05:00:00+00:00"


def record(number: int, **changes: object) -> AlertRecord:
    fields: dict[str, object] = {"alert": "port", "record": f"r{number:03}", "document": f"d{number % 3}", "run": 1}
    return AlertRecord(**(fields | {"item": f"item {number}"} | changes))  # type: ignore[arg-type]  # passed through


def test_found_records_are_known(store: Store) -> None:
    ledger = store.alerts
    ledger.add([record(number) for number in range(1_200)])
    ledger.add([record(7, words="others")])
    ledger.commit()
    asked = [f"r{number:03}" for number in range(1_000, 1_400)]
    assert ledger.known("port", asked) == set(asked[:200])
    assert ledger.known("other", asked) == set()
    assert ledger.known("port", []) == set()
    assert len(ledger.in_document("port", "d1")) == 400
    assert next(record.words for record in ledger.in_document("port", "d1") if record.record == "r007") == ""


def test_rollback(store: Store) -> None:
    ledger = store.alerts
    ledger.add([record(1)])
    ledger.rollback()
    assert ledger.known("port", ["r001"]) == set()


def test_deliveries_are_pending_until_accepted(store: Store) -> None:
    ledger = store.alerts
    records = [record(1), record(2), record(3, run=2)]
    ledger.add(records)
    ledger.add_deliveries(records, ["stdout", "atom:box"])
    assert [delivery.record for delivery in ledger.pending("stdout")] == ["r001", "r002", "r003"]
    ledger.assign("m1", "stdout", ledger.pending("stdout")[:2])
    assert [delivery.message for delivery in ledger.pending("stdout")] == ["m1", "m1", ""]
    ledger.accept("m1", "stdout", AT)
    ledger.add_deliveries(records, ["stdout"])  # what was accepted is not owed again
    assert [delivery.record for delivery in ledger.pending("stdout")] == ["r003"]
    assert list(ledger.accepted("stdout", 10)) == ["item 1", "item 2"]
    assert list(ledger.accepted("stdout", 1)) == ["item 1"]
    assert ledger.pending_counts() == {"port": 4}
    ledger.release("port", ["stdout"])
    assert ledger.pending_counts() == {"port": 1}


def test_runs_and_states(store: Store) -> None:
    ledger = store.alerts
    assert ledger.run() is None
    assert ledger.begin_run(AT) == 1
    assert ledger.begin_run(AT) == 2
    ledger.note(2, ["ü\ud800"])
    ledger.add([record(1, run=2), record(2, run=2, alert="other"), record(3, run=0, item="")])
    found = ledger.run()
    assert found is not None
    assert (found.number, found.at, found.notes) == (2, AT, ("ü\ud800",))
    assert ledger.items(2) == ["item 2", "item 1"]
    assert (ledger.counts(), ledger.totals("port")) == ({"other": 1, "port": 1}, (1, 1))
    ledger.note_failure("port", "no field\ud800")
    assert ledger.states()["port"].since == ""
    state = AlertState(name="port", written_query="q", last_resolved_query="a", sequence=3, since=AT, last_run=AT)
    ledger.save_state(state)
    assert ledger.states() == {"port": state}
    ledger.note_failure("port", "later")
    assert (ledger.states()["port"].failure, ledger.states()["port"].written_query) == ("later", "q")
    ledger.forget("port")
    assert (ledger.states(), ledger.counts()) == ({}, {"other": 1})


def test_changes_and_copies_of_the_store(store: Store) -> None:
    one, two = document(uri="file:///a.txt"), document(uri="file:///b.txt")
    for made in (one, two):
        store.put(made, resource=made.uri, digest="x")
    ledger = store.alerts
    assert store.sequence == 2
    assert ledger.changed(0) == sorted([one.id, two.id])
    assert ledger.changed(1) == [two.id]
    ledger.add([record(1, document=one.id)])
    ledger._connection.execute("UPDATE facts SET copies = 'g'")
    assert [found.document for found in ledger.in_copies("port", "g")] == [one.id]
