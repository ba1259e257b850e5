"""The crawler: feeds, sitemaps, sites and single pages of the web, politely and again and again.

One thread decides, writes and hands on; others ask. Each host is asked one thing at a time, with a pause after each
answer, and nothing that its robots.txt forbids. What was answered is recorded before it is handed on, so that a killed
run asks nothing twice: what was handed on and never settled is handed on again, from the captures.
"""

from collections.abc import Callable, Generator
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from searchkit.crawl.base import Found, Source
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.crawl_run import CrawlOptions, Run
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.politeness import LONGEST_WAIT, PRODUCT
from searchkit.crawl.web.warc_writer import WarcWriter
from searchkit.version import __version__

__all__ = ["CrawlOptions", "Crawler"]


class Crawler:
    """Crawls sources of the kinds feed, sitemap, site and urls. `folder` is the archive's, whose lock the caller holds.

    `clock` gives the time, with a zone. A `fetcher` given here is used for every source and closed by the caller; else
    each source has its own, since what may be asked depends on it. What is due is due at the time the crawler was made:
    one crawler is for one round over all sources, each once. Raises StorageFull and ArchiveError.
    """

    def __init__(
        self, folder: Path, options: CrawlOptions, *, clock: Callable[[], datetime], fetcher: Fetcher | None = None
    ) -> None:
        self._options = options
        self._clock = clock
        self._fetcher = fetcher
        self._captures = Captures(folder / "captures")
        self._warc: WarcWriter | None = None
        if options.warc is not None:
            software = f"{PRODUCT}/{__version__}"
            self._warc = WarcWriter(options.warc, started=clock(), software=software)
        # One for all sources: a source that comes late because others are slow is not due later the next time.
        self._started = clock()
        self._due_again = 0.0
        self._end: Callable[[], None] | None = None
        self._run: Run | None = None
        self._told: set[str] = set()
        self._frontier = Frontier(folder / "frontier.sqlite")
        # There is one process that crawls; what another leased, it did not live to use.
        self._frontier.release()
        self._frontier.set_back(self._started.timestamp(), longest_wait=LONGEST_WAIT.total_seconds())
        self._frontier.commit()
        self._captures.sweep()

    def run(self, source: Source) -> Generator[Found, None, None]:
        """One pass over what is due of `source`: every address looked at gives one value, at most one in a run.

        A Resource is handed on as soon as it is recorded, and again by the next run unless it was settled. What is
        wrong with a location of the source is told under that location as written. Closing the iterator ends the run;
        one run at a time.
        """
        fetcher = self._fetcher or self._own_fetcher(source)
        self._due_again = self._started.timestamp() + source.every.total_seconds()
        one = Run(
            source,
            self._options,
            started=self._started,
            clock=self._clock,
            fetcher=fetcher,
            frontier=self._frontier,
            captures=self._captures,
            warc=self._warc,
        )
        self._run = one
        self._end = end = partial(one.end, None if fetcher is self._fetcher else fetcher.close)
        try:
            yield from one.found()
        finally:
            end()
            self._told |= one.told

    def lose(self, uri: str) -> None:
        """The archive does not have what `uri` gave, although it has not changed: it is handed on by `again`, or by the
        next run if its bytes are not kept."""
        self._frontier.lose(uri, self._started.timestamp())

    def again(self) -> Generator[Found, None, None]:
        """What the last run handed on and nobody settled, and what was lost since, once more from the captures."""
        if self._run is not None:
            yield from self._run.unsettled()

    def heard(self) -> None:
        """All that the runs of this crawler told was heard; what it told of a page is not told again. Lasts when this
        returns. Without it, the next crawler tells it once more."""
        self._frontier.heard(self._told)
        self._frontier.commit()
        self._told.clear()

    def _own_fetcher(self, source: Source) -> Fetcher:
        """What may be asked differs from source to source."""
        allowed = (*self._options.http.allow_hosts, *source.allow_hosts)
        return Fetcher(replace(self._options.http, allow_hosts=allowed), clock=self._clock)

    def settle(self, uri: str, *, changed: bool, unread: str = "", same: bool = False) -> None:
        """What was made of the Resource `uri` is in the store, or it could not be read, for the reason `unread`;
        `changed` when it is another document than before, `same` when other bytes gave the document that was there: its
        capture is kept until the next one comes. Lasts with the next value handed on, or when the crawler is closed."""
        # What was handed on once more may have been read before.
        again = self._run is not None and uri in self._run.handed_again
        if same or (unread and not again):
            self._frontier.forget_fetch(uri)
        self._frontier.settle(uri, changed=changed, due_again=self._due_again, unread=unread)

    def close(self) -> None:
        """End the run, if there is one, and make all of it last."""
        try:
            if self._end is not None:
                self._end()
            if self._warc is not None:
                self._warc.close()
        finally:
            self._frontier.close()
