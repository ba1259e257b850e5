"""The ledger of alerts: what each has found and which sink has accepted it, so that nothing is reported twice.

A record without a run belongs to the baseline and is never reported. A delivery gets its message id before it is sent
and its acceptance time afterwards, so that a kill between the two can be detected.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct, field

from searchkit.sqlite import sql_text
from searchkit.store.base import ChangeLog, from_json_column

# Between the parts of a `statement_key`; ids and checksums do not contain it.
_JOINT = "~"
# The last character in the order of bytes.
_LAST = "\U0010ffff"
# The change of a record that an alert has reported again, because other articles made it match.
LINKED = "linked"


def statement_key(statement_id: str, verb: str, speaker: str) -> str:
    """Return what identifies a statement for alerts: the same words with another verb may say the opposite."""
    return f"{statement_id}{_JOINT}{verb}{_JOINT}{_checksum(speaker)}"


def query_key(written: str) -> str:
    """Return what identifies the query of an alert in its records."""
    return _checksum(written)


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def key_parts(record: str) -> tuple[str, str, str]:
    """Return the id, the verb and the checksum of the speaker of a `statement_key`; of a document only the id."""
    record_id, _, attribution = record.partition(_JOINT)
    verb, _, speaker = attribution.rpartition(_JOINT)
    return record_id, verb, speaker


class AlertState(Struct, frozen=True, kw_only=True):
    """The state of an alert. `written_query` is its query as written, `last_resolved_query` with the dates of its last
    run; `sequence` and `mark` are the store's last change at that time. Times are ISO 8601 UTC, empty for never:
    `since` is its baseline, `last_new` when it last found something. `failure` says why it last failed."""

    name: str
    written_query: str = field(default="", name="question")
    last_resolved_query: str = field(default="", name="asked")
    sequence: int = 0
    since: str = ""
    last_run: str = ""
    last_new: str = ""
    failure: str = ""
    mark: str = ""


class AlertRecord(Struct, frozen=True, kw_only=True):
    """A document or statement that an alert has found. `record` is the id of a document, or a `statement_key`. `first`
    and `last` are its position in the text with this `digest`; `words` are for comparison. `run` is 0 and `item` empty
    for the baseline. `query` is the `query_key` of the last query that found it."""

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
    query: str = ""


class Delivery(Struct, frozen=True, kw_only=True):
    """A record that a sink has not accepted. `message` is the message in which it was last sent, or empty."""

    alert: str
    record: str
    change: str
    message: str
    run: int
    item: str


class AlertRun(Struct, frozen=True, kw_only=True):
    """A run that found something: its number, its time, and its notes."""

    number: int
    at: str
    notes: tuple[str, ...]


class AlertLedger(ChangeLog):
    """The ledger of a store. Changes are pending until `commit`."""

    # --- alerts ------------------------------------------------------------------------------------------------------

    def states(self) -> dict[str, AlertState]:
        """Return the state of each alert, by name."""
        return {state.name: state for state in self._connection.structs(AlertState, "FROM alerts ORDER BY name")}

    def save_state(self, state: AlertState) -> None:
        """Store the state of an alert."""
        self._connection.insert("INSERT OR REPLACE INTO alerts", [state])

    def note_failure(self, alert: str, reason: str) -> None:
        """Store why an alert failed; the rest of its state stays."""
        state = AlertState(name=alert, failure=reason)
        self._connection.insert(
            "INSERT INTO alerts", [state], "ON CONFLICT (name) DO UPDATE SET failure = excluded.failure"
        )

    def forget(self, alert: str) -> None:
        """Remove everything about an alert: its next run is its first."""
        self._connection.execute("DELETE FROM alerts WHERE name = ?", alert)
        self._connection.execute("DELETE FROM alert_records WHERE alert = ?", alert)
        self._connection.execute("DELETE FROM alert_deliveries WHERE alert = ?", alert)

    # --- records -----------------------------------------------------------------------------------------------------

    def known(self, alert: str, ids: Iterable[str], query: str = "") -> set[str]:
        """Return the records with these ids that the alert has found before, or that a `query` of it has found or
        reported again; possibly others whose ids begin so."""
        statement = (
            "SELECT record FROM json_each(?) JOIN alert_records "
            "ON alert = ? AND record BETWEEN value AND value || ? "
            "WHERE ? IN ('', query) OR change = ?"
        )
        return set(self._connection.column(statement, json.dumps(list(ids)), alert, _JOINT + _LAST, query, LINKED))

    def in_document(self, alert: str, document: str, query: str = "") -> tuple[AlertRecord, ...]:
        """Return the records of a document that the alert, or a `query` of it, has found before."""
        return self._records("alert = ? AND document = ? AND ? IN ('', query)", alert, document, query)

    def in_copies(self, alert: str, group: str, query: str = "") -> tuple[AlertRecord, ...]:
        """Return the records in a duplicate group that the alert, or a `query` of it, has found before."""
        return self._records(
            "alert = ? AND document IN (SELECT document FROM facts WHERE copies = ?) AND ? IN ('', query)",
            *(alert, group, query),
        )

    def reported_in_changed(self, alert: str, after: int) -> list[str]:
        """Return the documents changed after a sequence number in which the alert has reported a statement."""
        return self._connection.column(
            "SELECT DISTINCT document FROM changes WHERE sequence > ? AND EXISTS (SELECT 1 FROM alert_records AS found "
            "WHERE found.document = changes.document AND alert = ? AND run > 0) ORDER BY document",
            *(after, alert),
        )

    def _records(self, condition: str, *values: object) -> tuple[AlertRecord, ...]:
        return self._connection.structs(AlertRecord, f"FROM alert_records WHERE {condition} ORDER BY record", *values)

    def add(self, records: Sequence[AlertRecord]) -> None:
        """Add records; of known ones only the query changes."""
        self._connection.insert(
            "INSERT INTO alert_records",
            records,
            "ON CONFLICT (alert, record, change) DO UPDATE SET query = excluded.query",
        )

    def counts(self) -> dict[str, int]:
        """Return how many records each alert has found since its baseline."""
        found = self._connection.execute("SELECT alert, count(*) FROM alert_records WHERE run > 0 GROUP BY alert")
        return dict(found.fetchall())

    # --- runs --------------------------------------------------------------------------------------------------------

    def begin_run(self, at: str) -> int:
        """Add a run and return its number."""
        return self._connection.insert_row("INSERT INTO alert_runs (at, notes) VALUES (?, '[]')", at)

    def note(self, run: int, notes: Sequence[str]) -> None:
        """Store the notes of a run."""
        self._connection.execute(
            "UPDATE alert_runs SET notes = ? WHERE id = ?", sql_text(json.dumps(notes, ensure_ascii=True)), run
        )

    def run(self, number: int | None = None) -> AlertRun | None:
        """Return the run with this number, or the last run; None if there is none."""
        row = self._connection.execute(
            "SELECT id, at, notes FROM alert_runs WHERE id = coalesce(?, id) ORDER BY id DESC LIMIT 1", number
        ).fetchone()
        return AlertRun(number=row[0], at=row[1], notes=tuple(from_json_column(row[2]))) if row else None

    def items(self, run: int) -> list[str]:
        """Return the items that a run found, as reported."""
        return self._connection.column(
            "SELECT item FROM alert_records WHERE run = ? AND item <> '' ORDER BY alert, document, first", run
        )

    # --- deliveries --------------------------------------------------------------------------------------------------

    def add_deliveries(self, records: Iterable[AlertRecord], sinks: Sequence[str]) -> None:
        """Add a pending delivery of each record to each sink."""
        self._connection.execute_many(
            "INSERT OR IGNORE INTO alert_deliveries (sink, alert, record, change) VALUES (?, ?, ?, ?)",
            [(sink, record.alert, record.record, record.change) for record in records for sink in sinks],
        )

    def release(self, alert: str, sinks: Collection[str]) -> None:
        """Drop the pending deliveries of an alert to all sinks but these."""
        self._connection.execute(
            "DELETE FROM alert_deliveries WHERE alert = ? AND accepted_at = '' "
            "AND sink NOT IN (SELECT value FROM json_each(?))",
            alert,
            json.dumps(list(sinks)),
        )

    def pending(self, sink: str) -> tuple[Delivery, ...]:
        """Return the pending deliveries to a sink, in the order of the runs."""
        return self._connection.structs(
            Delivery,
            "FROM alert_deliveries JOIN alert_records USING (alert, record, change) "
            "WHERE sink = ? AND accepted_at = '' ORDER BY run, alert, document, first",
            sink,
        )

    def pending_counts(self) -> dict[str, int]:
        """Return the number of pending deliveries, by alert."""
        found = self._connection.execute(
            "SELECT alert, count(*) FROM alert_deliveries WHERE accepted_at = '' GROUP BY alert"
        )
        return dict(found.fetchall())

    def assign(self, message: str, sink: str, deliveries: Iterable[Delivery]) -> None:
        """Store the message in which deliveries are about to be sent."""
        self._connection.execute_many(
            "UPDATE alert_deliveries SET message = ? WHERE sink = ? AND alert = ? AND record = ? AND change = ?",
            [(message, sink, delivery.alert, delivery.record, delivery.change) for delivery in deliveries],
        )

    def accept(self, message: str, sink: str, at: str) -> None:
        """Store that a sink accepted a message."""
        self._connection.execute(
            "UPDATE alert_deliveries SET accepted_at = ? WHERE sink = ? AND message = ? AND accepted_at = ''",
            at,
            sink,
            message,
        )

    def accepted(self, sink: str, count: int) -> list[str]:
        """Return the last `count` items that a sink accepted, newest first."""
        return self._connection.column(
            "SELECT item FROM alert_deliveries JOIN alert_records USING (alert, record, change) "
            "WHERE sink = ? AND accepted_at <> '' ORDER BY run DESC, alert, document, first LIMIT ?",
            sink,
            count,
        )
