"""What the store needs of a database: statements of SQL with marks `?` for values, transactions, rows as structs; and
the log of its changes.

`sqlite.py` and `postgres/` connect to a database. They raise the errors of their libraries as ours.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, Self, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from searchkit.errors import ArchiveError
from searchkit.files import parse_json
from searchkit.statements.document import BEGINNING, MAX_SEQUENCE, LogPosition

REPAIR_HINT = "Save the intact rows: searchkit repair"
_Row = TypeVar("_Row", bound=Struct)


class Cursor(Protocol):
    """The rows of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]:
        """Return the rows; none for a statement that is not a SELECT."""


class Connection(ABC):
    """A connection to a database. The first change opens a transaction, which `commit` or `rollback` closes.

    Addresses have at most `longest_address` bytes."""

    longest_address = 1_000_000

    @abstractmethod
    def execute(self, statement: str, *values: object) -> Cursor:
        """Run one statement. Errors of the database are raised as ours."""

    @abstractmethod
    def execute_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Run one statement for each of `rows`."""

    @abstractmethod
    def insert_row(self, statement: str, *values: object) -> int:
        """Run an INSERT into a table that numbers its rows; return the number of the row."""

    @abstractmethod
    def cached_column(self, statement: str) -> list[Any]:
        """Return the same as `column`. A reader runs the statement again only after a commit of another connection."""

    @abstractmethod
    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a SELECT in one state of the database, without holding them all in memory."""

    @abstractmethod
    def row_checksum(self, table: str, *values: Any) -> int:
        """Return the checksum of a row with these values."""

    @abstractmethod
    def begin(self) -> None:
        """Open a transaction, unless one is open: no other process changes the database before it is closed."""

    @abstractmethod
    def commit(self) -> None:
        """Commit the open transaction; it is on disk when this returns."""

    @abstractmethod
    def rollback(self) -> None:
        """Discard the open transaction."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection and discard the open transaction."""

    @abstractmethod
    def overwrite_deleted(self) -> None:
        """From now on, overwrite deleted content."""

    @abstractmethod
    def compact(self) -> None:
        """Commit, and rewrite the tables so that no deleted content is left in the files of the database.

        Raises TryAgain if a reader keeps the old state for too long, StorageFull if there is no room for a second copy.
        """

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Run one statement; return its rows. A change returns none."""
        return self.execute(statement, *values).fetchall()

    def scalar(self, statement: str, *values: object) -> Any:
        """Return the first value of the first row; None without a row."""
        row = self.execute(statement, *values).fetchone()
        return row[0] if row else None

    def column(self, statement: str, *values: object) -> list[Any]:
        """Return the first value of each row."""
        return [row[0] for row in self.execute(statement, *values).fetchall()]

    def structs(self, kind: type[_Row], source: str, *values: object) -> tuple[_Row, ...]:
        """Return the rows of a SELECT from `source` (FROM ...) as structs; the columns are encoded field names."""
        columns = ", ".join(kind.__struct_encode_fields__)
        rows = self.execute(f"SELECT {columns} {source}", *values).fetchall()
        return tuple(kind(**dict(zip(kind.__struct_fields__, row, strict=True))) for row in rows)

    def insert(self, verb: str, rows: Sequence[Struct], conflict: str = "") -> None:
        """Insert structs of one type, as `structs` reads them, with a `verb` (INSERT INTO ...) and a clause for rows
        that exist."""
        for fields in {row.__struct_encode_fields__ for row in rows}:
            self.execute_many(
                f"{verb} ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))}) {conflict}",
                [tuple(sql_text(value) if isinstance(value, str) else value for value in astuple(row)) for row in rows],
            )

    def within(self, statement: str, column: str, location: str) -> Iterator[Any]:
        """Yield the rows of a statement with a WHERE whose address in `column` lies within `location`.

        It looks up three ranges and scans nothing."""
        place = sql_text(location).rstrip("/")
        yield from self.execute(f"{statement} AND {column} = ?", place)
        for first, after in ((place + "/", place + "0"), (place + "#", place + "$")):
            yield from self.execute(f"{statement} AND {column} >= ? AND {column} < ?", first, after)


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


def sql_text(text: str) -> str:
    """Return `text` with lone surrogates, which databases refuse, as `\\udXXX`; inside JSON that is the same string."""
    return text.encode("utf-8", "backslashreplace").decode()
