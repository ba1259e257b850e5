"""What alerts have found and told: the ledger that keeps any of them from telling a thing twice.

takes:    the records an alert has found, where their words stand, and what was told of them; runs; accepted messages
gives:    what is known by alert and record; what no sink has accepted yet; the items of a run
does not: ask queries, decide what is new, send
traps:    a record without a run is known and never told (the baseline); a delivery has its message before it is sent
          and its time only after the sink took it, so that what a kill leaves between the two can be told apart

In a store that was last written by an earlier searchkit the tables are missing: nothing is known there.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from searchkit.store.connection import Connection, sql_text

# SQLite takes some thousands of values in one statement; this many are enough to make it quick.
_AT_ONCE = 500
_RECORDS = "SELECT alert, record, document, digest, first, last, words, run, change FROM alert_records"


class AlertState(Struct, frozen=True, kw_only=True):
    """What is known of an alert. `question` is its query as written, `asked` as it was last read, with days in it;
    `sequence` the store's last change when it was asked. Times are ISO 8601 UTC, empty for never: `since` its baseline,
    `last_run`, `last_new` when it last found something. `failure` says why it could not be asked last."""

    name: str
    question: str
    asked: str
    sequence: int
    since: str
    last_run: str
    last_new: str
    failure: str


class AlertRecord(Struct, frozen=True, kw_only=True):
    """A record that an alert has found. `first` and `last` is where its words stand in the text with this `digest`;
    `words` are compared. `run` is 0 and `item` empty for what was known and is never told."""

    alert: str
    record: str
    document: str
    digest: str = ""
    first: int = 0
    last: int = 0
    words: str = ""
    run: int = 0
    item: str = ""
    change: str = "added"


class Delivery(Struct, frozen=True, kw_only=True):
    """One thing that a sink has not accepted. `message` is the message it was in when sending was tried, else empty."""

    alert: str
    record: str
    change: str
    message: str
    run: int
    item: str


class AlertRun(Struct, frozen=True, kw_only=True):
    """A run that found something: its number, when it was, and what else it had to say."""

    number: int
    at: str
    notes: tuple[str, ...]


class AlertLedger:
    """The ledger of a store, over its tables `alerts` and `alert_...`. Changes are pending until `commit`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- alerts ------------------------------------------------------------------------------------------------------

    def states(self) -> dict[str, AlertState]:
        """What is known of each alert, by name."""
        rows = self._connection.execute(
            "SELECT name, question, asked, sequence, since, last_run, last_new, failure FROM alerts ORDER BY name"
        ).fetchall()
        names = "name question asked sequence since last_run last_new failure".split()
        return {row[0]: AlertState(**dict(zip(names, row, strict=True))) for row in rows}

    def note_asked(self, state: AlertState) -> None:
        """Remember an alert that was asked."""
        self._connection.begin()
        self._connection.execute(
            "INSERT OR REPLACE INTO alerts (name, question, asked, sequence, since, last_run, last_new, failure) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            state.name,
            sql_text(state.question),
            sql_text(state.asked),
            state.sequence,
            state.since,
            state.last_run,
            state.last_new,
            sql_text(state.failure),
        )

    def note_failure(self, alert: str, reason: str) -> None:
        """Remember that an alert could not be asked; all else that is known of it stays."""
        self._connection.begin()
        self._connection.execute(
            "INSERT INTO alerts VALUES (?, '', '', 0, '', '', '', ?) "
            "ON CONFLICT (name) DO UPDATE SET failure = excluded.failure",
            alert,
            sql_text(reason),
        )

    def forget(self, alert: str) -> None:
        """Forget all that is known of an alert: its next run is its first."""
        self._connection.begin()
        self._connection.execute("DELETE FROM alerts WHERE name = ?", alert)
        self._connection.execute("DELETE FROM alert_records WHERE alert = ?", alert)
        self._connection.execute("DELETE FROM alert_deliveries WHERE alert = ?", alert)

    # --- the store ---------------------------------------------------------------------------------------------------

    @property
    def sequence(self) -> int:
        """Number of the store's last change."""
        return int(self._connection.one("SELECT max(sequence) FROM changes") or 0)

    def changed(self, after: int) -> list[str]:
        """The documents that changed after a change of the store, annotations and marks included."""
        found = self._connection.execute(
            "SELECT DISTINCT document FROM changes WHERE sequence > ? ORDER BY document", after
        )
        return [document for (document,) in found.fetchall()]

    # --- records -----------------------------------------------------------------------------------------------------

    def known(self, alert: str, records: Iterable[str]) -> set[str]:
        """Those of `records` that the alert has found before."""
        found: set[str] = set()
        every = list(records)
        for start in range(0, len(every), _AT_ONCE):  # itertools.batched needs Python 3.12
            some = every[start : start + _AT_ONCE]
            rows = self._connection.execute(
                f"SELECT record FROM alert_records WHERE alert = ? AND record IN ({','.join('?' * len(some))})",  # noqa: S608 - marks
                alert,
                *some,
            )
            found.update(record for (record,) in rows.fetchall())
        return found

    def in_document(self, alert: str, document: str) -> list[AlertRecord]:
        """The records of a document that the alert has found before."""
        return self._records("alert = ? AND document = ?", alert, document)

    def in_copies(self, alert: str, group: str) -> list[AlertRecord]:
        """The records that the alert has found before in the documents of a group of copies."""
        return self._records("alert = ? AND document IN (SELECT document FROM facts WHERE copies = ?)", alert, group)

    def _records(self, condition: str, *values: object) -> list[AlertRecord]:
        rows = self._connection.execute(f"{_RECORDS} WHERE {condition} ORDER BY record", *values).fetchall()
        names = "alert record document digest first last words run change".split()
        return [AlertRecord(**dict(zip(names, row, strict=True))) for row in rows]

    def add(self, records: Iterable[AlertRecord]) -> None:
        """Note records as found; those noted before stay as they are."""
        self._connection.begin()
        self._connection.execute_many(
            "INSERT OR IGNORE INTO alert_records "
            "(alert, record, change, document, digest, first, last, words, run, item) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.alert,
                    one.record,
                    one.change,
                    one.document,
                    one.digest,
                    one.first,
                    one.last,
                    sql_text(one.words),
                    one.run,
                    sql_text(one.item),
                )
                for one in records
            ],
        )

    def usual(self, alert: str) -> tuple[int, int]:
        """In how many runs the alert has found something, and how much in all of them."""
        runs, found = self._connection.execute(
            "SELECT count(DISTINCT run), count(*) FROM alert_records WHERE alert = ? AND run > 0", alert
        ).fetchone()
        return int(runs), int(found)

    def counts(self) -> dict[str, int]:
        """How much each alert has found since its baseline."""
        found = self._connection.execute("SELECT alert, count(*) FROM alert_records WHERE run > 0 GROUP BY alert")
        return dict(found.fetchall())

    # --- runs --------------------------------------------------------------------------------------------------------

    def begin_run(self, at: str) -> int:
        """Number of a new run."""
        self._connection.begin()
        return self._connection.execute("INSERT INTO alert_runs (at, notes) VALUES (?, '[]')", at).lastrowid or 0

    def note(self, run: int, notes: Sequence[str]) -> None:
        """Keep what a run has to say beside its items."""
        self._connection.begin()
        self._connection.execute(
            "UPDATE alert_runs SET notes = ? WHERE id = ?", sql_text(json.dumps(notes, ensure_ascii=True)), run
        )

    def run(self, number: int | None = None) -> AlertRun | None:
        """The run with this number, or the last; None when there is none."""
        row = self._connection.execute(
            "SELECT id, at, notes FROM alert_runs WHERE ? IS NULL OR id = ? ORDER BY id DESC LIMIT 1", number, number
        ).fetchone()
        return AlertRun(number=row[0], at=row[1], notes=tuple(json.loads(row[2]))) if row else None

    def items(self, run: int) -> list[str]:
        """What a run found, as it was told."""
        found = self._connection.execute(
            "SELECT item FROM alert_records WHERE run = ? AND item <> '' ORDER BY alert, document, first", run
        )
        return [item for (item,) in found.fetchall()]

    # --- deliveries --------------------------------------------------------------------------------------------------

    def owe(self, records: Iterable[AlertRecord], sinks: Sequence[str]) -> None:
        """Note that each of `sinks` is to be told of `records`."""
        self._connection.begin()
        self._connection.execute_many(
            "INSERT OR IGNORE INTO alert_deliveries (sink, alert, record, change) VALUES (?, ?, ?, ?)",
            [(sink, one.alert, one.record, one.change) for one in records for sink in sinks],
        )

    def release(self, alert: str, sinks: Collection[str]) -> None:
        """Forget what other sinks than these would still have to be told of an alert."""
        self._connection.begin()
        open_sinks = self._connection.execute(
            "SELECT DISTINCT sink FROM alert_deliveries WHERE alert = ? AND accepted_at = ''", alert
        ).fetchall()
        for (sink,) in open_sinks:
            if sink not in sinks:
                self._connection.execute(
                    "DELETE FROM alert_deliveries WHERE alert = ? AND sink = ? AND accepted_at = ''", alert, sink
                )

    def owed(self, sink: str) -> list[Delivery]:
        """What a sink has not accepted yet, in the order of the runs that found it."""
        rows = self._connection.execute(
            "SELECT alert, record, change, message, run, item FROM alert_deliveries JOIN alert_records "
            "USING (alert, record, change) WHERE sink = ? AND accepted_at = '' ORDER BY run, alert, document, first",
            sink,
        ).fetchall()
        names = "alert record change message run item".split()
        return [Delivery(**dict(zip(names, row, strict=True))) for row in rows]

    def open_deliveries(self) -> dict[str, int]:
        """How many deliveries no sink has accepted yet, by alert."""
        found = self._connection.execute(
            "SELECT alert, count(*) FROM alert_deliveries WHERE accepted_at = '' GROUP BY alert"
        )
        return dict(found.fetchall())

    def put_into(self, message: str, sink: str, deliveries: Iterable[Delivery]) -> None:
        """Note in which message deliveries are sent, before they are."""
        self._connection.begin()
        self._connection.execute_many(
            "UPDATE alert_deliveries SET message = ? WHERE sink = ? AND alert = ? AND record = ? AND change = ?",
            [(message, sink, one.alert, one.record, one.change) for one in deliveries],
        )

    def accept(self, message: str, sink: str, at: str) -> None:
        """Note that a sink took a message."""
        self._connection.begin()
        self._connection.execute(
            "UPDATE alert_deliveries SET accepted_at = ? WHERE sink = ? AND message = ? AND accepted_at = ''",
            at,
            sink,
            message,
        )

    def accepted(self, sink: str, count: int) -> Iterator[str]:
        """The last `count` things that a sink accepted, newest first, as they were told."""
        found = self._connection.execute(
            "SELECT item FROM alert_deliveries JOIN alert_records USING (alert, record, change) "
            "WHERE sink = ? AND accepted_at <> '' ORDER BY run DESC, alert, document, first LIMIT ?",
            sink,
            count,
        )
        return (item for (item,) in found.fetchall())

    def commit(self) -> None:
        """Make everything pending durable."""
        self._connection.commit()

    def rollback(self) -> None:
        """Forget everything pending."""
        self._connection.rollback()
