"""Read the file of the frontier without a crawler: find all addresses and captures of a page, and erase it.

A redirect is followed forwards only if the same article was found there: others may lead to the front page of a site.
"""

import itertools
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from searchkit.crawl.web.frontier import ERRORS, prepare
from searchkit.errors import TryAgain, from_sqlite

# The third value: whether the article of the page moved there, and the address has none of its own.
_REDIRECTS = (
    "SELECT url, final_url, moved AND final_url NOT IN (SELECT url FROM pages WHERE changed_at > 0)"
    " FROM pages WHERE final_url NOT IN ('', url)"
)
# How long to wait for a reader, such as a backup.
_BUSY_SECONDS = 30.0
# Treat a page as if it had never been answered: nothing that came of it is left.
_RESET_PAGE = (
    "UPDATE pages SET walk_settings = '', digest = '', validators = '{}', "
    "state = CASE state WHEN 'fetched' THEN 'new' ELSE state END WHERE digest = ?"
)
# Texts that may name an erased page: why another page or a host was refused, and robots.txt, which is fetched again.
_TEXTS = (
    ("SELECT url, reason FROM pages WHERE reason <> ''", "UPDATE pages SET reason = '' WHERE url = ?"),
    ("SELECT name, reason FROM hosts WHERE reason <> ''", "UPDATE hosts SET reason = '' WHERE name = ?"),
    ("SELECT origin, text FROM robots", "DELETE FROM robots WHERE origin = ?"),
)


def leading_to(path: Path, addresses: Collection[str]) -> set[str]:
    """Return `addresses`, those that redirected to one of them or were its aliases, and those where its article
    moved."""
    pages = list(_read(path, _REDIRECTS))
    found = more = set(addresses)
    found |= {final for url, final, moved in pages if moved and url in found}
    while more:
        more = {url for url, final, _ in pages if final in more} - found
        found |= more
    return found


def led_to(path: Path, addresses: Collection[str]) -> set[str]:
    """Return the addresses to which pages with these addresses redirected."""
    return {final for url, final, _ in _read(path, _REDIRECTS) if url in addresses}


def addresses_known(path: Path) -> Iterator[str]:
    """Yield every address of a page."""
    return itertools.chain.from_iterable(_read(path, "SELECT url, final_url FROM pages"))


def captured_of(path: Path, addresses: Collection[str]) -> set[str]:
    """Return the digests of all captures of pages with these addresses."""
    pages = _read(path, "SELECT url, final_url, digest FROM pages UNION SELECT url, final_url, digest FROM fetches")
    return {digest for url, final, digest in pages if url in addresses or final in addresses} - {""}


def capture_digests(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each capture that the frontier names: its digest, and the address of a page."""
    both = "SELECT digest, url FROM pages UNION ALL SELECT digest, url FROM fetches"
    return _read(path, f"SELECT digest, max(url) FROM ({both}) WHERE digest <> '' GROUP BY digest")  # noqa: S608 - ours


def forget_pages(path: Path, addresses: Collection[str], digests: Collection[str]) -> None:
    """Remove the pages with these addresses, and every fetch that went through one of them or got one of the
    `digests`; then rewrite the file without free pages.

    Raises ArchiveError if the file is damaged, NewerArchive if a later version wrote it, StorageFull, and TryAgain if
    another process reads it.
    """
    if not path.exists():
        return
    with opened(path, writable=True) as connection:
        if not _has_tables(connection):
            return
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        _forget(connection, set(addresses), set(digests))
        connection.execute("COMMIT")
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise TryAgain(f"Another process is reading {path}.", hint="Then run `searchkit forget` again to finish.")


def _forget(connection: sqlite3.Connection, addresses: set[str], digests: set[str]) -> None:
    for url, final in connection.execute("SELECT url, final_url FROM pages").fetchall():
        if url in addresses or final in addresses:
            connection.execute("DELETE FROM pages WHERE url = ?", (url,))
    fetches = connection.execute("SELECT number, url, final_url, redirects, digest FROM fetches").fetchall()
    for number, url, final, redirects, digest in fetches:
        if digest in digests or addresses.intersection({url, final, *_listed(redirects)}):
            connection.execute("DELETE FROM fetches WHERE number = ?", (number,))
    for digest in digests:
        connection.execute(_RESET_PAGE, (digest,))
    for select, change in _TEXTS:
        for key, text in connection.execute(select).fetchall():
            if any(address in text for address in addresses):
                connection.execute(change, (key,))


def _listed(redirects: str) -> Iterable[str]:
    try:
        found = json.loads(redirects)
    except ValueError:
        return ()
    return [address for address in found if isinstance(address, str)] if isinstance(found, list) else ()


def _read(path: Path, statement: str) -> Iterator[Any]:
    if path.exists():
        with opened(path) as connection:
            yield from connection.execute(statement) if _has_tables(connection) else ()


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Return whether the frontier was made completely: a kill may leave a file without tables."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def opened(path: Path, *, writable: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a frontier. Raises ArchiveError if it is damaged or forged, NewerArchive if a later version wrote it."""
    mode = "rw" if writable else "ro"
    try:
        uri = f"{path.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            prepare(connection, path)
            yield connection
    except ERRORS as error:
        hint = "Save the readable rows: searchkit repair"
        raise from_sqlite(error, path, called="", kind="frontier", kept="fetched", repair_hint=hint) from error
