"""Worker processes: what they are handed, what comes back, and what happens when one dies."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from multiprocessing import get_context, parent_process

from searchkit.crawl import Refused
from searchkit.document import Article, Resource
from searchkit.errors import TryAgain
from searchkit.extract.register import Register
from searchkit.ingest.base import IngestOptions, Result, Task
from searchkit.ingest.reading import annotate_all

# Fewer changed resources than this are annotated here: starting a process costs as much as about 100 short articles.
_POOL_PAYS_FROM = 48


def run(tasks: Iterator[Task], options: IngestOptions, now: datetime) -> Iterator[Result]:
    workers = options.workers or os.cpu_count() or 1
    if workers == 1:
        for known, task in tasks:
            yield from known
            yield from annotate_all(task, now, options.register)
        return
    yield from _in_processes(tasks, workers, now, options.register)


# The register of a worker process, handed over once when it starts: a watchlist is too large to go with every task.
_worker_register: Register | None = None


def _annotate_in_worker(task: list[Resource | Article], now: datetime) -> list[Result]:
    return annotate_all(task, now, _worker_register)


def _in_processes(tasks: Iterator[Task], workers: int, now: datetime, register: Register | None) -> Iterator[Result]:
    """Annotate in worker processes, results in order; no process is started while there is little to do."""
    early: list[Task] = []
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
            yield from annotate_all(task, now, register)
        return
    pool = _Pool(workers, register)
    try:
        waiting: deque[tuple[list[Result], list[Resource | Article], Future[list[Result]]]] = deque()
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

    def submit(self, task: list[Resource | Article], now: datetime) -> Future[list[Result]]:
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
        self, settled: list[Result], task: list[Resource | Article], future: Future[list[Result]], now: datetime
    ) -> Iterator[Result]:
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


def _again(task: list[Resource | Article], now: datetime, register: Register | None) -> list[Result]:
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
