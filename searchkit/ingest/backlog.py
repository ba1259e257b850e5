"""What waits to be read, by source: each has an equal share, so that one cannot fill the queue."""

import os
from collections import Counter

# Bounded in size too, because each waiting task may contain a resource of maximum size.
_MAX_SIZE = 16_000_000
_TASKS_A_WORKER = 3


class Backlog:
    """The tasks of each source that wait or are being read. Used by one thread."""

    def __init__(self, *, sources: int = 1, workers: int = 0) -> None:
        self._max_size = _MAX_SIZE // max(sources, 1)
        self._max_tasks = _TASKS_A_WORKER * (workers or os.cpu_count() or 1)
        self._sizes: Counter[str] = Counter()
        self._tasks: Counter[str] = Counter()

    def add(self, source: str, size: int) -> None:
        """Count a task of a source, with its size in bytes."""
        self._tasks[source] += 1
        self._sizes[source] += size

    def remove(self, source: str, size: int) -> None:
        """Count a task whose results are there as done."""
        self._tasks[source] -= 1
        self._sizes[source] -= size

    def is_full(self, source: str) -> bool:
        """Return whether a source should provide no more until some of its tasks are done."""
        return self._tasks[source] > self._max_tasks or self._sizes[source] > self._max_size
