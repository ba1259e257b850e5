"""Find a document by the address that a user types."""

import re
from contextlib import suppress
from pathlib import Path

from searchkit.archive.archive import Archive
from searchkit.crawl.web.addresses import canonical
from searchkit.statements.document import Document, document_id

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:/{1,3}\S")


def addresses_of(name: str) -> tuple[str, ...]:
    """Return the addresses that a name may mean: as typed, in the crawler's canonical form, and as a file."""
    found = [name]
    with suppress(ValueError, OSError):
        found.append(canonical(name) if SCHEME.match(name) else Path(name).resolve().as_uri())
    return tuple(dict.fromkeys(found))


def document_at(archive: Archive, name: str) -> Document | None:
    """Return the document at one of the addresses that a name may mean; if there is none, the only page with such a
    canonical URL, or the first by id of those that files supply and that claim such an address."""
    addresses = addresses_of(name)
    found = (archive.at(address) or archive.get(document_id(address)) for address in addresses)
    document = next(filter(None, found), None)
    store = archive.store()
    claiming = (*store.addresses.naming(addresses), *store.claiming(addresses))
    return document or next(map(archive.get, claiming), None)
