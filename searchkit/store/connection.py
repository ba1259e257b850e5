"""A connection to the store's file: opened safely, brought up to the newest version, its errors in our words."""

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from searchkit.errors import ArchiveError, NewerArchive, SearchkitError, StorageFull, from_sqlite
from searchkit.store.row_checksums import FUNCTION, seal
from searchkit.store.tables import AS_EMPTY, INDEXES, SMALLER_SINCE, STEPS, STORE_VERSION

# A reader waits this long for a writer's checkpoint; writers exclude each other by the archive's lock.
_BUSY_SECONDS = 10.0
# What SQLite raises; of a damaged file its very message may be no text.
ERRORS = (sqlite3.Error, UnicodeError)
# What SQLite says when it cannot make the memory that readers of a log share.
NO_SHARED_MEMORY = frozenset({"SQLITE_CANTOPEN", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_DIRECTORY"})
MEND = "Save what is whole: searchkit repair"
_IN_ADDRESSES = str.maketrans({"%": "%25", "?": "%3f", "#": "%23"})


class _Cursor(sqlite3.Cursor):
    """Rows as SQLite gives them; damage that is met on the way to a later row is one of our errors too."""

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


class Connection:
    """The file at `path`. Read-only unless `writable`; a missing file is created, an older one renewed, only then.

    Raises ArchiveError when the file is missing or is no store of ours, NewerArchive when a later version wrote it.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        try:
            self._connection = self._connect(writable=writable)
        except ERRORS as error:
            raise self._translated(error) from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(
                    f"There is no room left to write {path}.", hint="Free some space and run the command again."
                ) from error
            raise ArchiveError(
                f"The store {path} cannot be written: {error.strerror}.", hint="Check its permissions."
            ) from error
        try:
            self._prepare(writable=writable)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, ERRORS):
                raise self._translated(error) from error
            raise

    def _connect(self, *, writable: bool) -> sqlite3.Connection:
        if writable:
            self._path.touch(mode=0o600)  # and what SQLite puts beside a file has its mode
            return sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        if not self._path.is_file():
            raise ArchiveError(f"The store {self._path} is missing.", hint="Restore a backup: searchkit restore DIR")
        # As Path.as_uri, which loads all of urllib.parse; these are the signs that mean something to SQLite.
        address = f"file:{str(self._path.absolute()).translate(_IN_ADDRESSES)}"
        connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except ERRORS as error:
            connection.close()
            if getattr(error, "sqlite_errorname", "") not in NO_SHARED_MEMORY:
                raise
            # In a folder we may not write to, WAL's shared memory cannot be made: read the file as it lies there. That
            # leaves out what only the log holds, which is acknowledged as well.
            log = self._path.with_name(f"{self._path.name}-wal")
            if log.exists() and log.stat().st_size:
                raise ArchiveError(
                    f"The newest of the store is in {log}, and can only be read by somebody who may write beside it.",
                    hint="Whoever may, asks anything once: searchkit status",
                ) from error
            connection = sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None)
        return connection

    def _prepare(self, *, writable: bool) -> None:
        self.version = version = int(self.one("PRAGMA user_version"))
        if version > STORE_VERSION:
            raise NewerArchive(
                f"The store {self._path} has version {version}; this searchkit reads up to {STORE_VERSION}.",
                hint="Upgrade searchkit.",
            )
        if writable:
            self._connection.create_function(FUNCTION, -1, seal, deterministic=True)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            if version < STORE_VERSION:
                # All steps or none, and then the version that they make.
                steps = "".join(STEPS[version:])
                self._connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version={STORE_VERSION}; COMMIT;")
                self.version = STORE_VERSION
                if 0 < version < SMALLER_SINCE:
                    with suppress(sqlite3.Error):  # a disk without room for it goes on with the larger file
                        self._connection.execute("VACUUM")
            self._connection.execute(INDEXES)
        elif version == 0:
            raise ArchiveError(f"The store {self._path} is empty.", hint="Restore a backup: searchkit restore DIR")
        elif version < STORE_VERSION:
            self._connection.executescript("PRAGMA temp_store = MEMORY;" + "".join(AS_EMPTY[version:]))

    def _translated(self, error: Exception) -> SearchkitError:
        return from_sqlite(
            error,
            self._path,
            called="The store",
            kind="searchkit store",
            kept="committed",
            mend=MEND,
        )

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement; what SQLite cannot do is raised as one of our errors."""
        try:
            cursor = self._connection.cursor(_Cursor)
            cursor.translated = self._translated
            return cursor.execute(statement, values)
        except ERRORS as error:
            raise self._translated(error) from error

    def execute_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Run one statement for each of `rows`."""
        try:
            self._connection.executemany(statement, rows)
        except ERRORS as error:
            raise self._translated(error) from error

    def one(self, statement: str, *values: object) -> Any:
        """The first value of the first row; None when there is none."""
        row = self.execute(statement, *values).fetchone()
        return row[0] if row else None

    def begin(self) -> None:
        """Open a transaction, if none is open."""
        if not self._connection.in_transaction:
            self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make everything pending durable."""
        if self._connection.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Forget everything pending."""
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Release the file; anything pending is forgotten."""
        self.rollback()
        self._connection.close()


def sql_text(text: str) -> str:
    """`text` with lone surrogates, which SQLite refuses, as `\\udXXX`; inside JSON that is the same string."""
    return text.encode("utf-8", "backslashreplace").decode()


def within(connection: Connection, statement: str, column: str, location: str) -> Iterator[Any]:
    """The rows of a statement, which has a WHERE, whose address in `column` lies within `location` (base.py says what
    that means). Three ranges, no scan."""
    place = sql_text(location).rstrip("/")
    for first, after in ((place, place + "\0"), (place + "/", place + "0"), (place + "#", place + "$")):
        yield from connection.execute(f"{statement} AND {column} >= ? AND {column} < ?", first, after)
