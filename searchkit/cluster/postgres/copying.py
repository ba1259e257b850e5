"""Copy an archive between SQLite files and PostgreSQL, and compare every row of the copy; check its tables there.

A digest is the SHA-256 of all rows, table by table, in the order of their keys. It is equal for equal rows, wherever
they are.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from searchkit.cluster.postgres.connection import PostgresConnection, adapted
from searchkit.cluster.postgres.database import PostgresDatabase
from searchkit.cluster.postgres.tables import TYPE_NAMES, Table
from searchkit.errors import ArchiveError, SearchkitError, UsageError, from_sqlite
from searchkit.migrations import Schema
from searchkit.sqlite import ERRORS, open_read_only
from searchkit.store.base import REPAIR_HINT
from searchkit.store.checking import corrupt_rows, create_database, orphaned_rows
from searchkit.store.tables import COLUMN


def copy_to_files(databases: Mapping[Path, PostgresDatabase]) -> None:
    """Copy the parts of an archive that exist into new SQLite files, all in one state.

    Raises ArchiveError if a copy differs, and the errors of both databases."""
    first = next(iter(databases.values()))
    with closing(first.connect(writable=False)) as connection:
        existing = {path: part for path, part in databases.items() if part.exists()}
        with connection.snapshot():
            for path, part in existing.items():
                wanted = _to_file(connection, part.tables, path, part.schema)
                _compare(digest_of_file(path, part.tables), wanted, part, path)


def copy_from_files(databases: Mapping[Path, PostgresDatabase]) -> None:
    """Copy SQLite files that exist into PostgreSQL, in one transaction. The first is the store.

    Raises UsageError if there is an archive already, ArchiveError if a copy differs, and the errors of both
    databases; then nothing is left there."""
    parts = {path: part for path, part in databases.items() if path.exists()}
    first = next(iter(databases.values()))
    with first.locked():
        for part in databases.values():
            if _is_filled(part):
                raise UsageError(
                    f"{part} exists already.", hint="Name another schema with ?schema=NAME, or remove this one."
                )
        try:
            for part in parts.values():
                part.connect(writable=True).close()
            with closing(first.connect(writable=True)) as connection:
                for path, part in parts.items():
                    wanted = _from_file(path, connection, part.tables)
                    _compare(digest(connection, part.tables), wanted, path, part)
                connection.commit()
        except BaseException:
            with suppress(SearchkitError):  # what is left are empty tables
                for part in parts.values():
                    part.drop()
            raise


def _is_filled(part: PostgresDatabase) -> bool:
    """Return whether a part has rows: a server that stopped during a restore has left empty tables."""
    if not part.exists():
        return False
    with closing(part.connect(writable=False)) as connection:
        return any(connection.scalar(f"SELECT 1 FROM {name} LIMIT 1") for name in part.tables)  # noqa: S608 - ours


def _compare(found: str, wanted: str, source: object, target: object) -> None:
    if found != wanted:
        raise ArchiveError(f"The copy of {source} in {target} differs from it.", hint="Check the disks, and try again.")


def digest(connection: PostgresConnection, tables: Mapping[str, Table]) -> str:
    """Return the digest of the rows in PostgreSQL."""
    return _digest_of(tables, connection.stream)


def digest_of_file(path: Path, tables: Mapping[str, Table]) -> str:
    """Return the digest of the rows in a SQLite file."""
    with _sqlite_errors(path), closing(open_read_only(path)) as connection:
        return _digest_of(tables, connection.execute)


def _digest_of(tables: Mapping[str, Table], read: Callable[[str], Iterable[Sequence[Any]]]) -> str:
    found = _Digest()
    for table in tables.values():
        for _ in found.through(table, read(_select(table))):
            pass
    return found.hexdigest()


class _Digest:
    def __init__(self) -> None:
        self._digest = sha256()
        self._encode = msgspec.msgpack.Encoder().encode

    def through(self, table: Table, rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        """Yield the rows of a table, as PostgreSQL stores them, and add each."""
        self._digest.update(self._encode(table.name))
        for row in rows:
            values = [*map(adapted, row)]
            self._digest.update(self._encode(values))
            yield values

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _names(table: Table) -> tuple[str, ...]:
    """Return the columns to copy: rows without a number keep their order."""
    return (*table.names, "rowid") if table.has_rowid else table.names


def _select(table: Table) -> str:
    return f"SELECT {', '.join(_names(table))} FROM {table.name} ORDER BY {', '.join(table.key)}"  # noqa: S608 - ours


def _to_file(connection: PostgresConnection, tables: Mapping[str, Table], path: Path, schema: Schema) -> str:
    """Copy tables into a new file; return the digest of what was read."""
    found = _Digest()
    with _sqlite_errors(path), closing(create_database(path, schema)) as into:
        into.execute("BEGIN")
        for table in tables.values():
            names = _names(table)
            insert = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - ours
            into.executemany(insert, found.through(table, connection.stream(_select(table))))
            if table.numbered and _counts_up(into, table):
                last = connection.last_number(table.name, table.numbered)
                into.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
                into.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, last))
        into.execute("COMMIT")
    return found.hexdigest()


def _from_file(path: Path, connection: PostgresConnection, tables: Mapping[str, Table]) -> str:
    """Copy the tables of a file; return the digest of what was read."""
    found = _Digest()
    with _sqlite_errors(path), closing(open_read_only(path)) as source:
        for table in tables.values():
            connection.copy_rows(table.name, _names(table), found.through(table, source.execute(_select(table))))
            counted = table.numbered or ("rowid" if table.has_rowid else "")
            if counted:
                last = source.execute(f"SELECT max({counted}) FROM {table.name}").fetchone()[0] or 0  # noqa: S608 - ours
                if table.numbered and _counts_up(source, table):
                    row = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).fetchone()
                    last = max(last, row[0] if row else 0)
                connection.set_last_number(table.name, counted, last)
    return found.hexdigest()


def _counts_up(connection: sqlite3.Connection, table: Table) -> bool:
    """Return whether the numbers of a table are never used again, even for deleted rows."""
    (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table.name,)).fetchone()
    return "AUTOINCREMENT" in made


@contextmanager
def _sqlite_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except ERRORS as error:
        raise from_sqlite(
            error, path, called="", kind="searchkit store", kept="committed", repair_hint=REPAIR_HINT
        ) from error


# --- checks -----------------------------------------------------------------------------------------------------------

_COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND table_name = ?"
)


def faults(database: PostgresDatabase, *, skip_tables: Collection[str] = ()) -> Iterator[str]:
    """Yield what is wrong with the tables, without checking the rows of `skip_tables`."""
    with closing(database.connect(writable=False)) as connection:
        for table in database.tables.values():
            found = dict(connection.rows(_COLUMNS, table.name))
            if found != _declared(table):
                yield f"does not have the tables of version {database.schema.version}: {table.name}"
            elif table.name not in skip_tables:
                names = ", ".join((*table.names, COLUMN))
                rows = connection.stream(f"SELECT {names} FROM {table.name}")  # noqa: S608 - ours
                yield from corrupt_rows(table.name, rows, connection.row_checksum)


def orphans(database: PostgresDatabase) -> Iterator[str]:
    """Yield the rows of a store that refer to missing rows."""
    with closing(database.connect(writable=False)) as connection:
        connection.execute("SET work_mem = '256MB'")  # so that a list of all documents is looked up, not searched
        yield from orphaned_rows(connection.rows)


def _declared(table: Table) -> dict[str, str]:
    columns = {column.name: TYPE_NAMES[column.kind] for column in table.columns}
    return {**columns, COLUMN: "bigint", **({"rowid": "bigint"} if table.has_rowid else {})}
