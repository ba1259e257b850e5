"""The tables of the frontier. Each row has a checksum, which SQLite computes when the row is written."""

import sqlite3
import zlib
from pathlib import Path

from searchkit.errors import NewerArchive

FRONTIER_VERSION = 1

_NAMES = {
    "pages": (
        "url, host, source, role, depth, priority, state, due_at, tries, validators, digest, media_type, charset, "
        "fetched_at, changed_at, first_seen, status, reason, final_url, hint, walk_settings, leads_on, leased_until, "
        "unreported, moved, elsewhere_since"
    ),
    "hosts": "name, next_at, reason, pauses",
    "robots": "origin, text, fetched_at",
    "fetches": "number, url, final_url, redirects, status, headers, fetched_at, digest",
}
_CHECKSUM = {
    table: f"checksum INTEGER NOT NULL GENERATED ALWAYS AS (row_checksum('{table}', {names})) STORED"
    for table, names in _NAMES.items()
}
CREATE = f"""
CREATE TABLE pages (
    url TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    role TEXT NOT NULL,
    depth INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL,
    due_at REAL NOT NULL,
    tries INTEGER NOT NULL,
    validators TEXT NOT NULL,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    charset TEXT NOT NULL,
    fetched_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    first_seen REAL NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    final_url TEXT NOT NULL,
    hint TEXT NOT NULL,
    walk_settings TEXT NOT NULL,
    leads_on INTEGER NOT NULL,
    leased_until REAL NOT NULL DEFAULT 0,
    unreported INTEGER NOT NULL DEFAULT 0,
    moved INTEGER NOT NULL DEFAULT 0,
    elsewhere_since REAL NOT NULL DEFAULT 0,
    {_CHECKSUM["pages"]}
);
CREATE INDEX pages_due ON pages (source, host, due_at) WHERE state NOT IN ('fetched', 'alias') AND leased_until = 0;
CREATE INDEX pages_unsettled ON pages (source) WHERE state = 'fetched';
CREATE INDEX pages_leased ON pages (leased_until) WHERE leased_until > 0;
CREATE INDEX pages_final ON pages (final_url) WHERE final_url <> '';
CREATE INDEX pages_unreported ON pages (source) WHERE unreported = 1;
CREATE INDEX pages_digest ON pages (digest) WHERE digest <> '';
CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    next_at REAL NOT NULL,
    reason TEXT NOT NULL,
    pauses INTEGER NOT NULL DEFAULT 0,
    {_CHECKSUM["hosts"]}
) WITHOUT ROWID;
CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    fetched_at REAL NOT NULL,
    {_CHECKSUM["robots"]}
) WITHOUT ROWID;
CREATE TABLE fetches (
    number INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    redirects TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    fetched_at REAL NOT NULL,
    digest TEXT NOT NULL,
    {_CHECKSUM["fetches"]}
);
CREATE INDEX fetches_url ON fetches (url);
CREATE INDEX fetches_digest ON fetches (digest);
"""


def row_checksum(*values: object) -> int:
    """Return the checksum of a table's name and the values of a row, as SQLite passes them."""
    return zlib.crc32(ascii(values).encode())


def prepare(connection: sqlite3.Connection, path: Path) -> int:
    """Define the checksum function; return the version of the file. Raise NewerArchive for a later version."""
    connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > FRONTIER_VERSION:
        raise NewerArchive(
            f"{path} has version {version}; this searchkit supports up to {FRONTIER_VERSION}.",
            hint="Upgrade searchkit.",
        )
    return version
