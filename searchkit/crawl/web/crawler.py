"""The crawler: feeds, sitemaps, sites and single pages, fetched politely and repeatedly.

One thread decides, writes and yields results; worker threads fetch. Each host gets one request at a time, with a pause
after each answer, and none that its robots.txt forbids. Answers are recorded before they are yielded, so a killed run
fetches nothing twice: the next run yields what was not settled, from the captures.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from searchkit.crawl.base import CrawlOptions, CrawlResult, Source
from searchkit.crawl.web.addresses import canonical_or_empty
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.crawl_run import CrawlRun
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.frontier_database import FrontierDatabase
from searchkit.crawl.web.politeness import LONGEST_WAIT
from searchkit.crawl.web.response_handler import Crawl
from searchkit.crawl.web.settling import Settling
from searchkit.crawl.web.warc_writer import WarcWriter


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
        self._options = options
        self._now = now
        self._captures = Captures(captures or folder / "captures", is_shared=options.claim_host is not None)
        # One time for all sources, so that a source that waits for others is not due later the next time.
        self._started = now()
        self._warc = WarcWriter(options.warc, started=self._started) if options.warc is not None else None
        self._ends_at = options.clock.monotonic() + options.max_seconds
        self._run: CrawlRun | None = None
        self._sources: dict[str, Source] = {}
        self._reported: set[str] = set()
        super().__init__(Frontier(frontier or folder / "frontier.sqlite"), self._started.timestamp())
        if options.claim_host is None:
            # Only one process crawls, so all leases are those of killed runs.
            self._frontier.release()
            self._frontier.correct_future_times(self._started.timestamp(), longest_wait=LONGEST_WAIT.total_seconds())
            self._frontier.commit()
            self._captures.sweep()

    def run(self, *sources: Source) -> Generator[CrawlResult, None, None]:
        """Yield what `steps` yields, without its None."""
        with closing(self.steps(*sources)) as steps:
            for result in steps:
                if result is not None:
                    yield result

    def steps(
        self, *sources: Source, is_backlogged: Callable[[str], bool] = lambda _name: False
    ) -> Generator[CrawlResult | None, None, None]:
        """Yield one result for each visited address of the sources, at most one per address; `source_of` names its
        source. Yield None every few seconds while nothing arrives: what arrived before should be stored.

        The sources are fetched at the same time; they share no location (`in_rounds`). Nothing is fetched for a source
        while `is_backlogged` with its name. A Resource is yielded as soon as
        it is recorded, and again by the next run unless it was settled. Faults of a location are reported under the
        location as written. Closing the iterator ends the run.
        """
        self._run = run = CrawlRun(
            sources, self._crawl(), warc=self._warc, is_backlogged=is_backlogged, ends_at=self._ends_at
        )
        self._sources = run.sources
        try:
            yield from run.results()
        finally:
            run.end()
            self._reported |= run.reported

    def _crawl(self) -> Crawl:
        return Crawl(
            options=self._options,
            started=self._started,
            now=self._now,
            frontier=self._frontier,
            captures=self._captures,
        )

    @staticmethod
    def in_rounds(sources: Iterable[Source]) -> list[list[Source]]:
        """Return the sources in rounds, in each of which they share no location: a page belongs to one source at a
        time."""
        rounds: list[tuple[set[str], list[Source]]] = []
        for source in sources:
            locations = {canonical_or_empty(location) or location for location in source.locations}
            for taken, chosen in rounds:
                if taken.isdisjoint(locations):
                    taken.update(locations)
                    chosen.append(source)
                    break
            else:
                rounds.append((locations, [source]))
        return [chosen for _, chosen in rounds]

    def source_of(self, uri: str) -> Source:
        """Return the source for which the last run yielded a result with this address."""
        return self._sources[uri]

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

    def was_read_before(self, uri: str) -> bool:
        """Return whether an earlier run may have read this resource."""
        return self._run is not None and uri in self._run.yielded_again

    def close(self) -> None:
        """End the current run, if any, and commit everything."""
        try:
            if self._run is not None:
                self._run.end()
            if self._warc is not None:
                self._warc.close()
        finally:
            self._frontier.close()
