"""Erase what the store says of documents beyond their own rows, and rewrite its file without free pages.

`Store.delete` removes the documents themselves. Blank their changes only after every index has followed them.
"""

import json
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from searchkit.sqlite import Connection, sql_text
from searchkit.store.encoding import read

_REPLACED = "(removed: named an erased document)"
# The tables whose column `uri` names a resource.
_URI_TABLES = ("resources", "failures", "crashing_resources")


class _Origin(Struct, frozen=True):
    raw_digest: str = ""


class StoreErasure:
    """The rows of a store that name documents. Changes are pending until the store commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def addresses(self, document: str) -> list[str]:
        """Return the addresses at which a document was found."""
        return self._connection.column("SELECT uri FROM resources WHERE document = ? ORDER BY uri", document)

    def is_named(self, address: str) -> bool:
        """Return whether anything is known of an address: a document, a failure, or a crash."""
        text = sql_text(address)
        return any(
            self._connection.scalar(f"SELECT 1 FROM {table} WHERE uri = ? LIMIT 1", text)  # noqa: S608 - ours
            for table in _URI_TABLES
        )

    def within(self, address: str) -> list[str]:
        """Return the documents that were found in a file."""
        found = self._connection.column(
            "SELECT document FROM resources WHERE uri > ?1 || '#' AND uri < ?1 || '$'", sql_text(address)
        )
        return sorted(set(filter(None, found)))

    def members(self, address: str) -> dict[str, str]:
        """Return the addresses of the members of a document, such as a message's attachments, each with the id of its
        document; the id is empty for a member that could not be read."""
        text = sql_text(address)
        # Addresses as PartAddresses makes them; the character after the separator ends the range.
        begin, end = (f"{text}!/", f"{text}!0") if "#" in text else (f"{text}#", f"{text}$")
        found: dict[str, str] = {}
        for table in _URI_TABLES:
            document = "document" if table == "resources" else "''"
            rows = self._connection.execute(
                f"SELECT uri, {document} FROM {table} WHERE uri > ? AND uri < ?",  # noqa: S608 - ours
                begin,
                end,
            )
            found |= {uri: found.get(uri) or owner for uri, owner in rows.fetchall()}
        return found

    def every_address(self) -> Iterator[tuple[str, str]]:
        """Yield each address at which a document was found, with the document's id."""
        yield from self._connection.stream("SELECT uri, document FROM resources WHERE document <> ''")

    def copies(self, group: str) -> list[str]:
        """Return the documents of a duplicate group, by id."""
        return self._connection.column("SELECT document FROM facts WHERE copies = ? ORDER BY document", group)

    def bytes_held(self) -> set[tuple[str, str]]:
        """Return each document with the digests of all bytes that it was made from or that are at its addresses."""
        found = set(self._connection.execute("SELECT document, digest FROM resources").fetchall())
        for table, key in (("documents", "id"), ("revisions", "document")):
            for document, record in self._connection.stream(f"SELECT {key}, record FROM {table}"):  # noqa: S608 - ours
                found.add((document, read(f"document {document}", record, _Origin).raw_digest))
        return {(document, digest) for document, digest in found if digest}

    def overwrite_deleted(self) -> None:
        """From now on, overwrite deleted content."""
        self._connection.overwrite_deleted()

    def remove_mentions(self, documents: Collection[str], addresses: Collection[str], names: Iterable[str]) -> None:
        """Remove what alerts found in `documents`, every row on one of `addresses`, and the notes and reasons of runs
        that contain one of `names`."""
        for document in documents:
            self._connection.execute(
                "DELETE FROM alert_deliveries WHERE (alert, record, change) IN "
                "(SELECT alert, record, change FROM alert_records WHERE document = ?)",
                document,
            )
            self._connection.execute("DELETE FROM alert_records WHERE document = ?", document)
        rows = [(sql_text(address),) for address in addresses]
        for table in _URI_TABLES:
            self._connection.execute_many(f"DELETE FROM {table} WHERE uri = ?", rows)  # noqa: S608 - ours
        wanted = [sql_text(name) for name in names]
        for select, update, instead in (
            ("SELECT source, last_reason FROM runs", "UPDATE runs SET last_reason = ? WHERE source = ?", _REPLACED),
            ("SELECT id, notes FROM alert_runs", "UPDATE alert_runs SET notes = ? WHERE id = ?", "[]"),
        ):
            for key, text in self._connection.execute(select).fetchall():
                if any(name in text for name in wanted):
                    self._connection.execute(update, instead, key)

    def compact(self, documents: Iterable[str]) -> None:
        """Remove the ids of `documents` from the change log, commit, and leave no removed content in the database.
        Errors as `Connection.compact`."""
        self.overwrite_deleted()
        self._connection.execute(
            "UPDATE changes SET document = '' WHERE document IN (SELECT value FROM json_each(?))",
            json.dumps(sorted(documents)),
        )
        # The last change keeps its number: the sequence of a store never goes back.
        self._connection.execute(
            "DELETE FROM changes WHERE document = '' AND sequence < (SELECT max(sequence) FROM changes)"
        )
        self._connection.compact()
