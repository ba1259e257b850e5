"""Distribute work: this process reads a little harmless work, worker processes under limits read the rest."""

import os
import pickle
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial
from itertools import chain
from threading import Lock
from typing import Any, Generic, Self

from msgspec import Struct

from searchkit.crawl.base import Refused
from searchkit.ingest.base import Annotated, Backlog, IngestOptions, Made, Result, Serialized, Task, Work
from searchkit.ingest.limits import Limits
from searchkit.ingest.reading import annotated, is_harmless, size_of
from searchkit.ingest.worker_supervisor import Read, WorkerSupervisor
from searchkit.statements import Register
from searchkit.statements.document import Article, Resource

# Starting a process costs as much as about 150 short texts; a page counts as four.
_LITTLE_TEXTS = 160
_TEXTS_A_PAGE = 4
_LITTLE_SIZE = 1_000_000
# What arrived from a slow source is read after this time, however little it is.
_LITTLE_SECONDS = 5.0
# While results are waited for, those that are there are committed this often.
_WAIT_SECONDS = 1.0
# Reading a text takes about forty times its size in memory, a page more; smaller ones stay far below the limits.
_LARGE = 1_000_000
# What stands for an address in the messages of a task that reads nothing.
_BACKGROUND = "background:"


def run(tasks: Iterator[Task], options: IngestOptions, now: datetime) -> Iterator[Result | None]:
    """Yield the results of each source in order, except that results without work may come first; None for a task that
    has no result yet.

    Raises TryAgain if worker processes are needed and cannot be started.
    """
    early: list[Task] = []
    count = size = 0
    since = time.monotonic()
    for source, settled, task in tasks:
        # At once: many results without work may follow a little work.
        yield from settled
        if not settled:
            yield None
        if task:
            since = since if early else time.monotonic()
            early.append((source, [], task))
        count += sum(1 if is_harmless(resource) else _TEXTS_A_PAGE for resource in task)
        size += sum(map(size_of, task))
        late = bool(early) and time.monotonic() - since > _LITTLE_SECONDS
        if count >= _LITTLE_TEXTS or size >= _LITTLE_SIZE or late:
            yield from _in_processes(early, tasks, options.workers or os.cpu_count() or 1, options, now)
            return
    if all(is_harmless(resource) for _, _, task in early for resource in task):
        for _, _, task in early:
            for resource in task:
                yield annotated(resource, now, options.register)
    else:
        yield from _in_processes(early, iter(()), 1, options, now)


def _in_processes(
    early: list[Task], tasks: Iterator[Task], workers: int, options: IngestOptions, now: datetime
) -> Iterator[Result | None]:
    pool = _Pool(workers, options, now)
    backlog = options.backlog or Backlog(workers=workers)
    queue = _ResultQueue(backlog)
    lent: list[Future[list[Serialized]]] = []

    def submit(function: Callable[[], Any]) -> Callable[[], Any]:
        future = pool.submit("", [Work(uri=_BACKGROUND, function=function)])
        lent.append(future)
        return partial(_result, future)

    options.background.submit = submit
    try:
        for source, settled, task in chain(early, tasks):
            queue.add(source, settled, pool.submit(source, task) if task else None, sum(map(size_of, task)))
            yield from queue.ready()
            # The source is read no faster than results are stored.
            while options.backlog is None and backlog.is_full(source):
                queue.wait()
                yield from queue.ready()
                yield None
            yield None
        while queue.waiting:
            queue.wait()
            yield from queue.ready()
            yield None
        wait(lent)
    finally:
        options.background.submit = None
        pool.close()


def _result(future: Future[list[Serialized]]) -> Any:
    """Wait for the result of a function; return None if it was not computed, for whatever reason."""
    wait([future])
    if future.cancelled() or future.exception() is not None:
        return None
    (result,) = map(pickle.loads, future.result())
    return None if isinstance(result, Refused) else result


class _ResultQueue:
    """Results that wait for workers, those of each source in order."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        self.waiting: dict[str, deque[tuple[list[Result], Future[list[Serialized]] | None, int]]] = {}

    def add(self, source: str, settled: list[Result], future: Future[list[Serialized]] | None, size: int) -> None:
        self._backlog.add(source, size)
        self.waiting.setdefault(source, deque()).append((settled, future, size))

    def ready(self) -> Iterator[Result]:
        """Yield the results that are there."""
        for source, waiting in list(self.waiting.items()):
            while waiting and ((future := waiting[0][1]) is None or future.done()):
                settled, _, size = waiting.popleft()
                self._backlog.remove(source, size)
                yield from settled
                if future is not None:
                    yield from map(pickle.loads, future.result())
            if not waiting:
                del self.waiting[source]

    def wait(self) -> None:
        """Wait a moment for the next results."""
        first = [future for ((_, future, _), *_) in self.waiting.values() if future is not None]
        wait(first, timeout=_WAIT_SECONDS, return_when=FIRST_COMPLETED)


class _Job(Struct, frozen=True, eq=False):
    source: str
    task: list[Resource | Article | Work]
    future: Future[list[Serialized]]

    @property
    def is_large(self) -> bool:
        return max(map(size_of, self.task)) > _LARGE


class _Pool:
    """Worker processes, each with a thread for its supervisor, which serve the sources in turn."""

    def __init__(self, workers: int, options: IngestOptions, now: datetime) -> None:
        self._supervisors = [
            WorkerSupervisor(annotated, now=now, register=options.register, limits=options.limits)
            for _ in range(workers)
        ]
        # Last in, first out: that one has a running process, and unneeded ones are never started.
        self._idle = list(self._supervisors)
        self._lock = Lock()
        self._pending: dict[str, deque[_Job]] = {}
        self._reading: list[_Job] = []
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")

    def submit(self, source: str, task: Sequence[Resource | Article | Work]) -> Future[list[Serialized]]:
        job = _Job(source, [*task], Future())
        with self._lock:
            self._pending.setdefault(source, deque()).append(job)
            self._start_jobs()
        return job.future

    def _start_jobs(self) -> None:
        while self._idle and (job := self._next()) is not None:
            self._reading.append(job)
            self._threads.submit(self._read, self._idle.pop(), job)

    def _next(self) -> _Job | None:
        """Remove and return the next task: of the source that has the fewest workers, and of these the one that took
        the least time so far."""
        # Memory is bounded for the run, not for each process: one large resource at a time.
        has_large = any(job.is_large for job in self._reading)
        sources = [source for source, jobs in self._pending.items() if not (has_large and jobs[0].is_large)]
        if not sources:
            return None
        busy = Counter(job.source for job in self._reading)
        source = min(sources, key=lambda name: (busy[name], self._seconds[name]))
        job = self._pending[source].popleft()
        if not self._pending[source]:
            del self._pending[source]
        return job

    def _read(self, supervisor: WorkerSupervisor[Annotated], job: _Job) -> None:
        began = time.monotonic()
        try:
            job.future.set_result(supervisor.read_serialized(job.task))
        except BaseException as error:  # noqa: BLE001 - the thread that waits for the results raises it
            job.future.set_exception(error)
        with self._lock:
            self._seconds[job.source] += time.monotonic() - began
            self._reading.remove(job)
            self._idle.append(supervisor)
            self._start_jobs()

    def close(self) -> None:
        """End the workers at once and drop waiting tasks."""
        with self._lock:
            for job in chain.from_iterable(self._pending.values()):
                job.future.cancel()
            self._pending.clear()
        for supervisor in self._supervisors:
            supervisor.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for supervisor in self._supervisors:
            supervisor.close()


class Reader(Generic[Made]):
    """Reads resources one by one: harmless ones here, others in a worker process under limits, started when needed."""

    def __init__(
        self, read: Read[Made], *, now: datetime, register: Register | None = None, limits: Limits | None = None
    ) -> None:
        self._here = read
        self._now = now
        self._register = register
        self._supervisor = WorkerSupervisor(read, now=now, register=register, limits=limits or Limits())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._supervisor.close()

    def read(self, resource: Resource | Article) -> Made | Refused:
        """Return the result for a resource. Raises TryAgain as `run`."""
        if is_harmless(resource):
            return self._here(resource, self._now, self._register)
        return self._supervisor.read([resource])[0]
