"""The database of the frontier: a SQLite file with a checksum in each row, or what another package connects to; and
what is read from it without a crawler, and erased.

WAL with `synchronous=NORMAL`: a power cut may lose the last commits, whose pages are fetched again.
"""

import itertools
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from searchkit.errors import MIGRATE_HINT
from searchkit.files import sql_script
from searchkit.migrations import Schema, Step
from searchkit.sqlite import Connection, Database, SqliteConnection

FRONTIER_VERSION = 1
# From earlier versions, see migrations.py.
STEPS: Mapping[int, Step] = MappingProxyType({})

# SQLite computes the checksum of a row when it writes the row.
CREATE = sql_script(__file__, "frontier.sql")
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


# --- without a crawler: all addresses and captures of a page, and its erasure ----------------------------------------

# A redirect is followed forwards only if the same article was found there: others may lead to the front page of a site.
# The third value: whether the article of the page moved there, and the address has none of its own.
_REDIRECTS = (
    "SELECT url, final_url, moved = 1 AND final_url NOT IN (SELECT url FROM pages WHERE changed_at > 0)"
    " FROM pages WHERE final_url NOT IN ('', url)"
)
# Treat a page as if it had never been answered: nothing that came of it is left.
_RESET_PAGE = (
    "UPDATE pages SET walk_settings = '', digest = '', validators = '{}', "
    "state = CASE state WHEN 'fetched' THEN 'new' ELSE state END WHERE digest = ?"
)
_QUOTED = re.compile(r'"([^"]{1,9000})"')  # the addresses in a list of JSON
# Texts that may name an erased page: why another page or a host was refused, and robots.txt, which is fetched again.
_TEXTS = (
    ("SELECT url, reason FROM pages WHERE reason <> ''", "UPDATE pages SET reason = '' WHERE url = ?"),
    ("SELECT name, reason FROM hosts WHERE reason <> ''", "UPDATE hosts SET reason = '' WHERE name = ?"),
    ("SELECT origin, text FROM robots", "DELETE FROM robots WHERE origin = ?"),
)


def leading_to(place: Path | FrontierDatabase, addresses: Collection[str]) -> set[str]:
    """Return `addresses`, those that redirected to one of them or were its aliases, and those where its article
    moved."""
    pages = list(_read(place, _REDIRECTS))
    found = more = set(addresses)
    found |= {final for url, final, moved in pages if moved and url in found}
    while more:
        more = {url for url, final, _ in pages if final in more} - found
        found |= more
    return found


def led_to(place: Path | FrontierDatabase, addresses: Collection[str]) -> set[str]:
    """Return the addresses to which pages with these addresses redirected."""
    return {final for url, final, _ in _read(place, _REDIRECTS) if url in addresses}


def addresses_known(place: Path | FrontierDatabase) -> Iterator[str]:
    """Yield every address of a page."""
    return itertools.chain.from_iterable(_read(place, "SELECT url, final_url FROM pages"))


def captured_of(place: Path | FrontierDatabase, addresses: Collection[str]) -> set[str]:
    """Return the digests of all captures of pages with these addresses."""
    pages = _read(place, "SELECT url, final_url, digest FROM pages UNION SELECT url, final_url, digest FROM fetches")
    return {digest for url, final, digest in pages if url in addresses or final in addresses} - {""}


def capture_digests(place: Path | FrontierDatabase) -> Iterator[tuple[str, str]]:
    """Yield each capture that the frontier names: its digest, and the address of a page."""
    both = "SELECT digest, url FROM pages UNION ALL SELECT digest, url FROM fetches"
    return _read(place, f"SELECT digest, max(url) FROM ({both}) AS named WHERE digest <> '' GROUP BY digest")  # noqa: S608 - ours


def forget_pages(place: Path | FrontierDatabase, addresses: Collection[str], digests: Collection[str]) -> None:
    """Remove the pages with these addresses, and every fetch that went through one of them or got one of the
    `digests`; then rewrite the file without free pages.

    Raises ArchiveError if the file is damaged, NewerArchive if a later version wrote it, StorageFull, and TryAgain if
    another process reads it.
    """
    if not frontier_database(place).exists():
        return
    with opened(place, writable=True) as connection:
        connection.overwrite_deleted()
        _forget(connection, set(addresses), set(digests))
        connection.compact()


def _forget(connection: Connection, addresses: set[str], digests: set[str]) -> None:
    for url, final in connection.rows("SELECT url, final_url FROM pages"):
        if url in addresses or final in addresses:
            connection.rows("DELETE FROM pages WHERE url = ?", url)
    fetches = connection.rows("SELECT number, url, final_url, redirects, digest FROM fetches")
    for number, url, final, redirects, digest in fetches:
        if digest in digests or addresses.intersection({url, final, *_QUOTED.findall(redirects)}):
            connection.rows("DELETE FROM fetches WHERE number = ?", number)
    for digest in digests:
        connection.rows(_RESET_PAGE, digest)
    for select, change in _TEXTS:
        for key, text in connection.rows(select):
            if any(address in text for address in addresses):
                connection.rows(change, key)


def _read(place: Path | FrontierDatabase, statement: str) -> Iterator[Any]:
    if frontier_database(place).exists():
        with opened(place) as connection:
            yield from connection.stream(statement)


def opened(place: Path | FrontierDatabase, *, writable: bool = False) -> closing[Connection]:
    """Open a frontier for a `with` block. Errors as `FrontierFile.connect`."""
    return closing(frontier_database(place).connect(writable=writable))
