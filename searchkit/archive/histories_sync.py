"""Keep the histories of an archive up to date with its store.

The file is replaced as a whole: changes are made to a copy, which readers never see. Each file is verified against its
checksum before it is copied, because a damaged block may only make an answer wrong. A file that is damaged, of another
version or of another store is made again from the store.
"""

import hashlib
import shutil
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from searchkit.archive.folder import HISTORIES, HISTORIES_CHECKSUMS
from searchkit.archive.index_sync import OTHER_STATE
from searchkit.errors import ArchiveError, ArchiveLocked, StorageFull
from searchkit.files import UNFINISHED, storage_error, storage_errors, sync, write_atomically
from searchkit.histories.database import Histories
from searchkit.index.base import FORMER
from searchkit.statements.document import Document
from searchkit.store.base import Progress
from searchkit.store.store import Store

if TYPE_CHECKING:  # a query annotates nothing
    from searchkit.statements import Register


BEHIND = "Another process is indexing: the newest changes and disputes may be missing."


def reader(folder: Path) -> Histories | None:
    """Return the histories for reading; None if there are none that this version reads."""
    path = folder / HISTORIES
    try:
        return Histories(path, writable=False) if path.is_file() else None
    except ArchiveError:  # damaged or of another version: made again
        return None


def failed_views(folder: Path) -> tuple[int, str]:
    """Return how many statements and views the histories lack because a rule failed, and one of them in a line."""
    histories = reader(folder)
    if histories is None:
        return 0, ""
    with histories:
        return histories.failed.count(), histories.failed.first()


def drop(folder: Path) -> None:
    """Delete the histories, which are made again on the next use. OSError if that fails."""
    for name in (HISTORIES, HISTORIES_CHECKSUMS):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / FORMER, ignore_errors=True)


def damage_of(folder: Path) -> str | None:
    """Return why the file cannot be used: empty for a missing file and one of another version; None if it can.
    OSError if it cannot be read."""
    path = folder / HISTORIES
    if not path.exists():
        return ""
    checksums = path.with_name(HISTORIES_CHECKSUMS)
    if path.is_fifo():
        return "is not a regular file"
    if not checksums.exists() or _digest(path) not in checksums.read_bytes().split():
        return "does not match its checksum"
    with suppress(ArchiveError):
        Histories(path, writable=False).close()
        return None
    return ""


def _adopt(copy: Path, path: Path) -> None:
    """Replace the file. After a crash, one of the two checksums is that of the file."""
    sync(copy)
    digests = [_digest(copy)] + ([_digest(path)] if path.exists() else [])
    write_atomically(path.with_name(HISTORIES_CHECKSUMS), b"\n".join(digests))
    copy.replace(path)
    sync(path.parent)


def _digest(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest().encode()


class OpenArchive(Protocol):
    """The parts of an Archive that its histories need."""

    folder: Path

    def store(self) -> Store: ...
    def get(self, document_id: str, /) -> Document | None: ...
    def register(self) -> "Register | None": ...
    def held(self, *, index_only: bool) -> AbstractContextManager[None]: ...


class HistoriesFile:
    """The file of histories of an archive."""

    def __init__(self, archive: OpenArchive) -> None:
        self._archive = archive
        self._opened: Histories | None = None

    @property
    def _path(self) -> Path:
        return self._archive.folder / HISTORIES

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def current(self) -> Histories:
        """Return the histories as they are now. ArchiveError if they are missing or cannot be read."""
        self._opened = self._opened or reader(self._archive.folder)
        if self._opened is None:
            raise ArchiveError(f"{self._path} is missing.", hint="Make it again: searchkit rebuild")
        return self._opened

    def refresh(self, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the histories up to date with the store, unless they are; return a note if that was not possible
        because another process is writing, or if they had to be made again.

        ArchiveError if they cannot be read; ArchiveLocked and StorageFull if they are missing, or made from another
        state of the store, and cannot be made now.
        """
        store = self._archive.store()
        opened = self._opened = self._opened or reader(self._archive.folder)
        if opened is not None and opened.position == store.position:
            return ()
        try:
            with self._archive.held(index_only=True):
                return self.follow(progress)
        except (ArchiveLocked, StorageFull):
            if opened is None or not store.has(opened.position):
                raise
            return (BEHIND,)

    def follow(self, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the file up to date with the store; return a note if it was damaged or made from another state of the
        store. Only under the lock."""
        self.close()
        path, store, notes = self._path, self._archive.store(), tuple[str, ...]()
        copy = path.with_name(HISTORIES + UNFINISHED)
        try:
            damage = damage_of(path.parent)
            if damage is None:
                with Histories(path, writable=False) as current:
                    if current.position == store.position:
                        return ()
                    if store.has(current.position):
                        copy.touch(mode=0o600)
                        shutil.copyfile(path, copy)
                    else:
                        notes = (OTHER_STATE,)
            if not copy.exists():  # what is derived from the former file is made again, too
                drop(path.parent)
            with Histories(copy, writable=True) as histories:
                histories.follow(store, self._earlier, progress)
            _adopt(copy, path)
        except OSError as error:
            raise storage_error(path, error) from error
        finally:
            copy.unlink(missing_ok=True)
        return (f"{path} {damage}. It was made again from the store.",) if damage else notes

    def drop(self) -> None:
        """Delete the file, which is made again on the next question. StorageFull or ArchiveError if that fails."""
        self.close()
        with storage_errors(self._path):
            drop(self._archive.folder)

    def revision(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document, annotated again if another version annotated it."""
        document = self._archive.get(document_id)
        return document if document is None or document.revision == number else self._earlier(document, number)

    def _earlier(self, document: Document, number: int) -> Document | None:
        """Return an earlier revision, as `revision`; None if it is missing or cannot be read."""
        with suppress(ArchiveError):
            earlier = self._archive.store().past(document.id, number)
            if earlier is None or earlier.extractor_version == document.extractor_version:
                return earlier
            from searchkit.statements import annotate  # few runs change old articles

            again = annotate(earlier, seen_at=earlier.first_seen, register=self._archive.register())
            return replace(again, revision=number, fetched_at=earlier.fetched_at)
        return None
