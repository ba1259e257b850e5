"""Plan an erasure: which documents go, under which addresses they are known, and which captures go with them."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from searchkit.archive.archive import Archive
from searchkit.crawl.web.erasure import addresses_known, captured_of, leading_to, led_to
from searchkit.document import Document, document_id

FRONTIER = "frontier.sqlite"


class Target(Struct, frozen=True, kw_only=True):
    """A document to erase. `digests` are those of all bytes it was ever made from. A page that never became a document
    has no title and no date."""

    id: str
    title: str = ""
    outlet: str = ""
    published: str = ""
    addresses: tuple[str, ...]
    digests: tuple[str, ...] = ()


class Copy(Struct, frozen=True, kw_only=True):
    """A document with the same text as the target `of`, under another address; it stays."""

    id: str
    title: str
    address: str
    of: str


class Plan(Struct, frozen=True, kw_only=True):
    """What to erase. `digests` are those of bytes that no remaining document was made from."""

    targets: tuple[Target, ...]
    digests: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of all targets."""
        return tuple(dict.fromkeys(address for target in self.targets for address in target.addresses))


def find_targets(archive: Archive, ids: Iterable[str], *, copies: bool) -> tuple[tuple[Target, ...], tuple[Copy, ...]]:
    """Return the documents with these ids and everything attached to them, and the copies of them that stay.

    With `copies`, the copies are targets too and none stays.
    """
    store = archive.records()
    documents = _with_members(archive, ids)
    copy_of: dict[str, str] = {}
    for document in documents.values():
        for other in store.erasure.copies(document.copies) if document.copies else ():
            if other not in documents:
                copy_of.setdefault(other, document.id)
    found = {other: copy for other in sorted(copy_of) if (copy := store.get(other)) is not None}
    if copies:
        documents |= _with_members(archive, found)
        found = {}
    return (
        tuple(_target(archive, document) for document in documents.values()),
        tuple(
            Copy(id=copy.id, title=copy.title or "", address=copy.canonical_url or copy.uri, of=copy_of[copy.id])
            for copy in found.values()
        ),
    )


def make_plan(archive: Archive, targets: tuple[Target, ...]) -> Plan:
    """Return the plan that erases `targets`: their captures go, except those that a remaining document needs."""
    ids = {target.id for target in targets}
    held = archive.records().erasure.bytes_held()
    digests = {digest for target in targets for digest in target.digests}
    digests |= {digest for document, digest in held if document in ids}
    needed = {digest for document, digest in held if document not in ids}
    return Plan(targets=targets, digests=tuple(sorted(digests - needed)))


def redirect_target(archive: Archive, addresses: Iterable[str]) -> Document | None:
    """Return the document that one of `addresses` redirected to, if there is one."""
    for address in sorted(led_to(archive.folder / FRONTIER, list(addresses))):
        document = archive.at(address) or archive.get(document_id(address))
        if document is not None:
            return document
    return None


def unread_page(archive: Archive, addresses: Sequence[str]) -> Target | None:
    """Return a page that is known but never became a document: not readable, or failed. None if nothing is known."""
    frontier, store = archive.folder / FRONTIER, archive.records()
    known = set(addresses_known(frontier))
    for address in addresses:
        if address in known or store.erasure.is_named(address):
            own = [other for other in sorted(leading_to(frontier, {address})) if store.known(other) is None]
            digests = captured_of(frontier, own)
            return Target(id=document_id(address), addresses=tuple(own), digests=tuple(sorted(digests)))
    return None


def _with_members(archive: Archive, ids: Iterable[str]) -> dict[str, Document]:
    """Return the documents that exist, each followed by its members: a message by its attachments."""
    store, found, wanted = archive.records(), dict[str, Document](), list(dict.fromkeys(ids))
    while wanted:
        document_id = wanted.pop(0)
        if document_id not in found and (document := store.get(document_id)) is not None:
            found[document_id] = document
            wanted += [member for _, member in sorted(_members(archive, document).items()) if member]
    return found


def _members(archive: Archive, document: Document) -> dict[str, str]:
    """Return the ids of a document's members by address; the id is empty for a member that could not be read."""
    erasure = archive.records().erasure
    addresses = dict.fromkeys((document.uri, *erasure.addresses(document.id)))
    return {member: owner for address in addresses for member, owner in erasure.members(address).items()}


def _target(archive: Archive, document: Document) -> Target:
    store, frontier = archive.records(), archive.folder / FRONTIER
    earlier = (archive.revision(document.id, number) for number in range(1, document.revision))
    states = [document, *(state for state in earlier if state is not None)]
    addresses = {address for state in states for address in (state.uri, state.canonical_url) if address}
    addresses |= set(store.erasure.addresses(document.id))
    addresses |= {address for address, owner in _members(archive, document).items() if not owner}
    addresses = leading_to(frontier, addresses)

    def is_own(address: str) -> bool:
        other = document_id(address)
        known = store.known(address)
        is_free = known is None or known.document == document.id
        return is_free and (other == document.id or not store.get(other))

    digests = {state.raw_digest for state in states} | captured_of(frontier, addresses)
    return Target(
        id=document.id,
        title=document.title or "",
        outlet=document.outlet or "",
        published=document.published.value if document.published else "",
        addresses=tuple(filter(is_own, sorted(addresses))),
        digests=tuple(sorted(digests - {""})),
    )
