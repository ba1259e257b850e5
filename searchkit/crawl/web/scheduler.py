"""Decide which host may be asked next: one request at a time per host, and a pause after each answer."""

import heapq
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, field

from searchkit.crawl.web.addresses import origin_of
from searchkit.crawl.web.pages import FetchFailed, Page
from searchkit.crawl.web.politeness import MAX_ROBOTS_BYTES, Robots


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

    @property
    def origin(self) -> str:
        """Scheme, host and port: the scope of a robots.txt."""
        return origin_of(self.url)


# Why a host is left to a later run at its own request. No option overrides it.
ASKED_TO_WAIT = "host asked to wait"
OF_OTHER_WORKER = "another worker asks this host"


class Host(Struct, kw_only=True):
    """A host in a run. `ready_at` is on the monotonic clock; `delay` is in seconds. `owners` are the sources that may
    have pages here, in the order in which it is their turn.

    `failures` counts temporary failures in a row, `pauses` how often in a row, over runs, the host was paused for them.
    `unreachable` has the failure by origin if robots.txt could not be fetched. `closed` is why the host is paused until
    the next run, or `closed_until` (in seconds since 1970); empty if it is not.
    """

    name: str
    delay: float
    ready_at: float
    busy: bool = False
    queued: bool = False
    failures: int = 0
    pauses: int = 0
    owners: deque[str] = field(default_factory=deque)
    tasks: deque[FetchTask] = field(default_factory=deque)
    robots: dict[str, Robots] = field(default_factory=dict)
    unreachable: dict[str, FetchFailed] = field(default_factory=dict)
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


class HostScheduler:
    """The hosts of a run, ordered by when each may be asked again."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._queue: list[tuple[float, str]] = []

    def __contains__(self, name: str) -> bool:
        return name in self._hosts

    def __getitem__(self, name: str) -> Host:
        return self._hosts[name]

    def add(self, host: Host) -> None:
        """Add a host that has tasks."""
        self._hosts[host.name] = host
        self.wake(host.name)

    def wake(self, name: str) -> None:
        """Queue a host that has tasks, unless it is busy, queued or closed."""
        host = self._hosts[name]
        if not (host.busy or host.queued or host.closed):
            host.queued = True
            heapq.heappush(self._queue, (host.ready_at, name))

    def next(self, now: float) -> Host | None:
        """Remove and return the first host that may be asked now, if any."""
        while (ready_at := self.next_ready_at()) is not None and ready_at <= now:
            host = self._hosts[heapq.heappop(self._queue)[1]]
            if host.busy:  # a lead was found while its next task was submitted; its answer wakes it
                host.queued = False
                continue
            if host.ready_at <= now:
                host.queued = False
                return host
            # Its wait was extended since it was queued.
            heapq.heappush(self._queue, (host.ready_at, host.name))
        return None

    def next_ready_at(self) -> float | None:
        """Return when the next host may be asked, on the monotonic clock; None if no host is queued."""
        while self._queue and self._hosts[self._queue[0][1]].closed:  # closed while it was queued
            self._hosts[heapq.heappop(self._queue)[1]].queued = False
        return self._queue[0][0] if self._queue else None
