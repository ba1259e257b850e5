"""Check an archive for corruption. It is only read, also while another process writes to it.

A quick check reads what the archive says of itself; a full check reads everything.
"""

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.archive import histories_sync
from searchkit.archive.blocklist import RESTORE_HINT, Blocklist, reappeared
from searchkit.archive.databases import checks_of, databases_of
from searchkit.archive.erasure import read_intent
from searchkit.archive.folder import (
    CAPTURES,
    FORGETTING,
    FORGOTTEN,
    FRONTIER,
    HISTORIES,
    MARKER,
    STORE,
    Finding,
    read_marker,
)
from searchkit.archive.status import outdated_documents
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier_database import SCHEMA as FRONTIER_SCHEMA
from searchkit.crawl.web.frontier_database import capture_digests
from searchkit.errors import ArchiveError, ConfigError, DamagedIndex, OtherVersion, SearchkitError, TryAgain
from searchkit.index import generations
from searchkit.index.base import Index, engine_scheme, is_embedded, open_index
from searchkit.index.rows import source_checksum
from searchkit.names import aliases
from searchkit.names import folder as names_folder
from searchkit.notes import NOTES
from searchkit.notes.file import read as read_notes
from searchkit.notes.file import was_edited
from searchkit.query.fields import Record
from searchkit.records import Count
from searchkit.sqlite import ERRORS
from searchkit.statements.document import Document
from searchkit.statements.text import counted
from searchkit.store import checking as database
from searchkit.store.base import Progress
from searchkit.store.store import Store, open_store

_FORGET = "searchkit forget"
_RESTORE = "restore a backup: searchkit restore DIR"
# A store without its index has one finding, not one for each document.
_MOST_DIFFERENCES = 20
# So many documents are compared with the index at once.
_COMPARED_DOCUMENTS = 1_000
_KINDS: dict[Record, str] = {"document": "document", "quote": "statement"}
_CAPTURE = re.compile(r"([0-9a-f]{64})\.gz")


def _note(where: str, what: str, do: str) -> Finding:
    return Finding(where=where, what=what, do=do, damage=False)


class CheckedRecords(Struct, kw_only=True):
    """How many records a full check read; 0 without --full."""

    documents: Count = 0
    statements: Count = 0
    revisions: Annotated[Count, Meta(description="Old revisions.")] = 0
    captures: Count = 0


def findings(
    folder: Path, *, full: bool, checked: CheckedRecords | None = None, progress: Progress | None = None
) -> Iterator[Finding]:
    """Yield the problems of the archive in `folder` as they are found; `checked` counts what was read.

    Raises ArchiveError if there is no archive, OtherVersion if another searchkit wrote it, TryAgain if the store cannot
    be read now: a full disk is not damage.
    """
    checked = checked or CheckedRecords()
    engine, marker = engine_of(folder)
    if marker is not None:
        yield marker
    yield from store_findings(folder, engine, full=full, checked=checked, progress=progress)
    yield from names_findings(folder)
    yield from notes_findings(folder)
    yield from histories_findings(folder)
    yield from erasure_findings(folder)
    if full:
        yield from frontier_findings(folder)
        yield from capture_findings(folder, checked=checked, progress=progress)


def forgeries(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the databases in `folder` with rows or records that we never wrote although their checksums are correct,
    and what is wrong. Raises ArchiveError if a file cannot be read."""
    for name, schema in ((STORE, database.STORE_SCHEMA), (FRONTIER, FRONTIER_SCHEMA)):
        if (folder / name).exists():
            try:
                yield from ((name, fault) for fault in database.forged_rows(folder / name, schema))
            except ERRORS as error:
                reason = database.one_line_error(error)
                raise ArchiveError(f"{folder / name} cannot be read: {reason}.", hint="Use another backup.") from error
    if (folder / STORE).exists():
        with closing(open_store(folder / STORE, writable=False)) as store:
            for document_id in store.ids():
                for number in (0, *store.revision_numbers(document_id)):
                    with suppress(ArchiveError):  # a corrupt record is damage, which `check` reports
                        document = store.revision(document_id, number) if number else store.get(document_id)
                        for fault in database.record_faults(document) if document else ():
                            yield STORE, f"holds document {document_id}: {fault}"


def engine_of(folder: Path) -> tuple[str, Finding | None]:
    """Return the engine of the archive in `folder`, without its marker the default one, and what is wrong with the
    marker. Errors as `findings`."""
    try:
        engine = read_marker(folder)
        if engine is not None:
            engine_scheme(engine)
            return engine, None
        wrong = "is missing"
    except OtherVersion:
        raise
    except SearchkitError as error:
        wrong = "cannot be read" if isinstance(error, ArchiveError) else "names an unknown engine"
    if not any((folder / name).exists() for name in (STORE, MARKER, "whoosh")):
        raise ArchiveError(f"There is no archive at {folder}.", hint="Create it: searchkit index PATH")
    return "whoosh:", Finding(where=MARKER, what=wrong)


# --- the store and its index -----------------------------------------------------------------------------------------


def store_findings(
    folder: Path, engine: str, *, full: bool, checked: CheckedRecords, progress: Progress | None
) -> Iterator[Finding]:
    """Yield the problems of the store and of the index made from it."""
    path, databases = folder / STORE, databases_of(folder)
    if not (databases.has_store() if databases.shared.store else os.path.lexists(path)):
        yield Finding(where=STORE, what="is missing", do=_RESTORE)
        return
    if not databases.shared.store and not os.access(path, os.R_OK):
        yield Finding(where=STORE, what="cannot be read: permission denied", do="change its permissions, or the user")
        return
    with ExitStack() as stack:
        # The index first: it is never ahead of a store that is read later.
        index = _CheckedIndex(folder, engine)
        stack.callback(index.close)
        yield from index.findings(full=full)
        faults: list[str] = []
        store: Store | None = None
        try:
            store = stack.enter_context(closing(databases.open_store(writable=False)))
        except (OtherVersion, TryAgain):
            raise
        except SearchkitError as error:
            faults.append(_short_message(error, path))
        if full:
            checks = checks_of(databases.store)
            faults = [*checks.faults(databases.store, skip_tables=("documents", "revisions"))] or faults
            yield from (Finding(where=STORE, what=fault) for fault in checks.orphans(databases.store))
        yield from (Finding(where=STORE, what=fault) for fault in faults)
        if store is None:
            return
        try:
            yield from index.behind(store)
            yield from _derived_findings(folder, store, full=full)
            if full:
                yield from _records(store, index, checked=checked, progress=progress)
        except SearchkitError as error:
            if not faults:
                yield Finding(where=STORE, what=_short_message(error, path))


def _derived_findings(folder: Path, store: Store, *, full: bool) -> Iterator[Finding]:
    """Compare histories, names and the blocklist with the store. Other functions report those that cannot be read."""
    histories = histories_sync.reader(folder)
    if histories is not None:
        with histories:
            if not store.has(histories.position):
                yield _note(HISTORIES, "was made from another state of the store", "the next question makes it again")
    try:
        register, blocklist = aliases.load(folder), Blocklist.load(folder)
    except SearchkitError:
        return
    stale = outdated_documents(store, register.version if register is not None else "")
    if stale:
        what = f"or a watchlist has changed since {stale:,} documents were annotated"
        yield _note(names_folder.ALIASES, what, "searchkit index --outdated")
    if full and (back := reappeared(store, blocklist)):
        yield _note(STORE, f"holds {counted(len(back), 'forgotten document')}", _FORGET)


def _records(
    store: Store, index: "_CheckedIndex", *, checked: CheckedRecords, progress: Progress | None
) -> Iterator[Finding]:
    sequence, total, unread = store.sequence, store.counts("").documents, False
    documents, statements = dict[str, str](), dict[str, str]()
    for done, document_id in enumerate(store.ids(), 1):
        try:
            document = store.get(document_id)
            if document is None:
                yield Finding(where=STORE, what=f"holds document {document_id}, which cannot be found by its id")
                continue
            checked.documents += 1
            checked.statements += len(document.statements)
            yield from _record_findings(f"document {document_id}", document)
            documents[document_id] = source = source_checksum(document)
            statements |= dict.fromkeys((quote.id for quote in document.statements), source)
            if len(documents) >= _COMPARED_DOCUMENTS:
                index.compare(documents, statements)
                documents, statements = {}, {}
            for number in store.revision_numbers(document_id):
                revision = store.revision(document_id, number)
                if revision is not None:
                    checked.revisions += 1
                    yield from _record_findings(f"revision {number} of document {document_id}", revision)
        except SearchkitError as error:
            unread = True
            yield Finding(where=STORE, what=_short_message(error, None))
        if progress is not None:
            progress(done, total)
    index.compare(documents, statements)
    yield from index.compared(None if unread else checked, changed=store.sequence != sequence)


def _record_findings(name: str, document: Document) -> Iterable[Finding]:
    return (Finding(where=STORE, what=f"holds {name}: {fault}") for fault in database.record_faults(document))


class _CheckedIndex:
    """The index of an archive, if it can be opened."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._engine = engine
        self._place = engine_scheme(engine)
        self._folder = folder / self._place
        self._index: Index | None = None
        self._applied = 0
        self._differences: list[str] = []

    def findings(self, *, full: bool) -> Iterator[Finding]:
        """Check the files of the current generation."""
        try:
            generation = generations.current(self._folder) if is_embedded(self._engine) else None
            if generation is not None:
                generations.check(generation, full=full)
                self._applied = generations.read_manifest(generation).applied
            elif generations.kept(self._folder):
                yield Finding(where=f"{self._place}/{generations.CURRENT}", what="is missing")
                return
            index = open_index(self._engine, self._folder)
            self._applied = max(self._applied, index.applied)
            self._index = index
        except FileNotFoundError as error:
            yield Finding(where=self._place, what=f"names {Path(str(error.filename)).name}, which is missing")
        except (generations.DamagedFile, SearchkitError, OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, TryAgain | ConfigError) and not is_embedded(self._engine):
                raise  # a cluster that cannot be asked is not damaged
            reason = error.message if isinstance(error, SearchkitError) else str(error)
            yield Finding(where=self._place, what=f"is damaged: {reason.removesuffix('.')}")

    def behind(self, store: Store) -> Iterator[Finding]:
        """Compare the changes in the index with those of the store."""
        if self._index is None:
            return
        applied, sequence = self._index.applied, store.sequence
        if not store.has(self._index.position):
            yield Finding(where=self._place, what="was made from another state of the store", do="searchkit rebuild")
        elif applied != sequence:
            if self._applied > applied:
                yield _note(self._place, "was made by another version of searchkit", "the next command rebuilds it")
            else:
                what = f"is {counted(sequence - applied, 'change')} behind the store"
                yield _note(self._place, what, "the next command catches up")
            self.close()

    def compare(self, documents: dict[str, str], statements: dict[str, str]) -> None:
        """Compare documents and their statements, by id with their source checksums, with the index."""
        if self._index is None:
            return
        both: dict[Record, dict[str, str]] = {"document": documents, "quote": statements}
        for record, expected in both.items():
            try:
                found = self._index.source_checksums([*documents], record)
            except DamagedIndex as error:
                self._differences.append(f"is damaged: {error.message.removesuffix('.')}")
                continue
            for known in sorted(expected.keys() | found.keys()):
                name = f"{_KINDS[record]} {known}"
                if known not in found:
                    self._differences.append(f"lacks {name}")
                elif known not in expected:
                    self._differences.append(f"has {name}, which the store lacks")
                elif found[known] != expected[known]:
                    self._differences.append(f"has another version of {name} than the store")

    def compared(self, totals: CheckedRecords | None, *, changed: bool) -> Iterator[Finding]:
        """Yield the differences from a store, which may have `changed` during the check; `totals` are its documents and
        statements if all could be read."""
        if self._index is None:
            return
        if changed or self._index.applied != self._applied:
            what = "was written to during the check, so it was not compared with the store"
            yield _note(self._place, what, "check again when no run is in progress")
            return
        indexed = self._index.counts()
        own, stored = (indexed["document"], indexed["quote"]), totals and (totals.documents, totals.statements)
        if stored and own != stored and not self._differences:
            counts = f"{own[0]:,} documents and {own[1]:,} statements, the store {stored[0]:,} and {stored[1]:,}"
            self._differences.append(f"holds {counts}")
        yield from (Finding(where=self._place, what=found) for found in self._differences[:_MOST_DIFFERENCES])

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None


# --- files of the user -----------------------------------------------------------------------------------------------


def names_findings(folder: Path) -> Iterator[Finding]:
    """Check aliases.toml and the watchlists."""
    try:
        aliases.load(folder)
    except SearchkitError as error:
        message = error.message.removesuffix(".")
        lists = str(folder / names_folder.WATCHLISTS)
        where = names_folder.WATCHLISTS if lists in message else names_folder.ALIASES
        yield Finding(where=where, what=f"cannot be read: {message}", do=error.hint)


def notes_findings(folder: Path) -> Iterator[Finding]:
    """Check the user's notes on statements."""
    try:
        read_notes(folder)
        if was_edited(folder):
            yield _note(NOTES, "was edited after searchkit wrote it, and is valid", "nothing to do if you edited it")
    except SearchkitError as error:
        message = error.message.removesuffix(".").removeprefix(f"{folder / NOTES} ")
        yield Finding(where=NOTES, what=message, do=error.hint)


# --- derived files and the blocklist ---------------------------------------------------------------------------------


def erasure_findings(folder: Path) -> Iterator[Finding]:
    """Check for an unfinished erasure, and the blocklist. OtherVersion if another searchkit wrote the blocklist."""
    try:
        if read_intent(folder) is not None:
            yield _note(FORGETTING, "shows that a `forget` was interrupted", _FORGET)
    except OtherVersion:
        raise
    except ArchiveError:
        yield Finding(where=FORGETTING, what="is damaged", do="restore it from a backup")
    try:
        Blocklist.load(folder)
    except OtherVersion:
        raise
    except ArchiveError:
        what = "is damaged" if (folder / FORGOTTEN).exists() else "is missing"
        yield Finding(where=FORGOTTEN, what=f"{what}: forgotten documents could be indexed again", do=RESTORE_HINT)


def histories_findings(folder: Path) -> Iterator[Finding]:
    """Check the file of histories against its checksum."""
    try:
        damage = histories_sync.damage_of(folder)
    except OSError as error:
        damage = f"cannot be read: {(error.strerror or '').lower()}"
    if damage:
        yield Finding(where=HISTORIES, what=damage, do="searchkit rebuild")


# --- the crawler -----------------------------------------------------------------------------------------------------


def frontier_findings(folder: Path) -> Iterator[Finding]:
    """Check the frontier, and whether the captures that it names exist."""
    databases = databases_of(folder)
    place = databases.frontier
    if not place.exists():
        return
    schema = {"schema": FRONTIER_SCHEMA} if isinstance(place, Path) else {}
    faults = [*checks_of(place).faults(place, **schema)]
    yield from (Finding(where=FRONTIER, what=fault) for fault in faults)
    captures = Captures(databases.captures)
    for digest, url in () if faults else capture_digests(databases.frontier):
        if not os.path.lexists(captures.path(digest)):
            where = f"{CAPTURES}/{digest[:2]}/{digest}.gz"
            yield Finding(where=where, what=f"is missing: the capture of {database.printable(url)}")


def capture_findings(
    folder: Path, *, checked: CheckedRecords | None = None, progress: Progress | None = None
) -> Iterator[Finding]:
    """Check that each capture has the checksum in its name."""
    top, unread = databases_of(folder).captures, list[OSError]()
    walked = os.walk(top, onerror=unread.append) if top.exists() else ()
    paths = [Path(place, name) for place, _, names in walked for name in names if _CAPTURE.fullmatch(name)]
    for error in unread:
        where = f"{CAPTURES}/{Path(error.filename).relative_to(top).as_posix()}".removesuffix("/.")
        what = f"cannot be read: {(error.strerror or '').lower()}"
        yield Finding(where=where, what=what, do="check its permissions")
    for done, path in enumerate(sorted(paths), 1):
        try:
            with gzip.open(path, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            wrong = "" if f"{digest}.gz" == path.name else "does not match its checksum"
        except (OSError, EOFError, zlib.error) as error:
            wrong = f"cannot be read: {error}"
        if wrong:
            yield Finding(where=f"{CAPTURES}/{path.relative_to(top).as_posix()}", what=wrong)
        if checked is not None:
            checked.captures += 1
        if progress is not None:
            progress(done, len(paths))


def _short_message(error: SearchkitError, path: Path | None) -> str:
    message = error.message.removesuffix(".")
    if path is not None:
        message = message.removeprefix(f"The store {path} ")
    return message.removeprefix("In the store ")
