"""An open archive: lock + store + index in one folder.

    archive.json    what this folder is, in which version, and its engine
    lock            held by the one writer; never deleted
    store.sqlite    the truth
    aliases.toml    what the user says about names (names/folder.py); and watchlists/
    saved/          saved searches, and which of them are alerts (alerts/folder.py)
    whoosh/         the index: derived, safe to delete
    frontier.sqlite what the crawler remembers (crawl/web/); and captures/, what servers answered
    runs.jsonl      a line for each run (update.py)
    forgotten.json  what was forgotten and must not come back, as salted hashes (erasure/)

Readers never block. A reader that finds the index behind the store (a crash between the two, a deleted folder) catches
it up first, if no writer is at work.

One class on purpose, longer than other modules: all that is done under the one lock, each in a few lines that hand on.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from searchkit.archive.folder import (
    FORGETTING,
    LOCK,
    MARKER,
    STORE,
    folder_error,
    read_marker,
    read_rebuilt,
    refuse_foreign,
    refuse_planted,
    was_filled,
    write_marker,
)
from searchkit.archive.index_sync import Follower, Progress, counted
from searchkit.document import Document, Quote, document_id
from searchkit.errors import (
    ArchiveError,
    ArchiveLocked,
    NotInArchive,
    SearchkitError,
    StorageFull,
    UsageError,
)
from searchkit.index import engine_scheme, generations, open_index
from searchkit.index.base import Index, SearchRequest, SearchResult
from searchkit.names import folder as names_folder
from searchkit.query.fields import Record
from searchkit.search.answer import search
from searchkit.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from searchkit.crawl.base import Found
    from searchkit.extract.register import Register
    from searchkit.ingest import Batch, Expected, IngestOptions
    from searchkit.names.census import EntityCounts
    from searchkit.store.alerts import AlertLedger
    from searchkit.store.base import Failure, SourceCounts, StoreCounts
    from searchkit.store.quarantine import CrashingResource

DEFAULT_ENGINE = "whoosh:"
# The part of the documents known at a place that may be removed without a further word: what a mistyped path, a moved
# folder or a broken export takes away is more.
PRUNED_AT_ONCE = 0.2


class Status(Struct, frozen=True, kw_only=True):
    """What an archive holds. `sequence` counts the store's changes, `applied` those the index contains.
    `rebuilt` is when the index was last made anew (ISO 8601), empty when that is not known.
    What is `quarantined` has ended worker processes and is read no more."""

    folder: Path
    engine: str
    counts: "StoreCounts"
    indexed: dict[Record, int]
    sequence: int
    applied: int
    bytes_store: int
    bytes_index: int
    rebuilt: str = ""
    quarantined: "tuple[CrashingResource, ...]" = ()


def _bytes_in(folder: Path) -> int:
    """What the files of a folder take on disk; one that has several names is counted once."""
    found = {stat.st_ino: stat.st_size for path in folder.rglob("*") if path.is_file() for stat in (path.stat(),)}
    return sum(found.values())


class Archive:
    """An archive in a folder. Use as a context manager, or call `close`."""

    def __init__(self, folder: Path, engine: str) -> None:
        """Use `open` or `create`."""
        self.folder = folder
        self.engine = engine
        self._store: SqliteStore | None = None
        self._index: Index | None = None
        self._held = False

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an existing archive. ArchiveError when `folder` is none, NewerArchive when a later version made it."""
        marker = read_marker(folder)
        if marker is None:
            if (folder / STORE).exists():
                raise ArchiveError(f"{folder / MARKER} is missing.", hint="Any `searchkit index` writes it anew.")
            refuse_foreign(folder)
            raise ArchiveError(f"There is no archive at {folder} yet.", hint="Make one: searchkit index PATH")
        return cls(folder, marker)

    @classmethod
    def create(cls, folder: Path, *, engine: str = DEFAULT_ENGINE) -> Self:
        """Open the archive in `folder`, making it when the folder is missing or empty.

        Errors as `open`; ConfigError for an unknown engine."""
        marker = read_marker(folder)
        if marker is not None:
            return cls(folder, marker)
        refuse_foreign(folder)
        engine_scheme(engine)
        try:
            made = [one for one in (folder, *folder.parents) if not one.exists()]
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_marker(folder, engine)
            for one in made:
                generations.sync(one.parent)
        except OSError as error:
            raise folder_error(folder, error) from error
        return cls(folder, engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Release all files."""
        for part in (self._index, self._store):
            if part is not None:
                part.close()
        self._index = self._store = None

    # --- asking ------------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest, *, progress: Progress | None = None) -> SearchResult:
        """Answer a question from an index that is up to date with the store, or say in `notes` that it is not."""
        return search(self, request, progress=progress)

    @property
    def index(self) -> Index:
        """The open index."""
        return self._open_index()

    def refresh(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the index up to date; return notes on what could not be done and on outdated annotations."""
        return (*self.catch_up(progress=progress), *self._names_notes())

    def get(self, document_id: str) -> Document | None:
        """The document as it is now."""
        return self._read().get(document_id)

    def revision(self, document_id: str, number: int) -> Document | None:
        """The document as it was in its revision `number`."""
        return self._read().revision(document_id, number)

    def at(self, uri: str) -> Document | None:
        """The document last read at this address."""
        known = self._read().known(uri)
        return None if known is None else self.get(known.document)

    def find(self, record_id: str) -> tuple[Document, Quote | None]:
        """The document with this id, or the statement with this id and its document. NotInArchive when neither is."""
        document = self.get(record_id)
        if document is not None:
            return document, None
        owner = self.get(record_id.partition("-")[0])
        if owner is not None:
            for quote in owner.quotes:
                if quote.id == record_id:
                    return owner, quote
        raise NotInArchive(
            f'No document or statement has the id "{record_id}".', hint="Ids are in the output of query and quotes."
        )

    def entities(self, *, progress: Progress | None = None) -> tuple["EntityCounts", ...]:
        """Everybody and everything named or speaking, the most often named first."""
        from searchkit.names.census import count_entities

        self.catch_up(progress=progress)
        return count_entities(self._open_index())

    def variants(self, *, progress: Progress | None = None) -> dict[str, Counter[str]]:
        """In how many documents each entity is written in which way, by entity id. Reads the whole store."""
        from searchkit.names.census import variants

        return variants(self._read(), progress=progress)

    def status(self) -> Status:
        """What there is, and whether the index is up to date."""
        from searchkit.extract import extractor_version

        store, index = self._read(), self._open_index()
        return Status(
            folder=self.folder,
            engine=self.engine,
            counts=store.counts(extractor_version(names_folder.version(self.folder))),
            indexed=index.counts(),
            sequence=store.sequence,
            applied=index.applied,
            bytes_store=sum(path.stat().st_size for path in self.folder.glob("store.sqlite*")),
            bytes_index=_bytes_in(self._index_folder),
            rebuilt=read_rebuilt(self.folder),
            quarantined=store.quarantine.quarantined(),
        )

    def register(self) -> "Register | None":
        """What the user says about names. ConfigError for a mistake in aliases.toml, ArchiveError for a broken list."""
        from searchkit.names.loading import load  # loads the rules of extraction, which a query does not need

        return load(self.folder)

    def unknown_documents(self) -> tuple[str, ...]:
        """Documents that aliases.toml names by id or address, and the archive does not hold. ConfigError as above."""
        from searchkit.names.loading import scoped_documents  # as in `register`

        store = self._read()
        return tuple(
            name
            for name in scoped_documents(self.folder)
            if store.known(name) is None and store.get(name) is None and store.get(document_id(name)) is None
        )

    def _names_notes(self) -> tuple[str, ...]:
        """What the reader must know when names would be read otherwise now than when documents were annotated."""
        try:
            current = names_folder.version(self.folder)
        except SearchkitError as error:  # answers are as good as they were before the file was broken
            return (str(error),)
        store = self._read()
        if all(version.partition("+")[2] == current for version in store.extractors()):
            return ()
        versions = store.extractor_versions()
        stale = sum(count for version, count in versions.items() if version.partition("+")[2] != current)
        were, them = ("document was", "it") if stale == 1 else ("documents were", "them")
        return (
            f"aliases.toml or a watchlist has changed since {stale:,} {were} annotated; "
            f"`searchkit index --outdated` annotates {them} again.",
        )

    # --- writing -----------------------------------------------------------------------------------------------------

    def ingest(
        self,
        found: "Iterable[Found]",
        *,
        options: "IngestOptions",
        now: datetime,
        whole: Sequence[str] = (),
        expected: "Expected" = lambda _uri, _location: True,
    ) -> "Iterator[Batch]":
        """Take in what a source gives; yields each batch once safe in the store. The index follows in larger steps.

        `whole` are addresses of which everything `expected` is given: what else was known there is marked as gone.
        ArchiveLocked when another writer is at work, unless the archive is `held`; errors as `register`.
        """
        from searchkit.archive.erasure.blocklist import Blocklist
        from searchkit.ingest import ingest

        blocklist = Blocklist.load(self.folder)
        options = replace(options, register=self.register(), is_forgotten=blocklist.__contains__)
        with self._writing() as store, self._follower(store) as follower:
            follower.apply(store.changes(follower.applied))
            for batch in ingest(found, store, options=options, now=now, whole=whole, expected=expected):
                follower.put(batch.changed, batch.sequence)
                yield batch
            follower.commit()

    def prune(self, locations: Sequence[str], *, now: datetime, anyway: bool = False) -> int:
        """Remove the documents within `locations` (addresses), or in files there, that are gone, with all their
        revisions; how many.

        They may still be read in what the files of the archive have not overwritten yet: `erasure` is what erases.
        UsageError, and nothing is removed, when they are more than PRUNED_AT_ONCE of those known there, unless
        `anyway`. ArchiveLocked as `ingest`.
        """
        with self._writing() as store, self._follower(store) as follower:
            found = store.prunable(locations)
            removed = len(found.documents)
            if removed > PRUNED_AT_ONCE * found.known and not anyway:
                raise UsageError(
                    f"{removed:,} of the {found.known:,} documents known there are gone: more than "
                    f"{PRUNED_AT_ONCE:.0%} are not removed at once. Nothing was removed.",
                    hint="If they are to go: --prune --yes",
                )
            for document_id in found.documents:
                store.delete(document_id, now.isoformat(timespec="seconds"))
            store.commit()
            follower.apply(store.changes(follower.applied))
            follower.commit()
        return removed

    def sources(self) -> "tuple[SourceCounts, ...]":
        """What came of each source; nothing in an archive that nothing was taken into yet."""
        return self._read().sources() if self._store is not None or self._store_path.exists() else ()

    def failures(self, source: str) -> "tuple[Failure, ...]":
        """What could not be read of a source when last tried; of the empty name, of what was given by hand."""
        return self._read().failures_of(source) if self._store is not None or self._store_path.exists() else ()

    def note_run(self, source: str, *, now: datetime, ok: bool, reason: str = "", description: str = "") -> None:
        """Remember that a source was asked, for what (as `Source.description` says), and whether it gave what it has.
        ArchiveLocked as `ingest`."""
        with self._writing() as store:
            store.note_run(source, now.isoformat(timespec="seconds"), ok=ok, reason=reason, description=description)
            store.commit()

    def reannotate(self, *, options: "IngestOptions", now: datetime, follow: bool = True) -> "Iterator[Batch]":
        """Annotate again what another version of searchkit, or other aliases and watchlists, annotated; yields each
        batch once it is safe in the store. Without `follow` the index stays behind, for a rebuild. Errors as `ingest`.
        """
        from searchkit.ingest import reannotate

        options = replace(options, register=self.register())
        with self._writing() as store:
            if not follow:
                yield from reannotate(store, options=options, now=now)
                return
            with self._follower(store) as follower:
                follower.apply(store.changes(follower.applied))
                for batch in reannotate(store, options=options, now=now):
                    follower.put(batch.changed, batch.sequence)
                    yield batch
                follower.commit()

    def outdated(self) -> int:
        """How many documents `reannotate` would annotate again."""
        from searchkit.extract import extractor_version

        if self.is_empty:
            return 0
        current = extractor_version(names_folder.version(self.folder))
        versions = self._read().extractor_versions()
        return sum(count for version, count in versions.items() if version != current)

    def catch_up(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Bring the index up to the store. Returns a note for the reader when that cannot be done now; ArchiveError
        when there is no index at all, nor may be."""
        store, index = self._read(), self._open_index()
        if index.applied == store.sequence:
            return ()
        missing = "the newest documents may be missing" if index.applied else "all documents are missing"
        if not os.access(self.folder, os.W_OK):
            if not index.applied:
                raise ArchiveError(
                    f"The archive {self.folder} has no index, and may not be written to make one.",
                    hint="Whoever may write there makes it: searchkit rebuild",
                )
            place = "behind" if index.applied < store.sequence else "not that of"
            return (f"The index is {place} the store and may not be written: {missing}.",)
        try:
            with self.held(), self._follower(store) as follower:
                changes = store.changes(follower.applied)
                follower.apply(counted(changes, store.sequence - follower.applied, progress))
                follower.commit()
        except ArchiveLocked:
            return (f"Another process is indexing: {missing} from this answer.",)
        except StorageFull as error:
            return (f"{error.message} So {missing} from this answer.",)
        return ()

    def _follower(self, store: SqliteStore) -> Follower:
        """What keeps the index behind the store. One that is ahead was made from another store: somebody has put an
        older one back, or lost its log. Its numbers mean other changes, so it is made anew. Only under the lock."""
        import shutil

        index = self._open_index()
        if index.applied > store.sequence:
            index.close()
            self._index = None
            shutil.rmtree(self._index_folder, ignore_errors=True)
        return Follower(self._open_index())

    def rebuild(self, *, now: datetime | None = None, progress: Progress | None = None) -> int:
        """Rebuild the index from the store next to the old one, and swap them; return the number of documents.

        `status` reports `now` as the time of the rebuild.
        """
        import shutil

        with self._writing() as store:
            new = self._index_folder / generations.REBUILT
            shutil.rmtree(new, ignore_errors=True)
            index = open_index(self.engine, new)
            with Follower(index) as follower:
                follower.apply(counted(store.changes(0), store.counts("").documents, progress))
                follower.commit()
            documents = index.counts()["document"]
            index.close()
            if self._index is not None:
                self._index.close()
                self._index = None
            try:
                generations.adopt(self._index_folder, new)
                write_marker(self.folder, self.engine, rebuilt=now)
            except OSError as error:
                raise folder_error(self.folder, error) from error
            return documents

    @contextmanager
    def held(self, wait: float = 0.0, *, called: str = "") -> Iterator[None]:
        """Keep other writers out for the length of the `with` block, over several steps of one run; to others it is
        `called` so (store/lock.py).

        ArchiveLocked when another writer is at work for longer than `wait` seconds.
        """
        if self._held:
            yield
            return
        from searchkit.store.lock import exclusive

        with exclusive(self._lock_path, wait=wait, called=called):
            self._held = True
            try:
                yield
            finally:
                self._held = False

    @contextmanager
    def _writing(self) -> Iterator[SqliteStore]:
        """The lock, and the store opened for writing under it."""
        with self.held():
            self._refuse_lost_store()
            if self._store is not None:
                self._store.close()
            self._store = SqliteStore(self._store_path, writable=True)
            try:
                yield self._store
            finally:
                self._store.close()
                self._store = None

    def _refuse_lost_store(self) -> None:
        """ArchiveError when the store is gone or empty and the index was made from one that was not: a new one would
        hide that all is lost."""
        if self._store_path.exists() and self._store_path.stat().st_size:
            return
        with suppress(generations.DamagedFile, OSError, ValueError):
            found = generations.current(self._index_folder)
            if found is not None and generations.read_manifest(found).applied:
                raise ArchiveError(
                    f"The store {self._store_path} is {'empty' if self._store_path.exists() else 'missing'}, and the "
                    "index says that it held documents.",
                    hint=f"Restore a backup: searchkit restore DIR. To begin anew, remove {self._index_folder}.",
                )

    @contextmanager
    def ledger(self) -> "Iterator[AlertLedger]":
        """What alerts have found and told, for writing; what is not committed when the block is left is forgotten.

        ArchiveLocked as `ingest`."""
        with self._writing() as store:
            yield store.alerts

    def alert_ledger(self) -> "AlertLedger":
        """What alerts have found and told, for reading."""
        return self._read().alerts

    def records(self) -> SqliteStore:
        """The store, for reading what no other method here gives."""
        return self._read()

    @contextmanager
    def changing(self) -> Iterator[SqliteStore]:
        """The store, for writing what no other method here does; what is not committed when the block is left is
        forgotten. ArchiveLocked as `ingest`."""
        with self._writing() as store:
            yield store

    def expunge(self) -> None:
        """Update the index from the store, and rewrite its files so that they hold nothing of removed documents. Errors
        as `rebuild`."""
        with self._writing() as store:
            index = self._open_index()
            with Follower(index) as follower:
                follower.apply(store.changes(follower.applied))
                follower.commit()
            index.expunge()

    @property
    def is_forgetting(self) -> bool:
        """Whether an erasure was cut short (erasure/): it is to be finished."""
        return (self.folder / FORGETTING).exists()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever taken in."""
        return self._store is None and not self._store_path.exists()

    # --- parts -------------------------------------------------------------------------------------------------------

    @property
    def _lock_path(self) -> Path:
        return self.folder / LOCK

    @property
    def _store_path(self) -> Path:
        return self.folder / STORE

    @property
    def _index_folder(self) -> Path:
        return self.folder / engine_scheme(self.engine)

    def _read(self) -> SqliteStore:
        if self._store is None:
            # It was made for a run that was refused, and nobody has lost anything.
            if self.is_empty and not was_filled(self.folder):
                raise ArchiveError(
                    f"There is nothing in the archive {self.folder} yet.",
                    hint="Take something in: searchkit index PATH",
                )
            self._store = SqliteStore(self._store_path, writable=False)
        return self._store

    def _open_index(self) -> Index:
        if self._index is None:
            refuse_planted(self.folder, self._index_folder, trusted={0, os.geteuid()})
            self._index = open_index(self.engine, self._index_folder)
        return self._index
