"""An archive in a schema of a PostgreSQL database: create its tables, open it, and hold the writer's lock.

Several archives share a database, each in its own schema. The table `properties` has the version of each part: the
store, and what other packages keep there, such as the crawler's frontier.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg

from searchkit.cluster.postgres.address import Address, parse
from searchkit.cluster.postgres.connection import PostgresConnection, connected, errors_as_ours, lock_number
from searchkit.cluster.postgres.tables import FUNCTIONS, PROPERTIES, Table, tables_of
from searchkit.errors import ArchiveError, ArchiveLocked, NewerArchive, OlderArchive, SearchkitError, TryAgain
from searchkit.migrations import FORMER, Schema, refuse_unknown
from searchkit.store.base import REPAIR_HINT
from searchkit.store.checking import STORE_SCHEMA
from searchkit.store.tables import COLUMN

# A run records times, and those of several machines are compared.
MAX_SKEW_SECONDS = 120
_POLL = "200ms"
_IDENTITY = "identity"
_INDEX = re.compile(r"CREATE INDEX (\w{1,80})")
# Transactions of workers share the writer's lock, each for a moment.
_HOLDER = (
    "SELECT application_name, backend_start FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE granted AND locktype = 'advisory' AND mode = 'ExclusiveLock' "
    "AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (classid::bigint << 32) | objid::bigint = $1"
)


class PostgresDatabase:
    """A part of the archive at a URL: the tables of `schema`, which messages call the `name`. ConfigError for an
    invalid URL.

    The changes of the store are `ordered`; they may be those of a `worker` (see `PostgresConnection`)."""

    def __init__(
        self,
        url: str | Address,
        *,
        name: str = "store",
        schema: Schema = STORE_SCHEMA,
        ordered: bool = True,
        worker: int = 0,
    ) -> None:
        self.address = parse(url) if isinstance(url, str) else url
        self._name = name
        self.schema = schema
        self._is_ordered = ordered
        self._worker = worker
        self._exists = False
        self._lock_holder = 0

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name."""
        return tables_of(self.schema)

    def __str__(self) -> str:
        return f"The {self._name} {self.address}"

    def exists(self) -> bool:
        """Return whether the tables exist. ArchiveError if other tables are in their place, NewerArchive and
        OlderArchive for those of another version."""
        if not self._exists:
            with closing(connected(self.address, _called())) as connection:
                self._exists = self._version(connection) is not None
        return self._exists

    def connect(self, *, writable: bool) -> PostgresConnection:
        """Open the tables; create them if they are missing and `writable`. Errors as `exists`; TryAgain if the clock of
        this machine is wrong, because what it writes has times."""
        connection = connected(self.address, _called())
        try:
            self._prepare(connection, writable=writable)
        except BaseException:
            connection.close()
            raise
        return self._opened(connection, writable=writable)

    def _opened(self, connection: "psycopg.Connection[Any]", *, writable: bool) -> PostgresConnection:
        return PostgresConnection(
            self.address,
            lambda: self.tables,
            connection,
            writable=writable,
            ordered=self._is_ordered,
            called=_called(),
            lock_holder=lambda: self._lock_holder,
            worker=self._worker,
        )

    def _prepare(self, connection: "psycopg.Connection[Any]", *, writable: bool) -> None:
        version = self._version(connection)
        if version is None and not writable:
            raise ArchiveError(
                f"{self} does not exist yet.", hint="Add documents: searchkit index PATH, or restore a backup."
            )
        if writable:
            self._refuse_wrong_clock(connection)
        if version is None:
            self._create(connection)

    def read_text(self, name: str) -> str | None:
        """Return a text that is kept next to the tables; None if there is none."""
        with closing(connected(self.address, _called())) as connection:
            row = self._row(connection, f"SELECT value FROM {PROPERTIES} WHERE name = $1", name)  # noqa: S608 - ours
            return str(row[0]) if row else None

    def write_text(self, name: str, text: str) -> None:
        """Keep a text next to the tables, which exist, until they are dropped."""
        with closing(connected(self.address, _called())) as connection, errors_as_ours(self.address):
            connection.execute(
                f"INSERT INTO {PROPERTIES} VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",  # noqa: S608 - ours
                [name, text],
            )

    def identity(self, new: str = "") -> str:
        """Return the name of the store, which stays when its address changes: `new` if it has none yet."""
        if new and self.read_text(_IDENTITY) is None:
            add = f"INSERT INTO {PROPERTIES} VALUES ($1, $2) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
            with closing(connected(self.address, _called())) as connection, errors_as_ours(self.address):
                connection.execute(add, [_IDENTITY, new])
        return self.read_text(_IDENTITY) or ""

    def size(self) -> int:
        """Return the size of the tables with their indexes, in bytes."""
        with closing(connected(self.address, _called())) as connection:
            sizes = "SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) FROM unnest($1::text[]) AS name"
            return int(self._row(connection, sizes, [*self.tables])[0])

    def drop(self) -> None:
        """Remove the tables. The caller holds the writer's lock."""
        self._exists = False
        with (
            closing(connected(self.address, _called())) as connection,
            errors_as_ours(self.address),
            connection.transaction(),
        ):
            for name in self.tables:
                connection.execute(f"DROP TABLE IF EXISTS {name}")
            # The store goes last, and texts with it.
            names = "true" if self._name == "store" else "name = $1"
            connection.execute(
                f"DELETE FROM {PROPERTIES} WHERE {names}",  # noqa: S608 - ours
                [] if self._name == "store" else [self._name],
            )

    @contextmanager
    def locked(self, *, wait: float = 0.0, called: str = "") -> Iterator[None]:
        """Hold the writer's lock of the archive, an advisory lock of the server, for the block. It ends with its
        holder's connection.

        ArchiveLocked if another process holds it for longer than `wait` seconds."""
        number = lock_number(self.address, "writer")
        with closing(connected(self.address, _called(called))) as connection:
            deadline = time.monotonic() + wait
            while not self._take_lock(connection, number):
                if time.monotonic() >= deadline and (holder := self._holder(connection, number)):
                    raise ArchiveLocked(
                        f"The archive {self.address} is being written by {holder}.",
                        hint="Try again later, or wait for it with --wait SECONDS.",
                    )
            self._lock_holder = connection.info.backend_pid
            try:
                yield
            finally:
                self._lock_holder = 0
                with suppress(SearchkitError):  # the server does it when the connection ends, but not at once
                    self._row(connection, "SELECT pg_advisory_unlock($1)", number)

    def _take_lock(self, connection: "psycopg.Connection[Any]", number: int) -> bool:
        """Take the writer's lock; wait a moment in line, before the next transactions of workers."""
        with errors_as_ours(self.address):
            try:
                connection.execute(f"SET lock_timeout = '{_POLL}'; SELECT pg_advisory_lock({number})")
            except psycopg.errors.LockNotAvailable:
                return False
        return True

    def _holder(self, connection: "psycopg.Connection[Any]", number: int) -> str:
        """Return the process that holds the writer's lock; empty if none does."""
        row = self._row(connection, _HOLDER, number)
        if not row:
            return ""
        if not row[0]:
            return "another process"
        return f"{row[0]} since {row[1].astimezone(UTC).isoformat(timespec='seconds')}"

    def migrate(self) -> int:
        """Migrate the tables in one transaction; return the version that they had, 0 if there was nothing to do.

        The caller holds the writer's lock. Raises OlderArchive for a version without migration."""
        with closing(connected(self.address, _called())) as connection:
            version = self._found_version(connection) or self.schema.version
        if version >= self.schema.version:
            return 0
        refuse_unknown(str(self), version, self.schema)
        with closing(self._opened(connected(self.address, _called()), writable=True)) as writer:
            writer.begin()
            for number in range(version, self.schema.version):
                _apply_step(writer, self.schema, number)
            writer.rows(f"UPDATE {PROPERTIES} SET value = ? WHERE name = ?", str(self.schema.version), self._name)  # noqa: S608 - ours
            writer.commit()
        return version

    def _version(self, connection: "psycopg.Connection[Any]") -> int | None:
        """Return the version of the tables, which is that of the schema; None if there are none."""
        version, ours = self._found_version(connection), self.schema.version
        if version is not None and version > ours:
            raise NewerArchive(
                f"{self} has version {version}; this searchkit supports up to {ours}.", hint="Upgrade searchkit."
            )
        if version is not None and version < ours:
            raise OlderArchive(f"{self} was made by an earlier searchkit (version {version}; this one reads {ours}).")
        return version

    def _found_version(self, connection: "psycopg.Connection[Any]") -> int | None:
        """Return the version of the tables, whatever it is; None if there are none."""
        # One statement: another process may be making the tables.
        is_made, foreign = self._row(
            connection,
            "SELECT to_regclass($1) IS NOT NULL, (SELECT relname FROM pg_class WHERE "
            "relnamespace = to_regnamespace($2) AND relkind IN ('r', 'v') ORDER BY 1 LIMIT 1)",
            *(f'"{self.address.schema}".{PROPERTIES}', f'"{self.address.schema}"'),
        )
        if not is_made:
            if foreign:
                raise ArchiveError(
                    f'{self}: its schema has a table of another program, "{foreign}".',
                    hint="Name another schema with ?schema=NAME.",
                )
            return None
        row = self._row(connection, f"SELECT value FROM {PROPERTIES} WHERE name = $1", self._name)  # noqa: S608 - ours
        return int(row[0]) if row else None

    def _create(self, connection: "psycopg.Connection[Any]") -> None:
        with errors_as_ours(self.address), connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock($1)", [lock_number(self.address, "tables")])
            if self._version(connection) is not None:
                return  # another process has made them
            if self._row(connection, "SELECT to_regclass($1)", f'"{self.address.schema}".{PROPERTIES}')[0] is None:
                connection.execute(
                    f'CREATE SCHEMA IF NOT EXISTS "{self.address.schema}"; {FUNCTIONS}'
                    f'CREATE TABLE {PROPERTIES} (name TEXT COLLATE "C" PRIMARY KEY, value TEXT NOT NULL)'
                )
            connection.execute("".join(table.create() for table in self.tables.values()))
            connection.execute(
                f"INSERT INTO {PROPERTIES} VALUES ($1, $2)",  # noqa: S608 - ours
                [self._name, str(self.schema.version)],
            )

    def _refuse_wrong_clock(self, connection: "psycopg.Connection[Any]") -> None:
        (now,) = self._row(connection, "SELECT clock_timestamp()")
        skew = (datetime.now(UTC) - now).total_seconds()
        if abs(skew) > MAX_SKEW_SECONDS:
            direction = "ahead of" if skew > 0 else "behind"
            raise TryAgain(
                f"The clock of this machine is {abs(skew):,.0f} seconds {direction} that of the store {self.address}.",
                hint="Set both clocks, for example with NTP, and run the same command again.",
            )

    def _row(self, connection: "psycopg.Connection[Any]", statement: str, *values: object) -> Any:
        with errors_as_ours(self.address):
            return connection.execute(statement, values).fetchone()


def _called(command: str = "") -> str:
    """Return how the server names this process to others: it keeps 63 bytes."""
    return f"process {os.getpid()} on {os.uname().nodename}{f' ({command})' if command else ''}"


# --- migrations: the tables that change get another name, and their rows are copied ----------------------------------


def _apply_step(connection: PostgresConnection, schema: Schema, number: int) -> None:
    """Make version `number` + 1 in the open transaction. ArchiveError if a row is corrupt."""
    step = schema.steps[number]
    before, after = tables_of(schema.at(number)), tables_of(schema.at(number + 1))
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new and name not in step.former:
            continue
        if old is not None:
            _set_aside(connection, old)
        if new is not None:
            connection.rows(new.create())
        if old is not None and new is not None:
            values = step.values.get(name, {})
            names = (*new.names, *(["rowid"] if new.has_rowid else []))
            selected = ", ".join(values.get(column, column) for column in names)
            connection.rows(f"INSERT INTO {name} ({', '.join(names)}) SELECT {selected} FROM {FORMER}{name}")  # noqa: S608 - ours
            if numbered := new.numbered or ("rowid" if new.has_rowid else ""):
                connection.set_last_number(name, numbered, connection.last_number(FORMER + name, numbered))
        if old is not None:
            connection.rows(f"DROP TABLE {FORMER}{name}")
    if step.finish is not None:
        step.finish(connection.rows)


def _set_aside(connection: PostgresConnection, table: Table) -> None:
    """Rename a table without its indexes."""
    faulty = connection.scalar(f"SELECT count(*) FROM {table.name} WHERE {COLUMN} <> {table.checksum()}")  # noqa: S608 - ours
    if faulty:
        raise ArchiveError(f"{faulty:,} rows of the table {table.name} are corrupt.", hint=REPAIR_HINT)
    for index in table.indexes:
        connection.rows(f"DROP INDEX {_INDEX.findall(index)[0]}")
    connection.rows(f"ALTER TABLE {table.name} RENAME TO {FORMER}{table.name}")
