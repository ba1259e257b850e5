"""The tables of the frontier, and the steps from each version of them to the next. A new frontier takes all steps."""

import sqlite3
import zlib

_VERSION_1 = """
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
    walked TEXT NOT NULL,
    leads_on INTEGER NOT NULL,
    leased_until REAL NOT NULL DEFAULT 0
);
CREATE INDEX pages_due ON pages (source, host, due_at) WHERE state NOT IN ('fetched', 'alias') AND leased_until = 0;
CREATE INDEX pages_unsettled ON pages (source) WHERE state = 'fetched';
CREATE INDEX pages_leased ON pages (leased_until) WHERE leased_until > 0;
CREATE INDEX pages_final ON pages (final_url) WHERE final_url <> '';
CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    next_at REAL NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    fetched_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE fetches (
    number INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    redirects TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    fetched_at REAL NOT NULL,
    digest TEXT NOT NULL
);
CREATE INDEX fetches_url ON fetches (url);
"""
# Version 1 made aliases of pages that had been had, and never asked for them again: now each is looked at anew.
_VERSION_2 = """
ALTER TABLE pages ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN astray_at REAL NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN troubles INTEGER NOT NULL DEFAULT 0;
CREATE INDEX pages_untold ON pages (source) WHERE untold = 1;
UPDATE pages SET state = 'settled', final_url = '', validators = '{}', due_at = 0
    WHERE state = 'alias' AND changed_at > 0;
"""
_NAMES = {
    "pages": (
        "url, host, source, role, depth, priority, state, due_at, tries, validators, digest, media_type, charset, "
        "fetched_at, changed_at, first_seen, status, reason, final_url, hint, walked, leads_on, leased_until, "
        "untold, moved, astray_at"
    ),
    "hosts": "name, next_at, reason, troubles",
    "robots": "origin, text, fetched_at",
    "fetches": "number, url, final_url, redirects, status, headers, fetched_at, digest",
}
# Each row has a checksum, which SQLite computes as it is written; `searchkit check --full` looks at it.
_SEALED = {
    table: f"seal INTEGER NOT NULL GENERATED ALWAYS AS (seal('{table}', {names})) STORED"
    for table, names in _NAMES.items()
}
_SEALED_TABLES = f"""
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
    walked TEXT NOT NULL,
    leads_on INTEGER NOT NULL,
    leased_until REAL NOT NULL DEFAULT 0,
    untold INTEGER NOT NULL DEFAULT 0,
    moved INTEGER NOT NULL DEFAULT 0,
    astray_at REAL NOT NULL DEFAULT 0,
    {_SEALED["pages"]}
);
CREATE INDEX pages_due ON pages (source, host, due_at) WHERE state NOT IN ('fetched', 'alias') AND leased_until = 0;
CREATE INDEX pages_unsettled ON pages (source) WHERE state = 'fetched';
CREATE INDEX pages_leased ON pages (leased_until) WHERE leased_until > 0;
CREATE INDEX pages_final ON pages (final_url) WHERE final_url <> '';
CREATE INDEX pages_untold ON pages (source) WHERE untold = 1;
CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    next_at REAL NOT NULL,
    reason TEXT NOT NULL,
    troubles INTEGER NOT NULL DEFAULT 0,
    {_SEALED["hosts"]}
) WITHOUT ROWID;
CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    fetched_at REAL NOT NULL,
    {_SEALED["robots"]}
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
    {_SEALED["fetches"]}
);
CREATE INDEX fetches_url ON fetches (url);
"""
# The order in which pages were found is that of their rowids.
_ORDER = {"pages": "rowid", "hosts": "name", "robots": "origin", "fetches": "number"}
_COPIED = {
    table: f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}_before ORDER BY {_ORDER[table]};"  # noqa: S608 - our own names
    for table, names in _NAMES.items()
}
_VERSION_3 = (
    "DROP INDEX pages_due; DROP INDEX pages_unsettled; DROP INDEX pages_leased; DROP INDEX pages_final;"
    "DROP INDEX pages_untold;"
    "DROP INDEX fetches_url;"
    + "".join(f"ALTER TABLE {table} RENAME TO {table}_before;" for table in _NAMES)
    + _SEALED_TABLES
    + "".join(f"{copied} DROP TABLE {table}_before;" for table, copied in _COPIED.items())
)
# Whether anything speaks of a body is asked when another takes its place.
_VERSION_4 = """
CREATE INDEX pages_digest ON pages (digest) WHERE digest <> '';
CREATE INDEX fetches_digest ON fetches (digest);
"""
# By version, what makes the next of it; raised by each step.
STEPS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)
FRONTIER_VERSION = len(STEPS)
SEALED_SINCE = 3


def seal(*values: object) -> int:
    """The checksum of the name of a table and the values of a row of it, as SQLite gives them."""
    return zlib.crc32(ascii(values).encode())


def bring_up(connection: sqlite3.Connection, version: int) -> None:
    """Take all steps from `version` (0: a new file) to the newest, or none. sqlite3.Error when that cannot be."""
    steps = "".join(STEPS[version:])
    connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version={FRONTIER_VERSION}; COMMIT;")
