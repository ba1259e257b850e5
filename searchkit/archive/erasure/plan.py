"""What is to be forgotten: documents with all their names and traces, and the copies of them that would stay.

takes:    an open archive; ids, addresses
gives:    a plan: what leaves, by which traces it would be known, which of those documents that stay have as well
does not: change anything
traps:    words and titles that a document which stays has too are no traces; an address or an id always is one
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.archive.erasure.own_words import OwnWords, words_of
from searchkit.archive.erasure.traces import Sought, Trace, of_document
from searchkit.crawl.web.erasure import addresses_known, captured_of, leading_to, led_to
from searchkit.document import Document, document_id
from searchkit.index.analysis import exact_key

if TYPE_CHECKING:
    from searchkit.archive.archive import Archive
    from searchkit.store.erasure import StoredRow

FRONTIER = "frontier.sqlite"


class Leaving(Struct, frozen=True, kw_only=True):
    """A document that is to be forgotten. `digests` are those of all bytes it was ever made of. One that is not in the
    archive any more, and whose address is still known, has no title and no date."""

    id: str
    title: str = ""
    outlet: str = ""
    published: str = ""
    addresses: tuple[str, ...]
    digests: tuple[str, ...] = ()


class Copy(Struct, frozen=True, kw_only=True):
    """A document that holds the same text as one that leaves, under another address, and stays."""

    id: str
    title: str
    address: str
    of: str


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be done. `digests` are those of bytes that no document which stays was made of. `named_by` are, by
    trace, documents that stay and hold it: an address in their links. `longer` are addresses that stay and begin as one
    that leaves does. `words` are the documents that leave by words that none which stays has."""

    leaving: tuple[Leaving, ...]
    copies: tuple[Copy, ...] = ()
    traces: tuple[Trace, ...]
    named_by: Mapping[Trace, tuple[str, ...]] = field(default_factory=dict)
    digests: tuple[str, ...]
    longer: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of all that leaves."""
        return tuple(dict.fromkeys(address for one in self.leaving for address in one.addresses))


def leaving(archive: "Archive", ids: Iterable[str], *, copies: bool) -> tuple[tuple[Leaving, ...], tuple[Copy, ...]]:
    """The documents with these ids, what is attached to them and, if their `copies` are to go too, those; else the
    copies that stay."""
    store = archive.records()
    erasure = store.erasure
    documents = _with_members(archive, ids)
    same: dict[str, str] = {}
    for one in documents.values():
        for other in erasure.copies(one.copies) if one.copies else ():
            if other not in documents:
                same.setdefault(other, one.id)
    found = {one: document for one in sorted(same) if (document := store.get(one)) is not None}
    if copies:
        documents |= _with_members(archive, found)
        found = {}
    return (
        tuple(_leaving(archive, document) for document in documents.values()),
        tuple(
            Copy(id=one.id, title=one.title or "", address=one.canonical_url or one.uri, of=same[one.id])
            for one in found.values()
        ),
    )


def _with_members(archive: "Archive", ids: Iterable[str]) -> dict[str, Document]:
    """The documents that are there, each before what it holds: a message before what is attached to it."""
    store, found, wanted = archive.records(), dict[str, Document](), list(dict.fromkeys(ids))
    for one in wanted:  # grows meanwhile
        if one not in found and (document := store.get(one)) is not None:
            found[one] = document
            wanted += [member for _, member in sorted(_members(archive, document).items()) if member]
    return found


def _members(archive: "Archive", document: Document) -> dict[str, str]:
    """What the store knows of the parts of a document: documents by address, empty where a part is none."""
    erasure = archive.records().erasure
    addresses = dict.fromkeys((document.uri, *erasure.addresses(document.id)))
    return {address: owner for one in addresses for address, owner in erasure.members(one).items()}


def elsewhere(archive: "Archive", addresses: Iterable[str]) -> Document | None:
    """The document that stands where an address led to, redirected; that was not named, and may be the front of a
    site."""
    for address in sorted(led_to(archive.folder / FRONTIER, set(addresses))):
        document = archive.at(address) or archive.get(document_id(address))
        if document is not None:
            return document
    return None


def unread_page(archive: "Archive", addresses: Sequence[str]) -> Leaving | None:
    """What is known of a page that is no document: fetched and not read, or failed. None when nothing is."""
    frontier, store = archive.folder / FRONTIER, archive.records()
    known = addresses_known(frontier)
    for address in addresses:
        if address in known or store.erasure.is_named(address):
            every = leading_to(frontier, {address})
            own = [one for one in sorted(every) if store.erasure.owner(one) is None]
            digests = captured_of(frontier, own)
            return Leaving(id=document_id(address), addresses=tuple(own), digests=tuple(sorted(digests)))
    return None


def _leaving(archive: "Archive", document: Document) -> Leaving:
    store = archive.records()
    states = _states(archive, document)
    addresses = {one for state in states for one in (state.uri, state.canonical_url) if one}
    addresses |= set(store.erasure.addresses(document.id))
    # What is attached and could not be read has no document of its own.
    addresses |= {address for address, owner in _members(archive, document).items() if not owner}
    addresses = leading_to(archive.folder / FRONTIER, addresses)
    # An address where another document is now is that one's.
    own = [one for one in sorted(addresses) if store.erasure.owner(one) in {None, document.id}]
    digests = {state.raw_digest for state in states} | captured_of(archive.folder / FRONTIER, addresses)
    return Leaving(
        id=document.id,
        title=document.title or "",
        outlet=document.outlet or "",
        published=document.published.value if document.published else "",
        addresses=tuple(own),
        digests=tuple(sorted(digests - {""})),
    )


def _states(archive: "Archive", document: Document) -> list[Document]:
    """A document in all its revisions."""
    earlier = (archive.revision(document.id, number) for number in range(1, document.revision))
    return [document, *(state for state in earlier if state is not None)]


def plan(archive: "Archive", found: tuple[Leaving, ...], copies: tuple[Copy, ...] = ()) -> Plan:
    """Everything by which what leaves is known, and nothing that stays is. Reads the whole store."""
    store = archive.records()
    traces: list[Trace] = []
    by_word: dict[str, str] = {}
    for one in found:
        document = store.get(one.id)
        states = _states(archive, document) if document else []
        traces += of_document(
            one.id,
            addresses=one.addresses,
            titles=dict.fromkeys(state.title for state in states if state.title),
            texts=dict.fromkeys(state.text for state in states),
        )
        for word in words_of(text for state in states for text in (state.text, state.title, state.outlet) if text):
            by_word.setdefault(word, one.id)
    wanted, words = Sought(traces), OwnWords(by_word)
    staying = _Staying(wanted, words, {one.id for one in found})
    words.drop_shipped()
    wanted.learn(addresses_known(archive.folder / FRONTIER))
    staying.learn(source.source for source in store.sources())
    staying.learn(address for address, owner in store.erasure.every_address() if owner not in staying.leaving)
    for row in store.erasure.rows():
        staying.read(row)
    held = store.erasure.bytes_held()
    needed = {digest for owner, digest in held if owner not in staying.leaving}
    digests = {digest for one in found for digest in one.digests}
    digests |= {digest for owner, digest in held if owner in staying.leaving}
    own = tuple(
        replace(one, addresses=tuple(address for address in one.addresses if address not in staying.addresses))
        for one in found
    )
    return Plan(
        leaving=own,
        copies=copies,
        traces=tuple(trace for number, trace in enumerate(wanted.traces) if number not in staying.shared),
        named_by={
            wanted.traces[number]: tuple(sorted(ids))
            for number, ids in staying.named_by.items()
            if number not in staying.shared
        },
        digests=tuple(sorted(digests - needed)),
        longer=wanted.longer,
        words=words.by_word(),
    )


class _Staying:
    """What documents that stay have in common with those that leave."""

    def __init__(self, wanted: Sought, words: OwnWords, leaving: set[str]) -> None:
        self._wanted = wanted
        self._words = words
        self.leaving = leaving
        self.shared: set[int] = set()
        self.addresses: set[str] = set()
        self.named_by: dict[int, set[str]] = defaultdict(set)

    def learn(self, names: Iterable[str]) -> None:
        """Look at addresses and names that stay: their words are others'."""
        self._words.drop("\n".join(names).encode("utf-8", "backslashreplace"))

    def read(self, row: "StoredRow") -> None:
        """Look at one document or revision; of those that leave there is nothing to learn."""
        if row.document in self.leaving:
            return
        content = "\n".join((row.record, row.text, exact_key(row.text))).encode("utf-8", "backslashreplace")
        self._words.drop(content)
        found = self._wanted.within(content)
        for number in found:
            trace = self._wanted.traces[number]
            if trace.kind in {"title", "words"}:
                self.shared.add(number)
            elif trace.kind == "address" and self._is_its_own(trace.text, row.record):
                self.shared.add(number)
                self.addresses.add(trace.text)
            else:
                self.named_by[number].add(row.document)

    def _is_its_own(self, address: str, record: str) -> bool:
        try:
            stated = json.loads(record)
            return address in {stated.get("uri"), stated.get("canonical_url")}
        except (ValueError, AttributeError):  # damaged: whoever checks the store tells
            return False
