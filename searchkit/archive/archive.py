"""An open archive: lock, store and index in one folder (folder.py lists its files).

Readers never block. A reader that finds the index or the histories behind the store updates them first, unless a
writer is at work.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec.structs import replace

from searchkit.archive import folder as archive_folder
from searchkit.archive.databases import Databases, WriterLock, databases_of
from searchkit.errors import ArchiveError, NotInArchive, SearchkitError, StorageFull
from searchkit.index import base
from searchkit.loading import Lazy, load
from searchkit.names import folder as names_folder
from searchkit.notes import NOTES, NotesById
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.statements.document import Document, DocumentOutline, LogPosition, Quote, document_id
from searchkit.statements.outlets import Outlets, outlet_value
from searchkit.store.base import Progress, Shared
from searchkit.store.store import Store

if TYPE_CHECKING:
    from searchkit.archive.histories_sync import HistoriesFile
    from searchkit.archive.status import StatusReport
    from searchkit.histories.database import Histories
    from searchkit.notes.file import NotesReader, StatementNote
    from searchkit.search.answer import StoredRecord
    from searchkit.search.rewrite import Owner
    from searchkit.statements import Register
    from searchkit.store.sources import Failure, SourceCounts

_Found = TypeVar("_Found", Document, Document | None)


class PublishedDocuments:
    """Documents with their outlets as readers see them: with the host, where the index has several of one name."""

    def __init__(self, index: Callable[[], base.Index]) -> None:
        self._index = index
        self._outlets: Outlets | None = None
        self._position: LogPosition | None = None

    def follow(self, position: LogPosition) -> None:
        """Forget the outlets of an index that was at another position."""
        if position != self._position:
            self._outlets, self._position = None, position

    def outlets(self) -> Outlets:
        """Return the outlets of the documents in the index."""
        if self._outlets is None:
            values = self._index().values(base.ValuesRequest(field="outlet", copies=True))
            self._outlets = Outlets(value.id for value in values)
        return self._outlets

    def current(self, document: _Found) -> _Found:
        """Return a document with its outlet as readers see it; with the host, if the index cannot be read now."""
        if document is None or not document.outlet:
            return document
        shown = value = outlet_value(document.outlet, document.host)
        with suppress(SearchkitError):
            shown = self.outlets().shown(value)
        return document if shown == document.outlet else replace(document, outlet_and_host=shown)

    def records(self, found: "Mapping[str, StoredRecord]") -> "Mapping[str, StoredRecord]":
        """Return records whose documents are current."""
        return {known: _Record(record, self) for known, record in found.items()}


class _Record:
    """A record. Errors as StoredRecord."""

    def __init__(self, record: "StoredRecord", published: PublishedDocuments) -> None:
        self._record, self._published = record, published

    def outline(self) -> DocumentOutline:
        """Return the fields from which excerpts are cut."""
        return self._record.outline()

    def document(self) -> Document:
        """Return the document."""
        return self._published.current(self._record.document())


DEFAULT_ENGINE = "whoosh:"


class Archive:
    """An archive in a folder. Use as a context manager, or call `close`."""

    histories_file: "Lazy[HistoriesFile]" = Lazy(
        "searchkit.archive.histories_sync:HistoriesFile", lambda kind, own: kind(own)
    )
    # The statements that articles no longer have, with all else of the archive.
    former: Lazy[Any] = Lazy("searchkit.archive.former:FormerStatements", lambda kind, own: kind(own))
    _user_notes: "Lazy[NotesReader]" = Lazy("searchkit.notes.file:NotesReader", lambda kind, own: kind(own.folder))

    def __init__(self, folder: Path, engine: str, databases: Databases | None = None) -> None:
        """Use `open` or `create`."""
        self.folder = folder
        self.databases = databases or databases_of(folder)
        self.engine = engine
        self._store: Store | None = None
        self._index: base.Index | None = None
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
        found = archive_folder.read_engine_and_shared(folder)
        if found is None:
            if shared is not None and shared.store and Databases(folder, shared).has_store():
                return cls.create(folder, engine=engine, shared=shared)
            if (folder / archive_folder.STORE).exists():
                raise ArchiveError(f"{folder / archive_folder.MARKER} is missing.", hint="Rewrite it: searchkit repair")
            archive_folder.refuse_foreign(folder)
            raise ArchiveError(
                f"There is no archive at {folder.absolute()} yet.", hint="Create it: searchkit index PATH"
            )
        return cls(folder, found[0], Databases(folder, found[1], wanted=shared))

    @classmethod
    def create(cls, folder: Path, *, engine: str = DEFAULT_ENGINE, shared: Shared | None = None) -> Self:
        """Open the archive in `folder`; create it if the folder is missing or empty, with what is `shared`.

        Errors as `open`; ConfigError for an unknown engine, or if the archive has its store elsewhere."""
        shared = shared or Shared()
        found = archive_folder.read_engine_and_shared(folder)
        if found is not None:
            return cls(folder, found[0], Databases(folder, found[1], wanted=shared))
        archive_folder.refuse_foreign(folder)
        base.engine_scheme(engine)
        if shared.store:
            Databases(folder, shared).has_store()  # fail before anything is written
        archive_folder.make_folder(folder, engine, shared)
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
            exchange = load("searchkit.archive.shared_files:exchange")
            exchange(self.folder, self.databases, self.store, self.lock.report, is_end=is_end)

    def close(self) -> None:
        """Close all files."""
        for part in (self._index, self._store, *map(self.__dict__.get, ("histories_file", "former"))):
            if part is not None:
                part.close()
        self._index = self._store = None

    # --- reading -----------------------------------------------------------------------------------------------------

    def search(self, request: base.SearchRequest, *, progress: Progress | None = None) -> base.SearchResult:
        """Answer a query; `notes` of the result say if the index is not up to date."""
        result: base.SearchResult = load("searchkit.search.answer:search")(self, request, progress=progress)
        return result

    @property
    def index(self) -> base.Index:
        """The open index."""
        if self._index is None:
            archive_folder.refuse_planted(self.folder, self._index_folder, trusted={0, os.geteuid()})
            self._index = self.open_engine(self.engine)
        return self._index

    def open_engine(self, engine: str) -> base.Index:
        """Open the index of an engine. Archives with one shared store share an index on a cluster, too."""
        place = self.folder / base.engine_scheme(engine)
        if self.databases.shared.store and not base.is_embedded(engine) and not (place / base.OWNER).exists():
            base.name_owner(place, self.databases.index_owner())
        return base.open_index(engine, place, lambda known: self.store().get(known))

    def use_engine(self, engine: str) -> None:
        """Use the index of this engine from now on."""
        if self._index is not None:
            self._index.close()
            self._index = None
        self.engine = engine

    def store(self) -> Store:
        """Return the store for reading. ArchiveError if it is missing."""
        if self._store is None:
            is_lost = not self.databases.shared.store and archive_folder.was_filled(self.folder)
            if self.is_empty and not is_lost:
                raise ArchiveError(f"The archive {self.folder} is empty.", hint="Add documents: searchkit index PATH")
            self._store = self.databases.open_store(writable=False)
        return self._store

    def refresh(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the index up to date; return notes on what could not be done and on outdated annotations."""
        notes = self.catch_up(progress=progress)
        with suppress(SearchkitError):
            current = names_folder.version(self.folder)
            if all(version.partition("+")[2] == current for version in self.store().extractors()):
                return notes
        return (*notes, *load("searchkit.archive.status:names_notes")(self.folder, self.store()))

    def watchlist_notes(self, value: ast.Node, record: Record) -> tuple[str, ...]:
        """Return why no record has `value` in the field watchlist; empty if no list of the archive has it."""
        return tuple(load("searchkit.archive.status:watchlist_notes")(self.folder, self.store(), value, record))

    def get(self, document_id: str) -> Document | None:
        """Return the current document."""
        return self._published.current(self.store().get(document_id))

    def get_several(self, document_ids: Sequence[str]) -> "Mapping[str, StoredRecord]":
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

    def status(self) -> "StatusReport":
        """Return what the archive holds and whether the index is up to date."""
        version, status_of = self.extractor_version(), load("searchkit.archive.status:status_of")
        status: StatusReport = status_of(self.databases, self.folder, self.engine, self.store(), self.index, version)
        return status

    def sources(self) -> "tuple[SourceCounts, ...]":
        """Return counts for each source; nothing for an empty archive."""
        return () if self.is_empty else self.store().runs.counts()

    def failures(self, source: str) -> "tuple[Failure, ...]":
        """Return the failures of a source; for the empty name, those of resources added manually."""
        return () if self.is_empty else self.store().failures.of_source(source)

    def notes(self) -> "NotesById[StatementNote]":
        """Return the user's notes on statements, by id. ArchiveError if they cannot be read."""
        has_notes = os.path.exists(f"{self.folder}/{NOTES}")  # noqa: PTH110  # a Path takes twice as long
        return self._user_notes.current(self.store) if has_notes else NotesById()

    def histories(self) -> "Histories":
        """Return what others say about the statements, as of the last run or refresh. Errors as `HistoriesFile`."""
        return self.histories_file.current()

    def refresh_histories(self, *, progress: Progress | None = None) -> "Histories":
        """Bring the histories up to date with the store, and return them. Errors as `HistoriesFile.refresh`."""
        self.add_notes(*self.histories_file.refresh(progress))
        return self.histories()

    def revision_alike(self, document_id: str, number: int) -> Document | None:
        """Return revision `number` of a document, annotated as `HistoriesFile.revision` does."""
        return self._published.current(self.histories_file.revision(document_id, number))

    def refreshed_values(self, field: str) -> "Mapping[str, Sequence[Owner]]":
        """Return the statements by their values in a field that is not in the index: marks and tags of the user, or the
        histories, which are brought up to date first. ArchiveError if they cannot be read."""
        return (self.notes() if field in {"mark", "tag"} else self.refresh_histories()).by_value(field)

    def register(self) -> "Register | None":
        """Return the aliases and watchlists. ConfigError for a mistake in aliases.toml, ArchiveError for a corrupt
        watchlist."""
        found: Register | None = load("searchkit.names.aliases:load")(self.folder)
        return found

    def outdated(self) -> int:
        """Return how many documents `reannotate` would annotate again."""
        return 0 if self.is_empty else self.store().counts(self.extractor_version()).outdated

    def extractor_version(self) -> str:
        """Return the version with which documents are annotated now."""
        version: str = load("searchkit.statements:extractor_version")(names_folder.version(self.folder))
        return version

    @property
    def is_forgetting(self) -> bool:
        """Return whether an erasure was cut short and has to be finished."""
        return (self.folder / archive_folder.FORGETTING).exists()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was ever added."""
        return self._store is None and not self.databases.has_store()

    # --- writing -----------------------------------------------------------------------------------------------------

    def held(self, wait: float = 0.0, **options: Any) -> AbstractContextManager[None]:
        """Hold the lock for the `with` block, over several steps of a run, as `WriterLock.held`.

        ArchiveLocked if another writer holds it for longer than `wait` seconds."""
        return self.lock.held(wait, **options)

    def ingest(self, found: Iterable[Any], **how: Any) -> Iterator[Any]:
        """Add what a source provides; yield each committed batch. Options and errors as `Writing.ingest`."""
        batches: Iterator[Any] = load("searchkit.archive.writing:Writing")(self).ingest(found, **how)
        return batches

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
            # An embedded index shows its changes by its files.
            applied = (lambda: 0) if base.is_embedded(self.engine) else (lambda: self.index.applied)
            archive_folder.refuse_lost_store(databases.store, self._index_folder, applied, exists=databases.has_store())
            if self._store is not None:
                self._store.close()
            self._store = databases.open_store(writable=True)
            try:
                yield self._store
            finally:
                self._store.close()
                self._store = None
            if (self.folder / NOTES).exists():
                with suppress(SearchkitError):  # otherwise every reader finds the statements again
                    load("searchkit.notes.file:keep")(self.folder, self.store())

    def catch_up(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Update the index from the store. Return a note if that is not possible now.

        If there is no index, and none can be made, raise ArchiveError; ArchiveLocked and StorageFull if one can be
        made later."""
        self.hindrance = None
        store, position = self.store(), self.index.position
        self._published.follow(position)
        if position == store.position:
            return ()
        notes: tuple[str, ...] = load("searchkit.archive.indexing:Indexing")(self).catch_up(progress)
        return notes

    def add_notes(self, *notes: str) -> None:
        """Keep notes for `take_notes`, each once."""
        self._notes += [note for note in dict.fromkeys(notes) if note and note not in self._notes]

    @property
    def _index_folder(self) -> Path:
        return self.folder / base.engine_scheme(self.engine)
