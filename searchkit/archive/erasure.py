"""Erase documents (`searchkit forget`): from the store, the index, the notes of users, the crawler's files, the log of
runs and the feeds of alerts. Erasure does not reach backups, exports, WARC files, sent digests, or the files and sites
that documents came from.

The plan is written to forgetting.json and synced before anything is removed. If a run is killed, the next run repeats
every step; each step may be repeated safely.
"""

import gzip
import html
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.folder import (
    CAPTURES,
    FORGETTING,
    FORGOTTEN,
    FRONTIER,
    LOCK,
    STORE,
    read_json,
    to_json_bytes,
    write_json,
)
from searchkit.archive.indexing import Indexing
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier_database import addresses_known, captured_of, forget_pages, leading_to, led_to
from searchkit.errors import ArchiveError, OtherVersion
from searchkit.files import storage_errors, sync, write_atomically
from searchkit.index.base import engine_names
from searchkit.notes import NOTES, NOTES_LOCK
from searchkit.notes.file import locked, recover
from searchkit.notes.file import read as read_notes
from searchkit.notes.file import write as write_notes
from searchkit.statements.document import Document, document_id
from searchkit.statements.text import redacted

_INTENT_VERSION = 1
_INTENT_NAME = "searchkit_forgetting"
_LOG = "runs.jsonl"
# Files that a killed writer leaves behind; no other process writes while we hold the lock.
_LEFTOVERS = ("*.tmp", "*.tmp-*", "saved/*.tmp", "watchlists/*.tmp")
# Files that `searchkit repair` sets aside. They may hold anything, so they are removed completely.
_SET_ASIDE = (f"{NOTES}.damaged-*", f"{STORE}.damaged-*", f"{FRONTIER}.damaged-*", f"{CAPTURES}/*/*.damaged-*")
_LARGEST_TEXT = 20_000_000
# Shorter paths and titles occur in pages that have nothing to do with the document.
_SHORTEST_MENTION = 5


class Target(Struct, frozen=True, kw_only=True):
    """A document to erase. `digests` are those of all bytes it was ever made from. A page that never became a document
    has no title and no date."""

    id: str
    title: str = ""
    outlet: str = ""
    published: str = ""
    addresses: tuple[str, ...]
    digests: tuple[str, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """What to erase. `digests` are those of bytes that no remaining document was made from."""

    targets: tuple[Target, ...]
    digests: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of all targets."""
        return tuple(dict.fromkeys(address for target in self.targets for address in target.addresses))


class Erased(Struct, frozen=True, kw_only=True):
    """How many documents were erased, the files of the user that still name one by id or address, and notes."""

    documents: int
    mentioned_in: tuple[str, ...]
    notes: tuple[str, ...] = ()


# --- plans -----------------------------------------------------------------------------------------------------------


def find_targets(
    archive: Archive, ids: Iterable[str], *, copies: bool
) -> tuple[tuple[Target, ...], tuple[tuple[Document, str], ...]]:
    """Return the documents with these ids and everything attached to them, and the copies of them that stay, each with
    the id of a target: texts like theirs, and texts that have or claim the same web address.

    With `copies`, the copies are targets too and none stays.
    """
    store = archive.store()
    documents = _with_members(archive, ids)
    copy_of: dict[str, str] = {}
    for document in documents.values():
        near = store.erasure.copies(document.copies) if document.copies else []
        for other in (*near, *archive.linked(document)):
            if other not in documents:
                copy_of.setdefault(other, document.id)
    if copies:
        documents |= _with_members(archive, sorted(copy_of))
        copy_of = {}
    targets = tuple(_target(archive, document, documents.keys()) for document in documents.values())
    return targets, tuple((copy, copy_of[copy.id]) for copy in map(store.get, sorted(copy_of)) if copy is not None)


def make_plan(archive: Archive, targets: tuple[Target, ...]) -> Plan:
    """Return the plan that erases `targets`: their captures go, except those that a remaining document needs."""
    ids = {target.id for target in targets}
    held = archive.store().erasure.bytes_held()
    digests = {digest for target in targets for digest in target.digests}
    digests |= {digest for document, digest in held if document in ids}
    needed = {digest for document, digest in held if document not in ids}
    return Plan(targets=targets, digests=tuple(sorted(digests - needed)))


def redirect_target(archive: Archive, addresses: Iterable[str]) -> Document | None:
    """Return the document that one of `addresses` redirected to, if there is one."""
    for address in sorted(led_to(archive.databases.frontier, list(addresses))):
        document = archive.at(address) or archive.get(document_id(address))
        if document is not None:
            return document
    return None


def unread_page(archive: Archive, addresses: Sequence[str]) -> Target | None:
    """Return a page that is known but never became a document: not readable, or failed. None if nothing is known."""
    frontier, store = archive.databases.frontier, archive.store()
    known = set(addresses_known(frontier))
    for address in addresses:
        if address in known or store.erasure.is_named(address):
            own = [other for other in sorted(leading_to(frontier, {address})) if store.known(other) is None]
            digests = captured_of(frontier, own)
            return Target(id=document_id(address), addresses=tuple(own), digests=tuple(sorted(digests)))
    return None


def _with_members(archive: Archive, ids: Iterable[str]) -> dict[str, Document]:
    """Return the documents that exist, each followed by its members: a message by its attachments."""
    store, found, wanted = archive.store(), dict[str, Document](), list(dict.fromkeys(ids))
    while wanted:
        document_id = wanted.pop(0)
        if document_id not in found and (document := store.get(document_id)) is not None:
            found[document_id] = document
            wanted += [member for _, member in sorted(_members(archive, document).items()) if member]
    return found


def _members(archive: Archive, document: Document) -> dict[str, str]:
    erasure = archive.store().erasure
    addresses = dict.fromkeys((document.uri, *erasure.addresses(document.id)))
    return {member: owner for address in addresses for member, owner in erasure.members(address).items()}


def _target(archive: Archive, document: Document, documents: Set[str]) -> Target:
    """Return a target among the `documents` to erase, with the addresses that lead to none that stays."""
    store, frontier = archive.store(), archive.databases.frontier
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
        is_claimed = address == document.claim and bool({*store.claiming([address])} - documents)
        is_claimed = is_claimed or (address == document.other_address and address not in store.addresses.of(document))
        return is_free and (other == document.id or not (store.get(other) or is_claimed))

    digests = {state.raw_digest for state in states} | captured_of(frontier, addresses)
    return Target(
        id=document.id,
        title=document.title or "",
        outlet=document.outlet or "",
        published=document.published.value if document.published else "",
        addresses=tuple(filter(is_own, sorted(addresses))),
        digests=tuple(sorted(digests - {""})),
    )


# --- erasing ---------------------------------------------------------------------------------------------------------


def forget(archive: Archive, plan: Plan, *, now: datetime) -> Erased:
    """Erase what `plan` names. The caller has held the archive (`Archive.held`) since before it made the plan.

    Raises ArchiveError, StorageFull or TryAgain; then the next run finishes the erasure. ArchiveLocked before anything
    is done if workers are alive, which may have what is to be erased.
    """
    archive.databases.refuse_workers()
    # Fail before anything is changed if the blocklist is damaged or the index cannot be updated.
    Blocklist.load(archive.folder)
    notes = archive.catch_up()
    write_json(archive.folder / FORGETTING, {_INTENT_NAME: _INTENT_VERSION, **msgspec.to_builtins(plan)})
    erased = _carry_out(archive, plan, now)
    return replace(erased, notes=(*notes, *erased.notes))


def finish(archive: Archive, *, now: datetime) -> Erased | None:
    """Finish an erasure that was cut short; None if there is none. Errors as `forget`."""
    plan = read_intent(archive.folder)
    if plan is None:
        return None
    archive.databases.refuse_workers()
    return _carry_out(archive, plan, now)


def read_intent(folder: Path) -> Plan | None:
    """Return the plan of an erasure that was cut short, or None. Errors as `read_json`."""
    path = folder / FORGETTING
    content = read_json(path, _INTENT_NAME, _INTENT_VERSION)
    try:
        return None if content is None else msgspec.convert(content, Plan)
    except msgspec.ValidationError as error:
        raise ArchiveError(f"{path} is damaged.", hint="Restore it from a backup.") from error


def files_set_aside(folder: Path) -> list[str]:
    """Return the damaged files that `searchkit repair` has set aside, as paths within the archive's folder."""
    return sorted({path.relative_to(folder).as_posix() for pattern in _SET_ASIDE for path in folder.glob(pattern)})


def _carry_out(archive: Archive, plan: Plan, now: datetime) -> Erased:
    folder = archive.folder
    ids = [target.id for target in plan.targets]
    titles = [target.title for target in plan.targets if target.title]
    addresses = (*plan.addresses, *map(redacted, plan.addresses))
    Blocklist.load(folder).add([{target.id, *target.addresses} for target in plan.targets])
    with archive.changing() as store:
        store.erasure.overwrite_deleted()
        for document_id in ids:
            if store.get(document_id) is not None:
                store.delete(document_id, now.isoformat(timespec="seconds"))
        store.erasure.remove_mentions(ids, plan.addresses, (*addresses, *titles))
        store.commit()
        kept = {digest for _, digest in store.erasure.bytes_held()}
    Indexing(archive).expunge()
    databases = archive.databases
    with storage_errors(folder):
        with locked(folder):  # its holder may be about to rename a new file of notes
            found = (path for pattern in (*_LEFTOVERS, *_SET_ASIDE) for path in folder.glob(pattern))
            captures = (databases.captures.glob(pattern) for pattern in ("*/.*", "*/*.damaged-*"))
            for path in itertools.chain(found, *captures):
                if path.is_file() and not path.is_symlink():
                    path.unlink()
            _clean_notes(folder, set(ids))
        archive.exchange_files(is_end=True)
        if databases.files is not None and databases.files.exists():
            with closing(databases.files.connect(writable=True)) as files:
                files.compact()
        paths = [urlsplit(address).path for address in plan.addresses if address.startswith("http")]
        listing = _Mentions((*ids, *addresses, *titles, *paths))
        digests = {*plan.digests, *_captures_with(databases.captures, listing, kept)}
        # First the rows, then the files: no row may name a capture that does not exist.
        forget_pages(databases.frontier, plan.addresses, digests)
        for path in map(Captures(databases.captures).path, digests):
            path.unlink(missing_ok=True)
            with suppress(OSError):  # the folder holds other captures
                path.parent.rmdir()
        _clean_log(folder / _LOG, _Mentions((*ids, *addresses, *titles)))
        _clean_feeds(folder, _Mentions(ids))
        with archive.changing() as store:
            store.erasure.compact(ids)
        mentioned_in = tuple(_files_with(folder, _Mentions((*ids, *addresses))))
        (folder / FORGETTING).unlink(missing_ok=True)
        sync(folder)
    return Erased(documents=len(ids), mentioned_in=mentioned_in, notes=archive.take_notes())


def _clean_notes(folder: Path, ids: Set[str]) -> None:
    """Remove the user's notes on the documents; of a damaged file, only its readable notes on others are kept."""
    try:
        notes = read_notes(folder)
    except OtherVersion:
        raise
    except ArchiveError:
        notes = recover(folder)
        write_notes(folder, notes)
    kept = notes.without(lambda note: note.document in ids)
    if len(kept) < len(notes):
        write_notes(folder, kept)


class _Mentions:
    """Finds texts in bytes, in any case, plain or escaped as in HTML and JSON."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._forms = {
            form.encode("utf-8", "backslashreplace").lower()
            for text in texts
            if len(text) >= _SHORTEST_MENTION
            for form in (text, html.escape(text), json.dumps(text)[1:-1])
        }

    def within(self, content: bytes) -> bool:
        content = content.lower()
        return any(form in content for form in self._forms)


def _captures_with(captures: Path, mentions: _Mentions, kept: set[str]) -> Iterator[str]:
    """Yield the captures that no remaining document was made from, such as feeds, and that mention a target. A damaged
    capture may mention anything."""
    for path in captures.glob("??/*.gz"):
        digest = path.name.removesuffix(".gz")
        if digest not in kept:
            try:
                mentioned = mentions.within(gzip.decompress(path.read_bytes()))
            except (gzip.BadGzipFile, EOFError, zlib.error):
                mentioned = True
            if mentioned:
                yield digest


def _clean_log(path: Path, mentions: _Mentions) -> None:
    """Remove from the log of runs the fields of each line that mention a target."""
    with suppress(FileNotFoundError):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [_clean_line(line, mentions) if mentions.within(line) else line for line in lines]
        if kept != lines:
            write_atomically(path, b"".join(kept))


def _clean_line(line: bytes, mentions: _Mentions) -> bytes:
    try:
        fields = json.loads(line).items()
    except (AttributeError, ValueError):
        return b""
    return to_json_bytes({name: value for name, value in fields if not mentions.within(to_json_bytes({name: value}))})


def _clean_feeds(folder: Path, mentions: _Mentions) -> None:
    for path in _small_files(folder.iterdir()):
        content = path.read_bytes()
        if content.startswith(b"<?xml") and b"http://www.w3.org/2005/Atom" in content[:4_096]:
            head, *entries = content.split(b"<entry>")
            kept = [head]
            for entry in entries:
                body, end, rest = entry.partition(b"</entry>")
                kept.append(rest.lstrip() if mentions.within(body) else b"<entry>" + body + end + rest)
            if (cleaned := b"".join(kept)) != content:
                write_atomically(path, cleaned)


def _files_with(folder: Path, mentions: _Mentions) -> Iterator[str]:
    """Yield the files that mention a target, except databases, captures, the index and our own lists."""
    own = {LOCK, NOTES_LOCK, FORGETTING, FORGOTTEN, CAPTURES, *engine_names()}
    for path in _small_files(sorted(folder.rglob("*"))):
        name = path.relative_to(folder)
        if (
            name.parts[0] not in own
            and not name.name.startswith((STORE, FRONTIER))
            and mentions.within(path.read_bytes())
        ):
            yield name.as_posix()


def _small_files(paths: Iterable[Path]) -> Iterator[Path]:
    return (path for path in paths if path.is_file() and path.stat().st_size <= _LARGEST_TEXT)
