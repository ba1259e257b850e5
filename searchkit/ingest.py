"""The conductor: resource -> article -> document -> store; one Outcome a resource.

Reading is done by the source, parsing and annotating by worker processes, storing by this process, one committed batch
at a time. What is reported as added, updated or unchanged has been committed. An input that fails is an outcome, not an
exception: the run goes on.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Literal, TypeVar

from searchkit import extract, parse
from searchkit.crawl import Refused
from searchkit.document import Article, Document, Resource
from searchkit.errors import InputError, TryAgain
from searchkit.extract.register import Register
from searchkit.extract.speakers.passed_over import Explained
from searchkit.store.base import Store

_Made = TypeVar("_Made")

Status = Literal["added", "updated", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one resource. `reason` explains what one may not expect; `id` is the document's, if any."""

    uri: str
    status: Status
    reason: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One committed batch: the outcomes, the documents that changed, and the store's sequence number after it."""

    outcomes: tuple[Outcome, ...]
    changed: tuple[Document, ...]
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """How a run works. `workers` processes annotate (0: one a core). A batch closes at `batch_size` resources or after
    `batch_seconds`, whichever is first: a kill costs at most that much work and no stored document. `register` is what
    the user says about names."""

    workers: int = 0
    batch_size: int = 500
    batch_seconds: float = 5.0
    register: Register | None = field(default=None, repr=False)


# A task for a worker: enough work to outweigh its transport, little enough to keep all workers busy and memory flat.
_TASK_RESOURCES = 24
_TASK_BYTES = 1_000_000
# Fewer changed resources than this are annotated here: starting a process costs as much as about 100 short articles.
_POOL_PAYS_FROM = 48


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
        for result in _run(_tasks(resources, store), options, now):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unchanged:
    uri: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotated:
    uri: str
    digest: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twice:
    uri: str


_Result = _Unchanged | _Annotated | _Twice | Refused
_Task = tuple[list[_Result], list[Resource | Article]]
"""What needs no work, and what has to be annotated: resources, or articles that were parsed before."""


def _store(result: _Result, store: Store, seen_at: str) -> tuple[Outcome, Document | None]:
    if isinstance(result, Refused):
        return Outcome(uri=result.uri, status="failed", reason=result.reason), None
    if isinstance(result, _Twice):
        return Outcome(uri=result.uri, status="skipped", reason="this address came earlier in the same run"), None
    if isinstance(result, _Unchanged):
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
        for result in _run(_article_tasks(store, version), options, now):
            if isinstance(result, _Annotated) and store.replace_annotations(result.document):
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


def _article_tasks(store: Store, version: str) -> Iterator[_Task]:
    names = [field.name for field in fields(Article)]
    articles = (Article(**{name: getattr(found, name) for name in names}) for found in store.outdated(version))
    while task := list(islice(articles, _TASK_RESOURCES)):
        yield [], list(task)


def _run(tasks: Iterator[_Task], options: IngestOptions, now: datetime) -> Iterator[_Result]:
    workers = options.workers or os.cpu_count() or 1
    if workers == 1:
        for known, task in tasks:
            yield from known
            yield from _annotate(task, now, options.register)
        return
    yield from _in_processes(tasks, workers, now, options.register)


def _tasks(resources: Iterable[Resource | Refused], store: Store) -> Iterator[_Task]:
    """Cut the stream into tasks: what needs no work, and the resources that do, bounded by number and bytes."""
    settled: list[_Result] = []
    task: list[Resource | Article] = []
    size = 0
    seen: set[str] = set()
    for resource in resources:
        if isinstance(resource, Refused):
            settled.append(resource)
        elif resource.uri in seen:
            # Two texts under one address would take turns at every run, and each turn would be a revision.
            settled.append(_Twice(uri=resource.uri))
        else:
            seen.add(resource.uri)
            known = store.known(resource.uri)
            if known is not None and known.digest == resource.digest:
                settled.append(_Unchanged(uri=resource.uri, document=known.document))
            else:
                task.append(resource)
                size += len(resource.body)
        if len(task) >= _TASK_RESOURCES or size >= _TASK_BYTES or len(settled) >= 200:
            yield settled, task
            settled, task, size = [], [], 0
    yield settled, task


def annotate(resource: Resource | Article, now: datetime, register: Register | None = None) -> Document | Refused:
    """Parse and annotate one resource; what cannot be read, or breaks a rule of ours, is Refused with the reason."""
    return _made(resource, now, lambda article, seen_at: extract.annotate(article, seen_at=seen_at, register=register))


def explain(resource: Resource | Article, now: datetime, register: Register | None = None) -> Explained | Refused:
    """As `annotate`, with the speakers that were passed over and why."""
    return _made(resource, now, lambda article, seen_at: extract.explain(article, seen_at=seen_at, register=register))


def _made(resource: Resource | Article, now: datetime, make: Callable[[Article, str], _Made]) -> _Made | Refused:
    try:
        article = parse.article(resource, today=now.date()) if isinstance(resource, Resource) else resource
        return make(article, now.isoformat(timespec="seconds"))
    except InputError as error:
        return Refused(uri=resource.uri, reason=error.message)
    except MemoryError:
        return Refused(uri=resource.uri, reason="needs more memory than there is")
    except Exception as error:  # noqa: BLE001 - a fault of ours on one document must not end the run; it is reported
        return Refused(uri=resource.uri, reason=f"could not be read: {type(error).__name__}: {error}"[:300])


def _annotate(task: list[Resource | Article], now: datetime, register: Register | None) -> list[_Result]:
    results: list[_Result] = []
    for resource in task:
        made = annotate(resource, now, register)
        if not isinstance(made, Document):
            results.append(made)
        elif isinstance(resource, Resource):
            made = replace(
                made,
                source=resource.source,
                raw_digest=resource.digest,
                fetched_at=resource.fetched_at.isoformat(timespec="seconds"),
            )
            results.append(_Annotated(uri=resource.uri, digest=resource.digest, document=made))
        else:
            results.append(_Annotated(uri=resource.uri, digest="", document=made))
    return results


# The register of a worker process, handed over once when it starts: a watchlist is too large to go with every task.
_worker_register: Register | None = None


def _annotate_in_worker(task: list[Resource | Article], now: datetime) -> list[_Result]:
    return _annotate(task, now, _worker_register)


def _in_processes(tasks: Iterator[_Task], workers: int, now: datetime, register: Register | None) -> Iterator[_Result]:
    """Annotate in worker processes, results in order; no process is started while there is little to do."""
    early: list[_Task] = []
    count = 0
    for settled, task in tasks:
        if not task and not early:
            yield from settled
            continue
        early.append((settled, task))
        count += len(task)
        if count >= _POOL_PAYS_FROM:
            break
    if count < _POOL_PAYS_FROM:
        for settled, task in early:
            yield from settled
            yield from _annotate(task, now, register)
        return
    pool = _Pool(workers, register)
    try:
        waiting: deque[tuple[list[_Result], list[Resource | Article], Future[list[_Result]]]] = deque()
        for source in (early, tasks):
            for settled, task in source:
                waiting.append((settled, task, pool.submit(task, now)))
                # A bounded queue: the source is read no faster than results are stored.
                if len(waiting) > workers * 3:
                    yield from pool.results(*waiting.popleft(), now)
        while waiting:
            yield from pool.results(*waiting.popleft(), now)
    finally:
        pool.close()


class _Pool:
    """Worker processes that survive the death of one: the tasks it took down are done again, halved where a worker dies
    again, until the resource that kills stands alone and is given up."""

    def __init__(self, workers: int, register: Register | None) -> None:
        self._workers = workers
        self._register = register
        self._executor: ProcessPoolExecutor | None = None

    def submit(self, task: list[Resource | Article], now: datetime) -> Future[list[_Result]]:
        """Hand a task to the workers, starting them (again) when there are none."""
        for _ in range(2):
            if self._executor is None:
                self._executor = _executor(self._workers, self._register)
            try:
                return self._executor.submit(_annotate_in_worker, task, now)
            except BrokenProcessPool:
                self.close()
        raise TryAgain("Worker processes cannot be started.", hint="Try --workers 1.")

    def results(
        self, settled: list[_Result], task: list[Resource | Article], future: Future[list[_Result]], now: datetime
    ) -> Iterator[_Result]:
        """What was settled before the task, then the results of the task, in order."""
        yield from settled
        try:
            yield from future.result()
        except BrokenProcessPool:
            yield from _again(task, now, self._register)

    def close(self) -> None:
        """End the workers; tasks not begun are dropped."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


def _again(task: list[Resource | Article], now: datetime, register: Register | None) -> list[_Result]:
    """Annotate in a process of its own. Halves, since one process a resource takes seconds for a task of innocents."""
    with _executor(1, register) as executor:
        try:
            return executor.submit(_annotate_in_worker, task, now).result()
        except BrokenProcessPool:
            pass
    if len(task) <= 1:
        return [Refused(uri=resource.uri, reason="reading it ends the process that tries") for resource in task]
    middle = len(task) // 2
    return _again(task[:middle], now, register) + _again(task[middle:], now, register)


def _executor(workers: int, register: Register | None) -> ProcessPoolExecutor:
    # "spawn": a forked child would inherit, and outlive us with, the archive's lock and the store's connection.
    return ProcessPoolExecutor(
        max_workers=workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(register,)
    )


def _start_worker(register: Register | None) -> None:
    """Keep the register. And worker processes must not outlive a killed run: leave when the parent is gone."""
    global _worker_register  # noqa: PLW0603 - a process of its own, set once before its first task
    _worker_register = register

    def leave() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=leave, daemon=True).start()
