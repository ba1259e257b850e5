"""A connection to a SQLite file with a checksum in every row, whose errors are raised as ours.

The store is in such a file: WAL, synchronous=FULL, one transaction per batch. With `synchronous=NORMAL`, 11 of 14
simulated power cuts lost committed batches; with FULL, none did.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.errors import (
    MIGRATE_HINT,
    ArchiveError,
    NewerArchive,
    OlderArchive,
    SearchkitError,
    TryAgain,
    from_sqlite,
    interruptible,
)
from searchkit.files import harden, storage_error
from searchkit.store.connection import REPAIR_HINT, Connection
from searchkit.store.tables import CREATE, FUNCTION, PAGE_BYTES, STORE_VERSION, row_checksum

# A reader waits this long for a writer's checkpoint; writers exclude each other by the archive's lock.
_BUSY_SECONDS = 10.0
# The hashes of near-duplicates lie all over the file. With the default of 2,000, placing the 40,000th document takes
# twice as long.
_CACHE_KIBIBYTES = 32_000
# What SQLite raises. For a damaged file, the error message itself may not be decodable.
ERRORS = (sqlite3.Error, UnicodeError)
# SQLite's errors if it cannot create the shared memory that readers of a log need.
_NO_SHARED_MEMORY = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_DIRECTORY"})
# How long an erasure waits for a reader, which keeps the old state of the file.
_PATIENCE_MILLISECONDS = 30_000
_IN_ADDRESSES = str.maketrans({"%": "%25", "?": "%3f", "#": "%23"})


class _Cursor(sqlite3.Cursor):
    """A cursor that also translates errors from fetching later rows."""

    translated: Callable[[Exception], SearchkitError]

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except ERRORS as error:
            raise self.translated(error) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except ERRORS as error:
            raise self.translated(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except ERRORS as error:
            raise self.translated(error) from error


class Database(Struct, frozen=True, kw_only=True):
    """A kind of database: how messages call it, the version of its format, the script that creates its tables, the
    modes of PRAGMA journal_mode and synchronous, and what to do if the file is missing, older, or damaged."""

    called: str
    version: int
    create: str
    journal: str
    synchronous: str
    missing_hint: str
    older_hint: str
    repair_hint: str


STORE_DATABASE = Database(
    called="store",
    version=STORE_VERSION,
    create=CREATE,
    journal="WAL",
    synchronous="FULL",
    missing_hint="Restore a backup: searchkit restore DIR",
    older_hint=MIGRATE_HINT,
    repair_hint=REPAIR_HINT,
)


class SqliteConnection(Connection):
    """The file at `path`, read-only unless `writable`; only then a missing file is created.

    The first change opens a transaction, which `commit` or `rollback` closes.
    Raises ArchiveError if the file is missing or of another kind, NewerArchive or OlderArchive if another version wrote
    it.
    """

    def __init__(self, path: Path, *, writable: bool, database: Database = STORE_DATABASE) -> None:
        self._path = path
        self._database = database
        self._is_writable = writable
        self._version: int | None = None  # of the data behind `_columns`
        self._columns: dict[str, list[Any]] = {}
        try:
            self._connection = self._connect(writable=writable)
        except ERRORS as error:
            raise self._translated(error) from error
        except OSError as error:
            raise storage_error(path, error) from error
        try:
            self._prepare(writable=writable)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, ERRORS):
                raise self._translated(error) from error
            raise

    def _connect(self, *, writable: bool) -> sqlite3.Connection:
        if writable:
            self._path.touch(mode=0o600)  # SQLite gives its side files the same mode
            return sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level="IMMEDIATE")
        if not self._path.is_file():
            what = f"The {self._database.called} {self._path}"
            raise ArchiveError(f"{what} is missing.", hint=self._database.missing_hint)
        return open_read_only(self._path)

    def _prepare(self, *, writable: bool) -> None:
        database, what = self._database, f"The {self._database.called} {self._path}"
        version = int(self.scalar("PRAGMA user_version"))
        if version > database.version:
            raise NewerArchive(
                f"{what} has version {version}; this searchkit supports up to {database.version}.",
                hint="Upgrade searchkit.",
            )
        if 0 < version < database.version:
            raise OlderArchive(
                f"{what} was made by an earlier searchkit (version {version}; this one reads {database.version}).",
                hint=database.older_hint,
            )
        harden(self._connection, database.create)
        if writable:
            self._connection.create_function(FUNCTION, -1, interruptible(row_checksum), deterministic=True)
            self._connection.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a new file
            self._connection.execute(f"PRAGMA cache_size={-_CACHE_KIBIBYTES}")
            self._connection.execute(f"PRAGMA journal_mode={database.journal}")
            self._connection.execute(f"PRAGMA synchronous={database.synchronous}")
            if version == 0:
                self._connection.executescript(
                    f"BEGIN IMMEDIATE; {database.create} PRAGMA user_version={database.version}; COMMIT;"
                )
        elif version == 0:
            raise ArchiveError(f"{what} is empty.", hint=database.missing_hint)

    def _translated(self, error: Exception) -> SearchkitError:
        return from_sqlite(
            error,
            self._path,
            called=f"The {self._database.called}",
            kind=f"searchkit {self._database.called}",
            kept="committed",
            repair_hint=self._database.repair_hint,
        )

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            cursor = self._connection.cursor(_Cursor)
            cursor.translated = self._translated
            return cursor.execute(statement, values)
        except ERRORS as error:
            raise self._translated(error) from error

    def execute_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except ERRORS as error:
            raise self._translated(error) from error

    def insert_row(self, statement: str, *values: object) -> int:
        return self.execute(statement, *values).lastrowid or 0

    def cached_column(self, statement: str) -> list[Any]:
        if self._is_writable:  # its own changes do not count as a new version
            return self.column(statement)
        version = self.scalar("PRAGMA data_version")
        if version != self._version:
            self._columns.clear()
            self._version = version
        found = self._columns.get(statement)
        if found is None:
            found = self._columns[statement] = self.column(statement)
        return found

    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        return self.execute(statement, *values)

    def row_checksum(self, table: str, *values: Any) -> int:
        return row_checksum(table, *values)

    def begin(self) -> None:
        if not self._connection.in_transaction:
            self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self._connection.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self.rollback()
        self._connection.close()

    def overwrite_deleted(self) -> None:
        self.execute("PRAGMA secure_delete = ON")

    def compact(self) -> None:
        self.commit()
        self.execute("VACUUM")
        self.execute(f"PRAGMA busy_timeout = {_PATIENCE_MILLISECONDS}")
        if self.scalar("PRAGMA wal_checkpoint(TRUNCATE)"):
            raise TryAgain(
                "Another process is reading the store and keeps its old state.",
                hint="Run `searchkit forget` again when it is done.",
            )


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a database for reading. Raises ArchiveError if its newest changes cannot be read in a read-only folder."""
    # Path.as_uri would load urllib.parse; these are the characters that SQLite interprets.
    address = f"file:{str(path.absolute()).translate(_IN_ADDRESSES)}"
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except ERRORS as error:
        connection.close()
        if getattr(error, "sqlite_errorname", "") not in _NO_SHARED_MEMORY:
            raise
        # In a read-only folder, SQLite cannot create the shared memory of its log. Without a log it needs none.
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise ArchiveError(
                f"The newest changes of {path} are in {log.name}. Reading them needs write access to the folder.",
                hint="Run any command once as a user with write access, for example: searchkit status",
            ) from error
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    return connection
