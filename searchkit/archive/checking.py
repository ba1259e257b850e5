"""Check an archive for corruption. It is only read, also while another process writes to it.

A quick check reads what the archive says of itself; a full check reads everything.
"""

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from searchkit.archive import histories_sync
from searchkit.archive.blocklist import RESTORE_HINT, Blocklist, reappeared
from searchkit.archive.databases import databases_of
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
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.erasure import capture_digests
from searchkit.crawl.web.frontier_database import SCHEMA as FRONTIER_SCHEMA
from searchkit.errors import ArchiveError, ConfigError, OtherVersion, SearchkitError, TryAgain
from searchkit.index import engine_scheme, generations, is_embedded, open_index, open_verifier
from searchkit.index.base import Index, IndexVerifier
from searchkit.names import aliases
from searchkit.names import folder as names_folder
from searchkit.notes import NOTES
from searchkit.notes.file import read as read_notes
from searchkit.notes.file import was_edited
from searchkit.statements.document import Document, weight
from searchkit.store import checking as database
from searchkit.store.base import Progress
from searchkit.store.sqlite import ERRORS
from searchkit.store.store import Store, open_store

_FORGET = "searchkit forget"
# A store without its index has one finding, not one for each document.
_MOST_DIFFERENCES = 20
# So many characters of documents are compared with the index at once.
_COMPARED_SIZE = 2_000_000
_CHUNK = 1 << 20
_CAPTURE = re.compile(r"([0-9a-f]{64})\.gz")


def _changes(number: int) -> str:
    return f"{number:,} {'change' if number == 1 else 'changes'}"


def _note(where: str, what: str, do: str) -> Finding:
    return Finding(where=where, what=what, do=do, damage=False)


class Checked(Struct, kw_only=True):
    """How many documents, statements, old revisions and captures were read."""

    documents: int = 0
    statements: int = 0
    revisions: int = 0
    captures: int = 0


def findings(
    folder: Path, *, full: bool, checked: Checked | None = None, progress: Progress | None = None
) -> Iterator[Finding]:
    """Yield the problems of the archive in `folder` as they are found; `checked` counts what was read.

    Raises ArchiveError if there is no archive, OtherVersion if another searchkit wrote it, TryAgain if the store cannot
    be read now: a full disk is not damage.
    """
    checked = checked or Checked()
    engine, marker = engine_of(folder)
    if marker is not None:
        yield marker
    has_store = True
    for finding in store_findings(folder, engine, full=full, checked=checked, progress=progress):
        has_store = has_store and not (finding.damage and finding.where == STORE)
        yield finding
    yield from names_findings(folder, has_store=has_store)
    yield from notes_findings(folder)
    yield from histories_findings(folder)
    yield from erasure_findings(folder, full=full, has_store=has_store)
    if full:
        yield from frontier_findings(folder)
        yield from capture_findings(folder, checked=checked, progress=progress)


def forgeries(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the databases in `folder` with rows or records that we never wrote although their checksums are correct,
    and what is wrong. Raises ArchiveError if a file cannot be read."""
    schemas = {STORE: database.STORE_SCHEMA, FRONTIER: FRONTIER_SCHEMA}
    for name, schema in schemas.items():
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


# --- the marker ------------------------------------------------------------------------------------------------------


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
    folder: Path, engine: str, *, full: bool, checked: Checked, progress: Progress | None
) -> Iterator[Finding]:
    """Yield the problems of the store and of the index made from it."""
    path, databases = folder / STORE, databases_of(folder)
    if databases.shared.store:
        if not databases.has_store():
            yield Finding(where=STORE, what="is missing", do="restore a backup: searchkit restore DIR")
            return
    elif not os.path.lexists(path):
        yield Finding(where=STORE, what="is missing", do="restore a backup: searchkit restore DIR")
        return
    elif not os.access(path, os.R_OK):
        yield Finding(where=STORE, what="cannot be read: permission denied", do="change its permissions, or the user")
        return
    # The index first: it is never ahead of a store that is read later.
    index = _Index(folder, engine)
    yield from index.findings(full=full)
    store: Store | None = None
    broken = False
    try:
        store = databases.open_store(writable=False)
    except (OtherVersion, TryAgain):
        raise
    except SearchkitError as error:
        unread = _short_message(error, path)
    if full:
        for fault in databases.store_faults(skip_tables=("documents", "revisions")):
            broken = True
            yield Finding(where=STORE, what=fault)
        for fault in databases.store_orphans():
            yield Finding(where=STORE, what=fault)
    if store is None:
        if not broken:
            yield Finding(where=STORE, what=unread)
        return
    try:
        yield from index.behind(store)
        yield from _other_histories(folder, store)
        if full:
            yield from _records(store, index, checked=checked, progress=progress)
    except SearchkitError as error:
        if not broken:
            yield Finding(where=STORE, what=_short_message(error, path))
    finally:
        store.close()
        index.close()


def _records(store: Store, index: "_Index", *, checked: Checked, progress: Progress | None) -> Iterator[Finding]:
    """Check every record of the store, and whether the index contains it."""
    sequence, total, unread = store.sequence, store.counts("").documents, False
    for done, document_id in enumerate(store.ids(), 1):
        try:
            document = store.get(document_id)
            if document is None:
                yield Finding(where=STORE, what=f"holds document {document_id}, which cannot be found by its id")
                continue
            checked.documents += 1
            checked.statements += len(document.statements)
            for fault in database.record_faults(document):
                yield Finding(where=STORE, what=f"holds document {document_id}: {fault}")
            index.compare(document)
            for number in store.revision_numbers(document_id):
                revision = store.revision(document_id, number)
                if revision is not None:
                    checked.revisions += 1
                    for fault in database.record_faults(revision):
                        yield Finding(where=STORE, what=f"holds revision {number} of document {document_id}: {fault}")
        except SearchkitError as error:
            unread = True
            yield Finding(where=STORE, what=_short_message(error, None))
        if progress is not None:
            progress(done, total)
    totals = None if unread else (checked.documents, checked.statements)
    yield from index.compared(totals, changed=store.sequence != sequence)


def _other_histories(folder: Path, store: Store) -> Iterator[Finding]:
    """Yield a note if the histories were made from another state of the store."""
    histories = histories_sync.reader(folder)
    if histories is not None:
        with histories:
            if not store.has(histories.position):
                yield _note(HISTORIES, "was made from another state of the store", "the next question makes it again")


class _Index:
    """The index of an archive, if it can be opened."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._engine = engine
        self._folder = folder / engine_scheme(engine)
        self._place = engine_scheme(engine)
        self._index: Index | None = None
        self._applied = 0
        self._verifier: IndexVerifier | None = None
        self._documents: list[Document] = []
        self._size = 0
        self._differences: list[str] = []

    def findings(self, *, full: bool) -> Iterator[Finding]:
        """Check the files of the current generation."""
        try:
            generation = generations.current(self._folder) if is_embedded(self._engine) else None
            if generation is None:
                if generations.kept(self._folder):
                    yield Finding(where=f"{self._place}/{generations.CURRENT}", what="is missing")
                    return
            else:
                generations.check(generation, full=full)
                self._applied = generations.read_manifest(generation).applied
            index = open_index(self._engine, self._folder)
            self._applied = max(self._applied, index.applied)
            self._index = index
            if full:
                self._verifier = open_verifier(self._engine, self._folder)
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
        sequence = store.sequence
        yield from self._contradictions()
        if self._verifier is not None and self._verifier.applied != sequence:
            self._verifier = None
        if not store.has(self._index.position):
            yield Finding(where=self._place, what="was made from another state of the store", do="searchkit rebuild")
        elif self._index.applied == sequence:
            return
        elif self._applied > self._index.applied:
            yield _note(self._place, "was made by another version of searchkit", "the next command rebuilds it")
        else:
            behind = _changes(sequence - self._index.applied)
            yield _note(self._place, f"is {behind} behind the store", "the next command catches up")

    def _contradictions(self) -> Iterator[Finding]:
        """Compare the parts of the index with each other, before the store is compared."""
        if self._verifier is None:
            return
        try:
            for fault in self._verifier.faults():
                yield Finding(where=self._place, what=f"is damaged: in {fault}")
        except ArchiveError as error:
            self._verifier = None
            yield Finding(where=self._place, what=f"is damaged: {error.message.removesuffix('.')}")

    def compare(self, document: Document) -> None:
        """Compare a document and its statements with the index, some documents at a time."""
        self._documents.append(document)
        self._size += weight(document)
        if self._size >= _COMPARED_SIZE:
            self._compare()

    def _compare(self) -> None:
        documents, self._documents, self._size = self._documents, [], 0
        if self._verifier is None or len(self._differences) >= _MOST_DIFFERENCES:
            return
        try:
            self._differences += self._verifier.differences(documents)
        except ArchiveError as error:
            self._differences.append(f"is damaged: {error.message.removesuffix('.')}")

    def compared(self, totals: tuple[int, int] | None, *, changed: bool) -> Iterator[Finding]:
        """Yield the differences from a store, which may have `changed` during the check; `totals` are its documents and
        statements if all could be read."""
        self._compare()
        if self._verifier is None or self._index is None:
            return
        if changed or self._index.applied != self._verifier.applied:
            what = "was written to during the check, so it was not compared with the store"
            yield _note(self._place, what, "check again when no run is in progress")
            return
        for difference in self._differences[:_MOST_DIFFERENCES]:
            yield Finding(where=self._place, what=difference)
        counts = self._index.counts()
        indexed = (counts["document"], counts["quote"])
        if not self._differences and totals is not None and totals != indexed:
            yield Finding(
                where=self._place,
                what=f"holds {indexed[0]:,} documents and {indexed[1]:,} statements, "
                f"the store {totals[0]:,} and {totals[1]:,}",
            )

    def close(self) -> None:
        if self._index is not None:
            self._index.close()


# --- names -----------------------------------------------------------------------------------------------------------


def names_findings(folder: Path, *, has_store: bool = True) -> Iterator[Finding]:
    """Check aliases.toml and the watchlists, and with a store whether its annotations follow them."""
    try:
        register = aliases.load(folder)
    except SearchkitError as error:
        message = error.message.removesuffix(".")
        lists = str(folder / names_folder.WATCHLISTS)
        where = names_folder.WATCHLISTS if lists in message else names_folder.ALIASES
        yield Finding(where=where, what=f"cannot be read: {message}", do=error.hint)
        return
    current = register.version if register is not None else ""
    if not has_store:
        return
    try:
        with closing(databases_of(folder).open_store(writable=False)) as store:
            versions = store.extractor_versions()
    except SearchkitError as error:
        yield Finding(where=STORE, what=_short_message(error, folder / STORE))
        return
    stale = sum(count for version, count in versions.items() if version.partition("+")[2] != current)
    if stale:
        what = f"or a watchlist has changed since {stale:,} documents were annotated"
        yield _note(names_folder.ALIASES, what, "searchkit index --outdated")


# --- erasure ---------------------------------------------------------------------------------------------------------


def erasure_findings(folder: Path, *, full: bool, has_store: bool = True) -> Iterator[Finding]:
    """Check for an unfinished erasure, the blocklist, and with a store whether forgotten documents are back.

    OtherVersion if another searchkit wrote the blocklist."""
    try:
        if read_intent(folder) is not None:
            yield _note(FORGETTING, "shows that a `forget` was interrupted", _FORGET)
    except OtherVersion:
        raise
    except ArchiveError:
        yield Finding(where=FORGETTING, what="is damaged", do="restore it from a backup")
    try:
        blocklist = Blocklist.load(folder)
    except OtherVersion:
        raise
    except ArchiveError:
        what = "is damaged" if (folder / FORGOTTEN).exists() else "is missing"
        yield Finding(where=FORGOTTEN, what=f"{what}: forgotten documents could be indexed again", do=RESTORE_HINT)
        return
    if not full or not has_store:
        return
    try:
        with closing(databases_of(folder).open_store(writable=False)) as store:
            back = reappeared(store, blocklist)
    except SearchkitError as error:
        yield Finding(where=STORE, what=_short_message(error, folder / STORE))
        return
    if back:
        documents = "1 forgotten document" if len(back) == 1 else f"{len(back):,} forgotten documents"
        yield _note(STORE, f"holds {documents}", _FORGET)


# --- notes ------------------------------------------------------------------------------------------------------------


def notes_findings(folder: Path) -> Iterator[Finding]:
    """Check the user's notes on statements."""
    try:
        read_notes(folder)
        if was_edited(folder):
            yield _note(NOTES, "was edited after searchkit wrote it, and is valid", "nothing to do if you edited it")
    except SearchkitError as error:
        message = error.message.removesuffix(".").removeprefix(f"{folder / NOTES} ")
        yield Finding(where=NOTES, what=message, do=error.hint)


# --- the crawler -----------------------------------------------------------------------------------------------------


def histories_findings(folder: Path) -> Iterator[Finding]:
    """Check the file of histories against its checksum."""
    try:
        damage = histories_sync.damage_of(folder)
    except OSError as error:
        damage = f"cannot be read: {(error.strerror or '').lower()}"
    if damage:
        yield Finding(where=HISTORIES, what=damage, do="searchkit rebuild")


def frontier_findings(folder: Path) -> Iterator[Finding]:
    """Check the frontier, and whether the captures that it names exist."""
    databases = databases_of(folder)
    if not databases.shared.store and not (folder / FRONTIER).exists():
        return
    broken = False
    for fault in databases.frontier_faults():
        broken = True
        yield Finding(where=FRONTIER, what=fault)
    if broken:
        return
    captures = Captures(databases.captures)
    for digest, url in capture_digests(databases.frontier):
        if not os.path.lexists(captures.path(digest)):
            yield Finding(
                where=f"{CAPTURES}/{digest[:2]}/{digest}.gz",
                what=f"is missing: the capture of {database.printable(url)}",
            )


def capture_findings(folder: Path, *, checked: Checked, progress: Progress | None) -> Iterator[Finding]:
    """Check that each capture has the checksum in its name."""
    paths: list[Path] = []
    top = databases_of(folder).captures
    for place in _capture_folders(top):
        try:
            paths += [path for path in place.iterdir() if _CAPTURE.fullmatch(path.name)]
        except OSError as error:
            where = f"{CAPTURES}/{place.relative_to(top).as_posix()}".removesuffix("/.")
            yield Finding(
                where=where, what=f"cannot be read: {(error.strerror or '').lower()}", do="check its permissions"
            )
    for done, path in enumerate(sorted(paths), 1):
        wrong = _capture_fault(path)
        if wrong:
            yield Finding(where=f"{CAPTURES}/{path.relative_to(top).as_posix()}", what=wrong)
        checked.captures += 1
        if progress is not None:
            progress(done, len(paths))


def _capture_folders(top: Path) -> list[Path]:
    """Return the folder of captures and those in it; a glob would pass over one that cannot be read."""
    inner = top.iterdir() if os.access(top, os.R_OK | os.X_OK) else ()
    return [top, *sorted(path for path in inner if path.is_dir())] if top.exists() else []


def _capture_fault(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (OSError, EOFError, zlib.error) as error:
        return f"cannot be read: {error}"
    return "" if f"{digest.hexdigest()}.gz" == path.name else "does not match its checksum"


def _short_message(error: SearchkitError, path: Path | None) -> str:
    """Return an error's message without the name of the file."""
    message = error.message.removesuffix(".")
    if path is not None:
        message = message.removeprefix(f"The store {path} ")
    return message.removeprefix("In the store ")
