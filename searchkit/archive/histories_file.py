"""The histories of an open archive: opened on the first question, and brought up to date with the store."""

from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from searchkit.archive import histories_sync
from searchkit.archive.folder import HISTORIES
from searchkit.errors import ArchiveError, ArchiveLocked, StorageFull
from searchkit.files import storage_error
from searchkit.histories.database import Histories
from searchkit.statements.document import Document
from searchkit.store.base import Progress
from searchkit.store.store import Store

if TYPE_CHECKING:
    from searchkit.statements import Register

_BEHIND = "Another process is indexing: the newest changes and disputes may be missing."


class OpenArchive(Protocol):
    """The parts of an archive that its histories need."""

    folder: Path

    def store(self) -> Store:
        """Return the store."""

    def get(self, document_id: str, /) -> Document | None:
        """Return a stored document, or None."""

    def register(self) -> "Register | None":
        """Return the aliases and watchlists."""

    def held(self, *, index_only: bool) -> AbstractContextManager[None]:
        """Hold the lock of the folder. ArchiveLocked if another writer holds it."""


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

    def current(self, progress: Progress | None = None) -> tuple[Histories, tuple[str, ...]]:
        """Return the histories, and a note if they are behind the store because another process is writing.

        ArchiveError if they cannot be read; ArchiveLocked and StorageFull if they are missing, or made from another
        state of the store, and cannot be made now.
        """
        store = self._archive.store()
        opened = self._opened = self._opened or histories_sync.reader(self._archive.folder)
        if opened is not None and opened.position == store.position:
            return opened, ()
        try:
            with self._archive.held(index_only=True):
                notes = self.follow(progress)
        except (ArchiveLocked, StorageFull):
            if opened is None or not store.has(opened.position):
                raise
            return opened, (_BEHIND,)
        self._opened = histories_sync.reader(self._archive.folder)
        if self._opened is None:
            raise ArchiveError(f"{self._path} is missing.", hint="Make it again: searchkit rebuild")
        return self._opened, notes

    def follow(self, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the file up to date with the store; return a note if it had to be made again. Only under the lock."""
        self.close()
        return histories_sync.follow(self._archive.folder, self._archive.store(), self._archive.register, progress)

    def drop(self) -> None:
        """Delete the file, which is made again on the next question. StorageFull or ArchiveError if that fails."""
        self.close()
        try:
            histories_sync.drop(self._archive.folder)
        except OSError as error:
            raise storage_error(self._path, error) from error

    def revision(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document, annotated as `Earlier` does."""
        document = self._archive.get(document_id)
        if document is None or document.revision == number:
            return document
        with suppress(ArchiveError):
            return histories_sync.Earlier(self._archive.store(), self._archive.register)(document, number)
        return None
