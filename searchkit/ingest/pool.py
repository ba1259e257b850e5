"""Distribute work: this process reads a little harmless work, worker processes under limits read the rest."""

import os
import pickle
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from itertools import chain
from queue import LifoQueue
from threading import Lock
from typing import Generic, Self

from searchkit.crawl.base import Refused
from searchkit.document import Article, Resource
from searchkit.extract.register import Register
from searchkit.ingest.base import Annotated, IngestOptions, Made, Result, Serialized, Task
from searchkit.ingest.limits import Limits
from searchkit.ingest.reading import annotated, is_harmless, size_of
from searchkit.ingest.worker import Read
from searchkit.ingest.worker_supervisor import WorkerSupervisor

# Starting a process costs as much as about 150 short texts; a page counts as four.
_LITTLE_TEXTS = 160
_TEXTS_A_PAGE = 4
_LITTLE_SIZE = 1_000_000
# What arrived from a slow source is read after this time, however little it is.
_LITTLE_SECONDS = 5.0
# Waiting tasks are bounded in size too, because each may contain a resource of maximum size.
_WAITING_SIZE = 16_000_000
# Reading a text takes about forty times its size in memory, a page more; smaller ones stay far below the limits.
_LARGE = 1_000_000


def run(tasks: Iterator[Task], options: IngestOptions, now: datetime) -> Iterator[Result | None]:
    """Yield the results of all tasks in order, except that results without work may come first; None for a task that
    has no result yet.

    Raises TryAgain if worker processes are needed and cannot be started.
    """
    early: list[Task] = []
    count = size = 0
    since = time.monotonic()
    for settled, task in tasks:
        # At once: many results without work may follow a little work.
        yield from settled
        if not settled:
            yield None
        if task:
            since = since if early else time.monotonic()
            early.append(([], task))
        count += sum(1 if is_harmless(resource) else _TEXTS_A_PAGE for resource in task)
        size += sum(map(size_of, task))
        late = bool(early) and time.monotonic() - since > _LITTLE_SECONDS
        if count >= _LITTLE_TEXTS or size >= _LITTLE_SIZE or late:
            yield from _in_processes(early, tasks, options.workers or os.cpu_count() or 1, options, now)
            return
    if all(is_harmless(resource) for _, task in early for resource in task):
        for _, task in early:
            for resource in task:
                yield annotated(resource, now, options.register)
    else:
        yield from _in_processes(early, iter(()), 1, options, now)


_Waiting = tuple[list[Result], Future[list[Serialized]] | None, int]


def _in_processes(
    early: list[Task], tasks: Iterator[Task], workers: int, options: IngestOptions, now: datetime
) -> Iterator[Result | None]:
    pool = _Pool(workers, options, now)
    waiting: deque[_Waiting] = deque()
    size = 0
    try:
        for settled, task in chain(early, tasks):
            future = pool.submit(task) if task else None
            waiting.append((settled, future, sum(map(size_of, task))))
            size += waiting[-1][2]
            # The queue is bounded, so the source is read no faster than results are stored.
            while waiting and (len(waiting) > workers * 3 or size > _WAITING_SIZE or _is_done(waiting[0])):
                size -= waiting[0][2]
                yield from _results(waiting.popleft())
            yield None
        while waiting:
            yield from _results(waiting.popleft())
    finally:
        pool.close()


def _is_done(waiting: _Waiting) -> bool:
    return waiting[1] is None or waiting[1].done()


def _results(waiting: _Waiting) -> Iterator[Result]:
    settled, future, _ = waiting
    yield from settled
    if future is not None:
        yield from map(pickle.loads, future.result())


class _Pool:
    """Worker processes, each with a thread for its supervisor."""

    def __init__(self, workers: int, options: IngestOptions, now: datetime) -> None:
        self._supervisors = [
            WorkerSupervisor(annotated, now=now, register=options.register, limits=options.limits)
            for _ in range(workers)
        ]
        # Last in, first out: that one has a running process, and unneeded ones are never started.
        self._idle: LifoQueue[WorkerSupervisor[Annotated]] = LifoQueue()
        for supervisor in self._supervisors:
            self._idle.put(supervisor)
        # Memory is bounded for the run, not for each process: one large resource at a time.
        self._large = Lock()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")

    def submit(self, task: list[Resource | Article]) -> Future[list[Serialized]]:
        return self._threads.submit(self._read, task)

    def _read(self, task: list[Resource | Article]) -> list[Serialized]:
        large = max(map(size_of, task)) > _LARGE
        with self._large if large else nullcontext():
            supervisor = self._idle.get()
            try:
                return supervisor.read_serialized(task)
            finally:
                self._idle.put(supervisor)

    def close(self) -> None:
        """End the workers at once and drop waiting tasks."""
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
