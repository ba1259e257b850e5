"""Conducting: what a source gives, to workers, to the store, one committed batch at a time."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from itertools import islice

from searchkit import extract
from searchkit.crawl import Refused
from searchkit.document import Article, Document, Resource
from searchkit.ingest.base import Annotated, Batch, IngestOptions, Outcome, Result, Task, Twice, Unchanged
from searchkit.ingest.pool import run
from searchkit.store.base import Store

# A task for a worker: enough work to outweigh its transport, little enough to keep all workers busy and memory flat.
_TASK_RESOURCES = 24
_TASK_BYTES = 1_000_000


def ingest(
    resources: Iterable[Resource | Refused], store: Store, *, options: IngestOptions, now: datetime
) -> Iterator[Batch]:
    """Take in `resources` and yield each batch once the store has committed it.

    Outcomes come in the order of the resources, but what needs no work may overtake a few that do.

    Raises StorageFull or ArchiveError when the store cannot go on; what was yielded before stays.
    """
    seen_at = now.isoformat(timespec="seconds")
    outcomes: list[Outcome] = []
    changed: list[Document] = []
    started = time.monotonic()
    try:
        for result in run(_tasks(resources, store), options, now):
            outcome, document = _store(result, store, seen_at)
            outcomes.append(outcome)
            if document is not None:
                changed.append(document)
            if len(outcomes) >= options.batch_size or time.monotonic() - started > options.batch_seconds:
                yield _commit(store, outcomes, changed)
                outcomes, changed, started = [], [], time.monotonic()
        yield _commit(store, outcomes, changed)
    finally:
        store.rollback()


def _commit(store: Store, outcomes: list[Outcome], changed: list[Document]) -> Batch:
    store.commit()
    return Batch(outcomes=tuple(outcomes), changed=tuple(changed), sequence=store.sequence)


def _store(result: Result, store: Store, seen_at: str) -> tuple[Outcome, Document | None]:
    if isinstance(result, Refused):
        return Outcome(uri=result.uri, status="failed", reason=result.reason), None
    if isinstance(result, Twice):
        return Outcome(uri=result.uri, status="skipped", reason="this address came earlier in the same run"), None
    if isinstance(result, Unchanged):
        store.touch(result.uri, seen_at)
        return Outcome(uri=result.uri, status="unchanged", id=result.document), None
    put = store.put(result.document, resource=result.uri, digest=result.digest)
    reason = f"replaces the text of {put.replaces}: both name the same address as theirs" if put.replaces else ""
    outcome = Outcome(uri=result.uri, status=put.status, reason=reason, id=put.document.id)
    return outcome, None if put.status == "unchanged" else put.document


def reannotate(store: Store, *, options: IngestOptions, now: datetime) -> Iterator[Batch]:
    """Annotate again what another extractor version, or another register, annotated; yields each committed batch.

    Nothing is fetched and no revision is made. What a kill leaves undone is still outdated, and done by the next run.
    What cannot be annotated fails, and stays as it is. Errors as `ingest`.
    """
    version = extract.extractor_version(options.register.version if options.register is not None else "")
    outcomes: list[Outcome] = []
    changed: list[Document] = []
    started = time.monotonic()
    try:
        for result in run(_article_tasks(store, version), options, now):
            if isinstance(result, Annotated) and store.replace_annotations(result.document):
                document = store.get(result.document.id)
                if document is not None:
                    changed.append(document)
                outcomes.append(Outcome(uri=result.uri, status="updated", id=result.document.id))
            elif isinstance(result, Refused):
                outcomes.append(Outcome(uri=result.uri, status="failed", reason=result.reason))
            if len(outcomes) >= options.batch_size or time.monotonic() - started > options.batch_seconds:
                yield _commit(store, outcomes, changed)
                outcomes, changed, started = [], [], time.monotonic()
        if outcomes:
            yield _commit(store, outcomes, changed)
    finally:
        store.rollback()


def _article_tasks(store: Store, version: str) -> Iterator[Task]:
    names = [field.name for field in fields(Article)]
    articles = (Article(**{name: getattr(found, name) for name in names}) for found in store.outdated(version))
    while task := list(islice(articles, _TASK_RESOURCES)):
        yield [], list(task)


def _tasks(resources: Iterable[Resource | Refused], store: Store) -> Iterator[Task]:
    """Cut the stream into tasks: what needs no work, and the resources that do, bounded by number and bytes."""
    settled: list[Result] = []
    task: list[Resource | Article] = []
    size = 0
    seen: set[str] = set()
    for resource in resources:
        if isinstance(resource, Refused):
            settled.append(resource)
        elif resource.uri in seen:
            # Two texts under one address would take turns at every run, and each turn would be a revision.
            settled.append(Twice(uri=resource.uri))
        else:
            seen.add(resource.uri)
            known = store.known(resource.uri)
            if known is not None and known.digest == resource.digest:
                settled.append(Unchanged(uri=resource.uri, document=known.document))
            else:
                task.append(resource)
                size += len(resource.body)
        if len(task) >= _TASK_RESOURCES or size >= _TASK_BYTES or len(settled) >= 200:
            yield settled, task
            settled, task, size = [], [], 0
    yield settled, task
