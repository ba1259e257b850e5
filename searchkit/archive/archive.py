"""An open archive: lock, store and index in one folder (folder.py lists its files).

Readers never block. A reader that finds the index or the histories behind the store updates them first, unless a
writer is at work.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from searchkit.archive.databases import Databases, WriterLock, databases_of
from searchkit.archive.engines import drop_engine, open_engine, refuse_lost
from searchkit.archive.folder import (
    FORGETTING,
    MARKER,
    STORE,
    make_folder,
    read_engine_and_shared,
    refuse_foreign,
    refuse_planted,
    was_filled,
    write_marker,
)
from searchkit.archive.index_sync import IndexSync, fill, synced, with_progress
from searchkit.archive.names_notes import names_notes, watchlist_notes
from searchkit.archive.published import PublishedDocuments
from searchkit.archive.status import Status, status_of
from searchkit.errors import ArchiveError, ArchiveLocked, NotInArchive, SearchkitError, StorageFull, UsageError
from searchkit.files import storage_error
from searchkit.index import engine_scheme
from searchkit.index.base import Index, SearchRequest, SearchResult
from searchkit.names import folder as names_folder
from searchkit.notes import NOTES, NotesById
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.search.answer import StoredRecord, search
from searchkit.search.rewrite import Owner
from searchkit.statements.document import Document, Quote, document_id
from searchkit.store.base import Failure, Progress, Shared, SourceCounts
from searchkit.store.store import Store

if TYPE_CHECKING:  # a query loads no crawler, extractor or worker
    from searchkit.archive.histories_sync import HistoriesFile
    from searchkit.archive.segment_queue import SegmentQueue
    from searchkit.crawl.base import CrawlResult
    from searchkit.histories.database import Histories
    from searchkit.ingest import Background, Batch, IngestOptions, IsGone
    from searchkit.notes.file import NotesReader, StatementNote
    from searchkit.statements import Register

DEFAULT_ENGINE = "whoosh:"
# A larger part of the documents known at a location is removed only on confirmation: a mistyped path, a moved folder or
# a broken export may be the reason.
MOST_PRUNED = 0.2
_OTHER_STATE = "was made from another state of the store; as a user who may write there, run `searchkit rebuild`"
_NEWEST = "the newest documents may be missing"


class Archive:
    """An archive in a folder. Use as a context manager, or call `close`."""

    def __init__(self, folder: Path, engine: str, databases: Databases | None = None) -> None:
        """Use `open` or `create`."""
        self.folder = folder
        self.databases = databases or databases_of(folder)
        self.engine = engine
        self._store: Store | None = None
        self._index: Index | None = None
        self._user_notes: NotesReader | None = None
        # Why the last `catch_up` could not write the index, so that it may lack what a query asks for.
        self.hindrance: StorageFull | None = None
        self._published = PublishedDocuments(lambda: self.index)
        self.outlets = self._published.outlets  # as the last `catch_up` found them
        self._notes: list[str] = []
        self.lock = WriterLock(folder, self.databases, self._notes.append)

    @classmethod
    def open(cls, folder: Path, *, engine: str = DEFAULT_ENGINE, shared: Shared | None = None) -> Self:
        """Open an existing archive. If another machine has made the store that is `shared`, and this one has no folder
        of it yet, make the folder, with this engine.

        ArchiveError if there is none, NewerArchive if a later version made it, ConfigError as `create`."""
        found = read_engine_and_shared(folder)
        if found is None:
            if shared is not None and shared.store and Databases(folder, shared).has_store():
                return cls.create(folder, engine=engine, shared=shared)
            if (folder / STORE).exists():
                raise ArchiveError(f"{folder / MARKER} is missing.", hint="Rewrite it: searchkit repair")
            refuse_foreign(folder)
            raise ArchiveError(
                f"There is no archive at {folder.absolute()} yet.", hint="Create it: searchkit index PATH"
            )
        return cls(folder, found[0], Databases(folder, found[1], wanted=shared))

    @classmethod
    def create(cls, folder: Path, *, engine: str = DEFAULT_ENGINE, shared: Shared | None = None) -> Self:
        """Open the archive in `folder`; create it if the folder is missing or empty, with what is `shared`.

        Errors as `open`; ConfigError for an unknown engine, or if the archive has its store elsewhere."""
        shared = shared or Shared()
        found = read_engine_and_shared(folder)
        if found is not None:
            return cls(folder, found[0], Databases(folder, found[1], wanted=shared))
        refuse_foreign(folder)
        engine_scheme(engine)
        if shared.store:
            Databases(folder, shared).has_store()  # fail before anything is written
        make_folder(folder, engine, shared)
        return cls(folder, engine)

    def __enter__(self) -> Self:
        self.exchange_files()
        return self

    def __exit__(self, kind: object, *exc: object) -> None:
        with closing(self):
            if kind is None:
                self.exchange_files(is_end=True)

    def exchange_files(self, *, is_end: bool = False) -> None:
        """Exchange names, saved searches and notes with other machines, and report conflicts; see `exchange`."""
        if self.databases.shared.store:
            from searchkit.archive.shared_files import exchange  # few archives are shared

            exchange(self.folder, self.databases, self.store, self.lock.report, is_end=is_end)

    @cached_property
    def _histories(self) -> "HistoriesFile":
        from searchkit.archive.histories_sync import HistoriesFile  # most commands ask nothing of them

        return HistoriesFile(self)

    def close(self) -> None:
        """Close all files."""
        for part in (self._index, self._store, self.__dict__.get("_histories")):
            if part is not None:
                part.close()
        self._index = self._store = None

    # --- reading -----------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest, *, progress: Progress | None = None) -> SearchResult:
        """Answer a query; `notes` of the result say if the index is not up to date."""
        return search(self, request, progress=progress)

    @property
    def index(self) -> Index:
        """The open index."""
        if self._index is None:
            refuse_planted(self.folder, self._index_folder, trusted={0, os.geteuid()})
            self._index = open_engine(self.engine, self.folder, self.databases, lambda known: self.store().get(known))
        return self._index

    def store(self) -> Store:
        """Return the store for reading. ArchiveError if it is missing."""
        if self._store is None:
            is_lost = not self.databases.shared.store and was_filled(self.folder)
            if self.is_empty and not is_lost:
                raise ArchiveError(f"The archive {self.folder} is empty.", hint="Add documents: searchkit index PATH")
            self._store = self.databases.open_store(writable=False)
        return self._store

    def refresh(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the index up to date; return notes on what could not be done and on outdated annotations."""
        return (*self.catch_up(progress=progress), *names_notes(self.folder, self.store()))

    def watchlist_notes(self, value: ast.Node, record: Record) -> tuple[str, ...]:
        """Return why no record has `value` in the field watchlist; empty if no list of the archive has it."""
        return watchlist_notes(self.folder, self.store(), value, record)

    def get(self, document_id: str) -> Document | None:
        """Return the current document."""
        return self._published.current(self.store().get(document_id))

    def get_several(self, document_ids: Sequence[str]) -> Mapping[str, StoredRecord]:
        """Return the records of these documents by id. Only `get` reports rows that cannot be read."""
        return self._published.records(self.store().get_several(document_ids))

    def revision(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document."""
        return self._published.current(self.store().revision(document_id, number))

    def at(self, uri: str) -> Document | None:
        """Return the document last read at this address."""
        known = self.store().known(uri)
        return None if known is None else self.get(known.document)

    def linked(self, document: Document) -> tuple[str, ...]:
        """Return the documents that have or claim the web address of `document`, by id: first what we fetched."""
        store, claim = self.store(), document.claim
        claimed = claim and (self.at(claim) or self.get(document_id(claim)))
        first = (claimed.id,) if claimed else store.addresses.naming([claim])
        return tuple(other for other in (*first, *store.claiming(store.addresses.of(document))) if other != document.id)

    def find(self, record_id: str) -> tuple[Document, Quote | None]:
        """Return the document with this id, or the statement with this id and its document. NotInArchive otherwise."""
        document = self.get(record_id.partition("-")[0])
        if document is not None:
            if document.id == record_id:
                return document, None
            if found := [quote for quote in document.quotes if quote.id == record_id]:
                return document, found[0]
        raise NotInArchive(
            f'No document or statement has the id "{record_id}".', hint="The output of query and quotes shows ids."
        )

    def status(self) -> Status:
        """Return what the archive holds and whether the index is up to date."""
        return status_of(self.databases, self.folder, self.engine, self.store(), self.index, self._extractor_version())

    def sources(self) -> tuple[SourceCounts, ...]:
        """Return counts for each source; nothing for an empty archive."""
        return () if self.is_empty else self.store().runs.counts()

    def failures(self, source: str) -> tuple[Failure, ...]:
        """Return the failures of a source; for the empty name, those of resources added manually."""
        return () if self.is_empty else self.store().failures.of_source(source)

    def notes(self) -> "NotesById[StatementNote]":
        """Return the user's notes on statements, by id. ArchiveError if they cannot be read."""
        if self._user_notes is None:
            if not os.path.exists(f"{self.folder}/{NOTES}"):  # noqa: PTH110  # a Path takes twice as long
                return NotesById()
            from searchkit.notes.file import NotesReader  # few archives have notes

            self._user_notes = NotesReader(self.folder)
        return self._user_notes.current(self.store)

    def histories(self) -> "Histories":
        """Return what others say about the statements, as of the last run or refresh. Errors as `HistoriesFile`."""
        return self._histories.current()

    def refresh_histories(self, *, progress: Progress | None = None) -> "Histories":
        """Bring the histories up to date with the store, and return them. Errors as `HistoriesFile.refresh`."""
        self._add_notes(*self._histories.refresh(progress))
        return self.histories()

    def revision_alike(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document, annotated as `Earlier` does."""
        return self._published.current(self._histories.revision(document_id, number))

    def refreshed_values(self, field: str) -> Mapping[str, Sequence[Owner]]:
        """Return the statements by their values in a field that is not in the index: marks and tags of the user, or the
        histories, which are brought up to date first. ArchiveError if they cannot be read."""
        return (self.notes() if field in {"mark", "tag"} else self.refresh_histories()).by_value(field)

    def register(self) -> "Register | None":
        """Return the aliases and watchlists. ConfigError for a mistake in aliases.toml, ArchiveError for a corrupt
        watchlist."""
        from searchkit.names.aliases import load  # loads the rules of extraction, which a query does not need

        return load(self.folder)

    def outdated(self) -> int:
        """Return how many documents `reannotate` would annotate again."""
        if self.is_empty:
            return 0
        current, versions = self._extractor_version(), self.store().extractor_versions()
        return sum(count for version, count in versions.items() if version != current)

    def _extractor_version(self) -> str:
        from searchkit.statements import extractor_version  # a query loads nothing of extraction

        return extractor_version(names_folder.version(self.folder))

    @property
    def is_forgetting(self) -> bool:
        """Return whether an erasure was cut short and has to be finished."""
        return (self.folder / FORGETTING).exists()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was ever added."""
        return self._store is None and not self.databases.has_store()

    # --- writing -----------------------------------------------------------------------------------------------------

    def held(self, wait: float = 0.0, **options: Any) -> AbstractContextManager[None]:
        """Hold the lock for the `with` block, over several steps of a run, as `WriterLock.held`.

        ArchiveLocked if another writer holds it for longer than `wait` seconds."""
        return self.lock.held(wait, **options)

    def take_notes(self) -> tuple[str, ...]:
        """Return notes for the user on damage that was repaired since the last call."""
        notes = tuple(self._notes)
        self._notes.clear()
        return notes

    @contextmanager
    def changing(self) -> Iterator[Store]:
        """Hold the lock and open the store for writing; discard what is not committed at the end of the block.

        ArchiveLocked as `held`."""
        with self.held():
            databases = self.databases
            refuse_lost(databases, self.engine, self._index_folder, lambda: self.index)
            if self._store is not None:
                self._store.close()
            self._store = databases.open_store(writable=True)
            try:
                yield self._store
            finally:
                self._store.close()
                self._store = None
            if (self.folder / NOTES).exists():
                from searchkit.notes.file import keep  # as in `notes`

                with suppress(SearchkitError):  # otherwise every reader finds the statements again
                    keep(self.folder, self.store())

    def ingest(
        self,
        found: "Iterable[CrawlResult | None]",
        *,
        options: "IngestOptions",
        now: datetime,
        complete_locations: Sequence[str] = (),
        is_gone: "IsGone" = lambda _uri, _location, _was_read: True,
    ) -> "Iterator[Batch]":
        """Add what a source provides; yield each committed batch. The index follows in larger steps.

        This run reads `complete_locations` in full: other resources known there that `is_gone` are marked as gone.
        ArchiveLocked as `held`; errors as `register`.
        """
        from searchkit.archive.blocklist import Blocklist  # loads hashlib
        from searchkit.ingest import ingest  # loads parsers and extractors

        is_forgotten = Blocklist.load(self.folder).__contains__
        options = replace(options, register=self.register(), is_forgotten=is_forgotten)
        complete = complete_locations
        with self.changing() as store:
            batches = ingest(found, store, options=options, now=now, complete_locations=complete, is_gone=is_gone)
            yield from self._followed(store, batches, options.background)

    def reannotate(self, *, options: "IngestOptions", now: datetime, follow: bool = True) -> "Iterator[Batch]":
        """Annotate outdated documents again; yield each batch once the store has committed it. Without `follow`, the
        index stays behind, for a rebuild. Errors as `ingest`."""
        from searchkit.ingest import reannotate  # as in `ingest`

        options = replace(options, register=self.register())
        with self.changing() as store:
            batches = reannotate(store, options=options, now=now)
            yield from self._followed(store, batches, options.background) if follow else batches

    def _followed(
        self, store: Store, batches: "Generator[Batch, None, None]", background: "Background"
    ) -> "Iterator[Batch]":
        """Yield batches while the index follows them, with the help of worker processes."""
        from searchkit.archive.segment_queue import SegmentQueue  # as in `ingest`
        from searchkit.ingest import Batch

        position = store.position
        with self._index_sync(store, SegmentQueue(background)) as sync, closing(batches):
            sync.apply(store.changes(sync.position.sequence))
            for batch in batches:
                sync.put(batch.changed, batch.position)
                position = batch.position
                yield batch
        try:
            self._add_notes(*self._histories.follow())
        except StorageFull:  # the next question makes them
            pass
        except ArchiveError as error:  # the documents are safe, and the next run goes on
            self._add_notes(f"The histories were not updated: {error}")
        if notes := self.take_notes():
            yield Batch(outcomes=(), changed=(), position=position, notes=notes)

    def prune(self, locations: Sequence[str], *, now: datetime, anyway: bool = False) -> int:
        """Remove documents that are gone within `locations`, or in files there, with all revisions; return how many.
        What has a file at its address again is kept.

        Deleted content may remain in free space of the files; `erasure` overwrites it. UsageError without any change
        if more than MOST_PRUNED of the documents known there would go, unless `anyway`. ArchiveLocked as `held`.
        """
        from searchkit.crawl.files import is_there  # a query loads no crawler

        with self.changing() as store, self._index_sync(store) as sync:
            prunable = store.prunable(locations, is_there)
            removed = len(prunable.documents)
            if removed > MOST_PRUNED * prunable.known and not anyway:
                raise UsageError(
                    f"{removed:,} of the {prunable.known:,} documents known there {'is' if removed == 1 else 'are'} "
                    f"gone, more than {MOST_PRUNED:.0%}. Nothing was removed.",
                    hint="To remove them anyway, use --prune --yes.",
                )
            for gone in prunable.documents:
                store.delete(gone, now.isoformat(timespec="seconds"))
            store.commit()
            sync.apply(store.changes(sync.position.sequence))
        return removed

    def note_run(self, source: str, *, now: datetime, **result: Any) -> None:
        """Store the time and `result` of a source's run, see `SourceRuns.note`. ArchiveLocked as `held`."""
        with self.changing() as store:
            store.runs.note(source, now.isoformat(timespec="seconds"), **result)
            store.commit()

    # --- the index ---------------------------------------------------------------------------------------------------

    def catch_up(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Update the index from the store. Return a note if that is not possible now.

        If there is no index, and none can be made, raise ArchiveError; ArchiveLocked and StorageFull if one can be
        made later."""
        self.hindrance = None
        store, position = self.store(), self.index.position
        self._published.follow(position)
        if position == store.position:
            return ()
        has_index = position.sequence > 0
        if not has_index and self._follow_engine():
            return self.catch_up(progress=progress)
        is_usable = has_index and store.has(position)
        if not os.access(self.folder, os.W_OK):
            if not has_index:
                raise ArchiveError(
                    f"The archive {self.folder} has no index, and its folder is read-only.",
                    hint="Build the index as a user who may write there: searchkit rebuild",
                )
            state = f"is behind the store and is read-only: {_NEWEST}" if is_usable else _OTHER_STATE
            return (f"The index {state}.",)
        try:
            with self.held(index_only=True), self._index_sync(store) as sync:
                after = sync.position.sequence
                sync.apply(with_progress(store.changes(after), store.sequence - after, progress))
        except (ArchiveLocked, StorageFull) as error:
            if not is_usable:
                raise
            if isinstance(error, ArchiveLocked):
                return (f"Another process is indexing: {_NEWEST} from this answer.",)
            self.hindrance = error
            return (f"{error.message} So {_NEWEST} from this answer.",)
        return self.take_notes()

    def rebuild(
        self, *, now: datetime | None = None, progress: Progress | None = None, engine: str | None = None
    ) -> int:
        """Rebuild the index from the store next to the old one, and swap them; return the number of documents.

        `status` reports `now` as the time of the rebuild. With another `engine`, the archive uses that from then on,
        and its old index is removed. ConfigError for an unknown engine.
        """
        before, engine = self.engine, engine or self.engine
        with self.changing() as store:
            with closing(open_engine(engine, self.folder, self.databases, self.get)) as index:
                index.replace(lambda new: fill(new, store, progress))
                documents = index.counts()["document"]
            self._histories.drop()
            try:
                write_marker(self.folder, engine, rebuilt=now)
            except OSError as error:
                raise storage_error(self.folder, error) from error
            self._close_index()
            self.engine = engine
            if left := drop_engine(before, self.folder, self.databases, engine):
                self._notes.append(left)
            with suppress(StorageFull):  # as in `_followed`
                self._add_notes(*self._histories.follow())
            return documents

    def expunge(self) -> None:
        """Update the index from the store, and rewrite its files so that they hold nothing of removed documents; delete
        the histories. Errors as `rebuild`."""
        self._histories.drop()
        with self.changing() as store, self._index_sync(store) as sync:
            sync.apply(store.changes(sync.position.sequence))
            sync.expunge()

    @contextmanager
    def _index_sync(self, store: Store, queue: "SegmentQueue | None" = None) -> Iterator[IndexSync]:
        """Yield what updates the index from the store, as `synced`; note why it was rebuilt. Only under the lock."""
        with synced(self.index, store, queue) as sync:
            yield sync
        self._add_notes(sync.rebuilt)

    def _add_notes(self, *notes: str) -> None:
        """Keep notes for `take_notes`, each once."""
        self._notes += [note for note in dict.fromkeys(notes) if note and note not in self._notes]

    def _follow_engine(self) -> bool:
        """Use the engine that another process has switched to; return whether there is one."""
        before, (self.engine, _) = self.engine, read_engine_and_shared(self.folder) or (self.engine, None)
        self._close_index()
        return self.engine != before

    def _close_index(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    @property
    def _index_folder(self) -> Path:
        return self.folder / engine_scheme(self.engine)
