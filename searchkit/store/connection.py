"""The log of the changes of a store."""

import os
from collections.abc import Iterable
from typing import Any

from searchkit.errors import ArchiveError
from searchkit.files import parse_json
from searchkit.sqlite import Connection
from searchkit.statements.document import BEGINNING, MAX_SEQUENCE, LogPosition

REPAIR_HINT = "Save the intact rows: searchkit repair"


class ChangeLog:
    """The numbered changes of a store; each has a random mark."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection, for this package alone."""
        return self._connection

    @property
    def sequence(self) -> int:
        """Number of the last committed or pending change; 0 if the store is empty."""
        return self.position.sequence

    @property
    def position(self) -> LogPosition:
        """The last committed or pending change."""
        last = "SELECT sequence || ' ' || mark FROM changes ORDER BY sequence DESC LIMIT 1"
        for found in self._connection.cached_column(last):
            sequence, _, mark = found.partition(" ")
            return LogPosition(int(sequence), mark)
        return BEGINNING

    def has(self, position: LogPosition) -> bool:
        """Return whether the change log has this position. If not, what was made from the log up to there was made from
        another store, or from a later state of this one before a backup was restored."""
        if position.sequence > MAX_SEQUENCE:
            return False
        mark = self._connection.scalar("SELECT mark FROM changes WHERE sequence = ?", position.sequence)
        return bool(position == BEGINNING or mark == position.mark)

    def changed(self, after: int) -> list[str]:
        """Return the ids of the documents changed since sequence number `after`."""
        return self._connection.column(
            "SELECT DISTINCT document FROM changes WHERE sequence > ? ORDER BY document", after
        )

    def commit(self) -> None:
        """Make all pending changes durable: they are on disk when this returns. Raises StorageFull."""
        self._connection.commit()

    def rollback(self) -> None:
        """Discard all pending changes."""
        self._connection.rollback()

    def _log(self, documents: Iterable[str], at: str, *, kind: str = "put") -> int:
        """Log a change of each document, in order of ids; return the number of the last change."""
        sequence = 0
        for document_id in sorted(documents):
            sequence = self._connection.insert_row(
                "INSERT INTO changes (document, kind, at, mark) VALUES (?, ?, ?, ?)",
                *(document_id, kind, at, os.urandom(8).hex()),
            )
        return sequence


def from_json_column(written: str) -> Any:
    """Return the value in a column of JSON. Raises ArchiveError if it is damaged."""
    try:
        return parse_json(written)
    except (ValueError, TypeError) as error:
        raise ArchiveError(f"In the store a row cannot be read: {error}.", hint=REPAIR_HINT) from error
