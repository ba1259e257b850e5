"""Bring the index of an archive up to date, rebuild it, and erase from it."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from searchkit.archive.archive import Archive
from searchkit.archive.folder import read_marker, write_marker
from searchkit.archive.index_sync import IndexSync, SegmentQueue, fill, synced, with_progress
from searchkit.errors import ArchiveError, ArchiveLocked, SearchkitError, StorageFull
from searchkit.files import storage_errors
from searchkit.store.base import Progress
from searchkit.store.store import Store

_OTHER_STATE = "was made from another state of the store; as a user who may write there, run `searchkit rebuild`"
_NEWEST = "the newest documents may be missing"


class Indexing:
    """Writes the index of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def catch_up(self, progress: Progress | None = None) -> tuple[str, ...]:
        """Update an index that is behind the store. Return a note if that is not possible now. Errors as
        `Archive.catch_up`."""
        archive, store, position = self._archive, self._archive.store(), self._archive.index.position
        has_index = position.sequence > 0
        if not has_index:  # another process may have switched to another engine
            before = archive.engine
            archive.use_engine(read_marker(archive.folder) or before)
            if archive.engine != before:
                return archive.catch_up(progress=progress)
        is_usable = has_index and store.has(position)
        if not os.access(archive.folder, os.W_OK):
            if not has_index:
                raise ArchiveError(
                    f"The archive {archive.folder} has no index, and its folder is read-only.",
                    hint="Build the index as a user who may write there: searchkit rebuild",
                )
            state = f"is behind the store and is read-only: {_NEWEST}" if is_usable else _OTHER_STATE
            return (f"The index {state}.",)
        try:
            with archive.held(index_only=True), self.synced(store) as sync:
                after = sync.position.sequence
                sync.apply(with_progress(store.changes(after), store.sequence - after, progress))
        except (ArchiveLocked, StorageFull) as error:
            if not is_usable:
                raise
            if isinstance(error, ArchiveLocked):
                return (f"Another process is indexing: {_NEWEST} from this answer.",)
            archive.hindrance = error
            return (f"{error.message} So {_NEWEST} from this answer.",)
        return archive.take_notes()

    def rebuild(self, *, progress: Progress | None = None, engine: str | None = None) -> int:
        """Rebuild the index from the store next to the old one, and swap them; return the number of documents.

        With another `engine`, the archive uses that from then on, and its old index is removed. ConfigError for an
        unknown engine.
        """
        archive, before = self._archive, self._archive.engine
        engine = engine or before
        with archive.changing() as store:
            with closing(archive.open_engine(engine)) as index:
                index.replace(lambda new: fill(new, store, progress))
                documents = index.counts()["document"]
            archive.histories_file.drop()
            with storage_errors(archive.folder):
                write_marker(archive.folder, engine)
            archive.use_engine(engine)
            archive.add_notes(self._drop_engine(before))
            with suppress(StorageFull):  # the next question makes them
                archive.add_notes(*archive.histories_file.follow())
            return documents

    def _drop_engine(self, engine: str) -> str:
        """Remove the index of the engine that the archive had before; return why that was not possible."""
        # With the same prefix, it is likely the same cluster by another address.
        if engine.rpartition("/")[2] != self._archive.engine.rpartition("/")[2]:
            try:
                with closing(self._archive.open_engine(engine)) as index:
                    index.drop()
            except SearchkitError as error:
                return f"The index of the engine {engine} could not be removed: {error.message}"
        return ""

    def expunge(self) -> None:
        """Update the index from the store, and rewrite its files so that they hold nothing of removed documents; delete
        the histories. Errors as `rebuild`."""
        self._archive.histories_file.drop()
        with self._archive.changing() as store, self.synced(store) as sync:
            sync.apply(store.changes(sync.position.sequence))
            sync.expunge()

    @contextmanager
    def synced(self, store: Store, queue: SegmentQueue | None = None) -> Iterator[IndexSync]:
        """Yield what updates the index from the store; note why it was rebuilt. Only under the lock."""
        with synced(self._archive.index, store, queue) as sync:
            yield sync
        self._archive.add_notes(sync.rebuilt)
