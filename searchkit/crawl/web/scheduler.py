"""Turns: which host may be asked next. One request at a time to each, and a pause after each answer."""

import heapq
from collections import deque
from collections.abc import Mapping

from msgspec import Struct, field

from searchkit.crawl.web.pages import Page
from searchkit.crawl.web.responses import FetchFailed
from searchkit.crawl.web.robots import MAX_BYTES, Robots


class Errand(Struct, frozen=True, kw_only=True):
    """One thing to ask for: `url`, for `page`; for robots.txt without a page.

    `passed` are the addresses that led here from another host, the first one first; `for_good` is whether all of these
    redirects are permanent. `moved` are the addresses that do not have the page any more, its own one first, when
    `url` is another where it was. `rules` is the robots.txt that redirects must obey. `validators`, the address
    `validated` that gave them, and `max_bytes` go with the request.
    """

    url: str
    origin: str
    page: Page | None = None
    passed: tuple[str, ...] = ()
    for_good: bool = True
    moved: tuple[str, ...] = ()
    rules: Robots | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    validated: str = ""
    max_bytes: int = MAX_BYTES


class Host(Struct, kw_only=True):
    """One host in a run. `ready_at` is on the monotonic clock; `delay` is in seconds.

    `failures` counts the answers in a row that were none but may come later; `troubles` how often in a row, over runs,
    the host was left alone for that.
    """

    name: str
    delay: float
    ready_at: float
    busy: bool = False
    waits: bool = False
    failures: int = 0
    troubles: int = 0
    errands: deque[Errand] = field(default_factory=deque)
    robots: dict[str, Robots] = field(default_factory=dict)
    # Why robots.txt could not be had; nothing else is asked there then.
    unreachable: dict[str, FetchFailed] = field(default_factory=dict)
    # Why the host is left alone until the next run; empty when it is not.
    closed: str = ""


class Turns:
    """The hosts of a run, in the order of when each may be asked again."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._waiting: list[tuple[float, str]] = []

    def __contains__(self, name: str) -> bool:
        return name in self._hosts

    def __getitem__(self, name: str) -> Host:
        return self._hosts[name]

    def names(self) -> list[str]:
        """The names of all hosts of the run."""
        return list(self._hosts)

    def add(self, host: Host) -> None:
        """Take in a host that has something to do."""
        self._hosts[host.name] = host
        self.wake(host.name)

    def wake(self, name: str) -> None:
        """A host has something to do; it is heard when it is neither busy nor waiting already."""
        host = self._hosts[name]
        if not (host.busy or host.waits or host.closed):
            host.waits = True
            heapq.heappush(self._waiting, (host.ready_at, name))

    def next(self, now: float) -> Host | None:
        """The host whose turn it is, if any; it does not wait any more."""
        while (soonest := self.soonest()) is not None and soonest <= now:
            host = self._hosts[heapq.heappop(self._waiting)[1]]
            if host.ready_at <= now:
                host.waits = False
                return host
            # It was told to wait longer since it was put here.
            heapq.heappush(self._waiting, (host.ready_at, host.name))
        return None

    def soonest(self) -> float | None:
        """When the next host may be asked, on the monotonic clock; None when none has anything to do."""
        # A host may be closed while it waits: an answer led to more of its pages, and then asked for patience.
        while self._waiting and self._hosts[self._waiting[0][1]].closed:
            self._hosts[heapq.heappop(self._waiting)[1]].waits = False
        return self._waiting[0][0] if self._waiting else None
