"""The database of the frontier: a SQLite file with a checksum in each row, or what another package connects to.

WAL with `synchronous=NORMAL`: a power cut may lose the last commits, whose pages are fetched again.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from searchkit.errors import (
    ArchiveError,
    NewerArchive,
    OlderArchive,
    SearchkitError,
    TryAgain,
    from_sqlite,
    interruptible,
)
from searchkit.files import harden
from searchkit.migrations import Schema, Step

FRONTIER_VERSION = 1
# From earlier versions, see migrations.py.
STEPS: Mapping[int, Step] = MappingProxyType({})

_TABLES = {
    "pages": """
        url TEXT PRIMARY KEY, host TEXT NOT NULL, source TEXT NOT NULL, role TEXT NOT NULL, depth INTEGER NOT NULL,
        priority INTEGER NOT NULL, state TEXT NOT NULL, due_at REAL NOT NULL, tries INTEGER NOT NULL,
        validators TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, charset TEXT NOT NULL,
        fetched_at REAL NOT NULL, changed_at REAL NOT NULL, first_seen REAL NOT NULL, status INTEGER NOT NULL,
        reason TEXT NOT NULL, final_url TEXT NOT NULL, hint TEXT NOT NULL, walk_settings TEXT NOT NULL,
        leads_on INTEGER NOT NULL, leased_until REAL NOT NULL DEFAULT 0, unreported INTEGER NOT NULL DEFAULT 0,
        moved INTEGER NOT NULL DEFAULT 0, elsewhere_since REAL NOT NULL DEFAULT 0
    """,
    "hosts": "name TEXT PRIMARY KEY, next_at REAL NOT NULL, reason TEXT NOT NULL, pauses INTEGER NOT NULL DEFAULT 0",
    "robots": "origin TEXT PRIMARY KEY, text TEXT NOT NULL, fetched_at REAL NOT NULL",
    "fetches": """
        number INTEGER PRIMARY KEY, url TEXT NOT NULL, final_url TEXT NOT NULL, redirects TEXT NOT NULL,
        status INTEGER NOT NULL, headers TEXT NOT NULL, fetched_at REAL NOT NULL, digest TEXT NOT NULL
    """,
}


def _create_table(name: str, columns: str) -> str:
    """Return the statement that creates a table. SQLite computes a checksum of each row when it writes the row."""
    names = ", ".join(column.split()[0] for column in columns.split(","))
    checksum = f"GENERATED ALWAYS AS (row_checksum('{name}', {names})) STORED"
    return f"CREATE TABLE {name} ({columns}, checksum INTEGER NOT NULL {checksum});"


CREATE = (
    "\n".join(_create_table(name, columns) for name, columns in _TABLES.items())
    + """
CREATE INDEX pages_due ON pages (source, host, due_at) WHERE state NOT IN ('fetched', 'alias') AND leased_until = 0;
CREATE INDEX pages_unsettled ON pages (source) WHERE state = 'fetched';
CREATE INDEX pages_leased ON pages (leased_until) WHERE leased_until > 0;
CREATE INDEX pages_final ON pages (final_url) WHERE final_url <> '';
CREATE INDEX pages_unreported ON pages (source) WHERE unreported = 1;
CREATE INDEX pages_digest ON pages (digest) WHERE digest <> '';
CREATE INDEX fetches_url ON fetches (url);
CREATE INDEX fetches_digest ON fetches (digest);
"""
)

# How long to wait for another process that reads, such as a backup.
_BUSY_SECONDS = 10.0
# With a damaged file, even the message may be undecodable.
ERRORS = (sqlite3.Error, UnicodeError)
REPAIR = "Run `searchkit repair` to recover what is intact."
_CHANGES = ("INSERT", "UPDATE", "DELETE")


def row_checksum(*values: object) -> int:
    """Return the checksum of a table's name and the values of a row, as SQLite passes them."""
    return zlib.crc32(ascii(values).encode())


SCHEMA = Schema(version=FRONTIER_VERSION, create=CREATE, row_checksum=row_checksum, steps=STEPS)


def prepare(connection: sqlite3.Connection, path: Path) -> int:
    """Define the checksum function; return the version of the file. NewerArchive and OlderArchive for another
    one."""
    connection.create_function("row_checksum", -1, interruptible(row_checksum), deterministic=True)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > FRONTIER_VERSION:
        raise NewerArchive(
            f"{path} has version {version}; this searchkit supports up to {FRONTIER_VERSION}.",
            hint="Upgrade searchkit.",
        )
    if 0 < version < FRONTIER_VERSION:
        raise OlderArchive(f"{path} was made by an earlier searchkit (version {version}).")
    harden(connection, CREATE)
    return version


class FrontierConnection(Protocol):
    """An open frontier. The first change opens a transaction."""

    def rows(self, statement: str, *values: object) -> list[Any]:
        """Run one statement; return its rows."""

    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a SELECT."""

    def commit(self) -> None:
        """Commit the open transaction."""

    def close(self) -> None:
        """Close the connection and discard the open transaction."""

    def overwrite_deleted(self) -> None:
        """From now on, overwrite deleted content."""

    def compact(self) -> None:
        """Commit, and rewrite the tables without deleted content. TryAgain if another process reads them."""


class FrontierDatabase(Protocol):
    """Where a frontier is kept; `str` names it in messages."""

    def exists(self) -> bool:
        """Return whether its tables were made. NewerArchive if a later version made them."""

    def connect(self, *, writable: bool) -> FrontierConnection:
        """Open it; make its tables if they are missing and `writable`."""


class FrontierFile:
    """A frontier in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def exists(self) -> bool:
        """Return whether its tables were made: a kill may leave a file without them."""
        if not self._path.exists():
            return False
        connection = _FileConnection(self._path, writable=False)
        try:
            return connection.version > 0
        finally:
            connection.close()

    def connect(self, *, writable: bool) -> "_FileConnection":
        """Open the file; create it if it is missing and `writable`.

        Raises ArchiveError if the file is damaged or not a frontier, NewerArchive if a later version wrote it,
        StorageFull if the disk is full."""
        return _FileConnection(self._path, writable=writable)


class _FileConnection:
    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        mode = "rwc" if writable else "ro"
        try:
            if writable:
                path.touch(mode=0o600)  # addresses reveal what somebody reads
            with ExitStack() as stack:
                uri = f"{path.absolute().as_uri()}?mode={mode}"
                self._connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
                stack.callback(self._connection.close)
                self.version = prepare(self._connection, path)
                if writable:
                    self._connection.execute("PRAGMA journal_mode=WAL")
                    self._connection.execute("PRAGMA synchronous=NORMAL")
                    if self.version == 0:
                        set_version = f"PRAGMA user_version={FRONTIER_VERSION}"
                        self._connection.executescript(f"BEGIN IMMEDIATE; {CREATE} {set_version}; COMMIT;")
                stack.pop_all()
        except OSError as error:
            raise ArchiveError(f"{path} cannot be written: {error.strerror}.", hint="Check its permissions.") from error
        except ERRORS as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> SearchkitError:
        return from_sqlite(error, self._path, called="", kind="frontier", kept="fetched", repair_hint=REPAIR)

    def rows(self, statement: str, *values: object) -> list[Any]:
        try:
            if statement.startswith(_CHANGES) and not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            return self._connection.execute(statement, values).fetchall()
        except ERRORS as error:
            raise self._translated(error) from error

    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._connection.execute(statement, values)
        except ERRORS as error:
            raise self._translated(error) from error

    def commit(self) -> None:
        if self._connection.in_transaction:
            self.rows("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def overwrite_deleted(self) -> None:
        self.rows("PRAGMA secure_delete = ON")

    def compact(self) -> None:
        self.commit()
        self.rows("VACUUM")
        if self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            raise TryAgain(
                f"Another process is reading {self._path}.", hint="Then run `searchkit forget` again to finish."
            )


def frontier_database(place: Path | FrontierDatabase) -> FrontierDatabase:
    """Return the database of a frontier that is in a file or in what another package connects to."""
    return FrontierFile(place) if isinstance(place, Path) else place
