"""The ingest pipeline: from a source to the workers to the store, one committed batch at a time."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from searchkit.crawl.base import FORGOTTEN, CrawlResult, Gone, Refused
from searchkit.ingest.base import Annotated, Batch, IngestOptions, Moved, Outcome, Result, Task, Unchanged
from searchkit.ingest.change_detection import ChangeDetector, IsGone, extractor_version
from searchkit.ingest.limits import give_back_large_blocks, give_back_small_blocks
from searchkit.ingest.pool import run
from searchkit.parse.base import THIN
from searchkit.statements.document import Article, Document, Resource, document_id, weight
from searchkit.store.base import SHOWS_LESS
from searchkit.store.near_duplicates import Sketch
from searchkit.store.shorter_views import believed, is_walled, shown, shows_less
from searchkit.store.sources import Failure
from searchkit.store.store import Store

# Articles per task when documents are annotated again.
_TASK_ARTICLES = 24
# A batch is held in memory, so a batch of books has fewer resources than one of news. As `weight` counts.
_BATCH_SIZE = 2_000_000
# If the stored text is not the article, the article is among so many earlier revisions.
_MOST_REVISIONS = 20
_WithoutDocument = Outcome | Unchanged | Moved | Failure | Refused | Gone
# Notes that begin so report that a document was read only in part.
_IN_PART = ("truncated: ", "extraction: ")


def ingest(
    found: Iterable[CrawlResult | None],
    store: Store,
    *,
    options: IngestOptions,
    now: datetime,
    complete_locations: Sequence[str] = (),
    is_gone: IsGone = lambda _uri, _location, _was_read: True,
) -> Generator[Batch, None, None]:
    """Ingest what a source provides and yield each batch once the store has committed it. While a source waits, it
    provides None, so that what it provided before is stored.

    Outcomes come in the order of the resources, except that unchanged resources may overtake a few others. This
    run reads `complete_locations` in full: other resources known there that `is_gone` are marked as gone. If nothing at
    all is found at a location, nothing is marked. The last batch has the notes on all of this, and the remarks of the
    source.

    Raises StorageFull or ArchiveError if the store cannot continue; batches yielded before stay.
    """
    give_back_large_blocks()
    detector = ChangeDetector(found, store, options, now, complete_locations=complete_locations, is_gone=is_gone)
    writer = BatchWriter(store, options, now)
    try:
        for result in run(detector.tasks(), options, now):
            if result is not None:
                writer.add(result, detector)
            if writer.is_full:
                yield from writer.commit()
        notes = []
        for location in complete_locations:
            absent, note = detector.absent(location)
            notes += [note] if note else []
            for uri in absent:
                writer.add_absent(uri)
                if writer.is_full:
                    yield from writer.commit()
            if not note:
                detector.forget_failures_within(location)
                detector.forget_quarantined(location)
        yield from writer.commit([*detector.notes, *notes])
    finally:
        store.rollback()


class BatchWriter:
    """Writes the results of a run to the store in batches."""

    def __init__(self, store: Store, options: IngestOptions, now: datetime) -> None:
        self._store = store
        self._options = options
        self._at = now.isoformat(timespec="seconds")
        self._outcomes: list[Outcome] = []
        # Results that wait for the transaction, if other processes write as well.
        self._gathered: list[tuple[Result, ChangeDetector]] = []
        self._documents: dict[str, Document] = {}
        self._notes: list[str] = []
        self._position = store.position
        self._since = time.monotonic()
        self._size = 0

    @property
    def has_outcomes(self) -> bool:
        return bool(self._outcomes or self._gathered)

    @property
    def is_full(self) -> bool:
        late = time.monotonic() - self._since > self._options.batch_seconds
        count = len(self._outcomes) + len(self._gathered)
        much = count >= self._options.batch_size or self._size >= _BATCH_SIZE
        return much or (self.has_outcomes and late)

    def add(self, result: Result, detector: ChangeDetector) -> None:
        """Store a result and its outcome, at once or with the batch."""
        if self._options.is_shared:
            self._gathered.append((result, detector))
            self._size += len(result.record) if isinstance(result, Annotated) else 0
        else:
            self._store_result(result, detector)

    def _store_result(self, result: Result, detector: ChangeDetector) -> None:
        if isinstance(result, Annotated):
            self._outcomes += self._stored(result, detector)
        else:
            self._outcomes.append(self._outcome(result, detector))

    def add_absent(self, uri: str) -> None:
        """Record that a resource is no longer at its address."""
        self._store.quarantine.forget(uri)
        self._outcomes.append(_gone(uri, self._store.mark_gone(uri, self._at), "is no longer available"))

    def add_refused_article(self, refused: Refused, version: str) -> None:
        """Keep annotations that this `version` of the extractor cannot make again."""
        self._outcomes.append(Outcome(uri=refused.uri, status="failed", reason=self._counted(refused, version)))

    def replace_annotations(self, annotated: Annotated) -> None:
        """Replace the annotations of a document."""
        document = annotated.document
        if self._store.replace_annotations(document, Sketch.unpacked(annotated.sketch)):
            self._outcomes.append(Outcome(uri=annotated.uri, status="updated", id=document.id))
            added = document.remarks()[len(document.notes) :]
            self._notes += [f"{annotated.uri}: {remark}" for remark in added if remark.startswith(_IN_PART)]

    def commit(self, notes: Iterable[str] = ()) -> Iterator[Batch]:
        """Commit the batch and yield it. Documents that changed only as duplicates may be large; then they come first,
        in batches without outcomes."""
        if self._gathered:
            self._store.begin()
            for result, detector in self._gathered:
                self._store_result(result, detector)
        self._store.commit()
        changed: list[Document] = []
        size = 0
        for change in () if self._options.is_shared else self._store.changes(self._position.sequence, self._documents):
            if change.document is None:
                continue
            changed.append(change.document)
            if change.document_id not in self._documents:
                size += weight(change.document)
            if size >= _BATCH_SIZE:
                read_again = tuple(document for document in changed if document.id not in self._documents)
                changed, size = [document for document in changed if document.id in self._documents], 0
                # This batch is incomplete, so it keeps the last complete position.
                yield Batch(outcomes=(), changed=read_again, position=self._position)
                del read_again
        is_heavy = self._size >= _BATCH_SIZE
        self._position = self._store.position
        batch = Batch(
            outcomes=tuple(self._outcomes),
            changed=tuple(changed),
            position=self._position,
            notes=(*self._notes, *notes),
        )
        self._outcomes, self._documents, self._notes, self._since, self._size = [], {}, [], time.monotonic(), 0
        self._gathered = []
        yield batch
        if is_heavy:
            give_back_small_blocks()

    def _stored(self, result: Annotated, detector: ChangeDetector) -> Iterator[Outcome]:
        """Store a document; yield its outcome, and that of the document that was at its address before."""
        uri, document = result.uri, result.document
        sent = detector.take_sent(uri)
        if self._is_forgotten(uri, document):
            yield Outcome(uri=uri, status="skipped", reason=FORGOTTEN)
            return
        if less := self._shows_less(uri, document):
            yield self._kept(Refused(uri=uri, reason=less, digest=result.digest, shows=shown(document)), detector, sent)
            return
        sketch = Sketch.unpacked(result.sketch)
        put = self._store.put(document, resource=uri, digest=result.digest, sketch=sketch, record=result.record)
        detector.forget_failures_of(uri)
        self._store.quarantine.forget(uri)
        if put.variant_of:
            yield Outcome(uri=uri, status="unchanged", id=put.document.id, variant_of=put.variant_of)
            return
        if put.status != "unchanged":
            self._documents[put.document.id] = put.document
            self._size += weight(put.document)
        self._notes += [f"{uri}: {note}" for note in document.remarks() if note.startswith(_IN_PART)]
        reason = f"moved here from {put.replaces}" if put.replaces else ""
        if put.replaces == uri:
            reason = f"moved to {put.document.uri}"
        if put.rival:
            reason = f"has the same canonical URL as {put.rival}, but another text or host; both are kept"
        yield Outcome(
            uri=uri,
            status=put.status,
            reason=reason,
            id=put.document.id,
            same=put.status == "unchanged",
            former=put.former,
            has_canonical_conflict=bool(put.rival),
            walled=is_walled(document.notes),
            thin=any(note.startswith(THIN) for note in document.notes),
            failed_sentences=document.failed_sentences,
        )
        if put.displaced:
            reason = f"another document is at its address now: {put.document.id}"
            yield Outcome(uri=uri, status="gone", reason=reason, id=put.displaced)

    def _outcome(self, result: _WithoutDocument, detector: ChangeDetector) -> Outcome:
        uri = result.uri
        match result:
            case Unchanged():
                was_gone = self._store.touch(uri, self._at, source=self._options.source_of(uri))
                detector.forget_failures_of(uri)
                reason = "available again" if was_gone else ""
                return Outcome(uri=uri, status="unchanged", reason=reason, id=result.document)
            case Moved():
                moved = self._store.move(result.before, uri, self._at, source=result.source)
                self._store.quarantine.forget(result.before)
                reason = f"moved here from {result.before}"
                return Outcome(uri=uri, status="unchanged", reason=reason, id=moved, moved=True)
            case Gone():
                detector.forget_failures_of(uri)
                self._store.quarantine.forget(uri)
                return _gone(uri, self._store.mark_gone(uri, self._at), result.reason)
            case Outcome():
                return result
            case Failure():
                # A path as typed may be a mistake, and standard input cannot be read again.
                if "://" in uri:
                    self._note_failure(result, detector)
                return Outcome(uri=uri, status="failed", reason=result.reason)
            case Refused():
                sent = detector.take_sent(uri)
                if result.shows and sent is not None and uri.startswith("http") and self._store.known(uri):
                    return self._kept(result, detector, sent)
                failure = detector.failure(result, sent)
                self._note_failure(failure, detector)
                return Outcome(uri=uri, status="failed", reason=self._counted(result, failure.digest))

    def _shows_less(self, uri: str, document: Document) -> str:
        """Return why a fetched page shows less than its stored article; empty if the user accepts it all the same."""
        known = self._store.known(uri) if document.is_fetched else None
        stored = self._store.get(known.document) if known is not None else None
        is_accepted = self._options.retry_failed and uri in self._options.named
        if stored is None or is_accepted or not (less := shows_less(stored, document)):
            return ""
        numbers = range(max(1, stored.revision - _MOST_REVISIONS), stored.revision)
        earlier = [past for number in numbers if (past := self._store.past(stored.id, number)) is not None]
        return less if not earlier or shows_less(believed([*earlier, stored]), document) else ""

    def _kept(self, shown: Refused, detector: ChangeDetector, sent: Resource | None) -> Outcome:
        """Keep the stored article of a page that shows less, and note since when; mark it as gone if the page says that
        it was removed."""
        uri = shown.uri
        earlier = next((one for one in self._store.failures.of_resource(uri) if one.shows_less), None)
        failure = detector.failure(replace(shown, reason=SHOWS_LESS + shown.reason), sent)
        failure = failure if earlier is None else replace(failure, at=earlier.at)
        self._store.failures.note(failure, replaces=earlier)
        detector.forget_failures_of(uri)
        gone = self._store.mark_gone(uri, self._at) if shown.shows == "removed" else None
        return Outcome(
            uri=uri,
            status="skipped" if gone is None else "gone",
            reason=failure.reason,
            known=earlier is not None,
            id=gone,
            shows_less=True,
        )

    def _is_forgotten(self, uri: str, document: Document) -> bool:
        """Return whether a document was forgotten: by its id, or if it is new, by the address that it claims."""
        claim = "" if self._store.known(uri) else document.claim or document.other_address
        names = (document.id, claim, document_id(claim)) if claim else (document.id,)
        return any(map(self._options.is_forgotten, names))

    def _counted(self, refused: Refused, digest: str) -> str:
        """Count a crash and return the reason of a refusal, with a note once the resource is quarantined."""
        if not refused.ended_worker:
            return refused.reason
        crashing = self._store.quarantine.note(refused.uri, digest, reason=refused.reason, at=self._at)
        if crashing.is_quarantined:
            return f"{refused.reason}, in {crashing.tries} runs: in quarantine"
        return refused.reason

    def _note_failure(self, failure: Failure, detector: ChangeDetector) -> None:
        detector.forget_failures_of(failure.uri)
        self._store.failures.note(failure)


def _gone(uri: str, document: str | None, reason: str) -> Outcome:
    """Return the outcome of `mark_gone`; None: never known, or gone already."""
    if document is None:
        return Outcome(uri=uri, status="unchanged")
    return Outcome(uri=uri, status="gone", reason=reason, id=document)


def reannotate(store: Store, *, options: IngestOptions, now: datetime) -> Generator[Batch, None, None]:
    """Annotate the documents of another extractor version or other names again; yield each committed batch.

    Nothing is fetched and there are no revisions. The next run continues after a kill. A document that cannot be
    annotated keeps its annotations; one that crashes workers is quarantined for this version. Errors as `ingest`.
    """
    give_back_large_blocks()
    version = extractor_version(options)
    writer = BatchWriter(store, options, now)
    try:
        for result in run(_article_tasks(store, version), options, now):
            if isinstance(result, Annotated):
                writer.replace_annotations(result)
            elif isinstance(result, Refused):
                writer.add_refused_article(result, version)
            if writer.is_full:
                yield from writer.commit()
        if writer.has_outcomes:
            yield from writer.commit()
    finally:
        store.rollback()


def _article_tasks(store: Store, version: str) -> Iterator[Task]:
    names = Article.__struct_fields__
    articles = (
        Article(**{name: getattr(found, name) for name in names})
        for found in store.outdated(version)
        if store.quarantine.holds(found.uri, version) is None
    )
    while task := list(islice(articles, _TASK_ARTICLES)):
        yield "", [], list(task)
