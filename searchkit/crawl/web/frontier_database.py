"""The database of the frontier: a SQLite file with a checksum in each row, or what another package connects to.

WAL with `synchronous=NORMAL`: a power cut may lose the last commits, whose pages are fetched again.
"""

import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from searchkit.errors import MIGRATE_HINT
from searchkit.migrations import Schema, Step
from searchkit.sqlite import Connection, Database, SqliteConnection

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

REPAIR = "Run `searchkit repair` to recover what is intact."


def row_checksum(*values: object) -> int:
    """Return the checksum of a table's name and the values of a row, as SQLite passes them."""
    return zlib.crc32(ascii(values).encode())


SCHEMA = Schema(version=FRONTIER_VERSION, create=CREATE, row_checksum=row_checksum, steps=STEPS)


_DATABASE = Database(
    called="frontier",
    version=FRONTIER_VERSION,
    create=CREATE,
    row_checksum=row_checksum,
    page_bytes=4_096,
    may_be_empty=True,  # a kill may leave a file without tables
    journal="WAL",
    synchronous="NORMAL",
    kept="fetched",
    missing_hint=REPAIR,
    older_hint=MIGRATE_HINT,
    repair_hint=REPAIR,
)


class FrontierDatabase(Protocol):
    """Where a frontier is kept; `str` names it in messages."""

    def exists(self) -> bool:
        """Return whether its tables were made. NewerArchive if a later version made them."""

    def connect(self, *, writable: bool) -> Connection:
        """Open it; make its tables if they are missing and `writable`."""


class FrontierFile:
    """A frontier in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def exists(self) -> bool:
        """Return whether its tables were made."""
        if not self._path.exists():
            return False
        with closing(self.connect(writable=False)) as connection:
            return connection.version > 0

    def connect(self, *, writable: bool) -> SqliteConnection:
        """Open the file; create it if it is missing and `writable`. Errors as `SqliteConnection`."""
        return SqliteConnection(self._path, writable=writable, database=_DATABASE)


def frontier_database(place: Path | FrontierDatabase) -> FrontierDatabase:
    """Return the database of a frontier that is in a file or in what another package connects to."""
    return FrontierFile(place) if isinstance(place, Path) else place
