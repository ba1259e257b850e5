"""The threads that ask: each takes an errand, keeps the body that came on the disk, and reports."""

import queue
import threading
import time
from typing import NamedTuple

from msgspec import Struct

from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.clock import Pace
from searchkit.crawl.web.discovery import origin_of
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.responses import FetchFailed, Response
from searchkit.crawl.web.scheduler import Errand
from searchkit.errors import SearchkitError

# How long the end of a run waits for its threads; those whose server stalls are left behind, and end with the program.
_LET_GO = 2.0


class Answered(Struct, frozen=True, kw_only=True):
    """A response whose body is kept already; `digest` is its sha-256, empty for a 304 and for robots.txt."""

    response: Response
    digest: str = ""


class LeadsElsewhere(Exception):
    """A redirect to another host, which has its own turn and its own robots.txt. `for_good`: it is permanent."""

    def __init__(self, url: str, *, for_good: bool) -> None:
        super().__init__(url)
        self.url = url
        self.for_good = for_good


Answer = Answered | FetchFailed | LeadsElsewhere | SearchkitError


class Reported(NamedTuple):
    """What came of an errand, and when its last byte did, on the clock of the run's pace."""

    errand: Errand
    answer: Answer
    ended: float


class Asking:
    """Up to `threads` errands at once. For one thread, which sends and hears."""

    def __init__(self, fetcher: Fetcher, captures: Captures, *, threads: int, pace: Pace = time) -> None:
        self._fetcher = fetcher
        self._captures = captures
        self._pace = pace
        self._most = max(1, threads)
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._reports: queue.SimpleQueue[Reported] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.running = 0

    @property
    def full(self) -> bool:
        """Whether every thread has an errand."""
        return self.running >= self._most

    def send(self, errand: Errand) -> None:
        """Let a thread go; never more than there are threads."""
        self.running += 1
        self._errands.put(errand)
        if len(self._threads) < self.running:
            # Daemons: a server that stalls must not hold up the end of the program.
            thread = threading.Thread(target=self._work, name="searchkit-crawl", daemon=True)
            self._threads.append(thread)
            thread.start()

    def hear(self, wait: float | None) -> list[Reported]:
        """The reports that are there. Waits up to `wait` seconds for the first; without a bound when None."""
        heard: list[Reported] = []
        try:
            heard.append(self._reports.get(timeout=wait))
            while True:
                heard.append(self._reports.get_nowait())
        except queue.Empty:
            pass
        self.running -= len(heard)
        return heard

    def end(self) -> None:
        """Send the threads home; those that are still asking are waited for a moment."""
        for _ in self._threads:
            self._errands.put(None)
        let_go = time.monotonic() + _LET_GO
        for thread in self._threads:
            thread.join(max(0.0, let_go - time.monotonic()))

    def _work(self) -> None:
        while (errand := self._errands.get()) is not None:
            answer: Answer
            try:
                answer = self._ask(errand)
            except (FetchFailed, LeadsElsewhere, SearchkitError) as error:
                answer = error
            except Exception as error:  # noqa: BLE001 - a fault of ours on one answer must not end the run; it is told
                answer = FetchFailed(f"could not be read: {type(error).__name__}: {error}"[:300])
            self._reports.put(Reported(errand, answer, self._pace.monotonic()))

    def _ask(self, errand: Errand) -> Answered:
        rules = errand.rules
        if rules is None:  # robots.txt itself, which may redirect to wherever (RFC 9309, 2.3.1.2)
            return Answered(response=self._fetcher.get(errand.url, max_bytes=errand.max_bytes))

        def allowed(url: str, for_good: bool) -> bool:
            if origin_of(url) != errand.origin:
                raise LeadsElsewhere(url, for_good=for_good)
            return rules.allows(url)

        response = self._fetcher.get(
            errand.url,
            validators=errand.validators,
            validated=errand.validated,
            max_bytes=errand.max_bytes,
            allowed=allowed,
        )
        return Answered(response=response, digest="" if response.status == 304 else self._captures.keep(response.body))
