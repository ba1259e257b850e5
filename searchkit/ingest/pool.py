"""Who reads what: little harmless work is read here, all else by worker processes under limits."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from itertools import chain
from queue import LifoQueue
from threading import Lock
from typing import Generic, Self

from searchkit.crawl import Refused
from searchkit.document import Article, Resource
from searchkit.extract.register import Register
from searchkit.ingest.base import Annotated, IngestOptions, Result, Task
from searchkit.ingest.limits import Limits
from searchkit.ingest.reading import annotated, is_harmless, size_of
from searchkit.ingest.serialized_result import Made, Sealed
from searchkit.ingest.worker import Read
from searchkit.ingest.worker_supervisor import Keeper

# Less than this is little work: starting a process costs as much as about 150 short texts, of which a page makes four.
_LITTLE_TEXTS = 160
_TEXTS_A_PAGE = 4
_LITTLE_SIZE = 1_000_000
# What waits to be read or stored is bounded in size too, since each task may hold a resource as large as any may be.
_WAITING_SIZE = 16_000_000
# Reading a text takes about forty times its room, a page more, so that smaller ones stay far below their limits.
_LARGE = 1_000_000


def run(tasks: Iterator[Task], options: IngestOptions, now: datetime) -> Iterator[Result]:
    """The results of all tasks, in order, but little work is overtaken by what needs none. It is read here when it is
    harmless, and else by one process.

    Raises TryAgain when worker processes are needed and cannot be started.
    """
    early: list[Task] = []
    count = size = 0
    for settled, task in tasks:
        # At once: much that needs no work may come behind a little that does.
        yield from settled
        if task:
            early.append(([], task))
        count += sum(1 if is_harmless(resource) else _TEXTS_A_PAGE for resource in task)
        size += sum(map(size_of, task))
        if count >= _LITTLE_TEXTS or size >= _LITTLE_SIZE:
            yield from _in_processes(early, tasks, options.workers or os.cpu_count() or 1, options, now)
            return
    if all(is_harmless(resource) for _, task in early for resource in task):
        for _, task in early:
            for resource in task:
                yield annotated(resource, now, options.register)
    else:
        yield from _in_processes(early, iter(()), 1, options, now)


_Waiting = tuple[list[Result], Future[list[Sealed[Annotated]]] | None, int]


def _in_processes(
    early: list[Task], tasks: Iterator[Task], workers: int, options: IngestOptions, now: datetime
) -> Iterator[Result]:
    pool = _Pool(workers, options, now)
    waiting: deque[_Waiting] = deque()
    size = 0
    try:
        for settled, task in chain(early, tasks):
            future = pool.submit(task) if task else None
            waiting.append((settled, future, sum(map(size_of, task))))
            size += waiting[-1][2]
            # A bounded queue: the source is read no faster than results are stored.
            while waiting and (len(waiting) > workers * 3 or size > _WAITING_SIZE or _is_done(waiting[0])):
                size -= waiting[0][2]
                yield from _results(waiting.popleft())
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
        yield from (sealed.opened() for sealed in future.result())


class _Pool:
    """Worker processes, each with a thread that keeps it."""

    def __init__(self, workers: int, options: IngestOptions, now: datetime) -> None:
        self._keepers = [
            Keeper(annotated, now=now, register=options.register, limits=options.limits) for _ in range(workers)
        ]
        # The one that came back last first: it has a process that is up, and those not needed are never started.
        self._idle: LifoQueue[Keeper[Annotated]] = LifoQueue()
        for keeper in self._keepers:
            self._idle.put(keeper)
        # Memory is bounded for the run, not for each process: of what is large, one at a time.
        self._large = Lock()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="keeper")

    def submit(self, task: list[Resource | Article]) -> Future[list[Sealed[Annotated]]]:
        return self._threads.submit(self._read, task)

    def _read(self, task: list[Resource | Article]) -> list[Sealed[Annotated]]:
        large = max(map(size_of, task)) > _LARGE
        with self._large if large else nullcontext():
            return self._read_now(task)

    def _read_now(self, task: list[Resource | Article]) -> list[Sealed[Annotated]]:
        keeper = self._idle.get()
        try:
            return keeper.read_sealed(task)
        finally:
            self._idle.put(keeper)

    def close(self) -> None:
        """End the workers, whatever they are at; tasks not begun are dropped."""
        for keeper in self._keepers:
            keeper.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for keeper in self._keepers:
            keeper.close()


class Reader(Generic[Made]):
    """Reads one resource after the other with `read`: here what is harmless, all else in a worker process under limits,
    which is started when there is need of it."""

    def __init__(
        self, read: Read[Made], *, now: datetime, register: Register | None = None, limits: Limits | None = None
    ) -> None:
        self._here = read
        self._now = now
        self._register = register
        self._keeper = Keeper(read, now=now, register=register, limits=limits or Limits())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.close()

    def read(self, resource: Resource | Article) -> Made | Refused:
        """What `read` makes of a resource, or why it was given up. Raises TryAgain as `run`."""
        if is_harmless(resource):
            return self._here(resource, self._now, self._register)
        return self._keeper.read([resource])[0]
