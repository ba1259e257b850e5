"""Erasure: what the frontier remembers of pages that are to be forgotten, and its file without a trace of them.

takes:    the file of the frontier, addresses
gives:    the other addresses that lead to those pages, what was captured of them; a file without them
does not: remove captures, fetch, make a frontier where there is none
traps:    a redirect is followed forwards only where the same article was found: others may lead to the front of a site
"""

import json
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

from searchkit.crawl.web.tables import FRONTIER_VERSION, seal
from searchkit.errors import NewerArchive, SearchkitError, TryAgain, from_sqlite

# A reader, such as a backup, is waited for this long.
_BUSY_SECONDS = 30.0
_MEND = "Save what is whole: searchkit repair"
# As if a page had never been answered: nobody has what came of it.
_LET_GO = (
    "UPDATE pages SET walked = '', digest = '', validators = '{}', "
    "state = CASE state WHEN 'fetched' THEN 'new' ELSE state END WHERE digest = ?"
)
# What may name a page elsewhere: why another one or a host was refused, and rules of a host, which are asked for anew.
_TEXTS = (
    ("SELECT url, reason FROM pages WHERE reason <> ''", "UPDATE pages SET reason = '' WHERE url = ?"),
    ("SELECT name, reason FROM hosts WHERE reason <> ''", "UPDATE hosts SET reason = '' WHERE name = ?"),
    ("SELECT origin, text FROM robots", "DELETE FROM robots WHERE origin = ?"),
)


def leading_to(path: Path, addresses: Collection[str]) -> set[str]:
    """The addresses of pages that led to one of `addresses`, redirected or as aliases, those where their articles have
    moved, and these themselves."""
    found = set(addresses)
    pages = _read(path, "SELECT url, final_url FROM pages WHERE final_url NOT IN ('', url)")
    # Frontiers of earlier versions do not know it.
    moved = (
        "SELECT url, final_url FROM pages WHERE moved AND final_url NOT IN (SELECT url FROM pages WHERE changed_at > 0)"
    )
    if _read(path, "SELECT name, '' FROM pragma_table_info('pages') WHERE name = 'moved'"):
        found |= {final for url, final in _read(path, moved) if url in found and final}
    more = found
    while more:
        more = {url for url, final in pages if final in more} - found
        found |= more
    return found


def led_to(path: Path, addresses: Collection[str]) -> set[str]:
    """Where pages with these addresses were found at last, other than there."""
    wanted = set(addresses)
    pages = _read(path, "SELECT url, final_url FROM pages WHERE final_url NOT IN ('', url)")
    return {final for url, final in pages if url in wanted}


def addresses_known(path: Path) -> set[str]:
    """Every address of a page."""
    return {address for row in _read(path, "SELECT url, final_url FROM pages") for address in row}


def captured_of(path: Path, addresses: Collection[str]) -> set[str]:
    """The digests of all that was captured of pages with these addresses."""
    wanted = set(addresses)
    pages = _read(path, "SELECT url, final_url, digest FROM pages UNION SELECT url, final_url, digest FROM fetches")
    return {digest for url, final, digest in pages if url in wanted or final in wanted} - {""}


def _read(path: Path, statement: str) -> list[tuple[str, ...]]:
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _check(connection, path)
            return connection.execute(statement).fetchall()
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def forget_pages(path: Path, addresses: Collection[str], digests: Collection[str] = ()) -> None:
    """Remove the pages with these addresses, all answers in which one of them had a part, and those with one of the
    `digests`. What was removed is overwritten.

    ArchiveError when the file is damaged, NewerArchive when a later version wrote it, StorageFull when the disk is
    full, TryAgain when another process reads it.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            _check(connection, path)
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            _forget(connection, set(addresses), set(digests))
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def compact(path: Path) -> None:
    """Write the file anew from what is in it. Errors as `forget_pages`."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            _check(connection, path)
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise TryAgain(f"Another process reads {path}.", hint="When it is done, `searchkit forget` goes on.")
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def _forget(connection: sqlite3.Connection, addresses: set[str], digests: set[str]) -> None:
    for url, final in connection.execute("SELECT url, final_url FROM pages").fetchall():
        if url in addresses or final in addresses:
            connection.execute("DELETE FROM pages WHERE url = ?", (url,))
    fetches = connection.execute("SELECT number, url, final_url, redirects, digest FROM fetches").fetchall()
    for number, url, final, redirects, digest in fetches:
        if digest in digests or addresses.intersection({url, final, *_listed(redirects)}):
            connection.execute("DELETE FROM fetches WHERE number = ?", (number,))
    for digest in digests:
        # A list of pages that is not kept any more is asked for and looked at again, and then let go of again.
        connection.execute(_LET_GO, (digest,))
    for select, change in _TEXTS:
        for key, text in connection.execute(select).fetchall():
            if any(address in text for address in addresses):
                connection.execute(change, (key,))


def _listed(redirects: str) -> Iterable[str]:
    try:
        found = json.loads(redirects)
    except ValueError:
        return ()
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else ()


def _check(connection: sqlite3.Connection, path: Path) -> None:
    connection.create_function("seal", -1, seal, deterministic=True)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > FRONTIER_VERSION:
        raise NewerArchive(
            f"{path} has version {version}; this searchkit reads up to {FRONTIER_VERSION}.", hint="Upgrade searchkit."
        )


def _translated(error: sqlite3.Error, path: Path) -> SearchkitError:
    return from_sqlite(error, path, called="", kind="frontier", kept="fetched", mend=_MEND)
