"""Worker threads: each takes a task, fetches it, stores the body among the captures, and reports."""

import queue
import threading
import time
from typing import NamedTuple

from msgspec.structs import replace

from searchkit.crawl.base import Clock
from searchkit.crawl.web.addresses import origin_of
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.pages import FetchFailed, Response
from searchkit.crawl.web.scheduler import FetchTask
from searchkit.errors import SearchkitError, reason_of

# How long the end of a run waits for its threads. Those with a stalled server end with the program.
_STOP_SECONDS = 2.0


class CrossHostRedirect(Exception):
    """A redirect to another host, which has its own queue and robots.txt."""

    def __init__(self, url: str, *, permanent: bool) -> None:
        super().__init__(url)
        self.url = url
        self.permanent = permanent


Answer = Response | FetchFailed | CrossHostRedirect | SearchkitError


class TaskReport(NamedTuple):
    """The answer to a task, and when it was complete on the clock of the run."""

    task: FetchTask
    answer: Answer
    ended_at: float


class FetchPool:
    """Runs each task in a thread of its own. Used by one thread, which limits the number of tasks."""

    def __init__(self, captures: Captures, *, clock: Clock) -> None:
        self._captures = captures
        self._clock = clock
        self._tasks: queue.SimpleQueue[tuple[FetchTask, Fetcher] | None] = queue.SimpleQueue()
        self._reports: queue.SimpleQueue[TaskReport] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.running = 0

    def submit(self, task: FetchTask, fetcher: Fetcher) -> None:
        """Submit a task."""
        self.running += 1
        self._tasks.put((task, fetcher))
        if len(self._threads) < self.running:
            # Daemons, because a stalled server must not delay the end of the program.
            thread = threading.Thread(target=self._work, name="searchkit-crawl", daemon=True)
            self._threads.append(thread)
            thread.start()

    def collect(self, wait: float) -> list[TaskReport]:
        """Return the reports so far. Wait up to `wait` seconds for the first."""
        reports: list[TaskReport] = []
        try:
            reports.append(self._reports.get(timeout=wait))
            while True:
                reports.append(self._reports.get_nowait())
        except queue.Empty:
            pass
        self.running -= len(reports)
        return reports

    def stop(self) -> None:
        """Stop the workers, and wait a moment for those that are still fetching."""
        for _ in self._threads:
            self._tasks.put(None)
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (submitted := self._tasks.get()) is not None:
            task, fetcher = submitted
            answer: Answer
            try:
                answer = self._fetch(task, fetcher)
            except (FetchFailed, CrossHostRedirect, SearchkitError) as error:
                answer = error
            except Exception as error:  # noqa: BLE001 - a bug on one answer must not end the run; it is reported
                answer = FetchFailed(f"internal error: {reason_of(error)}")
            self._reports.put(TaskReport(task, answer, self._clock.monotonic()))

    def _fetch(self, task: FetchTask, fetcher: Fetcher) -> Response:
        rules = task.rules
        if rules is None:  # robots.txt itself, which may redirect to any host (RFC 9309, 2.3.1.2)
            return fetcher.get(task.url, max_bytes=task.max_bytes)

        def allowed(url: str, permanent: bool) -> bool:
            if origin_of(url) != task.origin:
                raise CrossHostRedirect(url, permanent=permanent)
            return rules.allows(url)

        response = fetcher.get(
            task.url, validators=task.validators, validated=task.validated, max_bytes=task.max_bytes, allowed=allowed
        )
        if response.status == 304:
            return response
        return replace(response, digest=self._captures.keep(response.body))
