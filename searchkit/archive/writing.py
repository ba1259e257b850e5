"""Add documents to an archive, annotate them again, and remove those that are gone; the index follows."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from searchkit.archive.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.index_sync import SegmentQueue
from searchkit.archive.indexing import Indexing
from searchkit.crawl.base import CrawlResult
from searchkit.crawl.files import is_there
from searchkit.errors import ArchiveError, StorageFull, UsageError
from searchkit.ingest import Background, Batch, IngestOptions, IsGone, ingest, reannotate
from searchkit.store.store import Store

if TYPE_CHECKING:
    from searchkit.store.sources import SourceCounts

# A larger part of the documents known at a location is removed only on confirmation: a mistyped path, a moved folder or
# a broken export may be the reason.
MOST_PRUNED = 0.2


class Writing:
    """Changes the documents of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def ingest(
        self,
        found: Iterable[CrawlResult | None],
        *,
        options: IngestOptions,
        now: datetime,
        complete_locations: Sequence[str] = (),
        is_gone: IsGone = lambda _uri, _location, _was_read: True,
    ) -> Iterator[Batch]:
        """Add what a source provides; yield each committed batch. The index follows in larger steps.

        This run reads `complete_locations` in full: other resources known there that `is_gone` are marked as gone.
        ArchiveLocked as `Archive.held`; errors as `Archive.register`.
        """
        archive, complete = self._archive, complete_locations
        is_forgotten = Blocklist.load(archive.folder).__contains__
        options = replace(options, register=archive.register(), is_forgotten=is_forgotten)
        with archive.changing() as store:
            batches = ingest(found, store, options=options, now=now, complete_locations=complete, is_gone=is_gone)
            yield from self._followed(store, batches, options.background)

    def reannotate(self, *, options: IngestOptions, now: datetime, follow: bool = True) -> Iterator[Batch]:
        """Annotate outdated documents again; yield each batch once the store has committed it. Without `follow`, the
        index stays behind, for a rebuild. Errors as `ingest`."""
        options = replace(options, register=self._archive.register())
        with self._archive.changing() as store:
            batches = reannotate(store, options=options, now=now)
            yield from self._followed(store, batches, options.background) if follow else batches

    def _followed(self, store: Store, batches: Generator[Batch, None, None], background: Background) -> Iterator[Batch]:
        """Yield batches while the index follows them, with the help of worker processes."""
        archive, position = self._archive, store.position
        with Indexing(archive).synced(store, SegmentQueue(background)) as sync, closing(batches):
            sync.apply(store.changes(sync.position.sequence))
            for batch in batches:
                sync.put(batch.changed, batch.position)
                position = batch.position
                yield batch
        try:
            archive.add_notes(*archive.histories_file.follow())
        except StorageFull:  # the next question makes them
            pass
        except ArchiveError as error:  # the documents are safe, and the next run goes on
            archive.add_notes(f"The histories were not updated: {error}")
        if notes := archive.take_notes():
            yield Batch(outcomes=(), changed=(), position=position, notes=notes)

    def sources(self) -> "tuple[SourceCounts, ...]":
        """Return counts for each source."""
        return self._archive.sources()

    def prune(self, locations: Sequence[str], *, now: datetime, anyway: bool = False) -> int:
        """Remove documents that are gone within `locations`, or in files there, with all revisions; return how many.
        What has a file at its address again is kept.

        Deleted content may remain in free space of the files; `erasure` overwrites it. UsageError without any change
        if more than MOST_PRUNED of the documents known there would go, unless `anyway`. ArchiveLocked as `ingest`.
        """
        with self._archive.changing() as store, Indexing(self._archive).synced(store) as sync:
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
        """Store the time and `result` of a source's run, see `SourceRuns.note`. ArchiveLocked as `ingest`."""
        with self._archive.changing() as store:
            store.runs.note(source, now.isoformat(timespec="seconds"), **result)
            store.commit()
