"""Conducting: what a source gives, to workers, to the store, one committed batch at a time."""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from searchkit import extract
from searchkit.crawl.base import FORGOTTEN, Found, Gone, Postponed, Refused, Withheld
from searchkit.document import Article, Document, weight
from searchkit.ingest.base import (
    Annotated,
    Batch,
    FailedBefore,
    IngestOptions,
    Left,
    Lost,
    Outcome,
    Result,
    Task,
    Twice,
    Unchanged,
)
from searchkit.ingest.change_detection import Expected, Walk
from searchkit.ingest.limits import give_back_large_blocks, give_back_small_blocks
from searchkit.ingest.pool import run
from searchkit.store.base import Failure, Known, Store

# Articles handed to a worker at once when they are annotated again; as many as resources (walking.py).
_TASK_ARTICLES = 24
# A batch is held in memory, so one of books is smaller than one of news.
_BATCH_SIZE = 2_000_000


def ingest(
    found: Iterable[Found],
    store: Store,
    *,
    options: IngestOptions,
    now: datetime,
    whole: Sequence[str] = (),
    expected: Expected = lambda _uri, _location: True,
) -> Iterator[Batch]:
    """Take in what a source gives and yield each batch once the store has committed it.

    Outcomes come in the order of the resources, but what needs no work may overtake a few that do. `whole` are
    addresses of which everything is given that is `expected`: what the store knows within them, or in files there, and
    was not given is gone, unless it is to be had elsewhere. The last batch holds those, with a note on each address
    where nothing was found at all, of which nothing is marked.

    Raises StorageFull or ArchiveError when the store cannot go on; what was yielded before stays.
    """
    give_back_large_blocks()
    walk = Walk(found, store, options, now, whole=whole, expected=expected)
    taking = _Taking(store, options, now)
    try:
        for result in run(walk.tasks(), options, now):
            taking.take(result, walk)
            if taking.is_full:
                yield from taking.commit()
        notes = []
        for location in whole:
            absent, note = walk.absent(location)
            notes += [note] if note else []
            for one in absent:
                if isinstance(one, Left):
                    taking.leave(one)
                else:
                    taking.take(one, walk)
                if taking.is_full:
                    yield from taking.commit()
            if not note:
                walk.forget_failures_within(location)
                walk.forget_quarantined(location)
        yield from taking.commit(tuple(notes))
    finally:
        store.rollback()


class _Taking:
    """One run's way into the store: outcome by outcome, closed in batches."""

    def __init__(self, store: Store, options: IngestOptions, now: datetime) -> None:
        self._store = store
        self._options = options
        self._at = now.isoformat(timespec="seconds")
        self._outcomes: list[Outcome] = []
        self._made: dict[str, Document] = {}
        self._sequence = store.sequence
        self._since = time.monotonic()
        self._size = 0  # as `weight` has it

    @property
    def is_full(self) -> bool:
        late = time.monotonic() - self._since > self._options.batch_seconds
        much = len(self._outcomes) >= self._options.batch_size or self._size >= _BATCH_SIZE
        return much or (bool(self._outcomes) and late)

    @property
    def is_empty(self) -> bool:
        return not self._outcomes

    def take(self, result: Result, walk: Walk) -> None:
        """Note one result in the store, and its outcome."""
        before = self._store.known(result.uri) if isinstance(result, Annotated) else None
        self._outcomes.append(self._outcome(result, walk))
        if before is not None:
            self._note_left(result.uri, before)

    def leave(self, left: Left) -> None:
        """A file holds a resource no more; an outcome only when nothing else has it."""
        document = self._store.mark_gone(left.uri, self._at, container=left.container)
        if document is not None:
            self._store.quarantine.forget(left.uri)
            self._outcomes.append(Outcome(uri=left.uri, status="gone", reason="is not there any more", id=document))

    def leave_as_is(self, refused: Refused, version: str) -> None:
        """Annotations that this `version` of the extractor cannot make again stay as they are."""
        self._outcomes.append(Outcome(uri=refused.uri, status="failed", reason=self._counted(refused, version)))

    def again(self, annotated: Annotated) -> None:
        """Put new annotations in the place of the old."""
        document = annotated.document
        if self._store.replace_annotations(document, annotated.sketch):
            self._outcomes.append(Outcome(uri=annotated.uri, status="updated", id=document.id))

    def commit(self, notes: tuple[str, ...] = ()) -> Iterator[Batch]:
        """Close the batch: durable when the first value comes. What changed with it, and has to be read again, comes
        before it in batches without outcomes when it is much: a book that is a copy of books changes all of them."""
        self._store.commit()
        changed: list[Document] = []
        size = 0
        for change in self._store.changes(self._sequence, self._made):
            if change.document is None:
                continue
            changed.append(change.document)
            if change.document_id not in self._made:
                size += weight(change.document)
            if size >= _BATCH_SIZE:
                read_again = tuple(one for one in changed if one.id not in self._made)
                changed, size = [one for one in changed if one.id in self._made], 0
                # Not all of what changed is in it, so it has the number of what was whole before.
                yield Batch(outcomes=(), changed=read_again, sequence=self._sequence)
                del read_again
        is_heavy = self._size >= _BATCH_SIZE
        self._sequence = self._store.sequence
        batch = Batch(outcomes=tuple(self._outcomes), changed=tuple(changed), sequence=self._sequence, notes=notes)
        self._outcomes, self._made, self._since, self._size = [], {}, time.monotonic(), 0
        yield batch
        if is_heavy:
            give_back_small_blocks()

    def _outcome(self, result: Result, walk: Walk) -> Outcome:
        uri = result.uri
        tried = walk.tried(uri) if isinstance(result, Annotated | Refused) else None
        container = tried.container if tried else ""
        match result:
            case Annotated() if self._options.is_forgotten(result.document.id):
                return Outcome(uri=uri, status="skipped", reason=FORGOTTEN)
            case Annotated():
                put = self._store.put(
                    result.document, resource=uri, digest=result.digest, sketch=result.sketch, container=container
                )
                walk.forget_failures_of(uri, container)
                self._store.quarantine.forget(uri)
                if put.status != "unchanged":
                    self._made[put.document.id] = put.document
                    self._size += weight(put.document)
                reason = f"replaces the text of {put.replaces}: both name the same address as theirs"
                same = put.status == "unchanged"
                reason = reason if put.replaces else ""
                return Outcome(uri=uri, status=put.status, reason=reason, id=put.document.id, same=same)
            case Unchanged():
                was_gone = self._store.touch(uri, self._at, source=self._options.source, container=result.container)
                walk.forget_failures_of(uri, result.container)
                reason = "was gone, and is there again" if was_gone else ""
                return Outcome(uri=uri, status="unchanged", reason=reason, id=result.document)
            case Gone():
                walk.forget_failures_of(uri)
                self._store.quarantine.forget(uri)
                document = self._store.mark_gone(uri, self._at)
                if document is None:  # never known, gone already, or still in a file
                    return Outcome(uri=uri, status="unchanged")
                return Outcome(uri=uri, status="gone", reason=result.reason, id=document)
            case Withheld():
                return Outcome(uri=uri, status="skipped", reason=result.reason, known=result.told, withheld=True)
            case Lost():
                reason = "has not changed, but is not in the archive: it is read again"
                return Outcome(uri=uri, status="skipped", reason=reason, lost=True)
            case Postponed():
                return Outcome(uri=uri, status="skipped", reason=result.reason)
            case Twice():
                if result.container:
                    self._store.note_member(uri, result.container)
                return Outcome(uri=uri, status="skipped", reason="this address came earlier in the same run")
            case FailedBefore(quarantined=True):
                reason = f"is in quarantine: {result.reason} (tried again when it is named with --retry-failed)"
                return Outcome(uri=uri, status="skipped", reason=reason, known=True)
            case FailedBefore():
                reason = f"failed before and has not changed: {result.reason} (--retry-failed tries again)"
                return Outcome(uri=uri, status="skipped", reason=reason, known=True)
            case Failure():
                # A path as typed may be a slip of the pen, and standard input is no place where to look again.
                if "://" in uri:
                    self._note_failure(result, walk)
                return Outcome(uri=uri, status="failed", reason=result.reason)
            case Refused():
                failure = walk.failure(result, tried)
                self._note_failure(failure, walk)
                return Outcome(
                    uri=uri, status="failed", reason=self._counted(result, failure.digest, failure.container)
                )

    def _counted(self, refused: Refused, digest: str, container: str = "") -> str:
        """The reason of a refusal; and that nobody will try again, once enough runs have."""
        if not refused.ended_worker:
            return refused.reason
        noted = self._store.quarantine.note
        deadly = noted(refused.uri, digest, reason=refused.reason, at=self._at, container=container)
        return f"{refused.reason}, in {deadly.tries} runs: in quarantine" if deadly.is_quarantined else refused.reason

    def _note_left(self, uri: str, before: Known) -> None:
        """Tell of the document that an address held before, when it holds another now and no other address has it."""
        now = self._store.known(uri)
        if before.gone_at or now is None or now.document == before.document:
            return
        document = self._store.get(before.document)
        if document is not None and document.gone_at == self._at:
            reason = f"its address has another document now: {now.document}"
            self._outcomes.append(Outcome(uri=uri, status="gone", reason=reason, id=before.document))

    def _note_failure(self, failure: Failure, walk: Walk) -> None:
        walk.forget_failures_of(failure.uri, failure.container)
        self._store.note_failure(failure)


def reannotate(store: Store, *, options: IngestOptions, now: datetime) -> Iterator[Batch]:
    """Annotate again what another extractor version, or another register, annotated; yields each committed batch.

    Nothing is fetched and no revision is made. What a kill leaves undone is still outdated, and done by the next run.
    What cannot be annotated fails, and stays as it is; what ended a process in so many runs is tried no more by
    the same version. Errors as `ingest`.
    """
    give_back_large_blocks()
    version = extract.extractor_version(options.register.version if options.register is not None else "")
    taking = _Taking(store, options, now)
    try:
        for result in run(_article_tasks(store, version), options, now):
            if isinstance(result, Annotated):
                taking.again(result)
            elif isinstance(result, Refused):
                taking.leave_as_is(result, version)
            if taking.is_full:
                yield from taking.commit()
        if not taking.is_empty:
            yield from taking.commit()
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
        yield [], list(task)
