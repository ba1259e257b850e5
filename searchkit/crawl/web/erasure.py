"""Read the frontier without a crawler: find all addresses and captures of a page, and erase it.

A redirect is followed forwards only if the same article was found there: others may lead to the front page of a site.
"""

import itertools
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from searchkit.crawl.web.frontier_database import FrontierDatabase, frontier_database
from searchkit.sqlite import Connection

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
        if digest in digests or addresses.intersection({url, final, *_listed(redirects)}):
            connection.rows("DELETE FROM fetches WHERE number = ?", number)
    for digest in digests:
        connection.rows(_RESET_PAGE, digest)
    for select, change in _TEXTS:
        for key, text in connection.rows(select):
            if any(address in text for address in addresses):
                connection.rows(change, key)


def _listed(redirects: str) -> Iterable[str]:
    try:
        found = json.loads(redirects)
    except ValueError:
        return ()
    return [address for address in found if isinstance(address, str)] if isinstance(found, list) else ()


def _read(place: Path | FrontierDatabase, statement: str) -> Iterator[Any]:
    if frontier_database(place).exists():
        with opened(place) as connection:
            yield from connection.stream(statement)


@contextmanager
def opened(place: Path | FrontierDatabase, *, writable: bool = False) -> Iterator[Connection]:
    """Open a frontier. Errors as `FrontierFile.connect`."""
    with closing(frontier_database(place).connect(writable=writable)) as connection:
        yield connection
