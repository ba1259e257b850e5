"""Erasure: what the store says of documents beyond their own rows, and files without a trace of what was removed.

takes:    documents that leave, and all their addresses
gives:    what stands of them; tables without it; a file whose free pages hold nothing
does not: remove documents (`SqliteStore.delete` does), touch any other file
traps:    a change that is hushed tells nobody what to remove: every index must have followed it before
"""

import json
import time
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from searchkit.errors import TryAgain
from searchkit.store.connection import Connection, sql_text

# A reader that is at work keeps the file as it was; it is waited for this long.
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.2
_REPLACED = "(told of something that was to be forgotten)"


class StoredRow(NamedTuple):
    """A document or one of its revisions as it lies in its table."""

    document: str
    text: str
    record: str


class StoreErasure:
    """The rows of a store that name documents, whoever wrote them. Changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def addresses(self, document: str) -> list[str]:
        """The addresses at which a document was found."""
        rows = self._connection.execute("SELECT uri FROM resources WHERE document = ? ORDER BY uri", document)
        return [uri for (uri,) in rows.fetchall()]

    def is_named(self, address: str) -> bool:
        """Whether anything is known of an address: what was read there, could not be read, or ended its reader."""
        text = sql_text(address)
        return any(
            self._connection.one(f"SELECT 1 FROM {table} WHERE uri = ? LIMIT 1", text)  # noqa: S608 - ours
            for table, columns in self._tables().items()
            if "uri" in columns
        )

    def within(self, address: str) -> list[str]:
        """The documents, by id, that were found in a file, at addresses of its parts or of their own."""
        text = sql_text(address)
        rows = self._connection.execute(
            "SELECT document FROM resources WHERE uri > ?1 || '#' AND uri < ?1 || '$' UNION "
            "SELECT document FROM held JOIN resources USING (uri) WHERE container = ?1",
            text,
        )
        return sorted(document for (document,) in rows.fetchall() if document)

    def members(self, address: str) -> dict[str, str]:
        """What a document at this address holds, such as the attachments of a message: the addresses under which
        anything is known of that, read or not, each with its document, empty where it is none."""
        text = sql_text(address)
        # As a container names its parts (crawl/container_parts.py); the sign after the separator ends them.
        begin, end = (f"{text}/", f"{text}0") if "#" in text else (f"{text}#", f"{text}$")
        found: dict[str, str] = {}
        for table, columns in self._tables().items():
            if "uri" in columns:
                document = "document" if table == "resources" else "''"
                rows = self._connection.execute(
                    f"SELECT uri, {document} FROM {table} WHERE uri > ? AND uri < ?",  # noqa: S608 - ours
                    begin,
                    end,
                )
                found |= {uri: found.get(uri) or owner for uri, owner in rows.fetchall()}
        return found

    def every_address(self) -> Iterator[tuple[str, str]]:
        """Each address at which something was found, with its document."""
        yield from self._connection.execute("SELECT uri, document FROM resources WHERE document <> ''")

    def owner(self, address: str) -> str | None:
        """The document last read at an address."""
        found: str | None = self._connection.one("SELECT document FROM resources WHERE uri = ?", sql_text(address))
        return found

    def copies(self, group: str) -> list[str]:
        """The documents of a group of copies, by id."""
        rows = self._connection.execute("SELECT document FROM facts WHERE copies = ? ORDER BY document", group)
        return [document for (document,) in rows.fetchall()]

    def rows(self) -> Iterator[StoredRow]:
        """Every document and every earlier revision, as stored."""
        for table, key in (("documents", "id"), ("revisions", "document")):
            for row in self._connection.execute(f"SELECT {key}, text, record FROM {table}"):  # noqa: S608 - ours
                yield StoredRow(*row)

    def bytes_held(self) -> set[tuple[str, str]]:
        """Each document with the digests of all bytes that it was ever made of, or that stand at its addresses."""
        found = set(self._connection.execute("SELECT document, digest FROM resources").fetchall())
        for table, key in (("documents", "id"), ("revisions", "document")):
            found.update(
                self._connection.execute(f"SELECT {key}, json_extract(record, '$.raw_digest') FROM {table}").fetchall()  # noqa: S608 - ours
            )
        return {(document, digest) for document, digest in found if digest}

    def remove_mentions(self, documents: Collection[str], addresses: Collection[str]) -> None:
        """Remove what alerts have found and told of `documents`, and every row on one of `addresses`."""
        self._connection.begin()
        tables = self._tables()
        for document in documents if "alert_records" in tables else ():
            self._connection.execute(
                "DELETE FROM alert_deliveries WHERE (alert, record, change) IN "
                "(SELECT alert, record, change FROM alert_records WHERE document = ?)",
                document,
            )
            self._connection.execute("DELETE FROM alert_records WHERE document = ?", document)
        # Whatever table has them: what failed, what held what, what ended a worker.
        for table, columns in tables.items():
            for column in {"uri", "container"} & columns:
                self._connection.execute_many(
                    f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - names from the schema
                    [(sql_text(address),) for address in addresses],
                )

    def reword(self, names: Iterable[str]) -> None:
        """Replace what runs of sources and of alerts were told wherever it holds one of `names`."""
        self._connection.begin()
        wanted = [sql_text(name) for name in names]
        # All names in these statements are ours.
        places = (("runs", "source", "last_reason", _REPLACED), ("alert_runs", "id", "notes", "[]"))
        tables = self._tables()
        for table, key, column, instead in places:
            if table not in tables:
                continue
            told = self._connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''")  # noqa: S608 - as above
            for row, text in told.fetchall():
                if any(name in text for name in wanted):
                    self._connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", instead, row)  # noqa: S608 - as above

    def hush_changes(self, documents: Iterable[str]) -> None:
        """Let the change log say that something changed, and no longer what."""
        self._connection.begin()
        self._connection.execute(
            "UPDATE changes SET document = '' WHERE document IN (SELECT value FROM json_each(?))",
            json.dumps(sorted(documents)),
        )
        # The last of them keeps its number: the sequence of a store never goes back.
        self._connection.execute(
            "DELETE FROM changes WHERE document = '' AND sequence < (SELECT max(sequence) FROM changes)"
        )

    def compact(self, *, patience: float = _PATIENCE_SECONDS) -> None:
        """Write the file anew from what is in it, so that neither its free pages nor its log hold anything else.

        TryAgain when a reader does not let go of it for so many seconds; StorageFull when there is no room for a
        second copy.
        """
        self._connection.commit()
        self._connection.execute("VACUUM")
        deadline = time.monotonic() + patience
        while self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                raise TryAgain(
                    "Another process reads the store and keeps its old state.",
                    hint="When it is done, `searchkit forget` goes on.",
                )
            time.sleep(_POLL_SECONDS)

    def overwrite(self) -> None:
        """From here on, what is removed is overwritten, not only let go of."""
        self._connection.execute("PRAGMA secure_delete = ON")

    def _tables(self) -> dict[str, set[str]]:
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: {column for (_, column, *_rest) in self._connection.execute(f"PRAGMA table_info({name})").fetchall()}
            for (name,) in names
        }
