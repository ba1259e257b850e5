"""Connections to databases: statements of SQL with marks `?` for values, transactions, rows as structs.

`SqliteConnection` connects to a SQLite file with a checksum in every row, cluster/postgres to PostgreSQL. They raise
the errors of their libraries as ours.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from searchkit import errors
from searchkit.files import harden, storage_error

_Row = TypeVar("_Row", bound=Struct)
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


def sql_text(text: str) -> str:
    """Return `text` with lone surrogates, which databases refuse, as `\\udXXX`; inside JSON that is the same string."""
    return text.encode("utf-8", "backslashreplace").decode()


# --- SQLite -----------------------------------------------------------------------------------------------------------


class _Cursor(sqlite3.Cursor):
    """A cursor that also translates errors from fetching later rows."""

    translated: Callable[[Exception], errors.SearchkitError]

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
    """A kind of database: how messages call it, the version of its format, the script that creates its tables, how the
    checksum of a row follows from its table and values, the modes of PRAGMA journal_mode and synchronous, what was done
    with the rows that it has, and what to do if the file is missing, older, or damaged."""

    called: str
    version: int
    create: str
    row_checksum: Callable[..., int] | None = None
    page_bytes: int = 8_192
    may_be_empty: bool = False
    journal: str
    synchronous: str
    kept: str = "committed"
    missing_hint: str
    older_hint: str
    repair_hint: str


class SqliteConnection(Connection):
    """The file at `path`, read-only unless `writable`; only then a missing file is created.

    The first change opens a transaction, which `commit` or `rollback` closes.
    Raises ArchiveError if the file is missing or of another kind, NewerArchive or OlderArchive if another version wrote
    it.
    """

    def __init__(self, path: Path, *, writable: bool, database: Database) -> None:
        self._path = path
        self._database = database
        self._is_writable = writable
        self.version = 0  # of the format; 0 for a file without tables
        self._data_version: int | None = None  # of the data behind `_columns`
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
            raise errors.ArchiveError(f"{what} is missing.", hint=self._database.missing_hint)
        return open_read_only(self._path)

    def _prepare(self, *, writable: bool) -> None:
        database, what = self._database, f"The {self._database.called} {self._path}"
        version = self.version = int(self.scalar("PRAGMA user_version"))
        if version > database.version:
            raise errors.NewerArchive(
                f"{what} has version {version}; this searchkit supports up to {database.version}.",
                hint="Upgrade searchkit.",
            )
        if 0 < version < database.version:
            raise errors.OlderArchive(
                f"{what} was made by an earlier searchkit (version {version}; this one reads {database.version}).",
                hint=database.older_hint,
            )
        harden(self._connection, database.create)
        if writable:
            if database.row_checksum is not None:
                checksum = errors.interruptible(database.row_checksum)
                self._connection.create_function("row_checksum", -1, checksum, deterministic=True)
            self._connection.execute(f"PRAGMA page_size={database.page_bytes}")  # of a new file
            self._connection.execute(f"PRAGMA cache_size={-_CACHE_KIBIBYTES}")
            self._connection.execute(f"PRAGMA journal_mode={database.journal}")
            self._connection.execute(f"PRAGMA synchronous={database.synchronous}")
            if version == 0:
                self._connection.executescript(
                    f"BEGIN IMMEDIATE; {database.create} PRAGMA user_version={database.version}; COMMIT;"
                )
        elif version == 0 and not database.may_be_empty:
            raise errors.ArchiveError(f"{what} is empty.", hint=database.missing_hint)

    def _translated(self, error: Exception) -> errors.SearchkitError:
        return errors.from_sqlite(
            error,
            self._path,
            called=f"The {self._database.called}",
            kind=f"searchkit {self._database.called}",
            kept=self._database.kept,
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
        if version != self._data_version:
            self._columns.clear()
            self._data_version = version
        found = self._columns.get(statement)
        if found is None:
            found = self._columns[statement] = self.column(statement)
        return found

    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        return self.execute(statement, *values)

    def row_checksum(self, table: str, *values: Any) -> int:
        return self._database.row_checksum(table, *values) if self._database.row_checksum is not None else 0

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
            raise errors.TryAgain(
                f"Another process is reading the {self._database.called} and keeps its old state.",
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
            raise errors.ArchiveError(
                f"The newest changes of {path} are in {log.name}. Reading them needs write access to the folder.",
                hint="Run any command once as a user with write access, for example: searchkit status",
            ) from error
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
    return connection
