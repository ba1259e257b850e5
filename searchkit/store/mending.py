"""What a salvaged store needs to be whole again: what can be made is made anew, what cannot is named.

takes:    a store of whole rows, of which others may be missing
gives:    a store in which every row has what it speaks of; the documents that are lost, or are as they were before
does not: read a damaged file (salvaging.py does)
traps:    a document whose annotations are not sound is outdated, and so annotated again; one of another text is lost
"""

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import Document
from searchkit.errors import ArchiveError
from searchkit.store.connection import Connection, sql_text
from searchkit.store.copies import CopyGroups
from searchkit.store.near_duplicates import sketch
from searchkit.store.sqlite import SqliteStore

Progress = Callable[[int, int], None]


class Lost(Struct, frozen=True, kw_only=True):
    """A document of which the last state is lost. `revision` is the one that it has now, 0 when none is left; then
    nothing is known of its `addresses` any more, and it comes back when they are read again."""

    id: str
    addresses: tuple[str, ...]
    title: str
    revision: int


def mend(
    path: Path,
    at: str,
    *,
    known: Iterable[str] = (),
    least: int = 0,
    is_whole: Callable[[Document], bool],
    is_sound: Callable[[Document], bool],
    progress: Progress | None = None,
) -> tuple[Lost, ...]:
    """Mend the store at `path`, which is brought up to the newest version. `known` are ids of documents that were in
    it, as others know; `least` is a change that it had already. A document that `is_whole` no more is lost, one that
    is not `is_sound` is annotated again. `at` is now (ISO 8601 UTC). ArchiveError when it cannot be written."""
    with closing(SqliteStore(path, writable=True)) as store:
        mending = _Mending(store, store.connection, at)
        lost = mending.documents(known, least, is_whole, is_sound)
        mending.resources()
        mending.copies(progress)
        mending.alerts()
        store.commit()
    return lost


class _Mending:
    def __init__(self, store: SqliteStore, connection: Connection, at: str) -> None:
        self._store = store
        self._connection = connection
        self._at = at

    def documents(
        self,
        known: Iterable[str],
        least: int,
        is_whole: Callable[[Document], bool],
        is_sound: Callable[[Document], bool],
    ) -> tuple[Lost, ...]:
        connection = self._connection
        connection.begin()
        self._count_changes_from(least)
        # Groups of copies are made anew when all documents are there.
        for table in ("sketches", "sketch_hashes", "sketch_pairs"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        connection.execute("UPDATE facts SET sketch = NULL, copies = ''")
        for document_id in list(self._store.ids()):
            document = self._read(document_id)
            if document is None or not is_whole(document):
                connection.execute("DELETE FROM documents WHERE id = ?", document_id)
                continue
            if not is_sound(document):
                connection.execute("UPDATE documents SET extractor = '0' || extractor WHERE id = ?", document_id)
            if connection.one("SELECT 1 FROM facts WHERE document = ?", document_id) is None:
                self._store.note_facts(document)
            self._note_change(document_id)
        lost = tuple(self._without(document_id, is_whole) for document_id in self._missing(known))
        connection.execute("DELETE FROM facts WHERE NOT EXISTS (SELECT 1 FROM documents WHERE id = document)")
        return lost

    def _count_changes_from(self, least: int) -> None:
        """No number of a change is given twice: alerts and indexes remember how far they have come."""
        connection = self._connection
        for statement in ("SELECT max(sequence) FROM documents", "SELECT max(sequence) FROM alerts"):
            least = max(least, connection.one(statement) or 0)
        if not connection.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'changes'", least
        ).rowcount:
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', ?)", least)

    def _note_change(self, document_id: str) -> None:
        """See to it that a document's last change is one that put it there."""
        noted = self._connection.one(
            "SELECT 1 FROM documents JOIN changes USING (sequence) WHERE id = ?1 AND document = ?1 AND kind = 'put' "
            "AND NOT EXISTS (SELECT 1 FROM changes AS later WHERE later.document = ?1 AND kind = 'delete' "
            "AND later.sequence > documents.sequence)",
            document_id,
        )
        if noted is None:
            number = self._connection.execute(
                "INSERT INTO changes (document, kind, at) VALUES (?, 'put', ?)", document_id, self._at
            ).lastrowid
            self._connection.execute("UPDATE documents SET sequence = ? WHERE id = ?", number, document_id)

    def _missing(self, known: Iterable[str]) -> list[str]:
        """The documents that something speaks of, which are not there and were not removed."""
        connection = self._connection
        named = set(known)
        for statement in (
            "SELECT document FROM facts",
            "SELECT document FROM resources",
            "SELECT document FROM revisions",
            "SELECT document FROM (SELECT document, kind, max(sequence) FROM changes GROUP BY document) "
            "WHERE kind = 'put'",
        ):
            named.update(document for (document,) in connection.execute(statement).fetchall())
        named.difference_update(self._store.ids())
        removed = {
            document
            for (document,) in connection.execute(
                "SELECT document FROM (SELECT document, kind, max(sequence) FROM changes GROUP BY document) "
                "WHERE kind = 'delete'"
            ).fetchall()
        }
        return sorted(named - removed)

    def _without(self, document_id: str, is_whole: Callable[[Document], bool]) -> Lost:
        """Go back to a document's last whole revision, or remove what is left of it."""
        connection = self._connection
        found = connection.execute("SELECT uri FROM resources WHERE document = ?", document_id).fetchall()
        addresses = tuple(uri for (uri,) in found)
        for number in sorted(self._store.revision_numbers(document_id), reverse=True):
            before = self._read(document_id, number)
            if before is None or not is_whole(before):
                connection.execute("DELETE FROM revisions WHERE document = ? AND revision = ?", document_id, number)
                continue
            connection.execute("DELETE FROM revisions WHERE document = ? AND revision = ?", document_id, number)
            self._store.put_back(replace(before, revision=number), self._at)
            # Bytes of no digest are like none: what is there now is read again.
            connection.execute("UPDATE resources SET digest = '' WHERE document = ?", document_id)
            return Lost(id=document_id, addresses=addresses or (before.uri,), title=before.title or "", revision=number)
        self._store.delete(document_id, self._at)
        return Lost(id=document_id, addresses=addresses, title="", revision=0)

    def _read(self, document_id: str, revision: int | None = None) -> Document | None:
        try:
            if revision is None:
                return self._store.get(document_id)
            return self._store.past(document_id, revision)
        except ArchiveError:
            return None

    def resources(self) -> None:
        """Where a document came from stands in it too."""
        connection = self._connection
        without = connection.execute(
            "SELECT document FROM facts WHERE gone_at = '' "
            "AND NOT EXISTS (SELECT 1 FROM resources WHERE resources.document = facts.document)"
        ).fetchall()
        for (document_id,) in without:
            document = self._read(document_id)
            if document is not None:
                connection.execute(
                    "INSERT OR IGNORE INTO resources (uri, digest, document, seen_at, source, fetched_at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    *(sql_text(document.uri), document.raw_digest, document_id),
                    *(document.last_seen, document.source, document.fetched_at),
                )
        # A document is gone when all that it was found at is.
        connection.execute(
            "UPDATE facts SET gone_at = (SELECT max(gone_at) FROM resources WHERE resources.document = facts.document) "
            "WHERE gone_at = '' AND EXISTS (SELECT 1 FROM resources WHERE resources.document = facts.document) "
            "AND NOT EXISTS (SELECT 1 FROM resources WHERE resources.document = facts.document AND gone_at = '')"
        )

    def copies(self, progress: Progress | None) -> None:
        groups = CopyGroups(self._connection)
        ids = list(self._store.ids())
        for done, document_id in enumerate(ids, 1):
            document = self._store.get(document_id)
            if document is not None:
                groups.place(document_id, sketch(document))
            if progress is not None:
                progress(done, len(ids))

    def alerts(self) -> None:
        connection = self._connection
        connection.execute(
            "DELETE FROM alert_deliveries WHERE NOT EXISTS (SELECT 1 FROM alert_records "
            "WHERE alert_records.alert = alert_deliveries.alert AND alert_records.record = alert_deliveries.record "
            "AND alert_records.change = alert_deliveries.change)"
        )
        notes = json.dumps(["What else this run had to say is lost."])
        connection.execute(
            "INSERT INTO alert_runs (id, at, notes) SELECT DISTINCT run, ?, ? FROM alert_records "
            "WHERE run > 0 AND NOT EXISTS (SELECT 1 FROM alert_runs WHERE id = run)",
            *(self._at, notes),
        )
