"""A connection to an archive in PostgreSQL.

A statement outside a transaction sees the last commit. The first change opens a transaction. If the connection is
`ordered`, the transaction first waits for all others that are (an advisory lock, which ends with the transaction): they
follow each other as in SQLite, so the numbers of the change log are committed in their order and readers never skip
one. A process that pauses inside a transaction loses it after `_PAUSE`, so that others can go on, and its late commit
fails.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus

from searchkit.cluster.postgres import tables as pg_tables
from searchkit.cluster.postgres.address import Address
from searchkit.cluster.postgres.tables import CHANGES, Table, numbered_column, translated_statement
from searchkit.errors import ArchiveError, ConfigError, SearchkitError, StorageFull, TryAgain, UsageError
from searchkit.sqlite import Connection

_NOTHING_LOST = "what was not committed is discarded, nothing else is lost"
_PASSWORD = "Put the password into PGPASSWORD or the file ~/.pgpass (readable by you alone)."  # noqa: S105 - a hint
_AGAIN = f"Run the same command again when it is back; {_NOTHING_LOST}."
# What the server writes when it refuses a connection; libpq passes no code for these.
_REFUSALS: tuple[tuple[str, type[SearchkitError], str, str], ...] = (
    (r"too many clients|connection slots are reserved|too many connections", TryAgain, "has no free connection",
     "Try again later, or raise max_connections of the server."),
    (r"starting up|shutting down|in recovery mode|not yet accepting", TryAgain, "is starting or stopping", _AGAIN),
    (r"password authentication failed|no password supplied|empty password", ConfigError,
     "refuses the user or the password", _PASSWORD),
    (r'role "[^"]{0,100}" does not exist', ConfigError, "does not know this user", "Name the user before the @."),
    (r'database "[^"]{0,100}" does not exist', ConfigError, "has no such database",
     "Create it: createdb --encoding=UTF8 --template=template0 NAME"),
    (r"no pg_hba.conf entry|no encryption", ConfigError, "does not let this machine in",
     "Ask its administrator to add the machine to pg_hba.conf."),
    (r"server does not support SSL|certificate|SSL error|root\.crt|sslrootcert", ConfigError,
     "cannot be trusted: its connection is not secured by TLS with a certificate that this machine knows",
     "Set up TLS, name the authority with ?sslrootcert=FILE, or add ?sslmode=disable in a network that you trust."),
)  # fmt: skip
# By the first characters of the code (SQLSTATE) of a statement's error.
_STATES: tuple[tuple[str, type[SearchkitError], str, str], ...] = (
    ("53100", StorageFull, "has no space left", "Free some space and run the same command again."),
    ("53300", TryAgain, "has no free connection", "Try again later, or raise max_connections of the server."),
    ("53", TryAgain, "is out of resources", _AGAIN),
    ("57P01", TryAgain, "was shut down", _AGAIN),
    ("57", TryAgain, "was interrupted", _AGAIN),
    ("08", TryAgain, "was interrupted", _AGAIN),
    ("40", TryAgain, "was changed at the same time by another process", "Run the same command again."),
    ("55P03", TryAgain, "is busy: another process is writing", "Try again in a moment."),
    ("25P0", TryAgain, "ended a change that took too long", "Run the same command again."),
    ("25006", ArchiveError, "can only be read: it is a standby, or set so", "Name the server that accepts changes."),
    ("42501", ArchiveError, "refuses this user", "Let the owner grant the rights that docs/cluster.md lists."),
    ("54000", UsageError, "cannot hold a text that is this long", "Keep it in an archive without PostgreSQL."),
    ("58", ArchiveError, "has a fault of its disk", "Check the disk of the server."),
    ("XX", ArchiveError, "is damaged", "Check the disk of the server, and restore a backup if needed."),
)
_PREFIX = re.compile(r"^(?:connection (?:to server )?(?:failed|at [^:]{0,200}failed): ?){1,9}")


def translated(error: Exception, address: Address, *, connecting: bool = False) -> SearchkitError:
    """Return our error for one of psycopg."""
    what = f"The store {address}"
    state = getattr(error, "sqlstate", None) or ""
    for begin, kind, says, hint in _STATES:
        if state.startswith(begin):
            return kind(f"{what} {says}.", hint=hint)
    reason = _reason(error)
    if connecting or not state:
        for pattern, kind, says, hint in _REFUSALS:
            if re.search(pattern, reason):
                return kind(f"{what} {says}.", hint=hint)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state:
        verb = "cannot be reached" if connecting else "was interrupted"
        hint = (
            "Check that PostgreSQL runs there and that the address is right; nothing is lost." if connecting else _AGAIN
        )
        return TryAgain(f"{what} {verb}: {reason}.", hint=hint)
    return ArchiveError(
        f"{what} is damaged or not a searchkit store: {reason}.", hint="Find the damage: searchkit check"
    )


def _reason(error: Exception) -> str:
    """Return the first line of PostgreSQL's message, without what libpq puts before it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    reason = _PREFIX.sub("", lines[0]).strip()
    reason = re.sub(r"^connection to server (?:at|on socket) .{0,200}? failed: ", "", reason)
    return re.sub(r"^FATAL: +", "", reason).rstrip(".")[:200]


if TYPE_CHECKING:
    from psycopg.abc import Buffer

# Of generated columns (12), sha256 (11) and multiranges none is newer; older servers get no fixes any more.
MIN_SERVER = 13
# A lost machine or a broken network is noticed after a minute, in both directions.
_KEEPALIVE: Mapping[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 4,
    "tcp_user_timeout": 60_000,
}
_PAUSE = "2min"
# Workers prepare everything before a transaction, and wait for each other.
_PAUSE_OF_WORKER = "10s"
# How long a change waits for other changes, and an erasure for readers.
_LOCK_WAIT = "60s"
_PATIENCE = "30s"
_IS_LOCKED = (
    "SELECT 1 FROM pg_locks WHERE pid = ? AND locktype = 'advisory' AND granted "
    "AND (classid::bigint << 32) | objid::bigint = ?"
)
# More rows than these are read in steps.
_STEP = 500


class _WholeNumber(Loader):
    """Sums of integers are integers."""

    def load(self, data: "Buffer") -> int:
        return int(bytes(data))


class PostgresConnection(Connection):
    """An open `connection` to the archive at `address`, whose `tables` are read when they are needed.

    A reader connects again after an interruption; a writer's changes are lost with its connection. `lock_holder` is the
    number of the server's process that holds the writer's lock for this process, 0 if none does. With the number of a
    `worker` (claims.py), each transaction waits until no other process holds the writer's lock, and is committed only
    if the worker has not been removed.
    """

    longest_address = 2_000  # an entry of an index has at most 2,704 bytes, and some have a reason besides

    def __init__(
        self,
        address: Address,
        tables: Callable[[], Mapping[str, Table]],
        connection: "psycopg.Connection[Any]",
        *,
        writable: bool,
        ordered: bool,
        called: str,
        lock_holder: Callable[[], int] = lambda: 0,
        worker: int = 0,
    ) -> None:
        self._address = address
        self._tables = tables
        self._is_writable = writable
        self._is_ordered = ordered
        self._called = called
        self._lock_holder = lock_holder
        self._worker = worker
        self._translate = lru_cache(maxsize=500)(lambda statement: translated_statement(statement, tables))
        self._connection = connection
        if worker:
            self.execute(f"SET idle_in_transaction_session_timeout = '{_PAUSE_OF_WORKER}'")

    # --- statements --------------------------------------------------------------------------------------------------

    def execute(self, statement: str, *values: object) -> "psycopg.Cursor[Any]":
        return self._run(self._translate(statement), values, changes=statement.startswith(CHANGES))

    def _run(self, statement: str, values: Sequence[object], *, changes: bool) -> "psycopg.Cursor[Any]":
        if changes:
            self.begin()
        try:
            # With all rows: reading them asks nothing more.
            return self._connection.execute(statement, [*map(adapted, values)])
        except psycopg.Error as error:
            if not changes and not self._is_writable and self._connection.closed:
                # The server was restarted between two statements of a reader.
                self._connection = connected(self._address, self._called)
                return self._run(statement, values, changes=False)
            raise translated(error, self._address) from error

    def rows(self, statement: str, *values: object) -> list[Any]:
        cursor = self.execute(statement, *values)
        return cursor.fetchall() if cursor.description else []

    def execute_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        self.begin()
        with errors_as_ours(self._address):
            values = [[*map(adapted, row)] for row in rows]
            self._connection.cursor().executemany(self._translate(statement), values)

    def insert_row(self, statement: str, *values: object) -> int:
        returning = f"{self._translate(statement)} RETURNING {numbered_column(statement, self._tables())}"
        ((number,),) = self._run(returning, values, changes=True)
        return int(number)

    def cached_column(self, statement: str) -> list[Any]:
        return self.column(statement)  # to ask whether anything changed takes as long

    def stream(self, statement: str, *values: object) -> Iterator[Any]:
        with errors_as_ours(self._address):
            cursor = psycopg.RawServerCursor(self._connection, f"stream_{id(object())}", withhold=True)
            cursor.itersize = _STEP
            with cursor:
                cursor.execute(self._translate(statement), [*map(adapted, values)])
                yield from cursor

    def copy_rows(self, table: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table, faster than by statements."""
        self.begin()
        with (
            errors_as_ours(self._address),
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def last_number(self, table: str, column: str) -> int:
        """Return the last number that a table has given to a row, which may have been deleted."""
        name = f"pg_get_serial_sequence('{self._address.schema}.{table}', '{column}')"
        return int(self.scalar(f"SELECT coalesce(pg_sequence_last_value({name}::regclass), 0)"))

    def set_last_number(self, table: str, column: str, number: int) -> None:
        """Give the next row of a table the number after this one."""
        name = f"pg_get_serial_sequence('{self._address.schema}.{table}', '{column}')"
        self.execute(f"SELECT setval({name}, {max(number, 1)}, {number > 0})")

    def row_checksum(self, table: str, *values: Any) -> int:
        return pg_tables.checksum(table, *values)

    # --- transactions ------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        if self._connection.closed:
            raise TryAgain(
                f"The store {self._address} was interrupted.",
                hint="Run the same command again; what was not committed is discarded.",
            )
        if self._connection.info.transaction_status != TransactionStatus.IDLE:
            return
        if not self._is_writable:
            raise ArchiveError(f"The store {self._address} was opened for reading.")
        locks = ""
        if self._worker:
            locks += f"; SELECT pg_advisory_xact_lock_shared({lock_number(self._address, 'writer')})"
        if self._is_ordered:
            locks += f"; SELECT pg_advisory_xact_lock({lock_number(self._address, 'changes')})"
        with errors_as_ours(self._address):
            self._connection.execute(f"BEGIN{locks}")

    def shares_lock(self) -> bool:
        """Return whether no other process holds the writer's lock; then none takes it during this transaction."""
        lock = f"SELECT pg_try_advisory_xact_lock_shared({lock_number(self._address, 'writer')})"
        return bool(self.scalar(lock))

    def commit(self) -> None:
        if self._connection.closed:
            self.begin()
        status = self._connection.info.transaction_status
        if status == TransactionStatus.IDLE:
            return
        if status == TransactionStatus.INERROR:
            self.rollback()
            raise TryAgain(f"A change of the store {self._address} failed.", hint="Run the same command again.")
        self._refuse_without_lock()
        self._refuse_removed_worker()
        with errors_as_ours(self._address):
            self._connection.execute("COMMIT")

    def _refuse_without_lock(self) -> None:
        """Raise TryAgain if the writer's lock was lost since it was taken: another process may be writing."""
        holder = self._lock_holder()
        if holder and not self.scalar(_IS_LOCKED, holder, lock_number(self._address, "writer")):
            self.rollback()
            raise TryAgain(
                f"The store {self._address} was interrupted: the lock of this process ended.",
                hint="Run the same command again; what was not committed is discarded.",
            )

    def _refuse_removed_worker(self) -> None:
        """Raise TryAgain if other workers may have what this one had; otherwise lock its row until the commit."""
        if self._worker and not self.scalar("SELECT 1 FROM workers WHERE number = ? FOR KEY SHARE", self._worker):
            self.rollback()
            raise TryAgain(
                f"This worker was silent for too long, so others have its work in {self._address}.",
                hint="What it had not committed is discarded; it goes on with other work.",
            )

    def rollback(self) -> None:
        if not self._connection.closed and self._connection.info.transaction_status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):  # a lost connection has discarded it
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    # --- erasure -----------------------------------------------------------------------------------------------------

    def overwrite_deleted(self) -> None:
        """Do nothing: PostgreSQL keeps deleted rows until `compact`."""

    def compact(self) -> None:
        self.commit()
        with errors_as_ours(self._address):
            self._connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
            for name in self._tables():
                self._connection.execute(f"VACUUM (FULL, ANALYZE) {name}")
            self._connection.execute(f"SET lock_timeout = '{_LOCK_WAIT}'")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all statements of the block see one state of the database."""
        with errors_as_ours(self._address):
            self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self.rollback()


@contextmanager
def errors_as_ours(address: Address, *, connecting: bool = False) -> Iterator[None]:
    """Raise an error of psycopg in the block as `translated`."""
    try:
        yield
    except psycopg.Error as error:
        raise translated(error, address, connecting=connecting) from error


def connected(address: Address, called: str) -> "psycopg.Connection[Any]":
    """Return a connection of psycopg, with the settings that searchkit needs."""
    with errors_as_ours(address, connecting=True):
        connection: psycopg.Connection[Any] = psycopg.Connection.connect(
            autocommit=True,
            cursor_factory=psycopg.RawCursor,
            application_name=called.encode()[:63].decode("utf-8", "ignore"),
            client_encoding="UTF8",
            **_KEEPALIVE,
            **address.connection_parameters(),
        )
    try:
        _check_server(connection, address)
        connection.adapters.register_loader("numeric", _WholeNumber)
        connection.execute(
            f'SET search_path = "{address.schema}"; SET synchronous_commit = on; SET client_min_messages = warning; '
            f"SET lock_timeout = '{_LOCK_WAIT}'; SET idle_in_transaction_session_timeout = '{_PAUSE}'; "
            "SET statement_timeout = 0; SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; "
            "SET tcp_keepalives_count = 4; SET default_transaction_isolation = 'read committed'"
        )
    except BaseException as error:
        connection.close()
        if isinstance(error, psycopg.Error):
            raise translated(error, address) from error
        raise
    return connection


def _check_server(connection: "psycopg.Connection[Any]", address: Address) -> None:
    version = connection.info.server_version // 10_000
    if version < MIN_SERVER:
        raise ArchiveError(
            f"The store {address} is on PostgreSQL {version}; searchkit needs {MIN_SERVER} or later.",
            hint="Upgrade the server.",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ArchiveError(
            f"The database of the store {address} has the encoding {encoding}; searchkit needs UTF8.",
            hint="Create another: createdb --encoding=UTF8 --template=template0 NAME",
        )


def lock_number(address: Address, purpose: str) -> int:
    """Return the number of an advisory lock of this archive; those of one database share their numbers."""
    digest = sha256(f"searchkit {purpose} {address.schema}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def adapted(value: object) -> object:
    """Return a value as PostgreSQL stores it: it has no NUL in texts, and its booleans are no numbers."""
    if isinstance(value, bool):
        return int(value)
    return value.replace("\0", "\\x00") if isinstance(value, str) and "\0" in value else value
