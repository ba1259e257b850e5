"""The crawler: feeds, sitemaps, sites and single pages, fetched politely and repeatedly.

One thread decides, writes and yields results; worker threads fetch. Each host gets one request at a time, with a pause
after each answer, and none that its robots.txt forbids. Answers are recorded before they are yielded, so a killed run
fetches nothing twice: the next run yields what was not settled, from the captures.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from searchkit.crawl.base import CrawlOptions, CrawlResult, Refused, Source
from searchkit.crawl.web.addresses import canonical_or_empty
from searchkit.crawl.web.captures import Captures, WarcWriter
from searchkit.crawl.web.crawl_run import CrawlRun
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import FrontierDatabase
from searchkit.crawl.web.politeness import LONGEST_WAIT
from searchkit.crawl.web.response_handler import Crawl, captured

# So many workers that ended while they had a page, the last ones nothing else, have ended because of it.
_MAX_TRIES = 20


class Settling:
    """Records what became of fetched pages in the `frontier`. The run has `started` then, in seconds since 1970."""

    def __init__(self, frontier: Frontier, started: float) -> None:
        self._frontier = frontier
        self._since = started
        # The source of each result, and the results that an earlier run may have read.
        self._sources: dict[str, Source] = {}
        self._read_before: set[str] = set()

    def source_of(self, uri: str) -> Source:
        """Return the source of a page for which a result was yielded."""
        return self._sources[uri]

    def mark_lost(self, uri: str) -> None:
        """Record that the store has no document of `uri`, although it is unmodified. It is read again from its capture,
        or fetched by the next run."""
        self._frontier.mark_lost(uri, self._since)

    def settle(self, uri: str, *, changed: bool, unread: str = "", same: bool = False, keep: bool = False) -> None:
        """Record that the Resource `uri` is in the store, or could not be read for the reason `unread`.

        `changed`: the document is not the earlier one. `same`: other bytes made the same document. `keep` a capture
        that made no document. Committed with the next result, or on `close`.
        """
        if not keep and (same or (unread and uri not in self._read_before)):
            self._frontier.forget_fetch(uri)
        due_again = self._since + self.source_of(uri).every.total_seconds()
        self._frontier.settle(uri, changed=changed, due_again=due_again, unread=unread)

    def make_alias(self, uri: str, of: str) -> None:
        """Record that a settled page is a variant of the page `of`, whose document contains its text. It is fetched
        again after a month, or when that page is gone."""
        self._frontier.make_alias(uri, of)


class FetchedPages(Settling):
    """Pages that were fetched for `sources`, by name, and not yet read. The caller has claimed those it asks for."""

    def __init__(self, frontier: Frontier, captures: Captures, sources: Mapping[str, Source], now: datetime) -> None:
        super().__init__(frontier, now.timestamp())
        self._captures = captures
        self._by_name = sources

    def take(self, uri: str, tries: int) -> CrawlResult | None:
        """Return a page to read, of which so many workers had a claim when they ended; Refused after too many. None if
        it was read in the meantime, or if its capture is lost: then it is due again."""
        page = self._frontier.page(uri)
        if page is None or page.state != "fetched":
            return None
        # The settings of a source that was removed or renamed are not known any more.
        source = self._by_name.get(page.source) or Source(name=page.source, kind="urls", locations=())
        self._sources[uri] = source
        if tries:
            self._read_before.add(uri)
        if tries >= _MAX_TRIES:
            reason = f"{tries} workers ended while they had this page"
            return Refused(uri=uri, reason=reason, digest=page.digest, ended_worker=True)
        return captured(self._frontier, self._captures, page, source, self._since)


class Crawler(Settling):
    """Crawls sources of the kinds feed, sitemap, site and urls. `folder` is the archive. Its `frontier` and `captures`
    may be elsewhere. The caller holds the lock of the archive, or is a worker that owns the sources.

    `now` returns the time, with a zone. What is due, and when the time is used up, is decided when the crawler is
    created: use one crawler for all sources. Raises StorageFull and ArchiveError.
    """

    def __init__(
        self,
        folder: Path,
        options: CrawlOptions,
        *,
        now: Callable[[], datetime],
        frontier: Path | FrontierDatabase | None = None,
        captures: Path | None = None,
    ) -> None:
        started = now()
        super().__init__(Frontier(frontier or folder / "frontier.sqlite"), started.timestamp())
        self._crawl = Crawl(
            options=options,
            # One time for all sources, so that a source that waits for others is not due later the next time.
            started=started,
            ends_at=options.clock.monotonic() + options.max_seconds,
            now=now,
            frontier=self._frontier,
            captures=Captures(captures or folder / "captures", is_shared=options.claim_host is not None),
            warc=WarcWriter(options.warc, started=started) if options.warc is not None else None,
        )
        self._run: CrawlRun | None = None
        self._reported: set[str] = set()
        if options.claim_host is None:
            # Only one process crawls, so all leases are those of killed runs.
            self._frontier.recover(self._since, longest_wait=LONGEST_WAIT.total_seconds())
            self._frontier.commit()
            self._crawl.captures.sweep()

    def run(self, *sources: Source) -> Generator[CrawlResult, None, None]:
        """Yield what `steps` yields, without its None."""
        with closing(self.steps(*sources)) as steps:
            yield from (result for result in steps if result is not None)

    def steps(
        self, *sources: Source, is_backlogged: Callable[[str], bool] = lambda _name: False
    ) -> Generator[CrawlResult | None, None, None]:
        """Yield one result for each visited address of the sources, at most one per address; `source_of` names its
        source. Yield None every few seconds while nothing arrives: what arrived before should be stored.

        The sources are fetched at the same time; they share no location (`in_rounds`). Nothing is fetched for a source
        while `is_backlogged` with its name. A Resource is yielded as soon as it is recorded, and again by the next run
        unless it was settled. Faults of a location are reported under the location as written. Closing the iterator
        ends the run.
        """
        self._run = run = CrawlRun(sources, self._crawl, is_backlogged=is_backlogged)
        self._sources, self._read_before = run.sources, run.yielded_again
        try:
            yield from run.results()
        finally:
            run.end()
            self._reported |= run.reported

    @staticmethod
    def in_rounds(sources: Iterable[Source]) -> list[list[Source]]:
        """Return the sources in rounds, in each of which they share no location: a page belongs to one source at a
        time."""
        rounds: list[tuple[set[str], list[Source]]] = []
        for source in sources:
            locations = {canonical_or_empty(location) or location for location in source.locations}
            free = next((earlier for earlier in rounds if earlier[0].isdisjoint(locations)), None)
            if free is None:
                rounds.append((locations, [source]))
            else:
                free[0].update(locations)
                free[1].append(source)
        return [chosen for _, chosen in rounds]

    def cut_short(self, source: Source) -> str:
        """Return why the last run ended a source before everything was fetched; empty if it did not."""
        return self._run.cut_short.get(source.name, "") if self._run is not None else ""

    def unsettled(self) -> Generator[CrawlResult, None, None]:
        """Yield again, from the captures, what the last run yielded and was not settled, or was lost since."""
        if self._run is not None:
            yield from self._run.unsettled()

    def mark_reported(self) -> None:
        """Commit that all results of this crawler were reported. Otherwise the next crawler reports them again."""
        self._frontier.mark_reported(self._reported)
        self._frontier.commit()
        self._reported.clear()

    def close(self) -> None:
        """End the current run, if any, and commit everything."""
        try:
            if self._run is not None:
                self._run.end()
            if self._crawl.warc is not None:
                self._crawl.warc.close()
        finally:
            self._frontier.close()
