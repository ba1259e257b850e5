"""Fetch tasks: which host may be asked next, and the threads that fetch.

Each host has one request at a time, and a pause after each answer. A thread takes a task, fetches it, stores the body
among the captures, and reports.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.crawl.base import Clock
from searchkit.crawl.web.addresses import origin_of
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.pages import FetchFailed, Page, Response
from searchkit.crawl.web.politeness import MAX_ROBOTS_BYTES, Robots
from searchkit.errors import SearchkitError, reason_of

# How long the end of a run waits for its threads. Those with a stalled server end with the program.
_STOP_SECONDS = 2.0


class FetchTask(Struct, frozen=True, kw_only=True):
    """A request for `url`: for `page`, or for robots.txt if there is no page. `owner` is the source that needs it.

    `passed` are the addresses on other hosts that redirected here, in order; `permanent` is whether all of these
    redirects are permanent. `former` are addresses that no longer have the page, if `url` is another of its addresses.
    `rules` is the robots.txt that redirects must obey. `validators` came from the address `validated`.
    """

    url: str
    owner: str
    page: Page | None = None
    passed: tuple[str, ...] = ()
    permanent: bool = True
    former: tuple[str, ...] = ()
    rules: Robots | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    validated: str = ""
    max_bytes: int = MAX_ROBOTS_BYTES


# Why a host is left to a later run at its own request. No option overrides it.
ASKED_TO_WAIT = "host asked to wait"
OF_OTHER_WORKER = "another worker asks this host"


class Host(Struct, kw_only=True):
    """A host in a run. `ready_at` is on the monotonic clock; `delay` is in seconds. `owners` are the sources that may
    have pages here, in the order in which it is their turn.

    `failures` counts temporary failures in a row, `pauses` how often in a row, over runs, the host was paused for them.
    `robots` has the rules by origin, or why robots.txt could not be fetched. `closed` is why the host is paused until
    the next run, or `closed_until` (in seconds since 1970); empty if it is not.
    """

    name: str
    delay: float
    ready_at: float
    busy: bool = False
    failures: int = 0
    pauses: int = 0
    owners: deque[str] = field(default_factory=deque)
    tasks: deque[FetchTask] = field(default_factory=deque)
    robots: dict[str, Robots | FetchFailed] = field(default_factory=dict)
    closed: str = ""
    closed_until: float = 0.0

    @property
    def why_closed(self) -> str:
        """Why the host is paused, and until when; empty if it is not."""
        if not self.closed or not self.closed_until:
            return self.closed
        until = f"{datetime.fromtimestamp(self.closed_until, UTC):%Y-%m-%d %H:%M} UTC"
        override = "" if self.closed == ASKED_TO_WAIT else "; to ask it now, run: searchkit update --all"
        return f"{self.closed}, until {until}{override}"


class HostScheduler(dict[str, Host]):
    """The hosts of a run by name, and which of them may be asked next."""

    def __init__(self) -> None:
        super().__init__()
        self._queued: set[str] = set()

    def wake(self, name: str) -> None:
        """Queue a host that has tasks."""
        self._queued.add(name)

    def next(self, now: float) -> Host | None:
        """Remove from the queue and return the first host that may be asked now, if any."""
        host = self._first()
        if host is None or host.ready_at > now:
            return None
        self._queued.discard(host.name)
        return host

    def next_ready_at(self) -> float | None:
        """Return when the next host may be asked, on the monotonic clock; None if no host is queued."""
        host = self._first()
        return host.ready_at if host is not None else None

    def _first(self) -> Host | None:
        waiting = (host for name in self._queued if not ((host := self[name]).busy or host.closed))
        return min(waiting, key=lambda host: (host.ready_at, host.name), default=None)


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
            if origin_of(url) != origin_of(task.url):
                raise CrossHostRedirect(url, permanent=permanent)
            return rules.allows(url)

        response = fetcher.get(
            task.url, validators=task.validators, validated=task.validated, max_bytes=task.max_bytes, allowed=allowed
        )
        if response.status == 304:
            return response
        return replace(response, digest=self._captures.keep(response.body))
